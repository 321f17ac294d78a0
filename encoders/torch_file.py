# Reads the weights of a model that PyTorch saved in its older form, without PyTorch: a few pickles,
# of which only those names are loaded that weights need, and the numbers behind them.

import collections
import pickle

import numpy

TYPES = {
    "FloatStorage": numpy.dtype("<f4"), "LongStorage": numpy.dtype("<i8"),
    "IntStorage": numpy.dtype("<i4"), "HalfStorage": numpy.dtype("<f2"),
}


class Tensor:
    """A part of a storage, whose numbers come later in the file."""

    def __init__(self, storage, offset, size, stride, *rest):
        self.storage, self.offset, self.size, self.stride = storage, offset, size, stride

    def array(self, numbers):
        flat = numbers[self.storage[1]][self.offset:]
        steps = [step * flat.itemsize for step in self.stride]
        return numpy.lib.stride_tricks.as_strided(flat, self.size, steps).copy()


class Unpickler(pickle.Unpickler):
    """Knows dictionaries and tensors, and nothing that could do anything."""

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return Tensor
        if module == "torch" and name in TYPES:
            return TYPES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is no weight")

    def persistent_load(self, identity):
        kind, dtype, key = identity[:3]
        return (dtype, key)


def read(path):
    """The arrays of a file, by name."""
    with open(path, "rb") as file:
        for _ in range(3):
            Unpickler(file).load()
        tensors = Unpickler(file).load()
        keys = Unpickler(file).load()
        types = dict((tensor.storage[1], tensor.storage[0]) for tensor in tensors.values())
        numbers = {}
        for key in keys:
            count = int.from_bytes(file.read(8), "little")
            dtype = types[key]
            numbers[key] = numpy.frombuffer(file.read(count * dtype.itemsize), dtype)
    return {name: tensor.array(numbers) for name, tensor in tensors.items()}
