import numpy as np
import pytest

from dictation.exam import ExamFacts
from dictation.imaging import Study, StudyImage
from dictation.report import ExtractiveWriter
from dictation.review import remembering
from dictation.review.remembering import RememberingWriter
from dictation.wording import typed

DICTATION = typed("No pneumothorax.")


class Counting(ExtractiveWriter):
    def __init__(self) -> None:
        super().__init__()
        self.written = 0

    def write(self, *given, **named):
        self.written += 1
        return super().write(*given, **named)


def study(grey: int) -> Study:
    return Study("1.2", (StudyImage(np.full((4, 4), grey, np.uint8)),), ExamFacts())


@pytest.fixture
def hashed(monkeypatch) -> list[int]:
    counted: list[int] = []
    real = remembering.sha256
    monkeypatch.setattr(remembering, "sha256", lambda data: (counted.append(1), real(data))[1])
    return counted


def test_the_images_of_a_study_are_looked_at_once(hashed):
    writer, given = RememberingWriter(counting := Counting()), study(7)
    reports = [writer.write(DICTATION, study=given) for _ in range(3)]
    assert reports[0] is reports[2] and counting.written == 1
    assert len(hashed) == 1


def test_another_image_is_written_of_anew_and_the_same_read_again_is_not(hashed):
    writer = RememberingWriter(counting := Counting())
    for given in (study(7), study(7), study(8)):
        writer.write(DICTATION, study=given)
    assert counting.written == 2
    writer.write(DICTATION)
    assert counting.written == 3
