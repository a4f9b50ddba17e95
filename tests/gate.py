"""The gate: what a page drew and printed, against the book's own helper package, seed by seed.

The 18 settings of the chapter are on the site under seed 0; `reference_runs.json` has the whole
trajectory of each, recorded from the original package. A page may leave them by 1e-5 relative:
float32 sums in another order (another processor, another version of torch) move a loss by about
1e-7, ten times that after 3000 steps; the smallest change of a setting moves it by 1e-3.
"""

import json
import re
from pathlib import Path

import numpy as np

TOLERANCE = 1e-5
RUNS = json.loads((Path(__file__).parent / "reference_runs.json").read_text())["runs"]


def _setting(kind, optimizer, batch_size=10, **hyperparams):
    (run,) = (
        run
        for run in RUNS
        if (run["kind"], run["optimizer"], run["batch_size"], run["seed"])
        == (kind, optimizer, batch_size, 0)
        and run["hyperparams"] == hyperparams
    )
    return run["losses"]


#: Each page's experiments under seed 0, in the page's order.
EXPECTED = {
    "plot_73a_minibatch_scratch": [
        _setting("scratch", "sgd", 1500, lr=1),
        _setting("scratch", "sgd", 1, lr=0.005),
        _setting("scratch", "sgd", lr=0.05),
    ],
    "plot_73b_minibatch_torch": [
        _setting("torch", "SGD", 1500, lr=0.05),
        _setting("torch", "SGD", 1, lr=0.05),
        _setting("torch", "SGD", lr=0.05),
    ],
    "plot_74_momentum": [
        _setting("scratch", "momentum", lr=0.02, momentum=0.5),
        _setting("scratch", "momentum", lr=0.02, momentum=0.9),
        _setting("scratch", "momentum", lr=0.004, momentum=0.9),
        _setting("torch", "SGD", lr=0.004, momentum=0.9),
    ],
    "plot_75_adagrad": [
        _setting("scratch", "adagrad", lr=0.1),
        _setting("torch", "Adagrad", lr=0.1),
    ],
    "plot_76_rmsprop": [
        _setting("scratch", "rmsprop", lr=0.01, gamma=0.9),
        _setting("torch", "RMSprop", lr=0.01, alpha=0.9),
    ],
    "plot_77_adadelta": [
        _setting("scratch", "adadelta", rho=0.9),
        _setting("torch", "Adadelta", rho=0.9),
    ],
    "plot_78_adam": [
        _setting("scratch", "adam", lr=0.01, t=1),
        _setting("torch", "Adam", lr=0.01),
    ],
}


def check_page(name: str, figures: list, printed: str) -> None:
    """Raise AssertionError unless a page drew, and printed, what its seeds give."""
    expected = EXPECTED[name]
    curves = [
        lines
        for axes in figures
        for ax in axes
        if ax["ylabel"] in ("loss", "") and ax["xlabel"] == "epoch"
        for _, lines in ax["lines"]
    ]
    for number, losses in enumerate(expected):
        near = [
            max(abs(np.array(curve) / losses - 1)) for curve in curves if len(curve) == len(losses)
        ]
        assert near, f"{name}: no curve of {len(losses)} losses"
        assert min(near) <= TOLERANCE, f"{name}: experiment {number} is {min(near):.1e} off"
    lines = re.findall(r"^loss: (\S+), \S+ sec per epoch$", printed, re.M)
    finals = [f"{losses[-1]:f}" for losses in expected]
    assert len(lines) == len(finals), f"{name}: {len(lines)} printed losses, not {len(finals)}"
    for line, final in zip(lines, finals, strict=True):
        assert abs(float(line) / float(final) - 1) <= TOLERANCE, f"{name}: {line}, not {final}"
