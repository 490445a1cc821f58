"""A model behind a real server on the loopback that answers what a test tells it."""

import json
from typing import Any

from dictation.case.showing import seen_by_writer
from dictation.models.endpoint import EndpointModel
from dictation.report.medgemma import MedGemmaWriter
from dictation.settings import Settings
from tests.models.local_chat import KEY, LocalChat, Said

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
