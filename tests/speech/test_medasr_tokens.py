from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dictation.audio import Recording
from dictation.lexicon import EMPTY_VOCABULARY, rows
from dictation.settings import Settings
from dictation.speech import Engine, Transcript
from dictation.speech.medasr.letters import Letter, words
from dictation.speech.medasr.recognizer import MedASRRecognizer
from dictation.speech.medasr.token_names import PAIR, squeezed, tokens
from dictation.speech.medasr.tokens import with_words_for_tokens
from dictation.speech.recognizer import Job
from dictation.wording import write
from tests.speech.tiny_lasr import SMALL_LASR

HELD_OUT = SMALL_LASR.parent / "held_out"


def letters(text: str) -> list[Letter]:
    """One letter a second, so that the seconds of a word show which letters it came from."""
    return [Letter(character, second, second + 1, 0.9) for second, character in enumerate(text)]


def read(text: str) -> str:
    kept, _ = with_words_for_tokens(letters(text))
    return " ".join(word.text for word in words(kept))


def without_placeholders(text: str) -> str:
    """What is read, and each placeholder that was removed with its seconds."""
    kept, removed = with_words_for_tokens(letters(text))
    said = " ".join(word.text for word in words(kept))
    return " · ".join([said, *(f"{tag.name} {tag.start_s:g}-{tag.end_s:g}" for tag in removed)])


def in_writing(text: str) -> str:
    kept, _ = with_words_for_tokens(letters(text))
    engine = Engine(name="medasr")
    return write([Transcript(recording="r", words=tuple(words(kept)), engine=engine, duration_s=len(text) + 1)]).text


def spoilt(command: str) -> list[str]:
    """Each way to lose, double or change one letter or mark of a token, or to break it in two."""
    token = f"{{{command}}}"
    ways = [token[:at] + new + token[at + 1 :] for at in range(len(token)) for new in ("", token[at] * 3, "x")]
    ways += [token[:at] + "} " + token[at:] for at in range(3, len(token) - 2)] + [token[:at] for at in range(4, 16)]
    return [way for way in ways if squeezed(way) != squeezed(command) or not PAIR.fullmatch(way)]


@pytest.mark.parametrize("command", [row["spoken"] for row in rows("editing")])
def test_a_broken_token_takes_nothing_back(command):
    """One that is whole does; whatever else the model wrote stays to be seen."""
    for token in spoilt(command):
        assert in_writing(f"A left pneumothorax {{period}} {token}").startswith("A left pneumothorax."), token
    assert in_writing(f"A left pneumothorax {{period}} {{{command}}}") == ""


def test_the_words_of_a_token_share_its_seconds_in_order():
    kept, _ = with_words_for_tokens(letters("clear {next line} The"))
    spoken = words(kept)
    assert [word.text for word in spoken] == ["clear", "next", "line", "The"]
    assert spoken[1].start_s == 6
    assert spoken[2].end_s == 17
    assert spoken[1].end_s <= spoken[2].start_s


@pytest.mark.parametrize("token", tokens(), ids=lambda token: token.name)
def test_each_known_token_is_read_whole(token):
    marks = "{}" if token.kind == "command" else "[]"
    assert read(f"a {marks[0]}{token.name}{marks[1]} b") == " ".join(["a", *token.said.split(), "b"])


def test_what_a_token_says_is_known_to_the_wording():
    marks = {row["spoken"] for row in rows("punctuation")}
    sections = {row["spoken"] for row in rows("section_names")}
    for token in tokens():
        assert token.kind != "command" or token.said in marks
        assert token.kind != "section" or token.said.removesuffix(":").lower() in sections


def commands(text: str) -> list[str]:
    kept, _ = with_words_for_tokens(letters(text))
    return [word.text for word in words(kept) if word.is_command]


def test_only_the_words_of_tokens_are_marked_as_commands():
    assert commands("The lungs are clear period No {period}") == ["period"]
    assert commands("period {period} line xt line} [FINDINGS] findings {peroid}") == [
        "period", "next", "line", "Findings:", "period",
    ]  # fmt: skip


def test_the_words_of_a_token_are_as_sure_as_its_least_sure_piece():
    said = letters("no {next} line} x")
    said[8] = replace(said[8], probability=0.3)  # the brace in its middle
    kept, _ = with_words_for_tokens(said)
    assert [(word.text, word.confidence) for word in words(kept)] == [
        ("no", 0.9), ("next", 0.3), ("line", 0.3), ("x", 0.9),
    ]  # fmt: skip


PLAIN = ("the", "lungs", "are", "clear", "heart", "5.2", "mm", "L4-L5", "no", "effusion,", "Nodule.")
BROKEN = (
    "{period}", "{next} line}", "xt line}", "[FINDINGS]", "[Date]", "essionalName]", "{peroid}", "</s>", "{comma",
    "}", "{", "[", "]", "{next} para}graph}", "{nexcktpace}", "<unk>", "</s", "ate]",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("{}[]<>/s periodnextlcma</s>5.,:é▁\n"), max_size=80))
def test_whatever_is_written_nothing_fails_and_no_letter_is_made_up(text):
    kept, removed = with_words_for_tokens(letters(text))
    own = [(letter.start_s, letter.text) for letter in kept if not letter.is_command and not letter.text.isspace()]
    assert all(text[int(at)] == character for at, character in own)
    assert all(before[0] < after[0] for before, after in pairwise(own))
    seconds = [(word.start_s, word.end_s) for word in words(kept)]
    assert seconds == sorted(seconds)
    assert all(tag.start_s < tag.end_s for tag in removed)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PLAIN + BROKEN), max_size=20).map(" ".join))
@example("[ are essionalName]")
def test_plain_words_between_tokens_are_never_lost(text):
    said = iter(read(text).split())
    assert all(word in said for word in text.split() if word in PLAIN)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from((*PLAIN, "period", "next", "line", "findings", "date", "ate", "xt", "comma"))))
def test_no_command_is_made_of_plain_words(said):
    assert read(" ".join(said)).split() == said
    assert commands(" ".join(said)) == []


def test_a_text_of_braces_takes_time_in_proportion_to_its_length():
    """A run of marks is read once, not once from each of its marks: 30,000 would take long otherwise."""
    for part in ("{", "}", "[{", "<", "< ", "</ ", "{ "):
        text = part * (30_000 // len(part))
        kept, _ = with_words_for_tokens(letters(text))
        assert len(kept) <= len(text)


def test_the_tokens_of_a_recording_are_commands_and_its_written_form_has_their_marks(tmp_path):
    recognizer = MedASRRecognizer.load(SMALL_LASR, Settings(home=tmp_path))
    jobs = [Job(name, Recording(HELD_OUT / f"{name}.flac"), EMPTY_VOCABULARY) for name in ("00", "29")]
    impression, exam = (transcript for _, transcript in recognizer.transcribe(jobs))
    recognizer.close()
    assert [word.text for word in impression.words if word.is_command] == ["Impression:", "period"]
    assert {word.is_command for word in impression.words} == {True, False}
    assert [word.text for word in exam.words if word.is_command] == ["Exam", "type:", "period", "new", "paragraph"]
    assert write([impression]).text == "Impression: Left lower lobe pneumonia."
    assert write([exam, impression]).text == (
        "Exam: MRI cervical spine with contrast.\n\nImpression: Left lower lobe pneumonia."
    )
