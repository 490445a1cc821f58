"""A "no" before a full stop: it may deny what follows, answer what came before, or put that right."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from dictation.discrepancy.doubts.doubt import Doubt, Stretch, stretch
from dictation.findings.measurement import measurements_in
from dictation.findings.tokens import tokens_of
from dictation.speech.transcript import Word
from dictation.wording import Rules, written_alone
from dictation.wording.clauses import has_verb

_BEFORE_FIGURE = re.compile(r"\bno(?=\.\s+(?P<figure>\d))", re.IGNORECASE)  # else read as "number 6"
_NUMBERED = re.compile(r"\bno\.?\s*\d", re.IGNORECASE)  # "caries of No. 18. No. 19 …" goes on counting
_FIGURE, _LAST_FIGURE = re.compile(r"\d"), re.compile(r"\d\S*(?:\s(?:mm|cm|ml|cc))?$", re.IGNORECASE)
_ORDINAL = re.compile(r"\d{1,3}(?:st|nd|rd|th)\b", re.IGNORECASE)  # "No. 6th rib": the number of nothing
_BLANKS = 20  # characters that may part a "no" from the mark before it
_AMOUNTS = ("size", "distance", "volume")


def lone_no_doubts(sentences: Sequence[Stretch]) -> Iterator[Doubt]:
    """A doubt for each "no" that stands alone, or behind a comma, before words that are no sentence of their own.

    Also before a sentence that would put right what came before it: "There is a left effusion. No. There is a right".
    """
    sentences = _all_cut(sentences)
    told: Counter[str] = Counter()
    for index, (one, two) in enumerate(pairwise(sentences)):
        before = sentences[index - 1] if index else None
        if not (two.words and _is_lone(one, before)):
            continue
        between = one.text[one.words[-1].end() : two.start]
        if between.strip() != "." or "\n\n" in between:
            continue
        if not has_verb([word[0].lower() for word in two.words], is_denied=True) or _puts_right(before, one, two):
            word, next_word = one.words[-1], two.words[0]
            question = (
                f"\u201c{word[0]}\u201d stands alone before \u201c{_words(two)}\u201d: does it deny that, answer what "
                "came before, or put that right? Write which."
            )
            around = f"{_said(before, one)} | {_words(two)}".lower()
            told[around] += 1
            if told[around] > 1:  # said again elsewhere: a question of its own
                around = f"{around} | {told[around]}"
            yield Doubt(word.start(), next_word.end(), None, question, "critical", around=around)


def _all_cut(sentences: Sequence[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for sentence in _rejoined(sentences):
        found += _cut(sentence, found[-1] if found else None)
    return found


def _rejoined(sentences: Sequence[Stretch]) -> Iterator[Stretch]:
    """The sentences, with "No." and the figure behind it as one: which of the two it is, `_cut` tells."""
    waiting: Stretch | None = None
    for sentence in sentences:
        if waiting is not None and _parts_number(waiting, sentence):
            waiting = stretch(sentence.text, waiting.start, sentence.end)
            continue
        if waiting is not None:
            yield waiting
        waiting = sentence
    if waiting is not None:
        yield waiting


def _parts_number(one: Stretch, two: Stretch) -> bool:
    """Whether the full stop between two sentences is that of a "No. 3"."""
    if not one.words or one.words[-1][0].lower() != "no" or not _FIGURE.match(two.text, two.start):
        return False
    return re.fullmatch(r"\.[ \t]*", two.text[one.words[-1].end() : two.start]) is not None


def _cut(sentence: Stretch, before: Stretch | None) -> list[Stretch]:
    """A sentence with "No. 6 mm" at its beginning, or behind a comma, as what ends with the "no" and the rest.

    Without a length or volume "No. 6" is the number of something, save "6th", or where 6 puts right what came `before`.
    """
    text, found, start, since = sentence.text, [], sentence.start, sentence.start
    noes = [one for one in _BEFORE_FIGURE.finditer(text, start, sentence.end) if _is_behind_mark(one, start)]
    for denial, end in zip(noes, [*(one.start() for one in noes[1:]), sentence.end], strict=False):
        one, rest = stretch(text, since, denial.end()), stretch(text, denial.start("figure"), end)
        since = denial.start()
        if _ORDINAL.match(text, rest.start) or _is_amount(rest) or _counts_anew(before, one, rest):
            found.append(stretch(text, start, denial.end()))
            start = since = rest.start
    return [*found, stretch(text, start, sentence.end)] if found else [sentence]


def _is_behind_mark(denial: re.Match[str], start: int) -> bool:
    """Whether it stands behind a comma, or begins the sentence that starts there and goes on with no other."""
    before = denial.string[max(0, denial.start() - _BLANKS) : denial.start()].rstrip()[-1:]
    return before == "," or (denial.start() == start and not before.isalnum())


def _is_amount(rest: Stretch) -> bool:
    """Whether it begins with a length or a volume."""
    said = rest.text[rest.start : rest.end]
    return any(one.start == 0 and one.measurement.kind in _AMOUNTS for one in measurements_in(said, tokens_of(said)))


def _counts_anew(before: Stretch | None, one: Stretch, rest: Stretch) -> bool:
    """Whether the figure behind the "no" takes the place of another one, which was no "No. 18" itself.

    So does a bare figure behind one ("BI-RADS 3. No. 4."; behind a comma right behind it), unless the "no" is an item
    of a list ("2. No. 3. …").
    """
    said = _said(before, one)
    if _NUMBERED.search(said):
        return False
    is_item = before is not None and _FIGURE.search(one.text, before.end, one.start)
    figure = _FIGURE if len(one.words) == 1 else _LAST_FIGURE
    is_bare = len(rest.words) == 1 and not is_item and bool(figure.search(said))
    return is_bare or _puts_right(before, one, rest)


def _is_lone(one: Stretch, before: Stretch | None) -> bool:
    if not one.words or one.words[-1][0].lower() != "no":
        return False
    if len(one.words) > 1:
        return one.text[one.start : one.words[-1].start()].rstrip().endswith(",")
    asked = one.text[before.end : one.start].strip() if before else ""
    return not asked.startswith(("?", ":"))


def _puts_right(before: Stretch | None, one: Stretch, two: Stretch) -> bool:
    """Whether the words around the "no" read as a correction where commas stand at it."""
    words = f"{_said(before, one)}, no, {two.text[two.start : two.end]}".split()
    return any(taken.command == "no" for taken in written_alone([Word(text=word) for word in words], Rules()).retracted)


def _said(before: Stretch | None, one: Stretch) -> str:
    """What stands before the "no": in its own sentence, else the sentence before it."""
    if before and len(one.words) == 1:
        return one.text[before.start : before.end].rstrip(" .,\n")
    return one.text[one.start : one.words[-1].start()].rstrip(" .,\n")


def _words(two: Stretch) -> str:
    return " ".join(word[0] for word in two.words[:4])
