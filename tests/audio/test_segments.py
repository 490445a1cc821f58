"""Segments: nothing of the voice is lost, long pauses are, and memory does not grow."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from benchmarks.medasr.unpaused import unpaused
from dictation.audio.marks import DICTATED, Marked, runs
from dictation.audio.resample import SAMPLE_RATE
from dictation.audio.segments import Part, _Cutter, segments
from dictation.audio.silero import FRAME_SAMPLES
from dictation.audio.voice import speech_spans
from tests.audio.audio_files import clip

GRID = 640


def whole(parts: list[Part]) -> list[list[Part]]:
    """The parts of each segment; every segment is ended, and its parts follow each other."""
    found: list[list[Part]] = [[]]
    for part in parts:
        if found[-1]:
            assert part.start_sample == found[-1][-1].start_sample + len(found[-1][-1].samples)
        found[-1].append(part)
        if part.ends:
            found.append([])
    assert found.pop() == []
    return found


@effort(max_examples=200, deadline=None)
@given(
    marks=st.lists(st.booleans(), max_size=120),
    cuts=st.lists(st.integers(0, 120), max_size=6),
    short=st.integers(1, FRAME_SAMPLES),
    max_pause=st.integers(1, 8),
)
def test_every_voiced_sample_is_in_one_segment_and_long_pauses_in_none(marks, cuts, short, max_pause):
    speech = np.array(marks, bool)
    samples = np.arange(max(0, len(speech) * FRAME_SAMPLES - short + 1), dtype=np.float32)
    cutter = _Cutter(GRID, max_pause)
    parts: list[Part] = []
    bounds = [0, *sorted(min(cut, len(speech)) for cut in cuts), len(speech)]
    for begin, end in pairwise(bounds):
        piece = Marked(samples[begin * FRAME_SAMPLES : end * FRAME_SAMPLES], speech[begin:end])
        parts.extend(cutter.feed(piece))
    parts.extend(cutter.finish())
    spans = runs(speech)
    expected: list[list[int]] = []
    for begin, end in spans:
        if expected and begin - expected[-1][1] < max_pause:
            expected[-1][1] = end
        else:
            expected.append([begin, end])
    found = whole(parts)
    assert len(found) == len(expected)
    for segment, (begin, end) in zip(found, expected, strict=True):
        start = segment[0].start_sample
        assert start % GRID == 0
        assert begin * FRAME_SAMPLES - GRID < start <= begin * FRAME_SAMPLES
        stop = min(end * FRAME_SAMPLES, len(samples))
        assert np.array_equal(np.concatenate([part.samples for part in segment]), samples[start:stop])
    voiced = np.zeros(len(samples), bool)
    for part in parts:
        for begin_s, end_s in part.speech:
            voiced[round(begin_s * SAMPLE_RATE) : round(end_s * SAMPLE_RATE)] = True
    assert np.array_equal(voiced, np.repeat(speech, FRAME_SAMPLES)[: len(samples)])


@pytest.mark.parametrize(("pause_s", "count"), [(1.5, 1), (6.0, 2)])
def test_a_long_pause_parts_and_a_short_one_does_not(pause_s, count):
    sound = np.concatenate([clip("lungs"), np.zeros(round(pause_s * SAMPLE_RATE), np.float32), clip("effusion")])
    assert len(whole(list(segments([sound], GRID)))) == count


def test_silence_gives_no_segment():
    assert list(segments([np.zeros(SAMPLE_RATE, np.float32)] * 100, GRID)) == []
    assert list(segments([], GRID)) == []


def test_what_is_held_does_not_grow_with_the_recording(monkeypatch):
    """Ten minutes of voice without a pause and ten of silence, in blocks of a second."""
    cutter = _Cutter(GRID, 90)
    second = np.zeros(FRAME_SAMPLES * 31, np.float32)
    held = []
    for is_voice in [True] * 600 + [False] * 600:
        list(cutter.feed(Marked(second, np.full(31, is_voice))))
        held.append(len(cutter._samples) + len(cutter._speech))
    assert max(held) < 5 * SAMPLE_RATE


def test_sound_without_a_search_for_voice_is_one_segment():
    blocks = [np.full(n, n, np.float32) for n in (1000, 500, 20)]
    parts = list(unpaused(blocks))
    assert [part.ends for part in parts] == [False, False, True]
    [segment] = whole(parts)
    assert np.array_equal(np.concatenate([part.samples for part in segment]), np.concatenate(blocks))
    assert parts[1].speech == ((1000 / SAMPLE_RATE, 1500 / SAMPLE_RATE),)
    assert list(unpaused([])) == []


def test_the_voice_of_a_dictation_is_marked_as_before():
    sound = np.concatenate([clip("nodule"), np.zeros(SAMPLE_RATE, np.float32), clip("lungs")])
    marked_s = sum(end - start for part in segments([sound], GRID) for start, end in part.speech)
    assert marked_s == pytest.approx(sum(end - start for start, end in speech_spans(sound, DICTATED)), abs=1e-6)
