"""Draws a schematic frontal chest X-ray, so that each sample has an image that nobody's patient is on.

The patient faces the viewer: the patient's right is image left, where the marker "R" stands. Coordinates are
fractions of the image side, x to the right and y downwards. These are drawings: they show where an abnormality is,
not what a radiograph looks like.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIDE = 640  # pixels
GRAIN = 1.2  # standard deviation of the film grain, in grey levels of 255; more only makes the files larger
KNEE, WHITE = 110.0, 232.0  # grey levels: above the knee, more tissue adds less, and never more than white
Plane = NDArray[np.float64]
BodySide = Literal["left", "right"]

_Y, _X = np.mgrid[0:SIDE, 0:SIDE] / SIDE


def draw(abnormalities: list[dict[str, str]], seed: int) -> Image.Image:
    """Draw a chest with `abnormalities`, each {"finding": …, "side": "left"|"right"}. Returns an 8-bit grey image.

    Raises KeyError for a finding that nobody taught it to draw.
    """
    heart_width = 1.25 if any(a["finding"] == "cardiomegaly" for a in abnormalities) else 1.0
    plane = _body() + _lungs() + _ribs(abnormalities) + _middle(heart_width)
    for abnormality in abnormalities:
        plane = _DRAWN[abnormality["finding"]](plane, abnormality.get("side", ""))
    plane = np.where(plane > KNEE, KNEE + (WHITE - KNEE) * (1 - np.exp((KNEE - plane) / (WHITE - KNEE))), plane)
    plane += np.random.default_rng(seed).normal(0, GRAIN, plane.shape)
    image = Image.fromarray(np.clip(plane, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))
    pen = ImageDraw.Draw(image)
    pen.text((0.05 * SIDE, 0.05 * SIDE), "R", fill=230, font=ImageFont.load_default(size=34))
    pen.text((0.77 * SIDE, 0.02 * SIDE), "drawing, not a patient", fill=120, font=ImageFont.load_default(size=13))
    return image


def _ellipse(x: float, y: float, width: float, height: float, softness: float = 0.06, power: float = 2) -> Plane:
    """1 inside an ellipse with these half axes, 0 outside, with an edge as wide as `softness` of the radius.

    A `power` above 2 makes it squarer.
    """
    radius = (np.abs((_X - x) / width) ** power + np.abs((_Y - y) / height) ** power) ** (1 / power)
    return np.clip((1 - radius) / softness + 0.5, 0, 1)


def _blob(x: float, y: float, width: float, height: float) -> Plane:
    return np.exp(-(((_X - x) / width) ** 2 + ((_Y - y) / height) ** 2) / 2)


def _curve(points: list[tuple[float, float]], width: float) -> Plane:
    """A soft line through `points`, 1 on the line."""
    canvas = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(canvas).line([(x * SIDE, y * SIDE) for x, y in points], 255, max(1, round(width * SIDE)), "curve")
    return np.asarray(canvas.filter(ImageFilter.GaussianBlur(1.2)), dtype=float) / 255


def _body() -> Plane:
    trunk = _ellipse(0.5, 0.68, 0.46, 0.6, 0.05, 3.2)
    neck = _ellipse(0.5, 0.05, 0.13, 0.2, 0.2)
    return 12 + 118 * np.maximum(trunk, neck) - 20 * _blob(0.5, 0.0, 0.5, 0.2)


def _lung(side: BodySide) -> Plane:
    x = _across(side, 0.215)
    floor = 0.755 if side == "right" else 0.785  # the liver lifts the right dome
    dome = floor - 0.09 * np.exp(-(((_X - x + _across(side, 0.04) - 0.5) / 0.13) ** 2))
    return _ellipse(x, 0.52, 0.175, 0.42, 0.1, 2.4) * np.clip((dome - _Y) / 0.012 + 0.5, 0, 1)


def _across(side: BodySide, distance: float) -> float:
    """The x that lies `distance` from the midline on the patient's `side`."""
    return 0.5 + distance if side == "left" else 0.5 - distance


def _lungs() -> Plane:
    air = _lung("right") + _lung("left")
    vessels = np.zeros_like(air)
    for side in ("right", "left"):
        hilum = (_across(side, 0.085), 0.47)
        for end in ((0.27, 0.25), (0.31, 0.4), (0.33, 0.55), (0.27, 0.66), (0.2, 0.2), (0.18, 0.7)):
            bend = (_across(side, 0.6 * end[0]), 0.5 * (hilum[1] + end[1]) + 0.02)
            vessels += _curve([hilum, bend, (_across(side, end[0]), end[1])], 0.008)
        vessels += 2.2 * _blob(*hilum, 0.03, 0.05)
    return -88 * air + 12 * np.minimum(vessels, 2.5) * np.minimum(air, 1)


