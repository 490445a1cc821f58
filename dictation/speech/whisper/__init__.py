"""Whisper through CTranslate2 as a Recognizer: the embedded ear."""
