"""Words beside a number that decide how it is read, from `number_cues.tsv`."""

from functools import cache

from dictation.lexicon.tables import rows


@cache
def cue_words(cue: str) -> frozenset[str]:
    """The words of one list of `number_cues.tsv`, in small letters. Raises KeyError for a list that is not there."""
    lists = {row["cue"]: row["words"] for row in rows("number_cues")}
    return frozenset(word.strip() for word in lists[cue].split("|"))
