"""What was said and what was heard, word by word, in colours and marks."""

from collections.abc import Mapping, Sequence
from html import escape

from dictation.evaluation import Step
from pipelines.evaluation.measuring import Measured

ON_PAGE = 100  # recordings; alignments.jsonl has all of them


def step_html(step: Step) -> str:
    """One word: as it is where it was heard, else with a mark that tells the kind of the error without its colour."""
    said, heard = escape(step.said), escape(step.heard)
    if step.kind == "substitution":
        return f'<span class="wrong"><b>≠</b><s>{said}</s> {heard}</span>'
    if step.kind == "deletion":
        return f'<span class="lost"><b>−</b>{said}</span>'
    if step.kind == "insertion":
        return f'<span class="added"><b>+</b>{heard}</span>'
    return said


LEGEND = " ".join(
    f"{step_html(step)} {what}"
    for step, what in (
        (Step("substitution", "said", "heard"), "another word was heard,"),
        (Step("deletion", "said", ""), "a word was lost,"),
        (Step("insertion", "", "heard"), "a word was added."),
    )
)


def alignments_html(measured: Mapping[str, Sequence[Measured]]) -> str:
    """A fold for each recording, the one with the most errors first; in it a line for each system."""
    by_recording = list(zip(*measured.values(), strict=True))
    by_recording.sort(key=lambda of_systems: -sum(map(_errors, of_systems)))
    folds = [
        f'<details{" open" if not number else ""}><summary>{escape(of_systems[0].recording.id)} <span class="quiet">'
        f"{escape(_counts(measured, of_systems))}</span></summary>"
        + "".join(
            f"<h3>{escape(label)}{'' if one.state == 'heard' else f' ({one.state})'}</h3>"
            f'<p class="aligned">{" ".join(map(step_html, one.steps["written"]))}</p>'
            for label, one in zip(measured, of_systems, strict=True)
        )
        + "</details>"
        for number, of_systems in enumerate(by_recording[:ON_PAGE])
    ]
    more = len(by_recording) - ON_PAGE
    rest = f"<p>{more} recordings more stand in alignments.jsonl.</p>" if more > 0 else ""
    return "".join(folds) + rest


def _errors(one: Measured) -> int:
    return sum(step.kind != "hit" for step in one.steps["written"])


def _counts(measured: Mapping[str, Sequence[Measured]], of_systems: Sequence[Measured]) -> str:
    counts = ", ".join(f"{label} {_errors(one)}" for label, one in zip(measured, of_systems, strict=True))
    return f"errors: {counts}"
