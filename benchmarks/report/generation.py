"""What a report costs a language model: forward passes and time, beside plain prompting for the same JSON.

    python -m benchmarks.report.generation --out benchmarks/results/report_generation

The model is Gemma 3 270M with its real tokenizer. It was not taught to follow prompts, so each dictation is written
twice: what the model says by itself, and what a faithful model would say (it is made to say it, which costs the same).
The peer says exactly the same text, one pass a token, with transformers' own `generate` and no schema.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.circumstances import circumstances, system_load
from benchmarks.report.full_size import with_vision_tower
from dictation.exam import Order
from dictation.imaging import load_study
from dictation.imaging.for_reader import radiograph
from dictation.models import decoding
from dictation.models.gemma import GemmaModel
from dictation.models.gemma_reading import GemmaReading
from dictation.models.json_constraint import JsonConstraint
from dictation.models.schema import Schema, longest_answer
from dictation.report.medgemma import MedGemmaWriter
from dictation.report.streamed import StreamedItems
from dictation.settings import Settings
from dictation.wording import Dictation, typed
from tests.models import gemma_270m

SAMPLES = Path("audio_samples")


@dataclass
class Cost:
    """What one answer took."""

    passes: int
    wall_s: float
    cpu_s: float
    tokens: int
    said: str

    def figures(self) -> dict[str, float]:
        """Everything but what was said."""
        return {name: value for name, value in self.__dict__.items() if name != "said"}


class Counted:
    """Counts the passes of a network and times what goes on between them."""

    def __init__(self, model: GemmaModel) -> None:
        self.model, self.passes, self.pass_s = model, 0, 0.0
        network, self._began = model._model.network, 0.0
        network.register_forward_pre_hook(lambda *_: self._begin())
        network.register_forward_hook(lambda *_: self._end())

    def _begin(self) -> None:
        self._began = time.thread_time()

    def _end(self) -> None:
        self.passes += 1
        self.pass_s += time.thread_time() - self._began

    def cost(self, work: Callable[..., str], *given: Any) -> Cost:
        """What `work` takes, which returns the JSON text that was said."""
        passes, wall, cpu = self.passes, time.perf_counter(), time.process_time()
        said = work(self.model, *given)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return Cost(self.passes - passes, round(wall, 3), round(cpu, 3), len(self.model._encoded(said)), said)


class Heard(JsonConstraint):
    """A constraint that keeps what was said."""

    said = b""

    def take(self, token: int) -> list[int]:
        """Add a token."""
        self.said += self.bytes_of([token])
        return super().take(token)

    def forced(self) -> list[int]:
        """Add what is forced."""
        tokens = super().forced()
        self.said += self.bytes_of(tokens)
        return tokens


def ours(model: GemmaModel, prompt: str, schema: Schema, wanted: str | None, likely: str | None) -> str:
    """Answer as the product does. `wanted`: what the model is made to say; `likely` None: nothing is guessed."""
    import torch

    constraint = Heard(model._token_table, schema)
    tokens, prefix = model._tokens(prompt), model.prepare()

    def made_to_say(scores: Any) -> int:
        rest = (wanted or "").encode()[len(constraint.said) :]
        for length in range(min(len(rest), 24), 0, -1):
            token = model._token_table.tokenize_bytes(rest[:length])[0]
            if scores[token] > float("-inf") and rest.startswith(constraint.bytes_of([token])):
                return int(token)
        raise ValueError(f"the schema has no place for {rest[:40]!r}")

    with torch.inference_mode():
        steps = decoding.decoded(
            GemmaReading(model._model.network, prefix), tokens, constraint,
            most_tokens=longest_answer(schema), pick=made_to_say if wanted else decoding.greedy,
            guess=model._repeating(tokens, likely) if likely is not None else None,
        )  # fmt: skip
        for _ in steps:
            pass
    return constraint.said.decode()


def plain(model: GemmaModel, prompt: str, wanted: str) -> str:
    """The peer: transformers' `generate`, one token a pass, made to say `wanted`."""
    import torch
    from transformers import GenerationConfig

    answer = model._encoded(wanted)
    asked = torch.tensor([model._encoded("<bos><start_of_turn>user\n") + model._tokens(prompt)])

    def only(ids: Any, scores: Any) -> Any:
        due = answer[ids.shape[1] - asked.shape[1]]
        forced = torch.full_like(scores, float("-inf"))
        forced[0, due] = 0.0
        return forced

    greedy = GenerationConfig(do_sample=False, max_new_tokens=len(answer), pad_token_id=0, eos_token_id=None)
    with torch.inference_mode():
        network = model._model.network
        given = torch.ones_like(asked)
        said = network.generate(asked, attention_mask=given, generation_config=greedy, logits_processor=[only])
    return str(model._model.tokenizer.decode(said[0, asked.shape[1] :]))


