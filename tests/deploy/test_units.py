"""The systemd units, as systemd itself reads and judges them."""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.bundle import REPOSITORY

TELLS = {"backup": "dictation-backup-failed.service", "purge": "dictation-purge-failed.service"}
UNITS = sorted((REPOSITORY / "deploy").glob("*.service"))

pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze here")


def analyze(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, timeout=60)


def test_systemd_understands_every_line(tmp_path):
    folder = Path(shutil.copytree(REPOSITORY / "deploy", tmp_path / "units"))
    for unit in folder.glob("*.service"):
        text = unit.read_text(encoding="utf-8")
        assert ("/opt/dictation/current/bin/dictation" in text) == (unit.name not in TELLS.values())
        unit.write_text(text.replace("/opt/dictation/current/bin/dictation", sys.executable), encoding="utf-8")
    done = analyze("verify", *folder.glob("*.service"), *folder.glob("*.timer"))
    told = [line for line in done.stderr.splitlines() if "dictation" in line]
    assert (done.returncode, told) == (0, [])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_may_do_little(unit):
    done = analyze("security", "--offline=true", "--threshold=15", unit)  # 1.5 of 10
    assert done.returncode == 0, done.stdout[-200:]


@pytest.mark.parametrize("work", TELLS)
def test_a_backup_or_purge_that_fails_is_told_as_critical(work):
    lines = (REPOSITORY / "deploy" / f"dictation-{work}.service").read_text(encoding="utf-8").splitlines()
    assert f"OnFailure={TELLS[work]}" in lines[: lines.index("[Service]")]
    tells = (REPOSITORY / "deploy" / TELLS[work]).read_text(encoding="utf-8").splitlines()
    (command,) = [line.removeprefix("ExecStart=") for line in tells if line.startswith("ExecStart=")]
    said = subprocess.run(shlex.split(command), capture_output=True, text=True, timeout=60)
    assert said.returncode == 0 and said.stdout.startswith(f"The {work} failed") and "SyslogLevel=crit" in tells
