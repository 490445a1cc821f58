"""Peers, each in an environment of its own under a folder that the user names: made once, then used again."""

import subprocess
import venv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Peer:
    """A package of the registry, and the module here that answers the protocol with it."""

    package: str
    module: str


PEERS = {
    "medspaCy ConText": Peer("medspacy==1.3.1", "benchmarks.extraction.engines.medspacy_context"),
    "negspacy": Peer("negspacy==1.1.0", "benchmarks.extraction.engines.negspacy_negex"),
}


def command(peer: Peer, folder: Path) -> str | None:
    """The command that runs a peer; None where its package could not be installed."""
    home = folder.absolute() / peer.package.replace("==", "-")
    python = home / "bin" / "python"
    installed = home / "installed"
    if not installed.exists():
        venv.create(home, with_pip=True, clear=True)
        pip = [python, "-m", "pip", "install", "--quiet", peer.package]
        if subprocess.run(pip, capture_output=True, check=False).returncode != 0:
            return None
        installed.touch()
    return f"'{python}' -m {peer.module}"
