"""The ranked differences as cards: what disagrees, in whose words, how much it matters, and how it sounded."""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

from dictation.case import Decision
from dictation.discrepancy import SEVERITIES, Discrepancy, Side
from dictation.discrepancy.ranking import Shortlist, shortlist
from dictation.exchange.labels import SHAPES, clock, kind_labels
from dictation.exchange.marks import Mark, exact_parts, marked_html
from dictation.exchange.sound import clip_uri
from dictation.exchange.view import CaseView

DECIDED = {
    "take_heard": "heard held right",
    "take_written": "written held right",
    "edit": "edited",
    "dismiss": "dismissed",
}


def cards_html(view: CaseView, keys: Mapping[str, str] | None = None) -> str:
    """Return the list of differences: the few of the shortlist, then the others and the settled ones, folded.

    `keys`, where a page offers decisions: action → HTML of its key. An open card has those that make sense for it,
    a settled one only "reopen".
    """
    keys = keys or {}
    decisions = {decision.discrepancy_id: decision for decision in view.case.decisions}
    everything = view.case.discrepancies
    settled = [d for d in everything if d.id in decisions]
    listed = shortlist(everything, decisions, view.precisions)
    html = f'<h3 class="count">{_count(listed, view)}</h3>'
    html += "".join(_card(d, view, _keys(d, keys)) for d in listed.shown)
    html += _fold("folded", _more(listed.folded), [_card(d, view, _keys(d, keys)) for d in listed.folded])
    html += "".join(f'<p class="origin">{escape(note)}</p>' for note in listed.notes)
    if number := sum(statement.origin == "suggested" for statement in view.case.report.statements):
        suggestions = "1 suggestion stands" if number == 1 else f"{number} suggestions stand"
        html += f'<p class="origin">{suggestions} below the columns, not in the report.</p>'
    reopen = keys.get("reopen", "")
    html += _fold("settled", f"{len(settled)} settled", [_card(d, view, reopen, decisions[d.id]) for d in settled])
    return html


def _keys(difference: Discrepancy, keys: Mapping[str, str]) -> str:
    """A side can be right only where it speaks, or where its silence is what differs."""
    between = difference.kind in ("omission", "addition") and difference.seen is None
    offered = {
        "take_heard": difference.heard is not None or between,
        "take_written": difference.written is not None or between,
        "dismiss": True,
    }
    return "".join(keys.get(action, "") for action, fits in offered.items() if fits)


def _count(listed: Shortlist, view: CaseView) -> str:
    """What is to be settled, and how much more there is where a reader may not scroll to."""
    if view.stage == "writing":
        return "The report is being written. Differences come when it is done."
    if view.stage == "stopped":
        return "Stopped: no report was written, nothing was compared."
    if not view.case.discrepancies:
        return "No difference found" if view.case.dictation.sentences else "No dictation, so nothing was compared"
    more = f", {len(listed.folded)} folded" if listed.folded else ""
    return f"{len(listed.shown) or 'None'} to settle{more}"


def _more(folded: Sequence[Discrepancy]) -> str:
    counts = Counter[str](difference.severity for difference in folded)
    return "more: " + ", ".join(f"{counts[severity]} {severity}" for severity in SEVERITIES if counts[severity])


def _fold(name: str, summary: str, cards: list[str]) -> str:
    if not cards:
        return ""
    key = "<kbd>F</kbd> " if name == "folded" else ""
    return f'<details class="{name}"><summary>{key}{summary}</summary>{"".join(cards)}</details>'


def severity_html(severity: str, text: str = "") -> str:
    """A severity as shape and word."""
    return f'<span class="severity {severity}"><i aria-hidden="true">{SHAPES[severity]}</i> {text or severity}</span>'


def _card(difference: Discrepancy, view: CaseView, keys: str, decision: Decision | None = None) -> str:
    label = escape(kind_labels()[difference.kind].label)
    suggestion = (
        f'<p class="origin">Would settle it: “{escape(difference.suggestion)}”</p>' if difference.suggestion else ""
    )
    settled = f'<p class="origin">{DECIDED[decision.action]} by {escape(decision.by)}</p>' if decision else ""
    return (
        f'<article class="card {difference.severity}" data-d="{escape(difference.id)}" tabindex="0">'
        f"<h4>{severity_html(difference.severity)} {label}</h4>"
        f"<p>{escape(difference.explanation)}</p>"
        f"<dl>{_quotes(difference)}</dl>{suggestion}{settled}"
        f'<div class="keys">{_play(difference, view)}{keys}</div></article>'
    )


def _quotes(difference: Discrepancy) -> str:
    sides = {"heard": difference.heard, "written": difference.written, "seen": difference.seen}
    missing = {"heard": "not dictated", "written": "not in the report"}
    silent = difference.kind in ("omission", "addition")
    must_show = ("written",) if difference.seen and silent else ("heard", "written") if silent else ()
    html = ""
    for name, side in sides.items():
        if side is not None:
            html += f"<dt>{name}</dt><dd>{_quote(difference, side, name)}</dd>"
        elif name in must_show:
            html += f'<dt>{name}</dt><dd class="not">{missing[name]}</dd>'
    return html


def _quote(difference: Discrepancy, side: Side, name: str) -> str:
    if side.span is None or name == "seen":
        return escape(side.text)
    marks = [Mark(*part, difference=difference, exact=True) for part in exact_parts(difference, side)]
    if side.span[1] - side.span[0] != len(side.text):  # a side may quote more than its span
        return escape(side.text)
    return marked_html(side.text, marks, side.span[0])


def _play(difference: Discrepancy, view: CaseView) -> str:
    if difference.audio_span_s is None:
        return ""
    start_s, end_s = difference.audio_span_s
    when = clock(start_s)
    uri = clip_uri(view.samples, start_s, end_s) if view.samples is not None else None
    if uri is None:
        return f'<span class="origin">said at {when}</span>'
    return (
        f'<button type="button" class="play"><kbd>Space</kbd> play {when}</button>'
        f'<audio preload="none" src="{uri}"></audio>'
    )
