# The other end of mspd's protocol with encoders: reads requests from standard input and answers on
# standard output. An encoder hands a function to `serve` and need not know more.

import json
import struct
import sys


def serve(vector=None, rows=None):
    """Answers requests until there are no more.

    `vector(kind, body)` gives the numbers for one thing; `rows(kind, body)` a list of dictionaries
    with PUT's names. What they raise becomes the answer to that one request.
    """
    source, target = sys.stdin.buffer, sys.stdout.buffer
    # What prints must not come between the answers.
    sys.stdout = sys.stderr
    for line in iter(source.readline, b""):
        ask = json.loads(line)
        body = source.read(ask["bytes"])
        try:
            if rows:
                content = "".join(json.dumps(row) + "\n" for row in rows(ask["kind"], body)).encode()
                header = {"id": ask["id"], "bytes": len(content)}
            else:
                numbers = [float(number) for number in vector(ask["kind"], body)]
                content = struct.pack(f"<{len(numbers)}f", *numbers)
                header = {"id": ask["id"], "dim": len(numbers)}
        except Exception as error:
            content = b""
            header = {"id": ask["id"], "error": f"{type(error).__name__}: {error}"[:200]}
        target.write(json.dumps(header).encode() + b"\n" + content)
        target.flush()
