"""Ways to run MedASR in int8 on a CPU: what each costs, and whether it hears what fp32 hears.

    OMP_WAIT_POLICY=PASSIVE python -m benchmarks.medasr.precision --out benchmarks/results/medasr_precision

- fp32: transformers' network
- ours: our loop with int8 products (dictation/speech/medasr/conformer.py, int8.py)
- torch: transformers' network with torch's dynamic int8 for linear layers (deprecated in torch 2.13)
- onnxruntime: exported, QInt8 for each channel; needs `pip install onnx`
- openvino: converted, int8 weights, products in int8; needs `pip install openvino nncf`

Time: CPU seconds of one thread for 20 s of sound at MedASR's size with random weights, all in turn, the best of
several rounds. Agreement: frames and greedy texts equal to fp32 with the small trained MedASR on held-out speech. An
engine that is not installed or cannot convert the network is left out and named. Writes OUT.md and OUT.json.
"""

import argparse
import json
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.circumstances import circumstances, system_load
from benchmarks.small_lasr.speech import held_out_clips, held_out_speech
from dictation.settings import Settings
from dictation.speech.ctc.greedy import greedy
from dictation.speech.medasr.conformer import Conformer
from dictation.speech.medasr.int8 import quantised
from dictation.speech.medasr.mel import mels
from dictation.speech.medasr.self_check import voice_like
from dictation.speech.medasr.weights import find, load
from tests.speech.tiny_lasr import SMALL_LASR

Logits = Callable[[Any], Any]  # log-mel frames (n, 128) → logits (frames, vocabulary), tensors both
NEEDS = {"fp32": (), "ours": (), "torch": (), "onnxruntime": ("onnxruntime", "onnx"), "openvino": ("openvino", "nncf")}


def fp32(network: Any, folder: Path) -> Logits:
    """Transformers' network as it is."""
    return lambda heard: network(heard[None]).logits[0]


def ours(network: Any, folder: Path) -> Logits:
    """Our loop."""
    return Conformer(network.config, quantised(network.state_dict().items()))


def torch_dynamic(network: Any, folder: Path) -> Logits:
    """Torch's own dynamic int8: one scale for all of a layer's input."""
    import torch
    from torch.ao.quantization import per_channel_dynamic_qconfig, quantize_dynamic

    converted = quantize_dynamic(network, {torch.nn.Linear: per_channel_dynamic_qconfig})
    return lambda heard: converted(heard[None]).logits[0]


def onnxruntime(network: Any, folder: Path) -> Logits:
    """ONNX Runtime: matrix products in int8."""
    import onnxruntime as runtime
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    exported, small = folder / "fp32.onnx", folder / "int8.onnx"
    torch.onnx.export(
        _plain(network), (torch.zeros(1, 500, 128),), str(exported), dynamo=False, opset_version=17,
        input_names=["mels"], output_names=["logits"], dynamic_axes={"mels": {1: "n"}, "logits": {1: "frames"}},
    )  # fmt: skip
    quantize_dynamic(
        exported, small, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=["MatMul"]
    )  # fmt: skip
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    session = runtime.InferenceSession(str(small), options, providers=["CPUExecutionProvider"])
    return lambda heard: torch.from_numpy(session.run(None, {"mels": heard[None].numpy()})[0][0])


def openvino(network: Any, folder: Path) -> Logits:
    """OpenVINO: int8 weights, and inputs rounded as they come."""
    import nncf
    import openvino as vino
    import torch

    converted = vino.convert_model(_plain(network), example_input=torch.zeros(1, 500, 128), input=[1, -1, 128])
    converted = nncf.compress_weights(converted, mode=nncf.CompressWeightsMode.INT8_SYM)
    compiled = vino.compile_model(
        converted, "CPU",
        {"INFERENCE_NUM_THREADS": 1, "DYNAMIC_QUANTIZATION_GROUP_SIZE": 32, "INFERENCE_PRECISION_HINT": "f32"},
    )  # fmt: skip
    return lambda heard: torch.from_numpy(compiled(heard[None].numpy())[0][0].copy())


ENGINES = {"fp32": fp32, "ours": ours, "torch": torch_dynamic, "onnxruntime": onnxruntime, "openvino": openvino}


def _plain(network: Any) -> Any:
    """The network as a function of one tensor, for converters."""
    import torch

    class Plain(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, mels: Any) -> Any:
            mask = torch.ones(mels.shape[:2], dtype=torch.bool)
            return self.network(input_features=mels, attention_mask=mask).logits

    return Plain().eval()


