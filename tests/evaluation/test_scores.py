import jiwer
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dictation.evaluation import NORMALISERS, Step, Tally, aligned, char_tally, deletion_bursts, pooled, word_tally

WORDS = ["no", "left", "right", "effusion", "1.5 cm", "15", "mm", "L4-L5", "patient's", "the", "Mild,", "colon", "°"]
texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
recordings = st.lists(st.tuples(texts, texts), min_size=1, max_size=6)


@given(recordings)
@pytest.mark.parametrize("name", NORMALISERS)
@pytest.mark.parametrize(
    ("tally", "peer"), [(word_tally, jiwer.wer), (char_tally, jiwer.cer)], ids=["words", "characters"]
)
def test_pooled_rates_are_those_of_jiwer(name, tally, peer, recordings):
    normalised = NORMALISERS[name]
    said, heard = ([normalised(text) for text in side] for side in zip(*recordings, strict=True))
    assume(any(said))
    ours = pooled(tally(one, two, name) for one, two in recordings)
    assert ours.rate == pytest.approx(peer(said, heard), abs=1e-9)


@given(texts, texts)
def test_an_alignment_holds_both_texts_and_the_errors_of_jiwer(said, heard):
    steps = aligned(said, heard)
    assert [step.said for step in steps if step.kind != "insertion"] == said.split()
    assert [step.heard for step in steps if step.kind != "deletion"] == heard.split()
    peer = jiwer.process_words(said, heard)
    counts = [sum(step.kind == kind for step in steps) for kind in ("hit", "substitution", "deletion", "insertion")]
    assert counts == [peer.hits, peer.substitutions, peer.deletions, peer.insertions]
    assert all((step.said == step.heard) == (step.kind == "hit") for step in steps)


def test_a_missing_hypothesis_is_all_deletions():
    assert word_tally("no left effusion", "", "clinical") == Tally(3, 3)
    assert {step.kind for step in aligned("no left effusion", "")} == {"deletion"}


def test_a_reference_without_words_has_no_rate_and_all_that_was_heard_is_inserted():
    assert word_tally("", "thank you", "clinical") == Tally(2, 0)
    assert Tally(2, 0).rate is None
    assert aligned("", "thank you") == (Step("insertion", "", "thank"), Step("insertion", "", "you"))
    assert char_tally("", "", "clinical") == Tally(0, 0)


def test_bursts_are_runs_of_lost_words():
    steps = aligned("a b c d e f g h i j", "a e f x j")
    assert deletion_bursts(steps) == (3,)
    assert deletion_bursts(steps, least=2) == (3, 2)
    assert deletion_bursts(aligned("a b c", "")) == (3,)
    assert deletion_bursts(aligned("a b c", "a b c")) == ()
