"""A Gemma 3 that sees, at the full size of MedGemma's eye: the 270M decoder behind SigLIP-So400m at 896 x 896.

The eye's weights are random: what it sees means nothing, how long it takes is real.
"""

from dataclasses import replace
from typing import Any

from dictation.models.gemma import GemmaModel

IMAGE_TOKENS = 256
EYE = {
    "hidden_size": 1152,
    "intermediate_size": 4304,
    "num_hidden_layers": 27,
    "num_attention_heads": 16,
    "image_size": 896,
    "patch_size": 14,
    "vision_use_head": False,
}
SOFT_TOKEN = "<unused98>"  # the small tokenizer has no token of its own for a part of an image


def with_vision_tower(model: GemmaModel) -> GemmaModel:
    """Return the same decoder with an eye before it."""
    import torch
    from transformers import (
        AutoTokenizer,
        Gemma3Config,
        Gemma3ForConditionalGeneration,
        Gemma3ImageProcessor,
        Gemma3Processor,
        SiglipVisionConfig,
    )

    loaded = model._model
    tokens = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": SOFT_TOKEN}
    tokenizer = AutoTokenizer.from_pretrained(loaded.checkpoint.folder, extra_special_tokens=tokens)
    ids: dict[str, Any] = {
        name: tokenizer.convert_tokens_to_ids(token)
        for name, token in (
            ("boi_token_index", tokenizer.boi_token),
            ("eoi_token_index", tokenizer.eoi_token),
            ("image_token_index", tokenizer.image_token),
        )
    }
    config = Gemma3Config(
        text_config=loaded.network.config,
        vision_config=SiglipVisionConfig(**EYE),
        mm_tokens_per_image=IMAGE_TOKENS,
        **ids,
    )
    torch.manual_seed(0)
    network = Gemma3ForConditionalGeneration(config).eval()
    network.model.language_model.load_state_dict(loaded.network.model.state_dict())
    network.lm_head.load_state_dict(loaded.network.lm_head.state_dict())
    seeing = Gemma3ImageProcessor(size={"height": 896, "width": 896}, image_mean=[0.5] * 3, image_std=[0.5] * 3)
    processor = Gemma3Processor(seeing, tokenizer, image_seq_length=IMAGE_TOKENS)
    return GemmaModel(replace(loaded, network=network, processor=processor, tokenizer=tokenizer, sees=True))
