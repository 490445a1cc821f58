"""Images decoded by another process are the same images, and what goes wrong there names the file and the fix."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dictation.errors import InputError
from dictation.imaging import apart, load_study
from dictation.imaging.apart import ImagesApart, load_study_apart
from dictation.imaging.decoder import HERE
from dictation.imaging.for_reader import hounsfield
from tests.imaging.dicom_maker import make

CT = {"Modality": "CT", "RescaleSlope": 1, "RescaleIntercept": -1024, "PixelPaddingValue": 0}


def test_a_study_is_the_same_and_so_is_what_is_read_of_it_later(tmp_path, dicom_file):
    make(tmp_path / "a.dcm", np.arange(64, dtype=np.uint16).reshape(8, 8) * 30, **CT)
    Image.fromarray(np.arange(192, dtype=np.uint8).reshape(8, 8, 3)).save(tmp_path / "b.png")
    here, there = load_study([tmp_path]), load_study_apart([tmp_path], tmp_path)
    assert (here.id, here.facts, here.warnings) == (there.id, there.facts, there.warnings)
    for one, other in zip(here.images, there.images, strict=True):
        assert np.array_equal(one.pixels, other.pixels)
        assert {**vars(one), "pixels": 0, "stored": 0} == {**vars(other), "pixels": 0, "stored": 0}
    assert isinstance(there.images[0].stored.decoder, ImagesApart)
    assert np.array_equal(*(next(hounsfield(study.images[:1])) for study in (here, there)))
    stored = there.images[0].stored
    asked = stored.path, 0, "image", stored.instance_uid, 4
    one, other = HERE.windowable(*asked), stored.decoder.windowable(*asked)
    assert np.array_equal(one.values, other.values)
    assert {**vars(one), "values": 0} == {**vars(other), "values": 0} and other.shrunk == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.dcm", "b.png"], "pixels lie in a file without a name"


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(99), b"II*\x00" + bytes(99), bytes(128) + b"DICM"]
)
def test_what_is_wrong_with_a_file_is_said_as_ever(tmp_path, content):
    path = tmp_path / "a.dcm"
    path.write_bytes(content)
    sentences = []
    for load in (load_study, load_study_apart):
        with pytest.raises(InputError) as error:
            load([path])
        sentences.append(str(error.value))
    assert sentences[0] == sentences[1]


def test_a_process_that_takes_too_long_leaves_a_sentence(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    Image.fromarray(np.zeros((9_000, 9_000), np.uint8)).save(path)
    monkeypatch.setattr(apart, "PATIENCE_S", 0.001)
    with pytest.raises(InputError, match=r"a\.png: decoding it stopped for .*; it is damaged, or unfolds to more than"):
        load_study_apart([path])


def test_a_full_disk_is_said(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(path)
    monkeypatch.setattr(apart, "free_bytes", lambda _: 10)
    with pytest.raises(InputError, match=r"a\.png: the disk has no place for its pixels; free space"):
        load_study_apart([path], Path(tmp_path))
