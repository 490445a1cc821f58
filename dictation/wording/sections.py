"""Spoken section headings: "findings colon the lungs are clear" -> a sentence of section "findings".

A heading stands at the start of a sentence and is followed by a mark, or by words that begin a section; or a spoken
"colon" follows it. The same word in prose ("no significant findings") stays a word. In a run of words without any mark,
two or more strong names in the order of a report are headings too: "technique pa findings clear impression normal".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import cast, get_args

from dictation.lexicon import rows
from dictation.speech.transcript import Word
from dictation.wording.context import after, before, ends_with, pause_before, spoken, starts_with
from dictation.wording.editing import phrases
from dictation.wording.spacing import words_of
from dictation.wording.tokens import Token
from dictation.wording.written import SectionName

CLOSERS = (".", "?", "!")
HEADING_MARKS = (":", ".", "-")
_CLOSING = (("in", "conclusion"), ("in", "summary"), ("impression",))
_FEWEST = 2  # words of a finding before its impression
PAUSE_S = 0.6  # silence that begins a sentence
ORDER: dict[SectionName, int] = {
    "exam": 0, "indication": 1, "technique": 2, "comparison": 2, "findings": 3, "impression": 4,
}  # fmt: skip
SOFT_MARKS = (",", ";")  # the recognizer's guess where the speaker paused after a heading


@dataclass(frozen=True)
class Heading:
    """One way to name a section. A `strong` name needs no mark after it."""

    phrase: tuple[str, ...]
    section: SectionName
    strong: bool


@cache
def headings() -> dict[str, tuple[Heading, ...]]:
    """The headings by their first word, longest first."""
    found: dict[str, list[Heading]] = {}
    for row in rows("section_names"):
        if row["section"] not in get_args(SectionName):
            raise ValueError(f"section_names.tsv: unknown section {row['section']!r}.")
        phrase = tuple(row["spoken"].split())
        heading = Heading(phrase, cast(SectionName, row["section"]), row["strong"] == "yes")
        found.setdefault(phrase[0], []).append(heading)
    return {word: tuple(sorted(names, key=lambda name: -len(name.phrase))) for word, names in found.items()}


@cache
def heading_context(rule: str) -> str:
    """Return the pattern of a rule of `heading_context.tsv`."""
    return next(row["pattern"] for row in rows("heading_context") if row["rule"] == rule)


def at_start(tokens: Sequence[Token], index: int) -> bool:
    """True where the token at `index` begins a sentence."""
    while index > 0 and tokens[index - 1].kind == "mark" and tokens[index - 1].text in ("", "(", "-"):
        index -= 1
    if index == 0:
        return True
    last = tokens[index - 1]
    is_closed = last.kind in ("break", "section", "command") or (last.kind == "mark" and last.text in CLOSERS)
    return is_closed or last.text in phrases()


def heading_ends_at(tokens: Sequence[Token], stop: int) -> bool:
    """True where a heading in heading position ends just before `stop`: what follows it may be its colon."""
    for length in (5, 4, 3, 2, 1):
        start = stop - length
        if start < 0:
            continue
        for name in headings().get(tokens[start].text.lower(), ()):
            if len(name.phrase) == length and spoken(tokens, start, name.phrase):
                return at_start(tokens, start) or not ends_with(before(tokens, start), heading_context("prose_before"))
    return False


def find_sections(tokens: Sequence[Token], words: Sequence[Word]) -> list[Token]:
    """Return the tokens with each heading and the mark after it as one token of kind "section".

    `words` are what the tokens' indexes point to: a pause begins a sentence where no mark was guessed.
    """
    found: list[Token] = []
    unmarked = unmarked_headings(tokens)
    index = 0
    while index < len(tokens):
        starts = at_start(found, len(found)) or pause_before(tokens, index, words) >= PAUSE_S
        after_comma = bool(found) and found[-1].kind == "mark" and found[-1].guessed and found[-1].text == ","
        heading, stop = heading_at(tokens, index, starts, after_comma)
        if heading is None and index in unmarked:
            heading, stop = unmarked[index]
        if heading is None:
            found.append(tokens[index])
            index += 1
            continue
        found = _closed(found)
        found.append(Token(heading.section, words_of(tokens[index:stop]), kind="section"))
        index = stop
    return found


def _closed(tokens: list[Token]) -> list[Token]:
    """The tokens before a heading without the marks that were guessed there; a comma ends their sentence."""
    kept = list(tokens)
    ends = None
    while kept and kept[-1].kind == "mark" and kept[-1].guessed and kept[-1].text in ("", ",", "-"):
        mark = kept.pop()
        ends = mark if mark.text == "," else ends
    if ends and kept and kept[-1].kind in ("word", "number"):
        kept.append(replace(ends, text="."))
    return kept


def heading_at(tokens: Sequence[Token], index: int, starts: bool, after_comma: bool) -> tuple[Heading | None, int]:
    """The heading at `index` and where it ends. `after_comma`: a guessed comma may stand for a sentence's end."""
    if tokens[index].kind != "word":
        return None, index
    for name in headings().get(tokens[index].text.lower(), ()):
        if not spoken(tokens, index, name.phrase):
            continue
        stop = index + len(name.phrase)
        mark = tokens[stop] if stop < len(tokens) else None
        if mark is None:
            return (name, stop) if starts and name.strong else (None, index)
        is_colon = mark.kind == "mark" and mark.text == ":" and (not mark.guessed or tokens[index].text[0].isupper())
        if is_colon and (starts or not ends_with(before(tokens, index), heading_context("prose_before"))):
            return name, stop + 1
        if not starts:
            closed = mark.kind == "mark" and mark.guessed and mark.text in (*HEADING_MARKS, *SOFT_MARKS)
            if after_comma and name.strong and closed:
                return name, stop + 1
            if after_comma and name.section == "impression" and _begins_section(name, after(tokens, stop)):
                return name, stop
            continue
        if mark.kind == "break":
            return name, stop
        if mark.kind == "mark" and (mark.text in HEADING_MARKS or (mark.text in SOFT_MARKS and name.strong)):
            return name, stop + 1
        if name.strong and (mark.text == "colon" or _begins_section(name, after(tokens, stop))):
            return name, stop
    return None, index


