"""The server of test_capture.py: the real `Listening` behind a real WebSocket, in a process that can be killed.

    python -m tests.browser.capture_server PORT FOLDER

It keeps in FOLDER what a case's draft keeps, and answers at /told what was heard.
"""

import asyncio
import json
import re
import struct
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from dictation.audio.journal import OtherSound
from dictation.errors import DictationError
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.review.listening import Kept, Listening
from dictation.review.page import acknowledgement
from dictation.settings import Settings
from dictation.speech.live import Final
from tests.speech.tiny_lasr import SMALL_LASR

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "dictation" / "review" / "data"
BAR = re.search(r"<footer id=\"bar\".*?</footer>", (DATA / "shell.html").read_text("utf-8"), re.DOTALL).group()
KINDS = {".js": "text/javascript", ".css": "text/css"}


def load_ear():
    from dictation.speech.medasr.recognizer import MedASRRecognizer

    return MedASRRecognizer.load(SMALL_LASR, Settings())


class Server:
    """All cases; `takes` and `words` of each survive a kill, as a draft does."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.kept = folder, folder / "kept.json"
        self.ear = ThreadPoolExecutor(1).submit(load_ear)
        self.cases: dict[str, Listening] = {}
        self.state = {"takes": {}, "words": {}, "commands": []}
        self.signed: set[str] = set()  # takes that take no more sound
        self.lock = Lock()
        self.sockets: set[WebSocket] = set()
        if self.kept.exists():
            self.state = json.loads(self.kept.read_text())

    def listening(self, case: str) -> Listening:
        if case not in self.cases:
            self.cases[case] = Listening(
                self.folder, self.ear, lambda: EMPTY_VOCABULARY, self.tell, acknowledge=self.acknowledge
            )
        return self.cases[case]

    def of_take(self, take: str) -> Listening:
        kept = self.state["takes"][take]
        listening = self.listening(kept["case"])
        listening.resume(take, kept["file"], kept["heard_s"])
        return listening

    def acknowledge(self, take: str, kept: Kept) -> None:
        message = acknowledgement(take, kept)
        for socket in list(self.sockets):
            asyncio.run_coroutine_threadsafe(socket.send_json(message), self.loop)

    def tell(self, take: str, events) -> None:
        for event in events:
            if isinstance(event, Final):
                self.state["takes"][take]["heard_s"] = event.end_s
                self.state["words"].setdefault(take, []).extend(word.text for word in event.words)
        self.save()

    def save(self) -> None:
        with self.lock:
            new = self.kept.with_suffix(".new")
            new.write_text(json.dumps(self.state))
            new.replace(self.kept)

    def obey(self, command: dict) -> dict:
        self.state["commands"].append(command)
        take = command["take"]
        if command["do"] == "take":
            if command["case"] == "signed":
                raise DictationError("This report is final; begin an addendum.")
            if take not in self.state["takes"]:
                begun = self.listening(command["case"]).begin(take)
                self.state["takes"][take] = {"case": command["case"], "file": begun.file, "heard_s": 0.0}
            begun = self.of_take(take).begin(take)
            self.save()
            is_signed = take in self.signed  # then all of it is on the disk
            while is_signed and self.of_take(take).begin(take).saved < begun.taken:
                time.sleep(0.05)
            hashes = self.of_take(take).hashes(take, command["saved"])
            return {"taken": begun.taken, "saved": begun.saved, "hashes": hashes, "closed": is_signed}
        self.of_take(take).listen(take, command["on"], command["block"])
        self.save()
        return {}

    async def desk(self, socket: WebSocket) -> None:
        await socket.accept()
        self.loop = asyncio.get_running_loop()
        self.sockets.add(socket)
        try:
            while True:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                if (text := message.get("text")) is not None:
                    await self.answer(socket, json.loads(text))
                else:
                    await self.block(socket, message["bytes"])
        except WebSocketDisconnect:
            return
        finally:
            self.sockets.discard(socket)

    async def answer(self, socket: WebSocket, command: dict) -> None:
        if command["do"] == "hello":
            await socket.send_json({"kind": "case", "case": command["case"], "state": "draft"})
            return
        try:
            answer = {"ok": True, **self.obey(command)}
        except DictationError as error:
            answer = {"ok": False, "message": str(error)}
        await socket.send_json({"kind": "answer", "number": command["number"], **answer})

    async def block(self, socket: WebSocket, message: bytes) -> None:
        take, number = message[:16].hex(), struct.unpack_from("<I", message, 16)[0]
        if take in self.signed:
            await socket.send_json({"kind": "ack", "take": take, "taken": 0, "saved": 0, "closed": True})
            return
        try:
            kept = self.of_take(take).append(take, number, message[20:])
        except OtherSound:
            return
        await socket.send_json(acknowledgement(take, kept))

    def routes(self) -> list:
        async def page(request) -> Response:
            script = '<script type="module" src="page.js"></script>'
            style = '<link rel="stylesheet" href="assets/shell.css">'
            return HTMLResponse(
                f'<!doctype html>{style}<body><div id="shell">{BAR}</div><textarea></textarea>{script}</body>'
            )

        async def asset(request) -> Response:
            file = DATA / Path(request.path_params["name"]).name
            return Response(file.read_bytes(), media_type=KINDS[file.suffix])

        async def script(request) -> Response:
            return Response((HERE / "capture_page.js").read_bytes(), media_type=KINDS[".js"])

        async def told(request) -> Response:
            settled = {case: listening.is_settled for case, listening in self.cases.items()}
            return JSONResponse({**self.state, "settled": settled})

        async def sign(request) -> Response:
            self.signed.add(request.path_params["take"])
            return Response()

        return [
            Route("/", page),
            Route("/page.js", script),
            Route("/assets/{name}", asset),
            Route("/told", told),
            Route("/sign/{take}", sign),
            WebSocketRoute("/desk", self.desk),
        ]


def main(port: str, folder: str) -> None:
    app = Starlette(routes=Server(Path(folder)).routes())
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
