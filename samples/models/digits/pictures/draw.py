#!/usr/bin/python3
"""Draws the test pictures beside this file: digits written by hand-made strokes, no font. Seeded; needs numpy and Pillow."""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

FOLDER = Path(__file__).resolve().parent
SHARP = 4
EXIF_ORIENTATION = 0x0112
UPSIDE_DOWN = 3

# Each stroke is a list of points in a unit square, y downwards; the pen passes smoothly through them,
# and turns sharply where a stroke ends and the next begins.
STROKES = {
    "zero": [[(.56, .06), (.30, .16), (.16, .48), (.26, .84), (.52, .95), (.76, .80), (.85, .46), (.74, .16), (.52, .05), (.40, .10)]],
    "one": [[(.28, .27), (.42, .18), (.55, .05)], [(.55, .05), (.53, .40), (.51, .70), (.50, .95)], [(.26, .96), (.50, .95), (.74, .93)]],
    "two": [[(.20, .28), (.30, .10), (.54, .04), (.76, .16), (.76, .36), (.56, .60), (.34, .80), (.16, .95)],
            [(.16, .95), (.40, .91), (.62, .94), (.86, .91)]],
    "three": [[(.20, .16), (.42, .04), (.70, .10), (.76, .28), (.62, .43), (.40, .48)],
              [(.40, .48), (.68, .52), (.83, .70), (.70, .90), (.42, .97), (.16, .86)]],
    "four": [[(.52, .04), (.38, .32), (.14, .66)], [(.14, .66), (.48, .65), (.90, .63)], [(.68, .34), (.66, .66), (.63, .97)]],
    "five": [[(.82, .06), (.54, .07), (.30, .08)], [(.30, .08), (.26, .28), (.24, .46)],
             [(.24, .46), (.48, .39), (.74, .48), (.82, .68), (.70, .89), (.42, .96), (.16, .86)]],
    "six": [[(.72, .06), (.46, .20), (.26, .48), (.20, .72), (.34, .93), (.58, .95), (.78, .80), (.74, .58), (.52, .50), (.30, .60), (.22, .76)]],
    "seven": [[(.14, .10), (.46, .09), (.86, .07)], [(.86, .07), (.64, .36), (.50, .64), (.42, .96)], [(.36, .50), (.56, .49), (.74, .47)]],
    "eight": [[(.74, .20), (.54, .05), (.30, .16), (.34, .36), (.56, .48), (.78, .66), (.72, .88), (.48, .96), (.24, .86),
               (.22, .66), (.44, .50), (.68, .36), (.76, .20), (.62, .07)]],
    "nine": [[(.76, .26), (.60, .07), (.34, .10), (.22, .30), (.34, .48), (.58, .46), (.76, .28)], [(.76, .24), (.74, .52), (.66, .76), (.56, .96)]],
}


def main():
    for name, draw in PICTURES.items():
        path = FOLDER / name
        rng = np.random.default_rng(sum(name.encode()))
        path.write_bytes(draw(path.stem, rng))
        print(f"{name:12} {path.stat().st_size:6} bytes")


def chalk_on_a_board(digit, rng):
    size = (240, 300)
    dust = rng.random((size[1], size[0])) < 0.72
    coverage = pen(digit, size, rng, width=13, margin=.16) * dust * 0.92
    board = paper(size, (38, 74, 60), rng, grain=5, shade=14)
    return encode(blend(board, coverage, (236, 234, 222)), "WEBP", quality=70)


def ballpoint_on_ruled_paper(digit, rng):
    size = (200, 260)
    sheet = paper(size, (250, 248, 240), rng, grain=0, shade=0)
    sheet[18::28] = (176, 200, 226)
    sheet[:, 30:32] = (228, 158, 158)
    return encode(blend(sheet, pen(digit, size, rng, width=8, margin=.16), (28, 44, 130)), "PNG", optimize=True)


def marker_on_paper(digit, rng):
    size = (200, 260)
    sheet = paper(size, (244, 243, 240), rng, grain=4, shade=12)
    return encode(blend(sheet, pen(digit, size, rng, width=21, margin=.17), (28, 26, 30)), "JPEG", quality=80)


def grey_pencil(digit, rng):
    size = (160, 200)
    sheet = paper(size, (232, 232, 232), rng, grain=0, shade=16)
    coverage = pen(digit, size, rng, width=9, margin=.14) * 0.82
    return encode(Image.fromarray(blend(sheet, coverage, (40, 40, 40))).convert("L"), "PNG", optimize=True)


