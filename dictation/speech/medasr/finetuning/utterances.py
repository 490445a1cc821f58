"""Examples → utterances: sound as the recognizer would hear it and labels, each checked before anything is trained.

Every recording is read once. The sound of its utterances is kept beside the model in the making, 32 kB a second with
access for its owner only, and is deleted when the model is done: training then reads it in any order.
"""

import hashlib
import json
import os
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from threading import Event

import numpy as np

from dictation.audio import SAMPLE_RATE, Recording, Window, speech_spans
from dictation.errors import Cancelled, InputError
from dictation.speech.medasr.finetuning.examples import Example, Problem, Split
from dictation.speech.medasr.letters import MEL_HOP_SAMPLES, MEL_WINDOW_SAMPLES, MIN_SAMPLES
from dictation.speech.medasr.posteriors import frames
from dictation.speech.medasr.weights import Loaded
from dictation.speech.voice_level import raised

_BLOCK_S = 30.0
_LATE_S = 0.1  # an end this far behind the recording's is rounding
_FULL_SCALE = 32_767
_MAX_NAMED = 5  # characters in one message, too few to tell a word


@dataclass(frozen=True)
class Utterance:
    """An example that can be trained on or scored. `samples` counts those of its sound at 16 kHz.

    `labels` are piece ids, the end of the utterance among them; `recording` is the SHA-256 of the file, `sound` that
    of the utterance's own samples, `first` where these begin in the store.
    """

    line: int
    text: str
    labels: tuple[int, ...]
    split: Split | None
    speaker: str
    recording: str
    sound: str
    first: int
    samples: int


class SoundStore:
    """The sound of the utterances in one file of 16-bit samples, which survives a kill: what is noted is whole."""

    def __init__(self, folder: Path) -> None:
        self._file, self._notes = folder / "sound.s16", folder / "sound.jsonl"
        for path in (self._file, self._notes):
            path.touch(mode=0o600)
        self._known: dict[str, tuple[int, int, str]] = {}
        whole = self._file.stat().st_size // 2
        for line in self._notes.read_text(encoding="utf-8").splitlines():
            try:
                note = json.loads(line)
                entry = note["first"], note["samples"], note["sound"]
                if entry[0] + entry[1] <= whole:  # else its sound was lost with the machine's power
                    self._known[note["of"]] = entry
            except (ValueError, KeyError):
                break  # half a line of a killed run
        self._end = max((first + count for first, count, _ in self._known.values()), default=0)
        os.truncate(self._file, 2 * self._end)

    def found(self, of: str) -> tuple[int, int, str] | None:
        """Where the sound of `of` begins, how many samples it has and their SHA-256; None where it is not kept."""
        return self._known.get(of)

    def keep(self, of: str, samples: np.ndarray) -> tuple[int, int, str]:
        """Append samples, float32 in [-1, 1], shape (n,)."""
        data = np.round(samples * _FULL_SCALE).astype("<i2").tobytes()
        entry = self._end, len(samples), hashlib.sha256(data).hexdigest()
        with self._file.open("ab") as file:
            file.write(data)
        with self._notes.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"of": of, "first": entry[0], "samples": entry[1], "sound": entry[2]}) + "\n")
        self._known[of] = entry
        self._end += len(samples)
        return entry

    def samples(self, utterance: Utterance) -> np.ndarray:
        """The sound of an utterance, float32, shape (n,)."""
        data = np.fromfile(self._file, "<i2", utterance.samples, offset=2 * utterance.first)
        return data.astype(np.float32) / np.float32(_FULL_SCALE)


def utterances(
    examples: Sequence[Example],
    model: Loaded,
    store: SoundStore,
    *,
    min_s: float,
    max_s: float,
    told: Callable[[int, int], None] = lambda done, count: None,
    cancel: Event | None = None,
) -> tuple[list[Utterance], list[Problem]]:
    """Read every example; return those that can be used, in order of their lines, and what is wrong with the others.

    An utterance lasts `min_s` to `max_s` seconds, holds speech, and has labels that the model can write in its frames.
    `told` hears how many examples are done. Raises Cancelled when `cancel` is set.
    """
    results: dict[int, Utterance | Problem] = {}
    for audio, group in groupby(sorted(examples, key=lambda one: str(one.audio)), key=lambda one: one.audio):
        if cancel is not None and cancel.is_set():
            raise Cancelled("interrupted; run again with --resume to go on.")
        todo = list(group)
        try:
            _read(Recording(audio), todo, model, store, (min_s, max_s), results)
        except InputError as error:
            why = f"its recording cannot be used ({str(error).removeprefix(f'{audio}: ').rstrip('.')})."
            results.update({one.line: Problem(one.line, why) for one in todo if one.line not in results})
        told(len(results), len(examples))
    ordered = [results[line] for line in sorted(results)]
    return (
        [result for result in ordered if isinstance(result, Utterance)],
        [result for result in ordered if isinstance(result, Problem)],
    )


