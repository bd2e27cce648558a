"""Answers the picture tests with what Pillow and numpy do.

Request: 4 bytes length (little endian), that many bytes of JSON, 4 bytes length, that many bytes of payload.
Response: 4 bytes length, that many bytes. A failure ends the process with its traceback on stderr.
"""
import io
import json
import struct
import sys

import numpy as np
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

MODES = {1: "L", 3: "RGB", 4: "RGBX"}


def resize(job, payload):
    image = Image.frombytes(MODES[job["channels"]], (job["width"], job["height"]), payload)
    return image.resize((job["targetWidth"], job["targetHeight"]), resample=job["filter"]).tobytes()


def encode(job, payload):
    image = Image.frombytes(job["mode"], (job["width"], job["height"]), payload)
    if job.get("convert"):
        image = image.convert(job["convert"])
    options = dict(job.get("options", {}))
    if "orientation" in job:
        exif = Image.Exif()
        exif[0x0112] = job["orientation"]
        options["exif"] = exif
    if "gamma" in job:
        info = PngImagePlugin.PngInfo()
        info.add(b"gAMA", struct.pack(">I", job["gamma"]))
        options["pnginfo"] = info
    if "swappedProfile" in job:
        # An RGB profile whose red is blue: whoever manages colours gives other numbers.
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        options["icc_profile"] = profile.replace(b"rXYZ", b"_XYZ").replace(b"bXYZ", b"rXYZ").replace(b"_XYZ", b"bXYZ")
    if "transparency" in job:
        options["transparency"] = job["transparency"]
    out = io.BytesIO()
    image.save(out, job["format"], **options)
    return out.getvalue()


def load(payload, mode):
    return ImageOps.exif_transpose(Image.open(io.BytesIO(payload))).convert(mode)


def decode(job, payload):
    image = load(payload, job.get("mode", "RGB"))
    return struct.pack("<ii", *image.size) + image.tobytes()


def center_crop(pixels, height, width):
    """The definition: keep the middle; where the picture is smaller, put it into the middle of black."""
    for axis, wanted in ((0, height), (1, width)):
        have = pixels.shape[axis]
        if have >= wanted:
            start = (have - wanted) // 2
            pixels = np.take(pixels, range(start, start + wanted), axis=axis)
        else:
            before = -((have - wanted) // 2)
            shape = list(pixels.shape)
            shape[axis] = wanted
            padded = np.zeros(shape, pixels.dtype)
            index = [slice(None)] * pixels.ndim
            index[axis] = slice(before, before + have)
            padded[tuple(index)] = pixels
            pixels = padded
    return pixels


def preprocess(job, payload):
    """The torchvision recipe: resize the shorter edge (or to a size), center crop, rescale, normalise, channels first."""
    image = load(payload, job["mode"])
    width, height = image.size
    if "shortest" in job:
        edge = job["shortest"]
        size = (edge, int(edge * height / width)) if width <= height else (int(edge * width / height), edge)
    else:
        size = (job["width"], job["height"])
    pixels = np.array(image.resize(size, resample=job["filter"]))
    if "crop" in job:
        pixels = center_crop(pixels, *job["crop"])
    numbers = pixels.astype(np.float64) * job["scale"]
    numbers = numbers.astype(np.float32)
    if job.get("mean"):
        numbers = (numbers - np.array(job["mean"], np.float32)) / np.array(job["std"], np.float32)
    if numbers.ndim == 2:
        numbers = numbers[..., None]
    if job.get("bgr"):
        numbers = numbers[..., ::-1]
    return np.ascontiguousarray(numbers.transpose(2, 0, 1), dtype="<f4").tobytes()


def read(stream, count):
    data = stream.read(count)
    if len(data) != count:
        sys.exit(0)
    return data


def main():
    operations = {function.__name__: function for function in (resize, encode, decode, preprocess)}
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while True:
        job = json.loads(read(source, struct.unpack("<i", read(source, 4))[0]))
        payload = read(source, struct.unpack("<i", read(source, 4))[0])
        result = operations[job["operation"]](job, payload)
        target.write(struct.pack("<i", len(result)) + result)
        target.flush()


if __name__ == "__main__":
    main()
