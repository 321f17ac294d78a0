// The decoder against what is obviously right: frames that the test made the bytes from, and the
// same input cut in other ways. Uses the test's view of a request: every line becomes a frame.
