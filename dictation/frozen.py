"""The base of every type that crosses rooms: a pydantic model that never changes once made."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Self, TypeVar

from pydantic import BaseModel, ConfigDict, FailFast

_One = TypeVar("_One")
Many = Annotated[tuple[_One, ...], FailFast()]
"""Values from a file that somebody gives: the first wrong one is told, and a million wrong ones are not gathered."""

SCHEMA_VERSION: Final = 1  # carried by every saved JSON object; raised when a field changes its meaning


class Frozen(BaseModel):
    """A frozen value. An unknown field is an error: a misspelt key must not pass for "not stated"."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Keeping(Frozen):
    """A frozen value that keeps what it works out of its fields (`cached_property`)."""

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy as pydantic does, without what was kept: a copy may have other fields."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied
