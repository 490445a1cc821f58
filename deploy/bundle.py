"""One archive that installs the program where there is no network: wheels locked by hash, licences, a list of parts.

    python -m deploy.bundle --out dist
    python -m deploy.bundle --extras medasr --out dist      # these parts, too

It is made on a machine with a package index, for machines with the same Python and platform. `install.sh` inside it
checks every file, installs into one folder and needs no root. Before the archive is packed it is installed once here.
"""

import argparse
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
import zipfile
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

from packaging.utils import canonicalize_name, parse_wheel_filename

REPOSITORY = Path(__file__).resolve().parent.parent
DISTRIBUTION = "radiology-dictation"
ALWAYS = ("embedded", "app", "hospital", "postgres")  # what `demo` and a department's `serve` need
PYTHON_TAG = f"cp{sys.version_info.major}{sys.version_info.minor}"
PLATFORM = sysconfig.get_platform()
SUMS, PARTS = "SHA256SUMS", "sbom.cdx.json"
# of this folder, beside the timers and what they start
ALSO = ("install.sh", "dictation.env", "dictation.service", "as_service.py", "compose.yaml", "Containerfile")
MANYLINUX = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
LICENCE = re.compile(
    r"(LICEN[CS]ES?|COPYING|COPYRIGHT|NOTICE|AUTHORS|ThirdPartyNotices)([-_.](?!pyi?$|js$|json$)[^/]*)?", re.IGNORECASE
)
MTIME = 1_580_601_600  # of every file in the archive, that of hatchling's wheels: the same parts give the same bytes


@dataclass(frozen=True)
class Wheel:
    """A wheel on disk: its normalised name, version and SHA-256, and the glibc that it needs, (0, 0) for none."""

    path: Path
    name: str
    version: str
    sha256: str
    glibc: tuple[int, int]


def main() -> None:
    """Make the archive and its SHA-256 in `--out`, and name it on stdout."""
    parser = argparse.ArgumentParser(prog="python -m deploy.bundle", description=__doc__.splitlines()[0])
    parser.add_argument("--extras", default="", help=f"parts of pyproject.toml beside {', '.join(ALWAYS)}: medasr,xrv")
    parser.add_argument("--out", type=Path, default=Path("dist"), help="folder for the archive")
    asked = parser.parse_args()
    extras = with_extras(asked.extras)
    with tempfile.TemporaryDirectory() as folder:
        wheels = Path(folder, "wheels")
        gather(extras, wheels)
        root = Path(folder, name_of(wheels))
        assemble(wheels, root, extras)
        add_parts(root, Path(folder, "installed"))
        archive = pack(root, asked.out)
    sys.stdout.write(f"{archive}  {archive.stat().st_size // 1_000_000} MB\n")


def with_extras(asked: str) -> str:
    """Return what is always in a bundle and what is asked for beside it. Ends the program for a part there is not."""
    project = tomllib.loads(REPOSITORY.joinpath("pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = dict.fromkeys((*ALWAYS, *filter(None, (name.strip() for name in asked.split(",")))))
    unknown = [name for name in wanted if name not in project["optional-dependencies"]]
    if unknown:  # pip would only warn, and leave it out
        sys.exit(
            f"bundle: there is no part {', '.join(unknown)}; take those under optional-dependencies in pyproject.toml."
        )
    return ",".join(wanted)


def own_wheel(folder: Path) -> Path:
    """Build the wheel of this program in `folder` and return it."""
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder.resolve()))
    return next(folder.glob("radiology_dictation-*.whl"))


def gather(extras: str, folder: Path) -> None:
    """Put the wheel of this program and those of all that it needs with `extras` into `folder`, at locked versions."""
    wanted = f"{DISTRIBUTION}[{extras}] @ {own_wheel(folder).resolve().as_uri()}"
    locked = str(REPOSITORY / "constraints.txt")
    _run(sys.executable, "-m", "pip", "download", "-q", "--only-binary=:all:", "-c", locked, "-d", str(folder), wanted)


def wheels_in(folder: Path) -> list[Wheel]:
    """Return the wheels of a folder in the order of their names."""
    found = []
    for path in sorted(folder.glob("*.whl")):
        name, version, _, tags = parse_wheel_filename(path.name)
        needed = min((_glibc(tag.platform) for tag in tags), default=(0, 0))
        found.append(Wheel(path, name, str(version), _sha256(path), needed))
    return found


def name_of(wheels: Path) -> str:
    """Return what the bundle is called: program, version, Python and platform."""
    own = next(wheel for wheel in wheels_in(wheels) if wheel.name == DISTRIBUTION)
    return f"dictation-{own.version}-{PYTHON_TAG}-{PLATFORM}"


