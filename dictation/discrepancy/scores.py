"""Scores and stages that must be copied: "Lung-RADS 4A", "BI-RADS category 2", "T3 N2 M0"."""

import re
from dataclasses import dataclass
from functools import cache

from dictation.discrepancy.clauses import claims_in, is_one_sentence
from dictation.discrepancy.columns import Column
from dictation.discrepancy.corrections import Correction, of_words
from dictation.discrepancy.discrepancy import Discrepancy, Side, discrepancy_id
from dictation.discrepancy.labels import side_at
from dictation.discrepancy.lone import of_lost_words
from dictation.findings.tokens import tokenise
from dictation.lexicon import rows

_SAME = {"LR": "LI-RADS", "TR": "TI-RADS"}  # short names of a score
_ROMAN = {"I": "1", "II": "2", "IIF": "2F", "III": "3", "IV": "4", "V": "5", "VI": "6"}
_FORMER = re.compile(r"\b(?:previous(?:ly)?|prior|former(?:ly)?|earlier|was)\b", re.IGNORECASE)
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_STAGE = re.compile(
    r"\b[cpyr]{0,2}T(?P<t>[0-4][a-d]?|x|is)[ ,]*N(?P<n>[0-3][a-c]?|x)(?:[ ,]*M(?P<m>[01][a-c]?|x))?\b", re.IGNORECASE
)
_VALUE = re.compile(r"[a-z0-9]+$", re.IGNORECASE)
_BETWEEN = r"[ \t:=-]*(?:(?:assessment|category|score|grade|class|type|is|of)\b[ \t:=-]*)*"
_BODY = (None, "findings", "impression")


@dataclass(frozen=True, slots=True)
class Score:
    """One score: characters [start, end), its name and its value as the tables write them."""

    name: str
    value: str
    start: int
    end: int


@cache
def _patterns() -> tuple[tuple[str, frozenset[str], re.Pattern[str]], ...]:
    """Of each score: its name, the allowed values, and what finds it."""
    value = rf"(?P<value>[a-z]?[0-9]{{1,2}}[a-z]?|[mn]|tiv|[iv]+f?|(?:{'|'.join(_WORDS)})(?:[ ][a-z])?)"
    return tuple(
        (
            _SAME.get(row["written"], row["written"]),
            _allowed(row),
            re.compile(rf"\b(?:{names}){_BETWEEN}{value}\b(?![./][0-9])", re.IGNORECASE),
        )
        for row, names in _named()
    )


@cache
def _named() -> tuple[tuple[dict[str, str], str], ...]:
    """The scores that have values, each with the pattern of its spoken names."""
    found = []
    for row in rows("scores"):
        is_plain_word = row["ordinary"] == row["written"].lower()  # "fisher" may be a name: only hearing can tell
        own = () if is_plain_word else (row["written"],)
        capitals = [rf"(?-i:{row['written']})"] if is_plain_word and row["written"].isupper() else []  # "ASPECTS 8"
        spoken = [name.strip() for name in (*own, *row["spoken"].split("|")) if name.strip() not in ("-", "")]
        names = "|".join(
            [
                *(
                    r"[ \t-]*".join(re.escape(part) for part in re.split(r"[ -]+", name))
                    for name in sorted(spoken, key=len, reverse=True)
                ),
                *capitals,
            ]
        )
        if names and not _allowed(row) <= {"NUMBER", "NONE", "-"}:
            found.append((row, names))
    return tuple(found)


def _allowed(row: dict[str, str]) -> frozenset[str]:
    return frozenset(value.strip().upper() for value in row["values"].split("|"))


@cache
def _traces() -> re.Pattern[str]:
    """What every score holds, in small letters: the name of one, or the T of a tumor stage."""
    names = dict.fromkeys(name for _, names in _named() for name in names.lower().split("|"))
    return re.compile(rf"\b(?:{'|'.join(names)}|[cpyr]{{0,2}}t[0-4xi])")


def _may_hold_scores(text: str) -> bool:
    return _traces().search(text.lower()) is not None


def scores_in(text: str, start: int, end: int) -> list[Score]:
    """The scores of text[start:end] whose value the tables allow, and tumor stages, in the order of the text."""
    if not _may_hold_scores(text[start:end]):
        return []
    found = []
    for name, allowed, pattern in _patterns():
        for match in pattern.finditer(text, start, end):
            value = _plain(match["value"])
            if value in allowed:
                found.append(Score(name, value, match.start(), match.end()))
    for match in _STAGE.finditer(text, start, end):
        value = " ".join(letter.upper() + match[letter].upper() for letter in "tnm" if match[letter])
        found.append(Score("TNM", value, match.start(), match.end()))
    return sorted(found, key=lambda score: (score.start, -score.end))


