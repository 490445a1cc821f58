"""Which cases a run consists of: real hosts where there are enough, invented ones beside them, always apart."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.discrepancy import openi
from benchmarks.discrepancy.case import Case
from benchmarks.discrepancy.controls import CONTROLS, WITHOUT_MARKS, clean_case, fits
from benchmarks.discrepancy.grammar import invented
from benchmarks.discrepancy.kinds import MUST_HAVE, is_misheard, table
from benchmarks.discrepancy.planting import RUN_ON, SETTINGS, Plan, planted
from benchmarks.discrepancy.report import Report
from benchmarks.discrepancy.sound_alikes import must_have

REAL = 400  # most real cases of a kind
INVENTED = {"dev": 150, "test": 300}  # invented cases of a kind, and invented hosts of a control
_TRIES = 3  # invented hosts made for every case wanted


def real_hosts(archive: Path | None, split: str) -> list[Report]:
    """The real hosts of a split."""
    return openi.reports(openi.archive(archive), split)


def invented_hosts(split: str, count: int, seed: int, pattern: str = "") -> list[Report]:
    """Invented hosts of a split that have a place for an error."""
    return [invented(split, number, seed, pattern) for number in range(count)]


def planted_cases(
    kind: str, split: str, real: list[Report], seed: int, share: float = 1.0, settings: Sequence[str] = SETTINGS
) -> list[Case]:
    """All cases of a kind, real ones first. `share` below 1 makes a quick run of fewer."""
    pattern = must_have(kind, split) if is_misheard(kind) else MUST_HAVE.get(kind, "")
    wanted = max(1, int(INVENTED[split] * share))
    made = invented_hosts(split, wanted * _TRIES, seed, pattern)
    lenders = _lenders(split, seed) if kind.startswith("addition") else []
    most = max(1, int(REAL * share))
    plan = Plan(kind, split, seed, tuple(settings))
    return planted(plan, real, most, lenders) + planted(plan, made, wanted)


def _lenders(split: str, seed: int) -> list[Report]:
    """Invented chest reports: the real ones nearly all deny the same things, so few of them can lend a denial."""
    chests = [host for host in invented_hosts(split, 400, seed) if host.region.startswith("chest")]
    return [replace(host, region="chest x-ray") for host in chests]


def clean_cases(control: str, split: str, real: list[Report], seed: int, share: float = 1.0) -> list[Case]:
    """Every host under a control; hosts in which a rewrite finds nothing to change are left out."""
    made = invented_hosts(split, max(1, int(INVENTED[split] * share)), seed)
    hosts = [*real[: max(1, int(len(real) * share))], *made]
    return [clean_case(control, host, seed) for host in hosts if fits(control, host, seed)]


def natural_cases(archive: Path | None, split: str, seed: int) -> list[Case]:
    """The reports of `natural.json` that belong to a split, each beside itself; masks do not hide their error."""
    ids = [id for id in natural() if id[-1] in openi.SPLITS[split]]
    hosts = openi.named(openi.archive(archive), ids) if ids else []
    return [replace(clean_case("human report", host, seed), id=f"natural/{host.id}", kind="natural") for host in hosts]


def natural() -> dict[str, list[str]]:
    """Ids of real reports that contradict themselves, and the kinds of card that say so."""
    known: dict[str, list[str]] = json.loads(Path(__file__).with_name("natural.json").read_text(encoding="utf-8"))
    return {id: kinds for id, kinds in known.items() if id.startswith("CXR")}


def all_cases(
    split: str, real: list[Report], seed: int, kinds: Iterable[str], controls: Iterable[str], share: float = 1.0
) -> list[Case]:
    """Planted cases of the kinds, then the same kinds run on, then clean cases of the controls."""
    kinds = tuple(kinds)
    errors = [case for kind in kinds for case in planted_cases(kind, split, real, seed, share)]
    errors += [case for kind in kinds for case in planted_cases(kind, split, real, seed, share / 2, (RUN_ON,))]
    return errors + [case for control in controls for case in clean_cases(control, split, real, seed, share)]


KINDS = tuple(table())
CONTROL_NAMES = tuple(CONTROLS)
REWRITES = tuple(name for name in CONTROLS if name not in ("human report", *WITHOUT_MARKS))
