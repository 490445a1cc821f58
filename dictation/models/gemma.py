"""MedGemma on this machine: Gemma 3 of transformers, answering under a schema it cannot leave.

Images come first, then the prompt, in one turn of the user and without a system turn, as the model was trained. What
was read of a study is kept, so that each question about it costs only its own words. A long answer ends by its schema,
whose longest answer is the budget; only a full context can cut it short, which is an error.
"""

import codecs
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Event, Lock
from typing import Any

import numpy as np

from dictation.errors import WRITING_CANCELLED, Cancelled, ModelError
from dictation.extras import versions
from dictation.hub import is_out_of_memory
from dictation.models.answer import THOUGHT, parsed
from dictation.models.decoding import Pick, decoded, greedy
from dictation.models.drafting import Repeating
from dictation.models.gemma_reading import GemmaReading, Read, tokens_read
from dictation.models.gemma_weights import Loaded, check_packages, find, load
from dictation.models.json_constraint import JsonConstraint
from dictation.models.protocol import LEAST_MASS, SOMETHING_ELSE, Content, NotAssessed
from dictation.models.schema import Schema, longest_answer
from dictation.settings import Settings
from dictation.speech import Engine

BEGINS, IMAGE = "<bos><start_of_turn>user\n", "<start_of_image>"
ASKED = "{prompt}<end_of_turn>\n<start_of_turn>model\n"
TURN_ENDS = "<end_of_turn>"
KEPT_TOKENS = 4096  # of what was read last: some images and their mirror images, or one series
_WATCH_S = 0.1  # between two looks at `cancel` while another question is answered


