"""Results in their formats, and what stands in them where a format has its own rules."""

import csv
import os
from pathlib import Path, PurePath

import pytest

from dictation.case import review_dictation
from dictation.case.heard import told_unsettled
from dictation.errors import DictationError
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.report import ExtractiveWriter
from dictation.speech.transcript import Engine, Transcript, Word
from dictation.wording import Dictation, Link, Sentence, write
from pipelines.inputs import Input
from pipelines.outputs import rendered, transcript_json, write_atomic
from pipelines.report import rendered as rendered_report
from pipelines.report import unplayed
from tests.wording.dictating import dictated


def one_sentence(text: str, duration_s: float = 2.0) -> Dictation:
    """A sentence that was said from 0.5 s to 1.5 s."""
    word = Word(text="word", start_s=0.5, end_s=1.5)
    sentence = Sentence(id="s1", text=text, alignment=(Link(span=(0, len(text)), words=(0,)),))
    heard = Transcript(recording="r", words=(word,), engine=Engine(name="test"), duration_s=duration_s)
    return Dictation(sentences=(sentence,), transcripts=(heard,))


def test_what_webvtt_would_take_for_a_tag_is_escaped():
    said = one_sentence("Nodule <6 mm & node --> unchanged.")
    assert rendered("vtt", "a.wav", said, EMPTY_VOCABULARY) == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:01.500\nNodule &lt;6 mm &amp; node --&gt; unchanged.\n"
    )
    assert "Nodule <6 mm & node" in rendered("srt", "a.wav", said, EMPTY_VOCABULARY)


def test_subtitles_hold_every_word_of_the_text_headings_too():
    spoken = "findings no effusion impression normal chest"
    words = tuple(Word(text=text, start_s=float(at), end_s=at + 0.9) for at, text in enumerate(spoken.split()))
    said = write([Transcript(recording="r", words=words, engine=Engine(name="test"), duration_s=9.0)])
    lines = rendered("srt", "a.wav", said, EMPTY_VOCABULARY).splitlines()
    cues = [line for line in lines if line and "-->" not in line and not line.isdigit()]
    assert " ".join(cues).split() == said.text.split() and "Impression:" in cues[-1]
    starts = [line.split()[0] for line in lines if "-->" in line]
    assert starts == ["00:00:00,000", "00:00:03,000"], "each with its heading"


@pytest.mark.parametrize("words", [(Word(text="word", start_s=0.5, end_s=1.5),), ()], ids=["said", "silent"])
def test_no_name_of_a_file_becomes_a_formula_in_a_table(words):
    said = write([Transcript(recording="r", words=words, engine=Engine(name="test"), duration_s=2.0)])
    [_, (_, name, *_)] = csv.reader(rendered("csv", "=cmd|'/C calc'!A0.wav", said, EMPTY_VOCABULARY).splitlines())
    assert name == "'=cmd|'/C calc'!A0.wav"


def test_a_page_that_cannot_be_written_names_its_own_option(tmp_path):
    (tmp_path / "page.html").mkdir()
    with pytest.raises(DictationError, match=r"page\.html: could not be written .* with --page"):
        write_atomic(tmp_path / "page.html", "<html>", option="--page")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_what_is_no_ordinary_file_is_never_replaced(tmp_path):
    """As root, `--page /dev/null` would else put a file in the place of the device."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DictationError, match="no ordinary file"):
        write_atomic(tmp_path / "pipe", "<html>", option="--page")
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize(("duration_s", "plays"), [(1801.0, False), (2.0, True)])
def test_the_page_of_a_long_recording_shows_seconds_and_reads_no_sound(tmp_path, duration_s, plays):
    """The recording is not even there: only a page that wants to play it misses it."""
    file = tmp_path / "long.wav"
    item = Input(file, str(file), PurePath(file.name), Path(tmp_path))
    case = review_dictation(one_sentence("No pneumothorax.", duration_s), writer=ExtractiveWriter())
    if plays:
        with pytest.raises(DictationError, match=r"long\.wav"):
            rendered_report("html", item, case, None)
        assert unplayed("html", case) == ()
        return
    assert "No pneumothorax." in rendered_report("html", item, case, None)
    assert "longer than 30 minutes" in unplayed("html", case)[0] and unplayed("text", case) == ()


def test_a_correction_that_was_not_obeyed_is_a_warning_with_its_second():
    dictation = told_unsettled(dictated("Left effusion. No correction. It is on the right."))
    (warning,) = transcript_json("a.wav", dictation, EMPTY_VOCABULARY)["warnings"]
    assert warning.startswith("At 0.7 s a correction") and "effusion" not in warning
    (warning,) = told_unsettled(dictated("no left effusion, correction, right effusion")).transcripts[0].warnings
    assert warning.startswith("At 0.0 s")


def test_a_correction_that_was_obeyed_and_ordinary_words_are_no_warning():
    for said in ("Left effusion. No correction, right effusion.", "There is no correction of the scoliosis."):
        assert told_unsettled(dictated(said)).transcripts[0].warnings == ()
