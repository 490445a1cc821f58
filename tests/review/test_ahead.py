"""The image is read while the radiologist still speaks: blind, once, and without disturbing anybody."""

import json
from threading import Event

import pytest

from dictation.errors import Cancelled, MissingError, ModelError
from dictation.exam import Order
from dictation.imaging import load_study
from dictation.reading import Opinion, Reading
from dictation.report import ExtractiveWriter
from dictation.review.ahead import Ahead
from dictation.review.engines import Engines
from dictation.review.giving import give_files
from dictation.review.inputs import read_files
from dictation.speech import Engine
from tests.conftest import SAMPLES
from tests.models.tiny_gemma import save_tiny_gemma
from tests.review.desks import Reader, desk_of
from tests.waiting import until

SOUND = SAMPLES / "01_left_effusion" / "01_left_effusion.flac"
ORDER = Order.from_file(SAMPLES / "01_left_effusion" / "order.json")
FRONTAL = ORDER.model_copy(update={"procedure": "Chest X-ray, PA"})
SECRET = "small left effusion"


class Eye:
    """A reader that does what a real one cannot be brought to do when asked: `does` is called with its `cancel`."""

    engine = Engine(name="eye")

    def __init__(self, does=lambda cancel: None) -> None:
        self.does, self.orders, self.began = does, [], Event()

    def read(self, study, prior=None, order=None, cancel=None) -> Reading:
        self.orders.append(order)
        self.began.set()
        self.does(cancel)
        opinion = Opinion(finding="pneumothorax", probability=0.91, laterality="right")
        return Reading(reader="eye", study=study.id, opinions=(opinion,), engine=self.engine)


def until_cancelled(cancel: Event) -> None:
    assert cancel.wait(60)
    raise Cancelled("stopped")


def failing(error: Exception):
    def fail(cancel: Event) -> None:
        raise error

    return fail


@pytest.fixture
def ear(embedded):
    return embedded


@pytest.fixture(scope="module")
def study():
    return load_study([SAMPLES / "01_left_effusion" / "image.png"])


@pytest.fixture(scope="module")
def other():
    return load_study([SAMPLES / "02_clean_pneumonia" / "image.png"])


def read(eye, study, order=ORDER, writer=None) -> Reading:
    [reading] = Ahead(writer or ExtractiveWriter(), eye).readings(study, order, Event())
    return reading


def test_a_model_that_writes_and_reads_says_the_same_as_when_it_is_asked_at_the_end(tmp_path, settings, study):
    from dictation.models.gemma import GemmaModel
    from dictation.reading.blind import BlindReader
    from dictation.report.medgemma import MedGemmaWriter

    model = GemmaModel.load(save_tiny_gemma(tmp_path), settings)
    eye = BlindReader(model)
    ahead = Ahead(MedGemmaWriter(model), eye)
    ahead.begin(study, FRONTAL)
    [reading] = ahead.readings(study, FRONTAL, Event())
    assert reading == eye.read(study, None, FRONTAL)
    reasons = {opinion.reason for opinion in reading.opinions if not opinion.assessed}
    assert reasons <= {"the model would begin its answer with something else"}  # it was asked, not kept from the image


def test_a_reader_is_told_neither_who_the_patient_is_nor_why_the_image_was_taken(study):
    eye = Eye()
    read(eye, study, ORDER.model_copy(update={"priors": ({"date": "2026-01-02", "text": "Effusion."},)}))
    [order] = eye.orders
    told = json.dumps(order.model_dump(mode="json"))
    assert order.procedure == ORDER.procedure and order.sex == ORDER.sex
    for hidden in (ORDER.name, ORDER.patient_id, ORDER.accession, ORDER.indication, "Effusion."):
        assert hidden and hidden not in told


def test_an_image_is_looked_at_once_whatever_else_is_given(study):
    eye = Eye()
    ahead = Ahead(ExtractiveWriter(), eye)
    again = load_study([SAMPLES / "01_left_effusion" / "image.png"])
    for given, order in ((study, ORDER), (again, ORDER), (study, ORDER.model_copy(update={"name": "EXAMPLE, Adah"}))):
        ahead.begin(given, order)
        ahead.readings(given, order, Event())
    assert len(eye.orders) == 1
    ahead.readings(study, ORDER.model_copy(update={"procedure": "Abdomen"}), Event())
    assert len(eye.orders) == 2


