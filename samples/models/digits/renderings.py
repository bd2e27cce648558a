"""Pictures of digits, rendered from fonts and distorted. Seeded: the same numbers give the same pictures."""
import glob

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

# Debian packages: fonts-dejavu, fonts-liberation, fonts-freefont-ttf.
TRAINING_FONTS = [
    "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "DejaVuSansCondensed-Oblique.ttf",
    "LiberationSans-Regular.ttf", "LiberationSans-BoldItalic.ttf", "LiberationSerif-Regular.ttf", "LiberationSerif-Italic.ttf",
    "LiberationMono-Regular.ttf", "FreeSans.ttf", "FreeSansOblique.ttf", "FreeMono.ttf",
]
HELD_OUT_FONTS = ["LiberationSansNarrow-Regular.ttf", "LiberationSerif-Bold.ttf", "FreeSerif.ttf", "FreeSerifItalic.ttf", "DejaVuSerif-Bold.ttf"]


def find_fonts(names):
    paths = []
    for name in names:
        found = glob.glob(f"/usr/share/fonts/**/{name}", recursive=True)
        if not found:
            raise SystemExit(f"{name} is not installed: apt-get install fonts-dejavu fonts-liberation fonts-freefont-ttf")
        paths.append(found[0])
    return paths


def render(digit, font_path, random):
    """One digit on a ground of another colour, RGB, of a random size from 64 to 240 pixels."""
    size = int(random.integers(64, 240))
    ground, ink = colours(random)
    picture = Image.new("RGB", (size, size), ground)
    font = ImageFont.truetype(font_path, int(size * random.uniform(0.55, 0.95)))
    left, top, right, bottom = font.getbbox(str(digit))
    mask = Image.new("L", (size, size), 0)
    x = (size - (right - left)) / 2 - left + size * random.uniform(-0.08, 0.08)
    y = (size - (bottom - top)) / 2 - top + size * random.uniform(-0.08, 0.08)
    ImageDraw.Draw(mask).text((x, y), str(digit), fill=255, font=font, stroke_width=int(random.integers(0, max(1, size // 24) + 1)))
    mask = distort(mask, random)
    picture.paste(ink, mask=mask)
    return finish(picture, random)


def colours(random):
    while True:
        ground, ink = random.integers(0, 256, 3), random.integers(0, 256, 3)
        if random.uniform() < 0.5:
            ground, ink = random.integers(200, 256, 3), random.integers(0, 90, 3)
        luma = np.array([0.299, 0.587, 0.114])
        if abs(float(luma @ ground) - float(luma @ ink)) > 70:
            return tuple(int(v) for v in ground), tuple(int(v) for v in ink)


def distort(mask, random):
    """Rotation, shear and stretch about the centre."""
    angle = np.deg2rad(random.uniform(-18, 18))
    shear = random.uniform(-0.3, 0.3)
    sx, sy = random.uniform(0.75, 1.3, 2)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.array([[1, shear], [0, 1]]) @ np.diag([sx, sy])
    centre = mask.size[0] / 2
    offset = np.array([centre, centre]) - matrix @ np.array([centre, centre])
    coefficients = (matrix[0, 0], matrix[0, 1], offset[0], matrix[1, 0], matrix[1, 1], offset[1])
    return mask.transform(mask.size, Image.AFFINE, coefficients, Image.BILINEAR)


def finish(picture, random):
    if random.uniform() < 0.4:
        picture = picture.filter(ImageFilter.GaussianBlur(random.uniform(0, picture.size[0] / 60)))
    pixels = np.asarray(picture, np.float32) + random.normal(0, random.uniform(0, 14), (*picture.size[::-1], 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def tensor(picture, size=32):
    """As preprocessor_config.json says: bilinear to 32 x 32, then [-1, 1], channels first."""
    pixels = np.asarray(picture.convert("RGB").resize((size, size), Image.BILINEAR), np.float32) / 255
    return ((pixels - 0.5) / 0.5).transpose(2, 0, 1)


def dataset(fonts, per_font, seed):
    random = np.random.default_rng(seed)
    inputs, labels = [], []
    for font in fonts:
        for digit in range(10):
            for _ in range(per_font):
                inputs.append(tensor(render(digit, font, random)))
                labels.append(digit)
    return np.stack(inputs), np.array(labels)
