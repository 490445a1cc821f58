"""Readings made elsewhere: the JSON that another reader, human or program, hands over.

The object must name its `reader`. `opinions` is a list of opinions (see Opinion), or, as the one shorthand, an object
of finding → probability 0 to 1, none of which is taken as calibrated. Nothing else is guessed: an opinion without a
probability needs `assessed: false` and a `reason`, and an unknown key is an error.
"""

from pathlib import Path
from typing import Any

from dictation.errors import InputError
from dictation.exam import json_object, validated, without_version
from dictation.reading.reading import Reading

BY_ITS_MAKER = "Its probabilities are calibrated by its maker's word, not on images of this site."


def load_reading(path: Path) -> Reading:
    """Read an imported reading from a UTF-8 JSON file. Raises InputError that names the file and the wrong key."""
    return _reading(json_object(path, "a reading"), str(path))


def reading_from_json(value: object) -> Reading:
    """Make a reading of an already loaded JSON value, or raise InputError that names the wrong key."""
    if not isinstance(value, dict):
        raise InputError("reading: is no JSON object; give an object with the keys 'reader' and 'opinions'.")
    return _reading(without_version(value, "reading"), "reading")


def _reading(value: dict[str, Any], name: str) -> Reading:
    if not str(value.get("reader") or "").strip():
        raise InputError(f"{name}: does not say who read the image; add the key 'reader' with a name.")
    opinions = value.get("opinions")
    if isinstance(opinions, dict):
        listed = [{"finding": finding, "probability": probability} for finding, probability in opinions.items()]
        value = {**value, "opinions": listed}
    reading = validated(Reading, value, name)
    if not reading.opinions and not (reading.description or "").strip():
        fix = "list each finding, with 'assessed': false and a 'reason' where it was not assessed"
        raise InputError(f"{name}: holds no opinion; {fix}.")
    if any(opinion.calibrated for opinion in reading.opinions):
        reading = reading.model_copy(update={"notes": (*reading.notes, BY_ITS_MAKER)})
    return reading
