"""What the page shows belongs to one patient: nothing of the case before stands beside what was given since."""

from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from dictation.audio import Recording
from dictation.errors import Cancelled, UsageError
from dictation.exam import Order
from dictation.review.engines import Engines
from dictation.review.inputs import Files, read_files
from dictation.review.session import Session

SAMPLES = Path(__file__).parents[2] / "audio_samples"
SOUND = SAMPLES / "01_left_effusion" / "01_left_effusion.flac"
ADA = [str(SAMPLES / "01_left_effusion" / name) for name in ("order.json", "report.txt", "image.png")]
BORIS = [str(SAMPLES / "02_clean_pneumonia" / name) for name in ("order.json", "image.png")]


def nothing(fraction: float, words: str) -> None:
    """Nobody looks at the progress."""


@pytest.fixture(scope="module")
def ear(embedded):
    """Hears each sound once for all sessions of this module."""
    from dictation.review.remembering import Remembering

    return Remembering(embedded)


@pytest.fixture
def session(ear, settings) -> Session:
    """Ada's case, compared, with one decision."""
    session = Session(Engines(ear), settings)
    session.take_files(read_files(ADA))
    session.spoken = SOUND
    session.compare(nothing, session.begin())
    session.decide(session.case.discrepancies[0].id, "dismiss")
    return session


def shown(session: Session) -> tuple[str, bytes, str]:
    """Name, pixels and dictation on the page."""
    view = session.view()
    name = view.case.orders[0].name if view.case.orders else ""
    return name, view.images[0].pixels.tobytes() if view.images else b"", view.case.dictation.text


def test_another_patients_files_take_name_image_and_words_off_the_page(session):
    other = read_files(BORIS)
    assert "effusion" in shown(session)[2]
    session.take_files(other)
    assert shown(session) == ("EXAMPLE, Boris", other.study.images[0].pixels.tobytes(), "")
    assert session.view().samples is None
    assert session.case is None


def test_an_order_typed_for_another_patient_takes_the_comparison_off_the_page(session):
    session.take_order(Order(name="EXAMPLE, Zoe"))
    assert shown(session)[0] == "EXAMPLE, Zoe"
    assert shown(session)[2] == ""


def test_while_the_same_case_is_dictated_further_its_comparison_stays_whole(session, tmp_path):
    before = session.view()
    session.spoken = tmp_path / "longer.wav"
    session.begin()
    assert session.view() is before
    assert np.array_equal(before.images[0].pixels, session.files.study.images[0].pixels)


def test_decisions_of_one_patient_do_not_settle_the_next_ones_differences(session):
    ada = replace(session.files, recording=SOUND)  # chosen by hand for each
    session.take_files(ada)
    session.compare(nothing, session.begin())
    session.decide(session.case.discrepancies[0].id, "dismiss")
    session.take_files(replace(ada, order=Order(name="EXAMPLE, Boris", patient_id="S-1002")))
    assert session.compare(nothing, session.begin()).decisions == ()
    session.decide(session.case.discrepancies[0].id, "dismiss")
    session.take_files(ada)
    assert session.compare(nothing, session.begin()).decisions == ()


def test_decisions_stay_when_a_piece_is_only_added(ear, settings):
    ada = read_files(ADA)
    session = Session(Engines(ear), settings, files=Files(written=ada.written), spoken=SOUND)
    first = session.compare(nothing, session.begin()).discrepancies[0].id
    session.decide(first, "dismiss")
    session.take_files(ada)
    assert [d.discrepancy_id for d in session.compare(nothing, session.begin()).decisions] == [first]


@pytest.mark.parametrize("change", ["clear", "take_files", "take_order"])
def test_work_on_the_old_case_ends_without_a_trace_even_at_its_last_step(ear, settings, monkeypatch, change):
    session = Session(Engines(ear), settings, spoken=SOUND)
    read = Recording.samples

    def late(recording):
        """The sound is read last; meanwhile somebody turns to another case."""
        samples = read(recording)
        {
            "clear": session.clear,
            "take_files": lambda: session.take_files(Files(order=Order(name="EXAMPLE, Boris"))),
            "take_order": lambda: session.take_order(Order(name="EXAMPLE, Boris")),
        }[change]()
        return samples

    monkeypatch.setattr(Recording, "samples", late)
    with pytest.raises(Cancelled):
        session.compare(nothing, session.begin())
    assert session.case is None
    assert session.view().samples is None
    assert shown(session)[0] == ("" if change == "clear" else "EXAMPLE, Boris")


def test_stopped_work_stays_stopped(session):
    cancel = Event()
    cancel.set()
    before = session.view()
    with pytest.raises(Cancelled):
        session.compare(nothing, cancel)
    assert session.view() is before


def test_what_was_spoken_for_one_patient_does_not_become_anothers_report(session):
    session.take_files(Files())
    session.compare(nothing, session.begin())
    boris = read_files(BORIS)
    session.take_files(boris)
    with pytest.raises(UsageError, match=r"another patient's order.*New case"):
        session.compare(nothing, session.begin())
    assert shown(session) == ("EXAMPLE, Boris", boris.study.images[0].pixels.tobytes(), "")
    session.clear()
    session.take_files(replace(boris, recording=SOUND))
    assert session.compare(nothing, session.begin()).orders[0].name == "EXAMPLE, Boris"


def test_a_corrected_name_is_still_the_same_patient(session):
    session.take_order(session.order.model_copy(update={"name": "EXAMPLE, Adah"}))
    assert session.compare(nothing, session.begin()).orders[0].name == "EXAMPLE, Adah"
