"""The sentence judge: does a text hold what a sentence of another text says, contradict it, or say nothing of it?

Both texts are read once by a small encoder (all-MiniLM-L6-v2, trained on by us, int8, onnxruntime). Each word of the
sentence then looks for its counterpart in the other text and is compared with it (after the decomposable attention of
Parikh and others, 2016), and a network of ours decides from what it finds. Both were trained on `benchmarks/pairs` by
`python -m benchmarks.pairs.train`; `benchmarks/pairs/README.md` says on what, how well, and what it cannot do.
"""

import hashlib
import json
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dictation.errors import MissingError
from dictation.extras import install_command
from dictation.lexicon import rows
from dictation.weights import sha256_of

ENCODER = Path(__file__).with_name("encoder.onnx")
NETWORK = Path(__file__).with_name("network.npz")
FACTS = Path(__file__).with_name("judge.json")  # what it was trained on, and the SHA-256 of its parts
MOST_PIECES = 254  # of one text read at once; the encoder holds 256 with its first and last
LONGEST_CLAIM = 64  # pieces of a sentence that are held against the other text
HEADS, WIDTH = 4, 192
_AT_ONCE = 64  # parts of a text that are held against a sentence together
_KEPT = 8  # texts whose reading is kept
_FIRST, _LAST, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
Array = npt.NDArray[np.float32]
Span = tuple[int, int]


class Entailment(NamedTuple):
    """Probabilities, 0–1, that sum to 1: a text holds what a sentence says, contradicts it, says nothing of it."""

    holds: float
    contradicts: float
    absent: float


UNDECIDED = Entailment(1 / 3, 1 / 3, 1 / 3)


@dataclass(frozen=True, eq=False, slots=True)
class Encoded:
    """A text as the judge reads it, by pieces of words.

    `looks` of shape (heads, pieces, 48), of unit length, by which a piece finds its counterpart; `meanings`, (pieces,
    192), by which it is compared with it; `places`, the characters of each piece, (pieces, 2).
    """

    looks: Array
    meanings: Array
    places: npt.NDArray[np.int64]

    def of(self, span: Span, most: int | None = None) -> "Encoded":
        """The pieces that have a character of [start, end), the first `most` of them."""
        at = np.flatnonzero((self.places[:, 0] < span[1]) & (self.places[:, 1] > span[0]))[:most]
        return Encoded(self.looks[:, at], self.meanings[at], self.places[at])


@cache
def is_ready() -> bool:
    """Whether the judge is whole and has what runs it: loads it. `dictation doctor` says why not."""
    try:
        encoder()
        network()
    except MissingError:
        return False
    return True


def entailment(text: str, span: Span, other: str) -> Entailment:
    """What `other` says of the characters [start, end) of `text`. Equal texts give equal numbers, whatever was asked.

    Raises MissingError where the judge is damaged, or what runs it is not installed.
    """
    return _entailments(encoded(text).of(span, LONGEST_CLAIM), [encoded(other)])[0]


def part_entailment(text: str, span: Span, other: str, place: Span) -> Entailment:
    """What the characters [start, end) of `other` alone, as read within it, say of those of `text`."""
    return part_entailments(text, span, other, [place])[0]


def part_entailments(text: str, span: Span, other: str, places: Sequence[Span]) -> list[Entailment]:
    """What each of these parts of `other` says of the characters [start, end) of `text`: `part_entailment` of each."""
    claim, whole = encoded(text).of(span, LONGEST_CLAIM), encoded(other)
    found = [UNDECIDED] * len(places)
    of_length: dict[int, list[tuple[int, Encoded]]] = defaultdict(list)
    for number, place in enumerate(places):
        part = whole.of(place)
        of_length[len(part.places)].append((number, part))
    for parts in of_length.values():
        for first in range(0, len(parts), _AT_ONCE):
            some = parts[first : first + _AT_ONCE]
            for (number, _), judged in zip(some, _entailments(claim, [part for _, part in some]), strict=True):
                found[number] = judged
    return found


def _entailments(claim: Encoded, contexts: Sequence[Encoded]) -> list[Entailment]:
    """What each context says of the claim; they have equally many pieces."""
    if not len(claim.places) or not len(contexts[0].places):
        return [UNDECIDED] * len(contexts)
    with _on_one_thread():
        return [Entailment(*row) for row in _weighed(claim, contexts).tolist()]


@lru_cache(maxsize=_KEPT)
def encoded(text: str) -> Encoded:
    """The text read, in stretches where it is long, each of which ends with a sentence where one does."""
    session, tokenizer = encoder()
    whole = tokenizer.encode(text, add_special_tokens=False)
    ends = [match.end() for match in re.finditer(r"[.;!?]\s|\n", text)]
    offsets = whole.offsets  # a list that is made anew at each look
    found, at = [np.zeros((0, 384), np.float32)], 0
    while at < len(whole.ids):
        until = at + MOST_PIECES
        if until < len(whole.ids):
            last = bisect_right(ends, offsets[until - 1][1])
            end = ends[last - 1] if last else 0
            if end > offsets[at][0]:
                until = next((piece for piece in range(at + 1, until) if offsets[piece][0] >= end), until)
        ids = [tokenizer.token_to_id(_FIRST), *whole.ids[at:until], tokenizer.token_to_id(_LAST)]
        pieces = np.array([ids], np.int64)
        given = {"input_ids": pieces, "attention_mask": np.ones_like(pieces)}
        found.append(session.run(None, given)[0][0, 1:-1])
        at = until
    rows_, net = np.concatenate(found), network()
    places = np.array(offsets, np.int64).reshape(-1, 2)
    with _on_one_thread():
        return Encoded(_unit(_by_head(_linear(net, "look", rows_))), _linear(net, "mean", rows_), places)


