"""The small MedASR before its training: pieces, tokenizer, and a network of three million random weights.

Nearly every word can be spelled from pieces in several ways, as with the real 512 pieces: a language model over
pieces and boosted phrases have something to choose from.
"""

from typing import Any

SPECIAL = ["<epsilon>", "<s>", "</s>", "<unk>"]
LETTERS = ["▁", *"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789[]{}.,:;-'/()%"]
LONGER = """
    ▁{ period comma colon new next line paragraph question mark slash
    ▁[ FIND ING IMP RESS ION IND IC AT TECH COM PAR REC EX AM TYPE
    ▁the ▁The ▁There ▁there ▁is ▁are ▁of ▁in ▁at ▁on ▁or ▁no ▁No ▁and ▁with ▁without ▁a ▁an ▁from ▁was
    ▁left ▁right ight ▁Left ▁Right ▁bi ateral ▁lobe ▁lung ▁upper ▁lower ▁mid ▁mm ▁cm ▁norm ▁mild ▁mod erate
    ▁sev ere ▁eff ▁pleur ▁pneumo ▁nod ule ▁mass ▁size ▁meas ▁spin ▁comp ▁con ▁dis ▁pro ▁un ▁L ▁C ▁T year old
    ing ion er ar al on in en ti ra ro ur ne ul us st le ou ph gr th ch is it or an el as ac
    ation ment sis oma ative ural ular ical itis thorax consol idation sten kidney
"""
PIECES = [*SPECIAL, *LETTERS, *LONGER.split()]


def network() -> tuple[Any, Any]:
    """Return LasrForCTC with random weights, the same each time, and its tokenizer, which uses the fewest pieces."""
    import torch
    from transformers import LasrCTCConfig, LasrEncoderConfig, LasrForCTC, LasrTokenizer

    torch.manual_seed(0)
    tokenizer = LasrTokenizer(
        vocab=[(piece, -4 - index / 1000) for index, piece in enumerate(PIECES)],
        extra_ids=0,
        pad_token="<epsilon>",
        eos_token="</s>",
        unk_token="<unk>",
    )
    encoder = LasrEncoderConfig(
        hidden_size=144,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=4,
        intermediate_size=576,
        subsampling_conv_channels=64,
        conv_kernel_size=15,
        batch_norm_momentum=0.1,  # with LASR's own 0.01 the evaluation lags far behind the training
        dropout=0.05,
        attention_dropout=0.0,
        activation_dropout=0.0,
        dropout_positions=0.0,
        layerdrop=0.0,
    )
    config = LasrCTCConfig(vocab_size=len(PIECES), encoder_config=encoder, pad_token_id=tokenizer.pad_token_id)
    return LasrForCTC(config), tokenizer
