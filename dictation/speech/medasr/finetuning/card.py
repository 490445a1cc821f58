"""The model card: what a fine-tuned model is made of and how well it does, without a word that was dictated."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import version

from dictation.audio import SAMPLE_RATE
from dictation.speech.medasr.finetuning.progress import Progress
from dictation.speech.medasr.finetuning.recipe import Recipe
from dictation.speech.medasr.finetuning.scoring import Score
from dictation.speech.medasr.finetuning.splits import speaker
from dictation.speech.medasr.finetuning.utterances import Utterance
from dictation.speech.medasr.token_names import PAIR
from dictation.speech.medasr.weights import Loaded

_PACKAGES = ("radiology-dictation", "torch", "transformers", "tokenizers")


def data_sha256(utterances: Iterable[Utterance]) -> str:
    """One hash of the recordings, their parts, their texts and speakers, in any order."""
    rows = sorted(json.dumps([one.sound, one.text, one.speaker]) for one in utterances)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def card(
    base: Loaded,
    splits: dict[str, list[Utterance]],
    how_split: str,
    recipe: Recipe,
    progress: Progress,
    after: dict[str, Score],
    *,
    list_sha256: str,
    left_out: int,
    precision: str,
) -> str:
    """Return the README of the model's folder. `how_split` says who made the split, `left_out` counts unused lines."""
    checkpoint = base.checkpoint
    revision = checkpoint.revision or "a folder of the user's own"
    kept = f"epoch {progress.best} of {len(progress.trained)} trained"
    if progress.best == 0:
        kept = "the base model's own: no epoch did better on dev"
    return f"""# {checkpoint.model}, fine-tuned

A MedASR (LASR, CTC) model for `dictation --recognizer medasr --model FOLDER`, made by `dictation finetune medasr`.

**It was taught by dictations. A model can give back words that it was taught: where they hold patient data, treat this
folder as patient data.** It is not a medical device. The licence of the base model goes on to this one: for
google/medasr these are the Health AI Developer Foundations terms of use, which must be passed on with the model.

## Base model
| | |
|---|---|
| model | {checkpoint.model} |
| revision | {revision} |
| SHA-256 of its weights | `{base.sha256}` |

## Data
{_table(("set", "utterances", "minutes", "words", "speakers", "SHA-256"), [_set(*one) for one in splits.items()])}

- Commands and headings stand in the texts as MedASR's tokens (`{{period}}`, `[FINDINGS]`), here in
  {_with_tokens(splits)} of the utterances. They must stay so: a model that is taught a plain "period" writes that
  word, and a full stop that was dictated is then read as a word.
- Split: {how_split}.
- SHA-256 of the list: `{list_sha256}`; {left_out} of its lines were not used.
- The SHA-256 of a set is that of its sounds, texts and speakers; speakers are counted where the list names them.

## Word error rate
Greedy decoding of each utterance, no language model; small letters without marks, spoken commands count as words.

{_table(("set", "before", "after", "words", "speakers"), _rates(splits, progress.first, after))}

The weights are those of {kept}; dev chose them, so only test measures what was not seen.

## Training
{_table(("setting", "value"), [[name, f"{value:g}"] for name, value in asdict(recipe).items()])}

- {progress.step} steps on {precision}; AdamW, gradients cut to a norm of 1, CTC with `</s>` at the end of each text.
- {"; ".join(f"{name} {version(name)}" for name in _PACKAGES)}

{_table(("epoch", "training loss", "dev loss", "dev WER"), _epochs(progress))}
"""


def _set(name: str, utterances: Sequence[Utterance]) -> list[str]:
    minutes = sum(one.samples for one in utterances) / SAMPLE_RATE / 60
    words = sum(len(one.text.split()) for one in utterances)
    hashed = f"`{data_sha256(utterances)}`" if utterances else ""
    return [name, str(len(utterances)), f"{minutes:.1f}", str(words), _speakers(utterances), hashed]


def _with_tokens(splits: dict[str, list[Utterance]]) -> int:
    return sum(PAIR.search(one.text) is not None for found in splits.values() for one in found)


def _speakers(utterances: Sequence[Utterance]) -> str:
    named = {speaker(one) for one in utterances} - {""}
    is_whole = all(one.speaker for one in utterances)
    return str(len(named)) if named and is_whole else f"{len(named)} named" if named else "not named"


def _rates(splits: dict[str, list[Utterance]], before: dict[str, Score], after: dict[str, Score]) -> list[list[str]]:
    return [
        [name, str(before[name]), str(after[name]), str(after[name].words), _speakers(splits[name])]
        if splits[name]
        else [name, "no such set", "no such set", "0", "0"]
        for name in ("dev", "test")
    ]


def _epochs(progress: Progress) -> list[list[str]]:
    losses = ["", *(f"{loss:.4f}" for loss in progress.trained)]
    return [
        [str(epoch), loss, f"{dev.loss:.4f}" if dev.utterances else "", str(dev) if dev.utterances else ""]
        for epoch, (loss, dev) in enumerate(zip(losses, progress.dev, strict=True))
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
