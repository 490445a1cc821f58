import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dictation.errors import ModelError
from dictation.models.answer import parsed, without_thought
from dictation.models.schema import choice, longest_answer, many, record, text, violation, without_lengths

SCHEMA = record(side=choice("left", "right"), items=many(record(ids=many(choice("s1", "s2"), 2), words=text(9)), 3))
GOOD = {"side": "left", "items": [{"ids": ["s2"], "words": "a small"}]}
answers = st.fixed_dictionaries(
    {
        "side": st.sampled_from(["left", "right"]),
        "items": st.lists(
            st.fixed_dictionaries(
                {
                    "ids": st.lists(st.sampled_from(["s1", "s2"]), max_size=2),
                    "words": st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=9),
                }
            ),
            max_size=3,
        ),
    }
)
BROKEN = {
    "the answer is no object": [GOOD],
    "lacks 'side'": {"items": []},
    "a key that was not asked for": GOOD | {"note": "left"},
    "'side' of the answer is none of the 2 choices": GOOD | {"side": "middle"},
    "'side' of the answer is no text": GOOD | {"side": 1},
    "'items' of the answer is no list": GOOD | {"items": {}},
    "'items' of the answer has 4 items": GOOD | {"items": GOOD["items"] * 4},
    "'words' of item 1 of 'items' of the answer has 0 characters": GOOD | {"items": [{"ids": [], "words": ""}]},
    "has 10 characters": GOOD | {"items": [{"ids": [], "words": "x" * 10}]},
    "item 2 of 'ids' of item 1": GOOD | {"items": [{"ids": ["s1", "s3"], "words": "x"}]},
    "half a character": GOOD | {"items": [{"ids": [], "words": "\ud83d"}]},
}


@given(answers)
def test_what_keeps_to_the_schema_passes_and_fits_the_bound(answer):
    compact = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    assert parsed(compact, SCHEMA, "test") == answer
    assert len(compact.encode()) <= longest_answer(SCHEMA)


@pytest.mark.parametrize("told", BROKEN)
def test_what_breaks_the_schema_is_told_without_the_words(told):
    with pytest.raises(ModelError) as caught:
        parsed(json.dumps(BROKEN[told]), SCHEMA, "server")
    assert told in str(caught.value)
    assert "middle" not in str(caught.value)


def test_lengths_of_texts_are_left_out_and_nothing_else():
    sent = without_lengths(SCHEMA)
    assert "Length" not in json.dumps(sent)
    assert sent["properties"]["items"]["maxItems"] == 3
    assert SCHEMA["properties"]["items"]["items"]["properties"]["words"]["maxLength"] == 9
    assert violation(GOOD, sent) == ""


def test_an_unknown_keyword_is_not_passed_over():
    with pytest.raises(ValueError, match="keywords that are not checked"):
        violation("a", {"type": "string", "pattern": "b"})


@pytest.mark.parametrize("text_", ["", "{", "[" * 100_000, "null", "Sure! {}"])
def test_what_is_no_json_object_is_an_error(text_):
    with pytest.raises(ModelError):
        parsed(text_, SCHEMA, "server")


def test_only_a_reasoning_trace_at_the_start_is_dropped():
    assert without_thought("<unused94>thought\nleft?<unused95>{}") == "{}"
    assert without_thought("<unused94>thought that never ends") == ""
    assert without_thought('{"text": "<unused95>"}') == '{"text": "<unused95>"}'
