from dictation.evaluation import NORMALISERS, aligned, changed_claims, critical_tallies, term_tally
from dictation.evaluation.places import character_places, step_seconds
from dictation.speech import Word
from tests.corpus import Row, corpus
from tests.evaluation.test_grades import graded

clinical = NORMALISERS["clinical"]


@corpus(__file__)
def test_a_row_holds(row: Row):
    row.holds(globals())


def compared(one: str, other: str) -> str:
    return "alike" if clinical(one) == clinical(other) else "different"


def normalised(name: str, text: str) -> str:
    return NORMALISERS[name](text)


def grades(script: str, hypothesis: str) -> str:
    return ", ".join(sorted({grade for _, _, grade in graded(script, hypothesis)}))


def places(said: str, heard: str, duration_s: str) -> str:
    """Each word of the clinical form, and what of the text it stands for."""
    form = clinical(said).split()
    found = zip(form, character_places(form, said), strict=True)
    return " | ".join(f"{word}: {said[start:end]}" for word, (start, end) in found)


def changes(said: str, heard: str, duration_s: str) -> str:
    """What was heard otherwise, and when: each word heard lasts half a second, and the next begins a second later."""
    words = [Word(text=one, start_s=at, end_s=at + 0.5) for at, one in enumerate(heard.split())]
    steps = aligned(clinical(said), clinical(heard))
    spans = step_seconds(steps, words, float(duration_s) if duration_s else None)
    return ", ".join(f"{step.kind} {start_s:g}-{end_s:g}" for step, (start_s, end_s) in zip(steps, spans, strict=True))


def tallies(said: str, heard: str) -> str:
    """The classes that were said or heard wrongly: errors/words."""
    found = critical_tallies(said, heard).items()
    return ", ".join(f"{name} {one.errors}/{one.words}" for name, one in found if one.errors or one.words)


def terms(said: str, heard: str) -> str:
    found = term_tally(said, heard)
    return f"{found.errors}/{found.words}"


def claims(said: str, heard: str) -> str:
    """Claims: how many were said, lost, changed and added, errors/claims, and the kinds of alerts."""
    found = changed_claims(said, heard)
    told = f"{found.said} said, {found.lost} lost, {found.changed} changed, {found.added} added"
    return " · ".join([f"{told}, {found.tally.errors}/{found.tally.words}", *(card.kind for card in found.cards)])
