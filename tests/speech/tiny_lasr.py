"""A tiny MedASR of the same classes as the real one, with random weights, written and read like any checkpoint."""

from pathlib import Path

PIECES = [
    *["<epsilon>", "<s>", "</s>", "<unk>", "▁"],
    *"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789[]{}.,:;-'/()",
    *["▁the", "▁of", "▁no", "ing", "▁{", "period", "comma", "colon"],
]


def save_tiny_lasr(folder: Path, half: bool = False) -> Path:
    """Write the checkpoint into `folder`, in fp16 where `half`. Its text is nonsense that depends on the sound."""
    import torch
    from transformers import (
        LasrCTCConfig,
        LasrEncoderConfig,
        LasrFeatureExtractor,
        LasrForCTC,
        LasrProcessor,
        LasrTokenizer,
    )

    torch.manual_seed(0)
    scores = [(piece, -index / 10) for index, piece in enumerate(PIECES)]
    tokenizer = LasrTokenizer(vocab=scores, extra_ids=0, pad_token="<epsilon>", eos_token="</s>", unk_token="<unk>")
    encoder = LasrEncoderConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        subsampling_conv_channels=16,
        conv_kernel_size=8,
    )
    config = LasrCTCConfig(vocab_size=len(PIECES), encoder_config=encoder, pad_token_id=tokenizer.pad_token_id)
    network = LasrForCTC(config).eval()
    with torch.no_grad():
        for name, weight in network.named_parameters():  # else every frame of a random network says the same
            weight.mul_(20 if name.startswith("ctc_head") else 3)
    (network.half() if half else network).save_pretrained(folder)
    LasrProcessor(LasrFeatureExtractor(), tokenizer).save_pretrained(folder)
    return folder
