"""Each wrong argument of each public function: the right kind of error, which names the argument.

Before any random number is drawn, any figure made or any argument changed.
"""

import copy
import math
import warnings
from collections import deque
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from helpers import SCRATCH, nothing_touched, states_for

import d2l_ch7 as d2l
from d2l_ch7 import optimizers

N, D = 12, 5
X, Y = torch.randn(N, D, generator=torch.Generator().manual_seed(0)), torch.arange(float(N))
LR = {"lr": 0.05}
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # torch calls nested tensors a prototype
    NESTED = torch.nested.nested_tensor([X[0], X[1]])
PARAMS = [torch.zeros(D, 1), torch.zeros(1)]


def refuses(error, argument, function, *arguments, **named):
    """Call it, and see that it says what is wrong, and left everything as it was."""
    kept = copy.deepcopy((X, Y, LR))
    with nothing_touched(), pytest.raises(error) as caught:
        function(*arguments, **named)
    assert type(caught.value) is error, repr(caught.value)
    first_words, _, rest = str(caught.value).partition(":")
    assert argument in first_words.replace(",", "").split(), str(caught.value)
    assert rest.strip(), str(caught.value)
    assert torch.equal(X, kept[0]) and torch.equal(Y, kept[1]) and kept[2] == LR


class Frame:
    """As pandas' DataFrame looks: it has values, and can be made an array."""

    values = X.numpy()
    shape = (N, D)

    def __array__(self, dtype=None, copy=None):
        return self.values

    def __len__(self):
        return N


class Unnamed:
    """Can be called, with anything."""

    def __call__(self, *args, **kwargs):
        raise AssertionError("called")


def rule(params, states, hyperparams):
    raise AssertionError("a step was made")


def with_entry(tensor, value):
    """A copy with one other entry."""
    tensor = tensor.clone()
    tensor.view(-1)[3] = value
    return tensor


def ways(*names):
    """The call under each of its names: by a rule or by torch.optim, silent or in the shell."""
    return pytest.mark.parametrize(
        "name", names or ("fit", "train_ch7", "fit_torch", "train_pytorch_ch7")
    )


def train(name, features=X, labels=Y, **options):
    """A good call, but for what is given here."""
    head = (
        (options.pop("optimizer_fn", torch.optim.SGD), options.pop("hyperparams", LR))
        if "torch" in name
        else (
            options.pop("optimizer_fn", optimizers.sgd),
            options.pop("states", None),
            options.pop("hyperparams", LR),
        )
    )
    return getattr(d2l, name)(*head, features, labels, **options)


# --- the data

FEATURES = [
    (ValueError, X[0]),
    (ValueError, torch.tensor(1.0)),
    (ValueError, X[None]),
    (ValueError, torch.zeros(0, D)),
    (ValueError, torch.zeros(N, 0)),
    (ValueError, with_entry(X, math.nan)),
    (ValueError, with_entry(X, math.inf)),
    (ValueError, with_entry(X, -math.inf)),
    (ValueError, with_entry(X.double(), 1e39)),
    (ValueError, with_entry(X.double(), 1e39).numpy()),
    (ValueError, with_entry(X, math.nan).numpy()),
    (ValueError, X.numpy()[0]),
    (ValueError, X.numpy()[:0]),
    (TypeError, None),
    (TypeError, X.tolist()),
    (TypeError, [X[0], X[1]]),
    (TypeError, Frame()),
    (TypeError, "features"),
    (TypeError, 3.0),
    (TypeError, X.long()),
    (TypeError, X.bool()),
    (TypeError, X.to(torch.complex64)),
    (TypeError, X.to_sparse()),
    (TypeError, X.to("meta")),
    (TypeError, X.numpy().astype(int)),
    (TypeError, X.numpy().astype(bool)),
    (TypeError, X.numpy().astype(complex)),
    (TypeError, X.numpy().astype(object)),
    (TypeError, X.numpy().astype(str)),
    (TypeError, np.zeros(N, dtype=[("a", float)])),
    (TypeError, np.full((N, D), np.datetime64("2020-01-01"))),
    (TypeError, NESTED),
    (TypeError, np.ma.masked_greater(X.numpy(), 1)),
    (TypeError, (X, Y)),
]
LABELS = [
    (ValueError, Y[:-1]),
    (ValueError, torch.zeros(N + 1)),
    (ValueError, torch.zeros(N, 2)),
    (ValueError, torch.zeros(1, N)),
    (ValueError, torch.zeros(N, 1, 1)),
    (ValueError, torch.zeros(0)),
    (ValueError, torch.tensor(1.0)),
    (ValueError, with_entry(Y, math.nan)),
    (ValueError, with_entry(Y, math.inf)),
    (ValueError, with_entry(Y[:, None], math.nan)),
    (ValueError, with_entry(Y.double(), -1e39).numpy()),
    (TypeError, None),
    (TypeError, Y.tolist()),
    (TypeError, "labels"),
    (TypeError, Y.bool()),
    (TypeError, Y.to(torch.complex64)),
    (TypeError, Y.to_sparse()),
    (TypeError, Y.numpy().astype(object)),
    (TypeError, Y.numpy().astype(str)),
]


