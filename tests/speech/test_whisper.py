"""The embedded Whisper on real sound: what it hears, and what it must not invent."""

import json
from dataclasses import replace
from pathlib import Path

import jiwer
import numpy as np
import pytest
import soundfile

from dictation.audio import Recording
from dictation.audio.voice import Window, speech_spans, windows
from dictation.errors import DictationError
from dictation.findings import extract
from dictation.lexicon import EMPTY_VOCABULARY, Phrase, Vocabulary
from dictation.lexicon.critical import is_critical
from dictation.speech import Transcript
from dictation.speech.ear import Stretch, Urgency
from dictation.speech.placing import SPOKEN
from dictation.speech.recognizer import Job
from dictation.speech.spoken import core
from dictation.speech.transcript import Word
from dictation.speech.whisper.decoder import Decoded, Decoding
from dictation.speech.whisper.guard import guarded, loops, moved
from dictation.speech.whisper.recognizer import EMBEDDED, WhisperRecognizer
from tests.conftest import SAMPLES

DATA = Path(__file__).parent / "data"
RATE = 16_000


def hear(embedded: WhisperRecognizer, *recordings: Recording) -> list[Transcript]:
    heard = [
        result for _, result in embedded.transcribe(Job(str(n), r, EMPTY_VOCABULARY) for n, r in enumerate(recordings))
    ]
    assert all(isinstance(result, Transcript) for result in heard)
    return heard  # type: ignore[return-value]


@pytest.fixture(scope="module")
def effusion(embedded) -> Transcript:
    return hear(embedded, Recording(SAMPLES / "01_left_effusion/01_left_effusion.flac"))[0]


@pytest.mark.processor
def test_a_dictation_is_heard_with_side_and_finding(effusion):
    assert "left pleural effusion" in effusion.spoken.lower()


def test_words_are_timed_in_order_within_the_recording(effusion):
    times = [(word.start_s, word.end_s) for word in effusion.words]
    assert all(0 <= start <= end <= effusion.duration_s for start, end in times)
    assert [start for start, _ in times] == sorted(start for start, _ in times)
    assert all(0 < word.confidence <= 1 for word in effusion.words)


def test_the_engine_record_names_weights_settings_and_versions(effusion):
    engine = effusion.engine
    assert engine.weights_sha256 == EMBEDDED.sha256
    assert {"beam", "prompt", "window_s"} <= set(engine.settings)
    assert {"faster-whisper", "ctranslate2"} <= set(engine.versions)


@pytest.mark.parametrize(
    ("speech", "expects_talk", "expects_reports"),
    [("auto", True, True), ("general", True, False), ("dictation", False, True)],
)
def test_what_is_expected_is_a_setting_and_stands_in_the_engine_record(settings, speech, expects_talk, expects_reports):
    ear = WhisperRecognizer.embedded(settings.model_copy(update={"speech": speech}))
    ear.close()
    record = ear.engine.settings
    assert record["speech"] == speech
    assert ("Okay" in record["prompt"], "pleural effusion" in record["prompt"]) == (expects_talk, expects_reports)


@pytest.fixture(scope="module")
def three_recordings() -> list[Recording]:
    entries = json.loads((SAMPLES / "samples.json").read_text(encoding="utf-8"))[:3]
    return [Recording(SAMPLES / entry["audio"]) for entry in entries]


@pytest.fixture(scope="module")
def three(embedded, three_recordings) -> list[Transcript]:
    """What is heard of them given at once, one window after the other."""
    return hear(embedded, *three_recordings)


def test_batching_keeps_each_recording_its_own_words(three, effusion):
    assert three[0].spoken == effusion.spoken
    assert len({transcript.recording for transcript in three}) == 3


def test_windows_heard_side_by_side_have_the_words_of_those_heard_one_by_one(settings, three_recordings, three):
    parallel = WhisperRecognizer.embedded(settings.model_copy(update={"threads": 2}), for_files=True)
    together = hear(parallel, *three_recordings)
    parallel.close()
    assert [one.spoken for one in together] == [one.spoken for one in three]
    assert [one.engine for one in together] == [one.engine for one in three]


@pytest.mark.parametrize("kind", ["silence", "white", "hum", "clicks"])
def test_no_words_where_nobody_speaks(embedded, kind):
    n = 10 * RATE
    rng = np.random.default_rng(3)
    clicks = np.zeros(n)
    for at in rng.integers(0, n - 300, 60):
        clicks[at : at + 300] += rng.standard_normal(300) * np.exp(-np.arange(300) / 60) * 0.5
    sounds = {
        "silence": np.zeros(n),
        "white": 0.05 * rng.standard_normal(n),
        "hum": 0.2 * np.sin(2 * np.pi * 50 * np.arange(n) / RATE),
        "clicks": clicks.clip(-1, 1),
    }
    (transcript,) = hear(embedded, Recording.from_samples(sounds[kind].astype(np.float32), RATE, f"{kind}.wav"))
    assert transcript.words == ()
    assert transcript.warnings  # silence is said, not passed over


