"""The second edition's shell, held to plain loops: numbers, draws, and what a rule sees."""

import copy
import hashlib
import math
import random
import re
import warnings
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest
import textbook_ch11 as textbook
import torch
from helpers import description, hooks_the_gradient, keeps_the_gradient
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, TensorDataset

import d2l_ch7.ch11 as d2l

LINE = re.compile(r"loss: (\S+), (\d+\.\d{3}) sec/epoch\n")

# --- rules as the second edition writes them


def updated(rule):
    """A rule of steps: each gives what is taken from a parameter, then its gradient is cleared."""

    def whole(params, states, hyperparams):
        for p, state in zip(params, states or (None, None)):
            with torch.no_grad():
                p[:] -= rule(p.grad, state, **hyperparams)
            p.grad.data.zero_()
        if "t" in hyperparams:
            hyperparams["t"] += 1

    return whole


def sgd(g, _, lr):
    return lr * g


def momentum(g, v, lr, momentum):
    v[:] = momentum * v + g
    return lr * v


def adagrad(g, s, lr):
    s[:] += g**2
    return lr * g / torch.sqrt(s + 1e-6)


def rmsprop(g, s, lr, gamma):
    s[:] = gamma * s + (1 - gamma) * g**2
    return lr * g / torch.sqrt(s + 1e-6)


def adadelta(g, state, rho):
    s, delta = state
    s[:] = rho * s + (1 - rho) * g**2
    step = torch.sqrt(delta + 1e-5) / torch.sqrt(s + 1e-5) * g
    delta[:] = rho * delta + (1 - rho) * step**2
    return step


def adam(g, state, lr, t):
    v, s = state
    v[:] = 0.9 * v + 0.1 * g
    s[:] = 0.999 * s + 0.001 * g**2
    return lr * v / (1 - 0.9**t) / (torch.sqrt(s / (1 - 0.999**t)) + 1e-6)


def yogi(g, state, lr, t):
    v, s = state
    v[:] = 0.9 * v + 0.1 * g
    s[:] += 0.001 * torch.sign(g**2 - s) * g**2
    return lr * v / (1 - 0.9**t) / (torch.sqrt(s / (1 - 0.999**t)) + 1e-3)


RULES = {  # each with its number of states a parameter, and its hyperparameters' ranges
    sgd: (0, {"lr": (1e-4, 0.1)}),
    momentum: (1, {"lr": (1e-4, 0.03), "momentum": (0.1, 0.95)}),
    adagrad: (1, {"lr": (0.01, 0.3)}),
    rmsprop: (1, {"lr": (1e-3, 0.05), "gamma": (0.5, 0.99)}),
    adadelta: (2, {"rho": (0.5, 0.99)}),
    adam: (2, {"lr": (1e-3, 0.05), "t": 1}),
    yogi: (2, {"lr": (1e-3, 0.05), "t": 1}),
}
CLASSES = {
    torch.optim.SGD: {"lr": (1e-4, 0.05), "momentum": (0.0, 0.9)},
    torch.optim.Adagrad: {"lr": (0.01, 0.3)},
    torch.optim.RMSprop: {"lr": (1e-3, 0.05), "alpha": (0.5, 0.99)},
    torch.optim.Adadelta: {"lr": (0.1, 1.0), "rho": (0.5, 0.99)},
    torch.optim.Adam: {"lr": (1e-3, 0.05)},
    torch.optim.AdamW: {"lr": (1e-3, 0.05), "weight_decay": (0.0, 0.1)},
    torch.optim.NAdam: {"lr": (1e-3, 0.05)},
    torch.optim.LBFGS: None,  # needs a closure: refused, see below
}
SIZES = [1, 2, 7, 10, 25, 40, 64, 100, 200, 250, 400, 1500, 5000]


def states_for(count, d=5):
    """Fresh states: none, a tensor a parameter, or a pair; in lists or in tuples."""
    made = [[torch.zeros(shape) for _ in range(count)] for shape in ((d, 1), (1,))]
    return None if count == 0 else [m[0] for m in made] if count == 1 else tuple(map(tuple, made))


def setting(number, choices):
    """A random setting: what trains, its hyperparameters, batch size, n, epochs, a seed."""
    draw = random.Random(number)
    fn = draw.choice([c for c in choices if choices[c] is not None])
    ranges = choices[fn][1] if choices is RULES else choices[fn]
    hyperparams = {k: draw.uniform(*v) if isinstance(v, tuple) else v for k, v in ranges.items()}
    size = draw.choice(SIZES)
    n = draw.choice([1500, 600, 410, 400] if size > 9 else [200, 400, 410])
    return fn, hyperparams, size, n, draw.randint(1, 4), draw.randrange(2**32)


