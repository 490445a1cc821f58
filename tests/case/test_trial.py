"""Words of a user are tried on earlier dictations: what they put right and make wrong is counted."""

from dictation.case.trial import Earlier, trial
from dictation.errors import DictationError
from dictation.lexicon import EMPTY_VOCABULARY, Misheard, Phrase, Vocabulary
from tests.wording.dictating import transcript

ZORVAX = Vocabulary(phrases=(Phrase(written="Zorvax", spoken="zorbax"),))


def earlier(heard, text, **sound):
    return Earlier((transcript(heard),), text, **sound)


def test_words_put_right_and_words_made_wrong_are_counted_apart():
    right = earlier("there is zorbax at the base period", "There is Zorvax at the base.")
    wrong = earlier("the company zorbax made it period", "The company zorbax made it.")
    neither = earlier("clear lungs period", "Clear lungs.")
    found = trial([right, wrong, neither], EMPTY_VOCABULARY, ZORVAX)
    assert (found.dictations, found.right, found.wrong, found.heard_s) == (3, 1, 1, 0)
    assert not found.helps
    assert trial([right, neither], EMPTY_VOCABULARY, ZORVAX).helps
    assert not trial([neither], EMPTY_VOCABULARY, ZORVAX).helps


def test_a_misheard_pair_changes_a_word_only_beside_its_company():
    pair = Vocabulary(misheard=(Misheard(heard="tissue", meant="issue", before="known"),))
    said = earlier("known tissue with soft tissue swelling period", "Known issue with soft tissue swelling.")
    found = trial([said], EMPTY_VOCABULARY, pair)
    assert (found.right, found.wrong) == (1, 0)


def test_sound_is_heard_again_within_its_budget_and_the_rest_goes_by_text():
    asked = []

    def hear(vocabulary):
        asked.append(vocabulary)
        return (transcript("there is zorvax at the base period" if vocabulary == ZORVAX else "there is zorro packs"),)

    said, text = "there is zorro packs", "There is Zorvax at the base."
    sounds = [earlier(said, text, sound_s=50.0, hear=hear) for _ in range(3)]
    found = trial(sounds, EMPTY_VOCABULARY, ZORVAX, sound_s=120.0)
    assert found.heard_s == 100.0
    assert asked == [EMPTY_VOCABULARY, ZORVAX] * 2
    assert (found.right, found.heard_wrong) == (0, 0) and found.heard_right > 0 and found.helps


def test_a_dictation_whose_sound_is_gone_counts_by_what_was_heard():
    def hear(vocabulary):
        raise DictationError("gone")

    said = earlier("there is zorbax period", "There is Zorvax.", sound_s=5.0, hear=hear)
    found = trial([said], EMPTY_VOCABULARY, ZORVAX, sound_s=60.0)
    assert (found.right, found.heard_s) == (1, 0)
