"""How much memory MedGemma takes: on paper from the real classes, and measured where somebody let it be measured.

    python -m benchmarks.report.memory                                        # the table, in seconds, no allocation
    python -m benchmarks.report.memory --measure 4b --precision bfloat16 --work /big/disk
    python -m benchmarks.report.memory --measure endpoint

On paper: the networks are built on torch's "meta" device, which has shapes and no memory, from the published sizes; the
keys and values are those of transformers' own cache. `--measure` writes a checkpoint of full size with random weights
into --work (9 GB for 4B, kept for the next run), loads it as the product does, lets it read one image and a prompt, and
adds a line to results/report_memory.json: seconds, and peaks of the GPU's memory, else of the process's. What that file
does not hold is "not measured".
"""

import argparse
import json
import platform
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report.full_size import EYE
from dictation.models.gemma_precision import IN_FULL, chosen
from dictation.models.gemma_reading import CHUNK_TOKENS
from dictation.models.gemma_reading import _pass as passed
from dictation.models.gemma_weights import size_of

RESULTS = Path(__file__).parent.parent / "results" / "report_memory.json"
# config.json of google/gemma-3-4b-pt and -27b-pt, on which MedGemma rests
TEXT = {
    "4b": {"hidden_size": 2560, "num_hidden_layers": 34, "num_attention_heads": 8, "num_key_value_heads": 4,
           "head_dim": 256, "intermediate_size": 10240},
    "27b": {"hidden_size": 5376, "num_hidden_layers": 62, "num_attention_heads": 32, "num_key_value_heads": 16,
            "head_dim": 128, "intermediate_size": 21504},
}  # fmt: skip
ALL_TEXT = {"vocab_size": 262208, "sliding_window": 1024}
# QLoRA's double quantisation, as gemma_precision sets it: half a byte a weight, a byte for each 64, 4 for each 64 x 256
FOUR_BIT_BYTES = 0.5 + 1 / 64 + 4 / (64 * 256)
IMAGE_TOKENS = 256 + 4  # of one image, and its marks and line ends
SLICE_TOKENS = IMAGE_TOKENS + 4  # and "SLICE 12"
PROMPT_TOKENS, ANSWER_TOKENS = 1500, 1000  # a long dictation with its template, and its report
JOBS = {
    "report, one image": IMAGE_TOKENS + PROMPT_TOKENS + ANSWER_TOKENS,
    "CT of 85 slices": 85 * SLICE_TOKENS + PROMPT_TOKENS + ANSWER_TOKENS,
}
GB = 1e9


def config(size: str) -> Any:
    """Return the configuration of the published model of a size."""
    from transformers import Gemma3Config

    return Gemma3Config(text_config=TEXT[size] | ALL_TEXT, vision_config=EYE, mm_tokens_per_image=256)


def network(size: str) -> Any:
    """Return the network with shapes and without memory."""
    import torch
    from transformers import Gemma3ForConditionalGeneration

    with torch.device("meta"):
        return Gemma3ForConditionalGeneration(config(size))


def weight_bytes(of: Any, precision: str) -> float:
    """Return what the weights take; in 4 bits what is no linear layer, or named in IN_FULL, is fp32."""
    import torch

    every = sum(weight.numel() for weight in of.parameters())
    if precision != "4bit":
        return every * (2.0 if precision == "bfloat16" else 4.0)
    small = sum(
        layer.weight.numel()
        for name, layer in of.named_modules()
        if isinstance(layer, torch.nn.Linear) and not name.startswith(tuple(IN_FULL))
    )
    return small * FOUR_BIT_BYTES + (every - small) * 4.0


def cache_bytes(size: str, tokens: int, bytes_each: int) -> int:
    """Return what the keys and values of so many tokens take in transformers' own cache, read in parts."""
    import torch
    from transformers import DynamicCache

    text = config(size).get_text_config()
    cache = DynamicCache(config=text)
    for start in range(0, tokens, CHUNK_TOKENS):
        shape = (1, text.num_key_value_heads, min(CHUNK_TOKENS, tokens - start), text.head_dim)
        for layer in range(text.num_hidden_layers):
            cache.update(torch.empty(shape, device="meta"), torch.empty(shape, device="meta"), layer)
    return sum(kept.numel() for layer in cache.layers for kept in (layer.keys, layer.values)) * bytes_each


def on_paper() -> list[str]:
    """Return the rows of the table."""
    rows = [f"| model | weights | {' | '.join(f'keys and values: {job} ({n:,} tokens)' for job, n in JOBS.items())} |"]
    rows.append("|---|" + "---|" * (len(JOBS) + 1))
    for size, precisions in {"4b": ("bfloat16", "4bit", "float32"), "27b": ("bfloat16", "4bit")}.items():
        built = network(size)
        count = sum(weight.numel() for weight in built.parameters()) / GB
        for precision in precisions:
            bytes_each = 2 if precision == "bfloat16" else 4  # 4 bits compute in fp32
            kept = [f"{cache_bytes(size, tokens, bytes_each) / GB:.2f} GB" for tokens in JOBS.values()]
            weights = weight_bytes(built, precision) / GB
            rows.append(f"| {size} ({count:.2f} billion), {precision} | {weights:.1f} GB | {' | '.join(kept)} |")
    rows.append("| endpoint | 0 here; the server's are the above | 0 here | 0 here |")
    return rows


