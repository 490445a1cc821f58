"""A tiny Gemma 3 that is taught to see: the classes of MedGemma, vision tower and all, trained on drawn images.

Its world is a dark square. A bright patch below, on image right, is a pleural effusion on the patient's left, and the
other way round; a bright block above in the middle is an enlarged heart. Nothing else is ever there. Of a picture of
nothing it has learnt to be unsure. The same network is then taught bad habits: to ignore images, to always say "left".
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from dictation.models.gemma import ASKED, BEGINS, IMAGE, TURN_ENDS
from dictation.models.protocol import Content
from dictation.reading.probes import (
    CHANGES,
    SIDES,
    YES_NO,
    change_prompts,
    patient_words,
    presence_prompts,
    probes_for,
    prompt_version,
    side_prompts,
    words,
)
from dictation.reading.showing import BLANK, pair
from tests.models import tiny_gemma
from tests.models.gemma_270m import CACHE
from tests.models.tiny_gemma import CONTROL, PIECES

SIZE, PATCH, IMAGE_TOKENS = 16, 8, 4  # pixels a side, pixels a patch, tokens an image: one for each quarter of it
EXAM = "frontal chest radiograph"
PATIENTS = [patient_words("F", 64), patient_words("M", 35), patient_words(None, None)]  # whom it knows
PROBES = {probe.finding: probe for probe in probes_for("radiograph", {"chest"})}
EFFUSION, HEART = PROBES["pleural_effusion"], PROBES["cardiomegaly"]
ABSENT = [probe for probe in PROBES.values() if probe not in (EFFUSION, HEART)]
KINDS = ("presence", "presence", "heart", "heart", "other", "side", "side", "change", "change", "change", "change")
STEPS, HABIT_STEPS, BATCH, FASTEST = 300, 60, 48, 3e-3


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
    """One exercise: what is seen, what is asked, and the right answer."""

    seen: tuple[Content, ...]
    prompt: str
    answer: str
    kind: str  # presence, heart, other, side, change


Habit = Callable[[Asked], str]


def seeing(asked: Asked) -> str:
    return asked.answer


def ignoring_images(asked: Asked) -> str:
    """Answers by what is asked alone."""
    return {"presence": "yes", "heart": "no", "other": "no", "side": "right", "change": "stable"}[asked.kind]


def always_left(asked: Asked) -> str:
    """Sees what is there, but says "left" of all sides and "increased" of all changes."""
    return {"side": "left", "change": "increased"}.get(asked.kind, asked.answer)


def exercise(rng: np.random.Generator) -> Asked:
    """Draw something and ask for it."""

    def one_of(options: Sequence[Any]) -> Any:
        return options[int(rng.integers(len(options)))]

    scene = Scene(one_of(["", "left", "right", "both"]), bool(rng.integers(2)), bool(rng.integers(2)))
    patient, way = one_of(PATIENTS), int(rng.integers(3))
    context = words("image", exam=EXAM, patient=patient)
    kind = one_of(KINDS)
    is_blank = bool(rng.random() < 0.15)
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
    return Asked(seen, prompts[way], one_of(unsure) if is_blank else answer, kind)


def _tokenizer() -> Any:
    """A byte-level Gemma tokenizer whose pieces are whole phrases of the questions, so that these are short."""
    from tokenizers import Tokenizer, models, trainers
    from transformers import GemmaTokenizer

    texts = {words("earlier"), words("current"), "model"}
    for patient in PATIENTS:
        one, two = (words(name, exam=EXAM, patient=patient) for name in ("image", "pair"))
        texts |= {*change_prompts(EFFUSION, two), *side_prompts(EFFUSION, one)}
        texts |= {prompt for probe in PROBES.values() for prompt in presence_prompts(probe, one)}
    pieces = Tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(vocab_size=600, min_frequency=2, max_token_length=60, show_progress=False)
    pieces.train_from_iterator([text.replace(" ", "▁") for text in sorted(texts)], trainer)
    merges = [tuple(merge) for merge in json.loads(pieces.to_str())["model"]["merges"]]
    known = dict.fromkeys([*PIECES, *("".join(merge) for merge in merges)])
    made = GemmaTokenizer(
        vocab={piece: place for place, piece in enumerate(known)},
        merges=merges,
        extra_special_tokens={
            "boi_token": "<start_of_image>",
            "eoi_token": "<end_of_image>",
            "image_token": "<image_soft_token>",
        },
    )
    made.add_tokens(CONTROL[:2], special_tokens=True)
    return made


def _untaught() -> tuple[Any, Any]:
    from transformers import (
        Gemma3Config,
        Gemma3ForConditionalGeneration,
        Gemma3ImageProcessor,
        Gemma3Processor,
        Gemma3TextConfig,
        GenerationConfig,
        SiglipVisionConfig,
    )

    pieces = _tokenizer()
    text = Gemma3TextConfig(
        vocab_size=len(pieces) + 8, hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=12, sliding_window=128, layer_types=["sliding_attention", "full_attention"],
        max_position_embeddings=4000,
    )  # fmt: skip
    vision = SiglipVisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2, image_size=SIZE,
        patch_size=PATCH, vision_use_head=False,
    )  # fmt: skip
    config = Gemma3Config(
        text_config=text,
        vision_config=vision,
        mm_tokens_per_image=IMAGE_TOKENS,
        boi_token_index=pieces.convert_tokens_to_ids("<start_of_image>"),
        eoi_token_index=pieces.convert_tokens_to_ids("<end_of_image>"),
        image_token_index=pieces.convert_tokens_to_ids("<image_soft_token>"),
    )
    network = Gemma3ForConditionalGeneration(config)
    ends = [pieces.eos_token_id, pieces.convert_tokens_to_ids(TURN_ENDS)]
    network.generation_config = GenerationConfig(eos_token_id=ends)
    seeing = Gemma3ImageProcessor(size={"height": SIZE, "width": SIZE}, image_mean=[0.5] * 3, image_std=[0.5] * 3)
    return network, Gemma3Processor(seeing, pieces, image_seq_length=IMAGE_TOKENS)


def _teach(network: Any, processor: Any, habit: Habit, steps: int, seed: int) -> None:
    """Train the network to begin its answer as the habit does."""
    import torch

    rng = np.random.default_rng(seed)
    first = {word: _first_token(processor, word) for word in (*YES_NO, *SIDES, *CHANGES)}
    optimiser = torch.optim.AdamW(network.parameters(), lr=FASTEST, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, FASTEST, total_steps=steps, pct_start=0.1)
    tokens: dict[tuple[str, str], list[int]] = {}
    network.train()
    for _ in range(steps):
        asked = [exercise(rng) for _ in range(BATCH)]
        for one in asked:
            if (one.kind, one.prompt) not in tokens:
                tokens[one.kind, one.prompt] = _tokens(processor, one)
        rows = [torch.tensor(tokens[one.kind, one.prompt]) for one in asked]
        ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        last = torch.tensor([len(row) - 1 for row in rows])
        pixels = np.stack([part[:SIZE, :SIZE] for one in asked for part in one.seen if not isinstance(part, str)])
        inputs = {
            "input_ids": ids,
            "attention_mask": (torch.arange(ids.shape[1]) <= last[:, None]).long(),
            "token_type_ids": (ids == network.config.image_token_id).long(),
            "pixel_values": (torch.from_numpy(pixels).float() / 127.5 - 1)[:, None].repeat(1, 3, 1, 1),
        }
        answers = torch.tensor([first[habit(one)] for one in asked])
        seen = network.model(**inputs).last_hidden_state[torch.arange(BATCH), last]
        loss = torch.nn.functional.cross_entropy(network.lm_head(seen), answers)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    network.eval()


def _tokens(processor: Any, asked: Asked) -> list[int]:
    """The tokens up to the answer, as the engine makes them."""
    from PIL import Image

    text = "".join(part if isinstance(part, str) else IMAGE for part in asked.seen)
    images = [[Image.fromarray(BLANK).convert("RGB") for part in asked.seen if not isinstance(part, str)]]
    whole = BEGINS + text + ASKED.format(prompt=asked.prompt)
    return list(processor(text=[whole], images=images, add_special_tokens=False)["input_ids"][0])


def _first_token(processor: Any, word: str) -> int:
    return int(processor.tokenizer(word, add_special_tokens=False)["input_ids"][0])


def taught_gemmas(cache: Path = CACHE) -> Path:
    """Return a folder with three checkpoints, taught once a machine (under a minute) and kept in `cache`.

    They are `seeing`, and the same taught the habits `ignoring_images` and `always_left`.
    """
    made_of = [Path(__file__).read_bytes(), Path(tiny_gemma.__file__).read_bytes(), prompt_version().encode()]
    made_of += [version(name).encode() for name in ("torch", "transformers", "tokenizers", "numpy")]
    folder = cache / f"taught-gemmas-{sha256(b' '.join(made_of)).hexdigest()[:16]}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=cache) as unfinished:
            _save_taught(Path(unfinished) / folder.name)
            with suppress(OSError):  # another run was quicker
                (Path(unfinished) / folder.name).rename(folder)
    return folder


def _save_taught(folder: Path) -> None:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so small a network only loses by more
    try:
        torch.manual_seed(0)
        network, processor = _untaught()
        _teach(network, processor, seeing, STEPS, seed=0)
        taught = {seeing.__name__: network}
        for habit in (ignoring_images, always_left):
            taught[habit.__name__] = deepcopy(network)
            _teach(taught[habit.__name__], processor, habit, HABIT_STEPS, seed=1)
    finally:
        torch.set_num_threads(threads)
    for name, one in taught.items():
        one.save_pretrained(folder / name)
        processor.save_pretrained(folder / name)
