"""Hosts in, planted cases out: one error a case, the same for the same seed whatever else is asked for."""

import random
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmarks.discrepancy.case import Case, Edit
from benchmarks.discrepancy.kinds import WORD_RULES, is_misheard, table
from benchmarks.discrepancy.numbers import is_said_once
from benchmarks.discrepancy.report import Laid, Report, lay_out
from benchmarks.discrepancy.rewriting import reworded
from benchmarks.discrepancy.run_on import RunOn, is_ambiguous, run_on
from benchmarks.discrepancy.sexes import OTHER, with_patient
from benchmarks.discrepancy.sound_alikes import sound_alikes
from benchmarks.discrepancy.statements import is_addable, new_to, omittable

SETTINGS = ("plain", "reworded")
RUN_ON = "run-on"  # a setting that is asked for: the cases of the other two are the same with it and without it
Plant = tuple[int, Edit, tuple[str, ...]]


def planted(
    kind: str,
    hosts: Sequence[Report],
    seed: int,
    most: int,
    lenders: Sequence[Report] = (),
    settings: Sequence[str] = SETTINGS,
) -> list[Case]:
    """At most `most` cases of a kind: one from every host first, then a second one, and so on.

    `lenders` are further reports whose sentences an addition may bring in. Hosts that would be ambiguous when run on
    are left out where they would be.
    """
    if RUN_ON in settings:
        hosts = [host for host in hosts if not is_ambiguous(host, host.sentences)]
    pools = _pools(kind, (*hosts, *lenders)) if kind.startswith("addition") else {}
    by_host = []
    for host in hosts:
        chance = random.Random(f"{seed}/{kind}/{host.id}")
        cases = list(_cases(kind, host, pools.get(host.region, []), settings, seed, chance))
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


def _cases(
    kind: str, host: Report, pool: Sequence[str], settings: Sequence[str], seed: int, chance: random.Random
) -> Iterator[Case]:
    if kind.startswith("omission"):
        yield from (_omission(kind, host, index, settings, seed) for index in omittable(host, kind))
    elif kind.startswith("addition"):
        sentences = new_to(host, pool)
        yield from (_addition(kind, host, s, settings, seed) for s in chance.sample(sentences, min(1, len(sentences))))
    elif kind.startswith("sex"):
        report, sex = with_patient(host, seed)
        plants = list(_word_plants(kind, report))
        if kind == "sex in the order" and len(plants) > 1:
            return  # every such word would be a right place for the card
        for number, plant in enumerate(plants):
            yield _sex(kind, report, sex, plant, number, settings, seed)
    else:
        for number, plant in enumerate(_word_plants(kind, host)):
            yield _worded(kind, host, plant, number, settings, seed)


def _word_plants(kind: str, host: Report) -> Iterator[Plant]:
    for index, sentence in enumerate(host.sentences):
        if is_misheard(kind):
            yield from ((index, edit, accept) for edit, accept in sound_alikes(kind, sentence))
        else:
            for edit in WORD_RULES[kind](sentence):
                if not kind.startswith("number lost") or is_said_once(sentence[edit.start : edit.end], host.text):
                    yield index, edit, ()


def _rare_words_first(by_host: list[list[Case]]) -> None:
    """A few words make most of the places for a sound-alike: a host that has a rarer one gives that one."""

    def new_word(case: Case) -> str:
        return case.written[slice(*case.written_words or (0, 0))].lower()

    counts = Counter(new_word(case) for cases in by_host for case in cases)
    for cases in by_host:
        cases.sort(key=lambda case: counts[new_word(case)])
    by_host.sort(key=lambda cases: counts[new_word(cases[0])] if cases else 0)


def _named(kind: str, host: Report, number: int, settings: Sequence[str]) -> tuple[str, str]:
    """The id of a case and its setting."""
    id = f"{kind}/{host.id}/{number}"
    setting = settings[zlib.crc32(id.encode()) % len(settings)]
    return (f"{id}/{RUN_ON}" if setting == RUN_ON else id), setting


def _heard(
    host: Report, sentences: tuple[str, ...], index: int | None, setting: str, id: str, seed: int
) -> Laid | RunOn:
    """The dictation of `sentences`: themselves, run on, or with everything but sentence `index` said otherwise."""
    if setting == "plain":
        return lay_out(sentences, host.cut)
    if setting == RUN_ON:
        return run_on(host, sentences)
    chance = random.Random(f"{seed}/heard/{id}")
    said = tuple(s if i == index else reworded(s, "light", chance) for i, s in enumerate(sentences))
    first = chance.sample(range(host.cut), host.cut)
    return lay_out(said, host.cut, (*first, *range(host.cut, len(said))))


def _worded(kind: str, host: Report, plant: Plant, number: int, settings: Sequence[str], seed: int) -> Case:
    index, edit, accept = plant
    id, setting = _named(kind, host, number, settings)
    wrong = tuple(edit.apply(s) if i == index else s for i, s in enumerate(host.sentences))
    written = lay_out(wrong, host.cut)
    new = (edit.start, edit.start + len(edit.new))
    if kind.endswith("in both"):
        setting = RUN_ON if setting == RUN_ON else "plain"
        heard = _heard(host, wrong, index, setting, id, seed)
        old = heard.span(index, *new)
    else:
        heard = _heard(host, host.sentences, index, setting, id, seed)
        old = heard.span(index, edit.start, edit.end)
    return Case(
        id, kind, host.origin, host.id, setting, heard.text, written.text, host.text,
        (*table()[kind]["expected"], *accept), old, written.span(index, *new), heard.spans[index], written.spans[index],
    )  # fmt: skip


def _omission(kind: str, host: Report, index: int, settings: Sequence[str], seed: int) -> Case:
    id, setting = _named(kind, host, index, settings)
    heard = _heard(host, host.sentences, index, setting, id, seed)
    left = host.sentences[:index] + host.sentences[index + 1 :]
    written = lay_out(left, host.cut - (index < host.cut)).text
    expected = tuple(table()[kind]["expected"])
    return Case(
        id, kind, host.origin, host.id, setting, heard.text, written, host.text, expected,
        heard_words=heard.spans[index], heard_place=heard.spans[index],
    )  # fmt: skip


def _addition(kind: str, host: Report, sentence: str, settings: Sequence[str], seed: int) -> Case:
    id, setting = _named(kind, host, 0, settings)
    heard = _heard(host, host.sentences, None, setting, id, seed)
    written = lay_out((*host.findings, sentence, *host.impression), host.cut + 1)
    place = written.spans[host.cut]
    expected = tuple(table()[kind]["expected"])
    return Case(
        id, kind, host.origin, host.id, setting, heard.text, written.text, host.text, expected,
        written_words=place, written_place=place,
    )  # fmt: skip


def _sex(kind: str, host: Report, sex: str, plant: Plant, number: int, settings: Sequence[str], seed: int) -> Case:
    if kind == "sex in the text":
        case = _worded(kind, host, plant, number, settings, seed)
        return replace(case, order=(("sex", sex),))
    index, edit, _ = plant
    id, setting = _named(kind, host, number, settings)
    setting = RUN_ON if setting == RUN_ON else "plain"
    heard = _heard(host, host.sentences, index, setting, id, seed)
    written = lay_out(host.sentences, host.cut)
    return Case(
        id, kind, host.origin, host.id, setting, heard.text, host.text, host.text, tuple(table()[kind]["expected"]),
        heard.span(index, edit.start, edit.end), written.span(index, edit.start, edit.end),
        heard.spans[index], written.spans[index], (("sex", OTHER[sex]),),
    )  # fmt: skip
