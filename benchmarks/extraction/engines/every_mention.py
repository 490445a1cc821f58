"""The engine without assertion: every mention counts as present, denied or not."""

from benchmarks.extraction.jsonl import Claims, serve
from benchmarks.extraction.mentions import mentions


def claims(text: str) -> Claims:
    """Every mention, as present."""
    return [mention.claim() for mention in mentions(text)]


if __name__ == "__main__":
    serve(claims)
