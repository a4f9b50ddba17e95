"""Readers' scripts run: of our own writing, in the manner of what is found.

Those of scripts_ch7 were written for the first edition, those of scripts_ch11 for the second. Each
runs in a process of its own without IPython and in it, and as a cell of a notebook, from an empty
folder. The first edition's print what is recorded of the book's own code; the second's what they
print with the plain loops of benchmarks/textbook_ch11.py in place of ours.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import environment

HERE = Path(__file__).parent
RUNS = json.loads((HERE / "reference_runs.json").read_text())["runs"]
LOSS = re.compile(r"loss: (\S+), \d+\.\d{6} sec per epoch")


def recorded(kind, optimizer, hyperparams, batch_size=10, seed=0):
    """The line that a run of the book's own helper prints at its end."""
    wanted = (kind, optimizer, hyperparams, batch_size, seed)
    keys = ("kind", "optimizer", "hyperparams", "batch_size", "seed")
    (run,) = [r for r in RUNS if tuple(r[key] for key in keys) == wanted]
    return pytest.approx(run["losses"][-1], abs=1e-6)  # %f has six digits


GD = "epoch 20, x1 -0.943467, x2 -0.000073"
HALVED = "epoch 20, x1 -0.000005, x2 -0.000002"

CH7 = {  # each script's losses, its other lines, figures in a notebook, files
    "three_experiments": (
        [
            recorded("scratch", "sgd", {"lr": 1}, 1500),
            recorded("scratch", "sgd", {"lr": 0.005}, 1),
            recorded("scratch", "sgd", {"lr": 0.05}, 10),
        ],
        ["torch.Size([1500, 5])"],
        3,
        [],
    ),
    "nested_states": (
        [recorded("scratch", "adam", {"lr": 0.01, "t": 1}, seed=s) for s in (1, 2)],
        ["t is 301 and v has moved: True"],
        1,
        [],
    ),
    "rebinding": (
        [
            recorded("scratch", "momentum", {"lr": 0.02, "momentum": 0.5}),
            recorded("scratch", "adagrad", {"lr": 0.1}),
            recorded("scratch", "rmsprop", {"lr": 0.01, "gamma": 0.9}),
            recorded("scratch", "adadelta", {"rho": 0.9}),
        ],
        [],
        1,
        [],
    ),
    "one_figure": (
        [
            recorded("scratch", "momentum", {"lr": 0.02, "momentum": 0.5}),
            recorded("scratch", "momentum", {"lr": 0.004, "momentum": 0.9}),
            recorded("scratch", "sgd", {"lr": 0.05}),
            recorded("torch", "SGD", {"lr": 0.05}),
        ],
        [],
        2,
        ["both.svg", "momentum.png"],
    ),
    "torch_optim": (
        [
            recorded("torch", "SGD", {"lr": 0.004, "momentum": 0.9}),
            recorded("torch", "Adagrad", {"lr": 0.1}),
            recorded("torch", "RMSprop", {"lr": 0.01, "alpha": 0.9}),
            recorded("torch", "Adadelta", {"rho": 0.9}),
            recorded("torch", "Adam", {"lr": 0.01}),
        ],
        [],
        1,
        [],
    ),
    "descents": (
        [],
        [
            GD,
            "epoch 20, x1 -0.387814, x2 -1673.365109",
            "epoch 20, x1 -0.062843, x2 0.001202",
            re.compile(r"epoch 20, x1 \S+, x2 \S+"),
        ],
        2,
        [],
    ),
    "second_edition": (
        [],
        ["epoch 5, x1 -1.638400, x2 -0.155520", "epoch 20, x1 -0.057646, x2 -0.000073"],
        1,
        [],
    ),
    "own_trainer": ([recorded("scratch", "sgd", {"lr": 0.05})] * 2, [], 1, []),
    "noise_and_divergence": (
        [pytest.approx(0.3, abs=0.2), None],
        [re.compile(r"epoch 20, x1 -?\d{64,}\.\d+, x2 -0.000002"), "divergence to 1e64: True"],
        1,
        [],
    ),
    "star_import": ([recorded("scratch", "adagrad", {"lr": 0.1}, seed=2)], [HALVED], 1, []),
    "chapter_3": ([], ["learned: True"], 1, []),
}