def checkpoint(size: str, work: Path) -> Path:
    """Write weights of full size, one tensor after another; what is there is used again."""
    import torch
    from safetensors.torch import save_file

    folder = work / f"random-medgemma-{size}"
    index = folder / "model.safetensors.index.json"
    if index.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    config(size).save_pretrained(folder)
    noise = (torch.randn(2**22) * 0.02).to(torch.bfloat16)
    part: dict[str, Any] = {}
    places: dict[str, str] = {}
    built = network(size)
    names = [(name, tensor.shape) for name, tensor in built.named_parameters()]
    for number, (name, shape) in enumerate(names):
        count = int(np.prod(shape))
        part[name] = noise.repeat(-(-count // len(noise)))[:count].reshape(shape).clone()
        if sum(tensor.numel() for tensor in part.values()) > 5e8 or number == len(names) - 1:
            file = f"model-{len(set(places.values())):05d}.safetensors"
            save_file(part, folder / file, metadata={"format": "pt"})
            places |= dict.fromkeys(part, file)
            part = {}
    index.write_text(json.dumps({"metadata": {}, "weight_map": places}), encoding="utf-8")
    return folder


class Peak:
    """The most memory, in GB, since the last look: of the GPU, else of this process, in all and without mapped files.

    A CPU reads weights in their saved precision from the mapped file: they have to be in memory to be quick, but the
    system may drop them.
    """

    def __init__(self) -> None:
        self._most: dict[str, float] = {}
        threading.Thread(target=self._watch, daemon=True).start()

    def taken(self) -> dict[str, float]:
        """Return the peaks, and begin again."""
        self._look()
        most, self._most = self._most, {}
        return {name: round(value, 2) for name, value in most.items()}

    def _watch(self) -> None:
        while True:
            self._look()
            time.sleep(0.02)

    def _look(self) -> None:
        for name, value in in_use_gb().items():
            self._most[name] = max(self._most.get(name, 0.0), value)


def in_use_gb() -> dict[str, float]:
    """Return what is in use now, in GB: of the GPU, else of this process."""
    import torch

    if torch.cuda.is_available():
        return {"gpu": torch.cuda.memory_allocated() / GB}
    status = Path("/proc/self/status").read_text(encoding="ascii")
    own, mapped = (int(status.split(f"{name}:")[1].split()[0]) * 1024 / GB for name in ("RssAnon", "RssFile"))
    return {"resident": own + mapped, "own": own}


def measured(size: str, precision: Any, work: Path, threads: int) -> dict[str, Any]:
    """Load a model of full size as the product does, and let it read one image and a prompt."""
    import torch
    from transformers import DynamicCache, Gemma3ForConditionalGeneration

    if threads:
        torch.set_num_threads(threads)
    folder = checkpoint(size, work)
    how = chosen(precision, size_of(folder))
    peak = Peak()
    began = time.perf_counter()
    built = Gemma3ForConditionalGeneration.from_pretrained(folder, local_files_only=True, **how.arguments())
    built = built.eval() if how.precision == "4bit" else built.to(how.device).eval()
    loaded_s, loading = time.perf_counter() - began, peak.taken()
    began, began_cpu = time.perf_counter(), time.process_time()
    image = [2, 255999] + [config(size).image_token_id] * 256 + [256000]
    ids = torch.tensor([image + [1000] * PROMPT_TOKENS], device=how.device)
    types = (ids == config(size).image_token_id).long()
    pixels = torch.rand(1, 3, 896, 896, device=how.device).to(built.dtype)
    cache = DynamicCache(config=built.config.get_text_config())
    with torch.no_grad():
        passed(built, cache, input_ids=ids, token_type_ids=types, pixel_values=pixels, logits_to_keep=1)
    return {
        "model": size,
        "precision": how.precision,
        "device": torch.cuda.get_device_name() if how.device == "cuda" else f"CPU, {torch.get_num_threads()} threads",
        "loaded_s": round(loaded_s, 1),
        "peak_while_loading_gb": loading,
        "read_image_and_prompt_s": round(time.perf_counter() - began, 1),
        "read_image_and_prompt_cpu_s": round(time.process_time() - began_cpu, 1),
        "peak_while_reading_gb": peak.taken(),
        "tokens": ids.shape[1],
        "torch": torch.__version__,
        "machine": platform.machine(),
    }


def measured_endpoint() -> dict[str, Any]:
    """Prepare 85 slices for a server, which takes no memory of a model here."""
    from dictation.models.endpoint import _data_url as data_url

    noise = np.random.default_rng(0).integers(0, 255, (512, 512, 3), dtype=np.uint8)
    peak = Peak()
    before = in_use_gb()["own"]
    urls = [data_url(noise) for _ in range(85)]
    return {
        "model": "endpoint",
        "device": "CPU",
        "peak_while_reading_gb": {"own, beside the program": round(peak.taken()["own"] - before, 2)},
        "sent_mb": round(sum(map(len, urls)) / 1e6, 1),
    }


def main() -> None:
    """Print the table, or measure one line of it."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--measure", choices=[*TEXT, "endpoint"])
    asked.add_argument("--precision", default="auto", choices=["auto", "bfloat16", "4bit", "float32"])
    asked.add_argument("--work", type=Path, default=Path("work"))
    asked.add_argument("--threads", type=int, default=0)
    given = asked.parse_args()
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    if given.measure:
        endpoint = given.measure == "endpoint"
        new = measured_endpoint() if endpoint else measured(given.measure, given.precision, given.work, given.threads)
        same = ("model", "precision", "device")
        known = [one for one in known if [one.get(key) for key in same] != [new.get(key) for key in same]] + [new]
        RESULTS.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write("On paper\n\n" + "\n".join(on_paper()) + "\n\nMeasured, with random weights of full size\n\n")
    sys.stdout.write("\n".join(json.dumps(one) for one in known) + "\n")
    for what in ("4b bfloat16", "4b 4bit", "27b bfloat16"):
        if not any(f"{one['model']} {one.get('precision')}" == what and "CPU" not in one["device"] for one in known):
            sys.stdout.write(f"{what} on a GPU: not measured\n")


if __name__ == "__main__":
    main()
