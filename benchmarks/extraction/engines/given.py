"""A pipe of spaCy that sets the mentions of the term list as entities, so that a peer only has to assert them."""

from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from benchmarks.extraction.mentions import mentions


def given_mentions(doc: Doc) -> Doc:
    """Entities, and in `user_data["mentions"]` which mention begins at which token."""
    begun = {}
    spans: list[Span] = []
    for mention in mentions(doc.text):
        span = doc.char_span(mention.start, mention.end, label=mention.finding, alignment_mode="expand")
        if span is not None and span.start not in begun:
            begun[span.start] = mention
            spans.append(span)
    doc.ents = filter_spans(spans)
    doc.user_data["mentions"] = begun
    return doc
