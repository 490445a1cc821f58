"""Probabilities of a few options from the likeliest first tokens that a server lists."""

import math
import re
from collections.abc import Sequence
from typing import Any

from dictation.models.protocol import LEAST_MASS, SOMETHING_ELSE, NotAssessed

LISTED = 20  # tokens; no common server lists more
# No text: the beginning of a thought, or an end. What follows it would count.
_CONTROL = re.compile(r"(<unused\d+>|<(start|end)_of_\w+>|</?(s|eos|bos|pad|unk)>|<\|[^<>|]*\|>)?")


def check_options(options: Sequence[str]) -> None:
    """Raise ValueError for options that cannot be told apart by how they begin."""
    plain = [_plain(option) for option in options]
    if not all(plain) or any(
        one.startswith(other) for at, one in enumerate(plain) for to, other in enumerate(plain) if at != to
    ):
        raise ValueError("an option is empty, or two of them begin alike")


def chosen(logprobs: Any, options: Sequence[str]) -> tuple[float, ...] | NotAssessed:
    """Return the share of each option, together 1, or why there is none.

    `logprobs` is what a server gave as such: `content`, a list of tokens, of which the first has `top_logprobs`.
    Spellings count together (" Yes" is yes). An option that no token spells whole is found by tokens of two letters or
    more that begin it and no other.
    """
    listed = _listed(logprobs)
    if listed is None:
        return NotAssessed("the server gives no log-probabilities.")
    spoken = 1.0 - sum(share for token, share in listed if _CONTROL.fullmatch(token))
    masses = [_mass(option, listed, options) for option in options]
    found = sum(mass for mass in masses if mass is not None)
    if not found >= LEAST_MASS * spoken or not found:
        return SOMETHING_ELSE
    if None in masses:
        return NotAssessed(f"not every option is among the {len(listed)} likeliest beginnings that the server lists.")
    return tuple((mass or 0.0) / found for mass in masses)


def _listed(logprobs: Any) -> list[tuple[str, float]] | None:
    try:
        listed = [(entry["token"], math.exp(entry["logprob"])) for entry in logprobs["content"][0]["top_logprobs"]]
    except (LookupError, TypeError, OverflowError):
        return None
    sound = all(isinstance(token, str) and 0 <= share <= 1.001 for token, share in listed)
    return listed if listed and sound else None


def _mass(option: str, listed: Sequence[tuple[str, float]], options: Sequence[str]) -> float | None:
    """Return the probability of the tokens that begin an option, None where none is listed."""
    wanted, others = _plain(option), [_plain(other) for other in options if other != option]
    whole = [share for token, share in listed if _plain(token) == wanted]
    begun = [
        share
        for token, share in listed
        if len(start := _plain(token)) > 1
        and wanted.startswith(start)
        and not any(other.startswith(start) for other in others)
    ]
    return sum(whole or begun) if whole or begun else None


def _plain(text: str) -> str:
    return text.replace("▁", " ").strip().casefold()
