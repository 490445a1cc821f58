from pathlib import Path
from threading import Event

import pytest

from dictation.discrepancy.ranking import Verdict
from dictation.errors import Cancelled, InputError, UsageError
from dictation.exam import Order
from dictation.report import load_report, parse_report
from dictation.review.engines import Engines
from dictation.review.inputs import Files, read_files
from dictation.review.session import Session
from dictation.review.verdicts import verdicts
from dictation.settings import Settings
from dictation.speech import Transcript

SAMPLE = Path(__file__).parents[2] / "audio_samples" / "01_left_effusion"
SOUND = SAMPLE / "01_left_effusion.flac"


def nothing(fraction: float, words: str) -> None:
    """Nobody looks at the progress."""


class Counting:
    """The embedded recognizer, counting how often it had to listen."""

    def __init__(self, recognizer) -> None:
        self.recognizer, self.engine, self.heard = recognizer, recognizer.engine, 0

    def heeded(self, vocabulary):
        return self.recognizer.heeded(vocabulary)

    def transcribe(self, jobs, cancel=None, progress=None):
        for id, transcript in self.recognizer.transcribe(jobs, cancel, progress):
            self.heard += isinstance(transcript, Transcript)
            yield id, transcript


@pytest.fixture(scope="module")
def ear(embedded) -> Counting:
    return Counting(embedded)


@pytest.fixture
def session(ear, settings: Settings) -> Session:
    return Session(Engines(ear), settings)


@pytest.fixture(scope="module")
def reviewed(ear, settings) -> Session:
    """The sample with a planted side, compared; tests that change it put it back."""
    session = Session(Engines(ear), settings)
    session.take_files(read_files([str(SAMPLE / name) for name in ("order.json", "reading.json", "report.txt")]))
    session.spoken = SOUND
    session.compare(nothing, Event())
    return session


def test_before_anybody_speaks_the_page_shows_who_would_listen(session):
    case = session.view().case
    assert case.engines["ear"] == session.engines.ear.engine
    assert case.dictation.text == ""


def test_what_was_given_is_shown_before_the_dictation(session):
    session.take_files(read_files([str(SAMPLE / "order.json"), str(SAMPLE / "report.txt")]))
    case = session.view().case
    assert case.orders[0].name == "EXAMPLE, Ada"
    assert "Small right pleural effusion." in case.report.text
    assert "writer" not in case.engines


def test_the_planted_side_comes_first(reviewed):
    first = reviewed.case.discrepancies[0]
    assert (first.kind, first.severity) == ("laterality", "critical")
    assert reviewed.view().samples is not None


def test_an_order_that_the_ear_does_not_heed_costs_no_second_hearing(ear, settings):
    session = Session(Engines(ear), settings)
    session.spoken = SOUND
    session.compare(nothing, Event())
    heard = ear.heard
    session.take_files(read_files([str(SAMPLE / "order.json")]))
    assert session.compare(nothing, Event()).orders[0].name == "EXAMPLE, Ada"
    assert ear.heard == heard


def test_a_report_that_comes_later_costs_no_second_hearing(reviewed, ear):
    heard = ear.heard
    report = load_report(SAMPLE / "report.txt")
    corrected = parse_report(report.text.replace("right pleural", "left pleural"))
    try:
        reviewed.pasted = corrected
        case = reviewed.compare(nothing, Event())
        assert not [d for d in case.discrepancies if d.kind == "laterality"]
    finally:
        reviewed.pasted = None
        reviewed.compare(nothing, Event())
    assert ear.heard == heard


def test_a_decision_is_signed_stays_and_can_be_taken_back(reviewed):
    difference = reviewed.case.discrepancies[0].id
    reviewed.decide(difference, "dismiss")
    reviewed.decide(difference, "take_heard")
    [decision] = reviewed.case.decisions
    assert (decision.action, decision.discrepancy_id) == ("take_heard", difference)
    assert decision.by and decision.at.tzinfo is not None
    reviewed.compare(nothing, Event())
    assert [d.discrepancy_id for d in reviewed.case.decisions] == [difference]
    reviewed.decide(difference, "reopen")
    assert reviewed.case.decisions == ()


def test_a_verdict_is_kept_without_a_word_of_the_report(reviewed):
    home = reviewed.settings.home
    (home / "verdicts.jsonl").unlink(missing_ok=True)
    difference = reviewed.case.discrepancies[0]
    reviewed.decide(difference.id, "dismiss")
    reviewed.decide(difference.id, "take_heard")
    assert verdicts(home) == [Verdict(kind=difference.kind, severity=difference.severity, is_real=True)]
    reviewed.decide(difference.id, "dismiss")
    assert [one.is_real for one in verdicts(home)] == [False]
    kept = (home / "verdicts.jsonl").read_text(encoding="utf-8")
    assert "effusion" not in kept
    (home / "verdicts.jsonl").write_text(kept + "{damaged\n", encoding="utf-8")
    reviewed.decide(difference.id, "reopen")
    assert verdicts(home) == []


@pytest.mark.parametrize(("difference", "action"), [("unknown", "dismiss"), (None, "sign")])
def test_a_decision_on_something_else_is_refused(reviewed, difference, action):
    with pytest.raises(UsageError):
        reviewed.decide(difference or reviewed.case.discrepancies[0].id, action)
    assert reviewed.case.decisions == ()


def test_work_that_was_stopped_changes_nothing(reviewed):
    before = reviewed.case
    cancel = Event()
    cancel.set()
    with pytest.raises(Cancelled):
        reviewed.compare(nothing, cancel)
    assert reviewed.case is before


def test_a_broken_recording_keeps_the_case_and_hides_its_place(reviewed, tmp_path):
    before = reviewed.case
    broken = tmp_path / "0123abcd.wav"
    broken.write_bytes(b"no sound")
    try:
        reviewed.spoken = broken
        with pytest.raises(InputError) as error:
            reviewed.compare(nothing, Event())
    finally:
        reviewed.spoken = SOUND
    assert str(error.value).startswith("The recording: ")
    assert str(tmp_path) not in str(error.value)
    assert reviewed.case is before


def test_without_a_recording_there_is_nothing_to_compare(session):
    with pytest.raises(UsageError, match="no recording yet"):
        session.compare(nothing, Event())


def test_what_is_entered_by_hand_wins_until_a_new_file_comes(session, tmp_path):
    session.take_files(Files(recording=tmp_path / "a.wav", order=Order(name="FILE, A")))
    session.spoken, session.typed = tmp_path / "spoken.wav", Order(name="TYPED, B")
    session.take_files(session.files)
    assert (session.recording, session.order.name) == (tmp_path / "spoken.wav", "TYPED, B")
    session.take_files(Files(recording=tmp_path / "b.wav", order=Order(name="FILE, C")))
    assert (session.recording, session.order.name) == (tmp_path / "b.wav", "FILE, C")


def test_a_new_case_is_empty_and_stops_the_old_work(session, tmp_path):
    session.spoken = tmp_path / "spoken.wav"
    running = session.cancel
    session.clear()
    assert running.is_set()
    assert not session.cancel.is_set()
    assert session.recording is None and session.case is None
