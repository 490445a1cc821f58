"""The example dictations: what is promised of them in audio_samples/README.md holds."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dictation.discrepancy import compare
from dictation.exam import Order
from dictation.reading import load_reading
from dictation.report import load_report
from dictation.speech import Engine, Transcript, Word
from dictation.wording import typed, write

FOLDER = Path(__file__).parent.parent / "audio_samples"
SAMPLES = json.loads((FOLDER / "samples.json").read_text(encoding="utf-8"))
WITH_REPORT = [sample for sample in SAMPLES if sample["report"]]
SPEAKS_PUNCTUATION = [sample for sample in SAMPLES if " period" in (FOLDER / sample["script"]).read_text()]
DRAWN_ON_A_SIDE = [s for s in SAMPLES if s["image"] and any("side" in drawn for drawn in s["drawing"])]

each = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["id"])


def _chest(drawn, seed):
    sys.path.insert(0, str(FOLDER))
    from draw_chest import draw

    return np.asarray(draw(drawn, seed), dtype=float)


@each
def test_order_is_of_an_invented_patient(sample):
    order = Order.from_file(FOLDER / sample["order"])
    assert order.name.startswith("EXAMPLE, ")
    assert order.accession.startswith("SAMPLE-")
    assert order.modality in {"DX", "CT"}
    for reading in sample["readings"]:
        read = load_reading(FOLDER / reading)
        assert read.study == order.accession
        assert "invented" in read.reader


@pytest.mark.parametrize("sample", WITH_REPORT, ids=lambda sample: sample["id"])
def test_report_differs_from_the_right_words_only_where_planted(sample):
    heard = typed((FOLDER / sample["written"]).read_text(encoding="utf-8"))
    readings = [load_reading(FOLDER / reading) for reading in sample["readings"]]
    order = Order.from_file(FOLDER / sample["order"])
    found = compare(heard, load_report(FOLDER / sample["report"]), readings, order=order)
    weighty = [discrepancy.kind for discrepancy in found if discrepancy.severity in ("critical", "major")]
    assert set(weighty) == ({sample["planted"]} if sample["planted"] else set())  # the reading may repeat it
    assert [discrepancy.kind for discrepancy in found[: len(weighty)]] == weighty


@pytest.mark.parametrize("sample", SPEAKS_PUNCTUATION, ids=lambda sample: sample["id"])
def test_spoken_script_is_written_as_the_written_form_says(sample):
    script = (FOLDER / sample["script"]).read_text(encoding="utf-8")
    words = _as_heard(script)
    dictation = write([Transcript(recording="0", words=words, engine=Engine(name="script"), duration_s=len(words))])
    assert dictation.text == (FOLDER / sample["written"]).read_text(encoding="utf-8").strip()


def _as_heard(script: str) -> tuple[Word, ...]:
    """The words of a script as a perfect recognizer gives them: a line without a spoken mark ends in a guessed one."""
    words = []
    for line in script.splitlines():
        line = line if line.endswith((" period", " colon", "paragraph")) else line + "."
        words += [Word(text=text, confidence=1.0) for text in line.split()]
    return tuple(
        word.model_copy(update={"start_s": float(number), "end_s": number + 0.9}) for number, word in enumerate(words)
    )


@pytest.mark.parametrize("sample", DRAWN_ON_A_SIDE, ids=lambda sample: sample["id"])
def test_abnormality_is_drawn_on_the_patients_side(sample):
    picture = Image.open(FOLDER / sample["image"])
    assert min(picture.size) >= 512
    assert picture.mode == "L"
    number = SAMPLES.index(sample) + 1
    drawn = np.asarray(picture, dtype=float)
    for abnormality in sample["drawing"]:
        if "side" not in abnormality:
            continue
        others = [other for other in sample["drawing"] if other != abnormality]
        changed = np.abs(drawn - _chest(others, number)).sum(axis=0)
        image_right, image_left = changed[len(changed) // 2 :].sum(), changed[: len(changed) // 2].sum()
        more, less = (image_right, image_left) if abnormality["side"] == "left" else (image_left, image_right)
        assert more > 20 * less, abnormality  # the patient's left is image right


def test_the_marker_stands_on_the_patients_right():
    chest = _chest([], seed=1)
    corner, opposite = chest[30:70, 25:65], chest[30:70, -65:-25]
    assert corner.max() > 200 > 100 > opposite.max()
