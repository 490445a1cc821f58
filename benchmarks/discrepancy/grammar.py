"""Invented host reports, made from sentence templates of our own, in any number.

The templates are in `grammar/REGION.txt`. A template belongs to one split only, decided by a hash of its words, so an
engine that is tuned on the development half has not seen the sentences of the test half.
"""

import json
import random
import re
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.discrepancy.report import Report

GRAMMAR = Path(__file__).parent / "grammar"
REGIONS = tuple(sorted(path.stem for path in GRAMMAR.glob("*.txt")))
_LINE = re.compile(r"^(\w+) ([+-])([MF]?) (.+?)(?: => (.+))?$")
_SLOT = re.compile(r"\{(\w+)\}")
_ABNORMAL, _NORMAL = range(2, 6), range(2, 6)  # how many sentences of each a report has


@dataclass(frozen=True)
class Template:
    """A sentence with slots, what it is about, and its line in the impression, if any."""

    region: str
    topic: str
    is_abnormal: bool
    sex: str
    sentence: str
    impression: str | None

    @property
    def split(self) -> str:
        """The split that owns this template: three of eight belong to dev, as among the real reports."""
        return "dev" if zlib.crc32(self.sentence.encode()) % 8 < 3 else "test"


@cache
def templates(region: str) -> tuple[Template, ...]:
    """All templates of a region."""
    lines = (GRAMMAR / f"{region}.txt").read_text(encoding="utf-8").splitlines()
    found = (_LINE.match(line) for line in lines if line and not line.startswith("#"))
    return tuple(Template(region, m[1], m[2] == "+", m[3], m[4], m[5]) for m in found if m)


@cache
def _slots() -> dict[str, list[str]]:
    slots: dict[str, list[str]] = json.loads((GRAMMAR / "slots.json").read_text(encoding="utf-8"))
    return slots


def filled(template: Template, chance: random.Random) -> tuple[str, str | None]:
    """The sentence and its impression with the same words in their slots."""
    words = {name: chance.choice(_slots()[name]) for name in _SLOT.findall(template.sentence)}
    for name in _SLOT.findall(template.impression or ""):
        words.setdefault(name, _echo(name, words, chance))
    return _say(template.sentence, words), _say(template.impression, words) if template.impression else None


def _echo(name: str, words: dict[str, str], chance: random.Random) -> str:
    """The grade that an adverb of the same sentence stands for."""
    pairs = dict(zip(_slots()["gradely"], _slots()["grade"], strict=True))
    return pairs[words["gradely"]] if name == "grade" and "gradely" in words else chance.choice(_slots()[name])


def _say(template: str, words: dict[str, str]) -> str:
    sentence = _SLOT.sub(lambda slot: words[slot[1]], template)
    sentence = re.sub(r"(?<!the )\blingula(?= \w)|\blingula(?= (?:nodule|mass)\b)", "lingular", sentence)
    sentence = re.sub(r"\b([Aa])n? (?=(?:8|11|18|80)\b|[aeiou](?!ne\b|ni|te))", r"\1n ", sentence)
    sentence = re.sub(r"\b([Aa])n (?=(?!8|11|18|80)[^aeiou\s])", r"\1 ", sentence)
    return sentence[:1].upper() + sentence[1:]


@cache
def _slot_words() -> re.Pattern[str]:
    words = sorted({word for words in _slots().values() for word in words if not word[0].isdigit()}, key=len)
    return re.compile(r"\d[\d.]*|\b(?:" + "|".join(map(re.escape, reversed(words))) + r")\b", re.IGNORECASE)


def wording(sentence: str) -> str:
    """A sentence without what slots put into it: equal for all sentences of one template."""
    return _slot_words().sub("~", sentence).lower()


def invented(split: str, number: int, seed: int, must_have: str = "") -> Report:
    """Report `number` of a split. `must_have` is a pattern that one of its templates has to hold, where one does."""
    chance = random.Random(f"{seed}/{split}/{number}/{must_have}")
    wanted = re.compile(must_have, re.IGNORECASE)
    own = {region: [t for t in templates(region) if t.split == split] for region in REGIONS}
    fitting = [t for region in REGIONS for t in own[region] if must_have and wanted.search(t.sentence)]
    first = chance.choice(fitting) if fitting else None
    region = first.region if first else REGIONS[number % len(REGIONS)]
    sex = (first.sex if first and first.sex else None) or chance.choice("MF")
    pool = [t for t in own[region] if t.sex in ("", sex) and t is not first]
    chance.shuffle(pool)
    chosen = [first] if first else []
    for abnormal, count in ((True, chance.choice(_ABNORMAL)), (False, chance.choice(_NORMAL))):
        for template in [t for t in pool if t.is_abnormal is abnormal]:
            if sum(t.is_abnormal is abnormal for t in chosen) >= count:
                break
            if template.topic not in {t.topic for t in chosen}:
                chosen.append(template)
    chosen.sort(key=lambda t: t.topic != "patient")
    said = [filled(template, chance) for template in chosen]
    impression = tuple(line for _, line in said if line)
    named = sex if any(t.sex for t in chosen) else None
    return Report(
        f"inv-{split}-{number}", "invented", region.replace("_", " "), tuple(s for s, _ in said), impression, named
    )