def assemble(wheels: Path, root: Path, extras: str) -> None:
    """Lay the bundle out in `root`, a new folder, and seal it. The wheels are moved into it."""
    found = wheels_in(wheels)
    own = next(wheel for wheel in found if wheel.name == DISTRIBUTION)
    root.mkdir(parents=True)
    wanted = {own.name: f"[{extras}]"} if extras else {}
    lines = [f"{one.name}{wanted.get(one.name, '')}=={one.version} --hash=sha256:{one.sha256}\n" for one in found]
    root.joinpath("requirements.txt").write_text("".join(lines), encoding="utf-8")
    _collect_licences(found, root / "licences")
    unpacked_mb = sum(_unpacked_bytes(wheel.path) for wheel in found) // 1_000_000
    glibc = max(wheel.glibc for wheel in found)
    settings = {
        "VERSION": own.version,
        "PYTHON": f"{sys.version_info.major}.{sys.version_info.minor}",
        "PLATFORM": PLATFORM,
        "GLIBC": f"{glibc[0]}.{glibc[1]}",
        "NEEDED_MB": str(unpacked_mb * 5 // 4 + 100),  # byte code and pip itself
    }
    root.joinpath("bundle.conf").write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
    shutil.move(wheels, root / "wheels")
    here = REPOSITORY / "deploy"
    for path in [*(here / name for name in ALSO), *here.glob("*.timer"), *here.glob("dictation-*.service")]:
        if path.is_file():
            shutil.copy(path, root / path.name)
    for page in ("LICENSE", "NOTICE", "CHANGELOG.md", "docs/administration.md"):
        if (REPOSITORY / page).is_file():
            shutil.copy(REPOSITORY / page, root)
    seal(root)


def add_parts(root: Path, target: Path) -> None:
    """Install the bundle into `target` as its user will, and list what it installed as CycloneDX in the bundle."""
    _run("sh", str(root / "install.sh"), str(target), sys.executable)
    python = str(target / "bin" / "python")
    _run(python, "-m", "pip", "uninstall", "-q", "-y", "pip", "setuptools")  # Python's own, not of the bundle
    parts = root / PARTS
    _run(
        *(sys.executable, "-m", "cyclonedx_py", "environment", python, "--output-reproducible"),
        *("--pyproject", str(REPOSITORY / "pyproject.toml"), "--mc-type", "application"),
        *("--output-format", "JSON", "--output-file", str(parts)),
    )
    listed = json.loads(parts.read_text(encoding="utf-8"))
    sha256 = {wheel.name: wheel.sha256 for wheel in wheels_in(root / "wheels")}
    for part in listed["components"]:
        part["hashes"] = [{"alg": "SHA-256", "content": sha256[canonicalize_name(part["name"])]}]
    parts.write_text(json.dumps(listed, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    seal(root)


def seal(root: Path) -> None:
    """Write the SHA-256 of every file of the bundle, which install.sh checks."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and path.name != SUMS)
    lines = [f"{_sha256(path)}  {path.relative_to(root).as_posix()}\n" for path in files]
    root.joinpath(SUMS).write_text("".join(lines), encoding="utf-8")


def pack(root: Path, out: Path) -> Path:
    """Pack the bundle into `out`, the same bytes for the same files, and write the archive's SHA-256 beside it."""
    out.mkdir(parents=True, exist_ok=True)
    archive = out / f"{root.name}.tar.gz"
    part = archive.with_suffix(".part")
    with (
        part.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=MTIME) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for path in sorted(root.rglob("*")):
            tar.add(path, f"{root.name}/{path.relative_to(root).as_posix()}", recursive=False, filter=_plain)
    part.replace(archive)
    archive.with_name(f"{archive.name}.sha256").write_text(f"{_sha256(archive)}  {archive.name}\n")
    return archive


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """The entry without who packed it, when, and under which umask."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = MTIME
    entry.mode = 0o755 if entry.isdir() or entry.name.endswith(".sh") else 0o644
    return entry


def _collect_licences(wheels: list[Wheel], folder: Path) -> None:
    """Copy every licence text out of the wheels, and write a table of what each package says of itself."""
    folder.mkdir()
    rows = ["package\tversion\tlicence\ttexts\n"]
    for wheel in wheels:
        with zipfile.ZipFile(wheel.path) as packed:
            names = [name for name in packed.namelist() if not name.endswith("/")]
            about = HeaderParser().parsestr(
                packed.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()
            )
            texts = [
                name for name in names if ".dist-info/licenses/" in name or LICENCE.fullmatch(name.rpartition("/")[2])
            ]
            for name in texts:
                target = folder / wheel.name / re.sub(r"^[^/]+\.dist-info/(licenses/)?", "", name)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(packed.read(name))
        rows.append(f"{wheel.name}\t{wheel.version}\t{_licence(about)}\t{len(texts)}\n")
    folder.joinpath("overview.tsv").write_text("".join(rows), encoding="utf-8")


def _licence(about: Message) -> str:
    """What the metadata of a package say about its licence, in one line."""
    expression = about.get("License-Expression")
    classified = [
        line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or [] if line.startswith("License ::")
    ]
    free = " ".join((about.get("License") or "").split())
    return expression or ", ".join(classified) or free[:80] or "not stated"


def _glibc(platform: str) -> tuple[int, int]:
    newer = re.match(r"manylinux_(\d+)_(\d+)_", platform)
    if newer:
        return int(newer[1]), int(newer[2])
    return MANYLINUX.get(platform.partition("_")[0], (0, 0))


def _unpacked_bytes(wheel: Path) -> int:
    with zipfile.ZipFile(wheel) as packed:
        return sum(entry.file_size for entry in packed.infolist())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _run(*command: str) -> None:
    """Run a command in the repository. Ends the program where it fails; it said why itself."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(MTIME)}
    if subprocess.run(command, cwd=REPOSITORY, env=environment, stdout=sys.stderr).returncode:
        sys.exit(f"bundle: this failed: {' '.join(command[:6])} …")


if __name__ == "__main__":
    main()
