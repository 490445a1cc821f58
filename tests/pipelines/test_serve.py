"""Which engines `dictation serve` gives the page, and what it refuses before it opens one."""

import pytest

from dictation.errors import MissingError, UsageError
from dictation.settings import Settings
from pipelines.serve import chosen
from tests.models.tiny_gemma import save_tiny_gemma


def names(engines) -> dict[str, str]:
    return {part: engine.name for part, engine in engines.named().items()}


def test_by_default_rules_write_and_nobody_reads(settings):
    engines = chosen("whisper", None, "auto", "keep", "none", settings)
    assert names(engines) == {"ear": "whisper", "writer": "extractive"}
    assert "style" not in engines.named()["writer"].settings


def test_one_loaded_model_writes_and_reads(settings, tmp_path):
    folder = save_tiny_gemma(tmp_path)
    engines = chosen("whisper", None, f"medgemma={folder}", "polish", f"medgemma={folder}", settings)
    assert names(engines) == {"ear": "whisper", "writer": "medgemma", "eye": "medgemma"}
    assert engines.named()["writer"].settings["style"] == "polish"
    assert engines.writer._model is engines.eye._model


def test_polishing_needs_a_model(settings):
    with pytest.raises(UsageError, match="leave --style out"):
        chosen("whisper", None, "extractive", "polish", "none", settings)


@pytest.mark.parametrize(("writer", "reader"), [("endpoint", "none"), ("auto", "endpoint"), ("auto", "xrv=no-such.pt")])
def test_the_page_does_not_open_with_another_engine_than_was_named(writer, reader):
    with pytest.raises(MissingError):
        chosen("whisper", None, writer, "keep", reader, Settings(endpoint_url=""))
