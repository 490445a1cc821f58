"""A checkpoint of MedASR's shape with random weights: its speed, memory and numbers are real, its words are not."""

from pathlib import Path

from tests.speech.tiny_lasr import PIECES


def save_full_size(folder: Path) -> Path:
    """Write the checkpoint, 421 MB and the same each time, into `folder`, unless it is there."""
    import torch
    from transformers import LasrCTCConfig, LasrFeatureExtractor, LasrForCTC, LasrProcessor, LasrTokenizer

    if (folder / "processor_config.json").exists():
        return folder
    torch.manual_seed(0)
    config = LasrCTCConfig()
    pieces = PIECES + [f"▁word{number}" for number in range(config.vocab_size - len(PIECES))]
    tokenizer = LasrTokenizer(
        vocab=[(piece, -index / 10) for index, piece in enumerate(pieces)],
        extra_ids=0,
        pad_token="<epsilon>",
        eos_token="</s>",
        unk_token="<unk>",
    )
    LasrForCTC(config).save_pretrained(folder)
    LasrProcessor(LasrFeatureExtractor(), tokenizer).save_pretrained(folder)
    return folder
