"""Characters that nobody sees: what is kept, compared and signed is what is read on the page."""

import json
import unicodedata
from contextlib import closing

import pytest

from dictation.case.editing import plain_line
from dictation.errors import InputError, UsageError
from dictation.exam import Order
from dictation.lexicon import Vocabulary
from dictation.models.answer import parsed
from dictation.records.users import Users
from dictation.report import parse_report
from dictation.report.template import template_from
from dictation.unseen import UNSEEN, printable, seen
from dictation.wording.pad import Pad
from pipelines.columns import claims_line
from pipelines.exits import note
from tests.records.backups import command
from tests.records.cases import Place

TURNED = "Nodule \u202emm 12\u202c, l\u200beft. N\u00ado effusion.\u2028Heart\x00normal.\x1b[2J"
READ = "Nodule mm 12, left. No effusion.\nHeart normal. [2J"


def test_a_text_is_kept_as_it_is_read():
    assert seen(TURNED) == READ and seen(READ) is READ
    assert seen("Ödem, 5 µm\t≥ 3 µg\u00a0\n“é” e\u0301") == "Ödem, 5 µm\t≥ 3 µg\u00a0\n“é” e\u0301"
    assert seen("a\r\nb\rc\u2029d\x85e") == "a\nb\nc\nd\ne"


def test_every_character_that_unicode_draws_as_nothing_is_known():
    drawn = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)}
    for number in range(0x110000):
        if unicodedata.category(chr(number)) == "Cf" and number not in drawn:
            assert UNSEEN.search(chr(number)), hex(number)


def test_what_is_typed_or_put_in_by_a_macro_is_kept_as_it_is_read():
    pad, change = Pad().replaced(0, 0, TURNED)
    assert pad.text == READ and change.length == len(READ)
    pad, _ = pad.replaced(0, 0, "Right\u202e.\n", "macro")
    assert pad.text == f"Right.\n{READ}"


def test_a_negation_that_a_character_of_no_width_took_apart_counts():
    hidden, plain = "n\u200bo effusion.", "no effusion."
    assert claims_line({"id": "1", "text": hidden}) == claims_line({"id": "1", "text": plain})
    assert parse_report(hidden).text == parse_report(plain).text


def test_an_order_and_a_template_say_what_is_read(tmp_path):
    file = tmp_path / "order.json"
    file.write_text(json.dumps({"name": "DOE,\u202eenaJ", "indication": TURNED, "priors": [
        {"date": "2026-01-01", "text": "l\u200beft"}]}))  # fmt: skip
    order = Order.from_file(file)
    assert (order.name, order.indication, order.priors[0].text) == ("DOE,enaJ", READ, "left")
    words = 'title = "\\u202etsehC"\nsource = "x"\n[[organs]]\nheading = "Lu\\u200bngs"\ncovers = ["lungs"]\n'
    template = template_from(words, "a\u202eb", "a.toml")
    assert (template.name, template.title, template.headings[0]) == ("ab", "tsehC", "Lungs")


def test_a_side_that_is_hidden_from_the_rules_of_a_vocabulary_is_a_side(tmp_path):
    file = tmp_path / "vocabulary.txt"
    file.write_text("r\u200bight\n", encoding="utf-8")
    with pytest.raises(InputError, match="a side"):
        Vocabulary.from_file(file)


def test_what_a_model_wrote_is_kept_as_it_is_read():
    schema = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    assert parsed(json.dumps({"text": TURNED}), schema, "a server") == {"text": READ}


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\u00ad", "\ufeff", "\x1b", "\U000e0041", "\ud800"])
def test_one_line_with_what_nobody_sees_is_refused(hidden):
    with pytest.raises(UsageError, match="cannot be seen"):
        plain_line(f"Dr{hidden}A")


def test_no_name_draws_on_a_terminal():
    assert printable("Dr\x1b[2J \u202eA\u0301") == "Dr?[2J ?A\u0301"


def test_a_list_of_users_and_a_message_draw_nothing(tmp_path, capsys):
    place = Place("", tmp_path / "home")
    with closing(place.open()) as records:
        Users(records).add("ada", "Dr A", "attending", None, by := "ad\x1b[2J\u202emin")
    place.tamper("UPDATE users SET display = :display", display="Dr \x1b[2J\u202eA")
    assert command(place, "user", "list").stdout == "ada\tattending\tno password\tDr ?[2J?A\n"
    for form in ("text", "csv", "jsonl"):
        told = command(place, "audit", "--format", form).stdout
        assert all(line.isprintable() for line in told.split("\n"))
    assert json.loads(told.split("\n")[0])["by"] == by
    note("one\x1b[2J\ntwo")
    assert capsys.readouterr().err == "one?[2J\ntwo\n"
