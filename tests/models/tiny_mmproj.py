"""Eyes for Gemma 3 270M: an image encoder as llama.cpp loads it (GGUF of Gemma 3's kind), tiny and with random weights.

It has MedGemma's order of things (SigLIP, 4 × 4 patches to a token, a projection) and sees shades, but means nothing.
"""

from pathlib import Path

import gguf
import numpy as np

SIDE, PATCH, POOLED = 112, 14, 4  # pixels, pixels, patches: 4 tokens an image
WIDTH, INNER, HEADS, BLOCKS = 32, 64, 2, 1
TEXT_WIDTH = 640  # of Gemma 3 270M


def save_tiny_mmproj(path: Path) -> Path:
    """Write the encoder to `path`, the same bytes each time."""
    writer = gguf.GGUFWriter(path, "clip")
    writer.add_type("mmproj")
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type(gguf.VisionProjectorType.GEMMA3)
    writer.add_vision_projection_dim(TEXT_WIDTH)
    writer.add_vision_image_size(SIDE)
    writer.add_vision_patch_size(PATCH)
    writer.add_vision_embedding_length(WIDTH)
    writer.add_vision_feed_forward_length(INNER)
    writer.add_vision_block_count(BLOCKS)
    writer.add_vision_head_count(HEADS)
    writer.add_vision_attention_layernorm_eps(1e-6)
    writer.add_vision_use_gelu(True)
    writer.add_vision_image_mean([0.5, 0.5, 0.5])
    writer.add_vision_image_std([0.5, 0.5, 0.5])
    for name, shape in _shapes().items():
        writer.add_tensor(name, _weights(name, shape))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _shapes() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "v.patch_embd.weight": (WIDTH, 3, PATCH, PATCH),
        "v.patch_embd.bias": (WIDTH,),
        "v.position_embd.weight": ((SIDE // PATCH) ** 2, WIDTH),
        "v.post_ln.weight": (WIDTH,),
        "v.post_ln.bias": (WIDTH,),
        "mm.input_projection.weight": (WIDTH, TEXT_WIDTH),
        "mm.soft_emb_norm.weight": (WIDTH,),
    }
    for block in range(BLOCKS):
        for name in ("attn_q", "attn_k", "attn_v", "attn_out"):
            shapes[f"v.blk.{block}.{name}.weight"] = (WIDTH, WIDTH)
            shapes[f"v.blk.{block}.{name}.bias"] = (WIDTH,)
        for name in ("ln1", "ln2"):
            shapes[f"v.blk.{block}.{name}.weight"] = (WIDTH,)
            shapes[f"v.blk.{block}.{name}.bias"] = (WIDTH,)
        shapes[f"v.blk.{block}.ffn_up.weight"] = (INNER, WIDTH)
        shapes[f"v.blk.{block}.ffn_up.bias"] = (INNER,)
        shapes[f"v.blk.{block}.ffn_down.weight"] = (WIDTH, INNER)
        shapes[f"v.blk.{block}.ffn_down.bias"] = (WIDTH,)
    return shapes


def _weights(name: str, shape: tuple[int, ...]) -> np.ndarray:
    if "norm" in name or (".ln" in name and name.endswith("weight")) or name == "v.post_ln.weight":
        return np.ones(shape, np.float32)
    seed = np.random.default_rng(list(name.encode()))
    return seed.normal(0, 0.1, shape).astype(np.float32)