@pytest.mark.parametrize("language", ["de", "fr"])
def test_another_language_warns_and_is_not_turned_into_english(embedded, language):
    (transcript,) = hear(embedded, Recording(DATA / f"{language}.flac"))
    assert transcript.words == ()
    assert any("language" in warning and "0:00" in warning for warning in transcript.warnings)


def test_another_language_in_the_middle_leaves_the_english_around_it(embedded):
    english, _ = soundfile.read(SAMPLES / "01_left_effusion/01_left_effusion.flac", dtype="float32")
    other, _ = soundfile.read(DATA / "de.flac", dtype="float32")
    pause = np.zeros(RATE, np.float32)
    mixed = np.concatenate([english[: 8 * RATE], pause, other[: 10 * RATE], pause, english[8 * RATE :]])
    (transcript,) = hear(embedded, Recording.from_samples(mixed, RATE, "mixed.wav"))
    said = transcript.spoken.lower()
    assert "effusion" in said and "impression" in said
    inside = [word.text for word in transcript.words if 10.5 < word.start_s < 18]
    assert inside == []
    assert any("listen there" in warning for warning in transcript.warnings)


def test_speech_that_a_decoding_swallowed_is_decoded_again(embedded):
    samples, _ = soundfile.read(SAMPLES / "01_left_effusion/01_left_effusion.flac", dtype="float32")
    window = Window(0.0, samples, ((0.0, len(samples) / RATE),))
    swallowed = Decoded(words=(), log_probability=-0.2, no_speech=0.0, languages={"en": 1.0}, repetition=1.0)
    kept = guarded(embedded._decoder, window, swallowed, [])
    assert "left pleural effusion" in " ".join(word.text for word in kept.words).lower()


@pytest.mark.parametrize(("languages", "warns"), [({"la": 0.42, "en": 0.17}, True), ({"en": 0.97, "la": 0.01}, False)])
def test_what_is_hardly_english_keeps_its_words_and_says_so(embedded, languages, warns):
    samples, _ = soundfile.read(SAMPLES / "01_left_effusion/01_left_effusion.flac", dtype="float32")
    window = Window(0.0, samples, ((0.0, len(samples) / RATE),))
    decoded = embedded._decoder.hear([samples], [], Decoding())[0]
    kept = guarded(embedded._decoder, window, replace(decoded, languages=languages), [])
    assert "effusion" in " ".join(word.text for word in kept.words).lower()
    assert any("another language" in warning and "0:00" in warning for warning in kept.warnings) == warns


def test_a_vocabulary_reaches_the_recognizer(embedded):
    words = Vocabulary(phrases=(Phrase(written="Gd-EOB-DTPA", spoken="primovist"),))
    assert embedded.context(words)[:3] == embedded._decoder.context("primovist.")[:3]
    assert len(embedded.context(words)) <= 223


def test_phrases_that_only_may_be_said_stay_out_of_the_context(embedded):
    words = Vocabulary(phrases=(Phrase(written="pleural effusion", weight=0.5),))
    assert embedded.context(words) == embedded.context(EMPTY_VOCABULARY)


def test_a_window_that_cannot_be_decoded_fails_only_its_own_recording(embedded, effusion, monkeypatch):
    """Two recordings share a batch; the decoder gives out on the sound of one of them."""
    noisy = Recording(SAMPLES / "07_noise_and_pause/07_noise_and_pause.flac")
    bad = [window.samples for window in windows(noisy)]
    real = embedded._decoder.hear

    def giving_out(pieces, context, decoding):
        if any(np.array_equal(piece, sound) for piece in pieces for sound in bad):
            raise DictationError("the recognizer failed (out of memory).")
        return real(pieces, context, decoding)

    monkeypatch.setattr(embedded._decoder, "hear", giving_out)
    good = Recording(SAMPLES / "01_left_effusion/01_left_effusion.flac")
    jobs = [Job("bad", noisy, EMPTY_VOCABULARY), Job("good", good, EMPTY_VOCABULARY)]
    results = dict(embedded.transcribe(jobs))
    assert isinstance(results["bad"], DictationError)
    assert results["good"].spoken == effusion.spoken


def test_a_stretch_is_heard_with_seconds_of_its_recording_and_without_its_context(embedded, effusion):
    samples = Recording(SAMPLES / "01_left_effusion/01_left_effusion.flac").samples()[: 20 * RATE]
    words = [word for word in effusion.words if word.end_s < 20]
    cut = next(n for n, word in enumerate(words) if word.start_s > 6)
    context_s = (words[cut - 1].end_s + words[cut].start_s) / 2
    stretch = Stretch(samples, 100.0, ((100.0, 120.0),), context_s=context_s)
    answer = embedded.hear(stretch, Urgency.FINAL).result(60)
    assert [word.text for word in answer.words[:3]] == [word.text for word in words[cut : cut + 3]]
    assert all(100 + context_s <= word.end_s <= 120 for word in answer.words)
    assert answer.words[-1].end_s > 118  # the window of a short phrase would have cut it at 115


