"""Clinical knowledge as data, and the user's own vocabulary."""

from dictation.lexicon.tables import clause_rule, rows
from dictation.lexicon.vocabulary import EMPTY_VOCABULARY, Misheard, Phrase, Vocabulary

__all__ = ["EMPTY_VOCABULARY", "Misheard", "Phrase", "Vocabulary", "clause_rule", "rows"]
