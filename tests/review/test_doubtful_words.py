"""Words that may have been misheard are asked before signing: the server decides, and what was answered is kept."""

import pytest

from dictation.review.open_cases import OpenCases
from tests.review.desks import Reader

FINDINGS = "Findings: There is a small right pulmonary effusion. The heart size is normal. Impression: No pneumothorax."


def asked(reader) -> list[str]:
    return [one["word"]["text"] for one in reader.blockers("word")]


def accept(reader) -> None:
    reader.do(do="accept_word", word=reader.blockers("word")[0]["discrepancy"])


def test_a_word_of_low_confidence_blocks_the_signature_until_it_is_accepted_and_that_is_signed(reader):
    reader.say(FINDINGS, unsure={"pulmonary": 0.1})
    reader.compare()
    (one,) = reader.blockers("word")
    assert one["text"] == "“pulmonary”: check this word." and not one["may_override"]
    assert [way["do"] for way in one["ways"]] == ["heard", "play", "word"]
    assert one["word"]["end_s"] - one["word"]["start_s"] == pytest.approx(0.25)
    statement = next(s for s in reader.report.findings if s.id == one["word"]["statement"])
    assert "pulmonary" in statement.text
    reader.unsigned("Not signed: a word may have been misheard")
    reader.unsigned("Not signed", overrides={one["discrepancy"]: "Checked on the images"})
    accept(reader)
    assert asked(reader) == [] and reader.stored.heard_right[0].text == "pulmonary"
    reader.sign()
    version = reader.records.load(reader.case.id).versions[-1]
    assert [(w.words, w.text) for w in version.heard_right] == [((one["discrepancy"],), "pulmonary")]
    assert version.words_asked == 1


def test_the_pane_lists_and_counts_what_the_signature_waits_for(reader):
    reader.say(FINDINGS, unsure={"pulmonary": 0.1})
    reader.compare()
    shown = reader.state("pane")["cards"]
    (one,) = reader.blockers("word")
    assert "1 word to check" in shown and f'data-d="{one["discrepancy"]}"' in shown
    accept(reader)
    assert "to check" not in reader.state("pane")["cards"]


def test_a_refusal_has_no_dictated_word(reader):
    reader.say(FINDINGS, unsure={"pulmonary": 0.1})
    reader.compare()
    with pytest.raises(Exception, match="Not signed") as refusal:
        reader.sign()
    assert "pulmonary" not in str(refusal.value)


def test_what_was_accepted_is_not_asked_again_after_a_reload_a_restart_and_another_comparison(reader, cases):
    reader.say(FINDINGS, unsure={"pulmonary": 0.1})
    reader.compare()
    again = Reader(cases, reader.case.id)
    assert asked(again) == ["pulmonary"]
    again.do(do="takeover")
    accept(again)
    again.writes(" The spleen is normal.")
    assert asked(again) == []
    case = again.case.id
    again.leave()
    cases.close()
    assert asked(Reader(OpenCases(cases.desk), case)) == []


@pytest.mark.parametrize(
    ("said", "unsure", "words"),
    [
        ("Findings: Hypodensolision in the liver.", {}, ["Hypodensolision"]),
        ("Findings: Probably assist in the kidney.", {"assist": 0.35}, ["assist"]),
        ("Findings: While is not thickened.", {"While": 0.3}, ["While"]),
        ("Impression: Small pleural effusion. Nodes are not in the", {}, ["Nodes are not in the"]),
        (
            "Findings: Small pleural effusion.",
            {"Small": 0.1, "pleural": 0.1, "effusion": 0.1},
            ["Small pleural effusion"],
        ),
        ("Findings: The heart is normal.", {"The": 0.1, "is": 0.1}, []),
        ("Indication: Hypodensolision. Findings: The heart is normal.", {}, []),
        ("Findings: The heart size is normal. There is no pneumothorax.", {}, []),
    ],
)
def test_which_words_are_asked(reader, said, unsure, words):
    reader.say(said, unsure=unsure)
    reader.compare()
    assert asked(reader) == words


@pytest.mark.parametrize("where", ["text", "report"])
def test_a_word_that_was_typed_anew_is_not_asked(reader, where):
    reader.say(FINDINGS, unsure={"pulmonary": 0.1})
    if where == "text":
        reader.retype("pulmonary", "pleural")
    reader.compare()
    if where == "report":
        statement = next(s for s in reader.report.findings if "pulmonary" in s.text)
        reader.edit(statement, statement.text.replace("pulmonary", "pleural"))
    assert asked(reader) == []


def test_of_words_asked_as_one_those_that_were_not_retyped_stay_accepted_and_stay_asked(reader):
    reader.say("Findings: Small pleural effusion.", unsure={"Small": 0.1, "pleural": 0.1, "effusion": 0.1})
    reader.retype("Small", "Large")
    reader.compare()
    assert asked(reader) == ["pleural effusion"]
    accept(reader)
    statement = next(s for s in reader.report.findings if "pleural" in s.text)
    reader.edit(statement, "Large pleural fluid.")
    assert asked(reader) == []


def test_a_typed_word_is_not_asked_whatever_it_is(reader):
    reader.writes("Findings: Hypodensolision in the liver.")
    assert asked(reader) == []


@pytest.mark.parametrize("word", ["steatotic", "steatosed"])
@pytest.mark.parametrize("said", ["", "Findings: The heart is normal."])
def test_a_typed_word_is_not_asked_by_its_sound(reader, said, word):
    if said:
        reader.say(said)
    reader.writes(f" The liver is {word}." if said else f"Findings: The liver is {word}.")
    assert [one.suggestion for one in reader.cards(kind="critical_word")] == []


def test_a_word_typed_among_heard_ones_is_not_asked_by_its_sound(reader):
    reader.say("Findings: The liver is stiff.")
    reader.retype("stiff", "steatosed")
    reader.compare()
    assert [one.suggestion for one in reader.cards(kind="critical_word")] == []


def test_a_heard_word_that_only_sounds_like_a_term_is_not_made_into_it(reader):
    reader.reviews("Findings: The liver is steatotic.")
    assert "steatotic" in reader.text and reader.cards(kind="critical_word") == []


def test_a_decision_on_an_alert_about_a_word_settles_it(reader):
    reader.reviews("Findings: The area is lipoidal.")
    assert asked(reader) == ["lipoidal"]
    reader.do(do="decide", id=reader.card(kind="critical_word").id, action="take_written")
    assert asked(reader) == []


def test_the_typed_end_of_a_sentence_that_broke_off_settles_it(reader):
    reader.say("Impression: Small pleural effusion. Nodes are not in the")
    reader.type(" axilla enlarged.")
    reader.compare()
    assert asked(reader) == []


def test_a_word_of_the_users_vocabulary_is_known(reader):
    reader.do(do="vocabulary", phrase="Hypodensolision")
    reader.say("Findings: Hypodensolision in the liver.")
    reader.compare()
    assert asked(reader) == []


def test_a_page_cannot_accept_what_is_not_asked(reader):
    reader.say(FINDINGS)
    reader.compare()
    reader.refused("not asked about", do="accept_word", word="0" * 16)
    assert reader.stored.heard_right == ()
