#!/usr/bin/python3
"""Draws pictures/: digits as a hand would, with strokes and no font. None of them was trained on."""
import math
import os
import random

from PIL import Image, ImageDraw, ImageFilter

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pictures")


def arc(cx, cy, rx, ry, start, end, steps=40):
    return [(cx + rx * math.cos(math.radians(start + (end - start) * i / steps)),
             cy + ry * math.sin(math.radians(start + (end - start) * i / steps))) for i in range(steps + 1)]


# Strokes in a unit square, y downwards.
STROKES = {
    "zero": [arc(0.5, 0.5, 0.22, 0.36, -90, 270)],
    "two": [arc(0.48, 0.32, 0.22, 0.2, -160, 30) + [(0.28, 0.84), (0.76, 0.83)]],
    "three": [arc(0.46, 0.32, 0.2, 0.18, -150, 80) + arc(0.45, 0.67, 0.24, 0.19, -80, 150)],
    "four": [[(0.56, 0.12), (0.22, 0.6), (0.8, 0.59)], [(0.6, 0.36), (0.58, 0.9)]],
    "five": [[(0.72, 0.14), (0.36, 0.15), (0.33, 0.45)] + arc(0.46, 0.63, 0.24, 0.22, -110, 140)],
    "seven": [[(0.24, 0.17), (0.76, 0.15), (0.42, 0.88)]],
    "eight": [arc(0.5, 0.31, 0.17, 0.17, 90, 450) + arc(0.5, 0.67, 0.22, 0.19, -90, 270)],
    "nine": [arc(0.47, 0.34, 0.2, 0.2, 0, 360) + [(0.67, 0.34), (0.62, 0.87)]],
}

# Name, format, size, ground, ink, width of the pen over the height.
PICTURES = [
    ("zero", "webp", (180, 220), (250, 246, 235), (30, 40, 90), 0.07),
    ("two", "png", (128, 128), (24, 26, 30), (240, 240, 240), 0.085),
    ("three", "jpg", (320, 300), (232, 226, 210), (120, 20, 24), 0.075),
    ("four", "png", (96, 120), (255, 255, 255), (0, 0, 0), 0.09),
    ("five", "bmp", (80, 80), (214, 230, 244), (10, 30, 60), 0.09),
    ("seven", "png", (240, 260), (255, 252, 240), (20, 20, 24), 0.065),
    ("eight", "jpg", (200, 200), (36, 72, 60), (236, 240, 228), 0.075),
    ("nine", "png", (150, 170), (244, 240, 250), (70, 20, 90), 0.08),
]


def draw(name, size, ground, ink, pen, generator):
    scale = 3
    width, height = size[0] * scale, size[1] * scale
    picture = Image.new("RGB", (width, height), ground)
    canvas = ImageDraw.Draw(picture)
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    for stroke in STROKES[name]:
        points = [(left + side * (x + generator.gauss(0, 0.003)), top + side * (y + generator.gauss(0, 0.003))) for x, y in stroke]
        radius = pen * side / 2
        canvas.line(points, fill=ink, width=int(2 * radius), joint="curve")
        for x, y in points:
            canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)
    return picture.resize(size, Image.LANCZOS).filter(ImageFilter.GaussianBlur(0.5))


def main():
    generator = random.Random(7)
    os.makedirs(HERE, exist_ok=True)
    for name, extension, size, ground, ink, pen in PICTURES:
        draw(name, size, ground, ink, pen, generator).save(os.path.join(HERE, f"{name}.{extension}"), quality=88)


if __name__ == "__main__":
    main()
