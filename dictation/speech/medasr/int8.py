"""MedASR's weights in int8, and products with them: each row of weights and each frame of sound has a scale.

A frame's scale rests on that frame alone, so a loud one does not coarsen the others, and nothing depends on what else
is heard. Numbers that are never below a known one, as behind an activation, use all steps from there to the frame's
largest. Sums are int32, hence exact. Frames are rounded to 8 bits, to 7 on x86 processors without VNNI.
"""

import warnings
from collections.abc import Callable, Iterable
from typing import Any

SCALES = ".scales"  # behind a weight's name: what its int8 rows are to be multiplied by
_FP32 = ("ctc_head.", "encoder.subsampler.dense_0.", "depthwise_conv.")  # a small part of the work
_LARGEST = 127
_FEWER = 63  # of numbers of 7 bits
_FBGEMM = "linear_with_input_q_dq_qweight_dq_output_fp32"  # its product: fp32 in and out, int8 between


def quantised(state: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return a state of LasrForCTC with the matrices that make up the work in int8, and their scales beside them."""
    import torch

    found: dict[str, Any] = {}
    for name, value in state:
        if value.ndim < 2 or any(part in name for part in _FP32):
            found[name] = value.detach().clone()
            continue
        by_row = value.detach().float().flatten(1)
        scales = (by_row.abs().amax(dim=1) / _LARGEST).clamp(min=torch.finfo(torch.float32).tiny)
        found[name] = (by_row / scales[:, None]).round_().to(torch.int8).view(value.shape)
        found[name + SCALES] = scales
    return found


def int8_product(weight: Any, scales: Any, bias: Any, lowest: float | None = None) -> Callable[[Any], Any]:
    """Return the product with int8 weights, shape (out, in), their scales (out,) and a bias (out,) or None, in fp32.

    `lowest`: what no number of its input is below; None where they lie around zero.
    """
    import torch

    multiply, steps = _multiplier(weight, scales)
    if lowest is not None:
        return _above(lowest, multiply, steps, weight.sum(dim=1, dtype=torch.int32) * scales, bias)

    def product(hidden: Any) -> Any:
        scale = hidden.abs().amax(dim=-1, keepdim=True)  # three times as quick as torch.aminmax
        scale = scale.div_(steps).clamp_(min=torch.finfo(torch.float32).tiny)
        found = multiply((hidden / scale).round_()).mul_(scale)
        return found if bias is None else found.add_(bias)

    return product


def _above(lowest: float, multiply: Callable[[Any], Any], steps: int, sums: Any, bias: Any) -> Callable[[Any], Any]:
    """The product where a frame's middle is taken off before rounding and its share, the weights' sums, put back."""
    import torch

    def product(hidden: Any) -> Any:
        scale = hidden.amax(dim=-1, keepdim=True).sub_(lowest).div_(2 * steps)
        scale = scale.clamp_(min=torch.finfo(torch.float32).tiny)
        middle = scale * steps + lowest
        found = multiply((hidden - middle).div_(scale).round_()).mul_(scale).addr_(middle[:, 0], sums)
        return found if bias is None else found.add_(bias)

    return product


def steps_here() -> int:
    """How many steps above zero, and as many below, a frame's numbers are rounded to on this processor."""
    return _FEWER if _adds_pairs_in_int16() else _LARGEST


def _multiplier(weight: Any, scales: Any) -> tuple[Callable[[Any], Any], int]:
    """A product of whole numbers, in fp32, with int8 weights times their scales, and how far from zero they may be."""
    import torch

    steps = steps_here()
    if steps == _LARGEST:
        columns = weight.t()

        def multiply(rounded: Any) -> Any:  # a single row may have odd strides
            rounded = rounded.to(torch.int8, memory_format=torch.contiguous_format)
            return torch._int_mm(rounded, columns).float().mul_(scales)

        return multiply, steps
    zeros = torch.zeros(len(weight), dtype=torch.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch 2.13: such tensors will be removed; see _adds_pairs_in_int16
        whole_rows = torch._make_per_channel_quantized_tensor(weight.contiguous(), scales.double(), zeros, 0)
    packed = torch.ops.quantized.linear_prepack(whole_rows, None)
    product = getattr(torch.ops.quantized, _FBGEMM)
    return lambda rounded: product(rounded.contiguous(), 1.0, steps + 1, packed), steps


def _adds_pairs_in_int16() -> bool:
    """True on an x86 processor without VNNI, where torch's own int8 product takes ten times as long as fp32.

    FBGEMM's is 1.7 times as quick as fp32 there. It adds up pairs of products in int16, which overflow where weights
    and numbers both have 8 bits; with 7 for the numbers no sum can (2 · 127 · 127 < 32768). A torch that has it no more
    uses its own, which the self-check then finds too slow.
    """
    import torch

    has_fbgemm = torch.backends.quantized.engine in ("x86", "fbgemm") and hasattr(torch.ops.quantized, _FBGEMM)
    return has_fbgemm and not torch.cpu._is_vnni_supported()


def is_exact() -> bool:
    """True where this machine's int8 products are exact even for the largest numbers; some processors saturate."""
    import torch

    numbers = torch.Generator().manual_seed(0)
    weights = torch.randint(-_LARGEST, _LARGEST + 1, (96, 512), generator=numbers, dtype=torch.int8)
    steps = steps_here()
    rows = torch.randint(-steps, steps + 1, (64, 512), generator=numbers, dtype=torch.int8)
    rows[:2], weights[:2] = steps, _LARGEST
    rows[1], weights[1] = -steps, -_LARGEST
    multiply, _ = _multiplier(weights, torch.ones(len(weights)))
    return bool(torch.equal(multiply(rows.float()).long(), rows.long() @ weights.t().long()))