def _begins_section(name: Heading, following: str) -> bool:
    """True where the words after a heading without a mark begin its section rather than go on with a sentence."""
    if name.section in ("indication", "impression"):
        return not starts_with(following, heading_context(f"{name.section}_prose"))
    return not starts_with(following, heading_context("heading_prose"))


def unmarked_headings(tokens: Sequence[Token]) -> dict[int, tuple[Heading, int]]:
    """Index → heading and where it ends, for the strong names in runs of words without any mark.

    A run counts where at least two sections are named, each once and in the order of a report; else "findings" and
    "impression" alone where they are so named.
    """
    found: dict[int, tuple[Heading, int]] = {}
    start = 0
    for stop in range(len(tokens) + 1):
        if stop < len(tokens) and tokens[stop].kind == "word":
            continue
        names = _named(tokens[start:stop])
        if not _in_order(names):
            names = [item for item in names if item[1].section in ("findings", "impression")]
        if _in_order(names):
            found |= {start + index: (name, start + index + len(name.phrase)) for index, name in names}
        start = stop + 1
    return found


def closing_heading(tokens: Sequence[Token]) -> dict[int, tuple[Heading, int]]:
    """The last heading of an impression within a run of words, which needs no other beside it: "… in conclusion …".

    At least `_FEWEST` words stand before it in the run, and a word behind it: at the end of a text it heads nothing and
    stays a word. The mark after it goes with it. An anatomical impression is none ("aortic impression").
    """
    found: dict[int, tuple[Heading, int]] = {}
    run = 0  # where its run of words begins
    for index, token in enumerate(tokens):
        if token.kind != "word":
            run = index + 1
        if token.kind != "word" or index - run < _FEWEST:
            continue
        phrase = next((phrase for phrase in _CLOSING if spoken(tokens, index, phrase)), None)
        if phrase is not None:
            heading = Heading(phrase, "impression", strong=True)
            is_named = len(phrase) == 1 and ends_with(before(tokens, index), heading_context("impression_named"))
            stop = index + len(phrase)
            if stop < len(tokens) and tokens[stop].text in (*HEADING_MARKS, *SOFT_MARKS):
                stop += 1
            has_words = any(any(map(str.isalnum, one.text)) for one in tokens[stop:] if one.kind != "break")
            if _may_head(tokens, index, heading) and not is_named and has_words:
                found = {index: (heading, stop)}
    return found


def _in_order(names: Sequence[tuple[int, Heading]]) -> bool:
    sections = [name.section for _, name in names]
    ranks = [ORDER[section] for section in sections]
    return len(sections) > 1 and len(set(sections)) == len(sections) and ranks == sorted(ranks)


def _named(run: Sequence[Token]) -> list[tuple[int, Heading]]:
    """The strong names in a run of words that may be headings, each with at least one word before the next."""
    found: list[tuple[int, Heading]] = []
    index = 0
    while index < len(run):
        name = next((name for name in headings().get(run[index].text.lower(), ()) if _may_head(run, index, name)), None)
        if name is None:
            index += 1
            continue
        start, stop = index, index + len(name.phrase)
        if found and index == found[-1][0] + len(found[-1][1].phrase):
            first, other = found.pop()  # "impression findings": the first says nothing
            if other.section == name.section:  # "impression impression": both are one heading
                start, name = first, replace(name, phrase=(*other.phrase, *name.phrase))
        found.append((start, name))
        index = stop
    return found


def _may_head(run: Sequence[Token], index: int, name: Heading) -> bool:
    stop = index + len(name.phrase)
    if not name.strong or stop >= len(run) or not spoken(run, index, name.phrase):
        return False
    if index and ends_with(before(run, index), heading_context("prose_before")):
        return False
    following = after(run, stop)
    if name.section == "impression":
        return not starts_with(following, heading_context("impression_prose_unmarked"))
    return _begins_section(name, following) and not starts_with(following, "colon")
