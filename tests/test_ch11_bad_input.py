"""Each wrong argument of the second edition's functions is named, and nothing is touched."""

import math
from functools import partial

import matplotlib.pyplot as plt
import pytest
import torch
from helpers import nothing_touched
from torch import nn
from torch.utils.data import TensorDataset

import d2l_ch7.ch11 as d2l
from d2l_ch7 import optimizers


def plain(params, states, hyperparams):
    for p in params:
        p.data -= hyperparams["lr"] * p.grad
        p.grad.data.zero_()


def states_for(feature_dim):
    return [torch.zeros(feature_dim, 1), torch.zeros(1)]


def rule(params, states, hyperparams):
    raise AssertionError("a step was made")


def good(train="scratch", **changes):
    """A good call, but for what is given here."""
    loader, d = changes.pop("loader", None) or d2l.get_data_ch11(20, 60)
    fn, hyperparams = (rule, {}) if train == "scratch" else (torch.optim.SGD, {"lr": 0.1})
    arguments = {"trainer_fn": fn, "hyperparams": hyperparams, "data_iter": loader, "num_epochs": 1}
    if train == "scratch":
        arguments |= {"states": None, "feature_dim": d}
    call = d2l.train_ch11 if train == "scratch" else d2l.train_concise_ch11
    return call(**{**arguments, **changes})


def fails(params, states, hyperparams):
    torch.rand(1)
    hyperparams["lr"] + states[0]


def in_batches_of_none():
    loader = d2l.load_array((X, Y), 20)
    loader.batch_sampler.batch_size = 0
    return loader


X, Y = torch.randn(60, 5, generator=torch.Generator().manual_seed(0)), torch.zeros(60)
PAIR = torch.zeros(2, 5), torch.zeros(2)
WRONG = [
    *[(TypeError, "trainer_fn", {"trainer_fn": fn}) for fn in (
        None, "sgd", 3, [plain], torch.optim.SGD, torch.optim.SGD([nn.Parameter(X)], lr=1),
        lambda params, states: None, lambda params, lr, batch_size: None, partial(plain, 1), dict,
        *optimizers.RULES)],
    *[(TypeError, "states", {"states": fn}) for fn in (states_for, optimizers.init_adam_states)],
    *[(ValueError, where, {"trainer_fn": fails, **changed})
      for where in ("trainer_fn", "states", "hyperparams")
      for changed in ({"states": None, "hyperparams": {"lr": 1}}, {"hyperparams": None},
                      {"hyperparams": {}}, {"hyperparams": 0.1}, {"states": [1]})],
    *[(TypeError, "data_iter", {"data_iter": it}) for it in (
        None, 3, plain, iter([PAIR]), (b for b in [PAIR]), zip([X], [Y]), TensorDataset)],
    *[(ValueError, "data_iter", {"data_iter": it, "trainer_fn": plain}) for it in (
        [], (), "batches", [3], [X], [(X,)], [(X, Y, Y)], [(X, Y[:-1])], [(X.numpy(), Y.numpy())],
        [(X.double(), Y)], [(X[:, :4], Y)], (X, Y), d2l.get_data_ch11(), {"X": X, "y": Y},
        d2l.load_array((X.double(), Y), 20), d2l.load_array((X,), 20),
        d2l.load_array((X, Y, Y), 20), d2l.load_array((X * math.nan, Y), 20),
        d2l.load_array((X, Y + math.inf), 20), d2l.load_array((X[:, 0], Y), 20),
        d2l.load_array((X, torch.zeros(60, 2)), 20), in_batches_of_none())],
    *[(TypeError, "feature_dim", {"feature_dim": d}) for d in (None, "5", 5.0, True, [5])],
    *[(ValueError, "feature_dim", {"feature_dim": d}) for d in (0, -1, 4, 6)],
    (ValueError, "feature_dim", {"feature_dim": 4, "data_iter": [PAIR], "trainer_fn": plain}),
    *[(TypeError, "num_epochs", {"num_epochs": e}) for e in (None, "1", 1.0, True, [1])],
    *[(ValueError, "num_epochs", {"num_epochs": e}) for e in (0, -1)],
]  # fmt: skip
WRONG_CONCISE = [
    *[
        (TypeError, "trainer_fn", {"trainer_fn": fn})
        for fn in (
            None,
            "SGD",
            3,
            rule,
            optimizers.sgd,
            torch.optim.SGD([nn.Parameter(X)], lr=1),
            lambda params, lr: [params],
            nn.Linear,
        )
    ],
    (ValueError, "trainer_fn", {"trainer_fn": torch.optim.LBFGS}),
    *[
        (TypeError, "hyperparams", {"hyperparams": h})
        for h in (None, 0.1, [0.1], {"lrr": 0.1}, {"lr": "0.1"})
    ],
    (ValueError, "hyperparams", {"hyperparams": {"lr": -1}}),
    *[w for w in WRONG if w[1] in ("data_iter", "num_epochs")],
]


