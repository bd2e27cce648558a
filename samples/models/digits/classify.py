#!/usr/bin/python3
"""Names the digit in pictures with PyTorch and Pillow, from the committed model.onnx: the reference for other runtimes.

Without arguments it names every picture in pictures/, fails when one is wrong, and with --record writes the logits to
pictures/expected.json, rounded to four decimals.
"""

import argparse
import json
from pathlib import Path

import torch

from network import FOLDER, load, preprocess, read_settings

PICTURE_FORMATS = {".png", ".jpg", ".webp", ".bmp"}


def main():
    arguments = parse_arguments()
    labels = list(read_settings("config.json")["id2label"].values())
    network = load()
    drawn = sorted((path for path in (FOLDER / "pictures").iterdir() if path.suffix in PICTURE_FORMATS),
                   key=lambda path: labels.index(path.stem))

    expected = {}
    print(f"{'picture':12} {'label':6} confidence   runner-up")
    for path in arguments.pictures or drawn:
        with torch.no_grad():
            logits = network(preprocess(path))[0]
        confidence, order = logits.softmax(0).sort(descending=True)
        first, second = (labels[index] for index in order[:2])
        print(f"{path.name:12} {first:6} {confidence[0]:10.2%}   {second} {confidence[1]:.2%}")
        expected[path.name] = {"label": first, "logits": [round(value, 4) for value in logits.tolist()]}

    if arguments.pictures:
        return
    if arguments.record:
        lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(answer)}" for name, answer in expected.items())
        (FOLDER / "pictures" / "expected.json").write_text("{\n" + lines + "\n}\n")
    wrong = [name for name, answer in expected.items() if Path(name).stem != answer["label"]]
    if wrong:
        raise SystemExit(f"{len(wrong)} of {len(expected)} pictures named wrongly: {', '.join(wrong)}")
    print(f"{len(expected)} of {len(expected)} right")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", nargs="*", type=Path)
    parser.add_argument("--record", action="store_true", help="write pictures/expected.json")
    return parser.parse_args()


if __name__ == "__main__":
    main()