def trained(ours, train, head, size, n, epochs, seed, loader=None):
    """A run by the plain loop or by ours: losses, epochs, and the generator's state at its end."""
    torch.manual_seed(seed)
    module = d2l if ours else textbook
    data_iter, d = d2l.get_data_ch11(size, n) if ours else textbook.make_loader(size, n)
    data_iter = loader() if loader else data_iter
    dim = (d,) if train.endswith("scratch") else ()
    if not ours:
        run = getattr(textbook, f"train_{train}")(*head, data_iter, *dim, epochs)
        return run.losses, run.epochs, torch.get_rng_state()
    name = {"scratch": "train_ch11", "concise": "train_concise_ch11"}[train]
    result = getattr(module, name)(*head, data_iter, *dim, epochs)
    after = torch.get_rng_state()
    epochs, losses = plt.gca().lines[0].get_data()
    plt.close("all")
    if train == "scratch":
        np.testing.assert_array_equal(result[1], losses)
        assert len(result[0]) == len(losses)
    else:
        assert result is None
    return losses, epochs, after


def assert_same(found, expected, n, size, rtol=1e-6):
    """Where the plain loop records nothing, ours records the end, in one more pass."""
    if not expected[0]:
        assert len(found[0]) == 1 and not torch.equal(found[2], expected[2])
        return
    np.testing.assert_allclose(found[0], expected[0], rtol=rtol)
    if n % size == 0:  # else the book's own epochs leave the axis
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-12)
    assert torch.equal(found[2], expected[2])


def numbered(few, all):
    """So many numbers at each change, and all of them among the slow tests."""
    return [pytest.param(k, marks=pytest.mark.slow if k >= few else ()) for k in range(all)]


