"""Starts an installed `dictation serve`, reads its page, dictates over its WebSocket and prints what it wrote, as JSON.

A program of its own, for it has to run inside the network namespace.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

from dictation.audio import Recording
from dictation.audio.capture import to_pcm
from dictation.review.listening import BLOCK_SAMPLES
from tests.review.wire_page import WirePage

SAMPLE = Path(__file__).parents[2] / "audio_samples" / "01_left_effusion"
START_S = 300.0


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    own["DICTATION_PAGE_TOKEN"] = "off"  # whoever uses this machine
    server = subprocess.Popen([sys.argv[1], "serve", "--port", str(port)], env=own, stdout=sys.stderr)
    try:
        url = f"http://127.0.0.1:{port}/"
        with opened(url, server) as answer:
            status, html = answer.status, answer.read().decode()
        sound = Recording(SAMPLE / "01_left_effusion.flac").samples()
        blocks = [to_pcm(sound[at : at + BLOCK_SAMPLES]) for at in range(0, len(sound) - BLOCK_SAMPLES, BLOCK_SAMPLES)]
        with WirePage(url) as page:
            page.until(lambda: page.is_connected)
            page.new()
            page.dictate(page.begin(), blocks, block_s=0)
            page.settle(START_S)
            page.until(lambda: "effusion" in page.text, START_S)
            text = page.text
        server.send_signal(signal.SIGTERM)
        ended = server.wait(60)
    finally:
        server.kill()
    json.dump({"page": status, "html": html[:2000], "text": text, "ended": ended}, sys.stdout)


def opened(url: str, server: subprocess.Popen):
    ends_s = time.monotonic() + START_S
    while True:
        try:
            return urlopen(url, timeout=60)
        except OSError:
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < ends_s, "the server does not answer"
            time.sleep(0.2)


if __name__ == "__main__":
    main()
