"""Speech is found where it is, and every bit of it is in exactly one window."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.audio import SAMPLE_RATE, Recording, Window, speech_spans, windows
from dictation.audio.marks import DICTATED, marked
from dictation.audio.silero import FRAME_SAMPLES
from tests.audio.audio_files import CLIPS, clip, pause

SILENT = 10 ** (-35 / 20)  # of a clip's peak: its first and last sound above this must be inside a span


def room(seconds: float, level: float = 3e-4, seed: int = 0) -> np.ndarray:
    """The noise of a quiet room."""
    return (level * np.random.default_rng(seed).standard_normal(round(seconds * SAMPLE_RATE))).astype(np.float32)


def dictated(parts: list[tuple[str, float]], start_s: float = 1.0) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Clips, each followed by a pause in seconds, and where each of them sounds."""
    sound, truth = pause(start_s), []
    for name, gap_s in parts:
        voice = clip(name)
        loud = np.flatnonzero(np.abs(voice) > SILENT * np.abs(voice).max())
        truth.append(((len(sound) + loud[0]) / SAMPLE_RATE, (len(sound) + loud[-1]) / SAMPLE_RATE))
        sound = np.concatenate([sound, voice, pause(gap_s)])
    return sound, truth


def recorded(sound: np.ndarray) -> Recording:
    return Recording.from_samples(sound, SAMPLE_RATE, "dictation")


def covered(spans: list[tuple[float, float]], stretch: tuple[float, float]) -> bool:
    return any(start <= stretch[0] and stretch[1] <= end for start, end in spans)


@pytest.mark.parametrize("gain_db", [0, -30])
def test_sentences_apart_are_spans_apart_and_whole(gain_db: float) -> None:
    sound, truth = dictated([(name, 3.0) for name in CLIPS])
    spans = speech_spans(sound * np.float32(10 ** (gain_db / 20)) + room(len(sound) / SAMPLE_RATE, 1e-4))
    assert len(spans) == len(CLIPS)
    assert all(covered(spans, stretch) for stretch in truth)
    padding_s = DICTATED.before_s + DICTATED.after_s + 0.5
    assert all(
        end - start < stretch[1] - stretch[0] + padding_s for (start, end), stretch in zip(spans, truth, strict=True)
    )


def test_a_last_word_that_dies_away_is_kept() -> None:
    voice = clip("nodule") * 10 ** (np.linspace(0, -30, len(clip("nodule"))) / 20)
    sound = np.concatenate([pause(2), voice, pause(3)]).astype(np.float32) + room(5 + len(voice) / SAMPLE_RATE, 1e-4)
    ((start, end),) = speech_spans(sound)
    assert start <= 2.05 and end >= 2 + len(voice) / SAMPLE_RATE - 0.05


def test_speech_from_the_first_to_the_last_sample_is_kept() -> None:
    voice = clip("effusion")
    loud = np.flatnonzero(np.abs(voice) > SILENT * np.abs(voice).max())
    voice = voice[loud[0] : loud[-1]]
    ((start, end),) = speech_spans(voice)
    assert (start, end) == (0.0, len(voice) / SAMPLE_RATE)


@pytest.mark.parametrize("level", [0.0, 1e-3, 3e-2])
def test_silence_and_noise_are_no_speech(level: float) -> None:
    sound = room(40, level)
    assert speech_spans(sound) == []
    assert list(windows(recorded(sound))) == []


def test_no_samples_have_no_speech() -> None:
    assert speech_spans(np.zeros(0, np.float32)) == []


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(1, 20 * SAMPLE_RATE), max_size=12))
def test_a_stream_in_pieces_is_marked_like_the_whole(cuts: list[int]) -> None:
    sound, _ = dictated([("lungs", 0.4), ("nodule", 1.0), ("effusion", 0.05), ("impression", 2.0)])
    sound = sound + room(len(sound) / SAMPLE_RATE)
    (whole,) = _parts([sound])
    pieces = [piece for piece in np.split(sound, sorted(min(cut, len(sound)) for cut in cuts)) if len(piece)]
    parts = _parts(pieces)
    np.testing.assert_array_equal(np.concatenate([speech for _, speech in parts]), whole[1])
    np.testing.assert_array_equal(np.concatenate([samples for samples, _ in parts]), sound)
    for samples, speech in parts[:-1]:
        assert len(samples) == len(speech) * FRAME_SAMPLES