def numbered(cases):
    """Cases with short names."""
    return [pytest.param(*c, id=f"{i}-{type(c[-1]).__name__}") for i, c in enumerate(cases)]


@ways()
@pytest.mark.parametrize("error, features", numbered(FEATURES))
def test_features(name, error, features):
    refuses(error, "features", train, name, features=features)


@ways()
@pytest.mark.parametrize("error, labels", numbered(LABELS))
def test_labels(name, error, labels):
    refuses(error, "labels", train, name, labels=labels)


def test_a_bad_entry_is_told_where():
    with pytest.raises(ValueError, match="row 0, column 3"):
        train("fit", features=with_entry(X, math.nan))
    with pytest.raises(ValueError, match="row 3"):
        train("fit", labels=with_entry(Y, math.inf))


@ways()
def test_features_and_labels_of_different_lengths_say_both(name):
    with pytest.raises(ValueError, match=rf"{N - 1}.*{N}"):
        train(name, labels=Y[:-1])


# --- counts, seeds, devices

COUNTS = [
    (ValueError, 0),
    (ValueError, -1),
    (ValueError, -(10**30)),
    (TypeError, True),
    (TypeError, np.bool_(True)),
    (TypeError, 10.0),
    (TypeError, np.float64(10)),
    (TypeError, "10"),
    (TypeError, None),
    (TypeError, [10]),
    (TypeError, math.nan),
    (TypeError, torch.tensor(10.0)),
    (TypeError, torch.tensor([1, 2])),
]


@ways()
@pytest.mark.parametrize("argument", ["batch_size", "num_epochs"])
@pytest.mark.parametrize("error, value", numbered(COUNTS))
def test_counts(name, argument, error, value):
    refuses(error, argument, train, name, **{argument: value})


SEEDS = [
    (ValueError, -1),
    (ValueError, 2**32),
    (ValueError, [0, -1]),
    (ValueError, [2**64]),
    (ValueError, []),
    (ValueError, range(0)),
    (ValueError, np.array([], dtype=int)),
    (TypeError, 1.0),
    (TypeError, "1"),
    (TypeError, b"1"),
    (TypeError, True),
    (TypeError, [0, True]),
    (TypeError, [0, None]),
    (TypeError, [0.5]),
    (TypeError, ["1"]),
    (TypeError, np.zeros((2, 2), dtype=int)),
    (TypeError, np.array(1.0)),
    (TypeError, torch.tensor([1.0])),
    (TypeError, object()),
]


@ways("fit", "fit_torch")
@pytest.mark.parametrize("error, value", numbered(SEEDS))
def test_seeds(name, error, value):
    refuses(error, "seed", train, name, seed=value)


