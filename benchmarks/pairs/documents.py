"""Two texts with labelled sentences of each, made of all kinds of pairs: what the sentence judge is trained on.

A sentence is *held* by the other text (it says the same, or more), *contradicted* by it (one fact differs), or *absent*
(the other text says nothing of it).
"""

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
HELD, CONTRADICTED, ABSENT = 0, 1, 2
HEARD, WRITTEN = 0, 1
Row = dict[str, Any]


@dataclass(frozen=True)
class Claim:
    """Characters [start, end) of the dictation (`side` HEARD) or report (WRITTEN), and what the other says of them."""

    side: int
    start: int
    end: int
    label: int


@dataclass(frozen=True)
class Document:
    """A dictation, a report, and their claims."""

    texts: tuple[str, str]
    claims: tuple[Claim, ...]


def rows_of(author: str) -> list[Row]:
    """The pairs of an author. SystemExit where there is no such file."""
    path = FOLDER / f"{author}.jsonl"
    if not path.is_file():
        raise SystemExit(f"{path}: there is no such author.")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def documents_of(author: str, chance: random.Random) -> Iterator[Document]:
    """The documents of an author, of whichever kind of pairs."""
    makers = {"p": of_sentence_pairs, "r": of_report_pairs, "e": of_report_pairs, "m": of_labelled_pairs}
    return makers[author[0]](rows_of(author), chance)


FATES = {"kept": HELD, "true": HELD, "changed": CONTRADICTED, "lost": ABSENT, "added": ABSENT}


def of_labelled_pairs(rows: Sequence[Row], chance: random.Random) -> Iterator[Document]:
    """Report pairs of which each sentence has its label."""
    for row in rows:
        heard, said = joined([piece["text"] for piece in row["heard"]], " ")
        written, wrote = joined([piece["text"] for piece in row["written"]], chance.choice(" \n"))
        claims = [
            Claim(side, *span, FATES[piece["fate"]])
            for side, spans, pieces in ((HEARD, said, row["heard"]), (WRITTEN, wrote, row["written"]))
            for span, piece in zip(spans, pieces, strict=True)
        ]
        yield Document((heard, written), tuple(claims))


_OF_WRITTEN = {"same": HELD, "says_less": HELD, "contradicts": CONTRADICTED, "says_more": ABSENT, "unrelated": ABSENT}
_OF_HEARD = {"same": HELD, "says_more": HELD, "contradicts": CONTRADICTED, "says_less": ABSENT, "unrelated": ABSENT}


def of_sentence_pairs(rows: Sequence[Row], chance: random.Random) -> Iterator[Document]:
    """Some dictated sentences, shuffled, beside a report of each, shuffled; at times two reports of one of them."""
    bases: dict[int, list[Row]] = {}
    for row in rows:
        bases.setdefault(row["base"], []).append(row)
    order = list(bases.values())
    chance.shuffle(order)
    while order:
        group, order = order[: (size := chance.randint(2, 6))], order[size:]
        said: list[tuple[str, int | None]] = []
        wrote: list[tuple[str, int]] = []
        for of_base in group:
            is_double = len(of_base) > 1 and chance.random() < 0.35
            chosen = chance.sample(of_base, 2 if is_double else 1)
            said.append((chosen[0]["a"], None if is_double else _OF_HEARD[chosen[0]["label"]]))
            wrote += [(one["b"], _OF_WRITTEN[one["label"]]) for one in chosen]
        chance.shuffle(said)
        chance.shuffle(wrote)
        with_marks = chance.random() < 0.5
        heard, in_heard = joined([_closed(text) if with_marks else text for text, _ in said], " ")
        written, in_written = joined([_closed(text) for text, _ in wrote], chance.choice(" \n"))
        claims = [Claim(HEARD, *at, label) for at, (_, label) in zip(in_heard, said, strict=True) if label is not None]
        claims += [Claim(WRITTEN, *at, label) for at, (_, label) in zip(in_written, wrote, strict=True)]
        yield Document((heard, written), tuple(claims))


