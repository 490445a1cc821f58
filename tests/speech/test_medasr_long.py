"""Long recordings on the small trained MedASR: no word is lost or doubled where windows meet, whatever the offset."""

from collections import Counter
from itertools import pairwise

import jiwer
import numpy as np
import pytest

from benchmarks.medasr.unpaused import unpaused
from benchmarks.small_lasr.speech import dictation, held_out_clips
from dictation.audio import SAMPLE_RATE, Recording
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.lexicon.critical import is_critical
from dictation.settings import Settings
from dictation.speech import Transcript
from dictation.speech.ctc.greedy import greedy
from dictation.speech.ctc.pieces import Pieces
from dictation.speech.medasr import listening
from dictation.speech.medasr.fusion import Fusion
from dictation.speech.medasr.letters import pieces_of
from dictation.speech.medasr.places import placed
from dictation.speech.medasr.posteriors import posteriors
from dictation.speech.medasr.recognizer import MedASRRecognizer
from dictation.speech.recognizer import Job
from dictation.speech.recordings import transcribed
from tests.speech.tiny_lasr import CLIPS, SAID, SMALL_LASR

CLIPS_SAID = {clip.stem: Recording(clip) for clip in CLIPS}


@pytest.fixture(scope="module")
def pieces(small) -> Pieces:
    return pieces_of(map(small.piece_text, range(small.network.config.vocab_size)), small.blank)


@pytest.fixture(scope="module")
def spoken():
    """About a minute: twelve sentences with pauses between them."""
    return dictation(held_out_clips(), pauses_s=(0.4, 1.0, 0.6, 1.6))


def recorded(samples: np.ndarray, name: str = "dictation.wav") -> Recording:
    return Recording.from_samples(samples, SAMPLE_RATE, name)


def transcripts(recognizer: MedASRRecognizer, recordings: list[Recording], **search) -> list[Transcript]:
    """Transcripts with the search for voice, or with `search=unpaused` without."""
    jobs = [Job(recording.name, recording, EMPTY_VOCABULARY) for recording in recordings]
    listen = (lambda job: recognizer.listening(job, **search)) if search else recognizer.listening
    found = [result for _, result in transcribed(jobs, listen, lambda: recognizer.engine)]
    assert all(isinstance(one, Transcript) for one in found)
    return found


def greedy_recognizer(small, **settings) -> MedASRRecognizer:
    return MedASRRecognizer(small, Settings(medasr_beam=1, **settings))


def windowed(small, pieces, samples: np.ndarray, window_s: float, overlap_s: float) -> str:
    fusion = Fusion(pieces)
    blocks = [
        block
        for place, sound in placed(unpaused([samples]), window_s, overlap_s)
        for block in fusion.add(place, posteriors(small, [sound])[0])
    ]
    shares = np.concatenate([block.posteriors for block in blocks])
    return pieces.text(one.piece for one in greedy(shares, small.blank))


def known(lead_s: float, pause_s: float, order: list[str], seed: int) -> tuple[str, np.ndarray]:
    """Clips that the network knows by heart, said one after the other after a lead of silence, in a quiet room."""
    pause = np.zeros(round(pause_s * SAMPLE_RATE), np.float32)
    pieces = [np.zeros(round(lead_s * SAMPLE_RATE), np.float32)]
    for name in order:
        pieces += [CLIPS_SAID[name].samples(), pause]
    silent = np.concatenate(pieces)
    noise = np.random.default_rng(seed).normal(0, 10 ** (-65 / 20), len(silent))
    return " ".join(SAID[name] for name in order), (silent + noise).astype(np.float32)


@pytest.fixture(scope="module")
def shuffled() -> list[tuple[str, np.ndarray]]:
    """Eight recordings of 20 s; the same words fall on other places of the windows in each."""
    random = np.random.default_rng(3)
    names = list(SAID)
    orders = [[names[n] for n in (*random.permutation(4), *random.permutation(4))] for _ in range(8)]
    return [known(random.uniform(0, 2.5), 0.3, order, seed) for seed, order in enumerate(orders)]


