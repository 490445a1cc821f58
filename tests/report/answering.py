"""A model behind a real server on the loopback that answers what a test tells it."""

import json
import re
from typing import Any

from dictation.case.showing import seen_by_writer
from dictation.models.endpoint import EndpointModel
from dictation.report import Report
from dictation.report.medgemma import MedGemmaWriter
from dictation.settings import Settings
from dictation.wording import Dictation
from tests.models.local_chat import KEY, LocalChat, Said
from tests.report.dictated import dictated

Item = dict[str, Any]


def said(place: str, evidence: list[str], text: str) -> Item:
    return {"place": place, "evidence": evidence, "text": text}


def answer(*items: Item) -> Said:
    return Said(json.dumps({"statements": items}))


def writer_at(server: LocalChat, **how: Any) -> MedGemmaWriter:
    model = EndpointModel(server.url, "medgemma", Settings(endpoint_key=KEY).endpoint_key, **how)
    return MedGemmaWriter(model, seen_by_writer)


def written(items: list[Item], dictation: Any, **given: Any) -> tuple[Any, dict[str, Any]]:
    """The report, and the request for it, where the model answers with these statements."""
    with LocalChat(answer(*items)) as server:
        report = writer_at(server).write(dictation, **given)
    return report, server.requests[0]


def prompt_of(request: dict[str, Any]) -> str:
    """The text of a request, images left out."""
    content = request["messages"][0]["content"]
    return content if isinstance(content, str) else content[-1]["text"]


def noted(sentences: str) -> Dictation:
    """A dictation of sentences parted by " / "; "[impression] " before one is its spoken section."""
    parts = [re.fullmatch(r"(?:\[(\w+)\] )?(.*)", part, re.DOTALL).groups() for part in sentences.split(" / ")]
    return dictated(*parts)


def items_of(answer: str) -> list[Item]:
    """The statements of an answer: "place | s1 s2 | text", parted by " // "; "-" is no evidence."""
    items = [item.split(" | ", 2) for item in answer.split(" // ")]
    return [said(place, evidence.replace("-", "").split(), text) for place, evidence, text in items]


def stands(report: Report) -> str:
    """The statements of a report, as `items_of` reads them, each with why it was kept or its origin."""
    texts = []
    said = ("dictated", "suggested")
    for one in sorted(report.statements, key=lambda one: one.origin == "suggested"):
        place = f"{one.section}: {one.organ}" if one.organ else one.section
        if one.origin == "suggested":
            assert one.text not in report.text and one.id not in report.spans
            place = "suggested"
        why = one.kept or ("" if one.origin in said else one.origin)
        texts.append(f"{place} | {' '.join(one.evidence) or '-'} | {one.text}" + (f" ({why})" if why else ""))
    return " // ".join(texts)
