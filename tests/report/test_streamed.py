"""Statements come out of an answer as soon as they are complete, however the answer is cut."""

import json

import pytest

from dictation.report.streamed import StreamedItems

ITEMS = [
    {"place": "exam", "evidence": [], "text": 'A "quoted" brace } and ] and \\ at the end \\'},
    {"place": "impression", "evidence": ["s1", "s2"], "text": "Größe 5 µm {[\n\t"},
    {"place": "findings: Lungs", "evidence": ["s3"], "text": ""},
]
COMPACT = json.dumps({"statements": ITEMS}, ensure_ascii=False, separators=(",", ":"))
SPACED = json.dumps({"statements": ITEMS}, indent=3)


@pytest.mark.parametrize("answer", [COMPACT, SPACED])
def test_every_cut_gives_the_same_items(answer):
    for first in range(len(answer) + 1):
        for second in range(first, min(first + 40, len(answer) + 1)):
            items = StreamedItems()
            found = [item for piece in _cut(answer, first, second) for item in items.feed(piece)]
            assert found == ITEMS


def test_letter_by_letter_each_item_comes_with_its_last_brace():
    items, came = StreamedItems(), []
    for place, letter in enumerate(COMPACT):
        came += [(place, item) for item in items.feed(letter)]
    ends = [COMPACT.index(compact) + len(compact) - 1 for compact in map(_compact, ITEMS)]
    assert came == list(zip(ends, ITEMS, strict=True))


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"statements": []}', "no JSON at all", '{"statements": [{"text": "cut', "]]}}", '{"a": [{"b": tru}]}'],
)
def test_what_is_no_item_is_passed_over(text):
    assert StreamedItems().feed(text) == []


def _cut(text, first, second):
    return text[:first], text[first:second], text[second:]


def _compact(item):
    return json.dumps(item, ensure_ascii=False, separators=(",", ":"))
