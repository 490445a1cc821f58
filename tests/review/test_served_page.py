import os
import socket

import pytest

from dictation.errors import UsageError
from dictation.review.app import HOST, build_app, launch


@pytest.fixture
def app(embedded, settings):
    app = build_app(embedded, settings)
    yield app
    app.close()


def test_the_page_answers_on_this_machine_only(app):
    url = launch(app, 0)
    port = int(url.rsplit(":", 1)[1].strip("/"))
    with socket.create_connection((HOST, port), timeout=10):
        pass
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in addresses - {HOST}:
        if address.startswith("127."):
            continue
        with pytest.raises(OSError), socket.create_connection((address, port), timeout=2):
            pass


def test_nothing_is_recorded_shared_or_reported(app):
    launch(app, 0)
    config = app.get_config_file()
    assert config["analytics_enabled"] is False
    assert config["run_history"] is False
    assert config["footer_links"] == []
    assert app.share is False
    assert all(dependency["api_visibility"] == "private" for dependency in config["dependencies"])


def test_uploads_lie_in_the_home_of_patient_data(app, settings):
    assert os.environ["GRADIO_TEMP_DIR"] == str((settings.home / "uploads").resolve())


def test_a_port_that_is_taken_is_named(app):
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port}"):
            launch(app, port)
