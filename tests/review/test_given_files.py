import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dictation.errors import DictationError, InputError, UsageError
from dictation.exam import Order
from dictation.review.inputs import (
    MOST_TEXTS,
    ORDER_FIELDS,
    Files,
    fields_of_order,
    kind_of,
    order_of_fields,
    read_files,
    read_what_can_be,
)

READING = {"reader": "somebody", "opinions": {"pleural_effusion": 0.9}}


def written(tmp_path, name, content) -> str:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.WAV", "", "recording"),
        ("a.webm", "", "recording"),
        ("a.txt", "", "report"),
        ("a.json", {"accession": "1"}, "order"),
        ("a.json", READING, "reading"),
        ("a.json", {"findings": []}, "report"),
        ("a.json", "{broken", "order"),
        ("a.json", "[1]", "order"),
        ("a.dcm", "", "image"),
        ("IM0001", "", "image"),
    ],
)
def test_each_file_is_taken_for_what_it_is(tmp_path, name, content, kind):
    from pathlib import Path

    assert kind_of(Path(written(tmp_path, name, content))) == kind


def test_files_of_one_case_are_read_together(tmp_path):
    picture = tmp_path / "image.png"
    Image.fromarray(np.zeros((20, 30), np.uint8)).save(picture)
    files = read_files(
        [
            written(tmp_path, "order.json", {"name": "EXAMPLE, Ada"}),
            written(tmp_path, "one.json", READING),
            written(tmp_path, "two.json", {**READING, "reader": "somebody else"}),
            written(tmp_path, "report.txt", "FINDINGS: Small left pleural effusion."),
            written(tmp_path, "said.wav", ""),
            str(picture),
        ]
    )
    assert files.order == Order(name="EXAMPLE, Ada")
    assert [reading.reader for reading in files.readings] == ["somebody", "somebody else"]
    assert "Small left pleural effusion." in files.written.text
    assert files.recording == tmp_path / "said.wav"
    assert files.study.images[0].pixels.shape == (20, 30)


def test_two_orders_are_refused_by_name(tmp_path):
    paths = [written(tmp_path, name, {"name": name}) for name in ("a.json", "b.json")]
    with pytest.raises(UsageError, match=r"a\.json, b\.json: a case has one order"):
        read_files(paths)


@pytest.mark.parametrize("name", ["order.json", "image.png", "report.txt"])
def test_messages_name_the_file_and_not_its_place(tmp_path, name):
    with pytest.raises(DictationError) as error:
        read_files([written(tmp_path, name, "")])
    assert name in str(error.value)
    assert str(tmp_path) not in str(error.value)


def test_typed_fields_make_an_order_and_keep_what_has_no_field():
    before = Order(name="OLD, Name", modality="DX", indication="Cough")
    texts = dict.fromkeys(ORDER_FIELDS, "") | {"name": " EXAMPLE, Zoe ", "birth_date": "1999-01-31", "sex": "F"}
    order = order_of_fields(before, list(texts.values()))
    assert (order.name, str(order.birth_date), order.sex, order.modality) == ("EXAMPLE, Zoe", "1999-01-31", "F", "DX")
    assert order.indication == ""  # emptied by hand
    assert fields_of_order(order) == [str(texts[name]).strip() for name in ORDER_FIELDS]


def test_no_field_typed_is_no_order():
    assert order_of_fields(None, [""] * len(ORDER_FIELDS)) is None


def test_a_wrong_date_is_named_and_not_repeated():
    texts = dict.fromkeys(ORDER_FIELDS, "") | {"birth_date": "31.1.1999"}
    with pytest.raises(InputError, match="birth_date") as error:
        order_of_fields(None, list(texts.values()))
    assert "31.1.1999" not in str(error.value)


def test_one_file_that_cannot_be_read_keeps_no_other_out(tmp_path):
    bad = [written(tmp_path, "broken.png", ""), written(tmp_path, "notes.txt", "")]
    good = [
        written(tmp_path, "order.json", {"name": "EXAMPLE, Ada"}),
        written(tmp_path, "one.json", READING),
        written(tmp_path, "said.wav", ""),
    ]
    files, refused, why = read_what_can_be([bad[0], *good, bad[1]])
    assert (files.order, files.recording) == (Order(name="EXAMPLE, Ada"), tmp_path / "said.wav")
    assert len(files.readings) == 1 and files.study is None and files.written is None
    assert set(refused) == set(bad)
    assert ["broken.png" in " ".join(why), "notes.txt" in " ".join(why), str(tmp_path) in " ".join(why)] == [
        True, True, False,
    ]  # fmt: skip


def test_each_short_text_is_looked_into_once_and_no_more_than_a_case_has(tmp_path, monkeypatch):
    looked: list[Path] = []
    monkeypatch.setattr("dictation.review.inputs.kind_of", lambda path: looked.append(path) or kind_of(path))
    readings = [written(tmp_path, f"r{number}.json", '{"reader": "x"}') for number in range(MOST_TEXTS + 1)]
    read_what_can_be(readings[1:])
    assert looked == [Path(path) for path in readings[1:]]
    found, refused, why = read_what_can_be(readings)
    assert (found, list(refused), len(looked)) == (Files(), readings, MOST_TEXTS)
    assert why == (
        f"{MOST_TEXTS + 1} orders, readings and reports were given at once; a case takes {MOST_TEXTS} of them, so give "
        "those of this case alone.",
    )