def _plain(value: str) -> str:
    word, _, letter = value.lower().partition(" ")
    if word in _WORDS:
        return f"{_WORDS.index(word)}{letter.upper()}"
    return _ROMAN.get(value.upper(), value.upper())


def score_differences(heard: Column, written: Column) -> list[Discrepancy]:
    """One card for each score whose dictated value the report lacks."""
    said, wrote = _scores_of(heard), _scores_of(written)
    found: dict[tuple[str, str], Discrepancy] = {}
    for score in said:
        others = [other for other in wrote if other.name == score.name]
        if any(_agree(score, other) for other in others) or (score.name, score.value) in found:
            continue
        new = [other for other in others if not any(_agree(mine, other) for mine in said if mine.name == score.name)]
        other = next(iter(new or others), None)
        left, right = _side(heard, score), _side(written, other) if other else None
        correction = _correction(score, other, heard, written)
        tail = f"the report says {other.name} {other.value}" if other else "the report does not mention it"
        found[score.name, score.value] = Discrepancy(
            id=discrepancy_id("scoring", left.text.lower(), right.text.lower() if right else "-"),
            kind="scoring",
            severity="major",
            heard=left,
            written=right,
            explanation=f"You said {score.name} {score.value}; {tail}.",
            audio_span_s=heard.seconds(score.start, score.end),
            suggestion=correction.suggestion if correction else None,
            edits=correction.edits if correction else (),
        )
    return list(found.values())


def scores_apart(column: Column) -> list[Discrepancy]:
    """One card for each score that has one value in the findings and another one in the impression."""
    told: dict[tuple[str, str | None], list[Score]] = {}
    for score in _scores_of(column):
        sentence = column.sentence_at((score.start, score.end))
        if not _FORMER.search(column.text, sentence.start, sentence.end):
            told.setdefault((score.name, sentence.section), []).append(score)
    found = []
    for name in dict.fromkeys(name for name, _ in told):
        ours, theirs = (told.get((name, section), []) for section in ("findings", "impression"))
        if (
            len({one.value for one in ours}) != 1
            or len({one.value for one in theirs}) != 1
            or _agree(ours[0], theirs[0])
        ):
            continue  # of several lesions each has its own
        sides = [_side_of(column, one) for one in (ours[0], theirs[0])]
        if None not in sides and sides[0] != sides[1]:
            continue
        one, two = _side(column, ours[0]), _side(column, theirs[0])
        seconds = column.seconds(theirs[0].start, theirs[0].end)
        is_heard = column.name == "heard"
        found.append(
            Discrepancy(
                id=discrepancy_id("contradiction", one.text.lower(), two.text.lower()),
                kind="contradiction",
                severity="major",
                heard=two if is_heard else None,
                written=None if is_heard else two,
                against=one,
                explanation=f"The findings say {name} {ours[0].value}; the impression says {name} {theirs[0].value}.",
                audio_span_s=seconds if is_heard else None,
            )
        )
    return found


def _side_of(column: Column, score: Score) -> str | None:
    """The one side that its sentence names, or the label of its line."""
    sentence = column.sentence_at((score.start, score.end))
    sides = {token.norm for token in tokenise(column.text, sentence.start, sentence.end)} & {"left", "right"}
    return next(iter(sides)) if len(sides) == 1 else side_at(score.start, column.text)


def _correction(score: Score, other: Score | None, heard: Column, written: Column) -> Correction | None:
    """The dictated value behind the report's name of the score, else the dictated sentence."""
    if other is None:
        sentence = heard.sentence_at((score.start, score.end))
        words, own = heard.text[sentence.start : sentence.end], claims_in(heard, sentence)
        return of_lost_words(words, own, sentence.section, written) if is_one_sentence(heard, words, own) else None
    old = written.text[other.start : other.end]
    words = score.value if score.name == "TNM" else _VALUE.sub(score.value, old)
    return of_words(words, (other.start, other.end), written)


def _agree(one: Score, two: Score) -> bool:
    """Equal; a tumor stage may leave the M out."""
    if one.name == "TNM":
        return one.value.startswith(two.value) or two.value.startswith(one.value)
    return one.value == two.value


def _scores_of(column: Column) -> list[Score]:
    if not _may_hold_scores(column.text):
        return []
    return [
        score
        for span in column.sentences
        if span.section in _BODY
        for score in scores_in(column.text, span.start, span.end)
    ]


def _side(column: Column, score: Score) -> Side:
    return Side(text=column.text[score.start : score.end], span=(score.start, score.end))
