"""A real server and pages that speak its protocol: what is cut, killed or left loses nothing and doubles nothing."""

import pytest

from dictation.audio.capture import to_pcm
from dictation.review.app import launch
from dictation.review.engines import Engines
from dictation.review.listening import BLOCK_SAMPLES
from dictation.settings import Settings
from dictation.speech.medasr.recognizer import MedASRRecognizer
from tests.review.wire_page import WirePage
from tests.speech.live_sessions import blocks, holds_in_order, said
from tests.speech.tiny_lasr import SMALL_LASR


@pytest.fixture(scope="module")
def small_ear(own_folders):
    """A real recognizer of the house, small enough to be loaded in a second."""
    return MedASRRecognizer.load(SMALL_LASR, Settings(medasr_precision="float32"))


@pytest.fixture
def served(small_ear, settings, tmp_path):
    served = launch(Engines(small_ear), settings.model_copy(update={"home": tmp_path / "home"}), 0)
    yield served
    served.close()


def sound_of(*names: str) -> list[bytes]:
    """Blocks of what somebody says, as a page sends them."""
    return [to_pcm(block) for block in blocks(said(*names), BLOCK_SAMPLES)]


def test_a_page_dictates_types_signs_and_adds_over_the_wire(served):
    with WirePage(served.url) as page:
        case = page.new()
        page.type("Heart normal. ")
        take = page.begin()
        sound = sound_of("effusion", "lungs")
        page.dictate(take, sound, block_s=0)
        page.settle()
        page.until(lambda: page.state["case"]["stage"] == "review")
        assert page.text.startswith("Heart normal. ")
        assert holds_in_order(page.text.lower().split(), "effusion", "lungs")
        assert (take.saved, take.times_sent, page.refused) == (len(sound), len(sound), [])
        assert page.obeyed("sign", author="Dr. A. Example")["state"] == "final"
        page.obeyed("addendum", reason="a rib was overlooked")
        page.until(lambda: page.text == "")
        page.type("There is a rib fracture.")
        page.obeyed("compare")
        page.until(lambda: page.state["case"]["stage"] == "review")
        assert page.obeyed("sign", author="Dr. A. Example")["state"] == "addended"
    records = served.cases.desk.records
    assert [version.state for version in records.versions(case)] == ["final", "addended"]
    assert records.verify() == ()
