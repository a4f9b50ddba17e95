"""Old scripts run: those of tests/scripts, of our own writing in the manner of what is found.

Each runs in a process of its own from an empty folder: without IPython, in IPython, and as a cell
of a notebook. Processes are forked from one that has imported torch, which takes the time.
"""

import json
import re
from pathlib import Path

import pytest
from helpers import outputs, run_notebook, run_scripts

SCRIPTS = Path(__file__).with_name("scripts")
RUNS = json.loads(Path(__file__).with_name("reference_runs.json").read_text())["runs"]
LOSS = re.compile(r"loss: (\S+), \d+\.\d{6} sec per epoch")


def recorded(kind, optimizer, hyperparams, batch_size=10, seed=0):
    """The line that a run of the book's own helper prints at its end."""
    wanted = (kind, optimizer, hyperparams, batch_size, seed)
    keys = ("kind", "optimizer", "hyperparams", "batch_size", "seed")
    (run,) = [r for r in RUNS if tuple(r[key] for key in keys) == wanted]
    return pytest.approx(run["losses"][-1], abs=1e-6)  # %f has six digits


GD = "epoch 20, x1 -0.943467, x2 -0.000073"
HALVED = "epoch 20, x1 -0.000005, x2 -0.000002"

EXPECTED = {  # each script's losses, its other lines, figures in a notebook, files
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


@pytest.fixture(scope="module", params=["alone", "IPython"])
def processes(request, tmp_path_factory):
    """All scripts run in one of the two ways, each in a process of its own: where they put out."""
    return run_scripts(SCRIPTS, tmp_path_factory.mktemp("processes"), request.param)


def check_lines(name, printed):
    """The lines that a script prints: losses in order, and others in order."""
    losses, others, _, _ = EXPECTED[name]
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


def test_every_script_is_expected():
    assert sorted(EXPECTED) == sorted(path.stem for path in SCRIPTS.glob("*.py"))


@pytest.mark.parametrize("name", EXPECTED)
def test_an_old_script_runs(name, processes):
    printed, said = ((processes / f"{name}.{end}").read_text() for end in ("out", "err"))
    assert (processes / f"{name}.code").read_text() == "0", said + printed
    assert "Traceback" not in said + printed
    check_lines(name, printed)
    files = sorted(path.name for path in (processes / name).iterdir())
    assert files == EXPECTED[name][3]


def test_divergence_is_said_on_standard_error_once(processes):
    said = (processes / "noise_and_divergence.err").read_text()
    assert said.count("RuntimeWarning") == 1 and "learning rate" in said


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """One notebook with each script as a cell in an empty folder, run: the cells' outputs."""
    folder = tmp_path_factory.mktemp("notebook")
    echoing = """
import d2l_ch7 as d2l, torch
data = d2l.get_data_ch7()
"""
    more = [
        echoing,
        'd2l.train_ch7(d2l.optimizers.sgd, None, {"lr": 0.05}, *data)',
        'd2l.train_pytorch_ch7(torch.optim.SGD, {"lr": 0.05}, *data)',
        "d2l.show_trace_2d(lambda x1, x2: x1**2, [(-5, -2), (0, 0)])",
        'd2l.semilogy([1, 2], [1, 2], "x", "y")',
        "d2l.set_figsize((4, 3))",
        "d2l.use_svg_display()",
        "d2l.fit(d2l.optimizers.sgd, None, {'lr': 0.05}, *data, seed=range(3));",
    ]
    return run_notebook(folder, [SCRIPTS / f"{name}.py" for name in EXPECTED], more)


@pytest.mark.parametrize("name", EXPECTED)
def test_an_old_notebook_runs(name, notebook):
    cell = notebook[2 + 2 * list(EXPECTED).index(name)]
    printed, shown, echoed = outputs(cell)
    check_lines(name, printed)
    assert len(shown) == EXPECTED[name][2]
    assert all("image/svg+xml" in kinds and "image/png" not in kinds for kinds in shown)
    assert not echoed


def test_figures_are_shown_once_and_nothing_is_echoed(notebook):
    figures = [len(outputs(cell)[1]) for cell in notebook[-7:]]
    assert figures == [1, 1, 1, 1, 0, 0, 0]
    assert not any(outputs(cell)[2] for cell in notebook[-7:])
    printed = [outputs(cell)[0] for cell in notebook[-7:]]
    assert [bool(text) for text in printed] == [True, True, False, False, False, False, False]