@cache
def encoder() -> tuple[Any, Any]:
    """The encoder on one thread, and its tokenizer. Raises MissingError where it is damaged or cannot be run."""
    words = [row["piece"] for row in rows("word_pieces")]
    _verify("encoder", ENCODER)
    if _facts().get("word_pieces_sha256") != digest(words):
        raise MissingError(f"{ENCODER}: is of other word pieces than the lexicon's; {_again()}")
    try:
        import onnxruntime  # type: ignore[import-untyped]
        import threadpoolctl  # type: ignore[import-untyped] # noqa: F401 - for `_on_one_thread`
        from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    except ImportError as error:
        raise MissingError(f"the sentence judge needs {error.name}; run: {install_command('embedded')}") from error
    vocabulary = {piece: number for number, piece in enumerate(words)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=_UNKNOWN))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(ENCODER), options, providers=["CPUExecutionProvider"]), tokenizer


_BLAS = Lock()  # the number of threads is one for the whole process


@contextmanager
def _on_one_thread() -> Iterator[None]:
    """On several, matrices as small as these wait for each other longer than they are multiplied."""
    with _BLAS, _threads().limit(limits=1, user_api="blas"):
        yield


@cache
def _threads() -> Any:
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()


@cache
def network() -> dict[str, Array]:
    """The weights of the network. Raises MissingError where they are damaged."""
    _verify("network", NETWORK)
    with np.load(NETWORK) as file:
        return {name: file[name].astype(np.float32) for name in file.files}


def digest(words: Sequence[str]) -> str:
    """The SHA-256 of the word pieces in their order, by which the encoder numbers them."""
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def _verify(name: str, path: Path) -> None:
    try:
        is_whole = sha256_of(path) == _facts().get(f"{name}_sha256")
    except (OSError, ValueError) as error:
        raise MissingError(f"{path}: cannot be read; {_again()}") from error
    if not is_whole:
        raise MissingError(f"{path}: is damaged; {_again()}")


def _facts() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FACTS.read_text("utf-8"))
    return found


def _again() -> str:
    return f"run: {install_command('embedded')} --force-reinstall"


def _weighed(claim: Encoded, contexts: Sequence[Encoded]) -> Array:
    """The network of `benchmarks.pairs.train`, in numpy: a row for each context, all of which have as many pieces."""
    net = network()
    meaning = _by_head(np.stack([context.meanings for context in contexts]))
    looks = np.stack([context.looks for context in contexts])
    alike = claim.looks @ looks.swapaxes(-1, -2)  # contexts, heads, words of the claim, words of the context
    shares = _softmax(net["sharp"][:, None, None] * alike)
    counterpart = _joined(shares @ meaning)
    own = np.broadcast_to(claim.meanings, counterpart.shape)
    best, common = alike.max(-1).swapaxes(-1, -2), np.maximum(alike, 0).mean(-1).swapaxes(-1, -2)
    beside = np.concatenate([own, counterpart, own - counterpart, own * counterpart, best, common], axis=-1)
    words = _among_words(net, _gelu(_linear(net, "compare", beside)))
    hidden = _gelu(_linear(net, "weigh", np.concatenate([words.max(-2), words.mean(-2)], axis=-1)[:, None]))
    found: Array = _softmax(_linear(net, "decide", hidden))[:, 0]
    return found


def _among_words(net: dict[str, Array], words: Array) -> Array:
    """One layer of a transformer over the words of the claim, each compared with its counterpart."""
    normed = _normed(net, "layer.norm1", words)
    mixed = normed @ net["layer.self_attn.in_proj_weight"].T + net["layer.self_attn.in_proj_bias"]
    asked, keys, values = (_by_head(part) for part in np.split(mixed, 3, axis=-1))
    looked = _softmax(asked @ keys.swapaxes(-1, -2) / np.float32((WIDTH / HEADS) ** 0.5)) @ values
    words = words + _linear(net, "layer.self_attn.out_proj", _joined(looked))
    inner = _gelu(_linear(net, "layer.linear1", _normed(net, "layer.norm2", words)))
    return words + _linear(net, "layer.linear2", inner)


def _linear(net: dict[str, Array], name: str, values: Array) -> Array:
    found: Array = values @ net[f"{name}.weight"].T + net[f"{name}.bias"]
    return found


def _normed(net: dict[str, Array], name: str, values: Array) -> Array:
    centred = values - values.mean(-1, keepdims=True)
    found: Array = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
    return found * net[f"{name}.weight"] + net[f"{name}.bias"]


def _by_head(values: Array) -> Array:
    """Words, all parts → heads, words, part."""
    return values.reshape(*values.shape[:-1], HEADS, WIDTH // HEADS).swapaxes(-2, -3)


def _joined(values: Array) -> Array:
    """Heads, words, part → words, all parts."""
    return values.swapaxes(-2, -3).reshape(*values.shape[:-3], values.shape[-2], WIDTH)


def _unit(values: Array) -> Array:
    found: Array = values / np.maximum(np.linalg.norm(values, axis=-1, keepdims=True), 1e-12)
    return found


def _softmax(values: Array) -> Array:
    raised = np.exp(values - values.max(axis=-1, keepdims=True))
    found: Array = raised / raised.sum(axis=-1, keepdims=True)
    return found


def _gelu(values: Array) -> Array:
    """By its published polynomial (Abramowitz and Stegun 7.1.26), within 2e-7 of the exact one."""
    size = np.abs(values) * np.float32(2**-0.5)
    t = 1 / (1 + 0.3275911 * size)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(values) * (1 - poly * np.exp(-size * size))
    found: Array = (0.5 * values * (1 + erf)).astype(np.float32)
    return found
