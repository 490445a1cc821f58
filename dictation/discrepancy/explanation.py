"""The one sentence that tells a radiologist what differs."""

import re
from collections.abc import Sequence

from dictation.discrepancy.directions import turned
from dictation.discrepancy.quoting import in_concepts, quotation, quoted, statement_of, subject_of
from dictation.discrepancy.relation import is_negative
from dictation.discrepancy.sorts import sorts_apart
from dictation.findings import Claim, Measurement

_CERTAINTY = {"definite": "certain", "probable": "likely", "possible": "possible", "cannot_exclude": "not excluded"}
_SILENT = {"laterality": "no side", "level": "no level", "site": "no place", "severity": "no grade"}
_FEW_WORDS = 7
_VERB = re.compile(r"^(?:is|are|was|were|be|been|has|have|had|now)\s+", re.IGNORECASE)


def explain(
    kind: str,
    heard: Claim | None,
    written: Claim | None,
    also: Sequence[Claim] = (),
    size: Measurement | None = None,
    words: tuple[str, str] = ("", ""),
    *,
    is_implied: bool = False,
) -> str:
    """One plain sentence.

    `also`: further claims of the same cause. `size`: the number that one side lacks. `words`: of each side those that
    say all of it. `is_implied`: the other side says it with other findings.
    """
    if heard and written:
        return _both(kind, heard, written, also, words)
    claim = heard or written
    if claim is None:
        raise ValueError("a discrepancy needs at least one side")
    if size:
        subject = subject_of(claim)
        what = size.raw if subject == "the measurement" else f"{size.raw} ({subject})"
    else:
        what = quotation("".join(words), [claim, *also]) or statement_of(claim) + _others(also)
    if heard:
        missing = "only implies it" if is_implied else "does not give it" if size else "does not mention it"
        return f"You said {what}; the report {missing}."
    return f"The report says {what}; you {'only implied' if is_implied else 'did not say'} it."


def _both(kind: str, heard: Claim, written: Claim, also: Sequence[Claim], words: tuple[str, str]) -> str:
    if kind == "negation":
        whole = quotation(words[0], [heard, *also]), quotation(words[1], [written])
        if also and all(whole):
            return f"You said {whole[0]}; the report says {whole[1]}."
        return f"You said {statement_of(heard)}{_others(also)}; the report says {statement_of(written)}."
    is_other_name = heard.finding != written.finding and not sorts_apart(heard, written)
    if kind == "severity" and is_other_name and not _grades_differ(heard, written):
        return f"You said {in_concepts(heard)}; the report says {in_concepts(written)}."
    said, wrote = _values(kind, heard, written)
    name = subject_of(heard if not is_negative(heard) or is_negative(written) else written)
    names = ", ".join(dict.fromkeys([name, *(subject_of(claim) for claim in also)]))
    subject = "" if name == "the measurement" else f" ({names})"
    if kind == "certainty" and "certain" in (said, wrote):
        said = "You were certain" if said == "certain" else f"You said {said}"
        wrote = "the report is certain" if wrote == "certain" else f"the report says {wrote}"
        return f"{said}; {wrote}{subject}."
    return f"You said {said}; the report says {wrote}{subject}."


def _grades_differ(heard: Claim, written: Claim) -> bool:
    return bool(heard.severity and written.severity and heard.severity != written.severity)


def _values(kind: str, heard: Claim, written: Claim) -> tuple[str, str]:
    """What the two say; of a place, only the direction where that alone differs."""
    sorts = sorts_apart(heard, written) if kind == "severity" and not _grades_differ(heard, written) else None
    if sorts:
        said, wrote = (", ".join(sorted(words)).replace("_", " ") for words in sorts)
        return said, wrote
    spans = turned(heard.text, written.text) if kind == "site" else None
    if spans:
        said, wrote = (claim.text[low:high].lower() for claim, (low, high) in zip((heard, written), spans, strict=True))
        return said, wrote
    return _value(kind, heard), _value(kind, written)


def _value(kind: str, claim: Claim) -> str:
    own = _VERB.sub("", _own_words(kind, claim))
    if kind == "device_position" and own and len(own.split()) <= _FEW_WORDS:
        return quoted(own)
    if kind in ("severity", "change", "site") and own and len(own.split()) <= _FEW_WORDS:
        return own.lower()
    values: dict[str, str | None] = {
        "laterality": _side(claim),
        "level": ", ".join(claim.level),
        "measurement": ", ".join(map(_in_time, claim.measurements)) or (str(claim.count) if claim.count else None),
        "unit": ", ".join(m.raw for m in claim.measurements),
        "site": ", ".join(site.replace("_", " ") for site in claim.site),
        "severity": claim.severity,
        "certainty": _CERTAINTY[claim.certainty],
        "change": claim.change or ", ".join(claim.qualifier),
        "device_position": (claim.device_position or "").replace("_", " ").replace("+", ", "),
    }
    return values.get(kind) or _SILENT.get(kind, "nothing on it")


def _in_time(size: Measurement) -> str:
    """ "8 mm", "6 mm before"."""
    return f"{size.raw} before" if size.temporality == "historical" else size.raw


def _own_words(part: str, claim: Claim) -> str:
    """The claim's own words for one attribute; none where another claim of its sentence says it for both."""
    low, high = claim.parts.get(part, (0, 0))
    start, end = claim.span
    return claim.text[low - start : high - start] if start <= low < high <= end else ""


def _side(claim: Claim) -> str | None:
    dominant = [word.removesuffix("_dominant") for word in claim.qualifier if word.endswith("_dominant")]
    if dominant:
        return f"{claim.laterality}, more on the {dominant[0]}" if claim.laterality else f"more on the {dominant[0]}"
    if claim.laterality is None and claim.device_position:
        return claim.device_position.replace("_", " ").replace("+", ", ")
    return claim.laterality


def _others(also: Sequence[Claim]) -> str:
    names = list(dict.fromkeys(statement_of(claim) for claim in also))
    return f" (and {', '.join(names)})" if names else ""