class Asked:
    """A model that only notes what the writer asks of it."""

    sees = False

    def __init__(self, model: GemmaModel) -> None:
        self.engine = model.engine
        self.prompt, self.likely, self.schema = "", "", dict[str, Any]()

    def prepare(self, seen: Any = (), cancel: Any = None) -> None:
        """Nothing is read."""

    def generate(
        self, prefix: Any, prompt: str, schema: Schema, cancel: Any = None, told: Any = None, likely: str = ""
    ) -> Any:
        """Note the question."""
        self.prompt, self.schema, self.likely = prompt, schema, likely
        return {"statements": []}


def dictations() -> Iterator[tuple[str, Dictation]]:
    """The dictations of the samples, as they were meant to be written."""
    for path in sorted(SAMPLES.glob("*/written.txt")):
        yield path.parent.name, typed(path.read_text(encoding="utf-8"))


def measured(counted: Counted, only: int, own: int) -> list[dict[str, Any]]:
    """A line for each dictation and kind of answer; the model's own of the first `own`, where it may repeat itself."""
    model, lines = counted.model, []
    for name, dictation in list(dictations())[:only]:
        asked = Asked(model)
        MedGemmaWriter(asked).write(dictation)
        for kind, wanted in (("faithful", asked.likely), ("own", None)):
            if kind == "own" and sum(line["answer"] == "own" for line in lines) >= own:
                continue
            costs = {
                "ours": counted.cost(ours, asked.prompt, asked.schema, wanted, asked.likely),
                "ours, nothing guessed": counted.cost(ours, asked.prompt, asked.schema, wanted, None),
            }
            costs["plain prompting"] = counted.cost(plain, asked.prompt, costs["ours"].said)
            assert {cost.said for cost in costs.values()} == {costs["ours"].said}
            figures = {system: cost.figures() for system, cost in costs.items()}
            lines.append({"dictation": name, "answer": kind, **figures})
            print(json.dumps(lines[-1]))
    return lines


@contextmanager
def masks_timed() -> Iterator[list[float]]:
    """Collect what each step spends on the schema, in s of CPU."""
    spent: list[float] = []
    before = decoding._barred, JsonConstraint.take

    def timed(work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any) -> Any:
            began = time.thread_time()
            result = work(*given)
            spent.append(time.thread_time() - began)
            return result

        return run

    decoding._barred, JsonConstraint.take = timed(before[0]), timed(before[1])
    try:
        yield spent
    finally:
        decoding._barred, JsonConstraint.take = before


def first_statement(model: GemmaModel, repeats: int) -> dict[str, float]:
    """Time until the first statement is complete, where the image was and was not read beforehand: medians in s."""
    sample = SAMPLES / "01_left_effusion"
    shown = [radiograph(load_study([sample / "image.png"]).images[0])]
    asked, order = Asked(model), Order.from_file(sample / "order.json")
    MedGemmaWriter(asked).write(typed((sample / "written.txt").read_text(encoding="utf-8")), order=order)
    found = {"image read before": list[float](), "image read then": list[float]()}
    for _ in range(repeats):
        for name in found:
            model.forget()
            if name == "image read before":
                model.prepare(shown)
            found[name].append(_until_first(model, shown, asked))
    return {name: statistics.median(times) for name, times in found.items()}


