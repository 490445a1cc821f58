"""Typed or pasted text as a dictation: sections and sentences found, wording untouched, no words behind it."""

import re
from functools import cache

from dictation.lexicon import rows
from dictation.wording.context import starts_with
from dictation.wording.hearing import abbreviations
from dictation.wording.sections import (
    at_start,
    closing_heading,
    heading_at,
    heading_context,
    headings,
    unmarked_headings,
)
from dictation.wording.tokens import Token
from dictation.wording.written import Dictation, SectionName, Sentence, Separator

LONGEST_TEXT = 40_000  # characters; a long report has 20,000, and what a text costs grows with it
BLANK_LINES = re.compile(r"\n[ \t]*\n")
STOP = re.compile(r"(?<![.?!])[.?!]++[)\]\"'\u201d\u2019]*+(?=\s|$)")  # a run of marks is looked at once
ITEM_NUMBER = re.compile(r"(?:^|\s)\(?\d{1,2}[.)]$")
UNMARKED = re.compile(r"[^.,:;?!\n]*")
BEGINNING = re.compile(r"(?:^|[.?!:]\s|\n)\s{0,9}([^\W\d_])")  # the first letters of sentences and lines
PIECE = re.compile(r"\n|[.,:;?!](?=\s|$)|(?P<word>[^\s.,:;?!]+(?:[.,:;?!]+[^\s.,:;?!]+)*)|[.,:;?!]")
INITIAL = re.compile(r"(?:^|\s)[A-Z]\.$")


@cache
def _heading_pattern() -> re.Pattern[str]:
    """A section name at the start of a line or sentence, with its colon, or alone on its line."""
    names = sorted((row["spoken"] for row in rows("section_names")), key=lambda name: -len(name))
    alternatives = "|".join(r"[ \t]+".join(re.escape(word) for word in name.split()) for name in names)
    return re.compile(
        rf"(?P<lead>^|\n|(?<=[.?!])[ \t]+)[ \t]*(?P<name>{alternatives})[ \t]*(?::|(?=\n)|$)", re.IGNORECASE
    )


def typed(text: str) -> Dictation:
    """Split `text` into sections and sentences. Only white space and the section names themselves are left out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    sentences: list[Sentence] = []
    section: SectionName | None = None
    is_small = is_transcript(text)
    start, heading = 0, ""
    for name_start, end, named in [*find_headings(text), (len(text), len(text), None)]:
        found = _sentences(text[start:name_start], section, len(sentences), is_small=is_small)
        if is_procedure(heading, len(found)):
            found = [sentence.model_copy(update={"section": "findings"}) for sentence in found]
        sentences.extend(found)
        section, start, heading = named, end, text[name_start:end]
    return Dictation(sentences=tuple(sentences))


def is_procedure(heading: str, sentences: int) -> bool:
    """Whether so many sentences under a heading tell what was done and found, and are no title: "PROCEDURE:"."""
    return sentences > 1 and heading.strip(" \t\r\n:").lower() in ("procedure", "procedures")


def find_headings(text: str) -> list[tuple[int, int, SectionName]]:
    """Start, end and section of each heading.

    Text without any mark, or whose sentences begin in small letters, is read as the transcript of a recognizer that
    writes none: names of sections are headings there as they are in speech.
    """
    if is_transcript(text) and (found := _spoken_headings(text)):
        return found
    matches = _heading_pattern().finditer(text)
    return [(match.start("name"), _said_twice(text, match), _section(match["name"])) for match in matches]


def _said_twice(text: str, heading: re.Match[str]) -> int:
    """Where a heading ends, with its own word said once more: "Impression: Impression cholelithiasis."."""
    again = re.compile(rf"\s*+{re.escape(heading['name'])}\b[ \t]*+[:.,]?[ \t]*+(?=[^\W_])", re.IGNORECASE)
    found = again.match(text, heading.end())
    if found is None or starts_with(text[found.end() :].lower(), heading_context("impression_prose_unmarked")):
        return heading.end()
    return found.end()


def is_transcript(text: str) -> bool:
    """Whether a text is that of a recognizer without marks, or without capitals where sentences begin."""
    starts = BEGINNING.findall(text)
    return bool(text) and (UNMARKED.fullmatch(text) is not None or not any(letter.isupper() for letter in starts))


def _spoken_headings(text: str) -> list[tuple[int, int, SectionName]]:
    """The headings of a transcript: those with their mark, those that begin a sentence, and those of runs of words."""
    places = list(PIECE.finditer(text))
    tokens = [
        Token("line", kind="break") if piece.group() == "\n" else Token(piece.group(), kind="word")
        if piece["word"] else Token(piece.group(), kind="mark")
        for piece in places
    ]  # fmt: skip
    unmarked = unmarked_headings(tokens)
    if not any(heading.section == "impression" for heading, _ in unmarked.values()):
        unmarked = {**closing_heading(tokens), **unmarked}
    found, at = list[tuple[int, int, SectionName]](), 0
    while at < len(tokens):
        heading, stop = heading_at(tokens, at, at_start(tokens, at), after_comma=False)
        if heading is None and at in unmarked:
            heading, stop = unmarked[at]
        if heading is not None:
            found.append((places[at].start(), places[stop - 1].end(), heading.section))
        at = stop if heading is not None else at + 1
    return found


def _section(name: str) -> SectionName:
    words = tuple(name.lower().split())
    return next(heading.section for heading in headings()[words[0]] if heading.phrase == words)


def _sentences(text: str, section: SectionName | None, count: int, *, is_small: bool) -> list[Sentence]:
    """`is_small`: the sentences of the text begin in small letters."""
    found: list[Sentence] = []
    for number, paragraph in enumerate(BLANK_LINES.split(text)):
        separator: Separator = "paragraph" if number else "space"
        for line in _unwrapped(paragraph):
            for part in _split(line, is_small=is_small):
                id = f"s{count + len(found) + 1}"
                starts = separator if found or count else "space"
                found.append(Sentence(id=id, text=part, section=section, origin="typed", starts=starts))
                separator = "space"
            separator = "line" if separator == "space" else separator
    return found


def _unwrapped(paragraph: str) -> list[str]:
    """The lines of a paragraph; a line that goes on in small letters is joined to the one before."""
    lines: list[str] = []
    for line in (" ".join(line.split()) for line in paragraph.split("\n")):
        if not line:
            continue
        if lines and line[0].islower() and lines[-1][-1] not in ".?!:":
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return lines


def _split(line: str, *, is_small: bool) -> list[str]:
    parts: list[str] = []
    start = 0
    for stop in STOP.finditer(line):
        so_far = line[start : stop.end()]
        if goes_on(so_far):
            continue
        following = line[stop.end() :].lstrip()
        if following and following[0].islower() and stop.group() == "." and not is_small:
            continue
        parts.append(so_far.strip())
        start = stop.end()
    rest = line[start:].strip()
    return [*parts, rest] if rest else parts


def goes_on(so_far: str) -> bool:
    """True where the stop at the end belongs to an abbreviation, an item number ("1.") or an initial."""
    words = so_far.split()
    is_number = len(words) == 1 and ITEM_NUMBER.search(so_far) is not None
    return is_number or words[-1].lower() in abbreviations() or INITIAL.search(so_far) is not None