_HEADERS = re.compile(r"(EXAM|TECHNIQUE|INDICATION|CLINICAL|HISTORY|COMPARISON)\b")
_PIECE = 12  # words of a dictation without marks that are one claim


def of_report_pairs(rows: Sequence[Row], chance: random.Random) -> Iterator[Document]:
    """Report pairs with one error at most: the sentences that have its words, and all others, which are held."""
    for row in rows:
        texts = row["heard"], row["written"]
        claims: list[Claim] = []
        for side, words, absent in (
            (WRITTEN, (row["wrote"], *row.get("also", ())), "addition"),
            (HEARD, (row["said"],), "omission"),
        ):
            wrong = [(at, at + len(one)) for one in words if one and (at := texts[side].find(one)) >= 0]
            for start, end in sentences(texts[side]):
                touched = [span for span in wrong if start < span[1] and span[0] < end]
                is_whole = any(start <= span[0] and span[1] <= end for span in touched)
                if touched and (is_whole or side == WRITTEN):
                    label = ABSENT if row["kind"].startswith(absent) else CONTRADICTED
                    claims.append(Claim(side, start, end, label))
                elif not touched:
                    claims.append(Claim(side, start, end, HELD))
        yield Document(texts, tuple(claims))


def classes_of(author: str) -> list[Row]:
    """The paraphrase classes of an author."""
    return [json.loads(line) for line in (FOLDER / "classes" / f"{author}.jsonl").read_text("utf-8").splitlines()]


_SLOT = re.compile(r"\{(\w+)\}")
_CLASSES = 2, 7  # in a document
_OF_CLASS = ((HELD, 60), (CONTRADICTED, 28), (ABSENT, 12))  # how often, of 100
_OTHER_VALUE, _TWICE, _WITHOUT_MARKS = 0.4, 0.15, 0.15


def of_classes(classes: Sequence[Row], chance: random.Random) -> Iterator[Document]:
    """Statements of one region, each in two wordings, or in one that changes a fact, or in one text only.

    A class has ten wordings of the `same` facts and five `near` ones, with the `slots` of either. At times one stands
    twice, with other values: then what belongs to which has to be seen.
    """
    by_region: dict[str, list[Row]] = {}
    for row in classes:
        by_region.setdefault(str(row.get("region", "")).split()[0].lower() if row.get("region") else "", []).append(row)
    order = [
        row
        for region in chance.sample(sorted(by_region), len(by_region))
        for row in _shuffled(by_region[region], chance)
    ]
    while order:
        group, order = order[: (size := chance.randint(*_CLASSES))], order[size:]
        stated = [one for row in group for one in _stated(row, chance)]
        said, wrote = ([one for one in side if one] for side in zip(*stated, strict=True))
        if not said or not wrote:
            continue
        chance.shuffle(said)
        chance.shuffle(wrote)
        heard, in_heard = joined([text if chance.random() < 0.2 else _closed(text) for text, _ in said], " ")
        if chance.random() < _WITHOUT_MARKS:
            heard = "".join(
                " " if c in ".,;:" and not heard[at + 1 : at + 2].isdigit() else c for at, c in enumerate(heard)
            )
            heard = heard.lower()
        written, in_written = joined([_closed(text) for text, _ in wrote], chance.choice(" \n"))
        claims = [Claim(HEARD, *at, label) for at, (_, label) in zip(in_heard, said, strict=True)]
        claims += [Claim(WRITTEN, *at, label) for at, (_, label) in zip(in_written, wrote, strict=True)]
        yield Document((heard, written), tuple(claims))


Stated = tuple[str, int] | None  # a wording and its label


