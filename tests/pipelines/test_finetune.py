"""`dictation finetune medasr`: a manifest in, a model out; bad lines named, Ctrl-C keeps what was learned."""

import os

import pytest

from dictation.errors import InputError
from dictation.speech.medasr.finetuning.recipe import Recipe
from pipelines.finetune import finetune_medasr
from tests.speech.tiny_lasr import CLIPS, SAID, SMALL_LASR

RECIPE = Recipe(epochs=2, batch=2, accumulation=1, rate=1e-3)


@pytest.fixture
def manifest(tmp_path):
    path = tmp_path / "list.csv"
    rows = [f"{os.path.relpath(clip, tmp_path)},{SAID[clip.stem]},room 4" for clip in CLIPS]
    path.write_text("\n".join(["audio,text,note", *rows, "missing.flac,Clear lungs,room 5"]) + "\n")
    return path


def test_a_manifest_becomes_a_model_with_its_scores_and_bad_lines_are_named(tmp_path, manifest, settings, capsys):
    with pytest.raises(InputError, match="one of its lines cannot be used, so nothing was trained"):
        finetune_medasr(manifest, tmp_path / "model", str(SMALL_LASR), RECIPE, settings, resume=False)
    assert "line 6" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()
    all_read = finetune_medasr(
        manifest, tmp_path / "model", str(SMALL_LASR), RECIPE, settings, resume=False, skip_bad=True
    )
    out, err = capsys.readouterr()
    assert not all_read
    assert (tmp_path / "model" / "model.safetensors").is_file()
    assert [line.split(":")[0] for line in out.splitlines()] == ["dev", "test", str(tmp_path / "model")]
    assert " before, " in out and " after (" in out
    assert "line 6" in err and "missing.flac" in err
    assert "not used: note; known beside audio and text are split, speaker, start_s, end_s" in err
    assert "epoch 2/2, step 2/2, loss" in err
    assert not any(word in err.lower() for word in ("effusion", "nodule", "lungs"))
    assert finetune_medasr(manifest, tmp_path / "model", str(SMALL_LASR), RECIPE, settings, resume=True)
    assert "nothing to resume" in capsys.readouterr().err
