"""The calls of a notebook: `import dictation` alone, paths and engines as plain strings."""

import re
import runpy

import numpy as np
import pytest

import dictation
from dictation.errors import InputError, MissingError, UsageError
from dictation.wording import Dictation
from tests.conftest import ROOT, SAMPLES
from tests.speech.tiny_lasr import save_tiny_lasr

EXAMPLES = ROOT / "notebooks" / "examples"
SAYS = {
    "a_case_kept": r"True True",
    "check_a_report": r"critical omission .*small left apical pneumothorax.*\(\d",
    "claims_of_a_text": r"pneumothorax absent .*\n.*nodule present right \[\(8\.0,\)\] stable .*8 mm",
    "many_recordings": r"02_clean_pneumonia\.flac [A-Z].*\n03_no_pneumothorax\.flac [A-Z]",
    "report_of_a_recording": r"(?s)findings .*\('s\d+',\).*impression .*pneumonia",
    "report_of_a_text": r"(?s)FINDINGS:.*Small left pleural effusion.*Heart.*IMPRESSION:",
    "text_of_a_recording": r"(?i)left pleural effusion",
    "two_texts": r"critical laterality You said left.*\nmajor measurement You said 8 mm",
    "where_a_word_was_said": r'"left" was said from \d\.\d to \d\.\d s',
    "words_with_seconds": r"(?m)(^ +\d+\.\d to +\d+\.\d s  [01]\.\d\d  \S+$\s){5}",
}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_says_what_it_promises(path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    runpy.run_path(str(path))
    assert re.search(SAYS[path.stem], capsys.readouterr().out)


def test_an_engine_is_named_by_a_plain_string(tmp_path):
    folder = save_tiny_lasr(tmp_path / "my_medasr")
    heard = dictation.transcribe(SAMPLES / "01_left_effusion/01_left_effusion.flac", recognizer=f"medasr={folder}")
    assert isinstance(heard, Dictation)
    assert heard.transcripts[0].engine.name == "medasr"


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: dictation.transcribe("a.wav", recognizer="siri"), UsageError, "'siri' is no recognizer"),
        (lambda: dictation.transcribe("a.wav", recognizer="whisper=nowhere"), MissingError, "nowhere: no such folder"),
        (lambda: dictation.transcribe("nowhere.wav", recognizer="whisper"), InputError, r"nowhere\.wav"),
        (lambda: dictation.transcribe("a.wav", vocabulary="none.txt"), InputError, "no such vocabulary file"),
        (
            lambda: dictation.transcribe(np.zeros(9), recognizer="whisper"),
            UsageError,
            "not ndarray; samples become one",
        ),
        (lambda: dictation.write_report("a.wav", order="none.json"), InputError, r"none\.json"),
        (lambda: dictation.write_report("a.wav", reader="xrv"), UsageError, "a reader reads images"),
        (lambda: dictation.write_report("a.wav", template="mine"), MissingError, "chest_xray_normal"),
        (lambda: dictation.write_report("a.wav", writer="gpt"), UsageError, "'gpt' is no writer"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(call, error, says):
    with pytest.raises(error, match=says) as raised:
        call()
    assert "\n" not in str(raised.value)
