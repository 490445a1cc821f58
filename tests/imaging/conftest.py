"""Real DICOM files that pydicom and pydicom-data install; nothing is fetched."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file


@pytest.fixture(scope="session")
def dicom_file() -> Callable[[str], Path]:
    def find(name: str) -> Path:
        path = get_testdata_file(name, download=False)
        assert path, f"{name} is not installed; pip install pydicom-data"
        return Path(str(path))

    return find
