"""A dictation's one rendering: made once, right for a copy, and tied to the seconds of its words."""

import random

import pytest

from dictation.report import Report
from dictation.report.report import Statement
from dictation.speech.transcript import Engine, Transcript, Word
from dictation.wording import Dictation, Link, Sentence, typed, write
from tests.wording.dictating import transcript


def dictation(sentences: int) -> Dictation:
    """Sentences of four words of 0.2 s, one each 0.3 s; the second word of each has no seconds."""
    words = [
        Word(text="word") if number % 4 == 1 else Word(text="word", start_s=number * 0.3, end_s=number * 0.3 + 0.2)
        for number in range(4 * sentences)
    ]
    told = [
        Sentence(
            id=f"s{number}",
            text="word word word word.",
            alignment=tuple(Link(span=(5 * place, 5 * place + 4), words=(4 * number + place,)) for place in range(4)),
            section="findings" if number < sentences // 2 else "impression",
            starts="line" if number % 3 == 0 else "space",
        )
        for number in range(sentences)
    ]
    heard = Transcript(recording="r", words=tuple(words), engine=Engine(name="test"), duration_s=1200.0 * sentences)
    return Dictation(sentences=tuple(told), transcripts=(heard,))


def seconds_word_by_word(said: Dictation, start: int, end: int) -> tuple[float, float] | None:
    times = [
        (said.words[index].start_s, said.words[index].end_s)
        for sentence in said.sentences
        for link in sentence.alignment
        for index in link.words
        if said.words[index].start_s is not None
        and link.span[0] + said.spans[sentence.id][0] < end
        and link.span[1] + said.spans[sentence.id][0] > start
    ]
    return (times[0][0], times[-1][1]) if times else None


def test_seconds_are_those_of_every_word_that_the_stretch_touches():
    said = dictation(12)
    choose = random.Random(7)
    for _ in range(500):
        start, end = sorted(choose.sample(range(len(said.text) + 1), 2))
        assert said.seconds(start, end) == seconds_word_by_word(said, start, end)


def test_typed_text_has_no_seconds():
    said = typed("No pneumothorax. No effusion.")
    assert said.seconds(0, len(said.text)) is None


def test_a_copy_with_other_sentences_has_another_text():
    said = dictation(4)
    assert said.text.count("word.") == 4 and len(said.words) == 16
    shorter = said.model_copy(update={"sentences": said.sentences[:1], "transcripts": ()})
    assert shorter.text == "Findings: word word word word."
    assert set(shorter.spans) == {"s0"} and shorter.words == ()
    assert said.text.count("word.") == 4


def test_a_report_copied_with_other_findings_has_other_statements():
    report = Report(findings=(Statement(id="r1", text="No effusion.", section="findings"),))
    assert "No effusion." in report.text and len(report.statements) == 1
    emptied = report.model_copy(update={"findings": ()})
    assert "No effusion." not in emptied.text and emptied.statements == () and emptied.spans == {}


def test_having_been_read_changes_neither_equality_nor_what_is_saved():
    read, unread = dictation(3), dictation(3)
    assert read.text and read.words and read.seconds(10, 14)
    assert read == unread
    assert read.model_dump_json() == unread.model_dump_json()
    assert repr(read) == repr(unread)


def test_a_second_recording_starts_a_new_line():
    dictation = write([transcript("no effusion", "a"), transcript("no nodule", "b")])
    assert dictation.text == "No effusion\nNo nodule"
    assert [s.starts for s in dictation.sentences] == ["space", "line"]


def test_seconds_of_written_characters_are_those_of_their_words():
    dictation = write([transcript("no effusion period pneumo thorax period")])
    start = dictation.text.index("neumothorax")
    assert dictation.seconds(start, start + 5) == pytest.approx((1.0, 4 / 3 + 0.3))
