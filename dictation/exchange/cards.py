"""The ranked differences as cards: what disagrees, in whose words, how much it matters, and how it sounded."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from html import escape
from itertools import zip_longest

from dictation.case import Decision
from dictation.case.communicating import CRITICAL_RESULT
from dictation.case.doubtful import DoubtfulWord
from dictation.case.signing import OF_ANOTHER_PATIENT
from dictation.case.taking_heard import has_heard_wording
from dictation.case.wordings import Wordings
from dictation.discrepancy import SEVERITIES, Discrepancy, Side
from dictation.discrepancy.discrepancy import told_judged
from dictation.discrepancy.ranking import ranked, shortlist
from dictation.discrepancy.two_wordings import has_two_wordings, quotes_one_wording
from dictation.discrepancy.unconcluded import lacks_impression
from dictation.exchange.labels import COLUMNS, SHAPES, clock, kind_labels
from dictation.exchange.marks import Mark, exact_parts, heard_at, marked_html, other_hearings, own_column
from dictation.exchange.sound import MARGIN_S, Stretch, clip_uri, stretches
from dictation.exchange.view import CaseView

OTHERS = 3  # other hearings on one card
CARD_KEYS = {
    "take_heard": "H use dictation",
    "take_written": "R keep report",
    "edit": "E edit",
    "dismiss": "D dismiss",
    "reopen": "U open again",
    "communicate": "K communicate",
}
ON_WORDINGS = {
    "wording_mine": "P put the edit in",
    "wording_report": "R keep report",
    "wording_both": "B keep both",
}
ON_WORDS = {"keep_word": "R right as it stands"}
ON_SUGGESTIONS = {"accept": "accept into the report", "take_back": "take back"}  # no key: it changes the report
DECIDED = {
    "take_heard": "dictation used",
    "take_written": "report kept",
    "edit": "edited",
    "dismiss": "dismissed",
}


Asked = Discrepancy | DoubtfulWord


def card_keys() -> dict[str, str]:
    """Return the buttons of a page that takes decisions: action → HTML, for `cards_html` and `columns_html`."""
    keys = CARD_KEYS | ON_WORDINGS | ON_WORDS
    words = {action: f"<kbd>{words[0]}</kbd>{words[1:]}" for action, words in keys.items()} | ON_SUGGESTIONS
    return {action: f'<button type="button" data-action="{action}">{label}</button>' for action, label in words.items()}


def kinds_html(hidden: Collection[str] = ()) -> str:
    """Return the list in which a user switches kinds of differences off and on: a box for each, checked where shown."""
    items = "".join(
        f'<li><label><input type="checkbox" name="{kind}"{"" if kind in hidden else " checked"}> {escape(label.label)}'
        "</label></li>"
        for kind, label in kind_labels().items()
    )
    return (
        f'<details class="kinds"><summary>kinds of differences shown</summary><ul>{items}</ul>'
        '<p class="note">A critical one of a kind that is off is hidden, and still asked for when you sign.</p>'
        "</details>"
    )


def cards_html(view: CaseView, keys: Mapping[str, str] | None = None, hidden: Collection[str] = ()) -> str:
    """Return the list of differences: the few of the shortlist, then the others and the settled ones, folded.

    `keys`, where a page offers decisions: action → HTML of its key. An open card has those that make sense for it,
    a settled one only "reopen". `hidden` are kinds that this user switched off: their cards are counted in one line,
    critical ones are folded and said to be asked for at the signature all the same. In the app the list of kinds ends
    it.
    """
    view, keys = view.held_back(), keys or {}
    decisions = {decision.discrepancy_id: decision for decision in view.case.decisions}
    everything = view.case.discrepancies
    settled = [d for d in everything if d.id in decisions]
    listed = shortlist([d for d in everything if d.kind not in hidden], decisions, view.precisions)
    off = ranked([d for d in everything if d.kind in hidden and d.id not in decisions], view.precisions)
    grave, silent = ([d for d in off if (d.severity == "critical") is critical] for critical in (True, False))
    beneath = _of_the_same_words(view, listed.shown, listed.folded)
    follow = {one.id for ones in beneath.values() for one in ones}
    in_sight: tuple[Asked, ...] = (*listed.shown, *view.asked)
    shown = [one for one in in_sight if one.id not in follow]
    folded = [one for one in (*grave, *listed.folded) if one.id not in follow]
    words = sum(isinstance(one, DoubtfulWord) for one in shown)
    html = f'<h3 class="count">{_count(len(view.wordings) + len(shown) - words, words, folded, view)}</h3>'
    html += "".join(_wordings(two, keys) for two in view.wordings)

    def card(one: Asked) -> str:
        return _word(one, view, keys) if isinstance(one, DoubtfulWord) else _card(one, view, _keys(one, keys, view))

    for one in shown:
        told, others = _told_best(one, beneath.get(one.id, ()))
        html += card(told) + _fold("folded", f"{len(others)} more about these words", [card(two) for two in others])
    html += _fold("folded", _more(folded), [_card(d, view, _keys(d, keys, view)) for d in folded])
    if grave:
        html += (
            f'<p class="origin">{_of_kinds(len(grave))}, hidden only: critical, so still asked for when you sign.</p>'
        )
    html += _fold("off", _of_kinds(len(silent)), [_card(d, view, _keys(d, keys, view)) for d in silent])
    html += "".join(f'<p class="origin">{escape(note)}</p>' for note in listed.notes)
    if number := sum(statement.origin == "suggested" for statement in view.case.report.statements):
        suggestions = "1 suggestion stands" if number == 1 else f"{number} suggestions stand"
        html += f'<p class="origin">{suggestions} below the columns, not in the report.</p>'
    reopen = keys.get("reopen", "")
    html += _fold("settled", f"{len(settled)} resolved", [_card(d, view, reopen, decisions[d.id]) for d in settled])
    return html + (kinds_html(hidden) if view.served else "")


def _of_the_same_words(
    view: CaseView, shown: Sequence[Discrepancy], folded: Sequence[Discrepancy]
) -> dict[str, list[Asked]]:
    """Id of a card in sight → what else is asked of the words that it doubts, and is folded beneath it.

    Words that were garbled are a doubt, an unknown word, and a finding that is missing or new. What is critical, and
    what else is said of the sentence, keeps its own place.
    """
    doubts = [one.heard.span for one in (*shown, *folded) if one.kind == "critical_word" and one.heard]
    places = {span for span in (*doubts, *(word.span for word in view.asked)) if span}
    leads: dict[str, set[tuple[int, int]]] = {}
    beneath: dict[str, list[Asked]] = {}
    everything: tuple[Asked, ...] = (*shown, *view.asked, *folded)
    for one in everything:
        own = {place for place in places if _is_of(one, place, view)}
        lead = next((id for id, others in leads.items() if own & others), None)
        is_folded = not isinstance(one, DoubtfulWord) and one in folded
        if lead is not None and (isinstance(one, DoubtfulWord) or _severity(one) != "critical"):
            beneath.setdefault(lead, []).append(one)
        elif own and not is_folded:
            leads[one.id] = own
    return beneath


def _told_best(one: Asked, others: Sequence[Asked]) -> tuple[Asked, list[Asked]]:
    """What stands in sight of the same words, and what is folded beneath it: a wording that one key takes over says
    more than that a word is to be checked, and an answer to it answers that, too."""
    suggests = next((two for two in others if isinstance(two, Discrepancy) and two.suggestion and two.edits), None)
    if not isinstance(one, DoubtfulWord) or suggests is None:
        return one, list(others)
    return suggests, [one, *(two for two in others if two is not suggests)]


def _is_of(one: Asked, place: tuple[int, int], view: CaseView) -> bool:
    """Whether a card is about words at a place of the dictation, or about what the report made of them."""
    if isinstance(one, DoubtfulWord):
        return _overlap(one.span, place)
    if one.kind not in ("critical_word", "omission", "addition"):
        return False
    if one.heard is not None:
        return one.heard.span is not None and _overlap(one.heard.span, place)
    if one.written is None or one.written.span is None:
        return False
    case, span = view.case, one.written.span
    said = {id for id, own in case.dictation.spans.items() if _overlap(own, place)}
    spans = case.report.spans
    return any(
        said & set(made.evidence) and made.id in spans and _overlap(spans[made.id], span)
        for made in case.report.statements
    )


def _overlap(one: tuple[int, int], two: tuple[int, int]) -> bool:
    return one[0] < two[1] and two[0] < one[1]


def _word(word: DoubtfulWord, view: CaseView, keys: Mapping[str, str]) -> str:
    """A word to check before signing: no difference shows where all three columns say the same."""
    takes = [transcript.recording for transcript in view.case.dictation.transcripts]
    said = (
        [Stretch(takes.index(word.recording) if word.recording else 0, word.start_s, word.end_s)]
        if word.start_s is not None and word.end_s is not None
        else []
    )
    sentence = next((one.text for one in view.case.report.statements if one.id == word.statement), "")
    offered = "".join(keys.get(action, "") for action in ("keep_word", "edit"))
    return (
        f'<article class="card word" data-d="{word.id}" data-of="{escape(word.statement)}" '
        f'data-says="{escape(word.text)}" '
        f'{heard_at(said[0]) if said else ""} tabindex="0"><h4>{severity_html("major")} Word to check</h4>'
        f"<p>{escape(word.question)}</p><dl><dt>report</dt><dd>{escape(sentence)}</dd></dl>"
        f'<div class="keys">{_play(said, view)}{offered}</div></article>'
    )


def _keys(difference: Discrepancy, keys: Mapping[str, str], view: CaseView) -> str:
    """A side can be right only where it speaks, or where its silence is what differs, and against another one.

    What was heard is offered only where it has a wording that can be brought into the report, what is written only
    against another wording.
    """
    if difference.kind == "patient":  # no decision settles it
        return f'<span class="origin">{OF_ANOTHER_PATIENT}</span>' if keys else ""
    if not keys:
        return ""
    between = difference.kind in ("omission", "addition") and difference.seen is None
    sides = own_column(difference) == "" and difference.kind != CRITICAL_RESULT and not difference.choices
    offered = {
        "take_heard": sides and (difference.heard is not None or between) and has_heard_wording(view.case, difference),
        "take_written": has_two_wordings(difference),
        "edit": difference.written is not None,
        "dismiss": True,
        "communicate": difference.kind == "critical_result",
    }
    if difference.kind == "critical_word" and difference.suggestion:  # which was not heard so
        keys = {**keys, "take_heard": keys.get("take_heard", "").replace("use dictation", "use suggestion")}
    return _choices(difference, keys) + "".join(keys.get(action, "") for action, fits in offered.items() if fits)


def _choices(difference: Discrepancy, keys: Mapping[str, str]) -> str:
    """The answers to a question, the first nine with their digit."""
    if not keys:
        return ""
    digits = [f"<kbd>{number}</kbd> " for number in range(1, 10)][: len(difference.choices)]
    answers = [(escape(organ), digit) for organ, digit in zip_longest(difference.choices, digits, fillvalue="")]
    return "".join(f'<button type="button" data-organ="{organ}">{digit}{organ}</button>' for organ, digit in answers)


def _of_kinds(number: int) -> str:
    return f"{number} of {'a kind' if number == 1 else 'kinds'} that you switched off"


def _count(shown: int, words: int, folded: Sequence[Discrepancy], view: CaseView) -> str:
    """What is to be resolved and checked, and how much more there is where a reader may not scroll to."""
    if view.stage == "writing":
        return "The report is being written. Differences come when it is done."
    if view.stage == "stopped":
        return "Stopped: no report was written, nothing was compared."
    to_check = f"{words} {'word' if words == 1 else 'words'} to check" if words else ""
    if not view.case.discrepancies and not view.wordings:
        none = "No difference found" if view.case.dictation.sentences else "No dictation, so nothing was compared"
        return f"{none}, {to_check}" if to_check else none
    more = f", {len(folded)} hidden" if folded else ""
    left = ", ".join(filter(None, [f"{shown} to resolve" if shown else "", to_check])) or "None to resolve"
    return f"{left}{more}"


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
        f'<p class="origin">Suggested wording: “{escape(difference.suggestion)}”</p>' if difference.suggestion else ""
    )
    settled = f'<p class="origin">{_decided(decision)}</p>' if decision else ""
    severity = _severity(difference)
    return (
        f'<article class="card {severity}" data-d="{escape(difference.id)}" tabindex="0">'
        f"<h4>{severity_html(severity)} {label}</h4>{_judged_html(difference)}"
        f"<p>{escape(difference.explanation)}</p>"
        f"<dl>{_quotes(difference, view)}{_other_hearing(difference, view)}</dl>{suggestion}{settled}"
        f'<div class="keys">{_play(_said(difference, view), view)}{keys}</div></article>'
    )


def _judged_html(difference: Discrepancy) -> str:
    told = told_judged(difference)
    return f'<p class="origin judged">{told}</p>' if told else ""


def _severity(difference: Discrepancy) -> str:
    """As a person reads it: a result that somebody is to be told of is critical, though no column is wrong."""
    is_open_call = difference.kind == CRITICAL_RESULT and difference.severity != "info"
    return "critical" if is_open_call else difference.severity


def _decided(decision: Decision) -> str:
    why = f": {escape(decision.reason)}" if decision.reason else ""
    return f"{DECIDED[decision.action]} by {escape(decision.by)}{why}"


def _wordings(two: Wordings, keys: Mapping[str, str]) -> str:
    """A person's wording that fits no statement any more beside the report's, and the choice between them."""
    mine, other = two.edit.after, two.other
    by = f' <span class="origin">by {escape(two.edit.by)}</span>'
    quotes = f"<dt>edit</dt><dd>{escape(mine) if mine else 'taken out'}{by}</dd>"
    quotes += f"<dt>for</dt><dd>{escape(two.edit.before)}</dd>"
    quotes += (
        f"<dt>report</dt><dd>{escape(other.text)}</dd>" if other else '<dt>report</dt><dd class="not">not there</dd>'
    )
    choices = "".join(keys.get(f"wording_{one}", "") for one in two.choices)
    says = f' data-says="{escape(other.text if other else "")}"'
    return (
        f'<article class="card critical wordings" data-d="{two.id}"{says} tabindex="0">'
        f"<h4>{severity_html('critical')} Two wordings of one sentence</h4>"
        "<p>The report changed under an edit. Choose; neither wording is lost.</p>"
        f'<dl>{quotes}</dl><div class="keys">{choices}</div></article>'
    )


def _quotes(difference: Discrepancy, view: CaseView) -> str:
    if own_column(difference):
        return _own_quotes(difference, view)
    sides = {"heard": difference.heard, "written": difference.written, "seen": difference.seen}
    missing = {
        "heard": "not dictated",
        "written": f"not in the {'impression' if lacks_impression(difference) else 'report'}",
    }
    silent = difference.kind in ("omission", "addition")
    must_show = ("written",) if difference.seen and silent else ("heard", "written") if silent else ()
    html = ""
    if difference.against is not None:
        html += f"<dt>signed</dt><dd>{_quote(difference, difference.against, 'signed')}</dd>"
    if difference.written is not None and quotes_one_wording(
        difference
    ):  # two equal quotations would read as a difference between them
        html += f"<dt>heard, written</dt><dd>{_quote(difference, difference.written, 'written')}</dd>"
        sides = {"seen": difference.seen}
    for name, side in sides.items():
        if side is not None:
            html += f"<dt>{COLUMNS[name]}</dt><dd>{_quote(difference, side, name)}</dd>"
        elif name in must_show:
            html += f'<dt>{COLUMNS[name]}</dt><dd class="not">{missing[name]}</dd>'
    return html


def _own_quotes(difference: Discrepancy, view: CaseView) -> str:
    """Both sentences of one column that contradict each other; the other column may hold the same two."""
    name = own_column(difference)
    html = ""
    for label, side in ((COLUMNS[name], difference.against), (f"also {COLUMNS[name]}", getattr(difference, name))):
        if side is not None:
            html += f"<dt>{label}</dt><dd>{_quote(difference, _whole(side, view, name), name)}</dd>"
    return html


def _whole(side: Side, view: CaseView, name: str) -> Side:
    """The sentence that a side stands in, with what differs in it; the side itself where it stands in none."""
    column = view.case.report if name == "written" else view.case.dictation
    for start, end in column.spans.values():
        if side.span and start <= side.span[0] and side.span[1] <= end:
            return side.model_copy(update={"text": column.text[start:end], "span": (start, end)})
    return side


def _quote(difference: Discrepancy, side: Side, name: str) -> str:
    if side.span is None or name == "seen":
        return escape(side.text)
    marks = [Mark(*part, difference=difference, exact=True) for part in exact_parts(difference, side)]
    if side.span[1] - side.span[0] != len(side.text):  # a side may quote more than its span
        return escape(side.text)
    return marked_html(side.text, marks, side.span[0])


def _other_hearing(difference: Discrepancy, view: CaseView) -> str:
    """What else the recognizer heard in the very words that disagree."""
    side = difference.heard
    if side is None or side.span is None:
        return ""
    others = other_hearings(view.case.dictation, exact_parts(difference, side) or [side.span])
    lines = [f"“{escape(other.text or 'nothing')}” for “{escape(word)}”" for word, other in others[:OTHERS]]
    return f"<dt>or perhaps</dt><dd>{'<br>'.join(lines)}</dd>" if lines else ""


def _play(said: Sequence[Stretch], view: CaseView) -> str:
    """The key that plays what was said: from the server, from a clip in the page, or only when it was said."""
    if not said:
        return ""
    when, first = clock(said[0].start_s), said[0]
    key = f"<kbd>Space</kbd> play {when}</button>"
    if view.served:
        places = ";".join(f"{one.take} {one.start_s:.2f} {one.end_s:.2f}" for one in said)
        return f'<button type="button" class="play" data-said="{places}">{key}'
    uri = clip_uri(view.samples, first.start_s, first.end_s) if view.samples is not None else None
    if uri is None:
        return f'<span class="origin">said at {when}</span>'
    clip = Stretch(first.take, max(0.0, first.start_s - MARGIN_S), first.end_s + MARGIN_S)
    return f'<button type="button" class="play">{key}<audio preload="none" {heard_at(clip)} src="{uri}"></audio>'


def _said(difference: Discrepancy, view: CaseView) -> list[Stretch]:
    """Where the heard words are in their own recordings; else what the difference itself states, of the first one."""
    if difference.audio_span_s is None:
        return []
    if view.served and difference.heard and difference.heard.span:
        found = stretches(view.case.dictation, *difference.heard.span)
        if found:
            return found
    return [Stretch(0, *difference.audio_span_s)]
