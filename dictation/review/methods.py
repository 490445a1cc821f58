"""A route of our own answers 405 to the methods that it has not; else gradio, mounted behind it, would answer 404."""

from collections.abc import Iterable

from starlette.routing import BaseRoute, Route

from dictation.review.own_page import Receive, Scope, Send, answer_plainly


class OtherMethods:
    """The ASGI endpoint of a path for all methods but those of its routes."""

    def __init__(self, methods: Iterable[str]) -> None:
        self._allow = ", ".join(sorted(methods))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say which methods there are."""
        await answer_plainly(send, 405, f"Only {self._allow} is answered here.", (b"allow", self._allow.encode()))


def with_other_methods(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """Return the routes, and behind them one for each path that refuses all other methods."""
    found = list(routes)
    methods: dict[str, set[str]] = {}
    for route in found:
        if isinstance(route, Route):
            methods.setdefault(route.path, set()).update(route.methods or ())
    return [*found, *(Route(path, OtherMethods(allowed)) for path, allowed in methods.items() if allowed)]
