"""The last step: each heard word gets exactly one place in the dictation."""

from collections.abc import Sequence

from dictation.speech.transcript import Transcript
from dictation.wording.written import Command, Dictation, Retraction, Sentence


def settle(
    sentences: Sequence[Sentence],
    transcripts: Sequence[Transcript],
    commands: Sequence[Command],
    retracted: Sequence[Retraction],
) -> Dictation:
    """Return the dictation in which every word index stands in one place: alignment, `retracted` or `commands`.

    A word can be split ("effusion." is a word and a guessed mark) and its parts go different ways: a retraction wins
    over a command, a command over the text. A word of which nothing was written (a guessed mark that was dropped)
    joins the text that was written before it.
    """
    taken: set[int] = set()
    kept_retractions = []
    for retraction in retracted:
        own = tuple(sorted(set(retraction.words) - taken))
        taken.update(own)
        if own:
            kept_retractions.append(retraction.model_copy(update={"words": own}))
    kept_commands = []
    for command in commands:
        own = tuple(sorted(set(command.words) - taken))
        taken.update(own)
        if own:
            kept_commands.append(command.model_copy(update={"words": own}))
    aligned = {word for sentence in sentences for link in sentence.alignment for word in link.words} - taken
    count = sum(len(transcript.words) for transcript in transcripts)
    lost = [index for index in range(count) if index not in taken and index not in aligned]
    homes = _homes(lost, sentences, taken)
    settled = []
    for number, sentence in enumerate(sentences):
        links = []
        for place, link in enumerate(sentence.alignment):
            words = [word for word in link.words if word not in taken] + homes.get((number, place), [])
            links.append(link.model_copy(update={"words": tuple(sorted(words))}))
        settled.append(sentence.model_copy(update={"alignment": tuple(links)}))
    if lost and not sentences:
        kept_commands.append(Command(name="not written", words=tuple(lost)))
    kept_commands.sort(key=lambda command: command.words)
    kept_retractions.sort(key=lambda retraction: retraction.words)
    return Dictation(
        sentences=tuple(settled),
        transcripts=tuple(transcripts),
        commands=tuple(kept_commands),
        retracted=tuple(kept_retractions),
    )


def _homes(lost: Sequence[int], sentences: Sequence[Sentence], taken: set[int]) -> dict[tuple[int, int], list[int]]:
    """For each lost word the link (sentence, place) that was written last before it, else the first link."""
    places = sorted(
        (min(words), number, place)
        for number, sentence in enumerate(sentences)
        for place, link in enumerate(sentence.alignment)
        if (words := [word for word in link.words if word not in taken])
    )
    homes: dict[tuple[int, int], list[int]] = {}
    if not places:
        places = [(0, 0, 0)] if sentences else []
    position = 0
    for index in lost:
        while position + 1 < len(places) and places[position + 1][0] < index:
            position += 1
        if places:
            _, number, place = places[position]
            homes.setdefault((number, place), []).append(index)
    return homes
