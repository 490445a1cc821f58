"""MedASR taught by recordings of one's own: a list of recordings with their texts → a model that loads like any other.

examples → (sound, labels) → split and leak check → training, resumable at any moment → scores, card, model
"""
