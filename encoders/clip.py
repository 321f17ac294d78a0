# An encoder for a model that learnt texts and pictures together, such as CLIP or SigLIP, as two ONNX
# files and a tokenizer in a folder:
#
#     text.onnx       input_ids (1 x n, 64-bit) in, one vector out; perhaps attention_mask as well
#     image.onnx      pixel_values (1 x 3 x size x size) in, one vector out
#     tokenizer.json  as the library tokenizers reads it
#
#     python clip.py FOLDER                       CLIP: its mean and deviation, 77 pieces of words
#     python clip.py FOLDER --siglip              SigLIP: one half and one half, 64 pieces
import io
import os
import sys

import numpy
import onnxruntime
from PIL import Image
from tokenizers import Tokenizer

KINDS = {
    "--clip": ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711), 77, 0),
    "--siglip": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5), 64, 1),
}


class Clip:
    def __init__(self, folder, kind="--clip"):
        self.mean, self.deviation, words, padding = KINDS[kind]
        self.text = onnxruntime.InferenceSession(os.path.join(folder, "text.onnx"))
        self.image = onnxruntime.InferenceSession(os.path.join(folder, "image.onnx"))
        self.tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
        self.tokenizer.enable_truncation(words)
        self.tokenizer.enable_padding(length=words, pad_id=padding)
        size = self.image.get_inputs()[0].shape[-1]
        self.size = size if isinstance(size, int) else 224

    def vector(self, kind, body):
        vector = self.words(body.decode()) if kind == "text" else self.picture(body)
        return vector / numpy.linalg.norm(vector)

    def words(self, text):
        encoded = self.tokenizer.encode(text)
        given = {"input_ids": [encoded.ids], "attention_mask": [encoded.attention_mask]}
        wanted = [entry.name for entry in self.text.get_inputs()]
        found = self.text.run(None, {name: numpy.array(given[name]) for name in wanted})
        return self.flat(found)

    def picture(self, body):
        picture = Image.open(io.BytesIO(body)).convert("RGB")
        side = min(picture.size)
        left, top = ((length - side) // 2 for length in picture.size)
        picture = picture.resize(
            (self.size,) * 2, Image.BICUBIC, (left, top, left + side, top + side))
        numbers = (numpy.asarray(picture, "float32") / 255 - self.mean) / self.deviation
        name = self.image.get_inputs()[0].name
        batch = numbers.transpose(2, 0, 1)[None].astype("float32")
        return self.flat(self.image.run(None, {name: batch}))

    @staticmethod
    def flat(outputs):
        """The output that is one vector, where there are others for each piece."""
        return next(output[0] for output in outputs if output.ndim == 2)


if __name__ == "__main__":
    from mspd_encoder import serve

    serve(vector=Clip(*sys.argv[1:]).vector)
