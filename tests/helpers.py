"""What several test files need: seeds, what a call must leave alone, a figure in words, a page."""

import io
import os
import shutil
import subprocess
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import textbook
import torch

import d2l_ch7 as d2l
from d2l_ch7 import optimizers

SCRATCH = {
    "sgd": {"lr": 0.05},
    "momentum": {"lr": 0.02, "momentum": 0.5},
    "adagrad": {"lr": 0.1},
    "rmsprop": {"lr": 0.01, "gamma": 0.9},
    "adadelta": {"rho": 0.9},
    "adam": {"lr": 0.01, "t": 1},
}  # the six rules as the book calls them

TORCH = {
    "sgd": (torch.optim.SGD, {"lr": 0.05}),
    "sgd, momentum": (torch.optim.SGD, {"lr": 0.004, "momentum": 0.9}),
    "sgd, nesterov, decay": (
        torch.optim.SGD,
        {"lr": 0.004, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    ),
    "adagrad": (torch.optim.Adagrad, {"lr": 0.1}),
    "rmsprop": (torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.9}),
    "rmsprop, centered": (torch.optim.RMSprop, {"lr": 0.01, "centered": True, "momentum": 0.5}),
    "adadelta": (torch.optim.Adadelta, {"rho": 0.9}),
    "adam": (torch.optim.Adam, {"lr": 0.01}),
    "adam, amsgrad": (torch.optim.Adam, {"lr": 0.01, "amsgrad": True}),
    "adamw": (torch.optim.AdamW, {"lr": 0.01}),
    "nadam": (torch.optim.NAdam, {"lr": 0.01}),
    "radam": (torch.optim.RAdam, {"lr": 0.01}),
    "adamax": (torch.optim.Adamax, {"lr": 0.01}),
    "asgd": (torch.optim.ASGD, {"lr": 0.05}),
    "rprop": (torch.optim.Rprop, {"lr": 0.01}),
}  # classes of torch.optim that treat each entry by itself


def seed_both(seed):
    """Seed the two global generators that a run draws from."""
    torch.manual_seed(seed)
    np.random.seed(seed)


def states_for(rule_name, d=5):
    """Fresh states of one of our rules, as a script makes them."""
    init = getattr(optimizers, f"init_{rule_name}_states", None)
    return init and init([torch.zeros(d, 1), torch.zeros(1)])


def textbook_run(kind, rule, hyperparams, features, labels, batch_size=10, num_epochs=2, seed=0):
    """The textbook loop under a seed; `rule`: one of ours by name, one without states, a class."""
    seed_both(seed)
    if kind == "torch":
        train = partial(textbook.train_torch, rule, hyperparams)
    elif callable(rule):
        train = partial(textbook.train_scratch, rule, None, hyperparams)
    else:
        states = states_for(rule, features.shape[1])
        train = partial(textbook.train_scratch, getattr(optimizers, rule), states, hyperparams)
    return train(features, labels, batch_size, num_epochs)


def first(data, n):
    """The first samples of the data."""
    return [t[:n] for t in data]


def fit_rule(name, *data, hyperparams=None, **options):
    """One of the six rules, with its states, as the book sets it."""
    hyperparams = dict(SCRATCH[name] if hyperparams is None else hyperparams)
    init = getattr(d2l.optimizers, f"init_{name}_states", None)
    return d2l.fit(getattr(d2l.optimizers, name), init, hyperparams, *data, **options)


