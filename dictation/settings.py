"""The one place that reads the environment. Every setting has a safe default; DICTATION_<NAME> overrides it."""

from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one run.

    `home` holds patient data and is backed up; `cache` may be deleted at any time; `threads` are CPU threads for the
    recognizer (0: all cores); `whisper_device` is where a Whisper of the user's own runs (the embedded one: the CPU);
    `spelling` is that of the written form.
    `medasr_*` tune the clinical ear: precision of its weights ("auto": the fastest that passed its self-check here),
    window and overlap in seconds, windows heard together (0: as measured for the device), hypotheses kept (1: greedy),
    and a KenLM file over its pieces (none: the one beside the weights, where there is one). `guessed_punctuation`
    "drop" leaves commas, semicolons and colons out that were not dictated, but in sentences with a negation or another
    cue; full stops stay. `medgemma_precision` is that of a MedGemma on this machine ("auto": bf16 where the GPU has it,
    4 bits where it has not, fp32 on a CPU). `inferences` switches what is asked of a text beside its order
    ("quality,-communication"). `read_also` names exams that a vision-language model reads besides frontal chest
    radiographs ("ct,mr"); `read_describes` has it describe the image in its own words too, and `read_locates` box what
    it finds. `database_url` names a PostgreSQL database for the cases ("": SQLite in `home`), and may hold a password;
    `orders` is a folder into which orders come as JSON or DICOM files, which are read and never changed. `signer` is
    the name that signs here, `role` whether it is a resident's (preliminary) or an attending's (final).
    An empty variable counts as unset. An unusable value raises pydantic's ValidationError, which
    the command line turns into one sentence.
    """

    model_config = SettingsConfigDict(env_prefix="DICTATION_", frozen=True, extra="ignore", env_ignore_empty=True)

    home: Path = Path(platformdirs.user_data_dir("radiology-dictation", appauthor=False))
    cache: Path = Path(platformdirs.user_cache_dir("radiology-dictation", appauthor=False))
    endpoint_url: str = ""
    endpoint_model: str = ""
    endpoint_key: SecretStr = SecretStr("")
    threads: int = Field(default=0, ge=0, le=1024)
    whisper_device: Literal["cpu", "cuda"] = "cpu"
    spelling: Literal["american", "british"] = "american"
    medasr_precision: Literal["auto", "float32", "int8", "float16", "bfloat16"] = "auto"
    medasr_window_s: float = Field(default=20.0, ge=2, le=60)
    medasr_overlap_s: float = Field(default=2.0, ge=0, le=18)
    medasr_batch: int = Field(default=0, ge=0, le=256)
    medasr_beam: int = Field(default=8, ge=1, le=128)
    medasr_language_model: Path | None = None
    medgemma_precision: Literal["auto", "float32", "bfloat16", "4bit"] = "auto"
    guessed_punctuation: Literal["keep", "drop"] = "keep"
    inferences: str = ""
    read_also: str = ""
    read_describes: bool = False
    read_locates: bool = False
    database_url: SecretStr = SecretStr("")
    orders: Path | None = None
    signer: str = Field(default="", max_length=100)
    role: Literal["attending", "resident"] = "attending"
    port: int = Field(default=7860, ge=1, le=65535)

    @field_validator("home", "cache", "orders")
    @classmethod
    def _of_the_user(cls, folder: Path | None) -> Path | None:
        return folder.expanduser() if folder is not None else None
