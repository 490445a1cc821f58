"""What several rooms' tests share: a cache of our own, the embedded recognizer, the example dictations.

`make test` leaves out what `slow.txt` names, `make test-all` runs just that. Both run two workers (pytest-xdist) on two
cores, a file to each at a time, the long ones first, and then, one after the other with nothing beside them, what lives
in real time (the marker `realtime`).
"""

import os
from pathlib import Path

import hypothesis
import pytest

pytest.register_assert_rewrite("tests.corpus")  # a row that fails shows what was found

# A busy machine is no failure: what takes long there is tried all the same.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("same", hypothesis.settings.get_profile("patient"), derandomize=True)
hypothesis.settings.load_profile("patient")

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, so that numpy adds up alike
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
if IS_WORKER:  # each has one core; threads that share it only wait for one another
    os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "audio_samples"


# Files that take longest, first: the last one to begin is then short, and no worker waits for the other. Those of the
# browser stand together: a worker has one driver and its browsers for all of them (tests/browser/conftest.py).
LONGEST = [
    f"tests/{place}"
    for place in (
        "browser/",
        "pipelines/test_cli.py",
        "pipelines/test_notebooks.py",
        "models/test_decoding.py",
        "speech/test_whisper.py",
        "reading/test_blind.py",
        "review/test_hostile",
        "imaging/test_bombs.py",
        "speech/",
        "models/",
        "audio/test_journal.py",
        "pipelines/",
        "discrepancy/test_corpus.py",
        "case/",
        "records/",
        "review/",
        "findings/test_patterns.py",
    )
]
SLOW_TEST_S = 600  # of a slow test, before it is ended; of a quick one see pyproject.toml

TESTS = Path(__file__).parent
SLOW = frozenset(line for line in (TESTS / "slow.txt").read_text("utf-8").splitlines() if not line.startswith("#"))


def pytest_configure(config: pytest.Config) -> None:
    """Chance is for the long run: a change that lands is held against the same examples each time.

    A row of the table of slow tests that names nothing would leave a test where it is not looked for.
    """
    if _leaves_slow_out(config):
        hypothesis.settings.load_profile("same")
    for row in SLOW:
        file, _, test = row.partition("::")
        if not (TESTS / file).is_file() or f"def {test or 'test_'}" not in (TESTS / file).read_text("utf-8"):
            raise pytest.UsageError(f"tests/slow.txt names {row}, which is not there: take the row out, or mend it")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`make test` does not even import a file that is slow as a whole."""
    is_left_out = _leaves_slow_out(config) and collection_path.suffix == ".py"
    return True if is_left_out and collection_path.relative_to(TESTS).as_posix() in SLOW else None


def _leaves_slow_out(config: pytest.Config) -> bool:
    """Whether `-m` asks for tests that are not slow, and not also for slow ones ("slow or not slow")."""
    asked = config.option.markexpr
    return "not slow" in asked and "slow" not in asked.replace("not slow", "")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what the table of slow tests names."""
    file = item.path.relative_to(TESTS).as_posix()
    if file in SLOW or f"{file}::{getattr(item, 'originalname', item.name)}" in SLOW:
        item.add_marker(pytest.mark.slow)
        item.add_marker(pytest.mark.timeout(SLOW_TEST_S))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order whole files; within a file the tests stay as they are."""

    def place(item: pytest.Item) -> int:
        return next((n for n, long in enumerate(LONGEST) if item.nodeid.startswith(long)), len(LONGEST))

    items.sort(key=place)


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory):
    """No test reads or writes the user's own cache or home. Workers share a cache: what is joined is locked."""
    own = tmp_path_factory.getbasetemp()
    os.environ["DICTATION_CACHE"] = str((own.parent if IS_WORKER else own) / "cache")
    os.environ["DICTATION_HOME"] = str(tmp_path_factory.mktemp("home"))
    os.environ["DICTATION_PAGE_TOKEN"] = "off"  # but where a test asks for it: else it hung on who uses this machine


@pytest.fixture(scope="session")
def settings(own_folders):
    from dictation.settings import Settings

    return Settings(threads=1)  # two that share a busy core wait for each other


@pytest.fixture(scope="session")
def embedded(settings):
    """The embedded Whisper, loaded once."""
    from dictation.speech.whisper.recognizer import WhisperRecognizer

    return WhisperRecognizer.embedded(settings)


@pytest.fixture(scope="session")
def small_ear(settings):
    """The small trained MedASR, loaded once, in a second: real, and it knows the clips of the tests by heart."""
    from dictation.speech.medasr.recognizer import MedASRRecognizer
    from tests.speech.tiny_lasr import SMALL_LASR

    return MedASRRecognizer.load(SMALL_LASR, settings)


@pytest.fixture(scope="session")
def ear(small_ear):
    """The same, where a test needs no other one."""
    return small_ear


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keep whether all tests of each run were run: `.ci/again.py` gives a second run only then."""
    cache = getattr(session.config, "cache", None)  # whoever tries mutants goes without
    if cache is not None and not IS_WORKER:
        cache.set("gate/exit_codes", [*cache.get("gate/exit_codes", []), int(exitstatus)])
