"""Typed or pasted text as a dictation: sections and sentences found, wording untouched, no words behind it."""

import re
from functools import cache

from dictation.lexicon import rows
from dictation.wording.hearing import abbreviations
from dictation.wording.sections import headings, unmarked_headings
from dictation.wording.tokens import Token
from dictation.wording.written import Dictation, SectionName, Sentence, Separator

BLANK_LINES = re.compile(r"\n[ \t]*\n")
STOP = re.compile(r"(?<![.?!])[.?!]++[)\]\"'\u201d\u2019]*+(?=\s|$)")  # a run of marks is looked at once
ITEM_NUMBER = re.compile(r"(?:^|\s)\(?\d{1,2}[.)]$")
UNMARKED = re.compile(r"[^.,:;?!\n]*")
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
    start, heading = 0, ""
    for name_start, end, named in [*find_headings(text), (len(text), len(text), None)]:
        found = _sentences(text[start:name_start], section, len(sentences))
        if is_procedure(heading, len(found)):
            found = [sentence.model_copy(update={"section": "findings"}) for sentence in found]
        sentences.extend(found)
        section, start, heading = named, end, text[name_start:end]
    return Dictation(sentences=tuple(sentences))


def is_procedure(heading: str, sentences: int) -> bool:
    """Whether so many sentences under a heading tell what was done and found, and are no title: "PROCEDURE:"."""
    return sentences > 1 and heading.strip(" \t\r\n:").lower() in ("procedure", "procedures")


def find_headings(text: str) -> list[tuple[int, int, SectionName]]:
    """Start, end and section of each heading. Text without any mark is read as a dictation without marks."""
    if text and UNMARKED.fullmatch(text):
        words = list(re.finditer(r"\S+", text))
        found = unmarked_headings([Token(word.group()) for word in words])
        if found:
            return [
                (words[at].start(), words[stop - 1].end(), name.section) for at, (name, stop) in sorted(found.items())
            ]
    matches = _heading_pattern().finditer(text)
    return [(match.start("name"), match.end(), _section(match["name"])) for match in matches]


def _section(name: str) -> SectionName:
    words = tuple(name.lower().split())
    return next(heading.section for heading in headings()[words[0]] if heading.phrase == words)


def _sentences(text: str, section: SectionName | None, count: int) -> list[Sentence]:
    found: list[Sentence] = []
    for number, paragraph in enumerate(BLANK_LINES.split(text)):
        separator: Separator = "paragraph" if number else "space"
        for line in _unwrapped(paragraph):
            for part in _split(line):
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


def _split(line: str) -> list[str]:
    parts: list[str] = []
    start = 0
    for stop in STOP.finditer(line):
        so_far = line[start : stop.end()]
        if goes_on(so_far):
            continue
        following = line[stop.end() :].lstrip()
        if following and following[0].islower() and stop.group() == ".":
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
