"""A small image in the folder of orders that unfolds to gigabytes is unfolded by another process."""

import os

from dictation.records import inbox
from tests.imaging.measuring import flat
from tests.imaging.test_bombs import deflated, in_plain_sight


def test_an_image_in_the_folder_of_orders_unfolds_elsewhere(records, tmp_path):
    folder = tmp_path / "orders"
    folder.mkdir()
    file = folder / "bomb.dcm"
    file.write_bytes(in_plain_sight(*deflated(tmp_path / "image.dcm")))
    os.utime(file, (0, 0))
    with flat(os.getpid()):
        [notice] = inbox.look(records, folder)
    assert notice.kind == "fault" and "inflates to more than 64 MB" in notice.text and "bomb" not in notice.text
