"""What a model says of an image in its own words, and where it sees what it found. Both are off unless asked for.

Its boxes were evaluated on anatomy only (Chest ImaGenome, IoU 38.0; MedGemma 1.5 model card), so a box shows where
the model looked and never makes a finding more probable; one on the other side makes the side doubtful.
"""

from collections.abc import Sequence
from threading import Event

from dictation.imaging.for_reader import Box, Squared
from dictation.models.protocol import Prefix, VisionLanguageModel
from dictation.models.schema import choice, many, record, text, whole
from dictation.reading.probes import Probe, words

MOST_CHARACTERS = 1200  # of a description; a longer one is cut off by its schema and is not used
FULL_SCALE = 1000  # a side of the square, as the model counts it


def described(model: VisionLanguageModel, prefix: Prefix, context: str, cancel: Event | None = None) -> str | None:
    """Return the model's own description of the prepared images, None where it does not come to an end."""
    answer = model.generate(
        prefix, words("describe", context=context), record(description=text(MOST_CHARACTERS)), cancel
    )
    said = " ".join(str(answer["description"]).split())
    return said if said and len(answer["description"]) < MOST_CHARACTERS else None


def located(
    model: VisionLanguageModel,
    prefix: Prefix,
    image: Squared,
    probes: Sequence[Probe],
    context: str,
    cancel: Event | None = None,
) -> dict[str, Box]:
    """Return a box for each finding that the model locates: [y0, x0, y1, x1] in pixels of the displayed image.

    `image` is the prepared one. What is no box, or lies in the padding only, is left out; of several boxes for one
    finding the first counts.
    """
    if not probes:
        return {}
    names = {probe.name: probe.finding for probe in probes}
    edge = whole(0, FULL_SCALE)
    box = record(name=choice(*names), y0=edge, x0=edge, y1=edge, x1=edge)
    prompt = words("boxes", context=context, names=", ".join(names))
    answer = model.generate(prefix, prompt, record(boxes=many(box, len(names))), cancel)
    found: dict[str, Box] = {}
    for one in answer["boxes"]:
        in_image = image.box_in_image([one["y0"], one["x0"], one["y1"], one["x1"]])
        if in_image is not None:
            found.setdefault(names[one["name"]], in_image)
    return found
