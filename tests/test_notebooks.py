"""Each page's notebook, as a reader downloads it, runs from top to bottom in an empty folder."""

import sys
from pathlib import Path

import nbformat
import pytest
from helpers import environment, run
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(path.stem for path in (ROOT / "examples").glob("plot_*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("name", PAGES)
def test_a_notebook_runs_in_a_clean_kernel(site, name, language, tmp_path):
    path = site / language / "auto_examples" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    resources = {"metadata": {"path": str(tmp_path)}}
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources)
    client.execute(env=environment())
    outputs = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]
    assert any(
        "image/png" in o.get("data", {}) or "image/svg+xml" in o.get("data", {}) for o in outputs
    )
    assert not list(tmp_path.iterdir()), "it left files behind"


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_script_runs_in_an_empty_folder(site, name, tmp_path):
    script = site / "zh_CN" / "auto_examples" / f"{name}.py"
    kinds = "error::DeprecationWarning", "error::FutureWarning", "error::UserWarning"
    warnings = [word for kind in (*kinds, "ignore:FigureCanvasAgg") for word in ("-W", kind)]
    run([sys.executable, *warnings, script], cwd=tmp_path, env=environment(MPLBACKEND="Agg"))
    assert not list(tmp_path.iterdir()), "it left files behind"