def _read(
    recording: Recording,
    examples: Sequence[Example],
    model: Loaded,
    store: SoundStore,
    limits_s: tuple[float, float],
    results: dict[int, Utterance | Problem],
) -> None:
    """Add a result for each example of one recording, which is decoded only where the store lacks some of it."""
    sha256 = recording.id
    usable: list[tuple[Example, tuple[int, ...]]] = []
    for one in examples:
        labels = _labels(one, model)
        if isinstance(labels, Problem):
            results[one.line] = labels
        else:
            usable.append((one, labels))
    keys = {one.line: f"{sha256} {one.start_s} {one.end_s}" for one, _ in usable}
    unread = [one for one, _ in usable if store.found(keys[one.line]) is None]
    for one, sound in zip(unread, _sounds(recording, unread, limits_s[1]) if unread else (), strict=True):
        if isinstance(sound, Problem):
            results[one.line] = sound
        elif not (spans := speech_spans(sound)):
            results[one.line] = Problem(one.line, "nobody speaks in it; check the recording, or start_s and end_s.")
        else:  # as loud as the recognizer would make it
            store.keep(keys[one.line], raised(Window(0.0, sound, tuple(spans))))
    for one, labels in usable:
        if kept := store.found(keys[one.line]):
            results[one.line] = _checked(one, labels, sha256, kept, limits_s)


def _sounds(recording: Recording, examples: Sequence[Example], max_s: float) -> list[np.ndarray | Problem]:
    """The sound of each example, float32, shape (n,), read in one pass and not further than needed."""
    limit = round(max_s * SAMPLE_RATE) + 1  # a sample more says that it is too long
    starts = [round(one.start_s * SAMPLE_RATE) for one in examples]
    stops = [
        start + limit if one.end_s is None else min(start + limit, round(one.end_s * SAMPLE_RATE))
        for one, start in zip(examples, starts, strict=True)
    ]
    parts: list[list[np.ndarray]] = [[] for _ in examples]
    at = 0
    for block in recording.blocks(_BLOCK_S):
        for part, start, stop in zip(parts, starts, stops, strict=True):
            if start < at + len(block) and stop > at:
                part.append(block[max(0, start - at) : stop - at])
        at += len(block)
        if at >= max(stops):
            break
    return [
        _sound(one, part, stop - start, limit)
        for one, part, start, stop in zip(examples, parts, starts, stops, strict=True)
    ]


def _sound(one: Example, parts: list[np.ndarray], wanted: int, limit: int) -> np.ndarray | Problem:
    if not parts:
        return Problem(one.line, "start_s lies behind the end of its recording; correct it.")
    sound = np.concatenate(parts)
    if len(sound) == limit:
        longest_s = (limit - 1) / SAMPLE_RATE
        return Problem(
            one.line, f"lasts longer than {longest_s:g} s; give parts of it with start_s and end_s.", is_fault=False
        )
    if one.end_s is not None and len(sound) < wanted - _LATE_S * SAMPLE_RATE:
        return Problem(one.line, "end_s lies behind the end of its recording; correct it.")
    return sound


def _labels(one: Example, model: Loaded) -> tuple[int, ...] | Problem:
    """The pieces that spell the text, and the end of the utterance, which MedASR was taught to write."""
    end = model.tokenizer.eos_token_id
    labels = [int(piece) for piece in model.tokenizer(one.text).input_ids]
    labels = labels if end is None or labels[-1:] == [end] else [*labels, int(end)]
    if not _can_write(labels, model):
        why = f"its text has characters that the model cannot write{_unwritable(one.text, model)}; use other ones."
        return Problem(one.line, why)
    return tuple(labels)


def _can_write(labels: Sequence[int], model: Loaded) -> bool:
    return model.tokenizer.unk_token_id not in labels and max(labels) < model.network.config.vocab_size


def _unwritable(text: str, model: Loaded) -> str:
    """The characters of a text that no piece spells, sorted, so that no word can be read from them; "" for none."""
    alone = sorted({character for character in text if not character.isspace()})
    found = [character for character in alone if not _can_write(model.tokenizer(character).input_ids, model)]
    named = [
        f"U+{ord(character):04X}" if not character.isprintable() or unicodedata.combining(character) else character
        for character in found[:_MAX_NAMED]
    ]
    more = f" and {len(found) - _MAX_NAMED} more" if len(found) > _MAX_NAMED else ""
    return f" ({' '.join(named)}{more})" if named else ""


def _checked(
    one: Example,
    labels: tuple[int, ...],
    recording: str,
    kept: tuple[int, int, str],
    limits_s: tuple[float, float],
) -> Utterance | Problem:
    first, samples, sound = kept
    if samples < max(limits_s[0] * SAMPLE_RATE, MIN_SAMPLES):
        return Problem(one.line, f"lasts less than {limits_s[0]:g} s; nothing can be learned of it.", is_fault=False)
    if samples > limits_s[1] * SAMPLE_RATE:
        longer = f"lasts longer than {limits_s[1]:g} s; give parts of it with start_s and end_s."
        return Problem(one.line, longer, is_fault=False)
    room = frames((samples - MEL_WINDOW_SAMPLES) // MEL_HOP_SAMPLES + 1)
    if len(labels) + sum(left == right for left, right in pairwise(labels)) > room:  # a blank parts equal neighbours
        return Problem(one.line, "its text is too long for its sound; check both.", is_fault=False)
    return Utterance(
        line=one.line,
        text=one.text,
        labels=labels,
        split=one.split,
        speaker=one.speaker,
        recording=recording,
        sound=sound,
        first=first,
        samples=samples,
    )