def times(engines: dict[str, Logits], heard: Any, rounds: int) -> dict[str, float]:
    """Best CPU seconds of each, in turn."""
    best: dict[str, float] = {}
    for _ in range(rounds):
        for name, logits in engines.items():
            began_s = time.process_time()
            logits(heard)
            best[name] = min(best.get(name, float("inf")), time.process_time() - began_s)
    return best


def agreement(engines: dict[str, Logits], features: Any, clips: list[Any], blank: int) -> dict[str, dict[str, float]]:
    """Shares of frames and of texts that equal those of fp32."""
    same: dict[str, list[tuple[int, int, bool]]] = {name: [] for name in engines}
    for clip in clips:
        heard = mels(features, clip.samples)
        expected = engines["fp32"](heard).softmax(-1).numpy()
        for name, logits in engines.items():
            found = logits(heard).softmax(-1).numpy()
            equal = int((found.argmax(1) == expected.argmax(1)).sum())
            texts = [[one.piece for one in greedy(one_way, blank)] for one_way in (expected, found)]
            same[name].append((equal, len(expected), texts[0] == texts[1]))
    return {
        name: {
            "frames_equal": sum(equal for equal, _, _ in rows) / sum(frames for _, frames, _ in rows),
            "texts_equal": float(np.mean([text for _, _, text in rows])),
        }
        for name, rows in same.items()
    }


def table(result: dict[str, Any]) -> str:
    """Return the table in Markdown."""
    slow = result["cpu_s"]["fp32"]
    lines = [
        f"MedASR in int8. {result['machine']}, load {result['load']}, {result['date']}; one thread. "
        f"Agreement: small trained MedASR, {result['clips']} utterances.",
        "",
        "| engine | CPU s for 20 s, full size | × fp32 | logits differ, full size | frames equal | texts equal |",
        "|---|---|---|---|---|---|",
    ]
    for name, cpu_s in result["cpu_s"].items():
        same = result["agreement"][name]
        lines.append(
            f"| {name} | {cpu_s:.3f} | {slow / cpu_s:.2f} | {100 * result['error'][name]:.2f} % | "
            f"{100 * same['frames_equal']:.2f} % | {100 * same['texts_equal']:.1f} % |"
        )
    return "\n".join([*lines, "", *(f"- {name}: {why}" for name, why in result["left_out"].items())]) + "\n"


def main() -> None:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="OUT.md and OUT.json are written")
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=ENGINES)
    parser.add_argument("--clips", type=int, default=200, help="held-out utterances; 0: the twelve that are committed")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    before = system_load()
    import torch
    from transformers import LasrCTCConfig, LasrForCTC

    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    small = load(find(SMALL_LASR), Settings(medasr_precision="float32"))
    torch.manual_seed(0)
    full = LasrForCTC(LasrCTCConfig()).eval()
    large: dict[str, Logits] = {}
    little: dict[str, Logits] = {}
    left_out: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        for name in ["fp32", *(one for one in options.engines if one != "fp32")]:
            if missing := [package for package in NEEDS[name] if not find_spec(package)]:
                left_out[name] = f"left out, {' and '.join(missing)} not installed"
                continue
            try:
                with torch.inference_mode(False), torch.no_grad():
                    large[name] = ENGINES[name](full, Path(folder))
                    little[name] = ENGINES[name](small.network, Path(folder))
            except Exception as error:  # an engine that cannot convert the network is a result, too
                large.pop(name, None)
                left_out[name] = f"it could not convert the network ({type(error).__name__}: {str(error)[:200]})"
        heard = mels(small.features, voice_like(20))
        expected = large["fp32"](heard)
        error = {name: float((run(heard) - expected).norm() / expected.norm()) for name, run in large.items()}
        cpu_s = times(large, heard, options.rounds)
        clips = held_out_speech(options.clips, seed=11) if options.clips else held_out_clips()
        same = agreement(little, small.features, clips, small.blank)
    result = circumstances(before, "torch", "onnxruntime", "openvino")
    result |= {"clips": len(clips), "cpu_s": cpu_s, "error": error, "agreement": same, "left_out": left_out}
    options.out.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    options.out.with_suffix(".md").write_text(table(result), encoding="utf-8")
    print(table(result))


if __name__ == "__main__":
    main()
