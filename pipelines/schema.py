"""`dictation schema`: the JSON that commands print and read, as JSON Schemas made of the very types behind it.

What is printed may gain keys in a later version without a new `schema_version`, so that the schemas of what commands
print allow keys that they do not name. What commands read is checked, and an unknown key there is an error.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, computed_field

from dictation.case.doubtful import DoubtfulWord
from dictation.discrepancy import Discrepancy
from dictation.errors import MissingError
from dictation.exam import Order
from dictation.extras import install_command
from dictation.findings import Claim
from dictation.frozen import SCHEMA_VERSION, Frozen
from dictation.reading import Opinion, Reading
from dictation.report import Report
from dictation.speech import Engine
from dictation.speech.transcript import Word
from dictation.wording import Dictation, Retraction, Sentence

DRAFT = "https://json-schema.org/draft/2020-12/schema"
Warnings = Annotated[tuple[str, ...], Field(description="what a person must know or listen to, a sentence each")]
Given = Annotated[str, Field(description="the input, as it was named")]
Version = Annotated[int, Field(description="raised when a key changes its meaning")]


class Transcribed(Frozen):
    """One recording: what `dictation transcribe --format json` prints, and `jsonl` a line."""

    schema_version: Version = SCHEMA_VERSION
    path: Given
    duration_s: float = Field(ge=0, description="of the recording, in seconds")
    engine: Engine
    text: str = Field(description="the written form; spans of the sentences' words index it")
    spoken: str = Field(description="what the recognizer said, before formatting")
    words: tuple[Word, ...] = Field(description="misheard terms are put right, with the heard form as an alternative")
    sentences: tuple[Sentence, ...]
    retracted: tuple[Retraction, ...]
    warnings: Warnings


class Claimed(Frozen):
    """What one text says: what `dictation claims` prints, and `--jsonl` a line."""

    id: str = Field(description="the file, - for stdin, or the id of the line that asked")
    claims: tuple[Claim, ...]


class Summary(Frozen):
    """How many discrepancies there are of each severity."""

    critical: int
    major: int
    minor: int
    info: int


class Compared(Frozen):
    """What differs: what `dictation compare` prints, and `--jsonl` a line."""

    id: str = Field(description="the file of --heard, or the id of the line that asked")
    discrepancies: tuple[Discrepancy, ...] = Field(description="the gravest first")
    summary: Summary


class PrintedDictation(Dictation):
    """What was dictated, with its text, which spans of heard sides index."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def text(self) -> str:
        """The written form."""
        return super().text


class PrintedReport(Report):
    """The report, with its text, which spans of written sides index."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def text(self) -> str:
        """The report under its six headings."""
        return super().text


class Reported(Frozen):
    """One reviewed report: what `dictation report --format json` prints, and `jsonl` a line."""

    schema_version: Version = SCHEMA_VERSION
    path: Given
    dictation: PrintedDictation
    report: PrintedReport
    claims: tuple[Claim, ...] = Field(description="of the dictation (source heard), then of the report (written)")
    readings: tuple[Reading, ...]
    discrepancies: tuple[Discrepancy, ...] = Field(description="the gravest first")
    doubtful_words: tuple[DoubtfulWord, ...] = Field(description="to be checked before the report is signed")
    engines: dict[Literal["ear", "writer", "eye"], Engine] = Field(description="who heard, who wrote, who saw")
    warnings: Warnings


class OrderFile(Order):
    """The order of an exam: what `--order` reads. Every key may be left out, which means "not stated"."""

    schema_version: Literal[1] = SCHEMA_VERSION


class ReadingFile(Reading):
    """A reading of the image: what `--seen` reads. `opinions` may also be an object, finding → probability.

    An opinion without a probability needs `assessed: false` and a `reason`.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    opinions: tuple[Opinion, ...] | dict[str, Annotated[float, Field(ge=0, le=1)]]  # type: ignore[assignment]


PRINTED: dict[str, type[BaseModel]] = {
    "transcribe": Transcribed,
    "report": Reported,
    "claims": Claimed,
    "compare": Compared,
}
READ: dict[str, type[BaseModel]] = {"order": OrderFile, "reading": ReadingFile}
RESULTS = "results"  # its type needs the packages that measure
NAMES = (*PRINTED, *READ, RESULTS)


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema of one of NAMES. Raises MissingError where its type needs a package that is not here."""
    if name in READ:
        schema = READ[name].model_json_schema(mode="validation")
    else:
        schema = _open((PRINTED.get(name) or results_type()).model_json_schema(mode="serialization"))
    return {"$schema": DRAFT, **schema, "title": f"dictation {name}"}


def results_type() -> type[BaseModel]:
    """The type of an evaluation's results. Raises MissingError without the extra that scores."""
    try:
        from pipelines.evaluation.results import Evaluation
    except ModuleNotFoundError as error:
        raise MissingError(f"the schema of results needs {error.name}; run: {install_command('evaluation')}") from None
    return Evaluation


def _open(schema: Any) -> Any:
    """The same schema without its ban on other keys."""
    if isinstance(schema, dict):
        return {key: _open(value) for key, value in schema.items() if (key, value) != ("additionalProperties", False)}
    return [_open(value) for value in schema] if isinstance(schema, list) else schema