def _rib(side: BodySide, number: int, gap: float | None = None) -> Plane:
    """One posterior and anterior rib pair as a loop from the spine; `gap` breaks it at that angle (radians)."""
    top = 0.12 + 0.068 * number
    reach = 0.16 + 0.175 * min(1.0, (number + 1) / 6) ** 0.7
    angles = np.linspace(-0.5 * np.pi, 0.42 * np.pi, 40)
    strokes: list[list[tuple[float, float]]] = [[]]
    for angle in angles:
        if gap is not None and abs(angle - gap) < 0.07:
            if strokes[-1]:
                strokes.append([])
            continue
        shift = 0.012 if gap is not None and angle > gap else 0.0  # the outer piece stands a little off
        strokes[-1].append((_across(side, 0.05 + reach * np.cos(angle)), top + 0.075 * (1 + np.sin(angle)) + shift))
    return np.maximum.reduce([_curve(stroke, 0.013) for stroke in strokes if len(stroke) > 1])


def _ribs(abnormalities: list[dict[str, str]]) -> Plane:
    broken = {a["side"] for a in abnormalities if a["finding"] == "rib_fracture"}
    plane = np.zeros((SIDE, SIDE))
    for side in ("right", "left"):
        for number in range(9):
            plane += 15 * _rib(side, number, gap=0.05 if side in broken and number == 6 else None)
        plane += 22 * _curve(
            [(_across(side, 0.04), 0.175), (_across(side, 0.2), 0.15), (_across(side, 0.36), 0.1)], 0.02
        )
    return plane


def _middle(heart_width: float) -> Plane:
    spine = 45 * _ellipse(0.5, 0.55, 0.05, 0.7, 0.5)
    heart = 70 * _ellipse(0.54 + 0.02 * heart_width, 0.635, 0.14 * heart_width, 0.145, 0.16, 2.3)
    aorta = 40 * _ellipse(0.54, 0.375, 0.055, 0.06, 0.5) + 50 * _ellipse(0.505, 0.42, 0.07, 0.2, 0.35)
    trachea = -45 * _ellipse(0.5, 0.2, 0.022, 0.2, 0.4)
    below = 38 * np.clip((_Y - 0.70) / 0.14, 0, 1) * _ellipse(0.5, 0.68, 0.44, 0.58, 0.1, 3.2)
    return np.asarray(spine + heart + aorta + trachea + below)


def _effusion(height: float, plane: Plane, side: BodySide) -> Plane:
    """Fluid with a meniscus that climbs towards the chest wall; `height` is its top at the wall."""
    outward = np.clip((_X - 0.5) / 0.38 if side == "left" else (0.5 - _X) / 0.38, 0, 1)
    surface = 0.80 - (0.80 - height) * outward**1.6
    space = _ellipse(_across(side, 0.215), 0.52, 0.175, 0.42, 0.1, 2.4) * np.clip((0.88 - _Y) / 0.12, 0, 1)
    return np.asarray(plane + np.clip((_Y - surface) / 0.03, 0, 1) * space * np.clip(180 - plane, 0, None))


def _opacity(plane: Plane, side: BodySide) -> Plane:
    patch = _blob(_across(side, 0.2), 0.62, 0.06, 0.05) + 0.7 * _blob(_across(side, 0.26), 0.66, 0.04, 0.04)
    return plane + 75 * np.minimum(patch, 1.2)


def _pneumothorax(plane: Plane, side: BodySide) -> Plane:
    """Air at the apex: darker, without vessels, under a thin pleural line."""
    inner = _ellipse(_across(side, 0.2), 0.56, 0.155, 0.4, 0.02)
    apex = _ellipse(_across(side, 0.215), 0.52, 0.175, 0.42, 0.1, 2.4) * (1 - inner) * np.clip((0.42 - _Y) / 0.1, 0, 1)
    edge = np.exp(-(((np.hypot((_X - _across(side, 0.2)) / 0.155, (_Y - 0.56) / 0.4) - 1) / 0.012) ** 2))
    return plane - 26 * apex + 50 * edge * np.clip((0.42 - _Y) / 0.1, 0, 1) * _lung(side)


def _catheter(plane: Plane, side: BodySide) -> Plane:
    path = [(_across(side, d), y) for d, y in ((0.1, 0.0), (0.085, 0.1), (0.055, 0.2), (0.045, 0.32), (0.045, 0.46))]
    return plane + 70 * _curve(path, 0.006)


def _edema(plane: Plane, side: BodySide) -> Plane:
    return plane + 38 * (_blob(0.34, 0.5, 0.09, 0.13) + _blob(0.66, 0.5, 0.09, 0.13))


_DRAWN = {
    "cardiomegaly": lambda plane, side: plane,  # the wider heart is drawn with the middle
    "catheter": _catheter,
    "edema": _edema,
    "moderate_effusion": lambda plane, side: _effusion(0.5, plane, side),
    "opacity": _opacity,
    "pneumothorax": _pneumothorax,
    "rib_fracture": lambda plane, side: plane,  # drawn with the ribs
    "small_effusion": lambda plane, side: _effusion(0.63, plane, side),
}