@ways("train_ch7", "train_pytorch_ch7")
@pytest.mark.parametrize("error, value", [*numbered(SEEDS), (TypeError, [0, 1]), (TypeError, (3,))])
def test_the_shell_takes_one_seed(name, error, value):
    with nothing_touched(), pytest.raises((ValueError, TypeError), match=r"^seed: "):
        train(name, seed=value)


@ways("train_ch7", "train_pytorch_ch7")
@pytest.mark.parametrize("value", [3, "ax", plt, [plt]], ids=["int", "str", "module", "list"])
def test_axes_of_the_shell(name, value):
    refuses(TypeError, "ax", train, name, ax=value)


@ways("fit", "fit_torch")
@pytest.mark.parametrize("device", ["nowhere", "meta", "", "cpu0", 3.5, None, [], torch.float32])
def test_devices(name, device):
    refuses(ValueError, "device", train, name, device=device)


@ways("fit", "fit_torch")
@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize("device", ["cuda", "cuda:3", torch.device("cuda"), 0])
def test_a_device_that_is_not_there(name, device):
    refuses(ValueError, "device", train, name, device=device)


@ways("fit", "fit_torch")
@pytest.mark.parametrize("progress", ["yes", 1, 0.5, []])
def test_progress(name, progress):
    refuses(TypeError, "progress", train, name, progress=progress)


# --- rules, their states and hyperparameters


def two(params, hyperparams):
    raise AssertionError("called")


def four(params, states, hyperparams, more):
    raise AssertionError("called")


RULES = [
    None,
    "sgd",
    optimizers,
    3,
    [optimizers.sgd],
    torch.optim.SGD,
    torch.optim.SGD(PARAMS, lr=0.1),
    d2l.sgd,
    two,
    four,
    lambda: None,
    partial(optimizers.sgd, PARAMS, None, LR),
    Path,  # a class, which takes anything
]


@ways("fit", "train_ch7")
@pytest.mark.parametrize("value", RULES, ids=lambda v: getattr(v, "__name__", type(v).__name__))
def test_rules(name, value):
    refuses(TypeError, "optimizer_fn", train, name, optimizer_fn=value)


@ways("fit", "train_ch7")
def test_chapter_3s_sgd_is_told_the_right_one(name):
    with pytest.raises(TypeError, match=r"optimizers\.sgd"):
        train(name, optimizer_fn=d2l.sgd)


@ways("fit", "train_ch7")
def test_a_class_of_torch_optim_is_told_the_right_function(name):
    with pytest.raises(TypeError, match=r"train_pytorch_ch7"):
        train(name, optimizer_fn=torch.optim.Adam)


@ways("fit_torch", "train_pytorch_ch7")
def test_a_rule_is_told_the_right_function(name):
    for value in (optimizers.sgd, rule):
        with pytest.raises(TypeError, match=r"train_ch7"):
            train(name, optimizer_fn=value)
    with pytest.raises(TypeError, match=r"torch\.optim\.SGD"):
        train(name, optimizer_fn=d2l.sgd)


@ways("fit", "train_ch7")
@pytest.mark.parametrize("of", SCRATCH)
@pytest.mark.parametrize("hyperparams", [None, [0.1], 0.1, "lr", ("lr", 0.1), {"lr"}])
def test_hyperparams_of_another_kind(name, of, hyperparams):
    fn = getattr(optimizers, of)
    refuses(
        TypeError,
        "hyperparams",
        train,
        name,
        optimizer_fn=fn,
        states=states_for(of),
        hyperparams=hyperparams,
    )


KEYS = [(of, key) for of, hyperparams in SCRATCH.items() for key in hyperparams]
BAD_NUMBERS = ["0.1", None, [0.1], 1j, True, torch.zeros(D, 1), np.zeros(3), object()]


