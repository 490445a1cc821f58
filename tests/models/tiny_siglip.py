"""A small SigLIP of the same classes as MedSigLIP, with a SentencePiece tokenizer trained on the spot."""

from pathlib import Path

from dictation.lexicon import rows

SIDE = 32


def save_tiny_siglip(folder: Path, seed: int = 0, texts: int = 64) -> Path:
    """Write a checkpoint like any other. `texts` are the tokens that its text tower reads."""
    import sentencepiece
    import torch
    from transformers import (
        SiglipConfig,
        SiglipImageProcessorPil,
        SiglipModel,
        SiglipProcessor,
        SiglipTextConfig,
        SiglipTokenizer,
        SiglipVisionConfig,
    )  # fmt: skip

    folder.mkdir(parents=True, exist_ok=True)
    pairs = rows("siglip_pairs")
    corpus = [row[side].lower() for row in pairs for side in ("positive", "negative")]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus), model_prefix=str(folder / "spiece"), vocab_size=70, minloglevel=2,
        pad_id=0, eos_id=1, unk_id=2, bos_id=-1, num_threads=1,
    )  # fmt: skip
    (folder / "spiece.vocab").unlink()
    tokenizer = SiglipTokenizer(str(folder / "spiece.model"), model_max_length=texts, model_input_names=["input_ids"])
    torch.manual_seed(seed)
    size = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = SiglipConfig(
        text_config=SiglipTextConfig(**size, vocab_size=len(tokenizer), max_position_embeddings=texts).to_dict(),
        vision_config=SiglipVisionConfig(**size, image_size=SIDE, patch_size=8).to_dict(),
    )
    network = SiglipModel(config)
    with torch.no_grad():  # as far apart as a trained network's
        network.logit_scale.fill_(3.0)
        network.logit_bias.fill_(-10.0)
    network.save_pretrained(folder)
    seeing = SiglipImageProcessorPil(
        size={"height": SIDE, "width": SIDE}, resample=2, image_mean=[0.5] * 3, image_std=[0.5] * 3
    )
    SiglipProcessor(seeing, tokenizer).save_pretrained(folder)
    return folder
