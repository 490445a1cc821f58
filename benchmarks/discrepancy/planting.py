"""Hosts in, planted cases out: one error a case, the same for the same seed whatever else is asked for."""

import random
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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


@dataclass(frozen=True)
class Plan:
    """What is planted: a kind with the words of a split, in one of the settings, from a seed."""

    kind: str
    split: str
    seed: int
    settings: tuple[str, ...] = SETTINGS


def planted(plan: Plan, hosts: Sequence[Report], most: int, lenders: Sequence[Report] = ()) -> list[Case]:
    """At most `most` cases of a kind: one from every host first, then a second one, and so on.

    `lenders` are further reports whose sentences an addition may bring in. Hosts that would be ambiguous when run on
    are left out where they would be.
    """
    kind, seed = plan.kind, plan.seed
    if RUN_ON in plan.settings:
        hosts = [host for host in hosts if not is_ambiguous(host, host.sentences)]
    pools = _pools(kind, (*hosts, *lenders)) if kind.startswith("addition") else {}
    by_host = []
    for host in hosts:
        chance = random.Random(f"{seed}/{kind}/{host.id}")
        cases = list(_cases(plan, host, pools.get(host.region, []), chance))
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


def _cases(plan: Plan, host: Report, pool: Sequence[str], chance: random.Random) -> Iterator[Case]:
    kind = plan.kind
    if kind.startswith("omission"):
        yield from (_omission(plan, host, index) for index in omittable(host, kind))
    elif kind.startswith("addition"):
        sentences = new_to(host, pool)
        yield from (_addition(plan, host, s) for s in chance.sample(sentences, min(1, len(sentences))))
    elif kind.startswith("sex"):
        report, sex = with_patient(host, plan.seed)
        plants = list(_word_plants(plan, report))
        if kind == "sex in the order" and len(plants) > 1:
            return  # every such word would be a right place for the card
        for number, plant in enumerate(plants):
            yield _sex(plan, report, sex, plant, number)
    else:
        for number, plant in enumerate(_word_plants(plan, host)):
            yield _worded(plan, host, plant, number)


def _word_plants(plan: Plan, host: Report) -> Iterator[Plant]:
    kind = plan.kind
    for index, sentence in enumerate(host.sentences):
        if is_misheard(kind):
            yield from ((index, edit, accept) for edit, accept in sound_alikes(kind, plan.split, sentence))
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


def _named(plan: Plan, host: Report, number: int) -> tuple[str, str]:
    """The id of a case and its setting."""
    id = f"{plan.kind}/{host.id}/{number}"
    setting = plan.settings[zlib.crc32(id.encode()) % len(plan.settings)]
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


def _worded(plan: Plan, host: Report, plant: Plant, number: int) -> Case:
    index, edit, accept = plant
    id, setting = _named(plan, host, number)
    wrong = tuple(edit.apply(s) if i == index else s for i, s in enumerate(host.sentences))
    written = lay_out(wrong, host.cut)
    new = (edit.start, edit.start + len(edit.new))
    if plan.kind.endswith("in both"):
        setting = RUN_ON if setting == RUN_ON else "plain"
        heard = _heard(host, wrong, index, setting, id, plan.seed)
        old = heard.span(index, *new)
    else:
        heard = _heard(host, host.sentences, index, setting, id, plan.seed)
        old = heard.span(index, edit.start, edit.end)
    return Case(
        id, plan.kind, host.origin, host.id, setting, heard.text, written.text, host.text,
        (*table()[plan.kind]["expected"], *accept), old, written.span(index, *new),
        heard.spans[index], written.spans[index],
    )  # fmt: skip


def _omission(plan: Plan, host: Report, index: int) -> Case:
    id, setting = _named(plan, host, index)
    heard = _heard(host, host.sentences, index, setting, id, plan.seed)
    left = host.sentences[:index] + host.sentences[index + 1 :]
    written = lay_out(left, host.cut - (index < host.cut)).text
    expected = tuple(table()[plan.kind]["expected"])
    return Case(
        id, plan.kind, host.origin, host.id, setting, heard.text, written, host.text, expected,
        heard_words=heard.spans[index], heard_place=heard.spans[index],
    )  # fmt: skip


def _addition(plan: Plan, host: Report, sentence: str) -> Case:
    id, setting = _named(plan, host, 0)
    heard = _heard(host, host.sentences, None, setting, id, plan.seed)
    written = lay_out((*host.findings, sentence, *host.impression), host.cut + 1)
    place = written.spans[host.cut]
    expected = tuple(table()[plan.kind]["expected"])
    return Case(
        id, plan.kind, host.origin, host.id, setting, heard.text, written.text, host.text, expected,
        written_words=place, written_place=place,
    )  # fmt: skip


def _sex(plan: Plan, host: Report, sex: str, plant: Plant, number: int) -> Case:
    if plan.kind == "sex in the text":
        case = _worded(plan, host, plant, number)
        return replace(case, order=(("sex", sex),))
    index, edit, _ = plant
    id, setting = _named(plan, host, number)
    setting = RUN_ON if setting == RUN_ON else "plain"
    heard = _heard(host, host.sentences, index, setting, id, plan.seed)
    written = lay_out(host.sentences, host.cut)
    return Case(
        id, plan.kind, host.origin, host.id, setting, heard.text, host.text, host.text,
        tuple(table()[plan.kind]["expected"]), heard.span(index, edit.start, edit.end),
        written.span(index, edit.start, edit.end), heard.spans[index], written.spans[index], (("sex", OTHER[sex]),),
    )  # fmt: skip