@pytest.mark.parametrize(
    "train, error, argument, changes",
    [("scratch", *w) for w in WRONG] + [("concise", *w) for w in WRONG_CONCISE],
    ids=[f"{w[1]}-{i}" for i, w in enumerate(WRONG + WRONG_CONCISE)],
)
def test_a_wrong_argument_is_named_and_nothing_is_touched(train, error, argument, changes, capsys):
    if train == "concise":
        changes = {k: v for k, v in changes.items() if k != "trainer_fn" or v is not plain}
    with nothing_touched(), pytest.raises((ValueError, TypeError)) as caught:
        good(train, **changes)
    first, _, rest = str(caught.value).partition(":")
    assert argument in first.split(", ") and rest.strip(), str(caught.value)
    assert type(caught.value) is error
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"trainer_fn": torch.optim.Adam}, "train_concise_ch11"),
        ({"trainer_fn": optimizers.adam}, r"zero_\(\).*train_ch7"),
        ({"states": states_for}, "call it"),
        ({"feature_dim": 4}, "expected the 5 that data_iter has"),
        ({"trainer_fn": fails, "hyperparams": {}}, "KeyError: 'lr'"),
        ({"data_iter": d2l.get_data_ch11(), "trainer_fn": plain}, "get_data_ch11"),
    ],
)
def test_a_likely_slip_is_told_what_to_do(changes, said):
    with pytest.raises((TypeError, ValueError), match=said):
        good(**changes)


