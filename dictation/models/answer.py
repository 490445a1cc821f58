"""What a model wrote → a validated object. An answer is taken as it is or not at all."""

import json
from typing import Any

from dictation.errors import ModelError
from dictation.models.schema import Schema, violation
from dictation.unseen import seen_in

THOUGHT, THOUGHT_ENDS = "<unused94>", "<unused95>"  # around the reasoning that MedGemma 1.5 may write unasked


def parsed(text: str, schema: Schema, source: str) -> dict[str, Any]:
    """Return the object that a model wrote. `source` names the model or server in messages.

    Raises ModelError where it is no JSON or breaks the schema; the message never holds a part of the answer.
    """
    try:
        value = json.loads(without_thought(text))
    except (ValueError, RecursionError) as error:
        raise ModelError(
            f"{source}: the answer is not valid JSON; use a model and a server that support JSON schemas."
        ) from error
    if broken := violation(value, schema):
        raise ModelError(f"{source}: {broken}; use a model and a server that keep to a JSON schema, or try again.")
    answer: dict[str, Any] = seen_in(value)
    return answer


def without_thought(text: str) -> str:
    """Drop the reasoning before an answer."""
    if not text.lstrip().startswith(THOUGHT):
        return text
    _, _, answer = text.partition(THOUGHT_ENDS)
    return answer
