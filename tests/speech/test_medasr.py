from dataclasses import replace
from itertools import pairwise
from threading import Event

import numpy as np
import pytest

from dictation.audio import SAMPLE_RATE, Recording, Window, speech_spans
from dictation.errors import Cancelled, InputError, MissingError, ModelError
from dictation.lexicon.vocabulary import EMPTY_VOCABULARY
from dictation.settings import Settings
from dictation.speech import Transcript
from dictation.speech.ctc.greedy import Emitted, greedy
from dictation.speech.ear import Stretch, Urgency
from dictation.speech.medasr.letters import FRAME_S, MIN_SAMPLES, spelled, words
from dictation.speech.medasr.posteriors import posteriors
from dictation.speech.medasr.recognizer import MedASRRecognizer
from dictation.speech.medasr.weights import find, load
from dictation.speech.recognizer import Job
from dictation.speech.voice_level import FLOOR_DBFS, MAX_GAIN_DB, PEAK, raised, voice_dbfs
from dictation.weights import sha256_of
from tests.speech import tiny_lasr
from tests.speech.tiny_lasr import CLIPS, SMALL_LASR

SAID = {name: said.replace("[IMPRESSION]", "Impression:") for name, said in tiny_lasr.SAID.items()}
RECORDINGS = {clip.stem: Recording(clip) for clip in CLIPS}


@pytest.fixture(scope="module")
def recognizer(small):
    return MedASRRecognizer(small)


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


def plain_text(model, samples: np.ndarray) -> list[str]:
    """The words of one stretch of sound as the network writes them, tokens and all."""
    [shares] = posteriors(model, [samples])
    return [word.text for word in words(spelled(greedy(shares, model.blank), model.piece_text, 0.0))]


def test_recordings_heard_together_come_back_in_order_each_with_its_own_words(recognizer):
    progress: dict[str, float] = {}
    jobs = [job(RECORDINGS[name]) for name in SAID]
    found = list(recognizer.transcribe(jobs, progress=progress.__setitem__))
    assert [(id, transcript.spoken) for id, transcript in found] == [
        (one.id, said) for one, said in zip(jobs, SAID.values(), strict=True)
    ]
    for id, transcript in found:
        assert progress[id] == pytest.approx(transcript.duration_s, abs=0.1)
        assert (transcript.recording, transcript.warnings) == (RECORDINGS[id.removesuffix(".flac")].id, ())


def test_words_lie_where_they_are_said(recognizer):
    """Each clip starts after a known pause, and 50 ms before its first sound."""
    pieces, starts, at_s = [], [], 0.0
    for name in SAID:
        pieces += [np.zeros(4 * SAMPLE_RATE), RECORDINGS[name].samples()]
        starts.append(at_s + 4.0)
        at_s += len(pieces[-2]) / SAMPLE_RATE + len(pieces[-1]) / SAMPLE_RATE
    transcript = heard(recognizer, in_memory(np.concatenate(pieces)))
    assert transcript.spoken == " ".join(SAID.values())
    ordered = [(word.start_s, word.end_s) for word in transcript.words]
    assert ordered == sorted(ordered)
    for start_s, said in zip(starts, SAID.values(), strict=True):
        inside = [word for word in transcript.words if start_s - 1 <= word.start_s < start_s + 4]
        assert [word.text for word in inside] == said.split()
        assert inside[0].start_s == pytest.approx(start_s, abs=0.4)
        assert all(0 < word.confidence <= 1 and word.start_s < word.end_s for word in inside)


def test_a_voice_40_db_too_soft_is_heard_all_the_same(recognizer, small):
    soft = RECORDINGS["nodule"].samples() * 10 ** (-40 / 20)
    assert heard(recognizer, in_memory(soft)).spoken == SAID["nodule"]
    # what the raised level is for: the network alone hears other words
    assert plain_text(small, soft) != plain_text(small, RECORDINGS["nodule"].samples())


def test_a_padded_batch_equals_single_runs(small):
    sounds = [noise(seconds, seed) for seed, seconds in enumerate((7.3, 3.017, 0.2))]
    sounds += [recording.samples() for recording in RECORDINGS.values()]
    together = posteriors(small, sounds)
    for sound, shares in zip(sounds, together, strict=True):
        [alone] = posteriors(small, [sound])
        assert shares.shape == alone.shape
        assert np.abs(shares - alone).max() < 1e-4
        assert shares.sum(axis=1) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(("samples", "frames"), [(0, 1), (1, 1), (MIN_SAMPLES, 1), (320_000, 497)])
