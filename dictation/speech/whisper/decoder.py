"""Windows of sound → hypotheses with timed words, by a Whisper model in CTranslate2. Knows nothing of recordings.

faster-whisper brings the features, the tokenizer and the word alignment; the decoding settings are ours.
"""

import difflib
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dictation.audio import SAMPLE_RATE
from dictation.errors import DictationError, MissingError
from dictation.extras import install_command
from dictation.speech.transcript import Alternative, Word

WINDOW_S = 30.0  # what the encoder holds; shorter sound is padded
SHORT_S, SHORT_WINDOW_S = 13.5, 15.0  # a window up to so long can be padded to that: half the encoder's work
FRAMES_A_S = 100
CONTEXT_TOKENS = 223  # half of the decoder's 448 less the start token: what may precede the words
MIN_ALTERNATIVE = 0.02  # competing hypotheses below this share of the beam say nothing


@dataclass(frozen=True)
class Decoding:
    """Settings of one decoding pass. Beam search without sampling, so that the same sound gives the same text.

    Sound is padded to `window_s`, at most WINDOW_S; half of it takes half the work.
    """

    beam: int = 5
    no_repeat_ngram: int = 0
    window_s: float = WINDOW_S


def window_for(samples: int) -> float:
    """The shortest window, in seconds, to which so many samples can be padded."""
    return SHORT_WINDOW_S if samples <= SHORT_S * SAMPLE_RATE else WINDOW_S


@dataclass(frozen=True)
class Decoded:
    """What one window gave. Word seconds count from the start of the window.

    `log_probability` is the mean per token, `no_speech` and `languages` (code → share) are 0–1, `repetition` is the
    ratio of the text's length to its compressed length (above 2.4 the decoder ran in a circle).
    """

    words: tuple[Word, ...]
    log_probability: float
    no_speech: float
    languages: dict[str, float]
    repetition: float


