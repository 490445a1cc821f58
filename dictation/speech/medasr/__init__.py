"""MedASR (LASR, a Conformer with CTC) as a Recognizer: weights, posteriors, tokens, words."""