def _parts(pieces: list[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    parts = [(part.samples, part.speech) for part in marked(pieces, DICTATED)]
    if len(pieces) > 1:
        return parts
    return [(np.concatenate([samples for samples, _ in parts]), np.concatenate([speech for _, speech in parts]))]


sentences = st.lists(
    st.tuples(st.sampled_from(CLIPS), st.sampled_from([0.0, 0.1, 0.3, 0.7, 1.2, 2.5, 4.0, 12.0])), max_size=14
)


@settings(max_examples=25, deadline=None)
@given(parts=sentences, start_s=st.sampled_from([0.0, 5.0]), max_s=st.sampled_from([0.5, 2.0, 5.0, 28.0]))
def test_every_sample_of_speech_is_in_exactly_one_window(
    parts: list[tuple[str, float]], start_s: float, max_s: float
) -> None:
    sound, truth = dictated([*parts, ("lungs", 0.5)], start_s)
    spans = speech_spans(sound)
    found = list(windows(recorded(sound), max_s=max_s))
    check(found, sound, max_s)

    owners = np.zeros(len(sound), int)
    for window in found:
        for start, end in window.speech:
            owners[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)] += 1
    voiced = np.zeros(len(sound), int)
    for start, end in spans:
        voiced[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)] = 1
    np.testing.assert_array_equal(owners, voiced)

    for start, end in spans:
        if end - start <= max_s - 0.1:  # only what is longer than a window may be cut in two
            assert sum((start, end) in window.speech for window in found) == 1
    for start, end in truth:
        assert all(voiced[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)])


def check(found: list[Window], sound: np.ndarray, max_s: float) -> None:
    """Each window is short enough, a true copy, framed by its own speech, and after the one before."""
    previous_s = 0.0
    for window in found:
        assert 0 < len(window.samples) <= max_s * SAMPLE_RATE
        first = round(window.start_s * SAMPLE_RATE)
        np.testing.assert_array_equal(window.samples, sound[first : first + len(window.samples)])
        assert window.speech[0][0] == window.start_s >= previous_s
        assert window.speech[-1][1] == window.end_s
        assert all(start < end for start, end in window.speech)
        assert all(before[1] < after[0] for before, after in zip(window.speech, window.speech[1:], strict=False))
        previous_s = window.end_s


def test_a_long_look_at_the_images_is_dropped() -> None:
    sound, _ = dictated([("lungs", 60.0), ("nodule", 1.5), ("impression", 90.0)])
    found = list(windows(recorded(sound)))
    assert len(found) == 2
    assert len(found[1].speech) == 2
    assert sum(len(window.samples) for window in found) < 14 * SAMPLE_RATE


def test_speech_without_any_pause_is_cut_between_words() -> None:
    sound = np.concatenate([clip(name) for name in CLIPS * 6])
    found = list(windows(recorded(sound), max_s=10.0))
    check(found, sound, 10.0)
    assert sum(len(window.samples) for window in found) == pytest.approx(len(sound), abs=0.2 * SAMPLE_RATE)
    level = np.sqrt(np.mean(sound**2))
    for window in found[:-1]:
        cut = round(window.end_s * SAMPLE_RATE)
        assert np.sqrt(np.mean(sound[cut - 480 : cut + 480] ** 2)) < 0.1 * level


def test_windows_of_a_file_stream_while_it_is_read(tmp_path: Path) -> None:
    sound, _ = dictated([("lungs", 4.0), ("nodule", 4.0)] * 20)
    soundfile.write(tmp_path / "a.flac", sound, SAMPLE_RATE)
    recording = Recording(tmp_path / "a.flac")
    stream = windows(recording)
    assert next(stream).start_s == pytest.approx(1.0, abs=0.3)
    assert recording.warnings == ()
    assert len(list(stream)) == 39
