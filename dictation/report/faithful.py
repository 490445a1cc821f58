"""Which statements of a model may stand, in the style that was asked for.

A polished finding or impression whose words are not those that were said goes on to be compared and asked about
(`sending_back`), where it can be another wording at all. What stands elsewhere is compared by nobody: there every word
is kept.
"""

from collections.abc import Iterable, Sequence
from typing import get_args

from dictation.report.citing import BODY, groups
from dictation.report.keeping import SaidWords
from dictation.report.own_words import renders
from dictation.report.report import Statement
from dictation.report.writer import Style
from dictation.wording import Dictation


def faithful(written: Sequence[Statement], dictation: Dictation, style: Style) -> tuple[list[Statement], set[str]]:
    """Return the statements whose words are as the style allows, and the ids of sentences of which others were written.

    Where a model was made to write something else of a sentence, its words are gone from what cites it. Where wording
    is kept, a statement that only repeats the words of others goes as well.
    """
    said = {rule: SaidWords(dictation, rule) for rule in get_args(Style)}
    stand = [statement for statement in written if not statement.evidence]
    changed: set[str] = set()
    for group in groups(written, dictation):
        rule = rule_of(group.statements, style)
        kept = said[rule].kept(group.statements, group.ids)
        if kept is None and rule == "polish":
            texts = [statement.text for statement in group.statements]
            kept = list(group.statements) if all(renders(texts, one.text) for one in group.sentences) else None
        if kept is None:
            changed.update(group.ids)
        else:
            stand += kept
    return stand, changed


def rule_of(statements: Iterable[Statement], style: Style) -> Style:
    """Return the style that statements of the same sentences must keep to."""
    return style if all(statement.section in BODY for statement in statements) else "keep"
