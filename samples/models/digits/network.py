"""The network, the preprocessing that preprocessor_config.json states, and the way back from the committed file."""

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from PIL import Image, ImageOps
from torch import nn

FOLDER = Path(__file__).resolve().parent


class Network(nn.Module):
    """float32 [batch, 3, 32, 32] -> logits float32 [batch, 10]."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(),
            nn.Conv2d(32, 48, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(48, 48, 3, padding=1), nn.ReLU(),
            nn.Conv2d(48, 48, 3, stride=2, padding=1), nn.ReLU(),
        )
        self.dropout = nn.Dropout(0.3)
        self.classifier = nn.Linear(48 * 4 * 4, 10)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)

    def forward(self, pixel_values):
        return self.classifier(self.dropout(self.features(pixel_values).flatten(1)))


def load(path=FOLDER / "model.onnx"):
    """The network with the weights of an exported file; its initializers keep the names of the parameters."""
    network = Network()
    initializers = onnx.load(str(path)).graph.initializer
    network.load_state_dict({tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in initializers})
    return network.eval()


@lru_cache(maxsize=None)
def read_settings(name):
    return json.loads((FOLDER / name).read_text())


def preprocess(path):
    """A picture file as the network's input, float32 [1, 3, 32, 32]: upright, RGB, resized by Pillow, normalised."""
    settings = read_settings("preprocessor_config.json")
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    size = (settings["size"]["width"], settings["size"]["height"])
    return normalise(np.asarray(picture.resize(size, settings["resample"]))[None])


def normalise(pictures):
    """uint8 [batch, height, width, 3] -> float32 [batch, 3, height, width]."""
    settings = read_settings("preprocessor_config.json")
    mean = np.array(settings["image_mean"], np.float32)
    std = np.array(settings["image_std"], np.float32)
    values = (pictures.astype(np.float32) * np.float32(settings["rescale_factor"]) - mean) / std
    return torch.from_numpy(np.ascontiguousarray(values.transpose(0, 3, 1, 2)))
