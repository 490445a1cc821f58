"""One case from a recording to its discrepancies, with the real embedded engines."""

import threading

import pytest

from dictation.audio import Recording
from dictation.case import choose_recognizer, choose_writer, open_case, review_dictation
from dictation.errors import Cancelled, InputError, MissingError, UsageError
from dictation.exam import Order
from dictation.report import ExtractiveWriter, load_report
from dictation.wording import typed
from tests.conftest import SAMPLES

SAMPLE = SAMPLES / "01_left_effusion"
AUDIO = SAMPLE / "01_left_effusion.flac"


@pytest.fixture(scope="module")
def checked(embedded):
    told = []
    case = open_case(
        Recording(AUDIO),
        recognizer=embedded,
        writer=ExtractiveWriter(),
        order=Order.from_file(SAMPLE / "order.json"),
        written=load_report(SAMPLE / "report.txt"),
        progress=lambda share, what: told.append((share, what)),
    )
    return case, told


def test_a_checked_report_gives_its_planted_difference_with_its_seconds(checked):
    first = checked[0].discrepancies[0]
    assert (first.kind, first.severity) == ("laterality", "critical")
    start_s, end_s = first.audio_span_s
    assert 0 <= start_s < end_s < 10


def test_a_given_report_names_no_writer_and_a_written_one_does(checked, embedded):
    assert set(checked[0].engines) == {"ear"}
    case = review_dictation(typed("Small left effusion."), writer=ExtractiveWriter())
    assert case.engines["writer"].name == "extractive"


def test_a_recording_without_sound_is_an_error_of_that_recording(embedded, tmp_path):
    (tmp_path / "empty.wav").touch()
    with pytest.raises(InputError, match=r"empty\.wav"):
        open_case(Recording(tmp_path / "empty.wav"), recognizer=embedded, writer=ExtractiveWriter())


def test_a_cancelled_case_stops(embedded):
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        open_case(Recording(AUDIO), recognizer=embedded, writer=ExtractiveWriter(), cancel=stop)


def test_auto_says_why_it_chose(settings):
    assert choose_recognizer("auto", settings).engine.settings["chosen"].startswith("auto: ")


@pytest.mark.parametrize(
    ("spec", "error"), [("siri", UsageError), ("auto=base", UsageError), ("whisper=no/such/folder", MissingError)]
)
def test_a_recognizer_that_is_not_here_is_never_replaced(settings, spec, error):
    with pytest.raises(error):
        choose_recognizer(spec, settings)


@pytest.mark.parametrize("spec", ["endpoint", "word", "extractive=large"])
def test_a_writer_that_is_not_here_is_never_replaced(settings, spec):
    with pytest.raises((MissingError, UsageError)):
        choose_writer(spec, settings)