def critical_without_partner(found: jiwer.WordOutput) -> list[str]:
    """The sides, negations, numbers, units and levels that were lost or came twice."""
    words = []
    for said, heard, chunks in zip(found.references, found.hypotheses, found.alignments, strict=True):
        for chunk in chunks:
            if chunk.type == "delete":
                words += said[chunk.ref_start_idx : chunk.ref_end_idx]
            if chunk.type == "insert":
                words += heard[chunk.hyp_start_idx : chunk.hyp_end_idx]
    return [word for word in words if is_critical(word.lower())]


def test_the_text_of_joined_clips_is_that_of_the_transformers_pipeline(small):
    import torch
    from transformers import pipeline

    reference = pipeline("automatic-speech-recognition", model=str(SMALL_LASR), device="cpu", dtype=torch.float32)
    recognizer = greedy_recognizer(small)
    said, samples = known(0.5, 0.8, list(SAID) * 5, seed=0)
    assert len(samples) > 45 * SAMPLE_RATE  # three windows on either side
    theirs = reference(samples.copy(), chunk_length_s=20, stride_length_s=2)["text"].replace("</s>", " ").split()
    [ours] = transcripts(recognizer, [recorded(samples)], search=unpaused)
    assert theirs == said.split()
    assert ours.spoken.split() == " ".join(theirs).replace("[IMPRESSION]", "Impression:").split()


def test_no_word_is_lost_or_doubled_where_windows_meet_in_speech(small, pieces, shuffled):
    """Without a search for pauses, in short windows: several seams in each recording, in words or beside them.

    The network errs by itself, too: it is measured against itself in one long window, beyond which no critical word
    may be lost or doubled.
    """
    said = [text for text, _ in shuffled]
    short, long = (
        jiwer.process_words(said, [windowed(small, pieces, samples, window_s, 4.0) for _, samples in shuffled])
        for window_s in (8.0, 60.0)
    )
    by_seams = short.deletions + short.insertions - long.deletions - long.insertions
    assert by_seams <= 0.02 * len(" ".join(said).split())
    assert Counter(critical_without_partner(short)) <= Counter(critical_without_partner(long))


def test_no_word_is_lost_or_doubled_where_windows_meet_in_pauses(small, shuffled):
    recognizer = greedy_recognizer(small, medasr_window_s=8.0)
    heard = transcripts(recognizer, [recorded(samples, f"{n}.wav") for n, (_, samples) in enumerate(shuffled)])
    said = [text.replace("[IMPRESSION]", "Impression:") for text, _ in shuffled]
    found = jiwer.process_words(said, [one.spoken for one in heard])
    assert found.deletions + found.insertions <= 0.02 * len(" ".join(said).split())


def test_every_sentence_of_a_long_recording_left_words_in_its_own_seconds(small, spoken):
    [found] = transcripts(MedASRRecognizer(small, Settings(medasr_window_s=10.0)), [recorded(spoken.samples)])
    assert all(before.start_s <= after.start_s for before, after in pairwise(found.words))
    for start_s, end_s in zip(spoken.starts_s, spoken.ends_s, strict=True):
        inside = [word for word in found.words if start_s - 0.3 < word.start_s < end_s + 0.3]
        assert inside


def test_only_the_last_block_before_a_pause_is_decoded_as_an_end(small, monkeypatch):
    """A language model would write a full stop at each end: inside a long stretch of speech there is none."""
    ends: list[bool] = []
    real = listening.read

    def noting(*arguments, is_end, **options):
        ends.append(is_end)
        return real(*arguments, is_end=is_end, **options)

    monkeypatch.setattr(listening, "read", noting)
    said, samples = known(0.5, 0.1, list(SAID) * 8, seed=1)
    [found] = transcripts(greedy_recognizer(small), [recorded(np.concatenate([samples, np.zeros(48_000), samples]))])
    assert len(found.words) > len(said.split())
    assert ends.count(True) == 2  # of the two stretches of speech, each of which is more than one block
    assert ends.index(True) > 0 and ends[ends.index(True) + 1 :] == [
        *[False] * (len(ends) - ends.index(True) - 2),
        True,
    ]
    assert len(ends) >= 4