def test_one_frame_every_40_ms_and_never_none(small, samples, frames):
    [shares] = posteriors(small, [noise(samples / SAMPLE_RATE)])
    assert len(shares) == frames


@pytest.mark.parametrize("checkpoint", ["random", "trained"])
def test_the_text_is_that_of_the_transformers_pipeline(checkpoint, tiny_lasr):
    import torch
    from transformers import pipeline

    folder = tiny_lasr if checkpoint == "random" else SMALL_LASR
    model = load(find(folder), Settings())
    reference = pipeline("automatic-speech-recognition", model=str(folder), device="cpu", dtype=torch.float32)
    for recording in RECORDINGS.values():
        theirs = reference(recording.samples())["text"].replace("</s>", " ").split()
        assert theirs
        assert plain_text(model, recording.samples()) == theirs


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


@pytest.mark.parametrize("sound", [np.zeros(3 * SAMPLE_RATE), 1e-4 * noise(3.0)], ids=["silence", "faint noise"])
def test_silence_gives_no_words_and_says_so(recognizer, sound):
    transcript = heard(recognizer, in_memory(sound, "quiet.wav"))
    assert transcript.words == ()
    assert "quiet.wav: no speech was found." in transcript.warnings


def test_voice_without_words_is_a_warning_with_its_seconds(tiny_lasr):
    """The random network writes one long word for two seconds of voice: most of them are not covered."""
    transcript = heard(MedASRRecognizer.load(tiny_lasr, Settings()), RECORDINGS["nodule"])
    assert any("nodule.flac: 0:00-0:02: a voice was heard but no words" in warning for warning in transcript.warnings)


def test_a_short_voice_without_words_is_never_passed_over():
    import torch

    mute = load(find(SMALL_LASR), Settings())
    with torch.no_grad():
        mute.network.ctc_head.bias[mute.blank] = 1e4
    transcript = heard(MedASRRecognizer(mute), RECORDINGS["lungs"])
    assert transcript.words == ()
    assert transcript.warnings == ("lungs.flac: a voice was heard but no words could be made out; listen to it.",)


def test_one_bad_recording_yields_its_error_and_the_rest_goes_on(recognizer, tmp_path):
    bad = tmp_path / "bad.wav"
    bad.write_text("this is no sound")
    found = dict(recognizer.transcribe([job(RECORDINGS["lungs"]), job(Recording(bad)), job(RECORDINGS["effusion"])]))
    assert isinstance(found["bad.wav"], InputError)
    assert found["lungs.flac"].spoken == SAID["lungs"]
    assert found["effusion.flac"].spoken == SAID["effusion"]


def test_weights_that_give_no_numbers_fail_their_recordings_one_by_one(small):
    import torch

    broken = load(find(SMALL_LASR), Settings())
    with torch.no_grad():
        broken.network.ctc_head.bias.fill_(float("nan"))
    found = dict(MedASRRecognizer(broken).transcribe([job(RECORDINGS["lungs"]), job(RECORDINGS["effusion"])]))
    for name, error in found.items():
        assert isinstance(error, ModelError)
        assert str(error).startswith(f"{name}: MedASR gave values that are no numbers")


def test_cancel_stops_the_work(recognizer):
    cancel = Event()
    cancel.set()
    with pytest.raises(Cancelled):
        list(recognizer.transcribe([job(RECORDINGS["lungs"])], cancel))


def test_the_engine_record_is_enough_to_get_the_text_again(recognizer):
    engine = recognizer.engine
    assert (engine.name, engine.model, engine.revision) == ("medasr", "small_lasr", "")
    assert engine.weights_sha256 == sha256_of(SMALL_LASR / "model.safetensors")
    assert (
        engine.settings.items() >= {"window_s": 20.0, "overlap_s": 4.0, "beam": 8, "confidence": "uncalibrated"}.items()
    )
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


def test_a_knock_beside_a_soft_voice_keeps_nobody_from_hearing_it():
    window = voiced(-55)
    window.samples[100] = 0.5
    louder = raised(window)
    assert np.abs(louder).max() <= PEAK
    rest = Window(6.0, louder[SAMPLE_RATE:], ((6.0, 7.0),))
    assert voice_dbfs(rest) == pytest.approx(FLOOR_DBFS, abs=1)