def crayon_on_card(digit, rng):
    size = (84, 104)
    card = paper(size, (246, 222, 150), rng, grain=6, shade=6)
    wax = rng.uniform(0.6, 1.0, (size[1], size[0]))
    return encode(blend(card, pen(digit, size, rng, width=9, margin=.14) * wax, (190, 44, 36)), "BMP")


def finger_on_a_fogged_window(digit, rng):
    size = (256, 256)
    fog = paper(size, (196, 208, 216), rng, grain=2, shade=18)
    coverage = pen(digit, size, rng, width=24, margin=.15, soft=2.5) * 0.85
    return encode(blend(fog, coverage, (58, 82, 96)), "JPEG", quality=82)


def neon_sign(digit, rng):
    size = (220, 220)
    wall = paper(size, (24, 18, 34), rng, grain=0, shade=6)
    tube = pen(digit, size, rng, width=11, margin=.18)
    halo = Image.fromarray((tube * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(9))
    lit = blend(wall, np.asarray(halo, np.float64) / 255 * 0.7, (255, 40, 140))
    return encode(blend(lit, tube, (255, 196, 226)), "PNG", optimize=True)


def poster(digit, rng):
    size = (180, 240)
    sheet = paper(size, (20, 92, 168), rng, grain=0, shade=0)
    return encode(blend(sheet, pen(digit, size, rng, width=30, margin=.2), (255, 214, 64)), "WEBP", lossless=True)


def held_upside_down(digit, rng):
    """Stored turned by 180 degrees with the EXIF tag that says so: a reader that ignores the tag sees another digit."""
    size = (200, 240)
    sheet = paper(size, (226, 220, 204), rng, grain=4, shade=16)
    upright = Image.fromarray(blend(sheet, pen(digit, size, rng, width=17, margin=.16), (34, 84, 48)))
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = UPSIDE_DOWN
    return encode(upright.transpose(Image.Transpose.ROTATE_180), "JPEG", quality=82, exif=exif)


def pen(digit, size, rng, width, margin, soft=0.0):
    """Where the ink is, float64 [height, width] in 0 to 1: a round nib along every stroke, its pressure and path unsteady."""
    canvas = Image.new("L", (size[0] * SHARP, size[1] * SHARP))
    draw = ImageDraw.Draw(canvas)
    scale = np.array(size) * (1 - 2 * margin) * SHARP
    origin = np.array(size) * margin * SHARP
    for stroke in STROKES[digit]:
        knots = np.array(stroke)
        knots[1:-1] += rng.normal(0.0, 0.008, knots[1:-1].shape)
        path = smooth(knots) * scale + origin
        pressure = 1.0 + 0.14 * np.sin(np.linspace(0.0, np.pi * rng.uniform(0.8, 2.2), len(path)))
        for (x, y), radius in zip(path, width * SHARP / 2 * pressure):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    ink = canvas.resize(size, Image.Resampling.BOX)
    return np.asarray(ink.filter(ImageFilter.GaussianBlur(soft)) if soft else ink, np.float64) / 255


def smooth(knots, steps=60):
    """A Catmull-Rom spline through the knots, its ends repeated."""
    padded = np.concatenate([knots[:1], knots, knots[-1:]])
    t = np.linspace(0.0, 1.0, steps)[:, None]
    return np.concatenate([
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:])
    ])


def paper(size, color, rng, grain, shade):
    """float64 [height, width, 3]: one colour with film grain and light that falls off across it."""
    width, height = size
    light = np.linspace(1.0, -1.0, height)[:, None] + np.linspace(0.5, -0.5, width)[None, :]
    sheet = np.full((height, width, 3), color, np.float64) + (light * shade)[..., None]
    return sheet + rng.normal(0.0, 1.0, (height, width, 1)) * grain


def blend(sheet, coverage, ink):
    coverage = coverage[..., None]
    return (sheet * (1 - coverage) + np.array(ink) * coverage).clip(0, 255).astype(np.uint8)


def encode(picture, form, **options):
    picture = Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture
    stream = BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


PICTURES = {
    "zero.webp": chalk_on_a_board,
    "one.png": ballpoint_on_ruled_paper,
    "two.jpg": finger_on_a_fogged_window,
    "three.jpg": marker_on_paper,
    "four.png": grey_pencil,
    "five.bmp": crayon_on_card,
    "six.jpg": held_upside_down,
    "seven.png": ballpoint_on_ruled_paper,
    "eight.png": neon_sign,
    "nine.webp": poster,
}


if __name__ == "__main__":
    main()