@pytest.mark.parametrize("number", numbered(30, 120))
def test_a_random_setting_of_a_rule_is_the_plain_loop(number):
    fn, hyperparams, size, n, epochs, seed = setting(number, RULES)
    runs, parameters = [], []
    for ours in (False, True):
        kept, rule = [], updated(fn)

        def watched(params, states, hyperparams, rule=rule, kept=kept):
            kept[:] = params
            rule(params, states, hyperparams)

        head = watched, states_for(RULES[fn][0]), dict(hyperparams)
        runs.append(trained(ours, "scratch", head, size, n, epochs, seed))
        parameters.append(torch.cat([p.detach().flatten() for p in kept]))
    assert_same(runs[1], runs[0], n, size)
    torch.testing.assert_close(*parameters, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("number", numbered(16, 60))
def test_a_random_setting_of_torch_optim_is_the_plain_loop(number):
    fn, hyperparams, size, n, epochs, seed = setting(number, CLASSES)
    runs = [
        trained(ours, "concise", (fn, hyperparams), size, n, epochs, seed) for ours in (False, True)
    ]
    assert_same(runs[1], runs[0], n, size)


# --- what a rule sees


def plain(params, states, hyperparams):
    for p in params:
        p.data -= hyperparams["lr"] * p.grad
        p.grad.data.zero_()


def never_clears(params, states, hyperparams):
    for p in params:
        p.data -= 0.02 * hyperparams["lr"] * p.grad


def sets_none(params, states, hyperparams):
    for p in params:
        p.data = p.data - hyperparams["lr"] * p.grad
        p.grad = None


def clears_one(params, states, hyperparams):
    w, b = params
    w.data -= hyperparams["lr"] * w.grad
    b.data -= 0.02 * hyperparams["lr"] * b.grad
    w.grad.zero_()


def clears_one_by_none(params, states, hyperparams):
    w, b = params
    w.data -= hyperparams["lr"] * w.grad
    b.data -= hyperparams["lr"] * b.grad
    w.grad = None
    b.grad.detach_().zero_()


def pops(params, states, hyperparams):
    plain([params.pop(), params.pop()], states, hyperparams)


def scales_what_is_kept(params, states, hyperparams):
    for p in params:
        p.data -= hyperparams["lr"] * p.grad
        p.grad *= 0.5


def every_third():
    t = [0]

    def rule(params, states, hyperparams):
        t[0] += 1
        if t[0] % 3 == 0:
            plain(params, states, hyperparams)

    return rule


def own_gradient():
    def rule(params, states, hyperparams):
        for p in params:
            p.data -= hyperparams["lr"] * p.grad
            p.grad = torch.zeros_like(p)

    return rule


def other_data():
    def rule(params, states, hyperparams):
        for p in params:
            p.data -= hyperparams["lr"] * p.grad
            p.grad.data = torch.zeros_like(p.grad)

    return rule


def draws_noise(params, states, hyperparams):
    for p in params:
        p.data -= hyperparams["lr"] * (p.grad + 0.01 * torch.randn_like(p))
        p.grad.data.zero_()


def insists(params, states, hyperparams):
    assert [type(p) for p in params] == [torch.Tensor] * 2 and type(params) is list
    assert all(p.is_leaf and p.requires_grad for p in params) and torch.is_grad_enabled()
    assert [tuple(p.shape) for p in params] == [(5, 1), (1,)]
    plain(params, states, hyperparams)


class Counts:
    def __init__(self):
        self.t = 0

    def __call__(self, params, states, hyperparams):
        self.t += 1
        plain(params, states, {"lr": 0.05 * min(1, self.t / 20)})


VIEWS = {
    "plain": lambda: plain,
    "written in place": lambda: updated(lambda g, _, lr: lr * g),
    "never clears": lambda: never_clears,
    "sets None": lambda: sets_none,
    "clears one": lambda: clears_one,
    "clears one by None": lambda: clears_one_by_none,
    "pops": lambda: pops,
    "scales what is kept": lambda: scales_what_is_kept,
    "every third": every_third,
    "own gradient": own_gradient,
    "other data": other_data,
    "keeps the gradient": lambda: keeps_the_gradient(plain),
    "hooks": lambda: hooks_the_gradient(plain),
    "draws noise": lambda: draws_noise,
    "insists": lambda: insists,
    "object": Counts,
    "partial": lambda: partial(lambda lr, p, s, h: plain(p, s, {"lr": lr}), 0.03),
}


@pytest.mark.parametrize("size", [1, 7, pytest.param(50, marks=pytest.mark.slow), 2000])
@pytest.mark.parametrize("name", VIEWS)
def test_a_rule_sees_what_the_plain_loop_shows_it(name, size):
    n, epochs = (100, 2) if size == 1 else (200, 4)
    records = []
    for ours in (False, True):
        rule, calls, gradients = VIEWS[name](), [], []

        def watched(params, states, hyperparams, r=rule, calls=calls, gradients=gradients):
            calls.append(description([params, states, hyperparams]))
            gradients.append(torch.cat([p.grad.detach().flatten() for p in params]))
            r(params, states, hyperparams)

        run = trained(ours, "scratch", (watched, None, {"lr": 0.05}), size, n, epochs, 3)
        records.append((run, calls, gradients))
    (expected, calls, gradients), (found, our_calls, our_gradients) = records
    assert_same(found, expected, n, size, rtol=1e-5)  # gradients that add up amplify roundings
    assert our_calls == calls
    torch.testing.assert_close(our_gradients, gradients, rtol=1e-4, atol=1e-5)


def test_states_and_hyperparameters_are_the_callers_own():
    states, hyperparams, seen = [torch.zeros(5, 1), torch.zeros(1)], {"lr": 0.01, "t": 1}, []

    def rule(params, states, hyperparams):
        seen.append((states, hyperparams))
        hyperparams["t"] += 1
        states[0] += 1
        plain(params, states, hyperparams)

    d2l.train_ch11(rule, states, hyperparams, *d2l.get_data_ch11(100))
    assert len(seen) == 30 and all(s is states and h is hyperparams for s, h in seen)
    assert hyperparams["t"] == 31 and states[0].eq(30).all()


class Own(torch.optim.SGD):
    """Clears its gradients in place, at every other step alone."""

    t = 0

    def zero_grad(self, set_to_none=True):
        self.t += 1
        if self.t % 2:
            super().zero_grad(set_to_none=False)


class Hooked(torch.optim.SGD):
    """Clips each gradient as it comes."""

    def __init__(self, params, lr):
        super().__init__(params, lr)
        for p in self.param_groups[0]["params"]:
            p.register_hook(lambda g: g.clamp(-0.1, 0.1))


@pytest.mark.parametrize("size", [7, 50, 2000])
@pytest.mark.parametrize(
    "trainer",
    [Own, Hooked, partial(torch.optim.SGD, momentum=0.5), lambda p, lr: torch.optim.Adam(p, lr)],
)
def test_an_optimizer_of_a_readers_own_is_used_as_the_plain_loop_uses_it(trainer, size):
    runs = [
        trained(ours, "concise", (trainer, {"lr": 0.01}), size, 200, 4, 3) for ours in (False, True)
    ]
    assert_same(runs[1], runs[0], 200, size)


# --- loaders


class Drawing(Dataset):
    """Draws at each sample, and counts them."""

    def __init__(self):
        self.count, self.tensors = 0, d2l.get_data_ch11()[0].dataset.tensors

    def __len__(self):
        return 100

    def __getitem__(self, i):
        self.count += 1
        return self.tensors[0][i] + 0.1 * torch.randn(5), self.tensors[1][i]


def tampered(**changes):
    """A loader of ours that its reader has changed."""

    def make():
        loader = d2l.get_data_ch11(25, 100)[0]
        for name, value in changes.items():
            setattr(loader, name, value)
        return loader

    return make


def changed_inside(part, size=25, **changes):
    """A loader of ours, of which an object that it goes through has been changed."""

    def make():
        loader = d2l.get_data_ch11(size, 100)[0]
        for name, value in changes.items():
            setattr(getattr(loader, part), name, value)
        return loader

    return make


class Halves(TensorDataset):
    def __getitem__(self, i):
        X, y = super().__getitem__(i)
        return 0.5 * X, y


class Backwards(RandomSampler):
    def __iter__(self):
        return reversed(range(len(self.data_source)))


class Pairs(BatchSampler):
    def __iter__(self):
        return iter([[i, i + 1] for i in range(0, 100, 2)])

    def __len__(self):
        return 50


def doubled(batch):
    X, y = torch.utils.data.default_collate(batch)
    return 2 * X, y


def other_samples():
    loader = d2l.get_data_ch11(25, 100)[0]
    loader.dataset.tensors = tuple(0.5 * t for t in loader.dataset.tensors)
    return loader


def changed_samples():
    loader = d2l.get_data_ch11(25, 100)[0]
    loader.dataset.tensors[0].mul_(0.5)
    return loader


class Subclass(type(d2l.get_data_ch11()[0])):
    def __iter__(self):
        return ((0.5 * X, y) for X, y in super().__iter__())


def arrays(n=100):
    return [t[:n] for t in d2l.get_data_ch11()[0].dataset.tensors]


def seeded(loader):
    return DataLoader(
        TensorDataset(*arrays()), 25, shuffle=True, generator=torch.Generator().manual_seed(1)
    )


LOADERS = {
    "a DataLoader": lambda: DataLoader(TensorDataset(*arrays()), 20, shuffle=True),
    "one in order": lambda: DataLoader(TensorDataset(*arrays()), 20),
    "one that drops the last": lambda: DataLoader(
        TensorDataset(*arrays()), 40, True, drop_last=True
    ),
    "one with a generator": lambda: seeded(None),
    "one that draws": lambda: DataLoader(Drawing(), 20, shuffle=True),
    "ours in order": lambda: d2l.load_array(arrays(), 20, is_train=False),
    "ours, a column of labels": lambda: d2l.load_array((arrays()[0], arrays()[1][:, None]), 20),
    "ours, integer labels": lambda: d2l.load_array((arrays()[0], arrays()[1].int()), 20),
    "ours, with gradients": lambda: d2l.load_array((arrays()[0].requires_grad_(), arrays()[1]), 20),
    "ours, other samples": other_samples,
    "ours, changed samples": changed_samples,
    "ours, collated otherwise": tampered(collate_fn=doubled),
    "ours, with a generator": tampered(generator=torch.Generator().manual_seed(5)),
    "ours, a generator inside": lambda: changed_inside(
        "sampler", generator=torch.Generator().manual_seed(5)
    )(),
    "ours, with replacement": changed_inside("sampler", replacement=True),
    "ours, more draws": changed_inside("sampler", _num_samples=200),
    "ours, other indices": changed_inside("sampler", data_source=range(50)),
    "ours, another sampler": changed_inside("sampler", __class__=Backwards),
    "ours, another order": changed_inside("batch_sampler", sampler=range(100)),
    "ours, another size": changed_inside("batch_sampler", batch_size=20),
    "ours, drops the last": changed_inside("batch_sampler", size=40, drop_last=True),
    "ours, another batch sampler": changed_inside("batch_sampler", __class__=Pairs),
    "ours, another dataset": changed_inside("dataset", __class__=Halves),
    "ours, fetched otherwise": lambda: changed_inside(
        "dataset", __getitems__=lambda indices: [(torch.ones(5), torch.ones(()))] * len(indices)
    )(),
    "a subclass of ours": lambda: Subclass(arrays(), 20, True),
    "a list": lambda: [(X, y) for X, y in DataLoader(TensorDataset(*arrays()), 50)],
    "a tuple of lists": lambda: tuple([X, y] for X, y in DataLoader(TensorDataset(*arrays()), 50)),
}


@pytest.mark.parametrize("train", ["scratch", "concise"])
@pytest.mark.parametrize("name", LOADERS)
def test_a_loader_is_iterated_as_the_plain_loop_iterates_it(name, train):
    head = (plain, None, {"lr": 0.05}) if train == "scratch" else (torch.optim.SGD, {"lr": 0.02})
    runs = []
    for ours in (False, True):
        runs.append(trained(ours, train, head, 25, 100, 4, 3, LOADERS[name]))
    assert_same(runs[1], runs[0], 100, 25)
    records = {"ours, more draws": 4} | dict.fromkeys(
        ("one that drops the last", "ours, drops the last", "ours, other indices"), 1
    )
    assert len(runs[1][0]) == records.get(name, 2)


def test_samples_with_gradients_get_them():
    X, y = (t.clone() for t in arrays())
    d2l.train_ch11(plain, None, {"lr": 0.05}, d2l.load_array((X.requires_grad_(), y), 20), 5)
    assert X.grad.any()


def test_a_readers_dataset_is_asked_as_often_as_by_the_plain_loop():
    counts = []
    for ours in (False, True):
        dataset = Drawing()
        trained(ours, "scratch", (plain, None, {"lr": 0.05}), 25, 100, 4, 3,
                lambda dataset=dataset: DataLoader(dataset, 20, shuffle=True))  # fmt: skip
        counts.append(dataset.count)
    assert counts[0] == counts[1] == 400 + 200


def test_ours_is_not_iterated(monkeypatch):
    monkeypatch.setattr(DataLoader, "__iter__", lambda self: pytest.fail("iterated"))
    d2l.train_ch11(plain, None, {"lr": 0.05}, *d2l.get_data_ch11())
    d2l.train_concise_ch11(torch.optim.SGD, {"lr": 0.01}, d2l.get_data_ch11()[0])
    arrays = torch.randn(60, 3), torch.randn(60)
    d2l.train_concise_ch11(torch.optim.SGD, {"lr": 0.01}, d2l.load_array(arrays, 20))
    d2l.train_concise_ch11(torch.optim.SGD, {"lr": 0.01}, copy.deepcopy(d2l.load_array(arrays, 20)))
    changed = d2l.load_array(arrays, 20)
    changed.dataset.tensors[0].mul_(0.5)
    d2l.train_concise_ch11(torch.optim.SGD, {"lr": 0.01}, changed)


# --- when is recorded


@pytest.mark.parametrize(
    "size, n, epochs, at",
    [
        (10, 1500, 2, [k / 7.5 for k in range(1, 16)]),
        (1500, 1500, 6, [2, 4, 6]),
        (1500, 1500, 1, [1]),  # never at a multiple of 200: the end
        (64, 1500, 2, [2]),
        (200, 1503, 1, [k / 8 for k in range(1, 8)]),
        (7, 150, 1, [1]),
    ],
)
def test_at_multiples_of_200_samples_and_never_before_training(size, n, epochs, at):
    loader, d = d2l.get_data_ch11(size, n)
    times, losses = d2l.train_ch11(plain, None, {"lr": 0.01}, loader, d, epochs)
    np.testing.assert_allclose(plt.gca().lines[0].get_xdata(), at, rtol=1e-12)
    assert len(times) == len(losses) == len(at)
    assert times == sorted(times) and times[0] > 0
    assert all(type(value) is float for value in [*times, *losses])


def test_two_and_four_epochs_and_batches_of_10_by_default():
    loader, d = d2l.get_data_ch11()
    assert (loader.batch_size, len(loader.dataset)) == (10, 1500)
    assert len(d2l.train_ch11(plain, None, {"lr": 0.01}, loader, d)[0]) == 15
    d2l.train_concise_ch11(torch.optim.SGD, {"lr": 0.01}, loader)
    assert len(plt.gca().lines[0].get_xdata()) == 30


# --- the shell


@pytest.mark.parametrize("train", ["scratch", "concise"])
def test_a_line_is_printed_and_a_figure_drawn(train, capsys):
    plt.figure()
    loader, d = d2l.get_data_ch11()
    if train == "scratch":
        d2l.train_ch11(plain, None, {"lr": 0.05}, loader, d, 3)
    else:
        d2l.train_concise_ch11(torch.optim.SGD, {"lr": 0.02}, loader, 3)
    printed = capsys.readouterr()
    ax = plt.gca()
    x, y = ax.lines[0].get_data()
    assert LINE.fullmatch(printed.out)[1] == f"{y[-1]:.3f}" and printed.err == ""
    assert (ax.get_xlabel(), ax.get_ylabel(), len(ax.lines)) == ("epoch", "loss", 1)
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 3), (0.22, 0.35))
    assert plt.get_fignums() == [1, 2] and x[-1] <= 3
    assert tuple(ax.figure.get_size_inches()) == (3.5, 2.5)


