"""The one place that reads the environment. Every setting has a safe default; DICTATION_<NAME> overrides it."""

from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one run.

    `home` holds patient data and is backed up; `cache` may be deleted at any time; `threads` are CPU threads for the
    recognizer (0: all cores); `spelling` is the spelling of the written form.
    """

    model_config = SettingsConfigDict(env_prefix="DICTATION_", frozen=True, extra="ignore")

    home: Path = Path(platformdirs.user_data_dir("radiology-dictation", appauthor=False))
    cache: Path = Path(platformdirs.user_cache_dir("radiology-dictation", appauthor=False))
    database_url: str = ""
    endpoint_url: str = ""
    endpoint_model: str = ""
    endpoint_key: SecretStr = SecretStr("")
    threads: int = 0
    spelling: Literal["american", "british"] = "american"
    port: int = 7860
