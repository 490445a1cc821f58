"""Which statements of a model may stand, in the style that was asked for.

A polished finding or impression whose words are not those that were said goes on to be compared and asked about
(`sending_back`), where it can be another wording at all. What stands elsewhere is compared by nobody: there every word
is kept.
"""

from collections.abc import Iterable, Sequence
from typing import get_args

from dictation.report.citing import groups
from dictation.report.fields import fields_in
from dictation.report.keeping import SaidWords
from dictation.report.own_words import renders
from dictation.report.place import BODY, Place, passages, places
from dictation.report.report import Statement
from dictation.report.template import Template
from dictation.report.writer import Style
from dictation.wording import Dictation, Sentence


def faithful(
    written: Sequence[Statement], dictation: Dictation, style: Style, template: Template
) -> tuple[list[Statement], set[str]]:
    """Return the statements whose words are as the style allows, and the ids of sentences of which others were written.

    Where a model was made to write something else of a sentence, its words are gone from what cites it and from the
    passage. A statement that only repeats the words of others goes as well. What is left of a passage stands together.
    A [field] that is still to be filled keeps its place among its words, in either style.
    """
    said = {rule: SaidWords(dictation, rule) for rule in get_args(Style)}
    stand = [statement for statement in written if not statement.evidence]
    changed: set[str] = set()
    for group in groups(written, dictation, template):
        asked, wrote = _fields(group.sentences), _fields(group.statements)
        rule = "keep" if asked else rule_of(group.statements, style)
        kept = None if asked != wrote else said[rule].kept(group.statements, group.ids)
        if kept is None and rule == "polish":
            texts = [statement.text for statement in group.statements]
            kept = list(group.statements) if all(renders(texts, one.text) for one in group.sentences) else None
        if kept is None:
            changed.update(group.ids)
        else:
            stand += kept
    return _together(stand, dictation, template), changed


def _fields(parts: Iterable[Sentence] | Iterable[Statement]) -> list[str]:
    return sorted(part.text[field.start : field.stop] for part in parts for field in fields_in(part.text))


def _together(statements: Sequence[Statement], dictation: Dictation, template: Template) -> list[Statement]:
    """Put what goes on about a sentence where that stands; both by rule where it may not stand there."""
    order = {sentence.id: place for place, sentence in enumerate(dictation.sentences)}
    found = sorted(statements, key=lambda one: min((order[name] for name in one.evidence), default=len(order)))
    by_rule = places(dictation.sentences, template)
    for passage in passages(dictation.sentences, template):
        ids = [sentence.id for sentence in passage.sentences]
        at = [number for number, one in enumerate(found) if not set(ids).isdisjoint(one.evidence)]
        if len(ids) < 2 or not at:
            continue
        place = Place(found[at[0]].section, found[at[0]].organ)
        if place.section not in BODY or any(one.section not in (None, place.section) for one in passage.sentences):
            place = by_rule[ids[0]]
        for number in at:
            if min(found[number].evidence, key=order.__getitem__) in ids:
                found[number] = found[number].model_copy(update={"section": place.section, "organ": place.organ})
    return found


def rule_of(statements: Iterable[Statement], style: Style) -> Style:
    """Return the style that statements of the same sentences must keep to."""
    return style if all(statement.section in BODY for statement in statements) else "keep"
