"""Words that may have been heard wrong: the ear's own doubts, and what the text alone gives away."""

from dictation.discrepancy.doubts.critical_words import asked, critical_words, undoubled, unsettled, with_doubts

__all__ = ["asked", "critical_words", "undoubled", "unsettled", "with_doubts"]
