"""A recording that breaks off: what was heard before is kept, it has failed by name, and --resume hears it again."""

import json
from functools import partial

import numpy as np
import pytest
import soundfile

from dictation.audio import SAMPLE_RATE, Recording
from dictation.errors import InputError
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.report import ExtractiveWriter
from pipelines import recheck_looking
from pipelines.batch import Asked
from pipelines.batch_decoding import Decoders
from pipelines.beside import Beside
from pipelines.evaluation import hearing
from pipelines.evaluation.recordings import Labelled
from pipelines.recheck_inputs import Signed
from pipelines.report import report
from pipelines.transcribe import transcribe
from tests.pipelines.hostile import decoding_hostile
from tests.speech.tiny_lasr import CLIPS

SPOKEN = Recording(next(clip for clip in CLIPS if clip.stem == "lungs")).samples()
SAID = "The lungs are clear"


@pytest.fixture
def half(tmp_path):
    """A sentence and two minutes of silence, whose decoder crashes at the end (see tests/pipelines/hostile.py)."""
    path = tmp_path / "in" / "half.wav"
    path.parent.mkdir()
    soundfile.write(path, np.concatenate([SPOKEN, np.zeros(120 * SAMPLE_RATE, np.float32)]), SAMPLE_RATE)
    return path


@pytest.mark.parametrize("command", ["transcribe", "report"])
def test_half_a_dictation_is_kept_and_has_failed_until_it_is_whole(
    command, half, ear, settings, tmp_path, monkeypatch, capsys
):
    out = tmp_path / "out"
    asked = Asked((half.parent,), "json", out, resume=True)

    def run() -> bool:
        if command == "transcribe":
            return transcribe(asked, ear, EMPTY_VOCABULARY, settings)
        return report(asked, lambda: ear, ExtractiveWriter(), Beside(), settings)

    with monkeypatch.context() as broken:
        broken.setattr("pipelines.batch_decoding.Decoders", partial(Decoders, decoding_hostile))
        for _ in range(2):
            assert not run()
            assert SAID in (out / "half.wav.json").read_text(encoding="utf-8")
            [failure] = map(json.loads, (out / "failures.jsonl").read_text(encoding="utf-8").splitlines())
            assert failure["path"] == str(half) and "broke off" in failure["error"]
            assert "Only what was heard before is here." in failure["error"]
    assert run()
    assert "done before" not in capsys.readouterr().err
    assert run()
    assert "1 of 1 were done before" in capsys.readouterr().err


def test_a_report_is_not_held_against_half_its_dictation(half, ear, settings, monkeypatch):
    monkeypatch.setattr("pipelines.batch_decoding.Decoders", partial(Decoders, decoding_hostile))
    task = recheck_looking.Task(Signed("a", "FINDINGS: The heart is normal."), None, None, half, "key")
    unheard, looked = recheck_looking.listened([task], ear, EMPTY_VOCABULARY, settings, frozenset())
    assert "broke off" in unheard.failure and not looked.is_whole and looked.flags == []


def test_an_evaluation_counts_half_a_dictation_as_failed_and_hears_it_again(half, ear, settings, tmp_path, monkeypatch):
    class Breaking(Recording):
        def blocks(self, block_s=30.0):
            yield from super().blocks(block_s)
            raise InputError("half.wav: reading failed part of the way; check the disk.")

    monkeypatch.setattr(hearing, "Recording", Breaking)
    one = Labelled("a", half, "0" * 64, SAID, "", {}, settings)
    kept = hearing.Heard(tmp_path / "out", resume=False)
    _, found = hearing.hear("mine", lambda: ear, [one], kept)
    assert found["a"].state == "failed"
    assert (tmp_path / "out/heard.jsonl").read_text() == ""
