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
    """Settings of one run. What each is for stands below it, and in docs/reference/settings.md.

    An empty variable counts as unset. What is not in the environment may be a file dictation_<name> in
    CREDENTIALS_DIRECTORY (systemd, containers). An unusable value raises pydantic's ValidationError, which the command
    line turns into one sentence.
    """

    model_config = SettingsConfigDict(
        env_prefix="DICTATION_",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        secrets_dir=os.environ.get("CREDENTIALS_DIRECTORY"),
        use_attribute_docstrings=True,
    )

    home: Path = Path(platformdirs.user_data_dir("radiology-dictation", appauthor=False))
    """Cases, recordings and all patient data; backed up."""
    cache: Path = Path(platformdirs.user_cache_dir("radiology-dictation", appauthor=False))
    """May be deleted at any time."""
    endpoint_url: str = ""
    """Address of an OpenAI-compatible server, with its /v1."""
    endpoint_model: str = ""
    """The model's name on that server."""
    endpoint_key: SecretStr = SecretStr("")
    """What that server wants as a key."""
    threads: int = Field(default=0, ge=0, le=1024)
    """CPU threads of the recognizer; 0: all cores."""
    speech: Literal["auto", "dictation", "general"] = "auto"
    """What Whisper is prompted with: sentences of reports, small words of talk, or both (auto)."""
    whisper_device: Literal["cpu", "cuda"] = "cpu"
    """Where a Whisper of your own runs; the embedded one runs on the CPU."""
    spelling: Literal["american", "british"] = "american"
    """Spelling of the written form."""
    medasr_precision: Literal["auto", "float32", "int8", "float16", "bfloat16"] = "auto"
    """Precision of MedASR's weights; auto: the fastest that passed its self-check on this machine."""
    medasr_window_s: float = Field(default=20.0, ge=2, le=60)
    """Seconds that MedASR hears at once."""
    medasr_overlap_s: float = Field(default=4.0, ge=0, le=18)
    """Seconds that two windows share where nobody pauses."""
    medasr_batch: int = Field(default=0, ge=0, le=256)
    """Windows heard together; 0: as measured for the device."""
    medasr_beam: int = Field(default=8, ge=1, le=128)
    """Hypotheses kept; 1: greedy."""
    medasr_language_model: Path | None = None
    """A KenLM model over MedASR's subword tokens; none: the one beside the weights, where there is one."""
    medgemma_precision: Literal["auto", "float32", "bfloat16", "4bit"] = "auto"
    """Precision of a MedGemma on this machine; auto: bf16 where the GPU has it, 4 bits where it has not,
    fp32 on a CPU."""
    guessed_punctuation: Literal["keep", "drop"] = "keep"
    """drop: commas, semicolons and colons that were not dictated are left out, but in sentences with a negation
    or another cue; full stops stay. Only MedASR tells these apart."""
    inferences: str = ""
    """What is asked of a text beside its order: quality,-communication adds one and leaves one out. On unless left
    out: age, communication, follow_up, ordered_side, prior_date, prior_size, procedure, score_contradicted,
    score_missing, sex, side_missing; on where added: complete_order, critical_result, guidance, limited_order,
    quality, recommendation."""
    read_also: str = ""
    """Exams that a vision-language model reads besides frontal chest radiographs, of which it is known to be poor:
    ct,mr; a wrong name lists them all."""
    read_describes: bool = False
    """A vision-language model describes the image in its own words, too."""
    read_locates: bool = False
    """A vision-language model boxes what it finds."""
    database_url: SecretStr = SecretStr("")
    """A PostgreSQL database for the cases; none: SQLite in the home. It may hold a password."""
    orders: Path | None = None
    """A folder into which orders come as JSON or DICOM files, which are read and never changed."""
    outbox: Path | None = None
    """A folder into which every signed version is put as a text and a JSON file, for other systems to take."""
    shared: Path | None = None
    """A folder with the department's vocabulary.txt, learned.json, templates and macros, which are read and never
    changed."""
    public_url: str = ""
    """Where browsers find the page behind a reverse proxy (https://host/dictation/); none: on this machine only."""
    signer: str = Field(default="", max_length=100)
    """The name that signs here, where nobody signs in; at most 100 characters."""
    role: Literal["attending", "resident"] = "attending"
    """Whose signature that is: a resident's is preliminary, an attending's final."""
    keep_audio: str = "always"
    """How long `dictation purge` leaves dictated sound: always, signed (3 days after a final signature), none (the
    app deletes it, too, once a case is signed final and closed) or a number of days."""
    port: int = Field(default=7860, ge=1, le=65535)
    """Port of the page."""
    log: Path | None = None
    """File of a server's log; none: no log."""
    log_mb: int = Field(default=10, ge=1, le=10_000)
    """Megabytes of that file, which is then renamed."""
    log_files: int = Field(default=10, ge=1, le=1000)
    """Renamed logs that are kept."""
    least_free_mb: int = Field(default=1000, ge=0)
    """A server with less free where the home lies says that it is not ready, and takes no upload."""
    upload_mb_per_h: int = Field(default=10_000, ge=1)
    """Megabytes of images and other files that one user may upload in an hour."""
    pages_per_address: int = Field(default=64, ge=1, le=MOST_PAGES)
    """Open pages of one network address, which a terminal server or a site behind one router shares."""
    metrics_token: SecretStr = SecretStr("")
    """What /metrics asks for; none: only programs of this machine may read it."""
    sign_in: Literal["none", "password", "oidc", "proxy"] = "none"
    """How users of a department's server sign in."""
    page_token: Literal["auto", "on", "off"] = "auto"
    """Whether the page asks for a token where nobody signs in; auto: where others may have an account on this
    machine."""
    sign_in_creates: bool = False
    """A user whom the provider or the proxy vouches for is added, as a reader where no claim says the role."""
    session_idle_min: int = Field(default=60, ge=1, le=1440)
    """Minutes without use after which a session ends."""
    session_h: int = Field(default=12, ge=1, le=168)
    """Hours after which a session ends."""
    proxies: str = ""
    """Addresses or networks (10.0.0.5,10.1.0.0/16) whose forwarded addresses and proxy_header are believed."""
    proxy_header: str = "X-Remote-User"
    """The header in which such a proxy says the user's name."""
    oidc_issuer: str = ""
    """The OpenID Connect provider's issuer, a URL."""
    oidc_client: str = ""
    """Our id there."""
    oidc_secret: SecretStr = SecretStr("")
    """Our secret there."""
    oidc_name_claim: str = "preferred_username"
    """The claim that holds a user's name."""
    oidc_role_claim: str = ""
    """The claim that says a user's role; none: roles are kept here."""

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