@ways("fit", "train_ch7")
@pytest.mark.parametrize("of, key", KEYS)
def test_a_hyperparam_is_missing_or_no_number(name, of, key):
    good, fn = SCRATCH[of], getattr(optimizers, of)
    options = {"optimizer_fn": fn, "states": states_for(of)}
    missing = {k: v for k, v in good.items() if k != key}
    refuses(ValueError, "hyperparams", train, name, hyperparams=missing, **options)
    typo = {**missing, key.upper(): good[key]}
    refuses(ValueError, "hyperparams", train, name, hyperparams=typo, **options)
    with pytest.raises(ValueError, match=rf"'{key}'.*{key.upper()}"):
        train(name, hyperparams=typo, **options)
    for value in BAD_NUMBERS:
        refuses(TypeError, "hyperparams", train, name, hyperparams={**good, key: value}, **options)
    for value in (math.nan, math.inf, -math.inf, np.float32("nan"), torch.tensor(math.inf)):
        refuses(ValueError, "hyperparams", train, name, hyperparams={**good, key: value}, **options)


@ways("fit", "train_ch7")
@pytest.mark.parametrize("t", [0, -1, 0.5])
def test_adams_steps_count_from_1(name, t):
    options = {"optimizer_fn": optimizers.adam, "states": states_for("adam")}
    refuses(ValueError, "hyperparams", train, name, hyperparams={"lr": 0.1, "t": t}, **options)


def pairs(*shapes):
    return [(torch.zeros(shape), torch.zeros(shape)) for shape in shapes]


STATES = [
    ("momentum", None),
    ("momentum", ()),
    ("momentum", [torch.zeros(D, 1)]),
    ("momentum", [torch.zeros(D, 1), torch.zeros(1), torch.zeros(1)]),
    ("momentum", [torch.zeros(3, 1), torch.zeros(1)]),
    ("momentum", [torch.zeros(1), torch.zeros(D, 1)]),
    ("momentum", "ab"),
    ("momentum", 3),
    ("momentum", [0.0, 0.0]),
    ("momentum", [None, None]),
    ("momentum", torch.zeros(D, 1)),
    ("momentum", states_for("adam")),
    ("momentum", optimizers.init_adam_states),
    ("momentum", optimizers.init_adam_states(PARAMS)),
    ("momentum", {"w": torch.zeros(D, 1), "b": torch.zeros(1)}),
    ("momentum", lambda: states_for("momentum")),  # the book's own takes no argument
    ("momentum", lambda params: None),
    ("momentum", lambda params: [torch.zeros(3, 1), torch.zeros(1)]),
    ("momentum", np.zeros((2, 1))),
    ("adagrad", optimizers.init_adam_states),
    ("rmsprop", None),
    ("adam", None),
    ("adam", optimizers.init_momentum_states),
    ("adam", states_for("momentum")),
    ("adam", [torch.zeros(2, 1), torch.zeros(2)]),
    ("adam", pairs((D, 1))),
    ("adam", pairs((3, 1), (1,))),
    ("adam", [(torch.zeros(D, 1),) * 3, (torch.zeros(1),) * 3]),
    ("adam", ["ab", "cd"]),
    ("adadelta", optimizers.init_momentum_states),
    ("adadelta", pairs((D, 1), (1,))[0]),
]


@ways("fit", "train_ch7")
@pytest.mark.parametrize("of, states", STATES, ids=[f"{i}-{s[0]}" for i, s in enumerate(STATES)])
def test_states(name, of, states):
    options = {"optimizer_fn": getattr(optimizers, of), "hyperparams": dict(SCRATCH[of])}
    with nothing_touched(), pytest.raises((ValueError, TypeError), match=r"^states: "):
        train(name, states=states, **options)
    assert options["hyperparams"] == SCRATCH[of]


@ways("fit", "train_ch7")
def test_a_function_for_the_states_of_ones_own_rule(name):
    with nothing_touched(), pytest.raises(TypeError, match=r"^states: "):
        train(name, optimizer_fn=rule, states=lambda: None)


