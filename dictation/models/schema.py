"""The part of JSON Schema in which answers are asked for, checked, and bounded.

Objects list all their properties and allow no others, arrays and strings are bounded, choices are enums: such a schema
compiles quickly everywhere and has a longest answer, so a budget of tokens can cover it.
"""

from typing import Any

Schema = dict[str, Any]

_BYTES_PER_CHARACTER = 4  # of UTF-8 at most; a quote or backslash takes two
_KEYWORDS = {
    "object": {"type", "properties", "required", "additionalProperties"},
    "array": {"type", "items", "minItems", "maxItems"},
    "string": {"type", "enum", "minLength", "maxLength"},
    "integer": {"type", "minimum", "maximum"},
}


def choice(*options: str) -> Schema:
    """Return the schema of one of several strings."""
    return {"type": "string", "enum": list(options)}


def text(most_characters: int) -> Schema:
    """Return the schema of a text of 1 to `most_characters` characters."""
    return {"type": "string", "minLength": 1, "maxLength": most_characters}


def whole(low: int, high: int) -> Schema:
    """Return the schema of a whole number from `low` to `high`."""
    return {"type": "integer", "minimum": low, "maximum": high}


def many(items: Schema, most: int, least: int = 0) -> Schema:
    """Return the schema of a list of `least` to `most` items."""
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def record(**properties: Schema) -> Schema:
    """Return the schema of an object with exactly these keys, to be written in this order."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def violation(value: object, schema: Schema, place: str = "the answer") -> str:
    """Say where and how a value breaks a schema, "" where it satisfies it. Never holds a part of the value.

    Raises ValueError for a schema with keywords outside the part that this room uses.
    """
    kind = schema.get("type")
    if kind not in _KEYWORDS or set(schema) - _KEYWORDS[kind]:
        raise ValueError(f"the schema of {place} uses keywords that are not checked here")
    if kind == "object":
        return _object_violation(value, schema, place)
    if kind == "array":
        return _array_violation(value, schema, place)
    if kind == "integer":
        return _integer_violation(value, schema, place)
    return _string_violation(value, schema, place)


def _object_violation(value: object, schema: Schema, place: str) -> str:
    if not isinstance(value, dict):
        return f"{place} is no object"
    for key in schema["required"]:
        if key not in value:
            return f"{place} lacks '{key}'"
    if set(value) - set(schema["properties"]):
        return f"{place} has a key that was not asked for"
    found = (violation(value[key], inner, f"'{key}' of {place}") for key, inner in schema["properties"].items())
    return next(filter(None, found), "")


def _array_violation(value: object, schema: Schema, place: str) -> str:
    if not isinstance(value, list):
        return f"{place} is no list"
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        return f"{place} has {len(value)} items"
    found = (violation(item, schema["items"], f"item {number} of {place}") for number, item in enumerate(value, 1))
    return next(filter(None, found), "")


def _integer_violation(value: object, schema: Schema, place: str) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return f"{place} is no whole number"
    if not schema["minimum"] <= value <= schema["maximum"]:
        return f"{place} is not between {schema['minimum']} and {schema['maximum']}"
    return ""


def _string_violation(value: object, schema: Schema, place: str) -> str:
    if not isinstance(value, str):
        return f"{place} is no text"
    if "enum" in schema and value not in schema["enum"]:
        return f"{place} is none of the {len(schema['enum'])} choices"
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return f"{place} has {len(value)} characters"
    if any("\ud800" <= character <= "\udfff" for character in value):
        return f"{place} holds half a character"
    return ""


def without_lengths(schema: Schema) -> Schema:
    """Return a schema without limits on the length of texts: some servers take seconds to compile those."""
    kept = {key: value for key, value in schema.items() if key not in ("minLength", "maxLength")}
    if "properties" in kept:
        kept["properties"] = {key: without_lengths(inner) for key, inner in kept["properties"].items()}
    if "items" in kept:
        kept["items"] = without_lengths(kept["items"])
    return kept


def longest_answer(schema: Schema) -> int:
    """Return how many bytes the longest answer has, as compact JSON: no answer takes more tokens than that."""
    if schema["type"] == "object":
        return 2 + sum(len(key.encode()) + 4 + longest_answer(inner) for key, inner in schema["properties"].items())
    if schema["type"] == "array":
        return 2 + int(schema["maxItems"]) * (1 + longest_answer(schema["items"]))
    if schema["type"] == "integer":
        return max(len(str(schema["minimum"])), len(str(schema["maximum"])))
    if "enum" in schema:
        return 2 + max(2 * len(option.encode()) for option in schema["enum"])
    return 2 + _BYTES_PER_CHARACTER * int(schema["maxLength"])
