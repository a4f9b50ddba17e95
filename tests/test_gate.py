"""The gate holds the built pages to their seeds' numbers, and a small change anywhere shuts it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from gate import EXPECTED, check_page

ROOT = Path(__file__).resolve().parents[1]
GALLERY = ROOT / "docs" / "auto_examples"

# Runs a page outside Sphinx, with the build's own hooks, and checks what it drew and printed.
RUN_PAGE = """
import contextlib, io, sys
sys.path[:0] = ["docs/_ext", "tests"]
import gallery_hooks, gate
import matplotlib.pyplot as plt
from sphinx_gallery.py_source_parser import split_code_and_text_blocks
name = sys.argv[1]
gallery_hooks.reset({}, None, "before")
printed, figures, names = io.StringIO(), [], {}
with contextlib.redirect_stdout(printed):
    for kind, text, _line in split_code_and_text_blocks(f"examples/{name}.py")[1]:
        if kind == "code":
            exec(text, names)
            figures += [gallery_hooks.drawn(plt.figure(n)) for n in plt.get_fignums()]
            plt.close("all")
try:
    gate.check_page(name, figures, printed.getvalue())
except AssertionError as error:
    sys.exit(f"THE GATE IS SHUT: {error}")
print("the gate is open")
"""


@pytest.mark.parametrize("name", EXPECTED)
def test_a_page_shows_what_its_seeds_give(site, name):
    images = sorted((GALLERY / "images").glob(f"sphx_glr_{name}_*.json"))
    figures = [json.loads(path.read_text()) for path in images]
    rst = (GALLERY / f"{name}.rst").read_text(encoding="utf-8")
    printed = re.sub(r"^ +", "", rst, flags=re.M)
    check_page(name, figures, printed)


def run_page(tree: Path, name: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", RUN_PAGE, name],
        cwd=tree, env={**os.environ, "PYTHONPATH": str(tree), "MPLBACKEND": "Agg"},
        capture_output=True, text=True,
    )  # fmt: skip


@pytest.fixture
def tree(tmp_path):
    """A copy of the project that may be broken."""
    for folder in ("d2l_ch7", "data", "examples", "docs/_ext", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    # d2l_ch7._data is data/ in an installed package; here the copy stands in for it.
    shutil.copytree(ROOT / "data", tmp_path / "d2l_ch7" / "_data")
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.slow
def test_an_unchanged_page_passes(tree):
    done = run_page(tree, "plot_73a_minibatch_scratch")
    assert done.returncode == 0, done.stderr


MUTATIONS = {
    "a learning rate from 0.05 to 0.06 in an example": (
        "plot_73a_minibatch_scratch",
        "examples/plot_73a_minibatch_scratch.py",
        '"minibatch": (0.05, 10, 2),',
        '"minibatch": (0.06, 10, 2),',
    ),
    "no bias correction in Adam": (
        "plot_78_adam",
        "d2l_ch7/optimizers.py",
        "v_hat = v / (1 - beta1**t)",
        "v_hat = v",
    ),
    "the sample's standard deviation": (
        "plot_73a_minibatch_scratch",
        "d2l_ch7/data.py",
        "table.std(axis=0)",
        "table.std(axis=0, ddof=1)",
    ),
    "another generator for the order": (
        "plot_73a_minibatch_scratch",
        "d2l_ch7/_chance.py",
        "torch.randperm(n, generator=Generator().manual_seed(seed))",
        "torch.randperm(n)",
    ),
    "another initialisation": (
        "plot_73a_minibatch_scratch",
        "d2l_ch7/_chance.py",
        "draw.normal(loc=0, scale=0.01, size=(d, 1))",
        "draw.normal(loc=0, scale=0.011, size=(d, 1))",
    ),
    "another seed in an example": (
        "plot_77_adadelta",
        "examples/plot_77_adadelta.py",
        "d2l.train_ch7(adadelta, init_states, hyperparams, *data, seed=0, ax=left)",
        "d2l.train_ch7(adadelta, init_states, hyperparams, *data, seed=1, ax=left)",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_small_change_shuts_the_gate(tree, name):
    page, file, old, new = MUTATIONS[name]
    change(tree / file, old, new)
    done = run_page(tree, page)
    # Some pages see it themselves, by an assertion of their own: that stops a build as well.
    assert "THE GATE IS SHUT" in done.stderr or "AssertionError" in done.stderr, done.stderr
