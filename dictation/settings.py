"""The one place that reads the environment. Every setting has a safe default; DICTATION_<NAME> overrides it."""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, SecretStr, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

LONGEST_KEPT_DAYS = 36_500
MOST_PAGES = 200  # of one address; each holds three connections, and a process has 1024 files by default


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
    `orders` is a folder into which orders come as JSON or DICOM files, which are read and never changed. `public_url`
    is where browsers find the page behind a reverse proxy ("https://host/dictation/"; "": on this machine only).
    `outbox` is a folder into which every signed version is put as a text and a JSON file, for other systems to take.
    `shared` is a folder with the department's vocabulary.txt, templates and macros, which are read and never changed.
    `signer` is the name that signs here, `role` whether it is a resident's (preliminary) or an attending's (final).
    `keep_audio` says how long `dictation purge` leaves dictated sound: "always", "signed", "none" (the app deletes it,
    too, once a case is signed final and closed) or a number of days.
    `log` is the file of a server's log (none: no log), of `log_mb` MB at most, then renamed; `log_files` old ones are
    kept. A server with less than `least_free_mb` MB free where `home` lies says that it is not ready, and takes no
    upload; one user may upload `upload_mb_per_h` MB of images and other files in an hour. `pages_per_address` are the
    open pages of one network address, which a terminal server or a site behind one router shares. `metrics_token` is
    what /metrics asks for ("": only programs of this machine may read it).
    What is not in the environment may be a file dictation_<name> in CREDENTIALS_DIRECTORY (systemd, containers).
    `page_token`: whether the page asks for a token where nobody signs in ("auto": where others may have an account on
    this machine).
    A department's server: `sign_in` is how users sign in; `proxies` are addresses or networks, "10.0.0.5,10.1.0.0/16",
    whose forwarded addresses and `proxy_header`, with the user's name, are believed. A session ends after
    `session_idle_min` minutes without use, and after `session_h` hours.
    `oidc_*`: the issuer's URL, our id and secret there, the claims that hold a user's name and (optional) role;
    `sign_in_creates` adds a user whom the provider or the proxy vouches for, as a reader where no claim says the role.
    An empty variable counts as unset. An unusable value raises pydantic's ValidationError, which
    the command line turns into one sentence.
    """

    model_config = SettingsConfigDict(
        env_prefix="DICTATION_",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        secrets_dir=os.environ.get("CREDENTIALS_DIRECTORY"),
    )

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
    outbox: Path | None = None
    shared: Path | None = None
    public_url: str = ""
    signer: str = Field(default="", max_length=100)
    role: Literal["attending", "resident"] = "attending"
    keep_audio: str = "always"
    port: int = Field(default=7860, ge=1, le=65535)
    log: Path | None = None
    log_mb: int = Field(default=10, ge=1, le=10_000)
    log_files: int = Field(default=10, ge=1, le=1000)
    least_free_mb: int = Field(default=1000, ge=0)
    upload_mb_per_h: int = Field(default=10_000, ge=1)
    pages_per_address: int = Field(default=64, ge=1, le=MOST_PAGES)
    metrics_token: SecretStr = SecretStr("")
    sign_in: Literal["none", "password", "oidc", "proxy"] = "none"
    page_token: Literal["auto", "on", "off"] = "auto"
    sign_in_creates: bool = False
    session_idle_min: int = Field(default=60, ge=1, le=1440)
    session_h: int = Field(default=12, ge=1, le=168)
    proxies: str = ""
    proxy_header: str = "X-Remote-User"
    oidc_issuer: str = ""
    oidc_client: str = ""
    oidc_secret: SecretStr = SecretStr("")
    oidc_name_claim: str = "preferred_username"
    oidc_role_claim: str = ""

    @field_validator("home", "cache", "orders", "outbox", "shared", "log")
    @classmethod
    def _of_the_user(cls, folder: Path | None) -> Path | None:
        return folder.expanduser() if folder is not None else None

    @field_validator("public_url")
    @classmethod
    def _address(cls, url: str) -> str:
        """The address with one slash at its end, as browsers write it."""
        if not url:
            return ""
        parts = urlsplit(url.strip())
        is_whole = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
        if not is_whole or "@" in parts.netloc or not url.isascii() or any(c in url for c in " ;,\"'\\"):
            raise PydanticCustomError("url", "give an address such as https://reports.hospital.example/dictation/")
        default = {"http": ":80", "https": ":443"}[parts.scheme]
        host = parts.netloc.lower().removesuffix(default)
        return f"{parts.scheme}://{host}/" + "".join(f"{name}/" for name in parts.path.split("/") if name)

    @field_validator("keep_audio")
    @classmethod
    def _a_rule(cls, value: str) -> str:
        if value in ("always", "signed", "none") or (value.isdecimal() and 1 <= int(value) <= LONGEST_KEPT_DAYS):
            return value
        days = f"a number of days from 1 to {LONGEST_KEPT_DAYS}"
        raise PydanticCustomError("rule", f"give always, signed, none or {days}")

    @field_validator("proxies")
    @classmethod
    def _networks(cls, networks: str) -> str:
        for one in filter(None, (part.strip() for part in networks.split(","))):
            try:
                ip_network(one, strict=False)
            except ValueError:
                raise PydanticCustomError("networks", "give addresses or networks: 10.0.0.5,10.1.0.0/16") from None
        return networks