# --- torch.optim

CLASSES = [
    None,
    "SGD",
    torch.optim,
    torch.optim.SGD(PARAMS, lr=0.1),
    torch.nn.Linear(2, 1),
    torch.nn.Linear,
    dict,
    list,
    object,
    torch.optim.lr_scheduler.StepLR,
    optimizers.sgd,
    rule,
    d2l.sgd,
    lambda params, lr: None,
    torch.optim.LBFGS,
    torch.optim.SparseAdam,
]


@ways("fit_torch", "train_pytorch_ch7")
@pytest.mark.parametrize("value", CLASSES, ids=lambda v: getattr(v, "__name__", type(v).__name__))
def test_classes_of_torch_optim(name, value):
    with nothing_touched(), pytest.raises((TypeError, ValueError), match=r"^optimizer_fn: "):
        train(name, optimizer_fn=value)


@ways("fit_torch", "train_pytorch_ch7")
def test_an_optimizer_instead_of_its_class_is_told_so(name):
    with pytest.raises(TypeError, match=r"class .*torch\.optim\.Adam\b.*instance"):
        train(name, optimizer_fn=torch.optim.Adam(PARAMS))


HYPERPARAMS = [
    (TypeError, torch.optim.SGD, None),
    (TypeError, torch.optim.SGD, 0.05),
    (TypeError, torch.optim.SGD, [("lr", 0.05)]),
    (TypeError, torch.optim.SGD, "lr"),
    (TypeError, torch.optim.SGD, {"learning_rate": 0.05}),
    (TypeError, torch.optim.SGD, {"lr": 0.05, "momentom": 0.9}),
    (TypeError, torch.optim.SGD, {"lr": "0.05"}),
    (TypeError, torch.optim.SGD, {1: 0.05}),
    (ValueError, torch.optim.SGD, {"lr": -1}),
    (ValueError, torch.optim.SGD, {"lr": 0.05, "nesterov": True}),
    (ValueError, torch.optim.Adam, {"betas": (0.9, 1.5)}),
    (ValueError, torch.optim.Adadelta, {"rho": 2}),
]


@ways("fit_torch", "train_pytorch_ch7")
@pytest.mark.parametrize("error, fn, hyperparams", numbered(HYPERPARAMS))
def test_optimizer_hyperparams(name, error, fn, hyperparams):
    argument = "optimizer_hyperparams"
    refuses(error, argument, train, name, optimizer_fn=fn, hyperparams=hyperparams)


@ways("fit_torch", "train_pytorch_ch7")
@pytest.mark.parametrize("hyperparams", [{"betas": (0.9,)}, {"betas": 0.9}, {"betas": None}])
def test_optimizer_hyperparams_that_torch_itself_stumbles_over(name, hyperparams):
    with (
        nothing_touched(),
        pytest.raises((TypeError, ValueError), match=r"^optimizer_hyperparams: "),
    ):
        train(name, optimizer_fn=torch.optim.Adam, hyperparams=hyperparams)


# --- rules called directly


def ready():
    """Parameters with their gradients."""
    params = [torch.ones(D, 1), torch.ones(1)]
    for p in params:
        p.grad = torch.ones_like(p)
    return params


def test_states_of_another_depth_are_told_what_was_expected():
    with pytest.raises(TypeError, match=r"^states: expected a tensor of shape \(5, 1\)"):
        optimizers.adagrad(ready(), [0.0, 0.0], {"lr": 0.1})
    with pytest.raises(ValueError, match=r"^states: expected 2 states"):
        optimizers.adam(ready(), [0.0, 0.0], {"lr": 0.1, "t": 1})


def test_a_rule_with_more_arguments_is_still_told_where_rules_go():
    def rule(params, states, hyperparams, extra=1):
        pass

    with pytest.raises(TypeError, match=r"^optimizer_fn: .*a rule goes to"):
        train("fit_torch", optimizer_fn=rule)


