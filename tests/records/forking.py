"""Programs that tests start and kill, forked from a server that has loaded what they need."""

import multiprocessing
import os
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext

import pytest

from tests.conftest import ROOT

_loaded: set[str] = set()


def forking(module: str) -> ForkServerContext:
    """A context whose fork server has loaded this module.

    There is one such server for all tests of a process. One that began with another module would have each program
    import its own for seconds, before anybody can tell whether it hangs: it is ended, and begun anew with both.
    """
    context = multiprocessing.get_context("forkserver")
    if module not in _loaded and not multiprocessing.active_children():
        _loaded.add(module)
        forkserver._forkserver._stop()  # type: ignore[attr-defined]
        context.set_forkserver_preload(sorted(_loaded))
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
            forkserver.ensure_running()
    return context