@pytest.mark.processor
def test_a_short_phrase_in_its_shorter_window_gives_the_words_of_a_long_one(embedded, effusion):
    samples = Recording(SAMPLES / "01_left_effusion/01_left_effusion.flac").samples()[: 13 * RATE]
    heard = [embedded.hear(Stretch(piece, 0.0, ((0.0, 13.0),)), Urgency.FINAL).result(60) for piece in (
        samples, np.pad(samples, (0, RATE))
    )]  # fmt: skip
    # the arithmetic of processors differs: a mark may be another, or a word without weight
    short, long = (texts_of(one.words) for one in heard)
    assert [word for word in short if is_critical(word)] == [word for word in long if is_critical(word)]
    assert meant(short) == meant(long) != set()
    assert jiwer.wer(" ".join(long), " ".join(short)) < 0.1
    assert heard[0].words[-1].end_s > 11


def test_provisional_text_is_held_to_the_same_language(embedded):
    samples, _ = soundfile.read(DATA / "de.flac", dtype="float32")
    stretch = Stretch(samples[: 15 * RATE], 0.0, ((0.0, 15.0),))
    assert embedded.hear(stretch, Urgency.PARTIAL).result(60).words == ()


@pytest.fixture(scope="module")
def dictated(embedded) -> tuple[Window, Decoded]:
    """The first seconds of a dictation, up to a pause, and what the model gives of them."""
    window = next(windows(Recording(SAMPLES / "01_left_effusion/01_left_effusion.flac"), 9.0, 0.2))
    return window, embedded._decoder.hear([window.samples], [], Decoding())[0]


def texts_of(words) -> list[str]:
    return [core(word.text) for word in words]


def meant(words: list[str]) -> set[tuple[object, ...]]:
    return {(claim.finding, claim.status, claim.laterality) for claim in extract(" ".join(words))}


def test_last_words_that_a_decoding_lost_are_heard_again(embedded, dictated):
    window, decoded = dictated
    lost = replace(decoded, words=decoded.words[:-1])
    heard = guarded(embedded._decoder, window, lost, [])
    assert texts_of(heard.words) == texts_of(decoded.words) or heard.warnings


@pytest.mark.parametrize("at", [5, 9])
def test_a_word_that_seems_to_last_too_long_is_not_said_twice(embedded, dictated, at):
    """As attention places a word at times: from long before it, so that its own voice looks as if it had no word."""
    window, decoded = dictated
    silence = np.zeros(round(2.5 * RATE), np.float32)
    cut = round(decoded.words[at].start_s * RATE)
    longer = np.concatenate([window.samples[:cut], silence, window.samples[cut:]])
    words = [moved(word, 2.5 if number >= at else 0.0) for number, word in enumerate(decoded.words)]
    words[at] = words[at].model_copy(update={"start_s": words[at - 1].end_s})
    spoken = Window(0.0, longer, ((0.0, len(longer) / RATE),))
    heard = guarded(embedded._decoder, spoken, replace(decoded, words=tuple(words)), [])
    assert texts_of(heard.words) == texts_of(decoded.words)


def test_half_a_window_that_lost_its_last_words_is_heard_in_full(embedded, dictated):
    window, decoded = dictated
    lost = replace(decoded, words=decoded.words[:-2], log_probability=-0.7)
    heard = guarded(embedded._decoder, window, lost, [], padded_s=15.0)
    assert texts_of(heard.words)[-2:] == texts_of(decoded.words)[-2:]


def test_a_last_word_that_no_hearing_finds_is_warned_of(embedded, dictated, monkeypatch):
    window, decoded = dictated
    end_s = speech_spans(window.samples, SPOKEN)[-1][1] - 0.6
    said = [one for one in decoded.words if one.start_s < end_s]
    said[-1] = said[-1].model_copy(update={"end_s": end_s})
    monkeypatch.setattr(embedded._decoder, "hear", lambda pieces, *_: [replace(decoded, words=()) for _ in pieces])
    heard = guarded(embedded._decoder, window, replace(decoded, words=tuple(said)), [])
    assert heard.warnings


@pytest.mark.parametrize(
    ("said", "is_loop"),
    [
        ("ij catheter, ij catheter, ij catheter, ij catheter", True),
        ("the left is the left is the left is the left is normal", True),
        ("normal, normal, normal, normal, normal", False),
        ("no fracture, no dislocation, no fracture, no dislocation", False),
        ("one two three one two three one two three", False),
    ],
)
def test_a_phrase_four_times_in_a_row_is_no_speech(said, is_loop):
    assert loops([Word(text=word, start_s=0.0, end_s=0.1) for word in said.split()]) is is_loop
