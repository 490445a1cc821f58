"""When, where and with what something was measured: what every result says of itself.

A processor's instructions are part of it: int8 products are quick where it has VNNI, and may be slower than fp32 where
it has not, so a speed says nothing of another machine without them.
"""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dictation.extras import DISTRIBUTION, versions

# Name in a result: names of Linux (/proc/cpuinfo) and of macOS (sysctl), any of which will do
_X86 = {
    "avx2": ("avx2",),
    "avx512": ("avx512f",),
    "vnni": ("avx512_vnni", "avx_vnni", "avx512vnni"),
    "amx": ("amx_int8", "amx_tile"),
}
_ARM = {
    "neon": ("asimd", "advsimd", "feat_advsimd"),
    "dotprod": ("asimddp", "feat_dotprod"),
    "i8mm": ("i8mm", "feat_i8mm"),
    "sve": ("sve",),
    "sme": ("sme", "feat_sme"),
}


def system_load() -> float:
    """How many processes waited for a core in the last minute, on average."""
    return os.getloadavg()[0]


def circumstances(load_before: float, *packages: str) -> dict[str, Any]:
    """The date (UTC), the machine, its load before and now, and the versions of this program and of `packages`."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{os.cpu_count()} cores, {processor()}, Python {platform.python_version()}",
        "load": f"{load_before:.1f} before, {system_load():.1f} after",
        "versions": versions(DISTRIBUTION, *packages),
    }


def processor() -> str:
    """This machine's processor and its vector instructions, as "x86_64 (avx2; no avx512, vnni, amx)"."""
    return described(platform.machine(), _features())


def described(architecture: str, features: str) -> str:
    """A processor in words. `features`: the text in which the system lists its instructions, "" where it does not."""
    listed = set(re.split(r"[\s:.]+", features.lower()))
    known = _ARM if architecture.lower() in ("arm64", "aarch64") else _X86
    has = [name for name, names in known.items() if listed.intersection(names)]
    lacks = [name for name in known if name not in has]
    if not has:  # every processor that runs this has some: the system does not say
        return f"{architecture} (instructions unknown)"
    return f"{architecture} ({', '.join(has)}{'; no ' if lacks else ''}{', '.join(lacks)})"


def _features() -> str:
    """What the system lists of its processor's instructions."""
    listed = Path("/proc/cpuinfo")
    if listed.is_file():
        lines = listed.read_text(encoding="utf-8", errors="replace").splitlines()
        return next((line for line in lines if line.lower().startswith(("flags", "features"))), "")
    if platform.system() != "Darwin":
        return ""
    found = subprocess.run(["/usr/sbin/sysctl", "-a"], capture_output=True, text=True, check=False).stdout
    lines = [line for line in found.splitlines() if line.startswith(("machdep.cpu", "hw.optional"))]
    return " ".join(line for line in lines if not line.endswith(": 0"))
