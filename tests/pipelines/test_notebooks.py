"""Both notebooks run from top to bottom, and what they hold came from such a run (`make notebooks` renews it)."""

import copy
from collections import Counter

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT


def outputs(notebook) -> list[Counter[str]]:
    """Of each cell of code, whether it prints and how many pictures and pages it shows; notes do not count."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            shown = Counter(min(output.data) for output in cell.outputs if output.output_type == "display_data")
            printed = any(output.get("name") == "stdout" for output in cell.outputs)
            found.append(shown + Counter(stdout=int(printed)))
    return found


@pytest.mark.parametrize(
    ("name", "writes", "pictures", "says"),
    [
        ("wer_evaluation", "evaluation/report.html", 4, "8 recordings, 4 speakers, synthetic"),
        ("quickstart", "quickstart.html", 1, "You said left; the report says right (pleural effusion)."),
    ],
)
def test_a_notebook_runs_and_holds_the_outputs_of_a_run(tmp_path, monkeypatch, name, writes, pictures, says):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # it says that the clinical engines are not here, and asks nobody
    saved = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    fresh = copy.deepcopy(saved)
    for cell in fresh.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    there = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(fresh, timeout=400, coalesce_streams=True, resources=there).execute()
    assert (tmp_path / writes).is_file()
    assert outputs(fresh) == outputs(saved)
    assert sum(shown["image/png"] for shown in outputs(saved)) == pictures
    counts = [cell.execution_count for cell in saved.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    for notebook in (saved, fresh):
        assert says in " ".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", ()))
    text = " ".join(output.get("text", "") for cell in saved.cells for output in cell.get("outputs", ()))
    assert not any(part in text for part in ("/home", "/tmp", "site-packages"))
