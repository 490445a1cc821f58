"""A tiny Gemma 3 that is taught to see: the classes of MedGemma, vision tower and all, trained on a drawn world."""

import json
from collections.abc import Sequence
from copy import deepcopy
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from filelock import FileLock

from dictation.models.gemma import ASKED, BEGINS, IMAGE, TURN_ENDS
from dictation.reading.probes import (
    CHANGES,
    SIDES,
    YES_NO,
    change_prompts,
    presence_prompts,
    prompt_version,
    side_prompts,
    words,
)
from dictation.reading.showing import BLANK
from tests.models import tiny_gemma
from tests.models.gemma_270m import CACHE
from tests.models.tiny_gemma import CONTROL, PIECES
from tests.reading import drawn
from tests.reading.drawn import (
    EFFUSION,
    EXAM,
    KINDS,
    PATIENTS,
    PROBES,
    SIZE,
    Asked,
    Habit,
    always_left,
    exercise,
    ignoring_images,
    seeing,
)

PATCH, IMAGE_TOKENS = 8, 4  # pixels a patch, tokens an image: one for each quarter of it
NARROW = 0.12  # spread of the first weights: about 1 / sqrt(width), or so narrow a network learns slowly
BATCH, FASTEST = 16, 3e-3  # exercises a step, and the learning rate
WARM_UP, AN_EXAM, LAST_STEPS, MOST_STEPS = 20, 40, 80, 1500  # steps: until the full rate, between exams, slowing down
EXAMINED, LEAST_RIGHT = 60, 0.97  # new exercises of each kind in an exam, and the share of each that must be right


def _tokenizer() -> Any:
    """A byte-level Gemma tokenizer whose pieces are whole phrases of the questions, so that these are short."""
    from tokenizers import Tokenizer, models, trainers
    from transformers import GemmaTokenizer

    texts = [word for word in (words("earlier"), words("current"), "user", "model") for _ in range(4)]
    for patient in PATIENTS:
        one, two = (words(name, exam=EXAM, patient=patient) for name in ("image", "pair"))
        texts += change_prompts(EFFUSION, two) + side_prompts(EFFUSION, one)
        texts += [prompt for probe in PROBES.values() for prompt in presence_prompts(probe, one)]
    pieces = Tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(vocab_size=600, min_frequency=2, max_token_length=60, show_progress=False)
    pieces.train_from_iterator([text.replace(" ", "▁") for text in texts], trainer)
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
        max_position_embeddings=4000, initializer_range=NARROW,
    )  # fmt: skip
    vision = SiglipVisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2, image_size=SIZE,
        patch_size=PATCH, vision_use_head=False,
    )  # fmt: skip
    config = Gemma3Config(
        text_config=text,
        vision_config=vision,
        mm_tokens_per_image=IMAGE_TOKENS,
        initializer_range=NARROW,
        boi_token_index=pieces.convert_tokens_to_ids("<start_of_image>"),
        eoi_token_index=pieces.convert_tokens_to_ids("<end_of_image>"),
        image_token_index=pieces.convert_tokens_to_ids("<image_soft_token>"),
    )
    network = Gemma3ForConditionalGeneration(config)
    ends = [pieces.eos_token_id, pieces.convert_tokens_to_ids(TURN_ENDS)]
    network.generation_config = GenerationConfig(eos_token_id=ends)
    seeing = Gemma3ImageProcessor(size={"height": SIZE, "width": SIZE}, image_mean=[0.5] * 3, image_std=[0.5] * 3)
    return network, Gemma3Processor(seeing, pieces, image_seq_length=IMAGE_TOKENS)


