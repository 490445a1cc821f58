"""medspaCy's ConText with its own rules, on the mentions of the term list. Runs in an environment of its own."""

import medspacy
from loguru import logger
from spacy.language import Language
from spacy.tokens import Doc, Span

from benchmarks.extraction.engines.given import given_mentions
from benchmarks.extraction.jsonl import Claims, serve
from benchmarks.extraction.mentions import Mention


def claim(mention: Mention, span: Span) -> dict[str, object]:
    """A mention as ConText asserts it; what another person has is not the patient's."""
    said = span._
    temporality = "historical" if said.is_historical else "recommendation" if said.is_hypothetical else "current"
    absent = said.is_negated or said.is_family
    return mention.claim(
        "absent" if absent else "present", "possible" if said.is_uncertain else "definite", temporality
    )


def main() -> None:
    """Serve the protocol."""
    logger.remove()  # PyRuSH writes every sentence to it
    nlp = medspacy.load(medspacy_enable={"medspacy_pyrush", "medspacy_context"})
    Language.component("given_mentions", func=given_mentions)
    nlp.add_pipe("given_mentions", before="medspacy_context")

    def claims(text: str) -> Claims:
        doc: Doc = nlp(text)
        return [claim(doc.user_data["mentions"][span.start], span) for span in doc.ents]

    serve(claims)


if __name__ == "__main__":
    main()
