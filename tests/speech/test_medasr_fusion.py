"""Windows that overlap, and their posteriors as one: nothing is missing, nothing is double, and little is held."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from benchmarks.medasr.unpaused import unpaused
from dictation.audio import SAMPLE_RATE, Window
from dictation.audio.segments import Part
from dictation.speech.ctc.cuts import gaps, last_gap
from dictation.speech.medasr.fusion import BLOCK_FRAMES, LONGEST_BLOCK_FRAMES, Block, Fusion
from dictation.speech.medasr.letters import FRAME_SAMPLES, MIN_SAMPLES, pieces_of
from dictation.speech.medasr.places import Place, placed
from dictation.speech.voice_level import CELL_SAMPLES, FLOOR_DBFS, PEAK, levelled, raised, voice_dbfs
from tests.speech.tiny_lasr import PIECES

PIECE = {text: number for number, text in enumerate(PIECES)}
VOCABULARY = pieces_of(PIECES, 0)


def frames_of(samples: int) -> int:
    return max(0, (samples - MIN_SAMPLES) // FRAME_SAMPLES + 1)


def parts_of(samples: np.ndarray, at: int = 0, speech: tuple[tuple[float, float], ...] = ()) -> list[Part]:
    """One segment that begins at sample `at`, in parts; `speech` as seconds of the segment."""
    size = 7000
    spans = [(at / SAMPLE_RATE + begin_s, at / SAMPLE_RATE + end_s) for begin_s, end_s in speech]
    parts = []
    for start in range(at, at + max(1, len(samples)), size):
        first_s, last_s = start / SAMPLE_RATE, (start + size) / SAMPLE_RATE
        inside = tuple((max(a, first_s), min(b, last_s)) for a, b in spans if a < last_s and b > first_s)
        parts.append(Part(start, samples[start - at :][:size], inside, ends=False))
    return [*parts, Part(at + len(samples), samples[:0], (), ends=True)]


def truth(first_frame: int, count: int) -> np.ndarray:
    """Made-up posteriors of frames that depend on nothing but the number of the frame."""
    logits = np.stack([np.random.default_rng(first_frame + n).normal(0, 3, len(PIECES)) for n in range(count)])
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return shares.astype(np.float32)


def fused(places: list[tuple[Place, np.ndarray]]) -> list[Block]:
    fusion = Fusion(VOCABULARY)
    return [block for place, shares in places for block in fusion.add(place, shares)]


@effort(max_examples=60, deadline=None)
@given(
    seconds=st.floats(0.01, 25),
    window_s=st.floats(2, 6),
    overlap_share=st.floats(0, 0.9),
    at_frame=st.integers(0, 50),
    stretches_s=st.lists(st.tuples(st.floats(0.3, 4), st.floats(0.01, 3)), max_size=12),
)
def test_every_frame_of_a_segment_comes_once_and_as_the_windows_gave_it(
    seconds, window_s, overlap_share, at_frame, stretches_s
):
    samples = np.zeros(max(MIN_SAMPLES, round(seconds * SAMPLE_RATE)), np.float32)
    ends_s = np.cumsum(np.array(stretches_s).reshape(-1)).reshape(-1, 2)[:, 0]
    speech = tuple((end_s - length_s, end_s) for end_s, (length_s, _) in zip(ends_s, stretches_s, strict=True))
    windows = list(placed(parts_of(samples, at_frame * FRAME_SAMPLES, speech), window_s, overlap_share * window_s))
    assert all(len(sound) <= (window_s + 0.04) * SAMPLE_RATE for _, sound in windows)
    assert [place.ends for place, _ in windows] == [False] * (len(windows) - 1) + [True]
    if len(windows) > 1:  # none is so short that it has little around its words
        assert min(len(sound) for _, sound in windows) >= (window_s / 4 - 0.1) * SAMPLE_RATE
    blocks = fused([(place, truth(place.first_frame, frames_of(len(sound)))) for place, sound in windows])
    assert blocks[0].first_frame == at_frame
    for before, after in pairwise(blocks):
        assert after.first_frame == before.first_frame + len(before.posteriors)
    together = np.concatenate([block.posteriors for block in blocks])
    assert together == pytest.approx(truth(at_frame, frames_of(len(samples))), abs=1e-5)


def test_windows_meet_in_the_longest_pause_and_share_no_speech():
    speech = ((0, 8), (8.4, 13), (14.5, 17), (17.5, 26), (26.5, 29), (29.4, 45))
    windows = list(placed(parts_of(np.zeros(45 * SAMPLE_RATE, np.float32), 0, speech), 20.0, 2.0))
    spans_s = [
        (place.first_frame * 0.04, place.first_frame * 0.04 + len(sound) / SAMPLE_RATE) for place, sound in windows
    ]
    assert spans_s == [
        (0, pytest.approx(14.15, abs=0.1)),
        (pytest.approx(13.35, abs=0.1), pytest.approx(26.5, abs=0.05)),
        (pytest.approx(26.0, abs=0.05), 45),
    ]


def test_windows_follow_the_sound_and_overlap_as_asked():
    samples = np.arange(50 * SAMPLE_RATE, dtype=np.float32)
    windows = list(placed(parts_of(samples), 20.0, 2.0))
    seconds = [
        (place.first_frame * 0.04, place.first_frame * 0.04 + len(sound) / SAMPLE_RATE) for place, sound in windows
    ]
    assert seconds[0] == (0, 20)
    assert seconds[1] == pytest.approx((18, 35), abs=0.05)  # the last two share what is left
    assert seconds[2] == pytest.approx((33, 50), abs=0.05)
    for place, sound in windows:
        start = place.first_frame * FRAME_SAMPLES
        assert np.array_equal(sound, samples[start : start + len(sound)])
    assert [(place.rise, place.fall) for place, _ in windows] == [(0, 47), (47, 47), (47, 0)]


def test_the_middle_of_an_overlap_is_the_mean_and_its_ends_belong_to_one_window():
    """Two windows of 20 frames that share 10: the first always says "a", the second always says "b"."""
    a, b = np.zeros((20, len(PIECES)), np.float32), np.zeros((20, len(PIECES)), np.float32)
    a[:, PIECE["a"]] = b[:, PIECE["b"]] = 1
    [block] = fused([(Place(0, 0, 10, ends=False), a), (Place(10, 10, 0, ends=True), b)])
    share_of_b = block.posteriors[:, PIECE["b"]]
    assert (share_of_b[:10] == 0).all()
    assert (share_of_b[20:] == 1).all()
    assert share_of_b[14:16] == pytest.approx([0.42, 0.58], abs=0.01)
    assert (np.diff(share_of_b[9:21]) > 0).all()
    assert block.posteriors.sum(axis=1) == pytest.approx(1, abs=1e-6)
    assert share_of_b[10:20] == pytest.approx(np.sin(np.pi / 2 * (np.arange(10) + 0.5) / 10) ** 2, abs=1e-6)


def written(text: str, frames_a_piece: int = 4, gap: int = 0) -> np.ndarray:
    """Posteriors that say a text letter by letter, with `gap` more blank frames before each word."""
    best: list[int] = []
    for word in text.split():
        best += [0] * gap
        for letter in ["▁", *word]:
            best += [PIECE[letter], *[0] * (frames_a_piece - 1)]
    shares = np.full((len(best), len(PIECES)), 0.1 / (len(PIECES) - 1), np.float32)
    shares[np.arange(len(best)), best] = 0.9
    return shares


def letters(shares: np.ndarray) -> str:
    return VOCABULARY.text(int(piece) for piece in shares.argmax(1))


@pytest.mark.parametrize("text", ["the left kidney is normal", "seen {next line} mass"])
def test_gaps_are_between_words_and_in_no_token(text):
    shares = written(text)
    found = gaps(shares, VOCABULARY)
    words = [letters(shares[before.middle : after.middle]) for before, after in pairwise(found)]
    assert words == text.replace("{next line}", "{next_line}").replace(" ", "\n").replace("_", " ").split("\n")


def test_the_last_gap_before_a_frame():
    shares = written("the left kidney")
    starts = [gap.middle for gap in gaps(shares, VOCABULARY)]
    assert last_gap(shares, VOCABULARY, starts[2] + 3) == starts[2]
    assert last_gap(shares, VOCABULARY, 0) == 0


def blocks_of(shares: np.ndarray) -> list[Block]:
    """The blocks of posteriors that come in windows of 300 frames, 40 shared."""
    fusion, blocks, held = Fusion(VOCABULARY), [], []
    for first in range(0, len(shares), 260):
        ends = first + 300 >= len(shares)
        place = Place(first, 40 if first else 0, 0 if ends else 40, ends)
        blocks += fusion.add(place, shares[first : first + 300])
        held.append(fusion.held_frames)
        if ends:
            break
    assert max(held) <= LONGEST_BLOCK_FRAMES + 300
    assert np.concatenate([block.posteriors for block in blocks]) == pytest.approx(shares, abs=1e-6)
    return blocks


def test_a_block_is_cut_in_the_longest_gap_and_never_in_a_word():
    text = " ".join(["the liver is normal", "and the spleen is large"] * 40)
    shares = written(text, gap=2)
    blocks = blocks_of(shares)
    assert len(blocks) > 3
    assert all(len(block.posteriors) >= BLOCK_FRAMES for block in blocks[:-1])
    assert " ".join(letters(block.posteriors) for block in blocks) == text


def test_a_word_without_end_is_cut_at_last_and_no_frame_is_lost():
    blocks = blocks_of(written("a" * 1500, frames_a_piece=2))
    assert max(len(block.posteriors) for block in blocks) <= LONGEST_BLOCK_FRAMES + 300
    assert sum(letters(block.posteriors).count("a") for block in blocks) == 1500


def test_an_hour_of_voice_without_a_pause_is_held_a_minute_at_a_time():
    """Every window of an hour, its posteriors made up, through the cutting and the fusion."""
    minute = np.zeros(60 * SAMPLE_RATE, np.float32)
    text = written(" ".join(["no", "mass"] * 30))
    fusion, most, frames = Fusion(VOCABULARY), 0, 0
    for place, sound in placed(unpaused(minute for _ in range(60)), 20.0, 2.0):
        count = frames_of(len(sound))
        shares = np.resize(text, (count, len(PIECES)))
        frames += sum(len(block.posteriors) for block in fusion.add(place, shares))
        most = max(most, fusion.held_frames)
    assert frames == frames_of(3600 * SAMPLE_RATE)
    assert most <= LONGEST_BLOCK_FRAMES + 500


def tone(levels_db: list[float], seconds: float = 10.0) -> np.ndarray:
    """A voice whose level changes every `seconds`."""
    cells = [10 ** (level / 20) * np.sqrt(2) * np.ones(round(seconds * SAMPLE_RATE)) for level in levels_db]
    gains = np.concatenate(cells)
    return (gains * np.sin(np.arange(len(gains)) / 10)).astype(np.float32)


def spoken(samples: np.ndarray) -> list[Part]:
    size = 70_000
    blocks = [samples[start : start + size] for start in range(0, len(samples), size)]
    return list(unpaused(blocks))


def test_levels_of_a_long_segment_go_slowly_and_never_jump_or_clip():
    samples = tone([-25, -55, -55, -55, -70, -25, -25])
    samples[45 * SAMPLE_RATE] = 0.6  # a knock in the quietest stretch
    parts = list(levelled(spoken(samples)))
    assert [part.ends for part in parts] == [False] * (len(parts) - 1) + [True]
    after = np.concatenate([part.samples for part in parts])
    assert len(after) == len(samples)
    assert np.abs(after).max() <= PEAK + 1e-3
    sounding = (np.abs(samples) > 1e-6) & (np.abs(samples) < 0.5)
    gains_db = 20 * np.log10(np.abs(after[sounding]) / np.abs(samples[sounding]))
    assert np.abs(np.diff(gains_db)).max() < 0.01
    assert (gains_db[: 9 * SAMPLE_RATE] < 0.01).all()  # a normal voice is left as it is
    third = Window(20.0, after[20 * SAMPLE_RATE : 30 * SAMPLE_RATE], ((20.0, 30.0),))
    assert voice_dbfs(third) == pytest.approx(FLOOR_DBFS, abs=1)


@pytest.mark.parametrize("seconds", [0.5, 9.0, 14.9])
def test_a_short_segment_is_raised_as_a_whole(seconds):
    samples = tone([-50], seconds)
    whole = raised(Window(0.0, samples, ((0.0, seconds),)))
    assert np.concatenate([part.samples for part in levelled(spoken(samples))]) == pytest.approx(whole, abs=1e-6)


def test_the_next_segment_begins_with_a_level_of_its_own():
    quiet, loud = tone([-60, -60]), tone([-20, -20])
    later = [
        Part(part.start_sample + len(quiet), part.samples, tuple((a + 20, b + 20) for a, b in part.speech), part.ends)
        for part in spoken(loud)
    ]
    parts = list(levelled([*spoken(quiet), *later]))
    assert [part.start_sample for part in parts] == [CELL_SAMPLES * n for n in range(4)]
    assert np.array_equal(np.concatenate([part.samples for part in parts[2:]]), loud)
