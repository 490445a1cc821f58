"""Hosts in, planted cases out: one error a case, the same for the same seed whatever else is asked for."""

import random
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence

from benchmarks.discrepancy.case import Case, Edit, Span
from benchmarks.discrepancy.kinds import WORD_RULES, is_misheard, table
from benchmarks.discrepancy.report import Report, lay_out
from benchmarks.discrepancy.rewriting import reworded
from benchmarks.discrepancy.sexes import OTHER, with_patient
from benchmarks.discrepancy.sound_alikes import sound_alikes
from benchmarks.discrepancy.statements import is_addable, new_to, omittable

SETTINGS = ("plain", "reworded")
Plant = tuple[int, Edit, tuple[str, ...]]


def planted(kind: str, hosts: Sequence[Report], seed: int, most: int, lenders: Sequence[Report] = ()) -> list[Case]:
    """At most `most` cases of a kind: one from every host first, then a second one, and so on.

    `lenders` are further reports whose sentences an addition may bring in.
    """
    pools = _pools(kind, (*hosts, *lenders)) if kind.startswith("addition") else {}
    by_host = []
    for host in hosts:
        chance = random.Random(f"{seed}/{kind}/{host.id}")
        cases = list(_cases(kind, host, pools.get(host.region, []), seed, chance))
        chance.shuffle(cases)
        by_host.append(cases)
    random.Random(f"{seed}/{kind}").shuffle(by_host)
    if is_misheard(kind):
        _rare_words_first(by_host)
    rounds = (
        cases[turn] for turn in range(max(map(len, by_host), default=0)) for cases in by_host if turn < len(cases)
    )
    return [case for case, _ in zip(rounds, range(most), strict=False)]


def _pools(kind: str, hosts: Sequence[Report]) -> dict[str, list[str]]:
    """The statements of all hosts that an addition may bring in, by region."""
    regions = {host.region: set[str]() for host in hosts}
    for host in hosts:
        regions[host.region].update(s for s in host.findings if is_addable(s, kind == "addition, positive"))
    return {region: sorted(sentences) for region, sentences in regions.items()}


def _cases(kind: str, host: Report, pool: Sequence[str], seed: int, chance: random.Random) -> Iterator[Case]:
    if kind.startswith("omission"):
        yield from (_omission(kind, host, index, seed) for index in omittable(host, kind))
    elif kind.startswith("addition"):
        sentences = new_to(host, pool)
        yield from (_addition(kind, host, s, seed) for s in chance.sample(sentences, min(1, len(sentences))))
    elif kind.startswith("sex"):
        report, sex = with_patient(host, seed)
        plants = list(_word_plants(kind, report))
        if kind == "sex in the order" and len(plants) > 1:
            return  # every such word would be a right place for the card
        for number, plant in enumerate(plants):
            yield _sex(kind, report, sex, plant, number, seed)
    else:
        for number, plant in enumerate(_word_plants(kind, host)):
            yield _worded(kind, host, plant, number, seed)


def _word_plants(kind: str, host: Report) -> Iterator[Plant]:
    for index, sentence in enumerate(host.sentences):
        if is_misheard(kind):
            yield from ((index, edit, accept) for edit, accept in sound_alikes(kind, sentence))
        else:
            yield from ((index, edit, ()) for edit in WORD_RULES[kind](sentence))


def _rare_words_first(by_host: list[list[Case]]) -> None:
    """A few words make most of the places for a sound-alike: a host that has a rarer one gives that one."""

    def new_word(case: Case) -> str:
        return case.written[slice(*case.written_words or (0, 0))].lower()

    counts = Counter(new_word(case) for cases in by_host for case in cases)
    for cases in by_host:
        cases.sort(key=lambda case: counts[new_word(case)])
    by_host.sort(key=lambda cases: counts[new_word(cases[0])] if cases else 0)


def _setting(id: str) -> str:
    return SETTINGS[zlib.crc32(id.encode()) % 2]


def _heard(host: Report, index: int | None, setting: str, id: str, seed: int) -> tuple[str, tuple[Span, ...]]:
    """The dictation of a host: itself, or with everything but sentence `index` said otherwise, and its spans."""
    if setting == "plain":
        laid = lay_out(host.sentences, host.cut)
        return laid.text, laid.spans
    chance = random.Random(f"{seed}/heard/{id}")
    said = tuple(s if i == index else reworded(s, "light", chance) for i, s in enumerate(host.sentences))
    first = chance.sample(range(host.cut), host.cut)
    laid = lay_out(said, host.cut, (*first, *range(host.cut, len(said))))
    return laid.text, laid.spans


def _worded(kind: str, host: Report, plant: Plant, number: int, seed: int) -> Case:
    index, edit, accept = plant
    id = f"{kind}/{host.id}/{number}"
    in_both = kind.endswith("in both")
    setting = "plain" if in_both else _setting(id)
    heard, heard_spans = _heard(host, index, setting, id, seed)
    wrong = tuple(edit.apply(s) if i == index else s for i, s in enumerate(host.sentences))
    written = lay_out(wrong, host.cut)
    place, heard_place = written.spans[index], heard_spans[index]
    new = (place[0] + edit.start, place[0] + edit.start + len(edit.new))
    old = (heard_place[0] + edit.start, heard_place[0] + edit.end)
    return Case(
        id, kind, host.origin, host.id, setting, written.text if in_both else heard, written.text, host.text,
        (*table()[kind]["expected"], *accept), new if in_both else old, new, place if in_both else heard_place, place,
    )  # fmt: skip


def _omission(kind: str, host: Report, index: int, seed: int) -> Case:
    id = f"{kind}/{host.id}/{index}"
    setting = _setting(id)
    heard, spans = _heard(host, index, setting, id, seed)
    left = host.sentences[:index] + host.sentences[index + 1 :]
    written = lay_out(left, host.cut - (index < host.cut)).text
    expected = tuple(table()[kind]["expected"])
    return Case(
        id, kind, host.origin, host.id, setting, heard, written, host.text, expected,
        heard_words=spans[index], heard_place=spans[index],
    )  # fmt: skip


def _addition(kind: str, host: Report, sentence: str, seed: int) -> Case:
    id = f"{kind}/{host.id}/0"
    setting = _setting(id)
    heard, _ = _heard(host, None, setting, id, seed)
    written = lay_out((*host.findings, sentence, *host.impression), host.cut + 1)
    place = written.spans[host.cut]
    expected = tuple(table()[kind]["expected"])
    return Case(
        id, kind, host.origin, host.id, setting, heard, written.text, host.text, expected,
        written_words=place, written_place=place,
    )  # fmt: skip


def _sex(kind: str, host: Report, sex: str, plant: Plant, number: int, seed: int) -> Case:
    if kind == "sex in the text":
        case = _worded(kind, host, plant, number, seed)
        return Case(**{**vars(case), "order": (("sex", sex),)})
    index, edit, _ = plant
    id = f"{kind}/{host.id}/{number}"
    spans = lay_out(host.sentences, host.cut).spans
    place = spans[index]
    words = (place[0] + edit.start, place[0] + edit.end)
    return Case(
        id, kind, host.origin, host.id, "plain", host.text, host.text, host.text, tuple(table()[kind]["expected"]),
        words, words, place, place, (("sex", OTHER[sex]),),
    )  # fmt: skip
