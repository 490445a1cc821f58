"""What people read instead of our own words: the name of each kind of difference, the mark of each severity."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

# Word and shape together: a severity is never told by its colour alone.
SHAPES = {"critical": "▲", "major": "◆", "minor": "●", "info": "○"}
# The three columns, as a heading, a quotation on an alert and a page name them.
COLUMNS = {"heard": "dictated", "written": "report", "seen": "image AI"}
NO_READER = "no image AI"
ORIGINS = {
    "typed": "typed",
    "macro": "from macro",
    "template": "normal from template",
    "order": "from order or image header",
}


class KindLabel(NamedTuple):
    """`label` heads an alert; `parts` are the attributes of both claims (`Claim.parts`) that disagree.

    `example` is one in words, `severity` what such alerts mostly are; both are for the documentation.
    """

    label: str
    parts: tuple[str, ...]
    example: str
    severity: str


@cache
def kind_labels() -> dict[str, KindLabel]:
    """Kind of difference → its label, from `data/labels.tsv`."""
    text = files("dictation.exchange").joinpath("data", "labels.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return {
        kind: KindLabel(label, tuple(parts.split(" | ")), example, severity)
        for kind, label, parts, example, severity, _source in lines[1:]
    }


def capital(words: str) -> str:
    """Words as they begin a line: "image AI" → "Image AI"."""
    return words[:1].upper() + words[1:]


def finding_words(finding: str) -> str:
    """A finding id as words: "pleural_effusion" → "pleural effusion", "other:azygos lobe" → "azygos lobe"."""
    return finding.removeprefix("other:").replace("_", " ")


def clock(seconds: float) -> str:
    """Seconds as minutes:seconds, "1:07"; from an hour on "1:02:07"."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
