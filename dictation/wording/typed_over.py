"""Critical words that a person typed over: heard "left", typed "right"; "5.2 cm" became "52 cm"; "no" was taken out.

Mostly that is a correction, at times a slip of the keyboard; whoever signs sees which words they are.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache
from itertools import takewhile
from typing import NamedTuple

from dictation.frozen import Frozen
from dictation.lexicon.critical import is_critical
from dictation.lexicon.vocabulary import ONES
from dictation.wording.orthography import spelling_of
from dictation.wording.units import units
from dictation.wording.writing import Rules, written_alone
from dictation.wording.written import Dictation, Link, Sentence

TOKEN = re.compile(r"[^\s.,:;?!()\"]+(?:[.,]\d+)*")
STOP = re.compile(r"[.?!]")


class TypedOver(Frozen):
    """Words as they would be written, and what a person typed for them; one of the two may be "".

    `words` index `Dictation.words`. It is shown at [start, end) of the text of sentence `sentence`: what was typed, or
    where nothing was, the word beside which they stood.
    """

    heard: str
    typed: str
    words: tuple[int, ...]
    sentence: str
    span: tuple[int, int]


class _Token(NamedTuple):
    text: str
    words: tuple[int, ...] = ()
    sentence: str = ""
    span: tuple[int, int] = (0, 0)


class _Anchor(NamedTuple):
    """Characters that are as they were written, and the place of their sentence among all."""

    number: int
    link: Link


def typed_over_critical(dictation: Dictation) -> tuple[tuple[str, str], ...]:
    """The pairs (heard, typed) of critical words that a person typed over, each once, in order of the text."""
    return tuple(dict.fromkeys((one.heard, one.typed) for one in typed_over(dictation)))


def typed_over(dictation: Dictation) -> tuple[TypedOver, ...]:
    """All critical words that a person typed over, in order of the text.

    A sentence that was taken out whole is not among them: that is no slip, and it stands among what was taken back.
    """
    over = {word for one in dictation.retracted if one.command == "typed over" for word in one.words}
    if not over:
        return ()
    anchors = [_Anchor(n, link) for n, one in enumerate(dictation.sentences) for link in one.alignment if link.words]
    found: list[TypedOver] = []
    for before, after in zip([None, *anchors], [*anchors, None], strict=True):
        run = run_over(
            before.link.words if before else (), after.link.words if after else (), over, len(dictation.words)
        )
        if run:
            found += _exchanged(dictation, before, after, run)
    return tuple(found)


def run_over(before: Sequence[int], after: Sequence[int], over: Collection[int], count: int) -> list[int]:
    """Of `count` words those typed over that came between two places, by their words; none where others came there too.

    Without words on one side (a text's or sentence's end) these are the ones next to the other.
    """
    run = range(max(before, default=-1) + 1, min(after, default=count))
    if before and after:
        return list(run) if all(word in over for word in run) else []
    return sorted(takewhile(over.__contains__, run if before else reversed(run)))


def _exchanged(
    dictation: Dictation, before: _Anchor | None, after: _Anchor | None, run: Sequence[int]
) -> Iterator[TypedOver]:
    heard, is_whole = _heard(dictation, run)
    typed = _typed(dictation.sentences, before, after)
    begins = before is None or (after is not None and before.number != after.number) or _is_stop(dictation, before)
    if not typed and is_whole and begins:
        return
    for said, wrote in _differing(heard, typed):
        one, two = ["".join(_plain(token.text) for token in tokens) for tokens in (said, wrote)]
        if one == two or not any(is_critical(_plain(token.text)) for token in (*said, *wrote)):
            continue
        words = tuple(dict.fromkeys(word for token in said for word in token.words))
        texts = [" ".join(token.text for token in tokens) for tokens in (said, wrote)]
        if wrote:
            own = [token for token in wrote if token.sentence == wrote[0].sentence]
            yield TypedOver(
                heard=texts[0], typed=texts[1], words=words,
                sentence=own[0].sentence, span=(own[0].span[0], own[-1].span[1]),
            )  # fmt: skip
        elif (beside := after if after and not _is_stop(dictation, after) else before) is not None:
            yield TypedOver(
                heard=texts[0], typed="", words=tuple(sorted({*words, *beside.link.words})),
                sentence=dictation.sentences[beside.number].id, span=beside.link.span,
            )  # fmt: skip


def _differing(heard: list[_Token], typed: list[_Token]) -> Iterator[tuple[list[_Token], list[_Token]]]:
    """Runs of tokens in place of each other, one by one where they are as many."""
    forms = [[_plain(token.text) for token in tokens] for tokens in (heard, typed)]
    for kind, *ends in SequenceMatcher(a=forms[0], b=forms[1], autojunk=False).get_opcodes():
        said, wrote = heard[ends[0] : ends[1]], typed[ends[2] : ends[3]]
        if kind == "replace" and len(said) == len(wrote):
            yield from (([one], [two]) for one, two in zip(said, wrote, strict=True))
        elif kind != "equal":
            yield said, wrote


def _heard(dictation: Dictation, run: Sequence[int]) -> tuple[list[_Token], bool]:
    """The tokens of words as they would be written, and whether they ended a sentence."""
    words = [dictation.words[number] for number in run]
    written = written_alone(words, Rules(spelling=spelling_of(dictation.text)))
    tokens = [
        _Token(_small(match.group()), tuple(run[word] for word in _words(one, match)))
        for one in written.sentences
        for match in TOKEN.finditer(one.text)
    ]
    return tokens, bool(written.sentences) and bool(STOP.search(written.sentences[-1].text[-1:]))


def _small(text: str) -> str:
    """A word without the capital of a sentence's beginning: "No" is "no", "L4-L5" stays."""
    return text.lower() if text[1:].islower() or len(text) == 1 else text


def _words(sentence: Sentence, match: re.Match[str]) -> list[int]:
    """The words behind characters of a sentence."""
    links = (one for one in sentence.alignment if one.span[0] < match.end() and match.start() < one.span[1])
    return [word for link in links for word in link.words]


def _typed(sentences: Sequence[Sentence], before: _Anchor | None, after: _Anchor | None) -> list[_Token]:
    """The tokens that stand between two anchors."""
    first = before.number if before else 0
    last = after.number if after else len(sentences) - 1
    found: list[_Token] = []
    for number in range(first, last + 1):
        one = sentences[number]
        start = before.link.span[1] if before and number == first else 0
        stop = after.link.span[0] if after and number == last else len(one.text)
        found += [
            _Token(match.group(), (), one.id, match.span())
            for match in TOKEN.finditer(one.text, start, max(start, stop))
        ]
    return found


def _is_stop(dictation: Dictation, anchor: _Anchor) -> bool:
    return bool(STOP.fullmatch(dictation.sentences[anchor.number].text[slice(*anchor.link.span)]))


def _plain(text: str) -> str:
    """A word or number however it is written: "five" and "5", "centimeters" and "cm" are the same."""
    return _same().get(text.lower(), text.lower())


@cache
def _same() -> dict[str, str]:
    found = {word: str(value) for value, word in enumerate(ONES)}
    return found | {form: unit.symbol for unit in units() for form in (*unit.singular, *unit.plural)}
