"""What a person corrected by hand in a case: in the text of the dictation, and in the sentences of the report."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from dictation.case.draft import Draft
from dictation.wording.pad import Correction, Pad
from dictation.wording.pad_corrections import MARKS, MOST_WORDS
from dictation.wording.written import Dictation, Sentence

_WORD, _NAME = re.compile(r"\S+"), re.compile(r"[^\W\d_]+")


def corrections_of(draft: Draft, pad: Pad) -> tuple[Correction, ...]:
    """All corrections of a case, those of the dictation first. `pad` is its text as it is now.

    Without those that write the patient's name: it is no word to be learned.
    """
    found = (*pad.corrections, *_of_report(draft, pad.dictation))
    names = {word for order in draft.orders for word in _NAME.findall((order.name or "").lower())}
    return tuple(one for one in found if names.isdisjoint(_NAME.findall(one.typed.lower())))


def corrected_text(draft: Draft, pad: Pad) -> str:
    """The text of the dictation as its author meant it: with what was corrected in the report alone put in."""
    text = pad.text
    for one in _of_report(draft, pad.dictation):
        typed = one.typed.replace("\\", r"\\")
        text = re.sub(rf"(?<!\w){re.escape(one.heard)}(?!\w)", typed, text, flags=re.IGNORECASE)
    return text


def _of_report(draft: Draft, dictation: Dictation) -> Iterator[Correction]:
    """A few words of a statement that a person wrote over, where its dictated sentence says them as they were."""
    sentences = {sentence.id: sentence for sentence in dictation.sentences}
    for edit in draft.edits:
        if not edit.before or not edit.after:
            continue
        before, after = edit.before.split(), edit.after.split()
        forms = [[_plain(word) for word in words] for words in (before, after)]
        for kind, first, last, start, stop in SequenceMatcher(a=forms[0], b=forms[1], autojunk=False).get_opcodes():
            if kind != "replace" or max(last - first, stop - start) > MOST_WORDS:
                continue
            for id in edit.evidence:
                if id in sentences and (found := _heard(dictation, sentences[id], forms[0][first:last])):
                    typed = " ".join(after[start:stop]).strip(MARKS)
                    yield found.model_copy(update={"typed": typed})
                    break


def _heard(dictation: Dictation, sentence: Sentence, words: list[str]) -> Correction | None:
    """The words as the recognizer gave them, without what was typed; None where the sentence does not say them."""
    places = list(_WORD.finditer(sentence.text))
    forms = [_plain(place.group()) for place in places]
    for at in range(len(forms) - len(words) + 1):
        if forms[at : at + len(words)] == words:
            start, stop = places[at].start(), places[at + len(words) - 1].end()
            heard = _words(dictation, sentence, start, stop)
            beside = _words(dictation, sentence, 0, start), _words(dictation, sentence, stop, len(sentence.text))
            if heard and " ".join(heard) == " ".join(words):
                before, after = beside[0][-1:], beside[1][:1]
                return Correction(heard=" ".join(heard), typed=" ", before="".join(before), after="".join(after))
    return None


def _words(dictation: Dictation, sentence: Sentence, start: int, stop: int) -> list[str]:
    """What was heard as characters [start, stop) of a sentence, in small letters without marks."""
    links = (link for link in sentence.alignment if link.span[0] < stop and start < link.span[1])
    return [_plain(dictation.words[number].text) for link in links for number in link.words]


def _plain(word: str) -> str:
    return word.lower().strip(MARKS)
