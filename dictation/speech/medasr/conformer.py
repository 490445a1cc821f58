"""MedASR's network in a loop of our own: the log-mel frames of one window → logits, with weights in fp32 or int8.

The weights are those of transformers' LasrForCTC, under its names. Time runs down the rows throughout, so that all but
the depthwise convolutions are products of matrices, which int8 speeds up; one window at a time needs no padding and no
mask; batch normalisation is folded into the convolution before it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from dictation.speech.medasr.int8 import SCALES, int8_product

SILU_LOWEST = -0.2784646  # the least that x · sigmoid(x) becomes
Product = Callable[[Any], Any]  # a tensor (frames, channels in) → (frames, channels out)


def unsupported(config: Any) -> str:
    """What this loop cannot run of a LasrForCTC with this config, or ""."""
    encoder = config.encoder_config
    if encoder.hidden_act != "silu":
        return f"an activation named {encoder.hidden_act}"
    if encoder.num_key_value_heads != encoder.num_attention_heads:
        return "heads that share their keys"
    kind = encoder.rope_parameters.get("rope_type", "default")
    return "" if kind == "default" else f"positions of type {kind}"


class Conformer:
    """The network. `config` is that of LasrForCTC, `weights` its state or what `int8.quantised` makes of it."""

    def __init__(self, config: Any, weights: Mapping[str, Any]) -> None:
        import torch

        encoder = config.encoder_config
        self.config = config
        self._kernel: int = encoder.subsampling_conv_kernel_size
        self._stride: int = encoder.subsampling_conv_stride
        pairs = encoder.hidden_size // encoder.num_attention_heads // 2
        self._angle_a_frame = 1.0 / encoder.rope_parameters["rope_theta"] ** (torch.arange(pairs) / pairs)
        found = _Weights(weights)
        self._first = found.product("encoder.subsampler.dense_0")
        self._shortening = [found.product(f"encoder.subsampler.conv_{n}", lowest=0.0) for n in (0, 1)]
        self._in = found.product("encoder.subsampler.dense_1", lowest=0.0)
        self._blocks = [_Block(found, f"encoder.layers.{n}.", encoder) for n in range(encoder.num_hidden_layers)]
        self._norm = found.norm("encoder.out_norm", encoder.layer_norm_eps)
        self._head = found.product("ctc_head")

    def __call__(self, mels: Any) -> Any:
        """Return the logits, shape (frames, vocabulary), of log-mel frames, shape (n, bins), both fp32."""
        import torch

        hidden = self._first(mels).relu_()
        for product in self._shortening:
            hidden = product(self._overlapping(hidden)).relu_()
        hidden = self._in(hidden)
        angles = torch.arange(len(hidden))[:, None] * self._angle_a_frame
        turns = torch.polar(torch.ones_like(angles), angles)[:, None]
        for block in self._blocks:
            hidden = block(hidden, turns)
        return self._head(self._norm(hidden))

    def _overlapping(self, hidden: Any) -> Any:
        """What each step of a convolution that shortens time sees, as one row."""
        frames, channels = hidden.shape
        steps = (frames - self._kernel) // self._stride + 1
        return hidden.as_strided((steps, self._kernel * channels), (self._stride * channels, 1))


class _Weights:
    """Layers made of a checkpoint's weights."""

    def __init__(self, weights: Mapping[str, Any]) -> None:
        self._weights = weights

    def fp32(self, name: str) -> Any:
        return self._weights[name].detach().float()

    def norm(self, name: str, epsilon: float) -> Product:
        from torch.nn.functional import layer_norm

        gain = self.fp32(f"{name}.weight")
        return lambda hidden: layer_norm(hidden, gain.shape, gain, None, epsilon)

    def product(self, *names: str, order: Any = None, lowest: float | None = None) -> Product:
        """The layers of these names side by side; `order`: of the channels that come out; `lowest`: that come in."""
        from torch.nn.functional import linear

        weight = _together([self._rows(name) for name in names], order)
        bias = _together([self._weights.get(f"{name}.bias") for name in names], order)
        scales = _together([self._weights.get(f"{name}.weight{SCALES}") for name in names], order)
        if scales is not None:
            return int8_product(weight, scales, bias, lowest)
        return lambda hidden: linear(hidden, weight, bias)

    def _rows(self, name: str) -> Any:
        """A layer's weights, a row for each channel that comes out. A kernel's steps come one after another."""
        weight = self._weights[f"{name}.weight"]
        return weight.permute(0, 2, 1).flatten(1) if weight.ndim == 3 else weight


