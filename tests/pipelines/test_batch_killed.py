"""A batch as scripts start it, killed and resumed."""

import json
import sys

import pytest

from benchmarks.batch import faults, killed_and_resumed, make, ours, results, run


@pytest.mark.parametrize(
    ("count", "kills"), [(20, 1), pytest.param(500, 3, marks=pytest.mark.soak)], ids=["small", "soak"]
)
def test_a_batch_that_is_killed_and_resumed_has_the_results_of_one_that_was_not(tmp_path, count, kills):
    make(tmp_path / "in", count, 7, spoken=0.15)
    assert run(ours(tmp_path / "in", tmp_path / "whole")).code == 0
    runs = killed_and_resumed(tmp_path / "in", tmp_path / "resumed", kills, 7)
    if sys.platform != "win32":
        assert [one.code for one in runs] == [-9] * kills + [0]
    assert faults(tmp_path / "in", tmp_path / "whole", tmp_path / "resumed") == []
    assert len(results(tmp_path / "whole")) == count
    assert any(json.loads(text)["words"] for text in results(tmp_path / "whole").values())