CH11 = {  # each script's figures in a notebook, its training runs, its files
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

EXPECTED = {"scripts_ch7": CH7, "scripts_ch11": CH11}
NAMES = [(edition, name) for edition, scripts in EXPECTED.items() for name in scripts]


def run_scripts(out, *jobs):
    """All scripts of an edition, each in a process of its own, in some way: see forking.py."""
    jobs = [f"{mode}={HERE / edition}" for mode, edition in jobs]
    command = [sys.executable, HERE / "forking.py", out, *jobs]
    subprocess.run(command, check=True, env=environment(MPLBACKEND="Agg"), timeout=300)
    return out


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    jobs = *(("alone", edition) for edition in EXPECTED), ("plain", "scripts_ch11")
    return run_scripts(tmp_path_factory.mktemp("ran"), *jobs)


@pytest.fixture(scope="module", params=["alone", pytest.param("IPython", marks=pytest.mark.slow)])
def processes(request, ran, tmp_path_factory):
    """All scripts run in one of the two ways: where they put out."""
    if request.param == "alone":
        return ran / "alone"
    jobs = [("IPython", edition) for edition in EXPECTED]
    return run_scripts(tmp_path_factory.mktemp("processes"), *jobs) / "IPython"


@pytest.fixture(scope="module")
def plain(ran):
    """What each script of the second edition prints with the plain loops."""
    out = ran / "plain/scripts_ch11"
    assert {(out / f"{name}.code").read_text() for name in CH11} == {"0"}
    return {name: without_times((out / f"{name}.out").read_text()) for name in CH11}


def without_times(printed):
    return re.sub(r", \d+\.\d{3} sec/epoch", "", printed)


def check_recorded(name, printed):
    """The lines that a script of the first edition prints: losses in order, and others in order."""
    losses, others, _, _ = CH7[name]
    lines = printed.splitlines()
    found = [m[1] for m in map(LOSS.fullmatch, lines) if m]
    assert len(found) == len(losses), printed
    for shown, expected in zip(found, losses):
        if expected is None:
            assert shown in ("inf", "nan")
        else:
            assert float(shown) == expected
    rest = [line for line in lines if not LOSS.fullmatch(line)]
    assert len(rest) == len(others), printed
    for line, expected in zip(rest, others):
        assert line == expected if isinstance(expected, str) else expected.fullmatch(line), line


def test_every_script_is_expected_and_prints_what_can_be_compared(plain):
    for edition, scripts in EXPECTED.items():
        assert sorted(scripts) == sorted(path.stem for path in (HERE / edition).glob("*.py"))
    for name, (_, runs, _) in CH11.items():
        assert plain[name].count("loss: ") == runs and plain[name].count("\n") > runs - 1, name


@pytest.mark.parametrize(("edition", "name"), NAMES)
def test_a_script_runs(edition, name, processes, plain):
    out = processes / edition
    printed, said = ((out / f"{name}.{end}").read_text() for end in ("out", "err"))
    assert (out / f"{name}.code").read_text() == "0", said + printed
    files = sorted(path.name for path in (out / name).iterdir())
    if edition == "scripts_ch7":
        assert "Traceback" not in said + printed
        check_recorded(name, printed)
        assert files == CH7[name][3]
    else:
        assert without_times(printed) == plain[name]
        assert said.count("\n") == 0 or name == "lab", said
        assert files == CH11[name][2]


def test_divergence_is_said_on_standard_error_once(processes):
    said = (processes / "scripts_ch7/noise_and_divergence.err").read_text()
    assert said.count("RuntimeWarning") == 1 and "learning rate" in said
    said = (processes / "scripts_ch11/lab.err").read_text()
    assert said.count("RuntimeWarning") == 1 and "learning rate" in said
    assert "d2l.train_concise_ch11(" in said  # where the script trains


ONE_CALL = {  # cells of one call each, after the scripts of their edition
    "scripts_ch7": [
        'd2l.train_ch7(d2l.optimizers.sgd, None, {"lr": 0.05}, *data)',
        'd2l.train_pytorch_ch7(torch.optim.SGD, {"lr": 0.05}, *data)',
        "d2l.show_trace_2d(lambda x1, x2: x1**2, [(-5, -2), (0, 0)])",
        'd2l.semilogy([1, 2], [1, 2], "x", "y")',
        "d2l.set_figsize((4, 3))",
        "d2l.use_svg_display()",
        "d2l.fit(d2l.optimizers.sgd, None, {'lr': 0.05}, *data, seed=range(3));",
    ],
    "scripts_ch11": [
        "d2l.train_concise_ch11(torch.optim.SGD, {'lr': 0.01}, d2l.get_data_ch11()[0])",
        "print('before')\nd2l.train_concise_ch11(torch.optim.SGD, {'lr': 0.01}, batches)",
        "d2l.plot([1, 2], [3, 4])",
        "animator = d2l.Animator()\nfor k in range(3):\n    animator.add(k, k)",
        "d2l.show_trace_2d(lambda x1, x2: x1**2, [(-5, -2), (0, 0)])",
        "d2l.set_figsize((4, 3))",
    ],
}


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """One notebook with each script as a cell in an empty folder, and with the calls: its cells."""
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    here, sources = tmp_path_factory.mktemp("notebook"), {"begin": "%matplotlib inline\nimport os"}
    for edition, scripts in EXPECTED.items():
        for name in scripts:
            folder = here / edition / name
            folder.mkdir(parents=True)
            sources["into", edition, name] = f"os.chdir({str(folder)!r})"
            sources[edition, name] = (HERE / edition / f"{name}.py").read_text()
        if edition == "scripts_ch7":
            sources["data"] = "import d2l_ch7 as d2l, torch\ndata = d2l.get_data_ch7()"
        sources |= {(edition, call): call for call in ONE_CALL[edition]}
    cells = [nbformat.v4.new_code_cell(source) for source in sources.values()]
    book = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(book, timeout=300, resources={"metadata": {"path": str(here)}}).execute(
        env=environment()
    )
    return dict(zip(sources, book.cells))


def outputs(cell):
    """What a cell printed, how many figures of which kind it shows, and what it echoed."""
    printed = "".join(o.text for o in cell.outputs if o.get("name") == "stdout")
    shown = [set(o.data) for o in cell.outputs if o.output_type == "display_data"]
    echoed = [o for o in cell.outputs if o.output_type == "execute_result"]
    return printed, shown, echoed


@pytest.mark.parametrize(("edition", "name"), NAMES)
def test_a_cell_of_a_notebook_runs(edition, name, notebook, plain):
    printed, shown, echoed = outputs(notebook[edition, name])
    if edition == "scripts_ch7":
        check_recorded(name, printed)
        assert len(shown) == CH7[name][2]
    else:
        last_lines = without_times(printed)
        # A reader's own Animator clears what its cell has put out before, as the book's does.
        if name in ("own_training", "bare_functions"):
            assert last_lines and plain[name].endswith(last_lines)
        else:
            assert last_lines == plain[name]
        assert len(shown) == CH11[name][0]
    assert all("image/svg+xml" in kinds and "image/png" not in kinds for kinds in shown)
    assert not echoed


@pytest.mark.parametrize(
    ("edition", "figures", "lines"),
    [
        ("scripts_ch7", [1, 1, 1, 1, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0]),
        ("scripts_ch11", [1, 1, 1, 1, 1, 0], [1, 2, 0, 0, 0, 0]),
    ],
)
def test_figures_are_shown_once_and_nothing_is_echoed(edition, figures, lines, notebook):
    found = [outputs(notebook[edition, call]) for call in ONE_CALL[edition]]
    assert [len(shown) for _, shown, _ in found] == figures
    assert [printed.count("\n") for printed, _, _ in found] == lines
    assert not any(echoed for _, _, echoed in found)
    if edition == "scripts_ch11":
        assert found[1][0].startswith("before\nloss: ")
