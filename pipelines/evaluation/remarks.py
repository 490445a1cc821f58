"""What must be said beside the figures: what they rest on, and where a normaliser decides who wins."""

from collections.abc import Mapping, Sequence

from dictation.evaluation import fewest_clusters
from pipelines.evaluation.recordings import STAGES, Labelled, basis
from pipelines.evaluation.results import Comparison, System

FEW_SPEAKERS = 6  # with fewer, no interval of a rate is of much use
UNTESTED = "not tested: one voice"


def remarks(compared: Sequence[Comparison]) -> tuple[str, ...]:
    """Where the winner, or whether there is one, depends on the normaliser; one sentence for each pair and stage."""
    said: list[str] = []
    for first, second in dict.fromkeys((one.first, one.second) for one in compared):
        for stage, shown in STAGES.items():
            prefix = f"wer.{stage}."
            by_name = {
                one.measure.removeprefix(prefix): one
                for one in compared
                if (one.first, one.second) == (first, second) and one.measure.startswith(prefix)
            }
            said.append(f"{first} and {second}, {shown}: {_dependence(by_name)}")
    return tuple(said)


def reservations(
    recordings: Sequence[Labelled], compared: Sequence[Comparison], systems: Sequence[System]
) -> tuple[str, ...]:
    """What must be known before a figure over `recordings` is believed; one sentence each. Silence has no voice."""
    spoken_in = [one for one in recordings if not one.is_silent]
    rests_on, said = basis(recordings), list[str]()
    voices, tested = rests_on.speakers + rests_on.unstated, sum(one.p is not None for one in compared)
    if not voices:
        said.append("Nobody speaks in these recordings: of words, only those on silence are counted.")
    elif not tested and not any(one.is_bounded for one in systems):
        said.append("One voice: word errors have no interval, and no difference is tested.")
    elif voices < FEW_SPEAKERS:
        said.append(f"Fewer than {FEW_SPEAKERS} voices: the intervals mean little.")
    if tested and voices < (needed := fewest_clusters(tested)):
        said.append(
            f"With {voices} voices no difference can be significant: after a correction for {tested} comparisons it"
            f" takes {needed}."
        )
    if rests_on.unstated and voices > 1:
        said.append(
            f"The speaker of {rests_on.unstated} recordings is not stated and each counts as a voice of its own: where"
            " voices repeat, intervals and p are too small."
        )
    made = sum(not one.written for one in spoken_in)
    if made:
        said.append(
            f"The written reference of {made} recordings was made from its spoken form by our own wording: an error of"
            " these rules counts for nobody there."
        )
    unlike = sum(not one.spoken for one in spoken_in)
    if unlike:
        said.append(
            f"{unlike} recordings have no spoken reference: their raw output is held against the written form, so"
            " spoken punctuation and numbers count as errors."
        )
    return tuple(said)


def _dependence(by_name: Mapping[str, Comparison]) -> str:
    winners = {name: one.winner or "nobody" for name, one in by_name.items()}
    surely = {name: _surely(one) for name, one in by_name.items()}
    untested = f"; {UNTESTED}" if set(surely.values()) == {UNTESTED} else ""
    if len(set(winners.values())) > 1:
        return f"THE WINNER DEPENDS ON THE NORMALISER: {_listed(winners)}{untested}."
    winner = next(iter(winners.values()), "nobody")
    if len(set(surely.values())) > 1:
        return f"{winner} has the lower WER, but SIGNIFICANCE DEPENDS ON THE NORMALISER: {_listed(surely)}."
    if winner == "nobody":
        return f"equal WER under all normalisers{untested}."
    return f"{winner} has the lower WER under all normalisers{untested or f', {next(iter(surely.values()))}'}."


def _surely(one: Comparison) -> str:
    if one.p is None:
        return UNTESTED
    return "significant" if one.significant else "not significant"


def _listed(by_name: dict[str, str]) -> str:
    return "; ".join(
        f"{verdict} under {', '.join(name for name, said in by_name.items() if said == verdict)}"
        for verdict in dict.fromkeys(by_name.values())
    )
