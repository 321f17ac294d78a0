# An encoder that writes down what is said: it takes a piece of sound and gives rows with texts. The
# engine, pocketsphinx, and its English model come whole from one package. It is an old one and gets
# every third or fourth word of a film wrong; docs/PLUGINS.md says what was measured, and how a
# better one is put in its place.

import io
import wave

from pocketsphinx import Decoder, Segmenter

RATE = 16_000


def rows(kind, body):
    """What is said in a WAV file of 16,000 samples a second, one channel, 16 bits."""
    with wave.open(io.BytesIO(body)) as file:
        sound = file.readframes(file.getnframes())
    found = []
    segmenter = Segmenter(sample_rate=RATE)
    for speech in segmenter.segment(io.BytesIO(sound)):
        text = hear(speech.pcm)
        if text:
            found.append({
                "in": round(speech.start_time * 1_000), "out": round(speech.end_time * 1_000),
                "text": text})
    return found


def hear(samples):
    decoder.start_utt()
    decoder.process_raw(samples, full_utt=True)
    decoder.end_utt()
    heard = decoder.hyp()
    return heard.hypstr if heard else ""


if __name__ == "__main__":
    from mspd_encoder import serve

    # Written to /dev/null, which is where an encoder may write.
    decoder = Decoder(samprate=RATE, logfn="/dev/null")
    serve(rows=rows)
