"""negspacy's NegEx with its own clinical terms, on the mentions of the term list. Runs in an environment of its own."""

import spacy
from negspacy.negation import Negex  # registers the component
from spacy.language import Language

from benchmarks.extraction.engines.given import given_mentions
from benchmarks.extraction.jsonl import Claims, serve


def main() -> None:
    """Serve the protocol."""
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    Language.component("given_mentions", func=given_mentions)
    nlp.add_pipe("given_mentions")
    assert Negex is not None
    nlp.add_pipe("negex")

    def claims(text: str) -> Claims:
        doc = nlp(text)
        return [doc.user_data["mentions"][s.start].claim("absent" if s._.negex else "present") for s in doc.ents]

    serve(claims)


if __name__ == "__main__":
    main()
