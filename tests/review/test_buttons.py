"""What is known of dictation microphones and pedals: every row is usable, and nothing that a button does can sign."""

import pytest

from dictation.lexicon import rows
from dictation.review.buttons import button_map

ACTIONS = {"dictate", "toggle", "stop", "next", "previous", "play", "accept", "undo", "redo"}
CERTAINTY = {"documented", "agreed", "reported", "unsure"}


def test_every_device_has_a_layout_with_a_button_that_dictates():
    layouts = button_map()["layouts"]
    for device in button_map()["devices"]:
        assert any(button["action"] == "dictate" for button in layouts[device["layout"]]), device["name"]
    assert {device["layout"] for device in button_map()["devices"]} == set(layouts)


def test_no_button_signs_and_every_action_is_a_known_key():
    named = {button["action"] for buttons in button_map()["layouts"].values() for button in buttons}
    assert named - {None} == ACTIONS


@pytest.mark.parametrize("layout", sorted(button_map()["layouts"]))
def test_no_two_buttons_of_a_layout_are_one(layout):
    buttons = button_map()["layouts"][layout]
    assert all(
        button["value"] and button["value"] & ~button["mask"] == 0 and button["mask"] < 256 for button in buttons
    )
    places = [(button["byte"], button["value"], button["mask"]) for button in buttons]
    assert len(set(places)) == len(places)


def test_no_device_is_read_in_two_ways():
    ids = [(one["vendorId"], one["productId"], one["usagePage"], one["usage"]) for one in button_map()["devices"]]
    assert len(set(ids)) == len(ids)


def test_how_sure_each_row_is_stands_beside_it():
    for name in ("dictation_microphones", "hid_buttons"):
        assert {row["certainty"] for row in rows(name)} <= CERTAINTY
