"""CTC decoding for any acoustic model: posteriors per frame → pieces, hypotheses, words that know their rivals."""
