"""The whole day of test_reading_room.py once more, through nginx with TLS on a sub-path."""

import pytest

from tests.browser import test_behind_nginx as behind
from tests.browser.test_reading_room import *  # noqa: F403

proxied, url = behind.proxied, behind.url
pytestmark = [pytest.mark.browser, pytest.mark.soak]
