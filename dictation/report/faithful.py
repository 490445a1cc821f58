"""Which statements of a model may stand, in the style that was asked for."""

from collections.abc import Sequence

from dictation.report.citing import groups
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
    said = SaidWords(dictation)
    stand = [statement for statement in written if not statement.evidence]
    changed: set[str] = set()
    for group in groups(written, dictation):
        if style == "keep":
            kept = said.kept(group.statements, group.ids)
        else:
            texts = [statement.text for statement in group.statements]
            fits = all(renders(texts, sentence.text) for sentence in group.sentences)
            kept = list(group.statements) if fits else None
        if kept is None:
            changed.update(group.ids)
        else:
            stand += kept
    return stand, changed