def test_divergence_is_recorded_and_warned_of(capsys):
    loader, d = d2l.get_data_ch11(100)
    with pytest.warns(RuntimeWarning, match="diverged.*learning rate.*not standardised") as caught:
        _, losses = d2l.train_ch11(plain, None, {"lr": 100}, loader, d, 10)
    assert caught[0].filename == __file__
    assert not math.isfinite(losses[-1]) and capsys.readouterr().out.startswith("loss: nan, ")


def jumps_to(value):
    """A rule, and an optimizer, that puts the weights there at once."""

    def rule(params, states, hyperparams):
        params[0].data.fill_(value)
        params[0].grad.zero_()

    class Jumps(torch.optim.SGD):
        def step(self):
            self.param_groups[0]["params"][0].data.fill_(value)

    return rule, Jumps


@pytest.mark.parametrize("train", ["scratch", "concise"])
@pytest.mark.parametrize("value", [1e15, 1e17, 3e17, 1e18, 2e18, 4e18, 8e18, 3e19, math.inf])
def test_a_loss_leaves_float32_where_the_plain_loop_has_it_leave(value, train):
    """A sum over a batch must fit, not one over all samples."""
    rule, Jumps = jumps_to(value)
    head = (rule, None, {}) if train == "scratch" else (Jumps, {"lr": 1.0})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runs = [trained(ours, train, head, 2, 400, 1, 0) for ours in (False, True)]
    np.testing.assert_allclose(runs[1][0], runs[0][0], rtol=1e-6)


