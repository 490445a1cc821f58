"""The writer with a language model: the dictation put in order by MedGemma, every statement tied to what was said.

The model sees the dictated sentences, numbered, with the procedure and the reason of the order, and never who the
patient is. It answers under a schema: places and ids are choices. What it says without evidence is only a suggestion,
and a sentence that it left out is added as it was dictated. Where the wording is to be kept, so is one whose words it
changed. Whether the meaning was kept is checked by the comparison of the columns, as for any report.
"""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from string import Template as Text
from threading import Event
from typing import Any, get_args

import numpy as np

from dictation.errors import WRITING_CANCELLED, Cancelled, NoImagesError
from dictation.exam import Order
from dictation.findings.exam_words import modality_of_code
from dictation.imaging import Study
from dictation.imaging.for_reader import may_be_shown, radiograph
from dictation.models import Prefix, VisionLanguageModel
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
SIDE_VIEWS = ("LL", "RL", "LLD", "RLD")  # DICOM PS3.3 C.8.1.3.1.1


class MedGemmaWriter:
    """Writes reports with a model that keeps to a schema, in the radiologist's wording or a polished one."""

    def __init__(self, model: VisionLanguageModel) -> None:
        self._model = model
        self._unseen = "" if model.sees else "none: the model reads text only"

    @property
    def engine(self) -> Engine:
        """The record of the model, with the prompts that it is given and what it is shown."""
        engine = self._model.engine
        own = {
            "writer": "medgemma",
            "prompt_sha256": sha256("".join(map(_file, (*PROMPTS.values(), CORRECTION))).encode()).hexdigest(),
            "images": self._unseen or "a radiograph; none of other exams",
        }
        return engine.model_copy(update={"settings": engine.settings | own})

    @property
    def rewords(self) -> bool:
        """True: a model may write other words than it was told to."""
        return True

    def prepare(self, study: Study | None, order: Order | None = None, cancel: Event | None = None) -> Prefix:
        """Let the model read the images of a study, while there is nothing to write yet: `write` then has them read.

        Raises ModelError where it cannot.
        """
        return self._model.prepare(_shown(study, order) if study is not None and not self._unseen else (), cancel)

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
            prefix, hear = self.prepare(study, order, cancel), heard.hear if heard else None
            return self._model.generate(prefix, prompt, answers.schema, cancel, hear, likely)

        try:
            answer = ask()
        except NoImagesError:  # only a server can tell that late; the dictation is all that a report needs
            self._unseen = "none: the server takes no images"
            answer = ask()
        written, changed = faithful(answers.statements(answer["statements"]), dictation, style, used)
        return completed(
            written, dictation, why=why | dict.fromkeys(changed, CHANGED), order=order, study=study, template=template,
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


def _shown(study: Study, order: Order | None) -> list[np.ndarray]:
    """Return what the model is shown: the first radiograph that is no side view, else the first of all, else nothing.

    What kind of image it is must be stated, by the image, the header of the study or the order: it is never guessed.
    """
    general = modality_of_code(study.facts.modality) or modality_of_code(order.modality if order else "")
    shown = filter(may_be_shown, study.images)
    found = [image for image in shown if (modality_of_code(image.modality) or general) == "radiograph"]
    found.sort(key=lambda image: image.view in SIDE_VIEWS or image.across in ("A", "P"))
    return [radiograph(image) for image in found[:1]]


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