def _stated(row: Row, chance: random.Random) -> list[tuple[Stated, Stated]]:
    """A class in the dictation and in the report, once or twice."""
    slots: dict[str, list[Any]] = {name: values for name, values in (row.get("slots") or {}).items() if values}
    values = {name: chance.choice(of) for name, of in slots.items()}
    others = {name: chance.choice([one for one in of if one != values[name]] or of) for name, of in slots.items()}
    found = [_stated_once(row, slots, values, chance)]
    if others != values and chance.random() < _TWICE:
        one, two = chance.sample(row["same"], 2)
        found.append(((_filled(one, others), HELD), (_filled(two, others), HELD)))
        if found[0][0] is None or found[0][1] is None or found[0][0][1] != HELD:
            return found[:1]  # what differs might be what the other one says
    return found


def _stated_once(row: Row, slots: dict[str, list[Any]], values: Row, chance: random.Random) -> tuple[Stated, Stated]:
    label = chance.choices(*zip(*_OF_CLASS, strict=True))[0]
    one, two = chance.sample(row["same"], 2)
    if label == ABSENT:
        alone = (_filled(one, values), ABSENT)
        return (alone, None) if chance.random() < 0.5 else (None, alone)
    if label == HELD:
        return (_filled(one, values), HELD), (_filled(two, values), HELD)
    movable = [name for name, of in slots.items() if len(of) > 1 and all(f"{{{name}}}" in text for text in (one, two))]
    if movable and chance.random() < _OTHER_VALUE:
        name = chance.choice(movable)
        other = {**values, name: chance.choice([value for value in slots[name] if value != values[name]])}
        return (_filled(one, values), CONTRADICTED), (_filled(two, other), CONTRADICTED)
    sides = [(_filled(one, values), CONTRADICTED), (_filled(chance.choice(row["near"]), values), CONTRADICTED)]
    chance.shuffle(sides)
    return sides[0], sides[1]


def _filled(text: str, values: Row) -> str:
    return _SLOT.sub(lambda match: str(values.get(match[1], match[0])), text)


def _shuffled(rows: Sequence[Row], chance: random.Random) -> list[Row]:
    return chance.sample(rows, len(rows))


def sentences(text: str) -> list[tuple[int, int]]:
    """Sentences and lines of a text that state something; without marks, pieces of some words."""
    found: list[tuple[int, int]] = []
    for match in re.finditer(r"[^\n.;!?]+(?:[.;!?](?!\s|$)[^\n.;!?]*)*[.;!?]?", text):
        start, end = match.span()
        start += len(match.group()) - len(match.group().lstrip())
        if end - start <= 8 or _HEADERS.match(text[start:end]):
            continue
        words = [(start + word.start(), start + word.end()) for word in re.finditer(r"\S+", text[start:end])]
        if len(words) < 2 * _PIECE:
            found.append((start, end))
            continue
        pieces = [words[at : at + _PIECE] for at in range(0, len(words), _PIECE)]
        found += [(piece[0][0], piece[-1][1]) for piece in pieces if len(piece) > _PIECE // 3]
    return found


def joined(texts: Sequence[str], between: str) -> tuple[str, list[tuple[int, int]]]:
    """The texts as one, and where each stands in it."""
    whole, spans = "", []
    for text in texts:
        whole += between if whole else ""
        spans.append((len(whole), len(whole) + len(text)))
        whole += text
    return whole, spans


def _closed(text: str) -> str:
    return text if text.rstrip()[-1:] in tuple(".;") else f"{text.rstrip()}."


_SIDE = re.compile(r"\b(left|right)\b", re.IGNORECASE)


def _other_side(match: re.Match[str]) -> str:
    word = match.group()
    other = "right" if word.lower() == "left" else "left"
    return other.upper() if word.isupper() else other.capitalize() if word[0].isupper() else other


_SIDED = re.compile(
    r"\b(?:lt|rt|[lr]|[lr][ulm]l|[lr]ca|lad|lcx|leftwards?|rightwards?|lingula|levo\w+|dextro\w+)\b", re.IGNORECASE
)


def mirrored(document: Document) -> Document:
    """Left and right exchanged in both texts, which changes no label; as it is where a side hides in another word."""
    if any(_SIDED.search(text) for text in document.texts):
        return document
    texts: list[str] = []
    claims: list[Claim] = []
    for side, text in enumerate(document.texts):
        grown = [(match.end(), 1 if match.group().lower() == "left" else -1) for match in _SIDE.finditer(text)]

        def moved(at: int, grown: Sequence[tuple[int, int]] = grown) -> int:
            return at + sum(more for end, more in grown if end <= at)

        texts.append(_SIDE.sub(_other_side, text))
        claims += [Claim(side, moved(c.start), moved(c.end), c.label) for c in document.claims if c.side == side]
    return Document((texts[0], texts[1]), tuple(claims))


_OPPOSITES = (
    ("upper", "lower"), ("anterior", "posterior"), ("medial", "lateral"), ("superior", "inferior"), ("mild", "severe"),
    ("small", "large"), ("increased", "decreased"), ("larger", "smaller"), ("proximal", "distal"),
    ("acute", "chronic"), ("moderate", "mild"), ("cm", "mm"),
)  # fmt: skip
_OTHER: dict[str, list[str]] = {}
for _one, _two in _OPPOSITES:
    _OTHER.setdefault(_one, []).append(_two)
    _OTHER.setdefault(_two, []).append(_one)
_WORD = re.compile(r"\b(" + "|".join(_OTHER) + r")\b")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?!\w)")
_DENIAL = re.compile(r"\b([Nn]o|[Nn]ot|[Ww]ithout)\s+")
_VERB = re.compile(r"\b(?:is|are|was|has been) (?!not\b|no\b)")
Change = tuple[int, int, str]  # characters, and what stands in their place