def test_an_error_in_the_middle_is_the_readers_own_and_leaves_no_trace(capsys):
    class Boom(Exception):
        pass

    def late(params, states, hyperparams):
        plain(params, states, {"lr": 0.1})
        states.append(torch.rand(1))
        if len(states) == 2:
            raise Boom

    with nothing_touched(), pytest.raises(Boom):
        good(trainer_fn=late, states=[])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "error, argument, call",
    [
        (TypeError, "X", lambda: d2l.plot("abc")),
        (TypeError, "X", lambda: d2l.plot(3)),
        (TypeError, "X", lambda: d2l.plot({1: 2})),
        (TypeError, "X", lambda: d2l.plot([1, "a"])),
        (TypeError, "X", lambda: d2l.plot(torch.zeros(2, 2, 2))),
        (TypeError, "Y", lambda: d2l.plot([1], [1j])),
        (ValueError, "Y", lambda: d2l.plot([1, 2], [1])),
        (ValueError, "Y", lambda: d2l.plot([[1], [2]], [[1], [2], [3]])),
        (ValueError, "xscale", lambda: d2l.plot([1], [1], xscale="logarithmic")),
        (ValueError, "yscale", lambda: d2l.plot([1], [1], yscale=None)),
        (ValueError, "xlim", lambda: d2l.plot([1], [1], xlim=(1, 2, 3))),
        (TypeError, "ylim", lambda: d2l.plot([1], [1], ylim="01")),
        (TypeError, "legend", lambda: d2l.plot([1], [1], legend=3)),
        (TypeError, "fmts", lambda: d2l.plot([1], [1], fmts=3)),
        (ValueError, "fmts", lambda: d2l.plot([1], [1], fmts=["zz"])),
        (ValueError, "fmts", lambda: d2l.plot([1], [1], fmts=["-", "r::"])),
        (ValueError, "fmts", lambda: d2l.plot([1], [1], fmts=[])),
        (TypeError, "fmts", lambda: d2l.plot([1], [1], fmts=["-", None])),
        (TypeError, "fmts", lambda: d2l.plot([1], [1], fmts=[[1, 2]])),
        (ValueError, "fmts", lambda: d2l.Animator(fmts=["zz"])),
        (ValueError, "xscale", lambda: d2l.plot([1], [1], xscale="function")),
        (ValueError, "yscale", lambda: d2l.Animator(yscale="functionlog")),
        (ValueError, "xlim", lambda: d2l.plot([1], [1], xlim=(0, math.inf))),
        (ValueError, "xlim", lambda: d2l.plot([1], [1], xlim=(math.nan, None))),
        (ValueError, "ylim", lambda: d2l.plot([1], [1], ylim=(0, 10**400))),
        (ValueError, "ylim", lambda: d2l.Animator(ylim=(-math.inf, 0))),
        (TypeError, "axes", lambda: d2l.plot([1], [1], axes=plt)),
        (TypeError, "figsize", lambda: d2l.plot([1], [1], figsize=3)),
        (TypeError, "nrows", lambda: d2l.Animator(nrows=1.0)),
        (ValueError, "ncols", lambda: d2l.Animator(ncols=0)),
        (TypeError, "figsize", lambda: d2l.Animator(figsize=(1, 2, 3))),
        (TypeError, "figsize", lambda: d2l.Animator(figsize=(1, None))),
        (ValueError, "figsize", lambda: d2l.Animator(figsize=(0, 1))),
        (ValueError, "figsize", lambda: d2l.plot([1], [1], figsize=(math.inf, 1))),
        (ValueError, "xlim", lambda: d2l.Animator(xlim=[1])),
        (ValueError, "times", lambda: d2l.Timer().avg()),
        (TypeError, "net", lambda: d2l.evaluate_loss(3, [PAIR], d2l.squared_loss)),
        (TypeError, "loss", lambda: d2l.evaluate_loss(abs, [PAIR], None)),
        (TypeError, "data_iter", lambda: d2l.evaluate_loss(abs, 3, d2l.squared_loss)),
        (ValueError, "data_iter", lambda: d2l.evaluate_loss(abs, [], d2l.squared_loss)),
        (TypeError, "batch_size", lambda: d2l.get_data_ch11(10.0)),
        (ValueError, "batch_size", lambda: d2l.get_data_ch11(0)),
        (ValueError, "n", lambda: d2l.get_data_ch11(n=0)),
        (TypeError, "n", lambda: d2l.get_data_ch11(n="all")),
        (TypeError, "data_arrays", lambda: d2l.load_array(X, 10)),
        (TypeError, "data_arrays", lambda: d2l.load_array((X.numpy(), Y), 10)),
        (TypeError, "data_arrays", lambda: d2l.load_array(3, 10)),
        (TypeError, "data_arrays", lambda: d2l.load_array((), 10)),
        (ValueError, "data_arrays", lambda: d2l.load_array((X, Y[:-1]), 10)),
        (ValueError, "data_arrays", lambda: d2l.load_array((X[:0], Y[:0]), 10)),
        (TypeError, "batch_size", lambda: d2l.load_array((X, Y), "10")),
        (ValueError, "name", lambda: d2l.download("kaggle_house_train")),
        (TypeError, "trainer", lambda: d2l.train_2d(None)),
        (TypeError, "f", lambda: d2l.show_trace_2d(None, [(1, 2)])),
        (TypeError, "results", lambda: d2l.show_trace_2d(lambda x1, x2: x1, 3)),
        (ValueError, "f", lambda: d2l.show_trace_2d(lambda x1, x2: "a", [(1, 2)])),
    ],
    ids=range(56),
)
def test_other_wrong_arguments_are_named_and_nothing_is_touched(error, argument, call):
    plt.plot([1, 2], [3, 4])
    with nothing_touched(), pytest.raises((ValueError, TypeError)) as caught:
        call()
    assert len(plt.gca().lines) == 1 and plt.gca().get_xscale() == "linear"
    assert str(caught.value).partition(":")[0] == argument, str(caught.value)
    assert type(caught.value) is error


@pytest.mark.parametrize("value", ["a", [1, 2], [1, "b"], True, (1, 2, 3)])
def test_a_point_that_is_none_is_refused_and_not_kept(value):
    animator = d2l.Animator()
    animator.add(1, (1, 2))
    with pytest.raises((TypeError, ValueError), match=r"^[xy]: "):
        animator.add([1, 2, 3, 4] if isinstance(value, list | tuple) else 1, value)
    assert animator.Y == [[1], [2]]
