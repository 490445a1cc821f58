"""What this user likes, kept in HOME/preferences.json: nothing of a patient is in it, and no report depends on it."""

import json
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator

from dictation.discrepancy.discrepancy import KINDS
from dictation.errors import UsageError
from dictation.frozen import Frozen
from dictation.private import replace_file

_NAME = "preferences.json"


class Preferences(Frozen):
    """`hidden` are kinds of differences that are only counted. `key` dictates: held, or tapped on and off.

    `microphone` says which. A tapped one ends after `silence_s` seconds without speech, 0: never, and warns `warn_s`
    seconds before, 0: not at all. `tones`: "warnings" are none where recording begins and ends. `layout`: "columns"
    side by side, "narrow" one under the other, "auto" by the width of the window. `image_hidden` is of the first,
    `image_above` of the second.
    """

    hidden: tuple[str, ...] = ()
    key: str = Field(default="F9", min_length=1, max_length=40)
    silence_s: float = Field(default=60.0, ge=0, le=600, allow_inf_nan=False)
    warn_s: float = Field(default=10.0, ge=0, le=60, allow_inf_nan=False)
    tones: Literal["all", "warnings", "none"] = "all"
    microphone: Literal["hold", "tap"] = "tap"
    microphone_open: bool = True
    image_hidden: bool = False
    image_above: bool = False
    layout: Literal["auto", "columns", "narrow"] = "auto"

    @field_validator("hidden")
    @classmethod
    def _known(cls, hidden: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := set(hidden) - set(KINDS):
            raise ValueError(f"{len(unknown)} unknown kinds of differences")
        return tuple(kind for kind in KINDS if kind in hidden)


def read_preferences(home: Path) -> tuple[Preferences, str]:
    """Return the preferences that are kept, and "" or one sentence where the file cannot be used: then the defaults."""
    path = home / _NAME
    try:
        return Preferences.model_validate_json(path.read_bytes()), ""
    except FileNotFoundError:
        return Preferences(), ""
    except (OSError, ValidationError) as error:
        where = _named(error) if isinstance(error, ValidationError) else "it cannot be read"
        fix = "the defaults hold until something is chosen again"
        return Preferences(), f"{path}: your preferences are damaged ({where}); {fix}."


def preferred(preferences: Preferences, name: str, value: object) -> Preferences:
    """Return the preferences with another value of one. Raises UsageError for a name or a value that does not exist."""
    if name not in Preferences.model_fields:
        raise UsageError("The page wants to keep a preference that this program does not have; reload the page.")
    try:
        return Preferences.model_validate_json(json.dumps({**preferences.model_dump(mode="json"), name: value}))
    except (ValidationError, TypeError, ValueError):
        raise UsageError(f"The preference {name} cannot be what was chosen; choose it again.") from None


def keep_preferences(home: Path, preferences: Preferences) -> None:
    """Write the preferences, all or nothing. Raises UsageError where the disk refuses them."""
    path = home / _NAME
    try:
        replace_file(path, preferences.model_dump_json(indent=1))
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"{path}: your choice cannot be kept there ({why}); free space, then choose again.") from error


def _named(error: ValidationError) -> str:
    places = [".".join(map(str, problem["loc"])) for problem in error.errors()]
    return ", ".join(sorted(set(filter(None, places)))) or "no JSON"
