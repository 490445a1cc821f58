"""A world that a tiny network can learn to see: what is drawn, what is asked about it, and the right answer.

It is a dark square. A bright patch below, on image right, is a pleural effusion on the patient's left, and the other
way round; a bright block above in the middle is an enlarged heart. Nothing else is ever there. Of a picture of nothing
one cannot say. Habits are other ways to answer: to ignore images, to always say "left".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dictation.models.protocol import Content
from dictation.reading.probes import (
    CHANGES,
    SIDES,
    YES_NO,
    change_prompts,
    patient_words,
    presence_prompts,
    probes_for,
    side_prompts,
    words,
)
from dictation.reading.showing import BLANK, pair

SIZE = 16  # pixels a side
EXAM = "frontal chest radiograph"
PATIENTS = [patient_words("F", 64), patient_words("M", 35), patient_words(None, None)]  # who is ever examined
PROBES = {probe.finding: probe for probe in probes_for("radiograph", {"chest"})}
EFFUSION, HEART = PROBES["pleural_effusion"], PROBES["cardiomegaly"]
ABSENT = [probe for probe in PROBES.values() if probe not in (EFFUSION, HEART)]
KINDS = ("presence", "heart", "other", "side", "change")
OF_NOTHING = 0.25  # share of exercises with a picture of nothing


@dataclass(frozen=True)
class Scene:
    """What is drawn: an effusion of the patient's "left", "right" or "both" sides, its size, and a large heart."""

    effusion: str = ""
    is_large: bool = True
    large_heart: bool = False
    is_blank: bool = False


def drawn(scene: Scene, rng: np.random.Generator, rows: int = SIZE, columns: int = SIZE) -> np.ndarray:
    """Draw a scene as uint8 (rows, columns): patient's left on image right."""
    if scene.is_blank:
        return BLANK
    image = rng.normal(70, 10, (rows, columns))
    top, width = rows * (1 if scene.is_large else 4) // 8, columns // 4
    if scene.effusion in ("right", "both"):
        image[top:, :width] += rng.uniform(120, 150)
    if scene.effusion in ("left", "both"):
        image[top:, -width:] += rng.uniform(120, 150)
    if scene.large_heart:
        image[rows // 8 : rows // 2, columns * 3 // 8 : columns * 5 // 8] += rng.uniform(120, 150)
    return image.clip(0, 255).round().astype(np.uint8)


@dataclass(frozen=True)
class Asked:
    """One exercise: what is seen, what is asked, and the right answer; of several each is as good."""

    seen: tuple[Content, ...]
    prompt: str
    answers: tuple[str, ...]
    kind: str  # presence, heart, other, side, change


Habit = Callable[[Asked], tuple[str, ...]]


def seeing(asked: Asked) -> tuple[str, ...]:
    return asked.answers


def ignoring_images(asked: Asked) -> tuple[str, ...]:
    """Answers by what is asked alone."""
    said = {"presence": "yes", "heart": "no", "other": "no", "side": "right", "change": "stable"}
    return (said[asked.kind],)


def always_left(asked: Asked) -> tuple[str, ...]:
    """Sees what is there, but says "left" of all sides and "increased" of all changes."""
    return {"side": ("left",), "change": ("increased",)}.get(asked.kind, asked.answers)


def exercise(rng: np.random.Generator, kind: str) -> Asked:
    """Draw something and ask for it; `kind` is one of KINDS."""

    def one_of(options: Sequence[Any]) -> Any:
        return options[int(rng.integers(len(options)))]

    scene = Scene(one_of(["", "left", "right", "both"]), bool(rng.integers(2)), bool(rng.integers(2)))
    patient = one_of(PATIENTS)
    context = words("image", exam=EXAM, patient=patient)
    is_blank = bool(rng.random() < OF_NOTHING)
    if kind == "side":
        scene = replace(scene, effusion=scene.effusion or one_of(SIDES))
    elif kind == "change":
        scene = replace(scene, effusion="left", large_heart=False)
    now = replace(scene, is_blank=is_blank and kind != "change")
    seen: tuple[Content, ...] = (drawn(now, rng),)
    if kind == "presence":
        prompts, answer, unsure = presence_prompts(EFFUSION, context), "yes" if scene.effusion else "no", YES_NO
    elif kind == "heart":
        prompts, answer, unsure = presence_prompts(HEART, context), "yes" if scene.large_heart else "no", YES_NO
    elif kind == "other":
        prompts, answer, unsure = presence_prompts(one_of(ABSENT), context), "no", ("no",)
    elif kind == "side":
        prompts, answer, unsure = side_prompts(EFFUSION, context), scene.effusion, SIDES
    else:
        before = replace(scene, is_large=scene.is_large ^ bool(rng.random() < 0.6), is_blank=is_blank)
        grown = scene.is_large - before.is_large
        seen, unsure = pair((drawn(before, rng),), seen), ("increased",)
        prompts = change_prompts(EFFUSION, words("pair", exam=EXAM, patient=patient))
        answer = CHANGES[2] if not grown else CHANGES[0] if grown > 0 else CHANGES[1]
    return Asked(seen, one_of(prompts), unsure if is_blank else (answer,), kind)
