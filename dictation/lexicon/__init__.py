"""Clinical knowledge as data, and the user's own vocabulary."""

from dictation.lexicon.tables import rows
from dictation.lexicon.vocabulary import EMPTY_VOCABULARY, Phrase, Vocabulary

__all__ = ["EMPTY_VOCABULARY", "Phrase", "Vocabulary", "rows"]
