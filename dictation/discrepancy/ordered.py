"""The texts against the order: the side that was ordered, and anatomy that only one sex has."""

from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Discrepancy, Kind, Side, discrepancy_id
from dictation.exam import ExamFacts, Order, Sex
from dictation.findings.lexicon import word_phrases
from dictation.findings.phrases import Match
from dictation.findings.tokens import Token, tokenise

_OTHER = {"left": "right", "right": "left"}
_SEX_NAME = {"F": "female", "M": "male"}


def order_differences(
    order: Order | None, facts: ExamFacts | None, heard: Column, written: Column
) -> list[Discrepancy]:
    """The order is compared with the dictation and the report alike; one card for each cause."""
    found = []
    if order is not None and order.laterality in _OTHER:
        card = _side_card(order.laterality, heard, written)
        found += [card] if card else []
    sex = (order.sex if order else None) or (facts.patient.sex if facts else None)
    if sex in _SEX_NAME:
        card = _sex_card(sex, heard, written)
        found += [card] if card else []
    return found


def _side_card(ordered: str, heard: Column, written: Column) -> Discrepancy | None:
    """A text that names only the side that was not ordered."""
    sides = [_only_other_side(column, ordered) for column in (heard, written)]
    if not any(sides):
        return None
    text = f"The order is for the {ordered} side; the text names only the {_OTHER[ordered]}."
    return _card("laterality", "order-side", sides, text)


def _only_other_side(column: Column, ordered: str) -> Side | None:
    tokens = tokenise(column.text)
    matches = [match for match in word_phrases("laterality", "side").find(tokens) if match.meaning != "none"]
    if any(match.meaning in (ordered, "bilateral") for match in matches):
        return None
    return _side(column, tokens, next((match for match in matches if match.meaning == _OTHER[ordered]), None))


def _sex_card(sex: Sex, heard: Column, written: Column) -> Discrepancy | None:
    """Words that can only be true of the other sex."""
    sides = [_other_sex(column, sex) for column in (heard, written)]
    if not any(sides):
        return None
    return _card("sex", "order-sex", sides, f"The patient is {_SEX_NAME[sex]}; the text speaks of the other sex.")


def _other_sex(column: Column, sex: Sex) -> Side | None:
    tokens = tokenise(column.text)
    for match in word_phrases("sex", "sex").find(tokens):
        if match.meaning != sex:
            return _side(column, tokens, match)
    return None


def _side(column: Column, tokens: list[Token], match: Match[str] | None) -> Side | None:
    if match is None:
        return None
    start, end = tokens[match.start].start, tokens[match.end - 1].end
    return Side(text=column.text[start:end], span=(start, end))


def _card(kind: Kind, cause: str, sides: list[Side | None], explanation: str) -> Discrepancy:
    heard, written = sides
    words = [side.text.lower() if side else "-" for side in sides]
    return Discrepancy(
        id=discrepancy_id(kind, cause, *words),
        kind=kind,
        severity="critical",
        heard=heard,
        written=written,
        explanation=explanation,
    )
