"""The writer with a language model: the dictation put in order by MedGemma, every statement tied to what was said.

The model sees the dictated sentences, numbered, with the procedure and the reason of the order, and never who the
patient is. It answers under a schema: places and ids are choices. What it says without evidence is only a suggestion,
and a sentence that it left out is added as it was dictated, and so is one whose words it changed, where they are to be
kept. What it made of the others is checked by `case.sending_back`.
"""

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from string import Template as Text
from threading import Event
from typing import Any, get_args

from dictation.errors import WRITING_CANCELLED, Cancelled, NoImagesError
from dictation.exam import Order
from dictation.imaging import Study
from dictation.models import Prefix, VisionLanguageModel
from dictation.models.protocol import Content
from dictation.models.schema import violation
from dictation.report.anonymous import WITHHELD, Identity, for_prompt, redacted
from dictation.report.citing import Answers
from dictation.report.completing import completed
from dictation.report.extractive import ExtractiveWriter, template_for
from dictation.report.faithful import faithful, rule_of
from dictation.report.keeping import SaidWords
from dictation.report.report import Report
from dictation.report.streamed import StreamedItems
from dictation.report.template import DATA, Template
from dictation.report.writer import Correction, Style, Told
from dictation.speech import Engine
from dictation.wording import Dictation, Sentence

STYLES: tuple[Style, ...] = get_args(Style)
PROMPTS = {style: f"medgemma_prompt_{style}.txt" for style in STYLES}
CORRECTION = "medgemma_prompt_correction.txt"
NOT_STATED = "not stated"
CHANGED = "the model changed its words"
Seen = Callable[[Study, Order | None], Sequence[Content]]


class MedGemmaWriter:
    """Writes reports with a model that keeps to a schema, in the radiologist's wording or a polished one."""

    def __init__(self, model: VisionLanguageModel, seen: Seen | None = None) -> None:
        """`seen` chooses what the model is shown of a study where the wording is kept; None: nothing.

        Where it is polished it sees nothing: that an image leads it to no other words is not shown.
        """
        self._model, self._seen = model, seen
        self._unseen = ("" if seen else "none") if model.sees else "none: the model reads text only"

    @property
    def engine(self) -> Engine:
        """The record of the model, with the prompts that it is given and what it is shown."""
        engine = self._model.engine
        own = {
            "writer": "medgemma",
            "prompt_sha256": sha256("".join(map(_file, (*PROMPTS.values(), CORRECTION))).encode()).hexdigest(),
            "images": self._unseen or "a frontal chest radiograph where the wording is kept",
        }
        return engine.model_copy(update={"settings": engine.settings | own})

    @property
    def rewords(self) -> bool:
        """True: a model may write other words than it was told to."""
        return True

    def prepare(self, study: Study | None, order: Order | None = None, cancel: Event | None = None) -> None:
        """Let the model read the image of a study, while there is nothing to write yet: `write` then has it read.

        Raises ModelError where it cannot.
        """
        self._prefix(study, order, "keep", cancel)

    def _prefix(self, study: Study | None, order: Order | None, style: Style, cancel: Event | None) -> Prefix:
        shows = self._seen if study is not None and style == "keep" and not self._unseen else None
        return self._model.prepare(shows(study, order) if shows and study is not None else (), cancel)

    def write(
        self,
        dictation: Dictation,
        *,
        order: Order | None = None,
        study: Study | None = None,
        template: Template | None = None,
        style: Style = "keep",
        corrections: Sequence[Correction] = (),
        cancel: Event | None = None,
        told: Told | None = None,
    ) -> Report:
        """Return the report. Every dictated sentence is the evidence of at least one statement.

        Raises ModelError where the model gives no valid answer, Cancelled when `cancel` is set.
        """
        if cancel is not None and cancel.is_set():
            raise Cancelled(WRITING_CANCELLED)
        wanted = {name for correction in corrections for name in correction.sentences}
        facts = study.facts if study is not None else None
        anonymous, kept_back = for_prompt(dictation, order, facts)
        why = {sentence.id: WITHHELD for sentence in kept_back}
        asked = Dictation(sentences=tuple(s for s in anonymous if s.id in wanted or not corrections))
        if not asked.sentences:
            return completed(
                (), dictation, why=why, order=order, study=study, template=template, corrections=corrections
            )
        used = template or template_for(dictation, order, study)
        answers = Answers(asked, used, dictation)
        stated = ExtractiveWriter().write(Dictation(sentences=()), order=order, study=study)
        prompt = _asked(asked, stated, answers.places, style, _anonymous(corrections, Identity.of(order, facts)))
        heard = _Listener(answers, dictation, style, told) if told is not None else None
        likely = answers.of(ExtractiveWriter().write(asked, template=used))  # the model mostly copies what was said

        def ask() -> dict[str, Any]:
            prefix, hear = self._prefix(study, order, style, cancel), heard.hear if heard else None
            return self._model.generate(prefix, prompt, answers.schema, cancel, hear, likely)

        try:
            answer = ask()
        except NoImagesError:  # only a server can tell that late; the dictation is all that a report needs
            self._unseen = "none: the server takes no images"
            answer = ask()
        written, changed = faithful(answers.statements(answer["statements"]), dictation, style, used)
        return completed(
            written, dictation, why=dict.fromkeys(changed, CHANGED) | why, order=order, study=study, template=template,
            corrections=corrections,
        )  # fmt: skip


