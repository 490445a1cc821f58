"""The questions of a blind read: which finding is asked about, in which words, for which exam.

All words are data (`probe_findings.tsv`, `probe_prompts.tsv`). A question is asked in several ways, and each way names
the options in another order, so that neither one wording nor the place of a word decides.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from string import Template

from dictation.lexicon import rows

YES_NO = ("yes", "no")
SIDES = ("left", "right", "both")
CHANGES = ("increased", "decreased", "stable")
_TABLES = ("probe_findings", "probe_prompts")
_OLDEST = 90  # years; from here on an age can identify a person (HIPAA, 45 CFR 164.514(b)(2)(i)(C))


@dataclass(frozen=True)
class Probe:
    """One finding and the ways to ask for it. `finding` is the lexicon's id; no `side_questions`: it has no side.

    `sites`: the places that the questions are limited to, () wherever the images show it.
    """

    finding: str
    sites: tuple[str, ...]
    name: str
    questions: tuple[str, ...]
    side_questions: tuple[str, ...]


def probes_for(modality: str, regions: Collection[str]) -> tuple[Probe, ...]:
    """Return the probes of an exam, ids as in `exam_names.tsv`; () where none are defined.

    Those of the region, where it is the only one; else those of the modality in general.
    """
    only = next(iter(regions)) if len(regions) == 1 else ""
    for region in (only, ""):
        found = [row for row in rows("probe_findings") if (row["modality"], row["region"]) == (modality, region)]
        if found:
            return tuple(
                Probe(
                    row["finding"], _cell(row["sites"]), row["name"], _cell(row["questions"]),
                    _cell(row["side_questions"]),
                )
                for row in found
            )  # fmt: skip
    return ()


def presence_prompts(probe: Probe, context: str) -> list[str]:
    """Return the ways to ask whether the finding is there."""
    return _asked("presence", probe.questions, YES_NO, context=context)


def side_prompts(probe: Probe, context: str) -> list[str]:
    """Return the ways to ask on which of SIDES it is."""
    return _asked("side", probe.side_questions, SIDES, context=context)


def change_prompts(probe: Probe, context: str) -> list[str]:
    """Return the ways to ask which of CHANGES it went through between two images."""
    templates = _prompts()["change"]
    return [
        Template(text).substitute(context=context, name=probe.name, options=_listed(_turned(CHANGES, place)))
        for place, text in enumerate(templates)
    ]


def words(name: str, **values: str) -> str:
    """Return a text of `probe_prompts.tsv`, filled in. A context may be empty."""
    return Template(_prompts()[name][0]).substitute(values).strip()


def patient_words(sex: str | None, age_years: float | None) -> str:
    """Say who was examined as far as a blind reader may know it: the sex, and the decade of the age."""
    who = {"F": "a female patient", "M": "a male patient"}.get(sex or "", "a patient")
    if age_years is None:
        return who
    if age_years >= _OLDEST:
        return f"{who} aged {_OLDEST} years or more"
    decade = int(age_years // 10) * 10
    return f"{who} aged {decade} to {decade + 9} years"


@cache
def prompt_version() -> str:
    """Return the SHA-256 of all words that a model is asked with. Calibration holds for one version only."""
    folder = files("dictation.lexicon").joinpath("data")
    return sha256(b"".join(folder.joinpath(f"{name}.tsv").read_bytes() for name in _TABLES)).hexdigest()


@cache
def _prompts() -> dict[str, tuple[str, ...]]:
    texts: dict[str, tuple[str, ...]] = {}
    for row in rows("probe_prompts"):
        texts[row["name"]] = (*texts.get(row["name"], ()), row["text"])
    return texts


def _asked(name: str, questions: Sequence[str], options: Sequence[str], context: str) -> list[str]:
    return [
        words(name, context=context, question=question, options=_listed(_turned(options, place)))
        for place, question in enumerate(questions)
    ]


def _turned(options: Sequence[str], place: int) -> list[str]:
    """Return the options beginning with another one each time."""
    first = place % len(options)
    return [*options[first:], *options[:first]]


def _listed(options: Sequence[str]) -> str:
    return f"{', '.join(options[:-1])} or {options[-1]}"


def _cell(text: str) -> tuple[str, ...]:
    return tuple(text.split(" | ")) if text else ()
