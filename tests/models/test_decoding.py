"""What the decoding loop promises, on a real Gemma 3 decoder with its real tokenizer and on a tiny one that sees."""

import json

import numpy as np
import pytest

from dictation.models.gemma import GemmaModel
from dictation.models.schema import Schema, choice, many, record, text, violation
from dictation.settings import Settings
from tests.models import gemma_270m

IDS = [f"s{number}" for number in range(1, 13)]
DICTATED = {
    "s1": "Small left pleural effusion.",
    "s2": "No pneumothorax.",
    "s3": "The heart is mildly enlarged.",
}
PROMPT = "Put the dictation in order.\n" + "\n".join(f"{name}: {said}" for name, said in DICTATED.items())


def report_schema(most_characters: int, most_statements: int) -> Schema:
    """The shape of a report's answer."""
    statement = record(
        section=choice("exam", "findings", "impression"),
        organ=choice("Lungs", "Pleura", "Heart and mediastinum", "Other"),
        evidence=many(choice(*IDS), 3),
        text=text(most_characters),
    )
    return record(statements=many(statement, most_statements, least=1))


class Sampled:
    """Chooses at random: the higher the temperature, the less the network is heeded."""

    def __init__(self, seed: int, temperature: float) -> None:
        import torch

        self._random = torch.Generator().manual_seed(seed)
        self._temperature = temperature

    def __call__(self, scores) -> int:
        import torch

        shares = torch.softmax(scores.cpu() / self._temperature, dim=-1)
        return int(torch.multinomial(shares, 1, generator=self._random))


@pytest.fixture(scope="module")
def small() -> GemmaModel:
    return GemmaModel.load(gemma_270m.checkpoint(), Settings(threads=1))


def kept(model: GemmaModel, seeds: range, schema: Schema, images=()) -> list[str]:
    """Answers at a high temperature, each of which keeps to the schema."""
    answers = []
    for seed in seeds:
        model._pick = Sampled(seed, temperature=2.0)
        answer = model.generate(model.prepare(images), PROMPT, schema)
        assert violation(answer, schema) == ""
        assert all(name in IDS for statement in answer["statements"] for name in statement["evidence"])
        answers.append(json.dumps(answer))
    return answers


def test_60_answers_of_a_model_that_sees_keep_to_the_schema_at_a_high_temperature(gemma):
    image = np.arange(64, dtype=np.uint8).reshape(8, 8)
    assert len(set(kept(gemma, range(60), report_schema(8, 2), [image]))) > 56


@pytest.mark.parametrize("answers", [2, pytest.param(200, marks=pytest.mark.soak)])
def test_answers_of_a_real_decoder_keep_to_the_schema_at_a_high_temperature(small, answers):
    assert len(set(kept(small, range(answers), report_schema(40, 2)))) > 0.95 * answers


def test_what_was_read_before_and_what_was_guessed_change_no_token(small):
    small._pick = GemmaModel(small._model)._pick
    schema, said = report_schema(40, 1), []
    study = ["Prior report: " + " ".join(DICTATED.values())]
    prefix = small.prepare(study)
    small.generate(prefix, "Something else first.", record(side=choice("left", "right")))
    said.append(small.generate(prefix, PROMPT, schema))
    small.forget()
    said.append(small.generate(small.prepare(study), PROMPT, schema))
    small._looks_ahead = False
    said.append(small.generate(prefix, PROMPT, schema))
    small._looks_ahead = True
    assert said[0] == said[1] == said[2]
