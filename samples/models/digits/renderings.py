"""Pictures of digits: a font's glyph, distorted as a camera and a hurried hand would distort it."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

# Debian's fonts-dejavu and fonts-freefont-ttf.
TRAINING_FONTS = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-ExtraLight", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique",
    "DejaVuSansCondensed", "DejaVuSansCondensed-Bold", "DejaVuSansMono", "DejaVuSansMono-Bold",
    "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic", "DejaVuSerifCondensed",
    "FreeSans", "FreeSansBold", "FreeSansOblique", "FreeSansBoldOblique",
    "FreeSerif", "FreeSerifBold", "FreeSerifItalic", "FreeSerifBoldItalic",
    "FreeMono", "FreeMonoBold", "FreeMonoOblique",
)

# Debian's fonts-liberation: no picture of a training run is drawn with one of these.
HELD_OUT_FONTS = (
    "LiberationSans-Regular", "LiberationSans-Bold", "LiberationSans-Italic", "LiberationSans-BoldItalic",
    "LiberationSerif-Regular", "LiberationSerif-Bold", "LiberationSerif-Italic", "LiberationSerif-BoldItalic",
    "LiberationMono-Regular", "LiberationMono-Bold", "LiberationMono-Italic", "LiberationMono-BoldItalic",
    "LiberationSansNarrow-Regular", "LiberationSansNarrow-Bold",
)

SIDE = 32
CANVAS = 64
GLYPH_CANVAS = 192
GLYPH_POINTS = 96


def find_fonts(root, names):
    """The files of the named fonts below a folder. A missing font would change the numbers, so it is an error."""
    files = {path.stem: path for path in Path(root).rglob("*.ttf")}
    missing = [name for name in names if name not in files]
    if missing:
        raise SystemExit(
            f"{len(missing)} of {len(names)} fonts are not below '{root}': {', '.join(missing)}.\n"
            "Install Debian's fonts-dejavu, fonts-freefont-ttf and fonts-liberation, or name their folder with --fonts.")
    return [files[name] for name in names]


def render_set(seed, split, count, fonts):
    """`count` pictures, uint8 [count, 32, 32, 3], and their digits, int64 [count]; every digit equally often."""
    pictures = np.empty((count, SIDE, SIDE, 3), np.uint8)
    digits = np.arange(count, dtype=np.int64) % 10
    for index, digit in enumerate(digits):
        rng = np.random.default_rng((seed, split, index))
        pictures[index] = render(str(digit), fonts[rng.integers(len(fonts))], rng)
    return pictures, digits


def render(text, font, rng):
    """One augmented picture, uint8 [32, 32, 3]."""
    ink = warp(place(glyph(text, font, rng), rng), rng)
    ink = ink.filter(ImageFilter.GaussianBlur(rng.uniform(0.0, 1.3)))
    coverage = np.asarray(ink, np.float32)[..., None] / 255.0
    if rng.random() < 0.15:
        coverage = coverage * rng.uniform(0.35, 1.0, coverage.shape).astype(np.float32)

    paper_color, ink_color = contrasting_colors(rng)
    picture = background(paper_color, rng) * (1.0 - coverage) + ink_color * coverage
    picture += rng.normal(0.0, rng.uniform(0.0, 22.0), picture.shape)
    picture = Image.fromarray(picture.clip(0, 255).astype(np.uint8))
    # The same filter that the preprocessor applies to a real picture.
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def glyph(text, font, rng):
    """The bare glyph, large, at a random weight."""
    mask = Image.new("L", (GLYPH_CANVAS, GLYPH_CANVAS))
    weight = int(rng.choice((0, 0, 1, 2, 3, 5)))
    center = (GLYPH_CANVAS // 2, GLYPH_CANVAS // 2)
    ImageDraw.Draw(mask).text(center, text, fill=255, font=load_font(font), anchor="mm", stroke_width=weight)
    return mask


@lru_cache(maxsize=None)
def load_font(path):
    return ImageFont.truetype(str(path), GLYPH_POINTS, layout_engine=ImageFont.Layout.BASIC)


def place(mask, rng):
    """Scales, slants, turns and shifts the glyph onto the canvas. Turning stays below 20 degrees: a 6 is not a 9."""
    left, top, right, bottom = mask.getbbox()
    height = rng.uniform(0.45, 0.88) * CANVAS
    scale_y = height / (bottom - top)
    scale_x = scale_y * rng.uniform(0.7, 1.5)
    scale_x = min(scale_x, 0.9 * CANVAS / (right - left))

    angle, slant = np.radians(rng.uniform(-20.0, 20.0)), rng.uniform(-0.3, 0.3)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    forward = turn @ np.array([[1.0, slant], [0.0, 1.0]]) @ np.diag([scale_x, scale_y])
    inverse = np.linalg.inv(forward)

    room = np.array([CANVAS - scale_x * (right - left), CANVAS - height]).clip(0.0)
    middle = CANVAS / 2 + rng.uniform(-0.4, 0.4, 2) * room
    offset = np.array([(left + right) / 2, (top + bottom) / 2]) - inverse @ middle
    matrix = (*inverse[0], offset[0], *inverse[1], offset[1])
    return mask.transform((CANVAS, CANVAS), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)


def warp(mask, rng, cells=4):
    """Bends the glyph: every inner knot of a grid is moved a little, the picture follows."""
    step = CANVAS // cells
    knots = np.stack(np.meshgrid(np.arange(cells + 1), np.arange(cells + 1)), -1) * float(step)
    knots[1:-1, 1:-1] += rng.normal(0.0, rng.uniform(0.0, 3.0), (cells - 1, cells - 1, 2))
    mesh = [
        ((x * step, y * step, (x + 1) * step, (y + 1) * step),
         (*knots[y, x], *knots[y + 1, x], *knots[y + 1, x + 1], *knots[y, x + 1]))
        for y in range(cells) for x in range(cells)
    ]
    return mask.transform(mask.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def contrasting_colors(rng, least=70.0):
    """Paper and ink, either of them the lighter one, apart by at least `least` of 255 in luma (ITU-R BT.601)."""
    while True:
        paper, ink = rng.uniform(0.0, 255.0, (2, 3))
        if rng.random() < 0.5:
            paper[:], ink[:] = paper.mean(), ink.mean()
        if abs((paper - ink) @ (0.299, 0.587, 0.114)) >= least:
            return paper, ink


def background(color, rng):
    """Paper, float64 [64, 64, 3]: plain, shaded, blotched or ruled."""
    paper = np.broadcast_to(color, (CANVAS, CANVAS, 3)).copy()
    axis = np.linspace(-1.0, 1.0, CANVAS)
    if rng.random() < 0.5:
        slope = rng.uniform(-25.0, 25.0, (2, 3))
        paper += axis[:, None, None] * slope[0] + axis[None, :, None] * slope[1]
    if rng.random() < 0.3:
        blotches = Image.fromarray(rng.integers(0, 256, (6, 6), np.uint8)).resize((CANVAS, CANVAS), Image.Resampling.BICUBIC)
        paper += (np.asarray(blotches, np.float64)[..., None] - 128.0) * rng.uniform(0.05, 0.2)
    if rng.random() < 0.25:
        step, tint = int(rng.integers(9, 22)), rng.uniform(-35.0, 35.0, 3)
        paper[rng.integers(step)::step] += tint
        if rng.random() < 0.4:
            paper[:, rng.integers(step)::step] += tint
    return paper
