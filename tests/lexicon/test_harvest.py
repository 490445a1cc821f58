"""What is harvested from reports: new words and their phrases, and nobody's name."""

import pytest

from dictation.lexicon.critical import is_critical
from dictation.lexicon.harvest import harvested

BODY = [
    "There is sacral zygopexis on the left with Dexatrol staining.",
    "Known sacral zygopexis, unchanged. Dexatrol seen in 2 segments on 12/11/2024.",
    "No sacral zygopexis. Dexatrol is noted, 14 mm.",
    "The sacral zygopexis was described before. Dexatrol remains.",
]
HEADER = "Patient: Quillfeather, Jana   MRN: A99812\nReferring physician: Zbornak\n\n"
END = "\nDiscussed with Dr. Karl Ostrander by phone.\nElectronically signed by Wexlerbaum"


def found(texts, **given):
    return {one.written: one for one in harvested(lambda: iter(texts), **given)}


def reports(*extra: str, count: int = 12):
    return [f"{HEADER}Study {n}. {BODY[n % 4]} {' '.join(extra)}{END}" for n in range(count)]


def test_a_new_word_is_found_in_its_company_with_the_number_of_reports():
    assert list(found(reports())) == ["Dexatrol", "sacral zygopexis"]
    one = found(reports())["sacral zygopexis"]
    assert (one.reports, one.may_be_name) == (12, False)
    assert one.weight > 1.5


def test_what_only_ever_has_a_capital_may_be_a_name():
    assert found(reports())["Dexatrol"].may_be_name


def test_capitals_say_nothing_in_a_text_of_capitals():
    assert all(one.may_be_name for one in found([text.upper() for text in reports()]).values())


@pytest.mark.parametrize("name", ["quillfeather", "jana", "zbornak", "ostrander", "karl", "wexlerbaum"])
def test_names_in_headers_signatures_and_after_titles_are_not_found(name):
    text = " ".join(found(reports("Ostrander was told."), min_reports=1)).lower()
    assert "sacral zygopexis" in text
    assert name not in text


@pytest.mark.parametrize(
    "header",
    [
        "Clinic for imaging of the greater valley area, 1200 Rumplestilt Lane\nFINDINGS: ",
        "Zebulon Rumplestilt\n12 Rumplestilt Lane\nMRN: 4\nFINDINGS\n",
        "Zebulon Q Rumplestilt   DOB: 1.1.1950  MRN: 3\n\n",
        "Patient Zebulon Rumplestilt\n\nFINDINGS: ",
        "EXAM: CT with Dexatrol\nPATIENT:\nZebulon Rumplestilt was seen here\nFINDINGS: Zebulon: ",
    ],
)
def test_nothing_of_a_header_is_found_and_no_line_is_joined_with_a_heading(header):
    listed = " ".join(found([f"{header}Study {n}. {BODY[n % 4]}" for n in range(12)])).lower()
    assert "sacral zygopexis" in listed
    assert "dexatrol" in listed
    assert not any(word in listed for word in ("zebulon", "rumplestilt", "lane", "findings"))


def test_a_long_line_of_names_does_not_go_on_in_the_next():
    line = "This is a long line of text below its heading that ends with Rumplestilt"
    texts = [f"FINDINGS: {line}\nDexatrol is seen, case {n}" for n in range(6)]
    assert not any("Rumplestilt Dexatrol" in phrase for phrase in found(texts))


def test_no_number_side_or_negation_is_in_a_phrase():
    words = " ".join(found(reports(), min_reports=1)).split()
    assert [word for word in words if is_critical(word)] == []


def test_what_stands_in_too_few_different_reports_is_not_found():
    texts = [*reports(), "Rare osteopoikilosis variant.", "Another osteopoikilosis variant.", *["Osteopetrosis x."] * 5]
    assert not {"osteopoikilosis", "osteopetrosis"} & {
        word for phrase in found(texts) for word in phrase.lower().split()
    }
    assert "osteopoikilosis variant" in found(texts, min_reports=2)


def test_a_slip_of_the_pen_is_not_a_new_word():
    texts = reports(count=60) + [f"Study {n}: sacral zygopexs." for n in range(3)]
    assert "zygopexs" not in " ".join(found(texts))


def test_a_phrase_of_known_words_that_stands_together_ranks_below_a_new_word():
    listed = list(found(reports("There is a bare area sign.")))
    assert "bare area sign" in listed
    assert listed.index("sacral zygopexis") < listed.index("bare area sign")


def test_a_wrapped_line_goes_on_and_a_short_one_ends():
    texts = [f"{'Nothing is remarkable in this long line of wrapped text, sacral'}\nzygopexis {n}" for n in range(3)]
    assert "sacral zygopexis" in found(texts)
    assert "sacral zygopexis" not in found([f"sacral\nzygopexis {n}" for n in range(3)])


def test_the_limit_keeps_the_best():
    assert list(found(reports(), limit=1)) == list(found(reports()))[:1]