def assert_same(history, run, atol=0.0):
    """The losses of the textbook loop, when it has them, and its model at the end."""
    np.testing.assert_allclose(history.losses, run.losses, rtol=1e-6, atol=atol)
    np.testing.assert_allclose(history.epochs, run.epochs, rtol=0, atol=1e-12)
    torch.testing.assert_close(history.weight, run.weight, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(history.bias, run.bias, rtol=1e-5, atol=1e-6)


def assert_rows_are_single_runs(run, seeds):
    """`run(seed=...)` for all seeds at once, and for each alone."""
    with nothing_touched():
        many = run(seed=seeds)
    assert many.losses.shape[0] == len(seeds)
    for i, seed in enumerate(seeds):
        one = run(seed=seed)
        np.testing.assert_allclose(many.losses[i], one.losses, rtol=1e-6, atol=0)
        torch.testing.assert_close(many.weight[i], one.weight, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(many.bias[i].flatten(), one.bias, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(many.epochs, one.epochs)
        np.testing.assert_array_equal(many.steps, one.steps)


def curve(index=-1):
    """x and y of a line that the current axes show."""
    return plt.gca().lines[index].get_data()


def generators():
    """The states of the global generators, to be compared."""
    kind, keys, *rest = np.random.get_state()
    return torch.get_rng_state().numpy().tobytes(), kind, keys.tobytes(), rest


@contextmanager
def nothing_touched():
    """No random number is drawn, no figure made, the thread count stays."""
    before = generators(), plt.get_fignums(), torch.get_num_threads()
    yield
    assert (generators(), plt.get_fignums(), torch.get_num_threads()) == before


def description(value):
    """A value's type, and a tensor's shape and more."""
    if isinstance(value, torch.Tensor):
        grad = None if value.grad is None else description(value.grad)
        return (
            type(value).__name__, value.dtype, tuple(value.shape), value.stride(), value.is_leaf,
            value.requires_grad, value.device.type, grad,
        )  # fmt: skip
    if isinstance(value, list | tuple):
        return type(value).__name__, [description(v) for v in value]
    if isinstance(value, dict):
        return type(value).__name__, {k: description(v) for k, v in value.items()}
    return type(value).__name__


def environment(**more):
    """The environment, without what would decide how figures are shown."""
    kept = {k: v for k, v in os.environ.items() if k not in ("MPLBACKEND", "PYTHONWARNINGS")}
    return {**kept, "OMP_NUM_THREADS": "1", **more}


def run(command, **options):
    """Run a command; where it fails, show what it said."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}"
    return done


def copy_project(folder):
    """Copy the project's own files, as a fresh clone with today's changes would have them."""
    root = Path(__file__).resolve().parents[1]
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = run(listing, cwd=root).stdout.split("\0")
    for name in filter(None, names):
        if (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, folder / name)


def keeps_the_gradient(rule):
    """A rule to which the loop hands the same tensor of gradients, step for step."""
    kept = []

    def keeping(params, states, hyperparams):
        kept.append(params[0].grad)
        assert all(g is kept[0] for g in kept)
        rule(params, states, hyperparams)

    return keeping


def hooks_the_gradient(rule):
    """A rule whose hook clips what backward() brings."""
    hooked = []

    def hooking(params, states, hyperparams):
        if not hooked:
            hooked.extend(p.register_hook(lambda g: g.clamp(-0.1, 0.1)) for p in params)
        rule(params, states, hyperparams)

    return hooking


def build(source, out, *options):
    """Run Sphinx on a folder, within this process: its exit status, and what it warned of."""
    from sphinx.cmd.build import main
    from sphinx.locale import translators

    said = io.StringIO()
    with redirect_stdout(io.StringIO()), redirect_stderr(said):
        status = main(["-q", *options, str(source), str(out)])
    translators.clear()  # else the next build would know this one's language
    return status, said.getvalue()


def build_page(folder, source, extensions, *options, files=None):
    """Build a page with some of our extensions, strictly: status, warnings, the page, parsed."""
    from bs4 import BeautifulSoup

    (folder / "conf.py").write_text(f"extensions = {extensions}\nlocale_dirs = ['locale']")
    (folder / "index.rst").write_text(f"Page\n====\n\n{source}", "utf-8")
    for name, content in (files or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    status, said = build(folder, folder / "out", "-W", *options)
    page = folder / "out/index.html"
    text = page.read_text("utf-8") if page.exists() else ""
    return status, said, BeautifulSoup(text, "html.parser")