class _First(Exception):
    """The first statement is there."""


def _until_first(model: GemmaModel, shown: Sequence[np.ndarray], asked: "Asked") -> float:
    began, items = time.perf_counter(), StreamedItems()

    def stop_at_the_first(piece: str) -> None:
        if items.feed(piece):
            raise _First

    with suppress(_First):
        model.generate(model.prepare(shown), asked.prompt, asked.schema, told=stop_at_the_first, likely=asked.likely)
    return time.perf_counter() - began


def ratios(lines: list[dict[str, Any]], peer: str, measure: str) -> dict[str, float]:
    """How many times more the peer takes, median over dictations, for each kind of answer."""
    return {
        kind: round(statistics.median(x[peer][measure] / x["ours"][measure] for x in lines if x["answer"] == kind), 2)
        for kind in ("own", "faithful")
    }


def table(result: dict[str, Any]) -> str:
    """The result for people, in Markdown."""
    first = result["first_statement_s"]
    rows = [
        f"| {name} | {result[measure]['plain prompting']['own']} | {result[measure]['plain prompting']['faithful']} | "
        f"{result[measure]['ours, nothing guessed']['own']} | {result[measure]['ours, nothing guessed']['faithful']} |"
        for name, measure in (("passes", "passes_of_peer"), ("wall", "wall_of_peer"), ("CPU", "cpu_of_peer"))
    ]
    return "\n".join(
        [
            "# What a report costs a language model",
            "",
            f"{result['model']}; {result['threads']} thread(s), {result['machine']}, {result['date']}; "
            f"{len({line['dictation'] for line in result['lines']})} dictations, the model's own answer to "
            f"{sum(line['answer'] == 'own' for line in result['lines'])}. "
            "How many times more than ours, median over dictations:",
            "",
            "| | plain prompting, own answer | …, faithful answer | ours without guesses, own | …, faithful |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"The schema takes {100 * result['schema_share_of_a_pass']:.2f} % of the time of the passes "
            f"({result['schema_us_a_step']:.0f} µs a token).",
            "",
            f"First statement, with an eye of MedGemma's size (random weights): {first['image read then']:.1f} s, "
            f"{first['image read before']:.1f} s with the image read beforehand.",
        ]
    )


def main() -> None:
    """Measure, print and keep."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--dictations", type=int, default=99)
    asked.add_argument("--own", type=int, default=2, help="dictations of which the model's own answer is measured")
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--repeats", type=int, default=3, help="of the time to the first statement")
    asked.add_argument("--out", type=Path)
    options = asked.parse_args()
    before = system_load()
    model = GemmaModel.load(gemma_270m.checkpoint(), Settings(threads=options.threads))
    np.testing.assert_equal(model.sees, False)
    counted = Counted(model)
    ours(model, "Warm up.", {"type": "string", "enum": ["yes", "no"]}, None, None)
    with masks_timed() as spent:
        counted.pass_s = 0.0
        lines = measured(counted, options.dictations, options.own)
    result = {
        **circumstances(before, *model.engine.versions),
        "model": "gemma-3-270m (base, weights from Q4_K_M), fp32",
        "threads": options.threads,
        "passes_of_peer": {
            peer: ratios(lines, peer, "passes") for peer in ("plain prompting", "ours, nothing guessed")
        },
        "wall_of_peer": {peer: ratios(lines, peer, "wall_s") for peer in ("plain prompting", "ours, nothing guessed")},
        "cpu_of_peer": {peer: ratios(lines, peer, "cpu_s") for peer in ("plain prompting", "ours, nothing guessed")},
        "schema_share_of_a_pass": round(sum(spent) / counted.pass_s, 4),
        "schema_us_a_step": round(1e6 * statistics.mean(spent), 1),
        "lines": lines,
    }
    result["first_statement_s"] = first_statement(with_vision_tower(model), options.repeats)
    print(table(result))
    if options.out:
        options.out.with_suffix(".md").write_text(table(result) + "\n", encoding="utf-8")
        options.out.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
