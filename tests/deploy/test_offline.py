"""The whole bundle, made, carried into an empty place without a network, installed and used there (`make soak`)."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import tomllib
from pathlib import Path

import pytest

from deploy import bundle

VERSION = tomllib.loads((bundle.REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
OFFLINE = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def _can_cut_off() -> bool:
    if not shutil.which("unshare") or not shutil.which("ip"):
        return False
    return subprocess.run([*OFFLINE, "true"], capture_output=True).returncode == 0


pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not _can_cut_off(), reason="a network namespace needs Linux, unshare and ip"),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """The bundle, unpacked, as `make bundle` made it."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "deploy.bundle", "--out", str(out)], cwd=bundle.REPOSITORY, check=True)
    (archive,) = out.glob("*.tar.gz")
    subprocess.run(["sha256sum", "-c", f"{archive.name}.sha256"], cwd=out, check=True)
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path_factory.mktemp("carried"), filter="data")
        return Path(tmp_path_factory.getbasetemp(), "carried0", packed.getnames()[0].split("/")[0])


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> dict[str, str]:
    """The environment of somebody new on a machine: an empty home, no settings."""
    home = tmp_path_factory.mktemp("home")
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8"}


def offline(bare: dict[str, str], *command: object, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*OFFLINE, *map(str, command)], env=bare, cwd=bare["HOME"], capture_output=True, text=True, **options
    )


@pytest.fixture(scope="module")
def installed(root, bare) -> Path:
    """The program, installed after it was killed once in the middle."""
    only = offline(bare, sys.executable, "-c", "import socket; print([name for _, name in socket.if_nameindex()])")
    assert only.stdout == "['lo']\n"
    target = Path(bare["HOME"], "dictation")
    command = [*OFFLINE, "sh", str(root / "install.sh"), str(target), sys.executable]
    killed = subprocess.Popen(command, env=bare, start_new_session=True)
    while not list(target.glob("lib/python*/site-packages/numpy*")):
        assert killed.poll() is None
        time.sleep(0.01)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    done = offline(bare, "sh", root / "install.sh", target, sys.executable)
    assert done.returncode == 0, done.stderr
    assert "Done." in done.stdout and not done.stderr
    again = offline(bare, "sh", root / "install.sh", target, sys.executable)
    assert (again.returncode, again.stdout) == (0, f"Version {VERSION} is installed in {target} already.\n")
    return target


def test_every_part_is_listed_with_its_hash_and_licence(root):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = (root / bundle.PARTS).read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    parts = {part["name"].replace("_", "-").lower(): part for part in json.loads(text)["components"]}
    wheels = bundle.wheels_in(root / "wheels")
    assert set(parts) | {bundle.DISTRIBUTION} == {wheel.name for wheel in wheels}
    for wheel in wheels:
        if wheel.name != bundle.DISTRIBUTION:
            assert parts[wheel.name]["version"] == wheel.version
            assert parts[wheel.name]["hashes"] == [{"alg": "SHA-256", "content": wheel.sha256}]
    lines = (root / "licences" / "overview.tsv").read_text().splitlines()[1:]
    assert {line.split("\t")[0] for line in lines} == {wheel.name for wheel in wheels}


def test_the_list_of_parts_names_no_folder_of_the_machine_that_made_it(root):
    text = (root / bundle.PARTS).read_text()
    assert [word for word in (str(bundle.REPOSITORY), str(Path.home()), "file:", "/tmp/") if word in text] == []


def test_demo_runs_without_a_network(installed, bare):
    done = offline(bare, installed / "bin" / "dictation", "demo")
    assert done.returncode == 0, done.stderr
    assert "You said left; the report says right (pleural effusion)." in done.stdout
    assert "You said 8 mm; the report says 18 mm (solid nodule)." in done.stdout
    assert Path(bare["HOME"], "dictation_demo.html").stat().st_size > 100_000


def test_the_app_hears_a_dictation_without_a_network(installed, bare):
    environment = {**bare, "PYTHONPATH": str(bundle.REPOSITORY)}
    done = offline(environment, sys.executable, "-m", "tests.deploy.dictate_offline", installed / "bin" / "dictation")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert "left pleural effusion" in told["text"]
    assert told["page"] == 200 and "<html" in told["html"]
    assert told["ended"] == 130
