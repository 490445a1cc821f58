"""When, where and with what something was measured: what every result says of itself."""

import os
import platform
from datetime import UTC, datetime
from typing import Any

from dictation.extras import DISTRIBUTION, versions


def system_load() -> float:
    """How many processes waited for a core in the last minute, on average."""
    return os.getloadavg()[0]


def circumstances(load_before: float, *packages: str) -> dict[str, Any]:
    """The date (UTC), the machine, its load before and now, and the versions of this program and of `packages`."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "load": f"{load_before:.1f} before, {system_load():.1f} after",
        "versions": versions(DISTRIBUTION, *packages),
    }