def test_a_call_after_a_call_goes_on_with_the_same_draws():
    """Also where one of our functions and a plain one take turns."""
    results = []
    for first, second in ((textbook, textbook), (textbook, d2l), (d2l, textbook), (d2l, d2l)):
        torch.manual_seed(5)
        for module in (first, second):
            if module is textbook:
                loader = textbook.make_loader(10, 400)
                losses = textbook.train_scratch(plain, None, {"lr": 0.05}, *loader).losses
            else:
                losses = d2l.train_ch11(plain, None, {"lr": 0.05}, *d2l.get_data_ch11(10, 400))[1]
        results.append(losses)
    for losses in results[1:]:
        np.testing.assert_allclose(losses, results[0], rtol=1e-6)


@pytest.fixture
def defaults():
    yield
    torch.set_default_dtype(torch.float32)
    torch.set_default_device("cpu")


def test_torchs_defaults_do_not_leak_into_our_loader(defaults):
    def run():
        torch.manual_seed(0)
        loader, d = d2l.get_data_ch11(50)
        return d2l.train_ch11(plain, None, {"lr": 0.1}, loader, d)[1]

    expected = run()
    torch.set_default_dtype(torch.float64)
    assert run() == expected
    torch.set_default_device("meta")
    assert run() == expected
    torch.set_default_device("cpu")
    with torch.no_grad(), pytest.raises(ValueError, match=r"^data_iter"):
        d2l.train_ch11(plain, None, {"lr": 0.1}, [(torch.zeros(2, 5), torch.zeros(2))], 5)


