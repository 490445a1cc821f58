"""The notebook on word error rates runs from top to bottom, and what it holds came from such a run.

To renew what it holds: jupyter execute --inplace notebooks/wer_evaluation.ipynb
"""

import copy
from collections import Counter

import nbformat
from nbclient import NotebookClient

from tests.conftest import ROOT

NOTEBOOK = ROOT / "notebooks" / "wer_evaluation.ipynb"


def outputs(notebook) -> list[Counter[str]]:
    """Of each cell of code, how many texts, pictures and pages it shows; notes on progress do not count."""
    return [
        Counter(
            output.name if output.output_type == "stream" else min(output.data)
            for output in cell.outputs
            if output.get("name") != "stderr"
        )
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def test_the_notebook_runs_and_holds_the_outputs_of_a_run(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    saved = nbformat.read(NOTEBOOK, as_version=4)
    fresh = copy.deepcopy(saved)
    for cell in fresh.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    there = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(fresh, timeout=400, coalesce_streams=True, resources=there).execute()
    assert (tmp_path / "evaluation" / "report.html").is_file()
    assert outputs(fresh) == outputs(saved)
    assert sum(shown["image/png"] for shown in outputs(saved)) == 3
    counts = [cell.execution_count for cell in saved.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    text = " ".join(output.get("text", "") for cell in saved.cells for output in cell.get("outputs", ()))
    assert "8 recordings, 4 speakers, synthetic" in text
    assert not any(part in text for part in ("/home", "/tmp", "site-packages"))
