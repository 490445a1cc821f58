"""An answer that did not go into the field that was asked for stands in the text; the page asks where it belongs."""

from typing import TYPE_CHECKING, Any, NamedTuple

from dictation.findings import extract
from dictation.report.fields import Field, takes
from dictation.report.fields_voice import MAX_WORDS, fill_by_voice
from dictation.speech.live import Final

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase

MOST_WORDS = 4  # of an utterance that is told to be no answer; a longer one is dictation


class Unplaced(NamedTuple):
    """What was said, the version of the text whose last words it is, and the fields that it fits, with its value."""

    said: str
    version: int
    fits: tuple[tuple[Field, str], ...]

    @property
    def message(self) -> dict[str, Any]:
        """What the page asks."""
        fields = [{"id": one.id, "name": _name(one), "holds": one.value} for one, _ in self.fits]
        return {"said": self.said, "fields": fields}


def ask_where(case: "OpenCase", asked: Field | None, event: Final) -> None:
    """Ask where words belong that were said while a field was asked for, and that went into the text.

    A finding is dictation, whatever field waits; words that fit a field of the report are an answer, and a few words
    that fit none are said to be none.
    """
    case.unplaced = None
    said = " ".join(word.text for word in event.words)
    if asked is None or len(event.words) > MAX_WORDS or _is_finding(said):
        return
    rules = case.desk.rules(case.user)
    free = [one for one in case.fields() if one.id == asked.id or (not one.value and one.kind != "text")]
    values = [(one, fill_by_voice(said, one, rules)) for one in free]
    fits = tuple((one, value) for one, value in values if value is not None)
    if fits:
        case.unplaced = Unplaced(said, case.text.version, fits)
        case.audience.touch("case")
    elif asked.kind != "text" and len(event.words) <= MOST_WORDS:
        why = f"the field “{_name(asked)}” takes {takes(asked)}"
        case.audience.notice(f"“{said}” stands in the text: {why}. “Scratch that” takes it back.")


def _is_finding(said: str) -> bool:
    """Whether words say of what they are: a measurement alone does not."""
    return any(claim.finding_class != "other" or claim.site for claim in extract(said))


def _name(field: Field) -> str:
    """ "Kidneys: size" of "findings/Kidneys/size"."""
    place = field.id.split("/")[:-1]
    return f"{place[-1]}: {field.label}" if len(place) > 1 else field.label