# --- data


def test_the_data_are_standardised_in_single_precision():
    ours, d = d2l.get_data_ch11(30, 700)
    theirs, dim = textbook.make_loader(30, 700)
    assert d == dim == 5
    for mine, right in zip(ours.dataset.tensors, theirs.dataset.tensors):
        assert mine.dtype == torch.float32 and torch.equal(mine, right)
    assert len(d2l.get_data_ch11(10, 10**6)[0].dataset) == 1503
    torch.manual_seed(0)
    batches = list(ours)
    torch.manual_seed(0)
    for (X, y), (right_X, right_y) in zip(batches, theirs, strict=True):
        assert torch.equal(X, right_X) and torch.equal(y, right_y)


def test_the_file_is_the_packages_own_and_the_network_is_not_asked(monkeypatch, tmp_path):
    import socket

    monkeypatch.setattr(socket, "socket", lambda *all, **named: pytest.fail("the network"))
    monkeypatch.chdir(tmp_path)
    path = d2l.download("airfoil")
    table = np.genfromtxt(path, dtype=np.float32, delimiter="\t")
    assert table.shape == (1503, 6) and not list(tmp_path.iterdir())
    address, sha1 = d2l.DATA_HUB["airfoil"]
    assert address == d2l.DATA_URL + "airfoil_self_noise.dat"
    with open(path, "rb") as file:
        content = file.read()
    assert hashlib.sha1(content).hexdigest() != sha1
    assert hashlib.sha1(content.replace(b"\n", b"\r\n")).hexdigest() == sha1