class WhisperDecoder:
    """A loaded model. Raises MissingError where the package or the folder is not what it should be.

    `threads` of the CPU share the work on one call of `hear`; as many calls as `at_once` run side by side, on one copy
    of the weights.
    """

    def __init__(self, folder: Path, threads: int, device: str = "cpu", at_once: int = 1) -> None:
        try:
            from faster_whisper import WhisperModel
            from faster_whisper.tokenizer import Tokenizer
        except ImportError as error:
            raise MissingError(f"the Whisper engine needs {error.name}; run: {install_command('embedded')}") from error
        for name in ("model.bin", "config.json", "tokenizer.json"):
            if not (folder / name).is_file():
                raise MissingError(f"{folder}: {name} is missing; give a folder with a Whisper model for CTranslate2.")
        try:
            self._model: Any = WhisperModel(
                str(folder), device=device, compute_type="int8", cpu_threads=threads, num_workers=at_once
            )
        except (RuntimeError, ValueError) as error:
            hint = "; DICTATION_WHISPER_DEVICE=cpu runs it on the CPU" if device != "cpu" else ""
            raise MissingError(f"{folder}: no Whisper could be loaded on {device} ({error}){hint}.") from error
        self.multilingual = bool(self._model.model.is_multilingual)
        self.precision = f"int8 ({device})"
        self._tokenizer: Any = Tokenizer(self._model.hf_tokenizer, self.multilingual, task="transcribe", language="en")

    def context(self, text: str, limit: int = CONTEXT_TOKENS) -> list[int]:
        """The tokens of `text` as it may precede a window, cut after `limit` tokens."""
        return list(self._tokenizer.encode(" " + text.strip()))[:limit] if text.strip() else []

    def hear(self, pieces: Sequence[np.ndarray], context: list[int], decoding: Decoding) -> list[Decoded]:
        """Decode windows together: 16 kHz mono float32 each, at most `decoding.window_s` long. In their order."""
        from faster_whisper.audio import pad_or_trim

        frames = round(decoding.window_s * FRAMES_A_S)
        features = np.stack([pad_or_trim(self._model.feature_extractor(piece)[..., :-1], frames) for piece in pieces])
        try:
            encoded = self._model.encode(features)
            languages = self._languages(encoded, len(pieces))
            prompt = self._model.get_prompt(self._tokenizer, previous_tokens=context, without_timestamps=True)
            results = self._model.model.generate(
                encoded,
                [list(prompt) for _ in pieces],
                beam_size=decoding.beam,
                num_hypotheses=decoding.beam,
                no_repeat_ngram_size=decoding.no_repeat_ngram,
                max_length=self._model.max_length,
                return_scores=True,
                return_no_speech_prob=True,
                suppress_blank=True,
                suppress_tokens=self._suppressed(),
            )
        except RuntimeError as error:  # CTranslate2's only exception: out of memory, mostly
            raise DictationError(
                f"the recognizer failed ({error}); close other programs or use fewer threads."
            ) from error
        texts = [[token for token in result.sequences_ids[0] if token < self._tokenizer.eot] for result in results]
        timed = self._timed(encoded, texts, [len(piece) / SAMPLE_RATE for piece in pieces])
        return [
            Decoded(
                words=self._with_alternatives(words, result),
                log_probability=result.scores[0] if result.scores else 0.0,
                no_speech=result.no_speech_prob,
                languages=spoken,
                repetition=_repetition(self._tokenizer.decode(text)),
            )
            for words, result, spoken, text in zip(timed, results, languages, texts, strict=True)
        ]

    def _languages(self, encoded: Any, count: int) -> list[dict[str, float]]:
        if not self.multilingual:
            return [{"en": 1.0}] * count
        found = self._model.model.detect_language(encoded)
        return [{token[2:-2]: share for token, share in shares[:5]} | _english(shares) for shares in found]

    def _suppressed(self) -> tuple[int, ...]:
        from faster_whisper.transcribe import get_suppressed_tokens

        return tuple(get_suppressed_tokens(self._tokenizer, [-1]))

    def _timed(self, encoded: Any, texts: list[list[int]], durations_s: list[float]) -> list[list[Word]]:
        """Words with seconds and confidences, by the alignment heads. The confidence is heard without the context."""
        frames = [math.ceil(duration_s * self._model.frames_per_second) for duration_s in durations_s]
        none: list[list[dict[str, Any]]] = [[] for _ in texts]
        aligned = self._model.find_alignment(self._tokenizer, texts, encoded, frames) if any(texts) else none
        return [
            [
                Word(
                    text=text,
                    start_s=round(min(max(0.0, start_s), duration_s), 2),
                    end_s=round(min(max(0.0, end_s), duration_s), 2),
                    confidence=round(min(1.0, max(0.0, confidence)), 4),
                )
                for text, start_s, end_s, confidence in _whole(pieces)
            ]
            for pieces, duration_s in zip(aligned, durations_s, strict=True)
        ]

    def _with_alternatives(self, words: list[Word], result: Any) -> tuple[Word, ...]:
        """Each word with what the other hypotheses of the beam hold in its place, and their share of the beam."""
        totals = [score * max(1, len(ids)) for score, ids in zip(result.scores, result.sequences_ids, strict=True)]
        if not words or not totals:
            return tuple(words)
        weights = np.exp(np.array(totals) - max(totals))
        shares = weights / weights.sum()
        best = [word.text for word in words]
        others: list[dict[str, float]] = [{} for _ in words]
        for share, ids in list(zip(shares, result.sequences_ids, strict=True))[1:]:
            text = self._tokenizer.decode([token for token in ids if token < self._tokenizer.eot]).split()
            if share < MIN_ALTERNATIVE / 2:
                continue
            for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, best, text, autojunk=False).get_opcodes():
                if tag == "replace" and i2 - i1 == j2 - j1:
                    for i, j in zip(range(i1, i2), range(j1, j2), strict=True):
                        others[i][text[j]] = others[i].get(text[j], 0.0) + float(share)
        return tuple(
            word.model_copy(update={"alternatives": _ranked(rest)}) if rest else word
            for word, rest in zip(words, others, strict=True)
        )


def _whole(pieces: list[dict[str, Any]]) -> list[tuple[str, float, float, float]]:
    """(text, start, end, confidence) of words between spaces; the alignment splits "x-ray" and "C.T." at the marks.

    A mark that nobody spoke lasts as long as the pause behind it: it adds no time to its word, and no doubt.
    """
    words: list[tuple[str, float, float, float]] = []
    for piece in pieces:
        text, start_s, end_s = piece["word"].strip(), float(piece["start"]), float(piece["end"])
        confidence = float(piece["probability"])
        if not text:
            continue
        if words and not piece["word"].startswith(" "):
            before = words.pop()
            if any(character.isalnum() for character in text):
                words.append((before[0] + text, before[1], end_s, min(before[3], confidence)))
            else:
                words.append((before[0] + text, *before[1:]))
        else:
            words.append((text, start_s, end_s, confidence))
    return words


def _ranked(shares: dict[str, float]) -> tuple[Alternative, ...]:
    kept = sorted(((share, text) for text, share in shares.items() if share >= MIN_ALTERNATIVE), reverse=True)
    return tuple(Alternative(text=text, probability=round(share, 4), source="recognizer") for share, text in kept)


def _english(shares: list[tuple[str, float]]) -> dict[str, float]:
    return {"en": next((share for token, share in shares if token == "<|en|>"), 0.0)}


def _repetition(text: str) -> float:
    encoded = text.encode()
    return len(encoded) / len(zlib.compress(encoded)) if encoded else 0.0
