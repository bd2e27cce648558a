#!/usr/bin/python3
"""Trains the digit classifier from rendered fonts, measures it on fonts it never saw, and writes model.onnx beside this file.

Needs Debian's python3-torch, python3-onnx, python3-numpy, python3-pil, fonts-dejavu, fonts-freefont-ttf and fonts-liberation.
One thread, a few minutes; the same versions of those packages give the same file.
"""

import argparse
import json
import time

import numpy as np
import torch
from torch import nn

from network import FOLDER, Network, load, normalise
from renderings import HELD_OUT_FONTS, TRAINING_FONTS, find_fonts, render_set

BATCH = 128
OPSET = 17
TRAINING, HELD_OUT = 0, 1


def main():
    arguments = parse_arguments()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(arguments.seed)

    started = time.monotonic()
    training_fonts = find_fonts(arguments.fonts, TRAINING_FONTS)
    held_out_fonts = find_fonts(arguments.fonts, HELD_OUT_FONTS)
    print(f"{len(training_fonts)} training fonts: {', '.join(TRAINING_FONTS)}")
    print(f"{len(held_out_fonts)} held-out fonts: {', '.join(HELD_OUT_FONTS)}")
    training = render_set(arguments.seed, TRAINING, arguments.training, training_fonts)
    held_out = render_set(arguments.seed, HELD_OUT, arguments.held_out, held_out_fonts)
    print(f"{time.monotonic() - started:5.0f} s  rendered {len(training[0])} training and {len(held_out[0])} held-out pictures")

    network = Network()
    for epoch, loss in train(network, *training, arguments.epochs):
        print(f"{time.monotonic() - started:5.0f} s  epoch {epoch + 1} of {arguments.epochs}, mean loss {loss:.4f}", flush=True)

    export(network, FOLDER / "model.onnx")
    correct = evaluate(load(), *held_out)
    record(arguments, correct, held_out[1])


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--training", type=int, default=40_000, help="training pictures")
    parser.add_argument("--held-out", type=int, default=5_000, help="pictures to measure with, a multiple of 10")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--fonts", default="/usr/share/fonts", help="folder to search for the fonts")
    return parser.parse_args()


def train(network, pictures, digits, epochs, peak_rate=2e-3):
    """One cycle of Adam (Smith and Topin, 2018); yields the mean loss of each epoch."""
    network.train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=peak_rate, weight_decay=1e-2)
    steps = len(pictures) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak_rate, total_steps=epochs * steps)
    targets = torch.from_numpy(digits)
    for epoch in range(epochs):
        total = 0.0
        for chosen in torch.randperm(len(pictures))[: steps * BATCH].split(BATCH):
            loss = nn.functional.cross_entropy(network(normalise(pictures[chosen.numpy()])), targets[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        yield epoch, total / steps


def export(network, path):
    torch.onnx.export(
        network.eval(), torch.zeros(1, 3, 32, 32), str(path), opset_version=OPSET,
        input_names=["pixel_values"], output_names=["logits"],
        dynamic_axes={"pixel_values": {0: "batch"}, "logits": {0: "batch"}})


def evaluate(network, pictures, digits):
    """Which pictures the network names rightly, bool [count]."""
    with torch.no_grad():
        answers = [network(normalise(part)).argmax(1).numpy() for part in np.array_split(pictures, max(1, len(pictures) // 500))]
    return np.concatenate(answers) == digits


def record(arguments, correct, digits):
    per_digit = {str(digit): round(float(correct[digits == digit].mean()), 4) for digit in range(10)}
    result = {
        "seed": arguments.seed,
        "fonts": {"training": TRAINING_FONTS, "heldOut": HELD_OUT_FONTS},
        "pictures": {"training": arguments.training, "heldOut": arguments.held_out},
        "epochs": arguments.epochs,
        "heldOutAccuracy": round(float(correct.mean()), 4),
        "heldOutAccuracyPerDigit": per_digit,
    }
    (FOLDER / "accuracy.json").write_text(json.dumps(result, indent=2) + "\n")
    print(f"held-out accuracy {result['heldOutAccuracy']:.2%} ({int(correct.sum())} of {len(correct)})")
    print("per digit " + ", ".join(f"{digit} {share:.1%}" for digit, share in per_digit.items()))


if __name__ == "__main__":
    main()