def test_load_array_makes_a_loader():
    X, y = torch.arange(14.0).reshape(7, 2), torch.arange(7.0)
    in_order = d2l.load_array((X, y), 3, False)
    assert isinstance(in_order, DataLoader) and len(in_order) == 3
    assert torch.equal(torch.cat([batch for _, batch in in_order]), y)
    shuffled = d2l.load_array([X, y], 3)
    seen = torch.cat([batch for _, batch in shuffled])
    assert not torch.equal(seen, y) and torch.equal(seen.sort()[0], y)
    (only,) = next(iter(d2l.load_array((X,), 7, False)))
    assert torch.equal(only, X)


def test_evaluate_loss_is_the_mean_over_all_and_draws_as_a_pass_does():
    loader, _ = d2l.get_data_ch11(64)
    net = nn.Linear(5, 1)
    X, y = loader.dataset.tensors
    expected = ((net(X) - y[:, None]) ** 2).mean().item()
    states = []
    for evaluate in (d2l.evaluate_loss, textbook.evaluate):
        torch.manual_seed(0)
        found = evaluate(net, loader, nn.MSELoss(reduction="none"))
        states.append(torch.get_rng_state())
        assert found == pytest.approx(expected, rel=1e-6)
    assert torch.equal(*states)
    halves = d2l.evaluate_loss(net, [(X, y[:, None])], d2l.squared_loss)
    assert halves == pytest.approx(expected / 2, rel=1e-6)
    averages = d2l.evaluate_loss(net, [(X[:10], y[:10]), (X[:2], y[:2])], nn.MSELoss())
    parts = [((net(X[:k]) - y[:k, None]) ** 2).mean().item() for k in (10, 2)]
    assert averages == pytest.approx(sum(parts) / 2, rel=1e-6)


# --- names


def test_a_star_import_brings_the_public_names_and_no_more():
    names = {}
    exec("from d2l_ch7.ch11 import *", names)
    del names["__builtins__"]
    assert set(names) == {
        *("plot", "get_data_ch11", "train_ch11", "train_concise_ch11", "Animator", "Timer"),
        *("evaluate_loss", "load_array", "DATA_HUB", "DATA_URL", "download", "train_2d"),
        *("show_trace_2d", "set_figsize", "use_svg_display", "linreg", "squared_loss", "plt"),
    }


@pytest.mark.parametrize(
    "name, said",
    [
        ("load_data_fashion_mnist", "schedulers.*networks and images"),
        ("train_ch6", "schedulers.*networks and images"),
        ("try_gpu", "schedulers"),
        ("train_ch7", r"d2l_ch7\.train_ch7"),
        ("fit", r"d2l_ch7\.fit"),
        ("optimizers", r"d2l_ch7\.optimizers"),
        ("tarin_ch11", "'tarin_ch11'"),
    ],
)
def test_a_name_that_is_not_here_is_told_where_it_is(name, said):
    with pytest.raises(AttributeError, match=said):
        getattr(d2l, name)
    assert not hasattr(d2l, "__path__") and not hasattr(d2l, name)
