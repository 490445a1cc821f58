"""Live dictation as a user meets it: how soon words come, whether they change, and what a second voice does.

    python -m benchmarks.live --minutes 5                          # real time, MedASR's cost, the small LASR's text
    python -m benchmarks.live --minutes 60 --name hour             # lag at minute 60 beside minute 1
    python -m benchmarks.live --minutes 5 --streams 4 --name streams
    python -m benchmarks.live --minutes 5 --ear whisper --name whisper
    python -m benchmarks.live --second-voice --name second_voice   # no clock: the text alone

Held-out synthetic sentences, joined with pauses, are fed in blocks of 0.1 s when they are due. `--clock virtual` counts
time by blocks and by the processor time that the engine needs on one thread: an hour takes as long as its work, on a
busy machine, too, and words come later than with two threads. Writes
benchmarks/results/live_NAME.json and .md, the JSON every minute while it runs; progress goes to stderr.
"""

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.circumstances import circumstances, system_load
from benchmarks.live_ear import SimulatedEar, ear_named
from benchmarks.live_scores import BESIDE_S, Shown, spread
from benchmarks.scoring import score
from benchmarks.small_lasr.speech import Dictation, dictation, held_out_speech
from benchmarks.small_lasr.voices import levelled
from dictation.audio import SAMPLE_RATE, Recording
from dictation.audio.journal import Journal
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.settings import Settings
from dictation.speech import Transcript
from dictation.speech.live import LiveSession, Timing
from dictation.speech.recognizer import Job
from tests.speech.tiny_lasr import SMALL_LASR

BLOCK = SAMPLE_RATE // 10
POLL_S = 0.02
PAUSES_S = (1.0, 1.4, 0.9, 2.5, 1.2)
SENTENCES = 150  # different ones; a longer dictation says them again in another order
SAVE_S = 60.0
RESULTS = Path(__file__).parent / "results"
HEADED = ("ear", "clock", "streams", "minutes", "date", "machine", "load", "versions", "is_complete")
UNTABLED = ("rows", "timing", "final_s_by_minute", "speech")


def spoken(minutes: float, seed: int) -> Dictation:
    """Join held-out sentences to a dictation of about so many minutes."""
    sentences = held_out_speech(SENTENCES, seed=0)
    order = random.Random(seed)
    length_s = 60 * minutes
    drawn: list[Any] = []
    while length_s > 0:
        drawn.append(order.choice(sentences))
        length_s -= len(drawn[-1].samples) / SAMPLE_RATE + float(np.mean(PAUSES_S))
    return dictation(drawn, PAUSES_S, seed=seed)


class Stream:
    """One session that is fed when its blocks are due."""

    def __init__(self, ear: Any, said: Dictation, folder: Path, timing: Timing, clock_s: Any) -> None:
        self.said = said
        self.journal = Journal.create(folder, block_samples=BLOCK)
        self.session = LiveSession(ear, self.journal, timing=timing, clock_s=clock_s)
        self.shown = Shown(said.starts_s, said.ends_s)
        self.number = 0
        self.feed_s: list[float] = []

    @property
    def is_over(self) -> bool:
        """True once all blocks were fed."""
        return self.number * BLOCK >= len(self.said.samples)

    def step(self, now_s: float, offset_s: float) -> None:
        """Feed what is due at `now_s`, the stream having begun at `offset_s`."""
        at_s = now_s - offset_s
        while not self.is_over and (self.number + 1) * BLOCK / SAMPLE_RATE <= at_s:
            block = self.said.samples[self.number * BLOCK : (self.number + 1) * BLOCK]
            began = time.perf_counter()
            events = self.session.feed(self.number, block)
            self.feed_s.append(time.perf_counter() - began)
            self.number += 1
            self.shown.take(events, at_s)
        self.shown.take(self.session.poll(), at_s)