def _together(parts: list[Any], order: Any) -> Any:
    """One tensor of several, or None where there are none; nothing is copied that need not be."""
    import torch

    if parts[0] is None:
        return None
    whole = (torch.cat(parts) if len(parts) > 1 else parts[0]).detach()
    whole = whole if whole.dtype == torch.int8 else whole.float()
    return whole if order is None else whole[order]


class _Block:
    """One of the network's blocks: half a feed-forward, attention, convolution, the other half."""

    def __init__(self, weights: _Weights, start: str, encoder: Any) -> None:
        import torch

        self._heads: int = encoder.num_attention_heads
        self._kept, self._added = encoder.feed_forward_residual_weights
        self._conv_kept, self._conv_added = encoder.conv_residual_weights
        norms = ("feed_forward1", "self_att", "conv", "feed_forward2", "out")
        self._norms = [weights.norm(f"{start}norm_{name}", encoder.layer_norm_eps) for name in norms]
        self._feeds = [
            (weights.product(f"{feed}.linear1"), weights.product(f"{feed}.linear2", lowest=SILU_LOWEST))
            for feed in (f"{start}feed_forward1", f"{start}feed_forward2")
        ]
        # transformers turns the first half of a head against the second; here the numbers of a pair lie side by side
        channels = torch.arange(encoder.hidden_size)
        paired = channels.view(self._heads, 2, -1).transpose(1, 2).flatten()
        order = torch.cat([paired, paired + len(channels), channels + 2 * len(channels)])
        self._qkv = weights.product(*(f"{start}self_attn.{name}_proj" for name in "qkv"), order=order)
        self._out = weights.product(f"{start}self_attn.o_proj")
        self._wide = weights.product(f"{start}conv.pointwise_conv1")
        self._narrow = weights.product(f"{start}conv.pointwise_conv2", lowest=SILU_LOWEST)
        part = f"{start}conv.norm."
        gain = weights.fp32(f"{part}weight") / (weights.fp32(f"{part}running_var") + 1e-5).sqrt()
        self._kernel = weights.fp32(f"{start}conv.depthwise_conv.weight") * gain[:, None, None]
        self._shift = weights.fp32(f"{part}bias") - weights.fp32(f"{part}running_mean") * gain
        before = (self._kernel.shape[-1] - 1) // 2
        self._margin = (before, self._kernel.shape[-1] - 1 - before)

    def __call__(self, hidden: Any, turns: Any) -> Any:
        feed1, attend, convolve, feed2, out = self._norms
        hidden = self._fed(feed1(hidden), self._feeds[0]).mul_(self._added).add_(hidden, alpha=self._kept)
        hidden = self._attended(attend(hidden), turns).add_(hidden)
        hidden = self._convolved(convolve(hidden)).mul_(self._conv_added).add_(hidden, alpha=self._conv_kept)
        hidden = self._fed(feed2(hidden), self._feeds[1]).mul_(self._added).add_(hidden, alpha=self._kept)
        return out(hidden)

    def _fed(self, hidden: Any, products: tuple[Product, Product]) -> Any:
        from torch.nn.functional import silu

        wide, narrow = products
        return narrow(silu(wide(hidden), inplace=True))

    def _attended(self, hidden: Any, turns: Any) -> Any:
        import torch
        from torch.nn.functional import scaled_dot_product_attention

        frames, channels = hidden.shape
        found = self._qkv(hidden)
        pairs = torch.view_as_complex(found[:, : 2 * channels].view(frames, 2 * self._heads, -1, 2))
        turned = torch.view_as_real(pairs * turns).view(frames, 2, self._heads, -1).permute(1, 2, 0, 3)
        value = found[:, 2 * channels :].view(frames, self._heads, -1).transpose(0, 1)
        seen = scaled_dot_product_attention(turned[None, 0], turned[None, 1], value[None])
        return self._out(seen[0].transpose(0, 1).reshape(frames, channels))

    def _convolved(self, hidden: Any) -> Any:
        from torch.nn.functional import conv1d, glu, pad, silu

        hidden = pad(glu(self._wide(hidden), dim=-1).t(), self._margin)  # six times as quick as padding in conv1d
        hidden = conv1d(hidden[None], self._kernel, self._shift, groups=len(hidden))[0].t()
        return self._narrow(silu(hidden, inplace=True))
