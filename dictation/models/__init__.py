"""Image and language engines, and nothing clinical: a prompt, images and a schema in, a validated object out."""

from dictation.models.protocol import Content, NotAssessed, Prefix, VisionLanguageModel

__all__ = ["Content", "NotAssessed", "Prefix", "VisionLanguageModel"]
