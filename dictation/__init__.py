"""A radiology dictation assistant: what was heard, written and seen, compared before sign-off."""
