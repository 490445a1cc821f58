"""Small MedASRs of the same classes as the real one, written and read like any checkpoint."""

from pathlib import Path
from typing import Any

SMALL_LASR = Path(__file__).parent / "data" / "small_lasr"  # trained, see benchmarks/small_lasr
CLIPS = sorted((Path(__file__).parent.parent / "audio" / "data").glob("*.flac"))
SAID = {  # in the clips, as MedASR writes it; nobody says "period" there
    "lungs": "The lungs are clear",
    "effusion": "No pleural effusion or pneumothorax",
    "nodule": "There is a 6 mm nodule in the right upper lobe",
    "impression": "[IMPRESSION] No acute finding",
}
PIECES = [
    *["<epsilon>", "<s>", "</s>", "<unk>", "▁"],
    *"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789[]{}.,:;-'/()",
    *["▁the", "▁of", "▁no", "ing", "▁{", "period", "comma", "colon"],
]


def lasr(hidden: int, layers: int, batch_norm_momentum: float = 0.01) -> tuple[Any, Any]:
    """A network and its tokenizer with random weights, the same each time."""
    import torch
    from transformers import LasrCTCConfig, LasrEncoderConfig, LasrForCTC, LasrTokenizer

    torch.manual_seed(0)
    tokenizer = LasrTokenizer(
        vocab=[(piece, -index / 10) for index, piece in enumerate(PIECES)],
        extra_ids=0,
        pad_token="<epsilon>",
        eos_token="</s>",
        unk_token="<unk>",
    )
    encoder = LasrEncoderConfig(
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=2 * hidden,
        subsampling_conv_channels=16,
        conv_kernel_size=8,
        batch_norm_momentum=batch_norm_momentum,
    )
    config = LasrCTCConfig(vocab_size=len(PIECES), encoder_config=encoder, pad_token_id=tokenizer.pad_token_id)
    return LasrForCTC(config).eval(), tokenizer


def save_tiny_lasr(folder: Path) -> Path:
    """Write a checkpoint with random weights into `folder`. Its text is nonsense that depends on the sound."""
    import torch
    from transformers import LasrFeatureExtractor, LasrProcessor

    network, tokenizer = lasr(hidden=32, layers=2)
    with torch.no_grad():
        for name, weight in network.named_parameters():  # else every frame of a random network says the same
            weight.mul_(20 if name.startswith("ctc_head") else 3)
    network.save_pretrained(folder)
    LasrProcessor(LasrFeatureExtractor(), tokenizer).save_pretrained(folder)
    return folder
