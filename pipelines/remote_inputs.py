"""Recordings that lie elsewhere (s3://bucket/folder, https://…, any protocol of fsspec), fetched where they are heard.

How to log in there is left to fsspec's own ways (the environment, the files of the cloud's own tools). What another
package says of a failure may quote a key or a signed address, so only its kind is shown.
"""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dictation.errors import InputError, MissingError
from dictation.extras import install_command
from pipelines.outputs import FULL

if TYPE_CHECKING:
    from dictation.audio import Recording

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://.", re.DOTALL)  # of two letters and more: C:\ is a disk
_LOGIN = re.compile(r"(?<=://)[^/]*@")
_WITH_QUERY = ("http", "https")
_OPEN_FILES = Path("/proc/self/fd")
_FORBIDDEN = "you may not read this; check how this machine logs in there."
WILD = frozenset("*?[")
LOOKS_AT_ONCE = 16  # a manifest of a year names objects by the ten thousand


@dataclass(frozen=True)
class Address:
    """Where a recording lies, or a folder or a pattern of them. `size` in bytes, 0 where it is not known.

    `etag` is what the server calls these very bytes, where it says so.
    """

    url: str
    size: int = 0
    etag: str = field(default="", compare=False)

    def __str__(self) -> str:
        """Return what may be shown."""
        return self.shown

    @property
    def shown(self) -> str:
        """The address as people and logs may see it: without a login or a signature."""
        url = _LOGIN.sub("", self.url)
        return url.partition("?")[0] if urlsplit(url).scheme.lower() in _WITH_QUERY else url

    @property
    def query_hash(self) -> str:
        """A hash of what `shown` leaves out behind the question mark; empty where it leaves nothing out."""
        query = self.url.partition("?")[2] if urlsplit(self.url).scheme.lower() in _WITH_QUERY else ""
        return hashlib.sha256(query.encode()).hexdigest()[:8] if query else ""

    @property
    def told_apart(self) -> str:
        """`shown`, and the hash of its query."""
        return f"{self.shown}?~{self.query_hash}" if self.query_hash else self.shown

    @property
    def path(self) -> PurePosixPath:
        """What follows the protocol, as a path; no file of this machine."""
        return PurePosixPath(self.shown.partition("://")[2].lstrip("/"))

    def below(self, endings: frozenset[str]) -> tuple[PurePosixPath, list["Address"]]:
        """Return the path of the folder that is named, and the recordings behind the address: itself, or below it.

        Raises InputError where nothing is there or it cannot be read, MissingError where a package is missing.
        """
        with self._named():
            fs, root = _opened(self.url)
            if WILD & set(root) and self.shown == self.url:
                return self._fitting(fs, root, endings)
            about = fs.info(root)
            if about["type"] != "directory":
                return self.path.parent, [Address(self.url, *_stated(about))]
            found = fs.find(root, detail=True)
            return Address(fs.unstrip_protocol(root)).path, _sorted(
                fs, {name: one for name, one in found.items() if _ending(name) in endings}
            )

    def _fitting(self, fs: Any, pattern: str, endings: frozenset[str]) -> tuple[PurePosixPath, list["Address"]]:
        """A pattern that says how names end takes them as they are, another one the known `endings`."""
        parts = pattern.split("/")
        first = next(number for number, part in enumerate(parts) if WILD & set(part))
        said = _ending(pattern)
        taken = endings if WILD & set(said) or not said else {said}
        wanted = pattern + "/*" if parts[-1] == "**" else pattern
        found: dict[str, Any] = {}
        for name, about in fs.glob(wanted, detail=True).items():
            if about["type"] == "directory":
                below = fs.find(name, detail=True).items()
                found |= {name: one for name, one in below if _ending(name) in endings}
            elif WILD & set(said) or _ending(name) in taken:
                found[name] = about
        return Address(fs.unstrip_protocol("/".join(parts[:first]))).path, _sorted(fs, found)

    def begins_with(self, head: bytes) -> bool:
        """Tell whether its first bytes are these. Raises InputError."""
        with self._named():
            fs, path = _opened(self.url)
            with fs.open(path, "rb") as file:
                return bool(file.read(len(head)) == head)

    def sha256(self) -> str:
        """SHA-256 of its bytes, in hexadecimal, which are read for it. Raises InputError."""
        with self._named():
            fs, path = _opened(self.url)
            with fs.open(path, "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()

    @contextmanager
    def fetched(self) -> Iterator[Path]:
        """Within, what lies there is on this machine, in a file that nobody else can read. Raises InputError."""
        with _private_file() as (file, path):
            with self._named():
                fs, name = _opened(self.url)
                with fs.open(name, "rb") as there:
                    shutil.copyfileobj(there, file, 1 << 20)
                    file.flush()
                    if (whole := getattr(there, "size", None)) is not None and file.tell() != whole:
                        raise InputError(f"{self.shown}: reading it broke off; check the connection and try again.")
            yield path

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Within, whatever goes wrong is an error that names the address."""
        try:
            yield
        except (InputError, MissingError):
            raise
        except FileNotFoundError as error:
            raise InputError(f"{self.shown}: {_why_not_found(error)}") from error
        except PermissionError as error:
            raise InputError(f"{self.shown}: {_FORBIDDEN}") from error
        except ImportError as error:
            protocol = urlsplit(self.url).scheme
            raise MissingError(
                f"{self.shown}: no package that reads {protocol}:// is installed; for s3:// run: pip install s3fs, for "
                "gs:// gcsfs, for abfs:// adlfs."
            ) from error
        except Exception as error:
            if isinstance(error, OSError) and error.errno in FULL:
                raise InputError(
                    f"{self.shown}: there is no room for it in {tempfile.gettempdir()}; free some, or set TMPDIR."
                ) from error
            raise InputError(
                f"{self.shown}: cannot be read ({type(error).__name__}); check the address, the connection and how "
                "this machine logs in there."
            ) from error


def _why_not_found(error: BaseException) -> str:
    """What is behind an object that was not found: over HTTP, fsspec calls a server that refuses or fails so, too."""
    cause = error
    while (behind := cause.__cause__ or cause.__context__) is not None:
        cause = behind
        status = getattr(cause, "status", None)
        if status in (401, 403):
            return _FORBIDDEN
        if isinstance(status, int) and status not in (404, 410):
            return f"the server there answers with an error (status {status}); try again later, or check the address."
        is_connection = isinstance(cause, OSError) or type(cause).__module__.startswith("aiohttp")
        if is_connection and status is None and not isinstance(cause, FileNotFoundError):
            return f"nobody answers there ({type(cause).__name__}); check the address, the connection and the server."
    return "there is no such object or folder; check the address."


def looked_up(addresses: Sequence[Address]) -> list[Address]:
    """The addresses with the size and ETag that are told of each; one of which nothing is told as it was.

    What is wrong with it is said when it is fetched.
    """
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as pool:
        return list(pool.map(_looked_up, addresses))


def _looked_up(address: Address) -> Address:
    with suppress(Exception):
        fs, path = _opened(address.url)
        return Address(address.url, *_stated(fs.info(path)))
    return address


def place(text: str) -> Path | Address:
    """What the user named: an address, or a path of this machine."""
    return Address(text) if _ADDRESS.match(text) else Path(text)


@contextmanager
def recording_at(where: Path | Address) -> "Iterator[Recording]":
    """Within, the recording can be read, wherever it lies. Raises InputError where it cannot be fetched."""
    from dictation.audio import Recording

    if isinstance(where, Path):
        yield Recording(where)
    else:
        with where.fetched() as path:
            yield Recording(path, where.shown)


def _opened(url: str) -> tuple[Any, str]:
    """The file system that `url` lies in, and its path there. Raises what fsspec raises; MissingError without it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise MissingError(f"an address needs the package fsspec; run: {install_command('cluster')}.") from None
    fs, path = url_to_fs(url)
    return fs, str(path)


def _sorted(fs: Any, found: dict[str, Any]) -> list[Address]:
    return [Address(fs.unstrip_protocol(name), *_stated(about)) for name, about in sorted(found.items())]


def _stated(about: dict[str, Any]) -> tuple[int, str]:
    """Size and ETag that a file system tells of an object."""
    return about.get("size") or 0, str(about.get("ETag") or about.get("etag") or "")


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


@contextmanager
def _private_file() -> Iterator[tuple[IO[bytes], Path]]:
    """A file and the path under which it can be opened; gone afterwards, on Linux also where the process is killed."""
    if _OPEN_FILES.is_dir():
        with tempfile.TemporaryFile() as file:
            yield file, _OPEN_FILES / str(file.fileno())
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording"
        with path.open("wb") as file:
            yield file, path
