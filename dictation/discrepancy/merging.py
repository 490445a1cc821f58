"""A written sentence with the dictated words where the two differ, its own marks and capitals everywhere else.

The report tells where the sentence begins and ends, so this works for a dictation without marks, too.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

from dictation.discrepancy.sentence_edits import written_form

_AROUND = 15  # words of the dictation to each side of the finding in which its sentence is looked for
_MOST_CHANGED = 6  # words
_LONGEST = 60  # words of a sentence: matching takes time that grows with the cube
_LEADING = frozenset({"no", "without", "not", "possible", "probable", "likely", "possibly", "probably"})
_MARKS = ".,;:"


def merged(dictation: str, span: tuple[int, int], sentence: str) -> str | None:
    """The sentence with the words of the dictation around `span`, its finding; None where the two are too unlike."""
    before = dictation[: span[0]].split()[-_AROUND:]
    after = dictation[span[1] :].split()[:_AROUND]
    own = dictation[span[0] : span[1]].split()
    if len(own) > _LONGEST or len(sentence.split()) > _LONGEST:
        return None
    lead = len(written_form(" ".join(before)).split()) if before else 0
    said = written_form(" ".join([*before, *own, *after])).split()
    wrote = sentence.split()
    matcher = SequenceMatcher(None, _plain(said), _plain(wrote), autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    if not blocks or sum(block.size for block in blocks) * 2 < len(wrote):
        return None
    first, last = blocks[0], blocks[-1]
    if last.b + last.size < len(wrote):
        return None  # nobody knows where the dictated sentence ends
    new = _beginning(said[lead : first.a], wrote[: first.b])
    changed = max(first.b, len(new))
    if new and not first.b and wrote[0][1:].islower():
        wrote[0] = wrote[0].lower()  # no longer the first word
    for one, two in zip(blocks, [*blocks[1:], None], strict=True):
        new += wrote[one.b : one.b + one.size]
        if two is not None:
            words, gone = said[one.a + one.size : two.a], wrote[one.b + one.size : two.b]
            changed += max(len(words), len(gone))
            new += _with_mark(words, gone)
    return " ".join(new) if changed <= _MOST_CHANGED else None


def _plain(words: Sequence[str]) -> list[str]:
    return [word.strip(_MARKS).lower() for word in words]


def _beginning(words: Sequence[str], gone: Sequence[str]) -> list[str]:
    """Dictated words before the first that both have: a denial or doubt, else as many as stand there in the report."""
    leading = list(words)
    while leading and any(word.lower() not in _LEADING for word in leading):
        leading = leading[1:]
    if leading or all(word.lower() in _LEADING for word in gone):
        return leading
    return list(words[-len(gone) :])


def _with_mark(words: Sequence[str], gone: Sequence[str]) -> list[str]:
    """The dictated words, with the mark behind the written ones."""
    if not words or not gone or gone[-1][-1] not in _MARKS:
        return list(words)
    return [*words[:-1], words[-1].rstrip(_MARKS) + gone[-1][-1]]
