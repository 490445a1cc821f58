"""One engine on the reports of a split: its answers counted against the codes, every way that the table shows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.extraction import rates
from benchmarks.extraction.british import respelled
from benchmarks.extraction.jsonl import Claims, ask
from benchmarks.extraction.mapping import Mapping, Policy
from benchmarks.extraction.reports import CodedReport
from benchmarks.extraction.scoring import Counts, count
from benchmarks.extraction.truth import coded, coverage

POLICIES: tuple[Policy, ...] = ("present", "absent")


@dataclass(frozen=True)
class Engine:
    """A command that answers the protocol, and the table that reads its claims."""

    name: str
    command: str
    table: Path


def facts(reports: list[CodedReport]) -> dict[str, Any]:
    """What is measured on, the same for all engines."""
    truths = [coded(report.codes) for report in reports]
    counted = coverage(report.codes for report in reports)
    held = [family for truth in truths for family in truth]
    return {
        "reports": len(reports),
        "with_masks": sum(report.is_masked for report in reports),
        "families": len(set(held)),
        "families_in_5_reports": sum(held.count(family) >= rates.MACRO_REPORTS for family in set(held)),
        "family_mentions_coded": len(held),
        "codes": counted.codes,
        "code_coverage": round(counted.mapped / counted.codes, 4),
        "sided_codes": counted.sided,
        "sided_code_coverage": round(counted.sided_mapped / counted.sided, 4),
    }


def measured(engine: Engine, reports: list[CodedReport]) -> dict[str, Any]:
    """All scores of one engine. EngineError where it does not answer."""
    mapping = Mapping(engine.table)
    answers = ask(engine.command, {report.id: report.text for report in reports})
    british = ask(engine.command, {report.id: respelled(report.text) for report in reports})
    counts = {policy: _counts(reports, answers, mapping, policy) for policy in POLICIES}
    abroad = {policy: _counts(reports, british, mapping, policy) for policy in POLICIES}
    unmasked = [not report.is_masked for report in reports]
    return {
        "presence": {policy: rates.presence(counts[policy]) for policy in POLICIES},
        "presence_without_masks": {policy: rates.presence(counts[policy].of(unmasked)) for policy in POLICIES},
        "presence_british": {policy: rates.presence(abroad[policy]) for policy in POLICIES},
        "agreement": rates.agreement(counts["present"]),
        "agreement_without_masks": rates.agreement(counts["present"].of(unmasked)),
        "families": rates.by_family(counts["present"]),
        "finding_names_without_a_family": len(mapping.unmapped(claim for said in answers.values() for claim in said)),
    }


def _counts(reports: list[CodedReport], answers: dict[str, Claims], mapping: Mapping, possible: Policy) -> Counts:
    truths = [coded(report.codes) for report in reports]
    return count(truths, [mapping.taken(answers[report.id], possible) for report in reports])
