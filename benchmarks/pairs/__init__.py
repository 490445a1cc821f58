"""Sentence pairs and report pairs by authors who had not seen the program, and what is learned from them."""