def _teach(network: Any, processor: Any, habit: Habit, seed: int) -> None:
    """Train the network to begin its answer as the habit does, until it passes an exam in exercises of every kind.

    What it still gets wrong is practised most. Raises RuntimeError where it never passes.
    """
    import torch

    rng = np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(network.parameters(), lr=FASTEST, betas=(0.9, 0.98))
    tokens: dict[tuple[str, str], list[int]] = {}

    def practise(shares: np.ndarray, rate: float) -> None:
        asked = [exercise(rng, KINDS[kind]) for kind in rng.choice(len(KINDS), BATCH, p=shares / shares.sum())]
        scores, answers = _answered(network, processor, asked, habit, tokens)
        optimiser.param_groups[0]["lr"] = rate
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(scores, answers).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()

    @torch.no_grad()
    def right(kind: str) -> float:
        asked = [exercise(rng, kind) for _ in range(EXAMINED)]
        scores, answers = _answered(network, processor, asked, habit, tokens)
        said = scores.softmax(dim=-1).masked_fill(answers == 0, 1)  # each right answer needs half of its share
        return float((said >= answers / 2).all(dim=-1).float().mean())

    network.train()
    shares = np.ones(len(KINDS))
    for step in range(MOST_STEPS):
        practise(shares, FASTEST * min(1.0, (step + 1) / WARM_UP))
        if (step + 1) % AN_EXAM == 0:
            marks = np.array([right(kind) for kind in KINDS])
            if marks.min() >= LEAST_RIGHT:
                break
            shares = 1.15 - marks
    for step in range(LAST_STEPS):
        practise(np.ones(len(KINDS)), FASTEST * (1 - step / LAST_STEPS))
    network.eval()
    marks = np.array([right(kind) for kind in KINDS])
    if marks.min() < LEAST_RIGHT:
        raise RuntimeError(f"{habit.__name__}: right in {dict(zip(KINDS, marks, strict=True))}; it has not learnt it")


def _answered(
    network: Any, processor: Any, asked: Sequence[Asked], habit: Habit, tokens: dict[tuple[str, str], list[int]]
) -> tuple[Any, Any]:
    """Return the network's scores of the first token of each answer, and how probable the habit makes each token."""
    import torch

    for one in asked:
        if (one.kind, one.prompt) not in tokens:
            tokens[one.kind, one.prompt] = _tokens(processor, one)
    rows = [torch.tensor(tokens[one.kind, one.prompt]) for one in asked]
    ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    last = torch.tensor([len(row) - 1 for row in rows])
    is_image = ids == network.config.image_token_id
    pixels = np.stack([part[:SIZE, :SIZE] for one in asked for part in one.seen if not isinstance(part, str)])
    seen = network.model(
        input_ids=ids,
        attention_mask=dict.fromkeys(("full_attention", "sliding_attention"), _visible(is_image)),
        token_type_ids=is_image.long(),
        pixel_values=(torch.from_numpy(pixels).float() / 127.5 - 1)[:, None].repeat(1, 3, 1, 1),
    ).last_hidden_state[torch.arange(len(asked)), last]
    first = {word: _first_token(processor, word) for word in (*YES_NO, *SIDES, *CHANGES)}
    scores = network.lm_head(seen)
    answers = torch.zeros_like(scores)
    for place, one in enumerate(asked):
        for answer in habit(one):
            answers[place, first[answer]] = 1 / len(habit(one))
    return scores, answers


def _visible(is_image: Any) -> Any:
    """Which tokens each token sees, as Gemma 3 does: those before it, and all of the image that it is a part of.

    No text here is as long as the sliding window. Padding stands behind the last token, which never sees it.
    """
    import torch

    length = is_image.shape[1]
    begins = is_image & ~torch.nn.functional.pad(is_image, (1, 0))[:, :length]
    image = torch.where(is_image, begins.cumsum(dim=1), 0)
    same = (image[:, :, None] == image[:, None, :]) & is_image[:, :, None]
    return (same | torch.ones(length, length).tril().bool())[:, None]


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
    made_of = [Path(source).read_bytes() for source in (__file__, drawn.__file__, tiny_gemma.__file__)]
    made_of += [prompt_version().encode()]
    made_of += [version(name).encode() for name in ("torch", "transformers", "tokenizers", "numpy")]
    folder = cache / f"taught-gemmas-{sha256(b' '.join(made_of)).hexdigest()[:16]}"
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        if not folder.is_dir():
            with TemporaryDirectory(dir=cache) as unfinished:
                _save_taught(Path(unfinished) / folder.name)
                (Path(unfinished) / folder.name).rename(folder)
    return folder


def _save_taught(folder: Path) -> None:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so small a network only loses by more
    try:
        torch.manual_seed(0)
        network, processor = _untaught()
        _teach(network, processor, seeing, seed=0)
        taught = {seeing.__name__: network}
        for habit in (ignoring_images, always_left):
            taught[habit.__name__] = deepcopy(network)
            _teach(taught[habit.__name__], processor, habit, seed=1)
    finally:
        torch.set_num_threads(threads)
    for name, one in taught.items():
        one.save_pretrained(folder / name)
        processor.save_pretrained(folder / name)
