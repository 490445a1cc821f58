"""llama.cpp's own HTTP server (package xllamacpp) with the real Gemma 3 270M, which sees no images, in a process."""

import json
import os
import subprocess
import sys
from typing import Any
from urllib.request import Request, urlopen

from tests.models.gemma_270m import gguf

KEY = "sk-llama-51c0"
MODEL = "gemma-3-270m"
CONTEXT = 2048  # tokens


class LlamaServer:
    """A running server; use as a context. It wants KEY and answers as MODEL, whatever model it is asked for."""

    def __enter__(self) -> "LlamaServer":
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(gguf())],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()
        assert self.address.startswith("http://127.0.0.1:"), "llama.cpp's server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def url(self) -> str:
        return f"{self.address}/v1"

    def slot(self) -> dict[str, Any]:
        """What the server is doing: `is_processing`, and `n_prompt_tokens`, the tokens read and written so far."""
        request = Request(f"{self.address}/slots", headers={"Authorization": f"Bearer {KEY}"})
        with urlopen(request, timeout=60) as reply:
            [slot] = json.load(reply)
        return dict(slot)


def main(weights: str) -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = weights
    params.model_alias = {MODEL}
    params.use_jinja, params.chat_template = False, "gemma"  # the built-in template of that name
    params.api_keys = [KEY]
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.warmup = False
    params.ui = False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = (
        1  # two that wait for each other crawl on a busy machine
    )
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()  # until the tests end, however they do
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
