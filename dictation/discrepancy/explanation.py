"""The one sentence that tells a radiologist what differs, and the wording that would settle it."""

from collections.abc import Sequence

from dictation.discrepancy.columns import Column
from dictation.discrepancy.directions import clashing, directions_of, word_on
from dictation.discrepancy.relation import is_negative
from dictation.findings import Claim

_PART = {
    "laterality": "laterality", "level": "level", "measurement": "measurement", "unit": "measurement", "site": "site",
    "severity": "severity", "change": "change", "device_position": "device_position",
}  # fmt: skip
_CERTAINTY = {"definite": "definite", "probable": "likely", "possible": "possible", "cannot_exclude": "not excluded"}


def name_of(claim: Claim) -> str:
    """The finding as a reader would call it: "pleural effusion"."""
    name = claim.finding.removeprefix("other:").replace("_", " ")
    return "the measurement" if name == "measurement" else name


def explain(kind: str, heard: Claim | None, written: Claim | None, also: Sequence[Claim] = ()) -> str:
    """One plain sentence."""
    if heard and written:
        return _both(kind, heard, written, also)
    if heard:
        return f"You said {statement_of(heard)}{_others(also)}; the report does not mention it."
    if written:
        return f"The report says {statement_of(written)}{_others(also)}; you did not say it."
    raise ValueError("a discrepancy needs at least one side")


def _both(kind: str, heard: Claim, written: Claim, also: Sequence[Claim]) -> str:
    name = name_of(heard if not is_negative(heard) or is_negative(written) else written)
    if kind == "negation":
        return f"You said {statement_of(heard)}{_others(also)}; the report says {statement_of(written)}."
    same_grade = heard.severity == written.severity or not (heard.severity and written.severity)
    if kind == "severity" and heard.finding != written.finding and same_grade:
        return f"You said {statement_of(heard)}; the report says {statement_of(written)}."
    said, wrote = _values(kind, heard, written)
    names = ", ".join(dict.fromkeys([name, *(name_of(claim) for claim in also)]))
    subject = "" if kind in ("measurement", "unit") and name == "the measurement" else f" ({names})"
    return f"You said {said}; the report says {wrote}{subject}."


def _values(kind: str, heard: Claim, written: Claim) -> tuple[str, str]:
    """What the two say; of a place, only the direction where that alone differs."""
    spans = _turned(heard, written) if kind == "site" else None
    if spans:
        said, wrote = (claim.text[low:high].lower() for claim, (low, high) in zip((heard, written), spans, strict=True))
        return said, wrote
    return _value(kind, heard), _value(kind, written)


def _turned(heard: Claim, written: Claim) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Characters, in each claim's own words, of the directions that exclude each other; None where none do."""
    axes = clashing(directions_of(heard.text), directions_of(written.text))
    first, second = word_on(heard.text, axes), word_on(written.text, axes)
    return (first, second) if first and second else None


def _value(kind: str, claim: Claim) -> str:
    if kind in ("severity", "change", "site") and kind in claim.parts:
        low, high = claim.parts[kind]
        word = claim.text[max(0, low - claim.span[0]) : high - claim.span[0]]
        if word:
            return word.lower()
    values: dict[str, str | None] = {
        "laterality": _side(claim),
        "level": ", ".join(claim.level),
        "measurement": ", ".join(m.raw for m in claim.measurements) or (str(claim.count) if claim.count else None),
        "unit": ", ".join(m.raw for m in claim.measurements),
        "site": ", ".join(site.replace("_", " ") for site in claim.site),
        "severity": claim.severity or ", ".join(word.replace("_", " ") for word in claim.qualifier),
        "certainty": _CERTAINTY[claim.certainty],
        "change": claim.change or ", ".join(claim.qualifier),
        "device_position": (claim.device_position or "").replace("_", " ").replace("+", ", "),
    }
    return values.get(kind) or "nothing on it"


def _side(claim: Claim) -> str | None:
    dominant = [word.removesuffix("_dominant") for word in claim.qualifier if word.endswith("_dominant")]
    if dominant:
        return f"{claim.laterality}, more on the {dominant[0]}" if claim.laterality else f"more on the {dominant[0]}"
    if claim.laterality is None and claim.device_position:
        return claim.device_position.replace("_", " ").replace("+", ", ")
    return claim.laterality


def statement_of(claim: Claim) -> str:
    """What the claim says, in few words: "no pneumothorax", "left pleural effusion"."""
    name = name_of(claim)
    if claim.status == "absent":
        return f"no {name}"
    if claim.status == "normal":
        return f"normal {name}"
    if claim.status == "removed":
        return f"{name} removed"
    side = f"{claim.laterality} " if claim.laterality and claim.finding_class != "normal_anatomy" else ""
    return f"{side}{name}"


def _others(also: Sequence[Claim]) -> str:
    names = list(dict.fromkeys(statement_of(claim) for claim in also))
    return f" (and {', '.join(names)})" if names else ""


def suggest(kind: str, heard: Claim | None, written: Claim | None, column: Column) -> str | None:
    """The report's sentence with the heard word in place of the written one, or the heard words to add or take out."""
    if heard and written is None:
        return f"Add: {heard.text}" if kind == "omission" else None
    if heard is None or written is None:
        return None
    found = _changed(kind, heard, written)
    if found is None:
        return None
    word, (start, end) = found
    sentence = column.sentence_of(written)
    if not word or not sentence.start <= start < end <= sentence.end:
        return None
    return column.text[sentence.start : start] + word + column.text[end : sentence.end]


def _changed(kind: str, heard: Claim, written: Claim) -> tuple[str, tuple[int, int]] | None:
    """The heard words, and the characters of the written ones that they should replace."""
    turned = _turned(heard, written) if kind == "site" else None
    if turned:
        (low, high), (start, end) = turned
        return heard.text[low:high], (written.span[0] + start, written.span[0] + end)
    part = _PART.get(kind)
    if part is None or part not in heard.parts or part not in written.parts:
        return None
    low, high = heard.parts[part]
    return heard.text[low - heard.span[0] : high - heard.span[0]], written.parts[part]
