"""What the ear may expect in this very case: the user's phrases, then terms of the order, then those of the template.

Only for turning the recognizer (`Job.vocabulary`, `Stretch.vocabulary`): what is written follows the user's vocabulary
alone. Sides, negations, numbers and units are never expected, so that the ear is not turned towards what would harm,
nor is anything that may name a person: the order's identity, words after a title, names, words that no report uses.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, islice, zip_longest

from dictation.exam import Order
from dictation.lexicon import EMPTY_VOCABULARY, Phrase, Vocabulary, rows
from dictation.lexicon.english import is_name, is_ordinary
from dictation.lexicon.runs import inside, is_titled, runs, trimmed
from dictation.lexicon.terms import is_known
from dictation.report import Template

MAX_PHRASES = 200  # the user's and the expected ones together; the user's are kept whatever their number
MAX_WORDS = 4  # of one expected phrase
EXPECTED_WEIGHT = 0.5  # at most; always less than that of any phrase of the user


def expected(
    vocabulary: Vocabulary = EMPTY_VOCABULARY, order: Order | None = None, template: Template | None = None
) -> Vocabulary:
    """Return the vocabulary by which the recognizer is turned in this case.

    The user's phrases come first and keep their weights. Terms of the order, then of the template follow with less
    weight, as long as there are fewer than MAX_PHRASES. A recognizer that can only take a few takes the first.
    """
    known = {form.lower() for phrase in vocabulary.phrases for form in (phrase.written, phrase.spoken) if form}
    terms = chain(_of_order(order) if order else (), _of_template(template) if template else ())
    weight = min([EXPECTED_WEIGHT, *(phrase.weight / 2 for phrase in vocabulary.phrases if phrase.weight > 0)])
    new = (Phrase(written=term, weight=weight) for term in _each_once(terms, known))
    return Vocabulary(phrases=(*vocabulary.phrases, *islice(new, max(0, MAX_PHRASES - len(vocabulary.phrases)))))


def _each_once(terms: Iterable[str], known: set[str]) -> Iterator[str]:
    for term in terms:
        if term.lower() not in known:
            known.add(term.lower())
            yield term


def _of_order(order: Order) -> Iterator[str]:
    """The terms of the procedure, the body part and the indication, without anything that may name a person."""
    identity = f"{order.name} {order.patient_id} {order.accession}".lower()
    names = {part for part in re.split(r"[\W\d_]+", identity) if part}
    for text in (order.procedure, order.body_part, order.indication):
        has_case = any(character.islower() for character in text)
        yield from _terms(text, names, has_case)


def _terms(text: str, names: set[str], has_case: bool = True) -> Iterator[str]:
    """The phrases of a text; a long run of words gives its single words. Without case a text is read as lower case."""
    for run in runs(text):
        kept: list[str] = []
        for place, word in enumerate(run):
            if _may_be_a_person(run, place, names, has_case):
                yield from _phrases(kept)
                kept = []
            else:
                kept.append(_shown(word, has_case))
        yield from _phrases(kept)


def _phrases(words: list[str]) -> Iterator[str]:
    words = trimmed(words)
    if 0 < len(words) <= MAX_WORDS:
        yield " ".join(words)
    elif words:
        yield from trimmed([word for word in words if len(word) > 3 and trimmed([word])])


def _may_be_a_person(run: tuple[str, ...], place: int, names: set[str], has_case: bool) -> bool:
    """True for a part of the patient's name, a word after a title, a name, and a capitalised word no report uses."""
    word = run[place]
    lower = word.lower()
    if names.intersection(re.split(r"[^\w]+", lower)) or is_titled(run, place):
        return True
    if is_known(lower):
        return False
    if not has_case or (word[0].isupper() and not word.isupper()):
        return not is_ordinary(lower)
    return is_name(lower.capitalize()) and not is_ordinary(lower)


def _shown(word: str, has_case: bool) -> str:
    """The word as a report writes it inside a sentence; capitals of the order's own ("ECMO") stay."""
    shown = inside(word)
    return word if has_case and word.isupper() and shown.islower() and not is_known(shown) else shown


def _of_template(template: Template) -> Iterator[str]:
    """The headings and own words of a template, then what reports say of its organs: of each in turn."""
    own = (text for organ in template.organs for text in (organ.heading, *organ.keywords))
    covered = dict.fromkeys(organ for heading in template.organs for organ in heading.covers)
    in_turn = zip_longest(*(_said_of(organ) for organ in covered))
    for phrase in chain(own, chain.from_iterable(in_turn)):
        words = next(runs(phrase or ""), ())
        if phrase and len(words) == len(phrase.split()):  # whole: of "right heart strain" nothing is expected
            yield from _phrases([_shown(word, True) for word in words])


@cache
def _said_of(organ: str) -> tuple[str, ...]:
    """The names of findings of an organ, then the words that name the organ."""
    findings = [row["terms"].split(" | ")[0] for row in rows("findings") if row["organ"] == organ]
    keywords = [word for row in rows("organs") if row["organ"] == organ for word in row["keywords"].split(" | ")]
    return (*findings, *keywords)
