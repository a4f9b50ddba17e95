"""Scripts of the second edition run: those of tests/scripts_ch11, in the manner of what is found.

Each runs in a process of its own without IPython and in it, as a cell of a notebook, and with the
plain loops of benchmarks/textbook_ch11.py in place of ours: what is printed is to be the same.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import environment, outputs, run_notebook, run_scripts

SCRIPTS = Path(__file__).with_name("scripts_ch11")
BENCHMARKS = Path(__file__).parents[1] / "benchmarks"

EXPECTED = {  # each script's figures in a notebook, its training runs, its files
    "adam_yogi": (3, 3, []),
    "bare_functions": (1, 0, ["curve.svg"]),
    "batch_sizes": (1, 3, ["times.png"]),
    "descents": (5, 0, []),
    "lab": (2, 2, []),
    "list_of_states": (4, 4, []),
    "momentum": (3, 3, []),
    "own_loader": (2, 2, []),
    "own_training": (2, 2, []),
    "star_import": (1, 1, []),
}

PLAIN = """
import contextlib, os, pathlib, runpy, sys
scripts, out, benchmarks = sys.argv[1:]
sys.path.insert(0, benchmarks)
import textbook_ch11 as textbook
import d2l_ch7.ch11 as d2l

def show(run):
    print(f"loss: {run.losses[-1]:.3f}, 0.000 sec/epoch")
    return run.seconds, run.losses

d2l.get_data_ch11 = textbook.make_loader
d2l.train_ch11 = lambda *all, **named: show(textbook.train_scratch(*all, **named))
d2l.train_concise_ch11 = lambda *all, **named: show(textbook.train_concise(*all, **named))
os.chdir(out)
for script in sorted(pathlib.Path(scripts).glob("*.py")):
    with open(f"{script.stem}.out", "w") as file, contextlib.redirect_stdout(file):
        runpy.run_path(str(script), run_name="__main__")
"""


def without_times(printed):
    return re.sub(r", \d+\.\d{3} sec/epoch", "", printed)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """What each script prints with the plain loops."""
    out = tmp_path_factory.mktemp("plain")
    command = [sys.executable, "-c", PLAIN, SCRIPTS, out, BENCHMARKS]
    subprocess.run(command, check=True, env=environment(MPLBACKEND="Agg"), timeout=300)
    return {path.stem: without_times(path.read_text()) for path in out.glob("*.out")}


@pytest.fixture(scope="module", params=["alone", pytest.param("IPython", marks=pytest.mark.slow)])
def processes(request, tmp_path_factory):
    return run_scripts(SCRIPTS, tmp_path_factory.mktemp("processes"), request.param)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """One notebook with each script as a cell in an empty folder, and cells of one call each."""
    calls = [
        "d2l.train_concise_ch11(torch.optim.SGD, {'lr': 0.01}, d2l.get_data_ch11()[0])",
        "print('before')\nd2l.train_concise_ch11(torch.optim.SGD, {'lr': 0.01}, batches)",
        "d2l.plot([1, 2], [3, 4])",
        "animator = d2l.Animator()\nfor k in range(3):\n    animator.add(k, k)",
        "d2l.show_trace_2d(lambda x1, x2: x1**2, [(-5, -2), (0, 0)])",
        "d2l.set_figsize((4, 3))",
    ]
    scripts = [SCRIPTS / f"{name}.py" for name in EXPECTED]
    return run_notebook(tmp_path_factory.mktemp("notebook"), scripts, calls)


def test_every_script_is_expected_and_prints_what_can_be_compared(plain):
    assert sorted(EXPECTED) == sorted(plain) == sorted(path.stem for path in SCRIPTS.glob("*.py"))
    for name, (_, runs, _) in EXPECTED.items():
        assert plain[name].count("loss: ") == runs and plain[name].count("\n") > runs - 1, name


@pytest.mark.parametrize("name", EXPECTED)
def test_a_script_runs_and_prints_what_the_plain_loops_print(name, processes, plain):
    printed, said = ((processes / f"{name}.{end}").read_text() for end in ("out", "err"))
    assert (processes / f"{name}.code").read_text() == "0", said + printed
    assert without_times(printed) == plain[name]
    assert said.count("\n") == 0 or name == "lab", said
    assert sorted(path.name for path in (processes / name).iterdir()) == EXPECTED[name][2]


def test_divergence_is_said_on_standard_error_once_where_the_script_trains(processes):
    said = (processes / "lab.err").read_text()
    assert said.count("RuntimeWarning") == 1 and "learning rate" in said
    assert "d2l.train_concise_ch11(" in said


@pytest.mark.parametrize("name", EXPECTED)
def test_a_cell_of_a_notebook_runs(name, notebook, plain):
    printed, shown, echoed = outputs(notebook[2 + 2 * list(EXPECTED).index(name)])
    last_lines = without_times(printed)
    # An Animator of the reader's own clears what its cell has put out before, as the book's does.
    if name in ("own_training", "bare_functions"):
        assert last_lines and plain[name].endswith(last_lines)
    else:
        assert last_lines == plain[name]
    assert len(shown) == EXPECTED[name][0]
    assert all("image/svg+xml" in kinds and "image/png" not in kinds for kinds in shown)
    assert not echoed


def test_figures_are_shown_once_and_nothing_is_echoed(notebook):
    found = [outputs(cell) for cell in notebook[-6:]]
    assert [len(shown) for _, shown, _ in found] == [1, 1, 1, 1, 1, 0]
    assert not any(echoed for _, _, echoed in found)
    assert found[1][0].startswith("before\nloss: ")
