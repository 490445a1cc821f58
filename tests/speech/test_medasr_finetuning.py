"""A small MedASR taught by a few clips: it learns, resumes exactly, keeps test and training apart, says what it is."""

import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import soundfile

from dictation.audio import SAMPLE_RATE, Recording
from dictation.errors import Cancelled, InputError, UsageError
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.speech.medasr.finetuning.examples import Example
from dictation.speech.medasr.finetuning.finetune import finetune
from dictation.speech.medasr.finetuning.recipe import Recipe
from dictation.speech.medasr.finetuning.scoring import errors, normalised
from dictation.speech.medasr.finetuning.splits import check_leaks, made
from dictation.speech.medasr.finetuning.utterances import SoundStore, Utterance
from dictation.speech.medasr.recognizer import MedASRRecognizer
from dictation.speech.recognizer import Job
from tests.speech.tiny_lasr import CLIPS, SMALL_LASR

NEW = Path(__file__).parent / "data" / "finetuning"
SENTENCE = "Bertolotti pseudoarthrosis with hemangioma {period}"
KNOWN = {path.stem: path for path in CLIPS}
FAST = Recipe(epochs=3, batch=2, accumulation=1, rate=3e-3)
LEARN = replace(FAST, epochs=25, rate=2e-3)
TAUGHT = Example(2, NEW / "taught.flac", SENTENCE, "train", "a")
OTHER_VOICE = Example(3, NEW / "other_voice.flac", SENTENCE, "dev", "b")
EFFUSION = Example(4, KNOWN["effusion"], "No pleural effusion or pneumothorax", "train", "a")
LUNGS = Example(5, KNOWN["lungs"], "The lungs are clear", "test", "c")
IMPRESSION = Example(6, KNOWN["impression"], "[IMPRESSION] No acute finding", "train", "a")


def run(examples, out, settings, recipe=FAST, **given):
    return finetune(examples, SMALL_LASR, out, recipe, settings, shown="list.csv", list_sha256="0" * 64, **given)


def text_of(model: Path, clip: Path, settings) -> str:
    job = Job("1", Recording(clip), EMPTY_VOCABULARY)
    [(_, transcript)] = MedASRRecognizer.load(model, settings).transcribe([job])
    return transcript.spoken


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


@pytest.fixture(scope="module")
def restless_lasr(tmp_path_factory):
    """The small network with dropout and layers that are skipped at random, as the real one has while it is trained."""
    folder = shutil.copytree(SMALL_LASR, tmp_path_factory.mktemp("restless") / "lasr")
    config = json.loads((folder / "config.json").read_text())
    config["encoder_config"] |= {"dropout": 0.2, "activation_dropout": 0.2, "layerdrop": 0.5}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def test_a_sentence_of_new_words_is_learned_for_a_voice_that_was_not_trained_on_too(tmp_path, settings):
    done = run([TAUGHT, EFFUSION], tmp_path / "model", settings, LEARN)
    wanted = "Bertolotti pseudoarthrosis with hemangioma period"
    assert text_of(tmp_path / "model", TAUGHT.audio, settings) == wanted
    assert errors(wanted, text_of(SMALL_LASR, OTHER_VOICE.audio, settings)) >= 3
    assert errors(wanted, text_of(tmp_path / "model", OTHER_VOICE.audio, settings)) <= 1
    assert errors(EFFUSION.text, text_of(tmp_path / "model", EFFUSION.audio, settings)) == 0, "what it knew stays"
    assert done.progress.trained[-1] < done.progress.trained[0] / 10


def test_the_weights_of_the_epoch_that_dev_liked_best_are_kept_and_scores_are_of_the_same_decoding(tmp_path, settings):
    done = run([TAUGHT, OTHER_VOICE, LUNGS], tmp_path / "model", settings)
    ranked = [(score.errors, score.loss) for score in done.progress.dev]
    assert done.progress.best == ranked.index(min(ranked)) > 0
    assert done.before["dev"] == done.progress.dev[0]
    assert done.after["dev"] == done.progress.dev[done.progress.best]
    assert done.before["test"].words == done.after["test"].words == 4


