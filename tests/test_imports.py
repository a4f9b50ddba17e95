"""Imports run one way, and importing the package needs torch, numpy and matplotlib only."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import d2l_ch7

PACKAGE = Path(d2l_ch7.__file__).parent
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py"))

ALLOWED = {
    "__init__": {
        "basics",
        "ch7",
        "data",
        "descent",
        "figures",
        "optimizers",
        "plotting",
        "training",
    },
    "ch11": {
        *("basics", "data", "descent", "figures", "paths", "training", "_checks"),
        *("_ch11_figures", "_ch11_models", "_ch11_training"),
    },
    "ch7": {"training", "descent", "figures", "plotting", "optimizers", "_learners", "_checks"},
    "plotting": {"training", "figures", "paths", "_checks"},
    "paths": {"figures", "_checks"},
    "training": {"optimizers", "_runs", "_learners", "_linear", "_checks"},
    "_runs": {"_learners", "_linear", "_models", "_chance", "_settings", "_progress", "_checks"},
    "_learners": {"optimizers", "_linear", "_chance", "_copies", "_checks"},
    "optimizers": {"_checks"},
    "basics": {"_checks"},
    "figures": {"_checks"},
    "descent": {"_checks"},
    "data": {"_checks"},
    "_ch11_figures": {"figures", "_checks"},
    "_ch11_training": {
        *("_ch11_models", "_chance", "_learners", "_linear", "_settings", "_checks", "optimizers"),
    },
    "_ch11_models": {"basics", "_models", "_linear", "_chance", "_checks"},
    "_chance": {"_checks"},
    "_models": {"_linear"},
    "_linear": set(),
    "_copies": set(),
    "_settings": set(),
    "_progress": set(),
    "_checks": set(),
}  # each module and what of the package it may import


def imports(module):
    """What a module imports, wherever in it: names with dots."""
    names = set()
    for node in ast.walk(ast.parse((PACKAGE / f"{module}.py").read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and all(alias.name != "*" for alias in node.names)
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_every_module_has_its_place():
    assert set(MODULES) == set(ALLOWED)


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_one_way(module):
    ours = {name.split(".")[1] for name in imports(module) if name.startswith("d2l_ch7.")}
    assert ours & set(MODULES) <= ALLOWED[module]


@pytest.mark.parametrize("module", MODULES)
def test_only_plotting_touches_matplotlib(module):
    touches = {name for name in imports(module) if name.split(".")[0] == "matplotlib"}
    if module in ("__init__", "ch11"):  # which re-export pyplot
        assert touches == {"matplotlib", "matplotlib.pyplot"}
    elif module not in ("plotting", "paths", "figures", "_ch11_figures"):
        assert not touches


@pytest.mark.parametrize("module", MODULES)
def test_only_the_shells_print(module):
    tree = ast.parse((PACKAGE / f"{module}.py").read_text())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert ("print" in names) == (module in ("ch7", "ch11"))


@pytest.mark.parametrize("module", MODULES)
def test_nothing_unpickles_or_runs_text(module):
    tree = ast.parse((PACKAGE / f"{module}.py").read_text())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & {"eval", "exec", "compile", "__import__"}
    assert not {name.split(".")[0] for name in imports(module)} & {
        "pickle",
        "subprocess",
        "marshal",
    }


def test_importing_needs_torch_numpy_and_matplotlib_only_and_changes_nothing(tmp_path):
    """Measured against what these three bring by themselves."""
    script = """
import sys
for name in ("IPython", "matplotlib_inline", "sphinx", "tqdm", "torchvision", "torchtext"):
    sys.modules[name] = None  # an import of it fails
import numpy as np, torch, matplotlib.pyplot as plt
rc, threads = dict(plt.rcParams), torch.get_num_threads()
states = torch.get_rng_state(), np.random.get_state()[1].copy()
before = {name.split(".")[0] for name in sys.modules}
import d2l_ch7, d2l_ch7.ch11
after = {name.split(".")[0] for name in sys.modules}
print(*sorted(after - before - set(sys.stdlib_module_names)))
assert torch.equal(states[0], torch.get_rng_state())
assert (states[1] == np.random.get_state()[1]).all()
assert dict(plt.rcParams) == rc and not plt.get_fignums()
assert torch.get_num_threads() == threads
d2l_ch7.use_svg_display()
d2l_ch7.train_ch7(d2l_ch7.optimizers.sgd, None, {"lr": 0.05}, *d2l_ch7.get_data_ch7())
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert first == "d2l_ch7" and second.startswith("loss: ")
    assert not list(tmp_path.iterdir())


def test_a_star_import_brings_the_public_names_and_no_more():
    names = {}
    exec("from d2l_ch7 import *", names)
    del names["__builtins__"]
    assert set(names) == {
        *("plt", "linreg", "squared_loss", "sgd", "data_iter"),
        *("set_figsize", "use_svg_display", "semilogy", "get_data_ch7"),
        *("train_ch7", "train_pytorch_ch7", "train_2d", "show_trace_2d"),
        *("optimizers", "descent", "plotting", "fit", "fit_torch", "History"),
    }
    assert names["sgd"] is d2l_ch7.basics.sgd  # chapter 3's, as in the book
    assert d2l_ch7.__all__ == sorted(d2l_ch7.__all__)
