"""What is said and typed, and what is written for it: the rows of `corpus/*.tsv`.

Behind the written text stand, each after a "·", the commands that were obeyed and, behind "←", what was taken back:
"Right lower lobe · correct correction ← left". Every check also holds that each word said has one place.

Steps in a text that is dictated and typed in are parted by " | ": words are dictated where the text is open or, behind
"@word ", in front of that word ("@^ ": at the beginning, "@$ ": at the end, "@.word ": behind it), "> words" is an
utterance that may be a command, "[old→new]" is typed over, letter by letter as "[old⇢new]", "[old+new]" is typed behind
the old. "(2) words" are said in a second recording.
"""

import re

from dictation.discrepancy import compare
from dictation.lexicon import EMPTY_VOCABULARY, Phrase, Vocabulary
from dictation.report import ExtractiveWriter
from dictation.speech import Transcript, Word
from dictation.wording import Dictation, Sentence, correct_terms, typed, write
from dictation.wording.figures import write_figures
from dictation.wording.numbers import parse_number
from dictation.wording.pad import Correction, Pad
from dictation.wording.pad_corrections import learnable as may_be_learned
from dictation.wording.pad_corrections import new_words as new_words_of
from dictation.wording.said import Said
from dictation.wording.typed_over import typed_over as typed_over_in
from dictation.wording.typed_over import typed_over_critical
from tests.corpus import Row, corpus
from tests.wording import dictating, pads, spoken
from tests.wording.dictating import ENGINE, marking, places, transcript

MACROS = ("Normal chest", "Normal")
CORRECTED = re.compile(r"(?:(?P<before>\S+) _ )?(?P<heard>[^→]+)→(?P<typed>[^_]+)(?: _ (?P<after>\S+))?")


@corpus(__file__)
def test_a_row_of_the_corpus(row: Row) -> None:
    row.holds(globals())


def whole(dictation: Dictation) -> Dictation:
    assert places(dictation) == list(range(len(dictation.words)))
    return dictation


def shown(dictation: Dictation) -> str:
    """The text, the commands and what was taken back."""
    commands = [f" · {one.name} {one.argument}".rstrip() for one in dictation.commands]
    return dictation.text + "".join([*commands, *(f" ← {one.text}" for one in dictation.retracted)])


def in_sections(sentences: tuple[Sentence, ...]) -> str:
    return " | ".join(f"{one.section or '-'}: {one.text}" for one in sentences)


def written(said: str) -> str:
    return shown(whole(dictating.dictated(said)))


def british(said: str) -> str:
    return shown(whole(dictating.dictated(said, spelling="british")))


def sections(said: str) -> str:
    return in_sections(whole(dictating.dictated(said)).sentences)


def paused(said: str) -> str:
    """The sections of a dictation in which "(0.6)" is a pause of so many seconds, and all words else are close."""
    words, at_s = [], 0.0
    for piece in said.split():
        if pause := re.fullmatch(r"\(([0-9.]+)\)", piece):
            at_s += float(pause[1])
        else:
            words.append(Word(text=piece, start_s=at_s, end_s=at_s + 0.3, confidence=0.9))
            at_s += 0.35
    recording = Transcript(recording="r", words=tuple(words), engine=ENGINE, duration_s=at_s)
    return in_sections(whole(write([recording])).sentences)


def tied(said: str) -> str:
    """Each piece of the text with the numbers of its words, "~heard" where it was put right, "?" where doubtful."""
    dictation = whole(dictating.dictated(said))
    pieces = [
        sentence.text[slice(*link.span)]
        + "="
        + ",".join(map(str, link.words))
        + f"~{link.heard}" * link.corrected
        + "?" * link.doubtful
        for sentence in dictation.sentences
        for link in sentence.alignment
    ]
    pieces += [f"· {one.name} {one.argument}={','.join(map(str, one.words))}" for one in dictation.commands]
    pieces += [f"← {one.text} ({one.command})={','.join(map(str, one.words))}" for one in dictation.retracted]
    return " ".join(pieces)


def asked(said: str) -> str:
    """The text, and how grave each question is that the review asks about it."""
    dictation = whole(dictating.dictated(said))
    alerts = compare(dictation, ExtractiveWriter().write(dictation))
    return f"{dictation.text} · {' '.join(one.severity for one in alerts)}".rstrip()


def marked(said: str) -> str:
    """Of a recognizer that marks commands: those in braces are some, those behind "~" may be, no other word is."""
    return shown(whole(write([marking(said)])))


def marked_sections(said: str) -> str:
    return in_sections(whole(write([marking(said)])).sentences)


def without_guesses(said: str) -> str:
    """What is written where marks that the recognizer guessed are left out."""
    return shown(whole(write([marking(said)], guessed_punctuation="drop")))


def figures(said: str) -> str:
    """The text with its figures in brackets; every other word is as it was heard."""
    heard = spoken.heard(said)
    tokens = write_figures(heard)
    assert all(token in heard for token in tokens if token.kind != "number")
    assert write_figures(tokens) == tokens
    return spoken.written(said)


def british_figures(said: str) -> str:
    return spoken.written(said, spelling="british")


