"""An evaluation as one HTML file that needs nothing else: no network, no script. All text in it is escaped."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files

from dictation.evaluation import CLASSES, GRADES
from pipelines.evaluation.alignments import LEGEND, alignments_html
from pipelines.evaluation.charts import interval_chart, reliability_chart
from pipelines.evaluation.confused import confusions_html
from pipelines.evaluation.measuring import ALIGNED_BY, KINDS, Measured, grade_measure
from pipelines.evaluation.recordings import STAGES
from pipelines.evaluation.remarks import UNTESTED
from pipelines.evaluation.results import GROUPED, Evaluation, Group
from pipelines.evaluation.showing import (
    NO_ERROR,
    NOTHING,
    between,
    chance_shown,
    difference_shown,
    graded_by,
    measure_shown,
    shown,
    source_shown,
    states_shown,
)
from pipelines.evaluation.sounds import MARGIN_S
from pipelines.evaluation.timeline import timelines_html

POLICY = "default-src 'none'; style-src 'unsafe-inline'; media-src data:; img-src data:"
NOT_A_DEVICE = (
    "Not a medical device. This page holds {held}, and figures of these recordings alone: other voices, rooms and exams"
    " give others."
)
TEXTS, VOICES = "what was said of patients", "what was said of patients, in the voices of those who spoke"
BURST = 3  # words lost in a row, from which on it is a burst


def evaluation_page(evaluation: Evaluation, measured: Mapping[str, Sequence[Measured]]) -> str:
    """The page. `measured` holds every recording of every system, for the alignments."""
    title = f"Recognizers on {evaluation.manifest}"
    heard = _confusions(evaluation, measured), _bursts(measured)
    held = VOICES if any("<audio " in part for part in heard) else TEXTS
    parts = (
        f'<h1>{escape(title)}</h1><p class="device">{escape(NOT_A_DEVICE.format(held=held))}</p>',
        _intro(evaluation),
        _word_errors(evaluation),
        _grades(evaluation),
        *heard,
        _critical(evaluation),
        _claims(evaluation),
        _beside(evaluation),
        _confidences(evaluation),
        _comparisons(evaluation),
        _groups(evaluation),
        _alignments(measured),
        _how(evaluation),
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_style()}</style></head>\n<body>{''.join(parts)}</body></html>\n"
    )


def _style() -> str:
    return files("pipelines.evaluation").joinpath("data", "page.css").read_text(encoding="utf-8")


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], long: int | None = None) -> str:
    """A table of escaped cells, the first of each row its heading; column `long` may wrap."""
    body = ""
    for first, *cells in rows:
        marked = (
            f'<td class="long">{cell}</td>' if at == long else f"<td>{cell}</td>"
            for at, cell in enumerate(map(escape, cells), 1)
        )
        body += f'<tr><th scope="row">{escape(first)}</th>{"".join(marked)}</tr>'
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _section(title: str, meaning: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2><p>{escape(meaning)}</p>{''.join(parts)}</section>"


def _intro(evaluation: Evaluation) -> str:
    remarks = "".join(f"<li>{_loud(remark)}</li>" for remark in evaluation.remarks)
    rows = [
        (
            system.label,
            source_shown(system),
            states_shown(system),
            shown(f"wer.written.{ALIGNED_BY}", system.figures[f"wer.written.{ALIGNED_BY}"]),
        )
        for system in evaluation.systems
    ]
    unused = f" {evaluation.unused_lines} lines of the manifest could not be used." if evaluation.unused_lines else ""
    return (
        f"<p><strong>{evaluation.basis.recordings} recordings, {escape(str(evaluation.basis))}</strong>; measured on"
        f" {evaluation.made_on}.{unused} Figures pool all words. In brackets: 95 % intervals, for which speakers are"
        " the unit of chance (recordings, where the speaker is not stated); none where there is only one."
        f" {escape(NO_ERROR)}.</p>"
        + _table(
            "Systems. What a system lost counts as every word deleted.",
            ("system", "engine or file", "lost", f"WER after wording, {ALIGNED_BY} ({evaluation.basis})"),
            rows,
            long=1,
        )
        + (f'<ul class="remarks">{remarks}</ul>' if remarks else "")
    )


def _loud(remark: str) -> str:
    """A remark, its part in capitals made bold."""
    text = escape(remark)
    for loud in ("THE WINNER DEPENDS ON THE NORMALISER", "SIGNIFICANCE DEPENDS ON THE NORMALISER"):
        text = text.replace(loud, f"<strong>{loud}</strong>")
    return text


def _by_system(evaluation: Evaluation, caption: str, measures: Mapping[str, str]) -> str:
    """A line for each system; `measures` maps the heading of a column to its measure."""
    rows = [
        (system.label, *(shown(measure, system.figures.get(measure)) for measure in measures.values()))
        for system in evaluation.systems
    ]
    return _table(f"{caption} ({evaluation.basis})", ("system", *measures), rows)


def _word_errors(evaluation: Evaluation) -> str:
    names = list(evaluation.normalisers)
    tables = [
        _by_system(evaluation, f"{rate} {stage}", {name: f"{key}.{at}.{name}" for name in names})
        for key, rate in (("wer", "WER"), ("cer", "CER"))
        for at, stage in STAGES.items()
    ]
    chart = interval_chart(
        [(system.label, system.figures[f"wer.written.{ALIGNED_BY}"]) for system in evaluation.systems],
        f"WER after wording, {ALIGNED_BY} ({evaluation.basis})",
    )
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(what)}</dd>" for name, what in evaluation.normalisers.items())
    return _section(
        "Word and character errors",
        "Words substituted, deleted or inserted, of the words that were said; characters alike. A normaliser makes two"
        " ways to write the same words equal before they are counted, so each gives another figure. The raw output is"
        " held against the spoken form where the manifest has it; marks that are only spoken count there. The text"
        " after wording is held against the written form, which is made of the spoken one by the same rules where the"
        " manifest does not have it.",
        chart,
        *(
            _by_system(
                evaluation,
                f"By kind, {stage}, {ALIGNED_BY}",
                {name: f"{name}.{at}" for name in KINDS.values()},
            )
            for at, stage in STAGES.items()
        ),
        *tables,
        f"<details><summary>What each normaliser does</summary><dl>{listed}</dl></details>",
    )


def _grades(evaluation: Evaluation) -> str:
    counted = [(system.label, *(str(system.grades[grade]) for grade in GRADES)) for system in evaluation.systems]
    return _section(
        "What errors mean",
        "The word error rate hardly follows what clinicians mind. An error is a run of wrong words after wording. It"
        " could change care where a critical or major difference between the two texts lies in its words, or where a"
        " critical word of it (a side, a negation, a number, a unit, a level, a drug, a finding) was not heard as it"
        " was said. It is harmless where all its words say nothing by themselves, or where one word is written in"
        " another way. All others are minimal."
        f" Graded by {graded_by(evaluation)}.",
        _table(f"Errors by grade ({evaluation.basis})", ("system", *GRADES), counted),
        _by_system(
            evaluation,
            "The words of these errors for each 100 words said",
            {grade: grade_measure(grade) for grade in GRADES},
        ),
    )


def _confusions(evaluation: Evaluation, measured: Mapping[str, Sequence[Measured]]) -> str:
    return _section(
        "What was heard in place of what",
        "The most frequent errors after wording, lost (−) and added (+) words among them, with up to three places each:"
        f" the recording, its seconds and how it sounds, with {MARGIN_S} s before and after. A hypothesis without"
        " seconds gives no sound, nor does a recording that is gone.",
        confusions_html(evaluation, measured),
    )


def _bursts(measured: Mapping[str, Sequence[Measured]]) -> str:
    return _section(
        "Bursts on a time line",
        f"A burst is {BURST} or more words in a row that are gone. The hatched stretch lies between the words that were"
        " heard before and after it; above, how loud the recording is, below it the mel spectrogram, from 0 to 8 kHz."
        " Other errors: ≠ another word, − a lost one, + an added one.",
        timelines_html(measured) or "<p>No system left out so many words in a row.</p>",
    )


def _critical(evaluation: Evaluation) -> str:
    return _section(
        "Critical words",
        "Errors in the words that turn a report into another: a word of the class that was said and not heard, or heard"
        " and not said, of all that were said.",
        *(
            _by_system(
                evaluation,
                f"Critical-word errors {stage}",
                {name: f"critical.{at}.{name}" for name in ("all", *CLASSES)},
            )
            for at, stage in STAGES.items()
        ),
    )


def _claims(evaluation: Evaluation) -> str:
    measures = {
        "lost or changed": "claims",
        "lost": "claims.lost",
        "changed": "claims.changed",
        "critical or major differences": "claims.grave",
    }
    kinds = [
        (system.label, ", ".join(f"{count} {kind}" for kind, count in system.claim_kinds.items()) or NOTHING)
        for system in evaluation.systems
    ]
    return _section(
        "Claims",
        "What was said of findings, beside what the recognized text says of them: the share of claims that are gone or"
        " say something else (a side, a negation, a size), and for each claim the differences that a radiologist would"
        " have to notice: critical and major ones, also in what was added.",
        _by_system(evaluation, "Of the claims that were said", measures),
        _table("Critical and major differences by kind", ("system", "kinds"), kinds, long=1),
    )


def _beside(evaluation: Evaluation) -> str:
    measures = {
        "medical terms, raw": "terms.raw",
        "medical terms, written": "terms.written",
        "words in deletion bursts": "bursts.written",
        "words on silence": "silence",
        "real-time factor": "speed",
    }
    lengths = [
        (
            system.label,
            ", ".join(f"{count} of {length} words" for length, count in system.bursts["written"].items()) or "none",
        )
        for system in evaluation.systems
    ]
    return _section(
        "Terms, bursts, silence, speed",
        f"Medical-term WER counts the words of the lexicon's terms alone. A burst is {BURST} or more words in a row"
        " that are gone, as where a recognizer skips a sentence. Words on silence are those heard where nobody speaks,"
        " for each minute of silence: all of a recording whose form is silent, and of others what our own search for"
        " voice leaves out. The embedded recognizer listens nowhere else, so for it only the silent recordings count."
        " The real-time factor is the time of hearing all recordings (with reading the files, without loading the"
        " model) over the time of the sound, on the machine below: below 1 is faster than speech. It has no interval:"
        " it is the time of one run, in which recordings are heard together and none has a time of its own.",
        _by_system(evaluation, "Measured beside word errors", measures),
        _table("Bursts after wording", ("system", "bursts"), lengths, long=1),
    )


def _confidences(evaluation: Evaluation) -> str:
    parts: list[str] = []
    for system in evaluation.systems:
        found = system.reliability
        if found is None:
            continue
        bounds = between(found.low, found.high, 1.0, 3)
        error = f"{found.error:.3f}{f' ({bounds})' if bounds else ''}"
        if found.chance is not None:
            error = f"{error}; {found.chance:.3f} by chance alone"
        rows = [
            (f"{row.lowest:.3f}–{row.highest:.3f}", str(row.words), f"{row.confidence:.3f}", f"{row.right:.3f}")
            for row in found.bins
        ]
        parts += [
            f"<h3>{escape(system.label)}: expected calibration error {error}</h3>",
            reliability_chart(found.bins),
            _table("Words of alike confidence", ("confidence", "words", "mean", "right"), rows),
        ]
    return _section(
        "Confidences",
        "Of words with a confidence of 0.9, nine in ten should be right. The expected calibration error is how far"
        " confidence and the share of right words lie apart on average; 0 is perfect, though on few words chance alone"
        " shows more, and its interval allows for that. Only systems that give confidences stand here.",
        *(parts or ["<p>No system gave confidences.</p>"]),
    )


def _comparisons(evaluation: Evaluation) -> str:
    if not evaluation.comparisons:
        return ""
    rows = [
        (
            f"{one.first} − {one.second}",
            measure_shown(one.measure),
            difference_shown(one),
            chance_shown(one.p),
            chance_shown(one.p_corrected),
            NOTHING if one.p is None else "yes" if one.significant else "no",
        )
        for one in evaluation.comparisons
    ]
    tested = sum(one.p is not None for one in evaluation.comparisons)
    corrected = f"It is corrected (Holm) for all {tested} comparisons of this page." if tested else f"Here: {UNTESTED}."
    return _section(
        "Paired differences",
        "Both systems heard the same recordings, so hard recordings cancel. A difference is in percentage points; below"
        " 0 the first makes fewer errors. p says how often chance alone would give as large a difference if the results"
        f" of each speaker were dealt at random to the two. {corrected}",
        _table(str(evaluation.basis), ("systems", "measure", "difference", "p", "p corrected", "significant"), rows),
    )


def _groups(evaluation: Evaluation) -> str:
    columns: dict[str, list[Group]] = {}
    for group in evaluation.groups:
        columns.setdefault(group.column, []).append(group)
    parts = [
        _table(
            column.replace("_", " "),
            ("group", "recordings", "speakers", "system", *map(measure_shown, GROUPED)),
            [
                (
                    group.value,
                    str(group.basis.recordings),
                    str(group.basis),
                    label,
                    *(shown(measure, figures[measure]) for measure in GROUPED),
                )
                for group in inside
                for label, figures in group.figures.items()
            ],
        )
        for column, inside in columns.items()
    ]
    if not parts:
        return ""
    return _section("By group", "The same measures on parts of the recordings.", *parts)


def _alignments(measured: Mapping[str, Sequence[Measured]]) -> str:
    return _section(
        "Word by word",
        f"After wording, under the normaliser '{ALIGNED_BY}'; the recordings with the most errors first.",
        f"<p>{LEGEND}</p>",
        alignments_html(measured),
    )


def _how(evaluation: Evaluation) -> str:
    engines = [
        (system.label, source_shown(system), system.engine.weights_sha256 if system.engine else system.file_sha256)
        for system in evaluation.systems
    ]
    facts = {**evaluation.machine, **evaluation.versions, "manifest sha256": evaluation.manifest_sha256}
    return _section(
        "How this was made",
        "results.json holds every figure and every setting of the engines, alignments.jsonl every word.",
        _table("Engines and files", ("system", "engine or file", "sha256"), engines, long=2),
        _table("Machine and versions", ("name", "value"), facts.items(), long=1),
    )
