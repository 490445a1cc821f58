"""Rows of what the exchange writes, checked by plain functions."""

import json
import re
from html import unescape

from dictation.exam import ExamFacts, Order
from dictation.exchange import CaseView, banner_html, cards_html, columns_html
from dictation.exchange.clean_text import ascii_of
from tests.case.signed_case import case_of
from tests.corpus import Row, corpus
from tests.exchange.chest import chest_case


@corpus(__file__)
def test_a_row_of_the_corpus_holds(row: Row):
    row.holds(globals())


def plain(written: str) -> str:
    """Signs are written out in printable ASCII, and none is unknown."""
    said, unknown = ascii_of(written)
    return re.sub(" +", " ", said) + "".join(f" unknown: {sign}" for sign in unknown)


def agreement(orders: str, header: str) -> str:
    """What the banner says of orders and image at each stage of a case: the same."""
    case = chest_case()
    stated = [
        Order() if other is None else case.orders[0].model_copy(update=other | ({"accession": f"A{n}"} if n else {}))
        for n, other in enumerate(json.loads(orders))
    ]
    facts = ExamFacts.model_validate(json.loads(header)) if header else None
    case, said = case.model_copy(update={"orders": tuple(stated), "facts": facts}), set()
    for stage in ("given", "writing", "compared"):
        identity = banner_html(CaseView("t", case, stage=stage)).partition('<b class="state">')[0]
        said.add(unescape(re.sub("<[^>]*>", "", identity.rpartition("<span>")[2])).removeprefix("▲ "))
    return "; ".join(sorted(said))


def contradiction(said: str) -> str:
    """The card of a text that contradicts itself: its labels, quotes and marks, and what it offers to decide."""
    case = case_of(said)
    (own,) = [one for one in case.discrepancies if one.kind == "contradiction"]
    view = CaseView(title="t", case=case.model_copy(update={"discrepancies": (own,)}))
    keys = {action: f"[{action}]" for action in ("take_heard", "take_written", "edit", "dismiss")}
    html = cards_html(view, keys)
    quotes = [re.sub("<[^>]+>", "", quote) for quote in re.findall("<dd>(.*?)</dd>", html)]
    assert re.findall("<dt>(.*?)</dt>", html) == ["report", "also report"]
    assert len(re.findall('class="[^"]*exact', columns_html(view))) == 3  # one was heard so, too
    offered = [action for action in keys if f"[{action}]" in html]
    marks = re.findall('exact"[^>]*>(.*?)</span>', html)
    return " | ".join([" / ".join(quotes), " / ".join(marks), " ".join(offered)])