def value(said: str) -> str:
    """The value of words that are one number, with the zeros that were said."""
    number = parse_number(said.split())
    return "no number" if number is None else str(number)


def terms(said: str, own: str) -> str:
    """Misheard terms put right, with a user's own phrases ("written" or "written=spoken", parted by " | ")."""
    words = marking(said).words if "{" in said else [Word(text=text) for text in said.split()]
    return " ".join(word.text for word in correct_terms(words, _own(own)))


def written_with(said: str, own: str) -> str:
    return shown(whole(write([marking(said) if "{" in said else transcript(said)], _own(own))))


def _own(phrases: str) -> Vocabulary:
    pairs = [phrase.partition("=") for phrase in phrases.split(" | ") if phrase]
    return Vocabulary(phrases=tuple(Phrase(written=name, spoken=said or None) for name, _, said in pairs))


def typed_sections(text: str) -> str:
    dictation = typed(text)
    assert pads.type_in(Pad(), 0, 0, text).dictation == dictation
    assert dictation.words == () and all(one.origin == "typed" and not one.alignment for one in dictation.sentences)
    return in_sections(dictation.sentences)


def document(steps: str) -> str:
    """The text after all steps, and what was taken back."""
    pad = after(steps)[0]
    return pad.text + "".join(f" ← {one.text}" for one in pad.dictation.retracted)


def sentences(steps: str) -> str:
    """The ids of the sentences: a sentence keeps its own, and no other ever gets it."""
    return " | ".join(f"{one.id}: {one.text}" for one in after(steps)[0].dictation.sentences)


def spans(steps: str) -> str:
    """The stretches of the text that were dictated: in which recording, whether put right, and what they say of it."""
    pad = after(steps)[0]
    return " | ".join(
        f"{pad.text[span.start : span.end]} ({span.take + 1}{', put right' * span.corrected})"
        + f" {span.title or ''}".rstrip()
        for span in pad.spans()
        if span.start_s is not None
    )


def command(steps: str) -> str:
    """The text after all steps, with "‸" where the cursor is, and what the last utterance was: a command or text."""
    pad, place, said = after(steps)
    name = f"{said.name} {said.argument}".strip() if said and not said.is_text else "text"
    refused = f" ({said.refusal})" if said and said.refusal else ""
    return f"{pad.text[:place]}‸{pad.text[place:]} · {name}{refused}"


def corrections(steps: str) -> str:
    """What was typed for what was heard, with the words heard beside it."""
    return " | ".join(
        f"{one.before} _ {one.heard}→{one.typed} _ {one.after}".removeprefix(" _ ").removesuffix(" _ ")
        for one in after(steps)[0].corrections
    )


def typed_over(steps: str) -> str:
    """Critical words that were typed over: heard → typed, the words that show it, and the words whose sound is it."""
    dictation = after(steps)[0].dictation
    found = typed_over_in(dictation)
    assert tuple({(one.heard, one.typed): None for one in found}) == typed_over_critical(dictation)
    sentences = {one.id: one.text for one in dictation.sentences}
    return " | ".join(
        f"{one.heard}→{one.typed} ({sentences[one.sentence][slice(*one.span)]}: "
        f"{' '.join(dictation.words[word].text for word in one.words)})"
        for one in found
    )


def learnable(made: str) -> str:
    """What may be learned of corrections, written as `corrections` writes them: each phrase, or pair of words."""
    found = may_be_learned([_correction(one) for one in made.split(" | ")], EMPTY_VOCABULARY)
    return " | ".join(
        f"{one.written}={one.spoken}".removesuffix("=None")
        if isinstance(one, Phrase)
        else f"{one.before} _ {one.heard}→{one.meant} _ {one.after}".removeprefix(" _ ").removesuffix(" _ ")
        for one in found
    )


def new_words(made: str) -> str:
    return " ".join(new_words_of(_correction(made)))


def _correction(text: str) -> Correction:
    found = CORRECTED.fullmatch(text)
    assert found, text
    return Correction(**{name: said for name, said in found.groupdict().items() if said})


def after(steps: str) -> tuple[Pad, int, Said | None]:
    """The text, the place of the cursor and the last command, after all steps."""
    pad, place, said = pads.empty("r", "s"), None, None
    for step in steps.split(" | "):
        take = 1 if step.startswith("(2) ") else 0
        step = step.removeprefix("(2) ")
        if found := re.fullmatch(r"@(\.?)(\S+)(?: (.*))?", step):
            place = {"^": 0, "$": len(pad.text)}.get(found[2])
            if place is None:
                place = pad.text.index(found[2]) + len(found[2]) * bool(found[1])
            step = found[3] or ""
        if found := re.fullmatch(r"\[(.*)([→⇢+])(.*)\]", step):
            old, way, new = found.groups()
            end = pad.text.index(old) + len(old)
            pad = pads.type_in(pad, end, end, new) if way == "+" else pads.over(pad, old, new, by_letters=way == "⇢")
        elif step.startswith("> "):
            pad, place, said = pads.obey(pad, step[2:], at=place, macros=MACROS, take=take)
        elif step:
            pad, said = pads.say(pad, step, at=place, take=take), None
            place = None
        pads.checked(pad)
    return pad, len(pad.text) if place is None else place, said
