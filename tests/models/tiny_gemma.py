"""Small Gemma 3s of the same classes as MedGemma, tokenizer and vision tower included, written like any checkpoint."""

from pathlib import Path
from typing import Any

CONTROL = ["<start_of_turn>", "<end_of_turn>", "<start_of_image>", "<end_of_image>", "<image_soft_token>"]
PIECES = [
    *["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"],
    *CONTROL,
    *["<unused94>", "<unused95>"],
    *[f"<0x{byte:02X}>" for byte in range(256)],
    *["▁", "\n", *map(chr, range(33, 127))],
]
MERGES = ['{ "', '" :', ': "', '" ,', '" }', "s 1", "l e", "le f", "lef t", "t h", "th e", "▁ the"]
WIDTH = 448  # of the network's output: wider than the vocabulary, as Gemma's is
CONTEXT = 3000


def tokenizer() -> Any:
    """A byte-level Gemma tokenizer whose pieces cross the borders of JSON tokens."""
    from transformers import GemmaTokenizer

    pieces = [*PIECES, *(merge.replace(" ", "") for merge in MERGES)]
    made = GemmaTokenizer(
        vocab={piece: place for place, piece in enumerate(pieces)},
        merges=[tuple(merge.split()) for merge in MERGES],
        extra_special_tokens={
            "boi_token": "<start_of_image>",
            "eoi_token": "<end_of_image>",
            "image_token": "<image_soft_token>",
        },
    )
    made.add_tokens(CONTROL[:2], special_tokens=True)
    return made


def text_config(context: int = CONTEXT, width: int = 32) -> Any:
    from transformers import Gemma3TextConfig

    return Gemma3TextConfig(
        vocab_size=WIDTH,
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=width // 2,
        sliding_window=64,
        layer_types=["sliding_attention", "full_attention"],
        max_position_embeddings=context,
        initializer_range=0.5,  # else a random network says the same whatever it is asked
    )


def save_tiny_gemma(folder: Path, seed: int = 0, context: int = CONTEXT, shards: str = "1GB", width: int = 32) -> Path:
    """Write a checkpoint that sees images and whose answers are nonsense."""
    import torch
    from transformers import (
        Gemma3Config,
        Gemma3ForConditionalGeneration,
        Gemma3ImageProcessor,
        Gemma3Processor,
        GenerationConfig,
        SiglipVisionConfig,
    )

    torch.manual_seed(seed)
    vision = SiglipVisionConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=32,
        patch_size=8,
        vision_use_head=False,
    )
    pieces = tokenizer()
    config = Gemma3Config(
        text_config=text_config(context, width),
        vision_config=vision,
        mm_tokens_per_image=4,
        boi_token_index=pieces.convert_tokens_to_ids("<start_of_image>"),
        eoi_token_index=pieces.convert_tokens_to_ids("<end_of_image>"),
        image_token_index=pieces.convert_tokens_to_ids("<image_soft_token>"),
        initializer_range=0.5,
    )
    network = Gemma3ForConditionalGeneration(config)
    ends = [pieces.eos_token_id, pieces.convert_tokens_to_ids("<end_of_turn>")]
    network.generation_config = GenerationConfig(do_sample=True, top_k=64, top_p=0.95, eos_token_id=ends)  # as MedGemma
    network.save_pretrained(folder, max_shard_size=shards)
    seeing = Gemma3ImageProcessor(size={"height": 32, "width": 32}, image_mean=[0.5] * 3, image_std=[0.5] * 3)
    Gemma3Processor(seeing, pieces, image_seq_length=4).save_pretrained(folder)
    return folder


def save_tiny_text_gemma(folder: Path) -> Path:
    """Write a checkpoint that reads text only, as the 27B text model is."""
    import torch
    from transformers import Gemma3ForCausalLM

    torch.manual_seed(0)
    Gemma3ForCausalLM(text_config()).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder
