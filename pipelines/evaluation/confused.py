"""The confusions of each system as a table with players: what was said, what was heard, and how it sounds."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from dictation.evaluation import Span
from pipelines.evaluation.measuring import Measured
from pipelines.evaluation.results import Confusion, Evaluation, Place
from pipelines.evaluation.showing import seconds_shown
from pipelines.evaluation.sounds import Parts, around, player, read_parts

ON_PAGE = 30  # of a system; results.json has all of them
PLAYERS = 3  # of a confusion
WORDS = 24  # of one that is shown
LONGEST_S = 10.0  # of a player
MARKS = {"substitution": "≠", "deletion": "−", "insertion": "+"}
CLASSES = {"substitution": "wrong", "deletion": "lost", "insertion": "added"}


def confusions_html(evaluation: Evaluation, measured: Mapping[str, Sequence[Measured]]) -> str:
    """A table for each system that made errors."""
    audio = {one.recording.id: one.recording.audio for one in next(iter(measured.values()), ())}
    shown = {system.label: system.confusions[:ON_PAGE] for system in evaluation.systems}
    sounds = read_parts(_wanted([one for rows in shown.values() for one in rows], audio))
    tables = []
    for system in evaluation.systems:
        if not system.confusions:
            tables.append(f"<h3>{escape(system.label)}: no word error</h3>")
            continue
        rows = "".join(_row(one, audio, sounds) for one in shown[system.label])
        more = len(system.confusions) - ON_PAGE
        tables.append(
            f'<h3>{escape(system.label)}</h3><div class="scroll"><table class="confused"><thead><tr>'
            + "".join(f'<th scope="col">{name}</th>' for name in ("times", "said", "heard", "grade", "where"))
            + f"</tr></thead><tbody>{rows}</tbody></table></div>"
            + (f"<p>{more} more stand in results.json.</p>" if more > 0 else "")
        )
    return "".join(tables)


def _wanted(rows: Sequence[Confusion], audio: Mapping[str, Path]) -> dict[Path, list[Span]]:
    wanted: dict[Path, list[Span]] = {}
    for one in rows:
        for place in one.places[:PLAYERS]:
            if span := _span(place):
                wanted.setdefault(audio[place.recording], []).append(span)
    return wanted


def _span(place: Place) -> Span | None:
    if place.start_s is None or place.end_s is None:
        return None
    return around((place.start_s, place.end_s), LONGEST_S)


def _row(one: Confusion, audio: Mapping[str, Path], sounds: Parts) -> str:
    mark, kind = MARKS[one.kind], CLASSES[one.kind]
    said = f'<span class="{kind}"><b>{mark}</b>{_words(one.said)}</span>' if one.said else "–"
    heard = _words(one.heard) if one.said and one.heard else ""
    heard = heard or (f'<span class="{kind}"><b>{mark}</b>{_words(one.heard)}</span>' if one.heard else "–")
    places = "".join(_place(place, audio, sounds) for place in one.places[:PLAYERS])
    more = f"<div>and {len(one.places) - PLAYERS} more</div>" if len(one.places) > PLAYERS else ""
    return (
        f'<tr><td>{one.count}</td><td class="long">{said}</td><td class="long">{heard}</td>'
        f'<td><span class="grade">{grade_html(one.grade)}</span></td><td>{places}{more}</td></tr>'
    )


def _place(place: Place, audio: Mapping[str, Path], sounds: Parts) -> str:
    span = _span(place)
    if span is None or place.start_s is None or place.end_s is None:
        return f"<div>{escape(place.recording)}</div>"
    where = f"{place.recording}, {seconds_shown(place.start_s, place.end_s)}"
    samples = sounds.get((audio[place.recording], span))
    return f'<div class="sound"><span>{escape(where)}</span>{"" if samples is None else player(samples, where)}</div>'


def grade_html(grade: str) -> str:
    """The word of a grade; the one that matters stands out by weight."""
    return f"<strong>{escape(grade)}</strong>" if grade == "could change care" else escape(grade)


def _words(text: str) -> str:
    words = text.split()
    return escape(" ".join(words[:WORDS]) + (f" … ({len(words)} words)" if len(words) > WORDS else ""))
