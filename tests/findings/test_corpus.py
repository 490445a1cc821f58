"""What a text is read to say, and where two texts differ: the rows of `corpus/*.tsv`.

A claim is written as status ("no", "removed", "normal"; present is silent), certainty, temporality, finding, side,
@site, #level, severity, change, sizes in mm ("was 4": measured earlier; what is no length says what it is), xCOUNT,
"in" position. "~": implied, not stated. Claims are parted by " | ".
"""

from benchmarks.extraction.truth import families_of
from dictation.discrepancy import compare
from dictation.exam import ExamFacts, Order
from dictation.findings import Claim, extract
from dictation.findings.claim import Measurement
from dictation.findings.exam_match import facts_of_exam, other_modality, other_region
from dictation.findings.run_on import statements_in
from dictation.findings.sentences import sentences_of
from tests.corpus import Row, corpus

STATUS = {"present": "", "absent": "no ", "removed": "removed ", "normal": "normal "}


@corpus(__file__)
def test_a_row_of_the_corpus(row: Row) -> None:
    row.holds(globals())


def claims(text: str) -> str:
    return " | ".join(_written(claim) for claim in extract(text))


def claims_of(text: str, finding: str) -> str:
    """Only those of one finding."""
    return " | ".join(_written(claim) for claim in extract(text) if claim.finding == finding)


def statuses(text: str) -> str:
    """Which findings are there and which are not."""
    found = (claim for claim in extract(text) if claim.finding_class == "finding")
    return " | ".join(STATUS[claim.status] + claim.finding for claim in found)


def sides(text: str) -> str:
    """Each finding in reading order with its side, - where none is said; without normal anatomy."""
    found = (claim for claim in extract(text) if claim.finding_class != "normal_anatomy")
    return " ".join(f"{claim.finding}:{claim.laterality or '-'}" for claim in found)


def levels(text: str) -> str:
    return " | ".join(", ".join(claim.level) for claim in extract(text))


def sizes(text: str) -> str:
    return " | ".join(_size(size) for claim in extract(text) for size in claim.measurements)


def statements(text: str) -> str:
    """Where a text without marks is cut into statements."""
    return " | ".join(text[start:end].strip() for start, end in statements_in(text))


def sentences(text: str) -> str:
    return " | ".join(text[one.start : one.end] for one in sentences_of(text))


def alerts(heard: str, written: str) -> str:
    """What the comparison of two texts shows, and how grave it is."""
    return " | ".join(f"{one.kind} {one.severity}" for one in compare(heard, written))


def alerts_beside_own(short: str, long: str) -> str:
    """What two wordings of one thing show either way that each of them does not show of itself."""
    assert extract(short), "a name that is not read hides every difference"
    shown = []
    for heard, written in ((short, long), (long, short)):
        own = [one.kind for one in compare(written, written)]  # of a critical result, whatever was heard
        assert own in ([], ["critical_result"])
        found = [one.kind for one in compare(heard, written)]
        shown += found if found != own else []
    return " ".join(shown)


def exam(ordered: str, header: str) -> str:
    """Whether the facts of an image's header are used for an order: written as "procedure=CT HEAD; modality=CT"."""
    order, facts = Order.model_validate(_fields(ordered)), ExamFacts.model_validate(_fields(header))
    used = facts_of_exam(order, facts)
    if used is not None:
        assert used == facts
        return "the same exam"
    assert other_modality(order, facts) or other_region(order, facts)
    return "another exam"


def families(code: str) -> str:
    """Which findings a code of the extraction benchmark states."""
    return " ".join(families_of(code))


def _fields(text: str) -> dict[str, str]:
    return dict(field.split("=") for field in text.split("; ") if field)


def _size(size: Measurement) -> str:
    earlier = "was " if size.temporality == "historical" else ""
    return f"{earlier}{' x '.join(f'{value:g}' for value in size.values_mm)} {size.kind}".removesuffix(" size")


def _written(claim: Claim) -> str:
    def implied(attribute: str) -> str:
        return "~" if attribute in claim.implied else ""

    words = [STATUS[claim.status].strip(), claim.certainty, claim.temporality, claim.finding]
    words += [claim.laterality + implied("laterality")] if claim.laterality else []
    words += [qualifier for qualifier in claim.qualifier if qualifier.endswith("_dominant")]
    words += [f"@{site}{implied('site')}" for site in claim.site]
    words += [f"#{level.replace(' ', '')}" for level in claim.level]
    words += [claim.severity or "", claim.change or "", *map(_size, claim.measurements)]
    words += [f"x{claim.count}"] * bool(claim.count) + [f"in {claim.device_position}"] * bool(claim.device_position)
    return " ".join(word for word in words if word not in ("", "definite", "current"))
