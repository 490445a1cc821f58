"""The base of every type that crosses rooms: a pydantic model that never changes once made."""

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION = 1  # carried by every saved JSON object; raised when a field changes its meaning


class Frozen(BaseModel):
    """A frozen value. An unknown field is an error: a misspelt key must not pass for "not stated"."""

    model_config = ConfigDict(frozen=True, extra="forbid")
