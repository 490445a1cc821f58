"""How long a live session waits, looks back and looks ahead. Seconds of sound, but for `late_s`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """The times of a live session; the defaults were measured with benchmarks/live.py.

    A phrase is heard from `before_s` before its voice to `tail_s` behind it, and ends after `end_silence_s` without
    voice; the longer it has grown the shorter a pause will do, `grown_end_silence_s` after `grown_s`, so that it need
    not be cut. It is heard by itself: with earlier phrases its first words may be placed in the pause between, and be
    lost.
    Behind a cut, `context_s` before it are heard again without giving words.
    While it is open it is heard every `hop_s`, up to `max_hop_s` where the engine is slow. A word counts as stable with
    `settled_s` of sound behind it. A phrase of `cut_after_s` without a pause is cut between two words that have
    `right_context_s` of sound behind them. A block that is missing is waited for until `late_block_s` of later sound is
    there. Words that come `late_s` of the clock after their phrase raise a notice.
    """

    before_s: float = 0.5
    tail_s: float = 0.35
    end_silence_s: float = 0.55
    grown_s: float = 9.0
    grown_end_silence_s: float = 0.25
    context_s: float = 3.0
    hop_s: float = 0.6
    max_hop_s: float = 4.0
    settled_s: float = 1.5
    cut_after_s: float = 12.0
    right_context_s: float = 2.0
    late_block_s: float = 1.0
    late_s: float = 3.0


DICTATION = Timing()
