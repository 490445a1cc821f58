"""Train, dev and test apart: a split is checked for what the test shares with training, or made where none is given.

A test that holds a sentence, a voice or a recording of the training measures memory. Messages name lines, never words.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from dictation.errors import InputError
from dictation.speech.medasr.finetuning.examples import Example, Split, lines_named
from dictation.speech.medasr.finetuning.scoring import normalised
from dictation.speech.medasr.finetuning.utterances import Utterance

HELD_OUT_SHARE = 0.1  # of the utterances, for dev and for test each
MIN_GROUPS = 3
Line = Example | Utterance
Trait = Callable[[Line], Hashable]  # what two lines may share; "" or None where it is not known


def sentence(line: Line) -> Hashable:
    """The words of a line, as they are compared for scores."""
    return " ".join(normalised(line.text))


def speaker(line: Line) -> Hashable:
    """Who speaks, "" where the list does not say."""
    return line.speaker.casefold()


def _recording(line: Line) -> Hashable:
    return line.recording if isinstance(line, Utterance) else None


def _sound(line: Line) -> Hashable:
    return line.sound if isinstance(line, Utterance) else None


_TRAITS: tuple[
    tuple[str, Trait, tuple[Split, ...]], ...
] = (  # what it is, how it is read, where the test's must not be
    ("sentence", sentence, ("train", "dev")),
    ("speaker", speaker, ("train",)),
    ("recording", _recording, ("train", "dev")),
    ("sound", _sound, ("train", "dev")),
)


def check_leaks(lines: Sequence[Line], shown: str) -> None:
    """Raise InputError where the test shares something with training. `shown` names the list in the message.

    The dev set chooses the best model, so it counts as training, but for its voices.
    """
    found: list[str] = []
    for name, trait, elsewhere in _TRAITS:
        by_trait: dict[Hashable, list[Line]] = defaultdict(list)
        for line in lines:
            if line.split and trait(line):
                by_trait[trait(line)].append(line)
        shared = [
            group
            for group in by_trait.values()
            if {line.split for line in group}.issuperset({"test"}) and {line.split for line in group} & {*elsewhere}
        ]
        if shared:
            of_test = [line.line for group in shared for line in group if line.split == "test"]
            of_others = [line.line for group in shared for line in group if line.split in elsewhere]
            found.append(f"a {name} of {lines_named(of_test)} (test) is in {lines_named(of_others)} (training)")
    if found:
        raise InputError(
            f"{shown}: the test would measure memory: {'; '.join(found)}. Take them out of one side, or leave the "
            "column split out and one is made."
        )


def made(utterances: Sequence[Utterance], seed: int) -> tuple[list[Utterance], str]:
    """Return the utterances with a split made for them, the same for the same seed, and how it was made.

    What shares a sentence, a recording or a speaker stays together. Where that leaves fewer than three groups (one
    speaker, or all read the same), speakers are not kept apart, and the answer says so. Raises InputError where there
    are not even three sentences.
    """
    apart = [trait for _, trait, _ in _TRAITS]
    groups, how = _groups(utterances, apart), "by sentence, recording and speaker"
    if len(groups) < MIN_GROUPS:
        groups = _groups(utterances, [trait for trait in apart if trait is not speaker])
        how = "by sentence and recording; voices of the test are in the training, too"
    elif not all(speaker(one) for one in utterances):
        how = "by sentence and recording; who speaks is not known everywhere, so the test may hold trained voices"
    if len(groups) < MIN_GROUPS:
        raise InputError(
            f"a split needs at least {MIN_GROUPS} groups of utterances that share no sentence and no recording; add "
            "more recordings or a column split."
        )
    split_of = _drawn(groups, len(utterances), seed)
    return [replace(one, split=split_of[one.line]) for one in utterances], how


def _drawn(groups: list[list[Utterance]], count: int, seed: int) -> dict[int, Split]:
    """Draw whole groups for test and dev, about their share of the utterances; the largest group is trained on."""
    largest = max(groups, key=len)
    rest = [group for group in groups if group is not largest]
    left = [rest[index] for index in np.random.default_rng(seed).permutation(len(rest))]
    wanted = max(1, round(HELD_OUT_SHARE * count))
    split_of: dict[int, Split] = {one.line: "train" for group in groups for one in group}
    for split, spared in (("test", 1), ("dev", 0)):
        taken: list[list[Utterance]] = []
        for group in left[: len(left) - spared]:
            if sum(map(len, taken)) + len(group) <= wanted:
                taken.append(group)
        taken = taken or [min(left, key=len)]
        left = [group for group in left if not any(group is one for one in taken)]
        split_of.update({one.line: cast(Split, split) for group in taken for one in group})
    return split_of


def _groups(utterances: Sequence[Utterance], traits: Iterable[Trait]) -> list[list[Utterance]]:
    """The utterances in groups that share none of the traits with each other, in the order of their first lines."""
    parent = list(range(len(utterances)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for number, trait in enumerate(traits):
        first: dict[Hashable, int] = {}
        for index, one in enumerate(utterances):
            if trait(one):
                other = first.setdefault((number, trait(one)), index)
                parent[root(index)] = root(other)
    found: dict[int, list[Utterance]] = defaultdict(list)
    for index, one in enumerate(utterances):
        found[root(index)].append(one)
    return sorted(found.values(), key=lambda group: group[0].line)