@pytest.mark.parametrize("of", SCRATCH)
def test_rules_called_directly(of):
    fn, good = getattr(optimizers, of), dict(SCRATCH[of])
    params, states = ready(), states_for(of)
    for value in (None, [0.1], 0.1):
        refuses(TypeError, "hyperparams", fn, params, states, value)
    for key in good:
        missing = {k: v for k, v in good.items() if k != key}
        refuses(ValueError, "hyperparams", fn, params, states, missing)
        for value in ("0.1", None, [0.1], 1j):
            refuses(TypeError, "hyperparams", fn, params, states, {**good, key: value})
    for value in (None, 3, torch.ones(2), "ab", [1.0, 2.0], [None, None]):
        refuses(TypeError, "params", fn, value, states, good)
    without = [*ready()[:1], torch.ones(1)]
    refuses(ValueError, "params", fn, without, states, good)
    if states is not None:
        for value in (None, states[:1], states * 2, "ab", [0.0, 0.0]):
            with pytest.raises((ValueError, TypeError), match=r"^states: "):
                fn(params, value, good)
    for p in [*params, without[0]]:
        assert torch.equal(p, torch.ones_like(p))  # not one was changed, nor a state
    flat = deque(states or [])
    while flat:
        state = flat.pop()
        flat.extend(state) if isinstance(state, tuple) else None
        assert isinstance(state, tuple) or not state.any()
    assert good == SCRATCH[of]


@pytest.mark.parametrize("name", [n for n in dir(optimizers) if n.startswith("init_")])
@pytest.mark.parametrize("value", [None, 3, "ab", [1.0], [None], torch.ones(2), [np.ones(2)]])
def test_parameters_to_make_states_for(name, value):
    refuses(TypeError, "params", getattr(optimizers, name), value)


# --- chapter 3's


def test_linreg():
    w, b = torch.zeros(D, 1), torch.zeros(1)
    for value in (None, X.tolist(), X.numpy(), 1.0):
        refuses(TypeError, "X", d2l.linreg, value, w, b)
        refuses(TypeError, "w", d2l.linreg, X, value, b)
        refuses(TypeError, "b", d2l.linreg, X, w, value)
    refuses(ValueError, "w", d2l.linreg, X, torch.zeros(D + 1, 1), b)
    refuses(ValueError, "w", d2l.linreg, X, w.double(), b)


def test_squared_loss():
    for value in (None, [1.0], np.zeros(3), 1.0):
        refuses(TypeError, "y_hat", d2l.squared_loss, value, Y)
        refuses(TypeError, "y", d2l.squared_loss, Y, value)
    refuses(ValueError, "y", d2l.squared_loss, torch.zeros(N, 1), torch.zeros(N + 1))
    refuses(ValueError, "y", d2l.squared_loss, torch.zeros(N, 1), torch.zeros(1))


def test_chapter_3s_sgd():
    params = ready()
    for error, value in COUNTS:
        refuses(error, "batch_size", d2l.sgd, params, 0.1, value)
    for value in (None, "0.1", [0.1]):
        refuses(TypeError, "lr", d2l.sgd, params, value, 2)
    for value in (None, 3, [1.0], "ab"):
        refuses(TypeError, "params", d2l.sgd, value, 0.1, 2)
    refuses(ValueError, "params", d2l.sgd, [*ready()[:1], torch.ones(1)], 0.1, 2)
    assert torch.equal(params[0], torch.ones(D, 1))


def test_data_iter():
    for error, value in COUNTS:
        refuses(error, "batch_size", d2l.data_iter, value, X, Y)
    for value in (None, [1.0] * N, "x" * N):
        refuses(TypeError, "features", d2l.data_iter, 2, value, Y)
        refuses(TypeError, "labels", d2l.data_iter, 2, X, value)
    refuses(ValueError, "labels", d2l.data_iter, 2, X, Y[:-1])
    refuses(ValueError, "features", d2l.data_iter, 2, torch.tensor(1.0), Y)
    refuses(ValueError, "labels", d2l.data_iter, 2, X, torch.tensor(1.0))