def test_a_voice_is_never_raised_so_far_that_it_is_cut():
    window = voiced(-40)
    window.samples[::500] = 0.3  # peaks that belong to the voice, one every 30 ms
    assert voice_dbfs(window) < FLOOR_DBFS
    assert np.abs(raised(window)).max() <= PEAK


def stretch(samples: np.ndarray, start_s: float = 0.0) -> Stretch:
    spans = tuple((start_s + begin_s, start_s + end_s) for begin_s, end_s in speech_spans(samples))
    return Stretch(samples, start_s, spans)


def test_a_stretch_is_heard_with_seconds_of_its_recording(recognizer):
    answer = recognizer.hear(stretch(RECORDINGS["lungs"].samples(), start_s=100.0), Urgency.FINAL).result(30)
    assert " ".join(word.text for word in answer.words) == SAID["lungs"]
    assert all(100 <= word.start_s < word.end_s <= 103 for word in answer.words)
    assert answer.warnings == ()


def test_the_context_of_a_stretch_helps_and_none_of_its_words_is_given_again(recognizer):
    sounds = [RECORDINGS["lungs"].samples(), np.zeros(SAMPLE_RATE // 2), RECORDINGS["effusion"].samples()]
    whole = stretch(np.concatenate(sounds).astype(np.float32), start_s=7.0)
    words = recognizer.hear(whole, Urgency.FINAL).result(30).words
    assert len(words) > 6
    for before, after in pairwise(words):
        rest = replace(whole, context_s=(before.end_s + after.start_s) / 2 - whole.start_s)
        answer = recognizer.hear(rest, Urgency.FINAL).result(30)
        expected = words[words.index(after) :]
        assert [word.text for word in answer.words] == [word.text for word in expected]
        assert [word.start_s for word in answer.words] == pytest.approx([word.start_s for word in expected], abs=0.002)


def test_a_later_partial_of_a_session_replaces_the_one_that_waits(recognizer):
    sound = stretch(RECORDINGS["nodule"].samples())
    asked = [recognizer.hear(sound, Urgency.PARTIAL, key="session") for _ in range(20)]
    asked.append(recognizer.hear(sound, Urgency.FINAL, key="session"))
    assert [word.text for word in asked[-1].result(30).words] == SAID["nodule"].split()
    assert any(future.cancelled() for future in asked)


def test_a_recording_that_breaks_off_keeps_the_words_before(recognizer):
    samples = RECORDINGS["lungs"].samples()

    class Breaking(Recording):
        def blocks(self, block_s=30.0):
            yield samples
            yield from (np.zeros(480_000, np.float32) for _ in range(4))
            raise InputError("broken.wav: reading failed part of the way; check the disk.")

    broken = heard(recognizer, Breaking.from_samples(samples, SAMPLE_RATE, "broken.wav"))
    assert broken.spoken == SAID["lungs"]
    assert broken.broken == broken.warnings[-1]
    assert broken.warnings == (
        "broken.wav: reading failed part of the way; check the disk. Only what was heard before is here.",
    )


def test_an_engine_that_gives_out_part_of_the_way_keeps_the_words_before(small, monkeypatch):
    clip = np.concatenate([RECORDINGS["lungs"].samples(), np.zeros(6 * SAMPLE_RATE)])
    calls: list[int] = []

    def giving_out(model, pieces):
        calls.append(len(pieces))
        if len(calls) > 1:
            raise ModelError("MedASR failed on the cpu (its memory is full); close other programs that use it.")
        return posteriors(model, pieces)

    monkeypatch.setattr("dictation.speech.medasr.recognizer.posteriors", giving_out)
    cut_off = heard(MedASRRecognizer(small), in_memory(np.tile(clip, 3), "long.wav"))
    assert cut_off.spoken == SAID["lungs"]
    assert cut_off.warnings[-1].startswith("long.wav: MedASR failed on the cpu (its memory is full)")
    assert cut_off.warnings[-1].endswith("Only what was heard before is here.")


@pytest.mark.parametrize("content", [None, b"no model at all"])
def test_a_language_model_that_the_settings_name_and_that_is_none_is_told_with_the_setting(tmp_path, settings, content):
    pytest.importorskip("kenlm")
    path = tmp_path / "lm.kenlm"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MissingError, match=r"^DICTATION_MEDASR_LANGUAGE_MODEL: .*lm\.kenlm: .*; (check|get it again)"):
        MedASRRecognizer.load(SMALL_LASR, settings.model_copy(update={"medasr_language_model": path}))