def test_a_comparison_that_a_newer_one_replaced_does_not_end_the_look_of_that_one(study):
    eye = Eye(until_cancelled)
    ahead = Ahead(ExtractiveWriter(), eye)
    ahead.begin(study, ORDER)
    assert eye.began.wait(30)
    replaced = Event()
    replaced.set()
    for late in (ahead.begin, ahead.readings):
        with pytest.raises(Cancelled):
            late(None, None, replaced)
    assert ahead.is_reading()
    ahead.begin(None, None)


@pytest.mark.parametrize("then", ["another image", "a new case"])
def test_another_image_or_a_new_case_ends_the_look(study, other, then):
    ended = Event()

    def slow(cancel: Event) -> None:
        if eye.orders[1:]:
            return
        try:
            until_cancelled(cancel)
        finally:
            ended.set()

    eye = Eye(slow)
    ahead = Ahead(ExtractiveWriter(), eye)
    ahead.begin(study, ORDER)
    assert eye.began.wait(30)
    if then == "a new case":
        ahead.begin(None, None)
        assert ahead.readings(None, None, Event()) == ()
    else:
        [reading] = ahead.readings(other, ORDER, Event())
        assert reading.study == other.id
    assert ended.wait(30)


def test_a_reader_without_memory_or_package_is_not_assessed_with_the_reason(study):
    for error in (ModelError("The memory is too small."), MissingError("A package is missing.")):
        [opinion] = read(Eye(failing(error)), study).opinions
        assert (opinion.assessed, opinion.reason) == (False, str(error))


@pytest.mark.parametrize("error", [RuntimeError(SECRET), MemoryError(SECRET)])
def test_a_reader_with_a_bug_disturbs_nobody_and_tells_no_words(study, capsys, error):
    [opinion] = read(Eye(failing(error)), study).opinions
    assert not opinion.assessed and type(error).__name__ in opinion.reason
    told = opinion.reason + capsys.readouterr().err
    assert SECRET not in told and "test_ahead.py" in told


@pytest.mark.parametrize("error", [ModelError("The memory is too small."), RuntimeError(SECRET)])
def test_a_writer_that_cannot_look_keeps_nobody_from_reading(study, error):
    class Blind(ExtractiveWriter):
        def prepare(self, study, order=None, cancel=None) -> None:
            raise error

    assert read(Eye(), study, writer=Blind()).opinions[0].assessed


def given(reader, *names: str, sound: bool = False) -> None:
    """Give files of the first sample to an open case."""
    paths = [SAMPLES / "01_left_effusion" / name for name in names]
    files = read_files([str(path) for path in (*paths, *([SOUND] if sound else []))])
    give_files(reader.case, files, [path for path in paths if path.suffix == ".png"])


def test_the_comparison_waits_for_the_reading_and_says_so(ear, own):
    waited = Event()

    def slow(cancel: Event) -> None:
        assert waited.wait(60)

    with desk_of(Engines(ear, eye=Eye(slow)), own) as cases:
        reader = Reader(cases)
        given(reader, "order.json", "image.png", sound=True)
        until(lambda: reader.case.bar["message"] == "waiting for the reading of the image")
        assert not reader.case.is_reviewed
        waited.set()
        until(lambda: reader.case.is_reviewed)
        case = reader.case.composed.case
        assert [reading.reader for reading in case.readings] == ["eye"]
        assert case.engines["eye"] == Eye.engine


def test_who_waits_for_a_reading_can_stop(ear, own):
    with desk_of(Engines(ear, eye=Eye(until_cancelled)), own) as cases:
        reader = Reader(cases)
        given(reader, "order.json", "image.png", sound=True)
        until(lambda: reader.case.bar["message"] == "waiting for the reading of the image")
        reader.do(do="stop")
        until(lambda: reader.case.bar["message"].startswith("Stopped"))
        assert "pleural effusion" in reader.text
        assert not reader.case.is_reviewed


def test_no_opinion_is_on_the_page_before_the_comparison(ear, own):
    eye = Eye()
    with desk_of(Engines(ear, eye=eye), own) as cases:
        reader = Reader(cases)
        given(reader, "order.json", "image.png", "reading.json")
        assert eye.began.wait(30)
        until(lambda: not reader.case.is_busy)
        told = "".join(str(reader.state(kind)) for kind in ("case", "report", "pane"))
        assert "right pneumothorax" not in told.casefold() and "costophrenic" not in told
        given(reader, sound=True)
        until(lambda: reader.case.is_reviewed)
        told = "".join(str(reader.state(kind)) for kind in ("case", "pane"))
        assert "right pneumothorax" in told.casefold() and "costophrenic" in told
        assert len(eye.orders) == 1
        assert eye.orders[0].procedure == ORDER.procedure