# --- descents


def trainer(x1, x2, s1, s2):
    return x1, x2, s1, s2


@pytest.mark.parametrize("descend", [d2l.train_2d, d2l.descent.descend_2d])
def test_descents_in_the_plane(descend, capsys):
    for value in (None, 3, "gd", [trainer]):
        refuses(TypeError, "trainer", descend, value)
    for value in (lambda: None, lambda x1, x2: (x1, x2), lambda x1, x2, s1, s2, f_grad: None):
        refuses(TypeError, "trainer", descend, value)
    for value in (None, 3.0, (1, 2), (1, 2, 3), (1, 2, 3, 4, 5), "abcd", ("a", "b", 0, 0)):
        refuses(TypeError, "trainer", descend, lambda *state, result=value: result)
    refuses(TypeError, "trainer", descend, lambda *state: (None, None, 0, 0))
    refuses(TypeError, "trainer", descend, lambda *state: (torch.ones(2), 0, 0, 0))
    for error, value in COUNTS:
        refuses(error, "steps", descend, trainer, value)
    for value in (3, "f", [1]):
        refuses(TypeError, "f_grad", descend, lambda *state: state[:4], f_grad=value)
    refuses(TypeError, "trainer", descend, trainer, f_grad=lambda x1, x2: (x1, x2))
    assert capsys.readouterr().out == ""


def test_descents_on_a_line():
    descend = d2l.descent.descend_1d
    for value in (None, 3, "f"):
        refuses(TypeError, "f_grad", descend, value, 0.1)
    for value in (lambda x: None, lambda x: "a", lambda x: (1, 2)):
        refuses(TypeError, "f_grad", descend, value, 0.1)
    for value in (None, "0.1", [0.1], 1j):
        refuses(TypeError, "eta", descend, lambda x: x, value)
        refuses(TypeError, "x", descend, lambda x: x, 0.1, value)
    for error, value in COUNTS:
        refuses(error, "steps", descend, lambda x: x, 0.1, 1.0, value)


# --- figures

POINTS = [(-5, -2), (0, 0)]


def bowl(x1, x2):
    return x1**2 + 2 * x2**2


PATHS = [
    (TypeError, None),
    (TypeError, 3),
    (TypeError, [1, 2]),
    (TypeError, [(1, 2, 3)]),
    (TypeError, ["ab"]),
    (TypeError, [(None, None)]),
    (TypeError, [("1", "2")]),
    (TypeError, [(1j, 0)]),
    (ValueError, []),
    (ValueError, iter(())),
]


@pytest.mark.parametrize("error, value", numbered(PATHS))
def test_paths(error, value):
    refuses(error, "results", d2l.show_trace_2d, bowl, value)
    refuses(error, "path", d2l.plotting.plot_path, [] if error is ValueError else value)


OBJECTIVES = [
    None,
    3,
    "bowl",
    lambda: 0,
    lambda x1: x1,
    lambda x1, x2: None,
    lambda x1, x2: "high",
    lambda x1, x2: np.zeros(3),
    lambda x1, x2: (x1, x2),
    lambda x1, x2: x1 + 1j,
    lambda x1, x2: math.sin(x1),  # takes no grids
    lambda x1, x2: [[1], [2, 3]],
]


@pytest.mark.parametrize("f", OBJECTIVES, ids=range(len(OBJECTIVES)))
def test_objectives(f):
    with nothing_touched(), pytest.raises((TypeError, ValueError), match=r"^f: "):
        d2l.show_trace_2d(f, POINTS)
    if f is not None:  # where it means: no contours
        with nothing_touched(), pytest.raises((TypeError, ValueError), match=r"^f: "):
            d2l.plotting.plot_path(POINTS, f)