def _another_number(match: re.Match[str], chance: random.Random) -> str:
    value, has_point = float(match.group()), "." in match.group()
    if chance.random() < 0.3:
        return f"{value * chance.choice((10, 0.1)):g}"
    return f"{abs(value + chance.choice((-1, 1)) * chance.choice((0.1, 0.2, 0.5) if has_point else (1, 2, 3))):g}"


def _changes(text: str, chance: random.Random) -> tuple[list[Change], list[float]]:
    """What a program can change in a sentence so that it says another thing, and how often it is to."""
    kinds: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str], float], ...] = (
        (_SIDE, _other_side, 3),
        (_NUMBER, lambda match: _another_number(match, chance), 2),
        (_WORD, lambda match: chance.choice(_OTHER[match.group()]), 1),
        (_DENIAL, lambda match: "with " if match.group(1).lower() == "without" else "", 2),
    )
    found = [(match.span(), new(match), often) for pattern, new, often in kinds for match in pattern.finditer(text)]
    found += [((match.end(), match.end()), "not ", 0.5) for match in _VERB.finditer(text)]
    found = [one for one in found if one[1] != text[slice(*one[0])]]
    return [(*span, new) for span, new, _ in found], [often for *_, often in found]


def with_a_change(document: Document, chance: random.Random) -> Document:
    """One sentence of the report that is held says another thing; which words of the dictation it was is not known."""
    held = [claim for claim in document.claims if (claim.side, claim.label) == (WRITTEN, HELD)]
    chance.shuffle(held)
    heard, written = document.texts
    for claim in held:
        changes, often = _changes(written[claim.start : claim.end], chance)
        if not changes:
            continue
        low, high, new = chance.choices(changes, often)[0]
        more = len(new) - (high - low)
        text = written[: claim.start + low] + new + written[claim.start + high :]
        claims = [one for one in document.claims if one.side == HEARD and one.label != HELD]
        for one in document.claims:
            if one == claim:
                claims.append(Claim(WRITTEN, one.start, one.end + more, CONTRADICTED))
            elif one.side == WRITTEN:
                by = more if one.start >= claim.end else 0
                claims.append(Claim(WRITTEN, one.start + by, one.end + by, one.label))
        return Document((heard, text), tuple(claims))
    return document
