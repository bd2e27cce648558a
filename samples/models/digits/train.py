#!/usr/bin/python3
"""Trains the digits classifier and exports model.onnx.

Needs Debian's python3-torch, python3-pil, fonts-dejavu, fonts-liberation and fonts-freefont-ttf. Seeded; takes some
minutes on one core. Prints the accuracy on fonts that were not trained on, and records it in accuracy.json.
"""
import json
import os

import numpy as np
import torch
from torch import nn

import renderings

SEED = 20260601
EPOCHS = 14
HERE = os.path.dirname(os.path.abspath(__file__))
LABELS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


class Digits(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2))
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(64 * 4 * 4, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, pixel_values):
        return self.head(self.features(pixel_values))


def main():
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    training = renderings.dataset(renderings.find_fonts(renderings.TRAINING_FONTS), 90, SEED)
    held_out = renderings.dataset(renderings.find_fonts(renderings.HELD_OUT_FONTS), 40, SEED + 1)
    model = train(Digits(), *map(torch.from_numpy, training))
    accuracy = evaluate(model, *map(torch.from_numpy, held_out))
    export(model)
    with open(os.path.join(HERE, "accuracy.json"), "w") as file:
        json.dump({
            "seed": SEED,
            "trainingFonts": renderings.TRAINING_FONTS,
            "trainingPictures": len(training[1]),
            "heldOutFonts": renderings.HELD_OUT_FONTS,
            "heldOutPictures": len(held_out[1]),
            **accuracy,
        }, file, indent=2)
        file.write("\n")


def train(model, inputs, labels):
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    steps = EPOCHS * (len(labels) // 128 + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    for epoch in range(EPOCHS):
        model.train()
        total = 0.0
        for batch in torch.randperm(len(labels)).split(128):
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(model(inputs[batch]), labels[batch], label_smoothing=0.02)
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(batch)
        print(f"epoch {epoch + 1:2} loss {total / len(labels):.4f}", flush=True)
    return model.eval()


def evaluate(model, inputs, labels):
    with torch.no_grad():
        right = model(inputs).argmax(1) == labels
    accuracy = right.float().mean().item()
    print(f"held-out accuracy {accuracy:.4f} over {len(labels)} pictures")
    return {"accuracy": round(accuracy, 4), "perDigit": {LABELS[d]: round(right[labels == d].float().mean().item(), 4) for d in range(10)}}


def export(model):
    torch.onnx.export(
        model, torch.zeros(1, 3, 32, 32), os.path.join(HERE, "model.onnx"), opset_version=16,
        input_names=["pixel_values"], output_names=["logits"],
        dynamic_axes={"pixel_values": {0: "batch"}, "logits": {0: "batch"}})


if __name__ == "__main__":
    main()
