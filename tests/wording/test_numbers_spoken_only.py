"""Whatever is said: nothing fails, no word is lost, and no figure holds a number that nobody said."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.lexicon.tables import rows
from dictation.wording.dates import MONTHS
from dictation.wording.figures import write_figures
from dictation.wording.numbers import DIGITS, NUMBER_WORDS
from dictation.wording.units import units
from tests.wording.spell import spell_integer, spell_number, spell_ordinal, spell_year
from tests.wording.spoken import at_length, heard, heard_forms, numbers

PROSE = """
    a an the one no new of and or by x to two too four for won ate at this that is there with without left right
    nodule mass effusion measures measuring previously now compared lobe kidney spine disc weighted point oh o
    half quarter minus negative plus equals over second third fifth tenth twelfth twentieth year month week old
    day hour seconds per times slash dash make that rather sorry correction scratch mark image series slice
    level segment grade rib station category score twenty-five fifty-four two-view 54-year-old 5mm 10% L4-5
    T1/T2 L4 S1 C5-C6 T12 3.2 1.05 .8 1,200 2026 3/4/2026 5-6 12 7 0 -5 1.5x2 A B F R C T L S N M D patient's 4A
    IIF 3:45
"""
WORDS = [
    *PROSE.split(),
    *sorted(NUMBER_WORDS) * 2,
    *sorted(DIGITS) * 3,
    *(form for unit in units() for form in (*unit.singular, *unit.plural)),
    *sorted(MONTHS),
    *(form.strip() for row in rows("scores") for form in row["spoken"].split("|")),
    *",.-/:",
]
WRITTEN = r"[0-9]+(?:,[0-9]{3})*(?![0-9])(?:\.[0-9]+)?"

words = st.sampled_from(WORDS)
said_numbers = numbers.flatmap(heard_forms)
texts = st.lists(st.one_of(words, words, said_numbers), max_size=12).map(" ".join)
any_texts = st.lists(st.text(max_size=6), max_size=8).map(" ".join)


def plain(words):
    """Heard words as bare number words: digits spelled, hyphens opened, "and" dropped, every zero called zero."""
    found = []
    for word in words:
        for part in re.findall(rf"{WRITTEN}|\.[0-9]+|[^\W\d_]+(?:'[a-z]+)?", word.lower()):
            is_digits, is_padded = part[0].isdigit() or part[0] == ".", part.isdigit() and part[0] == "0"
            digits = " ".join(spell_integer(int(digit)) for digit in part) if is_padded else ""
            spelled = digits or (spell_number(part) if is_digits else part)
            found += spelled.split()
    zeros = {"oh": "zero", "o": "zero", "nought": "zero", "naught": "zero", "fourty": "forty", "a": "one"}
    return [zeros.get(word, word) for word in found if word != "and"]


def ways_to_say_whole(value):
    yield plain([spell_integer(value)])
    if 1_000 < value < 10_000 and value // 100 % 10:
        yield plain([spell_integer(value // 100), "hundred", spell_integer(value % 100) if value % 100 else ""])


def ways_to_say(number):
    """Every way in which a written number may have been said, as lists of bare words."""
    whole, _, fraction = number.replace(",", "").partition(".")
    value = int(whole)
    if not fraction:
        yield from ways_to_say_whole(value)
        if 1900 <= value < 2100:
            yield plain([spell_year(value)])
        if 0 < value < 100:
            yield plain([spell_ordinal(value)])
        return
    zeros = len(fraction) - len(fraction.lstrip("0"))
    tails = [plain([spell_integer(int(digit)) for digit in fraction])]
    if fraction[zeros:]:
        tails.append(["zero"] * zeros + plain([spell_integer(int(fraction[zeros:]))]))
    halves = {"5": ["half"], "25": ["quarter"], "75": ["three quarters", "three quarter"]}.get(fraction, [])
    for head in [*ways_to_say_whole(value), *([[]] if not value else [])]:
        yield from ([*head, "point", *tail] for tail in tails)
        if head != ["zero"]:
            yield from ([*head, *one, *half.split()] for half in halves for one in ([], ["one"]))


def is_within(words, said, start):
    """The place after `words` in `said`, at or after `start`; None where they do not stand there in one piece."""
    for at in range(start, len(said) - len(words) + 1):
        if said[at : at + len(words)] == words:
            return at + len(words)
    return None


@settings(max_examples=300, deadline=None)
@given(texts)
def test_every_written_number_was_spoken_and_none_crosses_a_mark(text):
    tokens = heard(text)
    result = write_figures(tokens)
    assert sorted({i for t in result for i in t.words}) == sorted({i for t in tokens for i in t.words})
    spoken = text.split()
    for token in result:
        if token.kind != "number":
            assert token in tokens, "what is no figure is untouched"
            continue
        said = plain([spoken[index].rstrip(".,:;") for index in token.words])
        figures = re.findall(WRITTEN, token.text)
        is_date = any(month in token.text for month in MONTHS.values())
        at = 0
        for figure in figures:
            ends = [
                end for way in ways_to_say(figure) if (end := is_within(way, said, 0 if is_date else at)) is not None
            ]
            assert ends, f"{figure} in {token.text!r} was never said: {said}"
            at = min(ends)
    stops = [token for token in tokens if token.kind == "mark" and token.text in ",.:"]
    assert [token for token in result if token.kind == "mark" and token.text in ",.:"] == stops
    assert write_figures(result) == result, "writing figures again changes nothing"


test_every_written_number_was_spoken_at_length = at_length(test_every_written_number_was_spoken_and_none_crosses_a_mark)


@settings(max_examples=300, deadline=None)
@given(any_texts)
def test_any_text_at_all_passes(text):
    tokens = heard(text)
    result = write_figures(tokens)
    assert sorted({i for t in result for i in t.words}) == sorted({i for t in tokens for i in t.words})
    assert all(token in tokens for token in result if token.kind != "number")
