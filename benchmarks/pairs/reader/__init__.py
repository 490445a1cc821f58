"""A comparison from scratch, measured beside the product's: each sentence of two texts, and how likely it is wrong."""
