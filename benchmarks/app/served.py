"""The app as a program of its own, watched: memory and processor time every few seconds."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_S, EVERY_S = 180.0, 5.0
TICK = os.sysconf("SC_CLK_TCK")


class Served:
    """`dictation serve` with the embedded engine in a home of its own. Use it as a context."""

    def __init__(self, home: Path | None = None, **environment: str) -> None:
        self.home = home or Path(tempfile.mkdtemp(prefix="bench_app"))
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/"
        command = [sys.executable, "-m", "pipelines", "serve", "--port", str(port), "--recognizer", "whisper"]
        environment = {**os.environ, "DICTATION_HOME": str(self.home), "DICTATION_PAGE_TOKEN": "off", **environment}
        self.log = self.home / "output.txt"
        with self.log.open("w") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        ends_s = time.monotonic() + START_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > ends_s:
                raise SystemExit(f"the app was not served:\n{self.log.read_text()}")
            time.sleep(0.2)
        self.memory_mb: list[tuple[float, float]] = []
        self._began_s, self._cpu_s = time.monotonic(), self.cpu_s
        self._ending = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def __enter__(self) -> "Served":
        """Give the program itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it as Ctrl-C does."""
        self._ending.set()
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        self.process.kill()

    @property
    def cpu_s(self) -> float:
        """Seconds that its threads worked."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    @property
    def rss_mb(self) -> float:
        """Memory that it holds now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def begin(self) -> None:
        """Count from now on."""
        self.memory_mb.clear()
        self._began_s, self._cpu_s = time.monotonic(), self.cpu_s

    def figures(self) -> dict[str, object]:
        """Memory at the start, in the middle, at the end and by minute; processor time by second."""
        seconds = time.monotonic() - self._began_s
        memory = [mb for _, mb in self.memory_mb] or [self.rss_mb]
        by_minute = {}
        for at_s, mb in self.memory_mb:
            by_minute[str(int(at_s // 60))] = round(mb)
        return {
            "seconds": round(seconds, 1),
            "memory_mb": {"start": round(memory[0]), "middle": round(memory[len(memory) // 2]),
                          "end": round(memory[-1]), "most": round(max(memory))},
            "memory_mb_by_minute": by_minute,
            "cores_busy": round((self.cpu_s - self._cpu_s) / seconds, 2),
        }  # fmt: skip

    def _answers(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(self.url + "worklist", timeout=5):
            return True
        return False

    def _watch(self) -> None:
        while not self._ending.wait(EVERY_S):
            with suppress(OSError):
                self.memory_mb.append((time.monotonic() - self._began_s, self.rss_mb))