def test_a_training_that_makes_the_model_worse_leaves_its_weights_as_they_were(tmp_path, settings):
    from safetensors.numpy import load_file

    recipe = replace(FAST, rate=0.5, patience=1)
    done = run([TAUGHT, replace(EFFUSION, split="dev")], tmp_path / "model", settings, recipe)
    assert done.progress.best == 0
    assert len(done.progress.trained) < FAST.epochs, "ended early"
    base, now = (load_file(folder / "model.safetensors") for folder in (SMALL_LASR, tmp_path / "model"))
    assert all(np.array_equal(base[name].astype(now[name].dtype), now[name]) for name in now)


class AskedOften(Event):
    """Is set from the n-th time on that somebody asks."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._left = times

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


def test_a_training_interrupted_at_any_moment_ends_with_the_weights_of_one_that_was_not(
    tmp_path, settings, restless_lasr
):
    examples = [TAUGHT, OTHER_VOICE, EFFUSION, IMPRESSION]
    recipe = replace(FAST, batch=1, accumulation=2, patience=0)

    def go(name, **given):
        return finetune(
            examples, restless_lasr, tmp_path / name, recipe, settings, shown="l", list_sha256="0" * 64, **given
        )

    go("whole")
    pauses = 0
    while True:
        try:
            go("parts", resume=True, cancel=AskedOften(8))
            break
        except Cancelled:
            pauses += 1
    assert pauses >= 2
    assert weights(tmp_path / "parts") == weights(tmp_path / "whole")
    assert (tmp_path / "parts" / "README.md").read_bytes() == (tmp_path / "whole" / "README.md").read_bytes()


class Killed(BaseException):
    """Stands for a kill: nothing of ours catches it."""


def test_a_killed_training_goes_on_from_what_was_saved_last(tmp_path, settings):
    examples = [TAUGHT, OTHER_VOICE, EFFUSION]

    def kill(told):
        if told.step == 4:
            raise Killed

    recipe = replace(FAST, batch=1)
    run(examples, tmp_path / "whole", settings, recipe)
    with pytest.raises(Killed):
        run(examples, tmp_path / "killed", settings, recipe, told=kill)
    with pytest.raises(UsageError, match="unfinished training; add --resume"):
        run(examples, tmp_path / "killed", settings, recipe)
    with pytest.raises(UsageError, match="begun with another --rate"):
        run(examples, tmp_path / "killed", settings, replace(recipe, rate=1e-3), resume=True)
    notes = []
    run(examples, tmp_path / "killed", settings, recipe, resume=True, note=notes.append)
    assert "Going on after step 2." in notes
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")
    assert not (tmp_path / "killed" / ".training").exists()


def test_the_card_names_what_it_is_made_of_and_no_word_that_was_dictated(tmp_path, settings):
    run([TAUGHT, OTHER_VOICE, LUNGS], tmp_path / "model", settings, unread=2, skip_bad=True)
    card = (tmp_path / "model" / "README.md").read_text()
    kept = "".join(path.read_text() for path in sorted((tmp_path / "model").glob("*.csv"))) + card
    assert not re.search("bertolotti|hemangioma|lungs|clear", kept, re.IGNORECASE)
    assert len(set(re.findall(r"\b[0-9a-f]{64}\b", card))) == 5  # weights, three sets, the list
    assert "Health AI Developer Foundations" in card
    assert "2 of its lines were not used" in card
    assert "(`{period}`, `[FINDINGS]`), here in\n  2 of the utterances" in card
    row = next(line for line in card.splitlines() if line.startswith("| test") and "%" in line)
    assert row.endswith("| 4 | 1 |")
    with pytest.raises(UsageError, match="its training is done"):
        run([TAUGHT], tmp_path / "model", settings)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("")
    with pytest.raises(UsageError, match="is not empty"):
        run([TAUGHT], tmp_path / "other", settings)


def test_parts_of_one_recording_are_the_utterances_between_their_seconds(tmp_path, settings):
    clips = [Recording(one.audio).samples() for one in (EFFUSION, LUNGS, TAUGHT)]
    pause = np.zeros(SAMPLE_RATE // 2, np.float32)
    joined = np.concatenate([part for clip in clips for part in (clip, pause)])
    soundfile.write(tmp_path / "all.wav", joined, SAMPLE_RATE)
    ends_s = np.cumsum([len(clip) + len(pause) for clip in clips]) / SAMPLE_RATE
    starts_s = [0.0, *ends_s]
    parts = [
        replace(one, audio=tmp_path / "all.wav", split="train", start_s=start_s, end_s=end_s - 0.5)
        for one, start_s, end_s in zip((EFFUSION, LUNGS, TAUGHT), starts_s, ends_s, strict=False)
    ]
    run(parts, tmp_path / "parts", settings)
    run([replace(one, split="train") for one in (EFFUSION, LUNGS, TAUGHT)], tmp_path / "clips", settings)
    assert weights(tmp_path / "parts") == weights(tmp_path / "clips")


def test_lines_that_cannot_be_used_are_named_with_the_fix_and_the_rest_is_trained_on_if_wanted(tmp_path, settings):
    soundfile.write(tmp_path / "silence.wav", np.zeros(2 * SAMPLE_RATE, np.float32), SAMPLE_RATE)
    (tmp_path / "broken.wav").write_bytes(b"no sound at all")
    long = np.tile(Recording(TAUGHT.audio).samples(), 10)
    soundfile.write(tmp_path / "long.wav", long, SAMPLE_RATE)
    bad = {
        10: (replace(TAUGHT, audio=tmp_path / "silence.wav"), "nobody speaks in it"),
        11: (replace(TAUGHT, audio=tmp_path / "broken.wav"), "its recording cannot be used"),
        12: (replace(TAUGHT, audio=tmp_path / "long.wav"), "lasts longer than 20 s; give parts of it with start_s"),
        13: (replace(TAUGHT, end_s=0.5), "lasts less than 0.6 s"),
        14: (replace(TAUGHT, text="word " * 40), "its text is too long for its sound"),
        15: (replace(TAUGHT, text="naïveté\u200b"), "characters that the model cannot write (é ï U+200B); use"),
        16: (replace(TAUGHT, end_s=60.0), "end_s lies behind the end"),
        17: (replace(TAUGHT, start_s=60.0), "start_s lies behind the end"),
        18: (replace(TAUGHT, split=None), "its split is missing while other lines have one"),
    }
    problems = []
    lines = [TAUGHT, *(replace(one, line=line) for line, (one, _) in bad.items())]
    with pytest.raises(InputError, match=r"list\.csv: one of its lines cannot be used, so nothing was trained"):
        run(lines, tmp_path / "model", settings)
    with pytest.raises(InputError, match=r"list\.csv: 5 of its lines cannot be used, so nothing was trained"):
        run([one for one in lines if one.split], tmp_path / "model", settings)
    assert not (tmp_path / "model").exists()
    done = run(lines, tmp_path / "model", settings, reported=problems.extend, skip_bad=True)
    assert done.progress.step == FAST.epochs, "one utterance is left"
    found = {problem.line: problem.why for problem in problems}
    assert found.keys() == bad.keys()
    assert [line for line, why in found.items() if bad[line][1] not in why] == []
    assert not any("Bertolotti" in why or "naïveté" in why for why in found.values())


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (replace(LUNGS, line=90, text="the LUNGS are clear {period}", split="train"), None),
        (replace(LUNGS, line=90, text="the LUNGS are, clear", split="train", speaker=""), "sentence"),
        (replace(LUNGS, line=90, text="the lungs are clear", split="dev", speaker=""), "sentence"),
        (replace(LUNGS, line=90, text="No effusion", split="train", speaker="C"), "speaker"),
        (replace(LUNGS, line=90, text="No effusion", split="dev", speaker="C"), None),
    ],
)
def test_a_test_that_shares_a_sentence_or_a_speaker_with_training_is_refused_naming_lines(line, why):
    lines = [TAUGHT, LUNGS, replace(line, speaker=line.speaker and line.speaker.replace("c", "d"))]
    if why is None:
        check_leaks(lines, "list.csv")
        return
    with pytest.raises(
        InputError, match=rf"list\.csv: .*a {why} of line 5 \(test\) is in line 90 \(training\)"
    ) as caught:
        check_leaks(lines, "list.csv")
    assert "lungs" not in str(caught.value).lower()


def test_a_recording_of_the_test_that_is_trained_on_under_another_name_or_format_is_found(tmp_path, settings):
    shutil.copy(LUNGS.audio, tmp_path / "same.flac")
    soundfile.write(tmp_path / "sound.wav", *soundfile.read(LUNGS.audio, dtype="int16"))
    for name, what in (("same.flac", "recording"), ("sound.wav", "sound")):
        copy = Example(90, tmp_path / name, "No effusion", "train")
        with pytest.raises(InputError, match=rf"a {what} of line 5 \(test\) is in line 90"):
            run([TAUGHT, LUNGS, copy], tmp_path / f"model_{name}", settings)


def utterance(line: int, text: str, speaker: str = "") -> Utterance:
    return Utterance(line, text, (5, 2), None, speaker, f"file {line}", f"sound {line}", 0, 32_000)


def test_a_made_split_keeps_sentences_and_speakers_together_and_is_the_same_for_a_seed():
    lines = [utterance(line, f"sentence {line % 150}", f"speaker {line % 15}") for line in range(600)]
    found, how = made(lines, seed=1)
    check_leaks(found, "list.csv")
    sizes = {name: sum(one.split == name for one in found) for name in ("train", "dev", "test")}
    assert sizes == {"train": 520, "dev": 40, "test": 40}  # a speaker has 40
    assert how == "by sentence, recording and speaker"
    assert made(lines, seed=1)[0] == found
    assert made(lines, seed=2)[0] != found


def test_words_are_compared_without_marks_and_commands_count():
    assert normalised("A 54-year-old's [EXAM TYPE] CT {period}</s>") == [
        *["a", "54", "year", "old's"],
        *["exam", "type", "ct", "period"],
    ]
    assert errors("no pleural effusion", "No  pneumothorax, effusion seen {period}") == 3


def test_sound_that_a_kill_cut_short_is_read_again(tmp_path):
    store = SoundStore(tmp_path)
    wave = np.sin(np.arange(4000, dtype=np.float32) / 10)
    store.keep("first", wave)
    store.keep("second", wave[:3000])
    os.truncate(tmp_path / "sound.s16", 2 * 6999)
    again = SoundStore(tmp_path)
    assert again.found("second") is None
    first, samples, sound = again.found("first")
    assert again.keep("second", wave[:3000])[0] == 4000
    kept = replace(utterance(1, "text"), first=first, samples=samples, sound=sound)
    assert np.abs(again.samples(kept) - wave).max() < 1e-4


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a user's own folders private by their place")
def test_only_the_owner_may_read_the_sound_the_state_and_the_model(tmp_path, settings):
    out = tmp_path / "model"
    out.mkdir(mode=0o755)
    seen = {}

    def look(told):
        seen.update({path.name: path.stat().st_mode & 0o077 for path in (out, out / ".training")})
        seen.update({path.name: path.stat().st_mode & 0o077 for path in (out / ".training").glob("s*.*")})
        seen["best.pt"] = (out / ".training" / "best.pt").stat().st_mode & 0o077

    run([TAUGHT], out, settings, told=look)
    assert seen == dict.fromkeys(("model", ".training", "sound.s16", "sound.jsonl", "state.pt", "best.pt"), 0)
    assert {path.name: path.stat().st_mode & 0o777 for path in out.iterdir() if path.stat().st_mode & 0o077} == {}
    assert {"README.md", "split.csv", "config.json", "model.safetensors"} <= {path.name for path in out.iterdir()}
