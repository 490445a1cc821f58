from threading import Event

import numpy as np
import pytest

from dictation.audio import SAMPLE_RATE, Recording, Window
from dictation.errors import Cancelled, InputError
from dictation.lexicon.vocabulary import EMPTY_VOCABULARY
from dictation.settings import Settings
from dictation.speech import Transcript
from dictation.speech.ctc_greedy import Emitted, greedy
from dictation.speech.medasr import MedASRRecognizer
from dictation.speech.medasr_letters import FRAME_S, MIN_SAMPLES, spelled, words
from dictation.speech.medasr_posteriors import posteriors
from dictation.speech.medasr_weights import find, load
from dictation.speech.recognizer import Job
from dictation.speech.voice_level import FLOOR_DBFS, MAX_GAIN_DB, raised, voice_dbfs


@pytest.fixture(scope="module")
def model(tiny_lasr):
    return load(find(tiny_lasr), threads=0)


@pytest.fixture(scope="module")
def recognizer(tiny_lasr):
    return MedASRRecognizer.load(tiny_lasr, Settings())


def job(recording: Recording) -> Job:
    return Job(recording.name, recording, EMPTY_VOCABULARY)


def in_memory(samples: np.ndarray, name: str = "memory") -> Recording:
    return Recording.from_samples(samples.astype(np.float32), SAMPLE_RATE, name)


def heard(recognizer: MedASRRecognizer, recording: Recording) -> Transcript:
    [(_, transcript)] = recognizer.transcribe([job(recording)])
    assert isinstance(transcript, Transcript)
    return transcript


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.05, round(seconds * SAMPLE_RATE)).astype(np.float32)


def test_a_padded_batch_equals_single_runs(model):
    sounds = [noise(seconds, seed) for seed, seconds in enumerate((7.3, 20.0, 3.017, 0.2))]
    together = posteriors(model, sounds)
    for sound, shares in zip(sounds, together, strict=True):
        [alone] = posteriors(model, [sound])
        assert shares.shape == alone.shape
        assert np.abs(shares - alone).max() < 1e-4
        assert shares.sum(axis=1) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(("samples", "frames"), [(0, 1), (1, 1), (MIN_SAMPLES, 1), (320_000, 497), (960_000, 1497)])
def test_one_frame_every_40_ms_and_never_none(model, samples, frames):
    [shares] = posteriors(model, [noise(samples / SAMPLE_RATE)])
    assert len(shares) == frames


def test_the_text_is_that_of_the_transformers_pipeline(model, tiny_lasr, clips):
    from transformers import pipeline

    reference = pipeline("automatic-speech-recognition", model=str(tiny_lasr), device="cpu")
    for clip in clips:
        samples = Recording(clip).samples()
        [shares] = posteriors(model, [samples])
        ours = words(spelled(greedy(shares, model.blank), model.piece_text, 0.0))
        theirs = reference(samples)["text"].replace("</s>", " ")
        assert theirs.strip()
        assert [word.text for word in ours] == theirs.split()


def test_greedy_decoding_joins_runs_and_keeps_letters_doubled_by_a_blank():
    blank, a, b = 0, 1, 2
    best = [blank, a, a, blank, a, b, blank]
    shares = np.full((len(best), 3), 0.1, np.float32)
    for frame, piece in enumerate(best):
        shares[frame, piece] = 0.8
    shares[2, a] = 0.9
    assert greedy(shares, blank) == [
        Emitted(a, 1, 2, pytest.approx(0.9)),
        Emitted(a, 4, 4, pytest.approx(0.8)),
        Emitted(b, 5, 5, pytest.approx(0.8)),
    ]
    assert greedy(np.zeros((0, 3), np.float32), blank) == []


def test_words_know_their_seconds_and_their_least_sure_piece():
    pieces = ["<epsilon>", "<s>", "</s>", "▁no", "▁", "ing", "ne"]
    emitted = [
        Emitted(1, 0, 0, 0.9),
        Emitted(3, 2, 3, 0.99),
        Emitted(6, 5, 5, 0.4),
        Emitted(2, 6, 6, 0.9),
        Emitted(5, 10, 10, 0.7),
        Emitted(2, 11, 11, 0.9),
    ]
    first, second = words(spelled(emitted, lambda piece: pieces[piece], 10.0))
    assert (first.text, second.text) == ("none", "ing")  # "</s>" never shows, and ends a word
    assert first.start_s == pytest.approx(10 + 0.0725 + 2 * FRAME_S - FRAME_S / 2, abs=1e-3)
    assert first.end_s == pytest.approx(10 + 0.0725 + 5 * FRAME_S + FRAME_S / 2, abs=1e-3)
    assert (first.confidence, second.confidence) == (0.4, 0.7)


