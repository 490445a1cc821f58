"""What the page reads beside its WebSocket: scripts, worklist, sound and pixels. Nothing here changes anything."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from dictation.errors import DictationError, UsageError
from dictation.private import without_folders
from dictation.records.rights import User
from dictation.records.sound import DeletedError, sound_path
from dictation.review.failing import told
from dictation.review.identity import signed_of
from dictation.review.open_cases import OpenCases
from dictation.review.page import own_id
from dictation.review.pixels import image_bytes
from dictation.review.sounds import wav_bytes
from dictation.review.viewing import session_of

KINDS = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
FRESH = {"Cache-Control": "no-cache"}  # asked for again: an update must not leave old scripts in a browser
PRIVATE = {"Cache-Control": "no-store"}  # patient data stays out of the browser's cache on disk


class Routes:
    """The routes that a page reads."""

    def __init__(self, cases: OpenCases) -> None:
        self._cases = cases
        self._assets = {
            file.name: file.read_bytes()
            for file in files("dictation.review").joinpath("data").iterdir()
            if _ending(file.name) in KINDS
        }

    def all(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/scripts/{name}", self._asset),
            Route("/worklist", self._answered(self._worklist)),
            Route("/sound/{case}/{recording}", self._answered(self._sound)),
            Route("/image/{case}/{number}", self._answered(self._image)),
        ]

    async def _asset(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._assets:
            return PlainTextResponse("There is no such file.\n", 404)
        return Response(self._assets[name], media_type=KINDS[_ending(name)], headers=FRESH)

    def _worklist(self, request: Request) -> Response:
        query = request.query_params
        search = unquote(request.headers.get("x-search", "")) or query.get("search", "")
        page = self._cases.desk.records.worklist(
            search[:200], query.get("state", ""), query.get("after"), user=(user := _user(request))
        )
        counts = self._cases.desk.records.counts(user)
        return JSONResponse({**page.model_dump(mode="json"), "counts": counts}, headers=PRIVATE)

    def _sound(self, request: Request) -> Response:
        records, query = self._cases.desk.records, request.query_params
        self._check(request)
        kept = records.recording(request.path_params["case"], request.path_params["recording"])
        try:
            start_s, stop_s = float(query.get("from", "0")), float(query.get("to", "60"))
        except ValueError:
            raise UsageError("The seconds of the sound are no numbers.") from None
        content = wav_bytes(sound_path(records, kept), start_s, stop_s)
        self._looked(request)
        return Response(content, media_type="audio/wav", headers=PRIVATE)

    def _image(self, request: Request) -> Response:
        self._check(request)
        case, number = self._cases.known(request.path_params["case"]), request.path_params["number"]
        images = case.study.images if case is not None and case.study is not None else ()
        if number not in map(str, range(len(images))):
            raise UsageError("There is no such image; open its case first.")
        content = image_bytes(images[int(number)])
        self._looked(request)
        return Response(content, media_type="application/octet-stream", headers={**PRIVATE, "Content-Encoding": "gzip"})

    def _answered(self, read: Callable[[Request], Response]) -> Callable[[Request], Any]:
        """Read in a thread; what fails is told in a sentence, without the folders of this machine."""
        home = self._cases.desk.settings.home

        async def answer(request: Request) -> Response:
            try:
                return await run_in_threadpool(read, request)
            except DictationError as error:
                why = without_folders(str(error), home)
                return PlainTextResponse(why, 410 if isinstance(error, DeletedError) else 404)
            except Exception as error:
                return PlainTextResponse(told(error), 500)

        return answer

    def _check(self, request: Request) -> None:
        signed = signed_of(request.scope)
        self._cases.check(signed.user, session_of(signed.token), request.path_params["case"], is_kept=True)

    def _looked(self, request: Request) -> None:
        signed = signed_of(request.scope)
        page = own_id(request.query_params.get("page", ""), signed.user)
        by, session = self._cases.desk.known(signed.user).by, session_of(signed.token)
        self._cases.looked(request.path_params["case"], page, by, session)


def _user(request: Request) -> User:
    return signed_of(request.scope).user


def _ending(name: str) -> str:
    return "." + name.rpartition(".")[2]
