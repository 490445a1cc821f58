"""A case as JSON: whole, to be opened again, or as the object that `dictation report --format json` prints."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from dictation.case import Case
from dictation.case.doubtful import DoubtfulWord
from dictation.errors import InputError
from dictation.findings import Claim
from dictation.frozen import SCHEMA_VERSION


def case_to_json(case: Case) -> str:
    """Return the whole case as one JSON object with its `schema_version`."""
    return case.model_dump_json()


def case_from_json(text: str, name: str = "case") -> Case:
    """Return the case that `case_to_json` wrote. `name` is what an error calls the input.

    Raises InputError where the text is no JSON, is of a newer schema, or is no case.
    """
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{name}: not JSON (line {error.lineno}); give a file that this program saved.") from error
    version = content.get("schema_version") if isinstance(content, dict) else None
    if not isinstance(version, int):
        raise InputError(f"{name}: has no schema_version; give a file that this program saved.")
    if version > SCHEMA_VERSION:
        raise InputError(f"{name}: saved by a newer version (schema {version}); update this program to open it.")
    try:
        return Case.model_validate_json(text)
    except ValidationError as error:
        places = ", ".join(sorted({".".join(map(str, e["loc"][:2])) for e in error.errors(include_input=False)}))
        raise InputError(f"{name}: is no valid case (look at: {places}).") from None


def report_json(
    path: str, case: Case, claims: Sequence[Claim], doubtful: Sequence[DoubtfulWord] = ()
) -> dict[str, Any]:
    """Return the object of one case in the contract of the command line.

    `dictation.text` and `report.text` are the texts that spans index. `path` is the input as the user gave it.
    `doubtful` is what `doubtful_words` asks of the case.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "path": path,
        "dictation": {"text": case.dictation.text, **case.dictation.model_dump(mode="json")},
        "report": {"text": case.report.text, **case.report.model_dump(mode="json")},
        "claims": [claim.model_dump(mode="json") for claim in claims],
        "readings": [reading.model_dump(mode="json") for reading in case.readings],
        "discrepancies": [difference.model_dump(mode="json") for difference in case.discrepancies],
        "doubtful_words": [word.model_dump(mode="json") for word in doubtful],
        "engines": {role: engine.model_dump(mode="json") for role, engine in case.engines.items()},
        "warnings": list(case.warnings),
    }
