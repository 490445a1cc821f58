import pytest

from dictation.lexicon import rows
from dictation.speech.medasr.letters import Letter, words
from dictation.speech.medasr.tokens import tokens, with_words_for_tokens


def letters(text: str) -> list[Letter]:
    """One letter a second, so that the seconds of a word show which letters it came from."""
    return [Letter(character, second, second + 1, 0.9) for second, character in enumerate(text)]


def read(text: str) -> str:
    kept, _ = with_words_for_tokens(letters(text))
    return " ".join(word.text for word in words(kept))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("for PE {period} There", "for PE period There"),
        ("right {comma} left", "right comma left"),
        ("and {slash} or", "and slash or"),
        ("Is this new {question mark}", "Is this new question mark"),
        ("{next line}", "next line"),
        ("{next paragraph}", "next paragraph"),
        ("{new paragraph}", "new paragraph"),
        ("{semicolon}", "semicolon"),
        ("[EXAM TYPE] CT chest", "Exam type: CT chest"),
        ("[FINDINGS] {colon} Lungs {colon}", "Findings: colon Lungs colon"),
        ("[FINDINGS]: Lungs", "Findings: Lungs"),
        ("[CLINICAL HISTORY] Cough", "Clinical history: Cough"),
        ("[FINDINGS]The lungs", "Findings: The lungs"),
        ("effusion{period}The", "effusion period The"),
        ("effusion {period}. The", "effusion period. The"),
    ],
)
def test_tokens_become_the_spoken_words(written, said):
    assert read(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("clear {next} line} The", "clear next line The"),
        ("clear {next line The", "clear next line The"),
        ("clear next line} The", "clear next line The"),
        ("clear xt line} The", "clear next line The"),
        ("clear {next} para}graph} The", "clear next paragraph The"),
        ("clear ew paragraph} The", "clear new paragraph The"),
        ("clear {per iod} The", "clear period The"),
        ("clear {perio The", "clear period The"),
        ("clear{period The", "clear period The"),
        ("clear {period}} The", "clear period The"),
        ("INDINGS] The", "Findings: The"),
        ("[IMPRESS No", "Impression: No"),
    ],
)
def test_a_broken_token_is_repaired_where_only_one_can_be_meant(written, said):
    assert read(written) == said


@pytest.mark.parametrize(
    "written",
    [
        "clear line} The",  # next line or new line
        "clear paragraph} The",  # next paragraph or new paragraph
        "clear {next The",
        "clear e} The",
        "a text line} The",
        "clear {percent} The",
        "[SIGNED BY] The",
        "a } b",
        "next line The",  # said, but not as a token: the wording decides
        "the period of the [study",
    ],
)
def test_what_is_not_certain_stays_visible(written):
    assert read(written) == written


@pytest.mark.parametrize(
    ("written", "said", "name", "start_s", "end_s"),
    [
        ("seen [Date] again", "seen again", "Date", 5, 11),
        ("by [ProfessionalName] at", "by at", "ProfessionalName", 3, 21),
        ("by [Professional Name] at", "by at", "ProfessionalName", 3, 22),
        ("by essionalName] at", "by at", "ProfessionalName", 3, 16),
        ("by [Professional at", "by at", "ProfessionalName", 3, 16),
        ("seen ate] again", "seen again", "Date", 5, 9),
    ],
)
def test_placeholders_are_removed_and_noted_with_their_seconds(written, said, name, start_s, end_s):
    kept, removed = with_words_for_tokens(letters(written))
    assert " ".join(word.text for word in words(kept)) == said
    assert [(tag.name, tag.start_s, tag.end_s) for tag in removed] == [(name, start_s, end_s)]


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
