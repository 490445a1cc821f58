"""Corrections by hand where a vocabulary or a spelling is set; all else of them is in `corpus`."""

from dictation.lexicon import Phrase, Vocabulary
from dictation.wording import Rules
from dictation.wording.pad import Correction
from dictation.wording.pad_corrections import learnable
from dictation.wording.typed_over import typed_over_critical
from tests.wording.pads import empty, over, say


def test_what_the_vocabulary_holds_is_not_learned_again():
    known = Vocabulary(phrases=(Phrase(written="Zorvax", spoken="zorbax"),))
    assert learnable([Correction(heard="zorbax", typed="Zorvax")] * 2, known) == ()


def test_british_words_are_compared_with_british_ones():
    pad = over(say(empty(), "no left edema period", rules=Rules(spelling="british")), "left oedema", "oedema")
    assert typed_over_critical(pad.dictation) == (("left", ""),)