class _Listener:
    """Hears an answer while it is written, and tells what of it says whole sentences as they were said."""

    def __init__(self, answers: Answers, dictation: Dictation, style: Style, told: Told) -> None:
        self._answers, self._told, self._style = answers, told, style
        self._said = {rule: SaidWords(dictation, rule) for rule in STYLES}
        self._items = StreamedItems()
        self._number = 0

    def hear(self, piece: str) -> None:
        """Take a piece of the answer."""
        for item in self._items.feed(piece):
            if violation(item, self._answers.item_schema):
                continue
            for statement in self._answers.statements([item]):
                if statement.evidence:
                    said = self._said[rule_of([statement], self._style)]
                    run = said.run_of(statement)
                    if run is None or not said.is_whole(run.places):
                        continue
                    statement = run.statement
                self._number += 1
                self._told(statement.model_copy(update={"id": f"p{self._number}"}))


@cache
def _file(name: str) -> str:
    return DATA.joinpath(name).read_text(encoding="utf-8").strip()


def _asked(
    dictation: Dictation, stated: Report, places: Sequence[str], style: Style, corrections: Sequence[Correction]
) -> str:
    return Text(_file(PROMPTS[style])).substitute(
        places=", ".join(f'"{place}"' for place in places),
        exam=" ".join(statement.text for statement in stated.exam) or NOT_STATED,
        indication=" ".join(statement.text for statement in stated.indication) or NOT_STATED,
        sentences="\n".join(map(_numbered, dictation.sentences)),
        corrections="".join("\n\n" + _wrong(correction) for correction in corrections),
    )


def _anonymous(corrections: Sequence[Correction], who: Identity) -> list[Correction]:
    return [
        one.model_copy(update={"text": redacted(one.text, who), "wrong": redacted(one.wrong, who)})
        for one in corrections
    ]


def _wrong(correction: Correction) -> str:
    return Text(_file(CORRECTION)).substitute(
        sentences=", ".join(correction.sentences), text=_line(correction.text), wrong=_line(correction.wrong)
    )


def _numbered(sentence: Sentence) -> str:
    heading = f" ({sentence.section})" if sentence.section else ""
    return f"{sentence.id}{heading}: {_line(sentence.text)}"


def _line(text: str) -> str:
    """A text on one line: what was dictated must not look like a line of the prompt."""
    return " ".join(text.split())