class GemmaModel:
    """A MedGemma model as a VisionLanguageModel. It answers one question at a time; other threads wait."""

    def __init__(self, model: Loaded, pick: Pick = greedy, looks_ahead: bool = True) -> None:
        """`pick` chooses each token; `looks_ahead` False: nothing is guessed from the prompt (same answer, slower)."""
        self._model, self._pick, self._looks_ahead = model, pick, looks_ahead
        self._kept: list[Read] = []
        self._busy = Lock()

    @classmethod
    def load(cls, model: str | Path | None, settings: Settings) -> "GemmaModel":
        """Load `model`: a folder, the name of a model on the hub, or None for google/medgemma-1.5-4b-it.

        Raises MissingError, with the fix in one sentence, where a package, the model, the network, a token, the
        acceptance of the model's terms or memory is missing.
        """
        check_packages()
        return cls(load(find(model), settings.threads, settings.medgemma_precision))

    @cached_property
    def engine(self) -> Engine:
        """The record of this engine."""
        checkpoint = self._model.checkpoint
        packages = ("torch", "torchvision", "transformers", "tokenizers", "llguidance", "radiology-dictation")
        return Engine(
            name="medgemma",
            model=checkpoint.model,
            revision=checkpoint.revision,
            weights_sha256=self._model.sha256,
            precision=f"{self._model.precision} ({self._model.device})",
            settings={"decoding": "greedy, schema-constrained", "precision_because": self._model.because},
            versions=versions(*packages),
        )

    @property
    def sees(self) -> bool:
        """True where the model takes images."""
        return self._model.sees

    def prepare(self, seen: Sequence[Content] = (), cancel: Event | None = None) -> Read:
        """Read what comes before every prompt; see VisionLanguageModel."""
        if not self.sees and any(isinstance(part, np.ndarray) for part in seen):
            raise ModelError(f"{self._name}: this model reads text only; use one that sees images.")
        key = _digest(seen)
        with self._alone(cancel):
            kept = next((read for read in self._kept if read.key == key), None)
            read = kept or tokens_read(self._model, key, BEGINS, IMAGE, self._made_plain(seen), self._context, cancel)
            if seen:
                self._keep(read)
            return read

    def generate(
        self,
        prefix: Read,
        prompt: str,
        schema: Schema,
        cancel: Event | None = None,
        told: Callable[[str], None] | None = None,
        likely: str = "",
    ) -> dict[str, Any]:
        """Answer a prompt under a schema; see VisionLanguageModel. A cancelled answer ends before its next token."""
        constraint = JsonConstraint(self._token_table, schema)
        tokens, pieces = self._tokens(prompt), []
        room = self._room(prefix, tokens)
        characters = codecs.getincrementaldecoder("utf-8")()
        with self._alone(cancel):
            for new in decoded(
                GemmaReading(self._model.network, prefix), tokens, constraint,
                most_tokens=min(longest_answer(schema), room), pick=self._pick, cancel=cancel,
                guess=self._repeating(tokens, likely),
            ):  # fmt: skip
                pieces.append(characters.decode(constraint.bytes_of(new)))
                if told is not None and pieces[-1]:
                    told(pieces[-1])
        if not constraint.is_complete:
            raise ModelError(f"{self._name}: the model's context was full before the report was; dictate it in parts.")
        return parsed("".join(pieces), schema, self._name)

    def choose(
        self, prefix: Read, prompt: str, options: Sequence[str], cancel: Event | None = None
    ) -> tuple[float, ...] | NotAssessed:
        """Return how probable each option is as the beginning of the answer; see VisionLanguageModel."""
        import torch

        begins = [self._beginnings(option) for option in options]
        if any(one & other for place, one in enumerate(begins) for other in begins[:place]):
            raise ValueError("two of the options begin with the same token")
        tokens = self._tokens(prompt)
        self._room(prefix, tokens)
        with self._alone(cancel):
            scores = GemmaReading(self._model.network, prefix).read(tokens, keep=1)[0]
        control = torch.tensor(self._control_tokens, device=scores.device)  # a thought, say: what would follow counts
        shares = torch.softmax(scores.double().index_fill(0, control, float("-inf")), dim=-1)
        masses = [float(shares[sorted(tokens)].sum()) for tokens in begins]
        if not sum(masses) >= LEAST_MASS:  # or not a number
            return SOMETHING_ELSE
        return tuple(mass / sum(masses) for mass in masses)

    def _repeating(self, prompt: Sequence[int], likely: str) -> Repeating | None:
        if not self._looks_ahead:
            return None
        return Repeating([*self._encoded(likely + "\n"), *prompt], self._model.tokenizer.convert_ids_to_tokens)

    def forget(self) -> None:
        """Let go of what was read: the next prefix is read anew."""
        self._kept = []

    def _beginnings(self, option: str) -> set[int]:
        """Return the first tokens of an option as a sentence may write it: " Yes" is yes."""
        spellings = {option, option.lower(), option.capitalize(), option.upper()}
        encoded = (self._encoded(space + spelling) for spelling in spellings for space in ("", " "))
        blank = set(self._encoded(" "))
        return {tokens[0] for tokens in encoded} - blank

    def _room(self, prefix: Read, tokens: Sequence[int]) -> int:
        """Return how many tokens an answer may have. Raises ModelError where there is no room for one."""
        room = self._context - prefix.length - len(tokens)
        if room <= 0:
            asked = prefix.length + len(tokens)
            raise ModelError(
                f"{self._name}: the dictation ({asked} tokens) is longer than the model's context ({self._context}); "
                "dictate the report in parts."
            )
        return room

    def _tokens(self, prompt: str) -> list[int]:
        return self._encoded(ASKED.format(prompt=self._plain(prompt).strip()))

    def _encoded(self, text: str) -> list[int]:
        return list(self._model.tokenizer(text, add_special_tokens=False)["input_ids"])

    def _made_plain(self, seen: Sequence[Content]) -> list[Content]:
        return [self._plain(part) if isinstance(part, str) else part for part in seen]

    def _plain(self, text: str) -> str:
        """Make plain text of tokens with a meaning: a typed "<end_of_turn>" must not end the turn."""
        for token in self._model.tokenizer.added_tokens_decoder.values():
            if token.special:
                text = text.replace(token.content, token.content.replace("<", "< "))
        return text

    def _keep(self, read: Read) -> None:
        """Keep what was read last, and before it what there is room for."""
        kept = [read, *(other for other in self._kept if other.key != read.key)]
        while len(kept) > 1 and sum(one.length for one in kept) > KEPT_TOKENS:
            kept.pop()
        self._kept = kept

    @contextmanager
    def _alone(self, cancel: Event | None) -> Iterator[None]:
        """Use the network while nobody else does. Raises Cancelled; too little memory becomes a ModelError."""
        import torch

        while not self._busy.acquire(timeout=_WATCH_S):
            if cancel is not None and cancel.is_set():
                raise Cancelled(WRITING_CANCELLED)
        try:
            if cancel is not None and cancel.is_set():
                raise Cancelled(WRITING_CANCELLED)
            with torch.inference_mode():
                yield
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            self.forget()
            raise ModelError(
                f"{self._name}: the memory of this machine's {self._model.device} is too small for this report; close "
                "other programs, or use the writer 'endpoint'."
            ) from error
        finally:
            self._busy.release()

    @cached_property
    def _token_table(self) -> Any:
        """The tokenizer as llguidance wants it, made once (seconds), as wide as the network's output.

        Gemma's output is wider than its vocabulary; what is beyond it is never allowed.
        """
        from llguidance.hf import from_tokenizer

        tokenizer = self._model.tokenizer
        width = self._model.network.get_output_embeddings().weight.shape[0]
        return from_tokenizer(tokenizer, n_vocab=width, eos_token=tokenizer.convert_tokens_to_ids(TURN_ENDS))

    @cached_property
    def _control_tokens(self) -> list[int]:
        """Tokens that are no text: those with a meaning of their own, and what the vocabulary does not know."""
        tokenizer = self._model.tokenizer
        width = self._model.network.get_output_embeddings().weight.shape[0]
        special = {place for place, token in tokenizer.added_tokens_decoder.items() if token.special}
        thought = tokenizer.convert_tokens_to_ids(THOUGHT)
        return sorted({*special, *range(len(tokenizer), width), *([thought] if thought is not None else [])})

    @property
    def _context(self) -> int:
        return int(self._model.network.config.get_text_config().max_position_embeddings)

    @property
    def _name(self) -> str:
        return self._model.checkpoint.model


def _digest(seen: Sequence[Content]) -> str:
    digest = sha256()
    for part in seen:
        if isinstance(part, str):
            digest.update(b"text" + len(part).to_bytes(8) + part.encode(errors="replace"))
        else:
            digest.update(b"image" + str((part.shape, part.dtype)).encode())
            digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()