def test_a_checkpoint_saved_in_half_precision_runs_in_fp32_on_a_cpu(tiny_lasr_half):
    import torch

    half = load(find(tiny_lasr_half), threads=0)
    assert half.device != "cpu" or {weight.dtype for weight in half.network.parameters()} == {torch.float32}
    assert half.precision == "float32" or half.device == "cuda"
    [shares] = posteriors(half, [noise(1.0)])
    assert np.isfinite(shares).all()


def test_recordings_come_back_in_order_with_words_in_order(recognizer, clips):
    jobs = [job(Recording(clip)) for clip in clips]
    progress: dict[str, float] = {}
    found = list(recognizer.transcribe(jobs, progress=progress.__setitem__))
    assert [id for id, _ in found] == [one.id for one in jobs]
    for one, (id, transcript) in zip(jobs, found, strict=True):
        assert transcript.recording == one.recording.id
        assert transcript.words
        assert transcript.words == heard(recognizer, one.recording).words
        starts = [word.start_s for word in transcript.words]
        assert starts == sorted(starts)
        assert all(0 <= word.confidence <= 1 and word.end_s <= transcript.duration_s + 0.1 for word in transcript.words)
        assert 0 < progress[id] <= transcript.duration_s + 0.1


def test_a_long_recording_is_cut_into_windows_whose_words_stay_in_order(recognizer, clips):
    speech = np.concatenate([Recording(clip).samples() for clip in clips])
    pause = np.zeros(SAMPLE_RATE // 2, np.float32)
    transcript = heard(recognizer, in_memory(np.concatenate([np.concatenate([speech, pause])] * 12)))
    starts = [word.start_s for word in transcript.words]
    assert starts == sorted(starts)
    assert starts[-1] > transcript.duration_s - 25
    assert transcript.duration_s > 90


@pytest.mark.parametrize("sound", [np.zeros(3 * SAMPLE_RATE), 1e-4 * noise(3.0)], ids=["silence", "faint noise"])
def test_silence_gives_no_words_and_says_so(recognizer, sound):
    transcript = heard(recognizer, in_memory(sound, "quiet.wav"))
    assert transcript.words == ()
    assert "quiet.wav: no speech was found." in transcript.warnings


@pytest.mark.parametrize("samples", [1, 200, 2319])
def test_the_shortest_recordings_do_not_fail(recognizer, samples):
    assert heard(recognizer, in_memory(noise(samples / SAMPLE_RATE))).duration_s == samples / SAMPLE_RATE


def test_voice_without_words_is_a_warning_with_its_seconds(recognizer, clips):
    """The tiny network emits one long word for two seconds of voice: most of it is not covered."""
    transcript = heard(recognizer, Recording(next(clip for clip in clips if clip.name == "nodule.flac")))
    assert any("nodule.flac: 0:00-0:02: a voice was heard but no words" in warning for warning in transcript.warnings)


def test_one_bad_recording_yields_its_error_and_the_rest_goes_on(recognizer, clips, tmp_path):
    bad = tmp_path / "bad.wav"
    bad.write_text("this is no sound")
    jobs = [job(Recording(clips[0])), job(Recording(bad)), job(Recording(clips[1]))]
    found = dict(recognizer.transcribe(jobs))
    assert isinstance(found["bad.wav"], InputError)
    assert found[clips[0].name].words
    assert found[clips[1].name].words


def test_cancel_stops_the_work(recognizer, clips):
    cancel = Event()
    cancel.set()
    with pytest.raises(Cancelled):
        list(recognizer.transcribe([job(Recording(clips[0]))], cancel))


def test_the_engine_record_is_enough_to_get_the_text_again(recognizer, tiny_lasr):
    from dictation.weights import sha256_of

    engine = recognizer.engine
    assert (engine.name, engine.model, engine.revision) == ("medasr", tiny_lasr.name, "")
    assert engine.weights_sha256 == sha256_of(tiny_lasr / "model.safetensors")
    assert engine.settings["decoding"] == "greedy"
    assert {"torch", "transformers", "radiology-dictation"} <= engine.versions.keys()


def voiced(level_db: float) -> Window:
    samples = 10 ** (level_db / 20) * np.sqrt(2) * np.sin(np.arange(2 * SAMPLE_RATE) / 10)
    return Window(5.0, samples.astype(np.float32), ((5.0, 7.0),))


@pytest.mark.parametrize(
    ("level_db", "after_db"),
    [(-12, -12), (-25, -25), (FLOOR_DBFS, FLOOR_DBFS), (-50, FLOOR_DBFS), (-80, -80 + MAX_GAIN_DB)],
)
def test_quiet_voices_are_raised_with_a_cap_and_others_left_alone(level_db, after_db):
    window = voiced(level_db)
    assert voice_dbfs(window) == pytest.approx(level_db, abs=0.1)
    louder = Window(window.start_s, raised(window), window.speech)
    assert voice_dbfs(louder) == pytest.approx(after_db, abs=0.1)


def test_raising_never_clips():
    window = voiced(-60)
    window.samples[100] = 0.5
    assert np.abs(raised(window)).max() <= 0.951