def run(streams: Sequence[Stream], simulated: SimulatedEar | None, save: Any) -> float:
    """Feed all streams to their ends; return the seconds of the clock that it took."""
    began = time.monotonic()
    offsets_s = [0.73 * number for number in range(len(streams))]
    now_s, saved_s = 0.0, 0.0
    done: set[int] = set()
    while len(done) < len(streams):
        if simulated is not None:
            now_s += POLL_S
            simulated.advance(now_s)
        else:
            time.sleep(POLL_S)
            now_s = time.monotonic() - began
        for number, (stream, offset_s) in enumerate(zip(streams, offsets_s, strict=True)):
            if number in done:
                continue
            stream.step(now_s, offset_s)
            if stream.is_over:
                if simulated is not None and not stream.session._phrases.is_idle:
                    continue
                stream.shown.take(stream.session.finish(), now_s - offset_s)
                done.add(number)
        if now_s - saved_s >= SAVE_S:
            saved_s = now_s
            save(now_s)
    return now_s


def figures(streams: Sequence[Stream], seconds: float, cpu_s: float, wall_s: float) -> dict[str, Any]:
    """All that was measured so far."""
    shown = [stream.shown for stream in streams]
    ends = [late for one in shown for late in one.phrase_ends().values()]
    by_minute: dict[int, list[float]] = {}
    for one in shown:
        for number, late_s in one.phrase_ends().items():
            by_minute.setdefault(int(one.ends_s[number] // 60) + 1, []).append(late_s)
    return {
        "minutes": round(seconds / 60, 2),
        "first_partial_s": spread([late for one in shown for late in one.first_s.values()]),
        "final_s": spread(ends),
        "final_s_by_minute": {str(minute): spread(values) for minute, values in sorted(by_minute.items())},
        "feed_ms": spread([1000 * took for stream in streams for took in stream.feed_s]),
        "cpu_share_of_machine": round(cpu_s / wall_s / (os.cpu_count() or 1), 3),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "notices": dict(sum((one.notices for one in shown), Counter())),
        "changed": {
            "stable_words_shown": sum(one.stable_shown for one in shown),
            "stable_words_not_in_final": sum(one.stable_changed for one in shown),
            "last_partial_words": sum(one.last_shown for one in shown),
            "last_partial_words_not_in_final": sum(one.last_changed for one in shown),
            "provisional_words_shown": sum(one.replaced_shown for one in shown),
            "provisional_words_replaced_by_the_next": sum(one.replaced_changed for one in shown),
        },
    }


def as_file(recognizer: Any, said: Dictation) -> str:
    """The text of the same sound as a recording."""
    job = Job("file", Recording.from_samples(said.samples, SAMPLE_RATE, "file.wav"), EMPTY_VOCABULARY)
    [(_, transcript)] = recognizer.transcribe([job])
    assert isinstance(transcript, Transcript), transcript
    return transcript.spoken


def word_errors(streams: Sequence[Stream], recognizer: Any) -> dict[str, Any]:
    """Word error rates of the live text and of the same sound as a file."""
    counts = {"live": [0, 0], "file": [0, 0], "live_against_file": [0, 0]}
    for stream in streams:
        said = " ".join(utterance.spoken for utterance in stream.said.utterances)
        live, file = stream.session.transcript().spoken, as_file(recognizer, stream.said)
        for name, (reference, text) in {
            "live": (said, live),
            "file": (said, file),
            "live_against_file": (file, live),
        }.items():
            found = score(reference, text)
            counts[name][0] += found.errors
            counts[name][1] += found.words
    return {name: round(errors / max(1, words), 4) for name, (errors, words) in counts.items()}


def lag_ratio(by_minute: dict[str, Any]) -> dict[str, Any]:
    """The median lag of the last five minutes beside that of the first five."""
    minutes = sorted(int(minute) for minute in by_minute)
    if len(minutes) < 10:
        return {}

    def median(chosen: list[int]) -> float:
        values = [by_minute[str(minute)]["p50"] for minute in chosen]
        return float(np.mean(values))

    first, last = median(minutes[:5]), median(minutes[-6:-1])
    return {"first_5_minutes_p50_s": round(first, 3), "last_5_minutes_p50_s": round(last, 3), "ratio": last / first}


def live(options: argparse.Namespace, timing: Timing, before: float) -> dict[str, Any]:
    """The run against the clock."""
    settings = Settings(threads=1 if options.clock == "virtual" else options.threads)
    recognizer, source = ear_named(options.ear, settings, options.text)
    simulated = SimulatedEar(recognizer) if options.clock == "virtual" else None
    clock_s = (lambda: simulated.now_s) if simulated is not None else time.monotonic
    with tempfile.TemporaryDirectory() as folder:
        streams = [
            Stream(simulated or recognizer, spoken(options.minutes, 1 + number), Path(folder), timing, clock_s)
            for number in range(options.streams)
        ]
        result: dict[str, Any] = {"clock": options.clock, "ear": source, "streams": options.streams}
        began, cpu_began = time.monotonic(), time.process_time()

        def save(now_s: float) -> None:
            found = figures(streams, now_s, time.process_time() - cpu_began, time.monotonic() - began)
            write(options.name, result | found | {"is_complete": False}, timing, before)
            first, final = found["first_partial_s"], found["final_s"]
            print(
                f"{now_s / 60:.0f} min: first words p95 {first.get('p95')} s, final p50 {final.get('p50')} p95"
                f" {final.get('p95')} s, {found['notices']}",
                file=sys.stderr,
            )

        seconds = run(streams, simulated, save)
        result |= figures(streams, seconds, time.process_time() - cpu_began, time.monotonic() - began)
        if simulated is not None:
            result["engine_busy_share"] = round(simulated.busy_s / seconds, 3)
        result["lag"] = lag_ratio(result["final_s_by_minute"])
        textual, _ = (recognizer, "") if options.ear == "whisper" else ear_named("small", settings, options.text)
        result["word_error_rate"] = word_errors(streams, textual)
        for stream in streams:
            stream.journal.close()
    return result | {"is_complete": True}


def second_voice(options: argparse.Namespace, timing: Timing) -> dict[str, Any]:
    """Words that a second voice, softer by 10 dB, leaves in the text; fed as fast as the ear hears."""
    settings = Settings(threads=options.threads)
    recognizer, source = ear_named("whisper" if options.ear == "whisper" else "small", settings, options.text)
    sentences = held_out_speech(SENTENCES, seed=0)
    rows = []
    for seed in range(options.voices):
        order = random.Random(seed)
        said = dictation(order.sample(sentences, 24), (1.5, 3.0, 1.0, 4.0), seed=seed)
        for where in ("nobody", "in pauses", "all the time"):
            sound, theirs = with_second_voice(said, sentences, where, options.below_db, order)
            text, counted = heard(recognizer, said, sound, theirs, timing)
            minutes = len(sound) / SAMPLE_RATE / 60
            wrong = score(" ".join(one.spoken for one in said.utterances), text)
            rows.append(
                {
                    "seed": seed,
                    "where": where,
                    "minutes": round(minutes, 2),
                    "words_in_pauses": counted["words"],
                    "words_in_pauses_a_minute": round(counted["words"] / minutes, 2),
                    "errors": wrong.errors,
                    "words": wrong.words,
                    "left_out_s": round(counted["left_out_s"], 1),
                }
            )
            print(rows[-1], file=sys.stderr)
    summary = {}
    for where in ("nobody", "in pauses", "all the time"):
        chosen = [row for row in rows if row["where"] == where]
        minutes = sum(row["minutes"] for row in chosen)
        summary[where] = {
            "words_in_pauses_a_minute": round(sum(row["words_in_pauses"] for row in chosen) / minutes, 2),
            "word_error_rate": round(sum(row["errors"] for row in chosen) / sum(row["words"] for row in chosen), 4),
            "left_out_s_a_minute": round(sum(row["left_out_s"] for row in chosen) / minutes, 1),
        }
    return {"ear": source, "below_db": options.below_db, "summary": summary, "rows": rows, "is_complete": True}


def with_second_voice(
    said: Dictation, sentences: Sequence[Any], where: str, below_db: float, order: random.Random
) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Return the sound with somebody else's sentences in it, and when these are said."""
    sound, spans = said.samples.copy(), []
    if where == "nobody":
        return sound, spans
    level_dbfs = -24.0 - below_db
    at = SAMPLE_RATE if where == "all the time" else 0
    ends = iter(zip(said.ends_s, [*said.starts_s[1:], len(sound) / SAMPLE_RATE], strict=True))
    while True:
        clip = levelled(order.choice(sentences).samples, level_dbfs)
        if where == "in pauses":
            pause = next(((end, start) for end, start in islice(ends, None) if start - end >= 1.4), None)
            if pause is None:
                return sound, spans
            at = round((pause[0] + 0.3) * SAMPLE_RATE)
            clip = clip[: max(0, round((pause[1] - pause[0] - 0.6) * SAMPLE_RATE))]
        if at + len(clip) > len(sound):
            return sound, spans
        sound[at : at + len(clip)] += clip
        spans.append((at / SAMPLE_RATE, (at + len(clip)) / SAMPLE_RATE))
        at += len(clip) + round(order.uniform(0.3, 1.0) * SAMPLE_RATE)


def heard(
    recognizer: Any, said: Dictation, sound: np.ndarray, theirs: list[tuple[float, float]], timing: Timing
) -> tuple[str, dict[str, float]]:
    """The text, and how many of its words stand where only the second voice spoke."""
    from dictation.speech.live import Notice

    with tempfile.TemporaryDirectory() as folder, Journal.create(Path(folder), block_samples=BLOCK) as journal:
        session = LiveSession(recognizer, journal, timing=timing, is_live=False)
        events = []
        for number, start in enumerate(range(0, len(sound), BLOCK)):
            events += session.feed(number, sound[start : start + BLOCK])
        events += session.finish()
        transcript = session.transcript()
    own = list(zip(said.starts_s, said.ends_s, strict=True))
    middles = [((word.start_s or 0) + (word.end_s or 0)) / 2 for word in transcript.words]
    alone = [at for at in middles if not any(start - BESIDE_S <= at <= end + BESIDE_S for start, end in own)]
    left_out_s = sum(
        (one.end_s or 0) - one.start_s for one in events if isinstance(one, Notice) and one.kind == "voice"
    )
    return transcript.spoken, {"words": len(alone), "left_out_s": left_out_s}


def write(name: str, result: dict[str, Any], timing: Timing, before: float) -> None:
    """Write the JSON and a table of it."""
    result = result | {
        **circumstances(before, "faster-whisper", "ctranslate2", "torch"),
        "timing": vars(timing),
        "speech": "synthetic",
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"live_{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    lines = [f"# Live dictation on synthetic speech: {name}", ""]
    for key in HEADED:
        if key in result:
            lines.append(f"- {key.replace('_', ' ')}: {result[key]}")
    lines += ["", "| what | value |", "|---|---|"]
    for key, value in result.items():
        if key in (*HEADED, *UNTABLED):
            continue
        for inner, number in value.items() if isinstance(value, dict) else [("", value)]:
            lines.append(f"| {' '.join((key + ' ' + str(inner)).replace('_', ' ').split())} | {number} |")
    (RESULTS / f"live_{name}.md").write_text("\n".join(lines) + "\n")


def main() -> None:
    """Read the options, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ear", choices=("medasr", "small", "whisper"), default="medasr")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--streams", type=int, default=1)
    parser.add_argument("--clock", choices=("real", "virtual"), default="real")
    parser.add_argument("--second-voice", action="store_true")
    parser.add_argument("--below-db", type=float, default=10.0, help="of the second voice below the first")
    parser.add_argument("--voices", type=int, default=6, help="dictations with a second voice")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--text", type=Path, default=SMALL_LASR, help="folder of the small trained network")
    parser.add_argument("--name", default="medasr")
    parser.add_argument("--timing", default="{}", help='JSON, as {"settled_s": 2}')
    options = parser.parse_args()
    timing = Timing(**json.loads(options.timing))
    before = system_load()
    result = second_voice(options, timing) if options.second_voice else live(options, timing, before)
    write(options.name, result, timing, before)


if __name__ == "__main__":
    main()