@pytest.mark.parametrize("ax", [3, "ax", [], plt], ids=["int", "str", "list", "plt"])
def test_axes(ax):
    refuses(TypeError, "ax", d2l.plotting.plot_path, POINTS, bowl, ax)
    history = d2l.fit(optimizers.sgd, None, LR, X, Y, seed=0)
    refuses(TypeError, "ax", d2l.plotting.plot_history, history, ax)


def test_histories():
    history = d2l.fit(optimizers.sgd, None, LR, X, Y, seed=0)
    for value in (None, 3, [0.5, 0.3], history.losses, {"losses": history.losses}):
        refuses(TypeError, "history", d2l.plotting.plot_history, value)
    for value in ("epoch", "", None, 3, ["epochs"]):
        refuses(ValueError, "x", d2l.plotting.plot_history, history, x=value)


def test_colours():
    history = d2l.fit(optimizers.sgd, None, LR, X, Y, seed=0)
    for value in ("no such colour", 3, [1]):
        refuses(ValueError, "color", d2l.plotting.plot_history, history, color=value)
        refuses(ValueError, "color", d2l.plotting.plot_path, POINTS, color=value)


SIZES = [
    (TypeError, None),
    (TypeError, 3),
    (TypeError, "ab"),
    (TypeError, (3,)),
    (TypeError, (1, 2, 3)),
    (TypeError, ("3", "a")),
    (TypeError, ("3", "2")),
    (TypeError, "32"),
    (TypeError, (None, 2)),
    (ValueError, (0, 1)),
    (ValueError, (3, -1)),
    (ValueError, (math.nan, 1)),
    (ValueError, (math.inf, 1)),
]


@pytest.mark.parametrize("error, value", numbered(SIZES))
def test_figure_sizes(error, value):
    refuses(error, "figsize", d2l.set_figsize, value)
    refuses(error, "figsize", d2l.semilogy, [1], [1], "x", "y", figsize=value)


def test_semilogy():
    call = partial(d2l.semilogy, x_label="x", y_label="y")
    refuses(ValueError, "y_vals", call, [1, 2], [1])
    refuses(TypeError, "x_vals", call, None, [1])
    refuses(TypeError, "y_vals", call, [1], None)
    refuses(TypeError, "y_vals", call, [1], ["a"])
    refuses(ValueError, "y_vals", call, torch.ones(2), torch.ones(1))
    with pytest.raises(ValueError, match=r"^y_vals: 1 values for the 2 of x_vals$"):
        call(torch.ones(2), torch.ones(1))
    refuses(TypeError, "x_vals", call, torch.ones(3, 2), torch.ones(3, 2))
    refuses(TypeError, "x_vals", call, torch.ones(2) * 1j, [1, 2])
    refuses(TypeError, "x_vals", call, (x for x in [1]), [1])
    refuses(ValueError, "x_vals", call, [[1, 2], [3]], [1, 2, 3])
    refuses(ValueError, "y2_vals", call, [1], [1], x2_vals=[1, 2], y2_vals=[1])
    refuses(TypeError, "y2_vals", call, [1], [1], x2_vals=[1])
    refuses(TypeError, "x2_vals", call, [1], [1], y2_vals=[1])
    for value in (3, 0.5):
        refuses(TypeError, "legend", call, [1], [1], legend=value)


def test_a_good_call_is_none_of_this():
    """So that the tables above test what they say."""
    for name in ("fit", "fit_torch", "train_ch7", "train_pytorch_ch7"):
        train(name, batch_size=5, num_epochs=1)
    train("fit", optimizer_fn=lambda p, s, h: None, hyperparams=None, states=object())
    train("fit", features=X.numpy(), labels=Y.numpy()[:, None], seed=np.int64(3), device="cpu")
    d2l.show_trace_2d(bowl, d2l.train_2d(trainer, 2))
    d2l.semilogy([1, 2], [1, 2], "x", "y", [1], [1], ["a", "b"], (3, 2))
