"""MedASR's weights in int8, and products with them: each row of weights and each frame of sound has a scale.

A frame's scale rests on that frame alone, so a loud one does not coarsen the others, and nothing depends on what else
is heard. Numbers that are never below a known one, as behind an activation, use all 255 steps from there to the frame's
largest. Sums are int32, hence exact.
"""

from collections.abc import Callable, Iterable
from typing import Any

SCALES = ".scales"  # behind a weight's name: what its int8 rows are to be multiplied by
_FP32 = ("ctc_head.", "encoder.subsampler.dense_0.", "depthwise_conv.")  # a small part of the work
_LARGEST = 127


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

    columns = weight.t()
    if lowest is not None:
        return _above(lowest, columns, scales, weight.sum(dim=1, dtype=torch.int32) * scales, bias)

    def product(hidden: Any) -> Any:
        scale = hidden.abs().amax(dim=-1, keepdim=True)  # three times as quick as torch.aminmax
        scale = scale.div_(_LARGEST).clamp_(min=torch.finfo(torch.float32).tiny)
        rounded = (hidden / scale).round_()
        rounded = rounded.to(torch.int8, memory_format=torch.contiguous_format)  # a single row may have odd strides
        found = torch._int_mm(rounded, columns).float().mul_(scales).mul_(scale)
        return found if bias is None else found.add_(bias)

    return product


def _above(lowest: float, columns: Any, scales: Any, sums: Any, bias: Any) -> Callable[[Any], Any]:
    """The product where a frame's middle is taken off before rounding and its share, the weights' sums, put back."""
    import torch

    def product(hidden: Any) -> Any:
        scale = hidden.amax(dim=-1, keepdim=True).sub_(lowest).div_(2 * _LARGEST)
        scale = scale.clamp_(min=torch.finfo(torch.float32).tiny)
        middle = scale * _LARGEST + lowest
        rounded = (hidden - middle).div_(scale).round_()
        rounded = rounded.to(torch.int8, memory_format=torch.contiguous_format)
        found = torch._int_mm(rounded, columns).float().mul_(scales).mul_(scale).addr_(middle[:, 0], sums)
        return found if bias is None else found.add_(bias)

    return product


def is_exact() -> bool:
    """True where this machine's int8 products are exact even for the largest numbers; some processors saturate."""
    import torch

    numbers = torch.Generator().manual_seed(0)
    rows = torch.randint(-_LARGEST, _LARGEST + 1, (64, 512), generator=numbers, dtype=torch.int8)
    weights = torch.randint(-_LARGEST, _LARGEST + 1, (96, 512), generator=numbers, dtype=torch.int8)
    rows[:2], weights[:2] = _LARGEST, _LARGEST
    rows[1], weights[1] = -_LARGEST, -_LARGEST
    return bool(torch.equal(torch._int_mm(rows, weights.t()).long(), rows.long() @ weights.t().long()))
