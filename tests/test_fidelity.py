"""A reader's own code sees what the book's loop shows it, and nothing else calls it.

Each kind of rule and of optimizer that people write is run by the textbook loop and by the
package, and both are watched: how often the code was called, with what, on which gradients.
"""

import copy
import functools
import types
from typing import ClassVar

import numpy as np
import pytest
import textbook
import torch
from helpers import (
    assert_same,
    description,
    first,
    generators,
    hooks_the_gradient,
    keeps_the_gradient,
    nothing_touched,
    seed_both,
)
from torch import nn
from torch.optim import SGD, Optimizer

import d2l_ch7 as d2l

# --- what a call shows


def gradient_now(p):
    """A copy; nan where there is none."""
    return torch.full_like(p.data, torch.nan) if p.grad is None else p.grad.clone()


class Watched:
    """A rule or a factory of optimizers that keeps a record of its calls."""

    def __init__(self, code):
        self.code, self.calls, self.gradients, self.objects = code, [], [], []

    def rule(self, params, states, hyperparams):
        self.calls.append(description([params, states, hyperparams]))
        self.gradients.append([gradient_now(p) for p in params])
        return self.code(params, states, hyperparams)

    def factory(self, params, **hyperparams):
        self.calls.append((type(params).__name__, description(hyperparams)))
        params = list(params)
        self.calls.append(description(params))
        optimizer = self.code((p for p in params), **hyperparams)
        step = optimizer.step

        def watched_step():
            self.calls.append(description(params))
            self.gradients.append([gradient_now(p) for p in params])
            return step()

        optimizer.step = watched_step
        self.objects.append(optimizer)
        return optimizer


def watch_both(kind, make, data, states, hyperparams, batch_size):
    """The textbook loop and the package, each with code made anew; their runs and records."""
    records, runs = [], []
    for ours in (False, True):
        watched = Watched(make())
        seed_both(3)
        arguments = {**hyperparams}
        if kind == "rule":
            own_states = states()
            if ours:
                run = d2l.fit(watched.rule, own_states, arguments, *data, batch_size, seed=3)
            else:
                run = textbook.train_scratch(watched.rule, own_states, arguments, *data, batch_size)
        elif ours:
            run = d2l.fit_torch(watched.factory, arguments, *data, batch_size, seed=3)
        else:
            run = textbook.train_torch(watched.factory, arguments, *data, batch_size)
        records.append(watched)
        runs.append(run)
    return runs, records


def assert_seen_alike(runs, records):
    """Same numbers; same calls, in number, types and shapes; same gradients, step for step."""
    theirs, ours = records
    assert_same(runs[1], runs[0], atol=1e-9)
    assert len(ours.objects) == len(theirs.objects) <= 1
    assert ours.calls == theirs.calls
    for found, expected in zip(ours.gradients, theirs.gradients, strict=True):
        for g, e in zip(found, expected, strict=True):
            torch.testing.assert_close(g, e, rtol=1e-4, atol=1e-5, equal_nan=True)


# --- rules


def plain(params, states, hyperparams):
    for p in params:
        p.data -= 0.05 * p.grad


def pops(params, states, hyperparams):
    b, w = params.pop(), params.pop()
    w.data -= 0.05 * w.grad
    b.data -= 0.05 * b.grad


def normalised():
    def rule(params, states, hyperparams):
        norm = torch.cat([p.grad.flatten() for p in params]).norm()
        for p in params:
            p.data -= 0.01 * p.grad / norm

    return rule


def a_rate_a_feature(params, states, hyperparams):
    w, b = params
    w.data -= 0.02 * torch.tensor([[1.0, 2, 1, 2, 1]]).t() * w.grad
    b.data -= 0.02 * b.grad


def insists_on_six_parameters(params, states, hyperparams):
    assert sum(p.numel() for p in params) == 6 and [p.dim() for p in params] == [2, 1]
    plain(params, states, hyperparams)


class WarmUp:
    """Keeps its own count of steps."""

    def __init__(self):
        self.t = 0

    def __call__(self, params, states, hyperparams):
        self.t += 1
        for p in params:
            p.data -= 0.05 * min(1, self.t / 20) * p.grad


def makes_its_velocity_at_the_first_call():
    velocity = []

    def rule(params, states, hyperparams):
        if not velocity:
            velocity.extend(torch.zeros_like(p) for p in params)
        for p, v in zip(params, velocity):
            v.mul_(0.5).add_(p.grad, alpha=0.02)
            p.data -= v

    return rule


def puts_its_own_gradient():
    """Which the loop then zeroes and fills, as it does with any."""
    mine = []

    def rule(params, states, hyperparams):
        for p in params:
            own = p.grad * 1.0
            p.data -= 0.05 * own
            p.grad = own
            mine.append(own)
        if len(mine) > 2:
            assert not torch.equal(mine[-4], torch.full_like(mine[-4], 7))

    return rule


def with_states(params, states, hyperparams):
    for p, v in zip(params, states["v"]):
        v[:] = 0.5 * v + 0.02 * p.grad
        p.data -= v
    hyperparams["t"] = hyperparams.get("t", 0) + 1


def draws_noise(params, states, hyperparams):
    for p in params:
        p.data -= 0.05 * (p.grad + 0.01 * torch.randn_like(p) + 0.01 * np.random.normal())


def no_states():
    return None


def velocities():
    return {"v": (torch.zeros(5, 1), torch.zeros(1))}


RULES = {
    "plain": (lambda: plain, no_states),
    "pops": (lambda: pops, no_states),
    "normalised": (normalised, no_states),
    "a rate a feature": (lambda: a_rate_a_feature, no_states),
    "six parameters": (lambda: insists_on_six_parameters, no_states),
    "object": (WarmUp, no_states),
    "closure": (makes_its_velocity_at_the_first_call, no_states),
    "keeps gradient": (lambda: keeps_the_gradient(plain), no_states),
    "own gradient": (puts_its_own_gradient, no_states),
    "hooks": (lambda: hooks_the_gradient(plain), no_states),
    "states": (lambda: with_states, velocities),
    "noise": (lambda: draws_noise, no_states),
    "lambda": (lambda: lambda p, s, h: plain(p, s, h), no_states),
    "partial": (lambda: functools.partial(lambda lr, p, s, h: plain(p, s, h), 0.1), no_states),
    "method": (lambda: types.MethodType(lambda self, p, s, h: plain(p, s, h), object()), no_states),
}


@pytest.mark.parametrize("batch_size", [1, 7, 60, 1000])
@pytest.mark.parametrize("name", RULES)
def test_rules_see_what_the_loop_shows_them(name, batch_size, data):
    make, states = RULES[name]
    small = first(data, 60 if batch_size == 1 else 130)
    assert_seen_alike(*watch_both("rule", make, small, states, {"lr": 0.05}, batch_size))


# --- optimizers


class CountsGlobally(Optimizer):
    """A rate that falls with a count that the class keeps."""

    count: ClassVar = [0]

    def __init__(self, params, lr):
        type(self).count[0] = 0
        super().__init__(params, {"lr": lr})

    def step(self):
        self.count[0] += 1
        for p in self.param_groups[0]["params"]:
            p.data -= 0.3 / self.count[0] ** 0.5 * p.grad


class Normalised(Optimizer):
    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr})

    def step(self):
        for p in self.param_groups[0]["params"]:
            p.data -= 0.1 * p.grad / p.grad.norm()


class PerFeature(Optimizer):
    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr})

    def step(self):
        w, b = self.param_groups[0]["params"]
        assert w.numel() + b.numel() == 6
        w.data -= 0.02 * torch.tensor([[1.0, 2, 1, 2, 1]]) * w.grad
        b.data -= 0.02 * b.grad


class KeepsGradients(Optimizer):
    """The step by the difference of two gradients, which it does not copy."""

    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr})

    def step(self):
        for p in self.param_groups[0]["params"]:
            before = self.state[p].get("before", torch.zeros_like(p))
            p.data -= 0.05 * (p.grad + 0.5 * (p.grad - before))
            self.state[p]["before"] = p.grad


class Accumulates(SGD):
    """Clears the gradients at every third step alone, so that they add up."""

    t = 0

    def zero_grad(self, set_to_none=True):
        if self.t % 3 == 0:
            super().zero_grad(set_to_none=set_to_none)
        self.t += 1


class ZeroesInPlace(SGD):
    def zero_grad(self, set_to_none=True):
        super().zero_grad(set_to_none=False)


class Hooked(SGD):
    """Clips each gradient as it comes."""

    def __init__(self, params, lr):
        super().__init__(params, lr=lr)
        for p in self.param_groups[0]["params"]:
            p.register_hook(lambda g: g.clamp(-0.1, 0.1))


class Bundle:
    """An optimizer with a scheduler; no Optimizer itself."""

    def __init__(self, params, lr):
        self.optimizer = SGD(params, lr=lr)
        self.scheduler = torch.optim.lr_scheduler.StepLR(self.optimizer, 5, 0.5)
        self.cleared = 0

    def zero_grad(self):
        self.optimizer.zero_grad()
        self.cleared += 1

    def step(self):
        self.optimizer.step()
        self.scheduler.step()


def steps_in_hooks(params, lr):
    """The whole step is made while backward() runs."""
    params = list(params)
    each = {p: SGD([p], lr=lr) for p in params}
    for p in params:
        p.register_post_accumulate_grad_hook(lambda p: each[p].step())
    return types.SimpleNamespace(
        step=lambda: None, zero_grad=lambda: [o.zero_grad() for o in each.values()]
    )


def takes_one_after_the_other(params, lr):
    w = next(params)
    b = next(params)
    assert next(params, None) is None
    return SGD([{"params": [w]}, {"params": [b], "lr": 2 * lr}], lr=lr)


def without_a_bias(params, lr):
    """Freezes one of the two parameters before the run."""
    w, b = params
    b.data.zero_()
    b.requires_grad_(False)
    return SGD([w, b], lr=lr)


class ThawsLate(SGD):
    """Freezes the weight for some steps, and later the bias."""

    t = 0

    def step(self):
        super().step()
        self.t += 1
        w, b = self.param_groups[0]["params"]
        w.requires_grad_(not 2 <= self.t < 6)
        b.requires_grad_(self.t < 8)


def named_as_a_rules(params, lr, batch_size):
    return SGD(params, lr=lr)


OPTIMIZERS = {
    "SGD": SGD,
    "Adam": torch.optim.Adam,
    "global count": CountsGlobally,
    "normalised": Normalised,
    "a rate a feature": PerFeature,
    "keeps gradients": KeepsGradients,
    "accumulates": Accumulates,
    "zeroes in place": ZeroesInPlace,
    "hooks": Hooked,
    "bundle": Bundle,
    "steps in hooks": steps_in_hooks,
    "frozen": without_a_bias,
    "frozen for some steps": ThawsLate,
    "one after the other": takes_one_after_the_other,
    "partial": functools.partial(SGD, momentum=0.5),
    "lambda": lambda params, lr: torch.optim.RMSprop(params, lr=lr),
}


@pytest.mark.parametrize("batch_size", [1, 7, 60, 1000])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_see_what_the_loop_shows_them(name, batch_size, data):
    small = first(data, 60 if batch_size == 1 else 130)
    runs, records = watch_both(
        "torch", lambda: OPTIMIZERS[name], small, None, {"lr": 0.02}, batch_size
    )
    assert_seen_alike(runs, records)
    if name == "bundle":
        cleared = [watched.objects[0].cleared for watched in records]
        assert cleared[0] == cleared[1] == len(records[1].gradients)


@pytest.mark.parametrize("name", [n for n in OPTIMIZERS if n not in ("SGD", "Adam")])
def test_a_readers_class_itself_is_used_as_the_loop_uses_it(name, data):
    """Not wrapped: what is decided by the class alone is decided rightly."""
    small = first(data, 130)
    seed_both(3)
    expected = textbook.train_torch(OPTIMIZERS[name], {"lr": 0.02}, *small)
    with nothing_touched():
        assert_same(d2l.fit_torch(OPTIMIZERS[name], {"lr": 0.02}, *small, seed=3), expected)
    seed_both(3)
    d2l.train_pytorch_ch7(OPTIMIZERS[name], {"lr": 0.02}, *small)
    found = d2l.plt.gca().lines[0].get_ydata()
    np.testing.assert_allclose(found, expected.losses, rtol=1e-6)


@pytest.mark.parametrize("name", RULES)
def test_the_shell_calls_rules_on_the_callers_own_states(name, data):
    make, states = RULES[name]
    small, given, hyperparams, seen = first(data, 130), states(), {"lr": 0.05}, []
    rule = make()

    def watched(params, states, hyperparams):
        seen.append((states, hyperparams))
        rule(params, states, hyperparams)

    d2l.train_ch7(watched, given, hyperparams, *small)
    assert len(seen) == 26 and all(s is given and h is hyperparams for s, h in seen)


# --- many seeds of one's own code


SEEDS = [3, 0, 3]
STEPS = 26  # of a run of 130 samples, 10 a batch, twice
REMEMBERS = (
    "object",
    "closure",
    "hooks",
    "keeps gradient",
)  # something of their own from run to run


@pytest.mark.parametrize("name", [n for n in RULES if n not in REMEMBERS])
def test_many_seeds_of_a_readers_rule_are_its_single_runs(name, data):
    make, states = RULES[name]
    small = first(data, 130)
    with nothing_touched():
        many = d2l.fit(make(), states(), {"lr": 0.05}, *small, seed=SEEDS)
    for i, seed in enumerate(SEEDS):
        one = d2l.fit(make(), states(), {"lr": 0.05}, *small, seed=seed)
        np.testing.assert_array_equal(many.losses[i], one.losses)


@pytest.mark.parametrize("seeds", [[0], [0, 1], [3, 0, 3, 1]])
def test_many_seeds_call_a_readers_code_once_a_step_of_each(seeds, data):
    """What it is tried with beside is a copy: its own count, log and gradients are its own."""
    calls, made, small = [], [], first(data, 130)

    def rule(params, states, hyperparams):
        calls.append(tuple(p.shape for p in params))
        plain(params, states, hyperparams)

    d2l.fit(rule, None, {}, *small, seed=seeds)
    assert calls == [((5, 1), (1,))] * STEPS * len(seeds)

    def factory(params, lr):
        made.append(Bundle(params, lr))
        return made[-1]

    d2l.fit_torch(factory, {"lr": 0.05}, *small, seed=seeds)
    assert [one.cleared for one in made] == [STEPS] * len(seeds)


class LateState:
    """Its count matters from a step on that the first run does not reach."""

    def __init__(self, late):
        self.t, self.late = 0, late

    def __call__(self, params, states, hyperparams):
        self.t += 1
        for p in params:
            p.data -= (0.05 if self.t < self.late else 0.01) * p.grad


class Cycles:
    """A rate that swings with a period of its own."""

    def __init__(self, period):
        self.t, self.period = 0, period

    def __call__(self, params, states, hyperparams):
        self.t += 1
        for p in params:
            p.data -= (0.05 if self.t % self.period else 0.01) * p.grad


class RemembersInTheClass(SGD):
    count: ClassVar = [0]

    def step(self):
        self.count[0] += 1
        self.param_groups[0]["lr"] = 0.1 / self.count[0]
        super().step()


def own_generator():
    noise = np.random.default_rng(0)

    def rule(params, states, hyperparams):
        for p in params:
            p.data -= 0.05 * p.grad + float(noise.normal()) * 1e-3

    return rule


@pytest.mark.parametrize(
    "make",
    [
        WarmUp,
        makes_its_velocity_at_the_first_call,
        lambda: hooks_the_gradient(plain),
        own_generator,
        lambda: LateState(STEPS + 3),
        lambda: LateState(2 * STEPS + 3),
        lambda: LateState(3 * STEPS),
        lambda: Cycles(7),
        lambda: Cycles(2 * STEPS),
        lambda: Cycles(3 * STEPS),
        lambda: RemembersInTheClass,
    ],
)
def test_code_that_remembers_from_run_to_run_is_refused_or_right(make, data):
    code, small = make(), first(data, 130)

    def fit(code, seed):
        if isinstance(code, type):
            code.count[0] = 0
            return d2l.fit_torch(code, {"lr": 0.1}, *small, seed=seed)
        return d2l.fit(code, None, {}, *small, seed=seed)

    with nothing_touched():
        try:
            many = fit(code, [0, 1, 2])
        except ValueError as error:
            assert str(error).startswith("optimizer_fn: ")
            assert "states" in str(error) and "hyperparams" in str(error)
            return
    for i in range(3):
        np.testing.assert_allclose(many.losses[i], fit(make(), i).losses, rtol=1e-6)


def test_marked_code_goes_in_one_pass_and_keeps_its_word(data):
    shapes, small = [], first(data, 130)

    def rule(params, states, hyperparams):
        shapes.append([tuple(p.shape) for p in params])
        for p, v in zip(params, states):
            v[:] = 0.5 * v + 0.02 * p.grad
            p.data -= v

    init = d2l.optimizers.init_momentum_states
    for states in (init, init([torch.zeros(5, 1), torch.zeros(1)])):
        shapes.clear()
        many = d2l.fit(rule, states, {}, *small, seed=SEEDS, elementwise=True)
        assert shapes == [[(3, 5, 1), (3, 1, 1)]] * STEPS
        for i, seed in enumerate(SEEDS):
            one = d2l.fit(rule, states, {}, *small, seed=seed)
            np.testing.assert_allclose(many.losses[i], one.losses, rtol=1e-6)

    class Own(SGD):
        pass

    many = d2l.fit_torch(Own, {"lr": 0.05}, *small, seed=SEEDS, elementwise=True)
    expected = d2l.fit_torch(SGD, {"lr": 0.05}, *small, seed=SEEDS)
    np.testing.assert_allclose(many.losses, expected.losses, rtol=1e-6)


def test_marked_code_may_keep_numbers_among_its_states(data):
    def rule(params, states, hyperparams):
        for p, (v, share) in zip(params, states):
            v[:] = share * v + 0.02 * p.grad
            p.data -= v

    states = [[torch.zeros(5, 1), 0.5], [torch.zeros(1), 0.5]]
    small = first(data, 130)
    many = d2l.fit(rule, states, {}, *small, seed=SEEDS, elementwise=True)
    one = d2l.fit(rule, states, {}, *small, seed=SEEDS[0])
    np.testing.assert_allclose(many.losses[0], one.losses, rtol=1e-6)


def test_a_rule_that_diverges_to_nan_is_not_taken_for_one_that_remembers(data):
    def rule(params, states, hyperparams):
        for p in params:
            p.data -= hyperparams["lr"] * p.grad

    with pytest.warns(RuntimeWarning, match="diverge"):
        many = d2l.fit(rule, None, {"lr": 1e6}, *first(data, 500), seed=SEEDS)
    assert np.isnan(many.losses[:, -1]).all()


def test_marked_code_that_draws_is_refused(data):
    with nothing_touched(), pytest.raises(ValueError, match=r"^optimizer_fn: .*random"):
        d2l.fit(draws_noise, None, {}, *first(data, 50), seed=SEEDS, elementwise=True)


def test_marked_code_that_remembers_from_block_to_block_is_refused(data, monkeypatch):
    from d2l_ch7 import _runs

    monkeypatch.setattr(_runs, "_SEEDS_A_BLOCK", 2)
    with pytest.raises(ValueError, match=r"^optimizer_fn: .*states"):
        d2l.fit(WarmUp(), None, {}, *first(data, 50), seed=range(4), elementwise=True)
    d2l.fit(plain, None, {}, *first(data, 50), seed=range(4), elementwise=True)


def test_states_of_a_readers_own_with_one_of_our_rules_are_made_run_by_run(data):
    seen, small = [], first(data, 130)

    def init(params):
        seen.append([type(p) for p in params] + [tuple(p.shape) for p in params])
        return [torch.full_like(p, p.data.abs().mean().item()) for p in params]

    rule, hyperparams = d2l.optimizers.momentum, {"lr": 0.02, "momentum": 0.5}
    many = d2l.fit(rule, init, hyperparams, *small, seed=range(5))
    assert set(map(tuple, seen)) == {(nn.Parameter, nn.Parameter, (5, 1), (1,))}
    for seed in range(5):
        one = d2l.fit(rule, init, hyperparams, *small, seed=seed)
        np.testing.assert_array_equal(many.losses[seed], one.losses)


# --- failures


class Boom(Exception):
    pass


def fails_at(step):
    t = [0]

    def rule(params, states, hyperparams):
        t[0] += 1
        torch.rand(1), np.random.rand()
        if t[0] == step:
            raise Boom("mine")
        plain(params, states, hyperparams)

    return rule


def fails_when_made(params, lr):
    torch.rand(1), np.random.rand()
    raise Boom("mine")


def fails_when_it_steps(params, lr):
    optimizer = SGD(params, lr=lr)
    optimizer.step = lambda: fails_at(1)(None, None, None)
    return optimizer


def fails_at_states(params):
    torch.rand(1), np.random.rand()
    raise Boom("mine")


FAILURES = {
    "first step": ("optimizer_fn", lambda d, **s: d2l.fit(fails_at(1), None, {}, *d, **s)),
    "made": ("optimizer_fn", lambda d, **s: d2l.fit_torch(fails_when_made, {"lr": 1}, *d, **s)),
    "step": ("optimizer_fn", lambda d, **s: d2l.fit_torch(fails_when_it_steps, {"lr": 1}, *d, **s)),
    "states": ("states", lambda d, **s: d2l.fit(plain, fails_at_states, {}, *d, **s)),
    "states of ours": (
        "states",
        lambda d, **s: d2l.fit(d2l.optimizers.adam, fails_at_states, {"lr": 0.1, "t": 1}, *d, **s),
    ),
}


@pytest.mark.parametrize("seed", [None, 0, [0], [0, 1]])
@pytest.mark.parametrize("name", FAILURES)
def test_code_that_fails_at_first_is_told_by_its_argument_and_leaves_no_trace(name, seed, data):
    argument, call = FAILURES[name]
    with nothing_touched(), pytest.raises(ValueError, match=f"^{argument}: .*mine") as caught:
        call(first(data, 50), seed=seed)
    assert isinstance(caught.value.__cause__, Boom)


@pytest.mark.parametrize("seed", [None, 0, [0, 1]])
@pytest.mark.parametrize("step", [2, 7])
def test_an_error_in_the_middle_is_the_readers_own_and_leaves_no_trace(step, seed, data):
    with nothing_touched(), pytest.raises(Boom, match="mine"):
        d2l.fit(fails_at(step), None, {}, *first(data, 50), seed=seed)


@pytest.mark.parametrize("name", ["states", "hyperparams", "step", "made", "late"])
def test_a_shell_that_fails_prints_and_draws_nothing(name, data, capsys):
    small = first(data, 50)
    states, hyperparams = [torch.zeros(3, 1), torch.zeros(1)], {"lr": 0.1}
    calls = {
        "states": lambda: d2l.train_ch7(
            d2l.optimizers.momentum, states, {"lr": 0.1, "momentum": 0.5}, *small
        ),
        "hyperparams": lambda: d2l.train_ch7(d2l.optimizers.momentum, states, hyperparams, *small),
        "step": lambda: d2l.train_ch7(fails_at(1), states, hyperparams, *small),
        "made": lambda: d2l.train_pytorch_ch7(fails_when_made, hyperparams, *small),
        "late": lambda: d2l.train_ch7(fails_at(9), states, hyperparams, *small),
    }
    with nothing_touched(), pytest.raises((ValueError, Boom)):
        calls[name]()
    assert capsys.readouterr().out == ""
    assert hyperparams == {"lr": 0.1} and not any(s.any() for s in states)


# --- what surrounds a run


@pytest.fixture
def defaults():
    yield
    torch.set_default_dtype(torch.float32)
    torch.set_default_device("cpu")


EVERY = {
    "sgd": lambda d, s: d2l.fit(d2l.optimizers.sgd, None, {"lr": 0.05}, *d, seed=s),
    "adam": lambda d, s: d2l.fit(
        d2l.optimizers.adam, d2l.optimizers.init_adam_states, {"lr": 0.01, "t": 1}, *d, seed=s
    ),
    "full batch": lambda d, s: d2l.fit(d2l.optimizers.sgd, None, {"lr": 0.5}, *d, 1000, 3, seed=s),
    "own rule": lambda d, s: d2l.fit(a_rate_a_feature, None, {}, *d, seed=s),
    "SGD": lambda d, s: d2l.fit_torch(SGD, {"lr": 0.05}, *d, seed=s),
    "Adam": lambda d, s: d2l.fit_torch(torch.optim.Adam, {"lr": 0.01}, *d, seed=s),
    "NAdam": lambda d, s: d2l.fit_torch(torch.optim.NAdam, {"lr": 0.01}, *d, seed=s),
    "ASGD": lambda d, s: d2l.fit_torch(torch.optim.ASGD, {"lr": 0.01}, *d, seed=s),
    "own class": lambda d, s: d2l.fit_torch(PerFeature, {"lr": 0.01}, *d, seed=s),
}


@pytest.mark.parametrize("seed", [None, 0, [0, 1]])
@pytest.mark.parametrize("name", EVERY)
def test_torchs_defaults_do_not_leak_in(name, seed, data, defaults):
    small = first(data, 130)
    seed_both(0)
    expected = EVERY[name](small, seed)
    for change, get in (
        (lambda: torch.set_default_dtype(torch.float64), torch.get_default_dtype),
        (lambda: torch.set_default_device("meta"), lambda: torch.empty(0).device.type),
    ):
        change()
        before = get()
        seed_both(0)
        found = EVERY[name](small, seed)
        assert get() == before
        np.testing.assert_array_equal(found.losses, expected.losses)
        assert torch.equal(found.weight, expected.weight) and found.weight.dtype == torch.float32
    torch.set_default_device("cpu")
    torch.set_default_dtype(torch.float32)


def test_the_data_are_float32_on_the_cpu_whatever_the_defaults(defaults):
    expected = d2l.get_data_ch7()
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    for found, right in zip(d2l.get_data_ch7(), expected):
        assert found.dtype == torch.float32 and found.device.type == "cpu"
        assert found.numpy().tobytes() == right.numpy().tobytes()


@pytest.mark.parametrize(
    "setting", ["no_grad", "inference_mode", "autocast", "deterministic", "numpy raises"]
)
def test_other_settings_of_the_caller_do_not_matter(setting, data):
    if setting == "deterministic" and not hasattr(torch.backends.mkldnn, "deterministic"):
        pytest.skip("this torch is older than the setting")
    small = first(data, 130)
    around = {
        "no_grad": torch.no_grad,
        "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
        "inference_mode": torch.inference_mode,
        "deterministic": lambda: torch.backends.mkldnn.flags(deterministic=True),
        "numpy raises": lambda: np.errstate(all="raise"),
    }[setting]
    for name in ("sgd", "full batch", "own rule", "SGD", "own class"):
        for seed in (0, [0, 1]):
            expected = EVERY[name](small, seed)
            with around():
                found = EVERY[name](small, seed)
            np.testing.assert_array_equal(found.losses, expected.losses)


def test_what_inference_mode_made_is_not_used_again(data):
    small = first(data, 130)
    with torch.inference_mode():
        d2l.fit(d2l.optimizers.sgd, None, {"lr": 0.05}, *small, seed=0)
    found = d2l.fit_torch(Hooked, {"lr": 0.05}, *small, 1000, seed=0)
    expected = d2l.fit_torch(Hooked, {"lr": 0.05}, *(t.clone() for t in small), 1000, seed=0)
    np.testing.assert_array_equal(found.losses, expected.losses)


def test_a_factory_may_name_its_arguments_as_a_rule_does(data):
    settings = {"lr": 0.05, "batch_size": 10}
    found = d2l.fit_torch(named_as_a_rules, settings, *first(data, 130), seed=0)
    expected = d2l.fit_torch(SGD, {"lr": 0.05}, *first(data, 130), seed=0)
    np.testing.assert_allclose(found.losses, expected.losses, rtol=1e-6)
    with pytest.raises(TypeError, match="a rule goes to"):
        d2l.fit_torch(named_as_a_rules, {"lr": 0.05}, *first(data, 130), seed=0)


_COUNT, _KEPT = [0], []


def warms_up_once(params, states, hyperparams):
    _COUNT[0] += 1
    for p in params:
        p.data -= 0.05 * min(1, _COUNT[0] / 20) * p.grad


def makes_its_optimizer_once(params, states, hyperparams):
    if not _KEPT:
        _KEPT.append(torch.optim.Adam(params, lr=0.01))
    _KEPT[0].step()


def made_once(params, lr):
    if not _KEPT:
        _KEPT.append(SGD(params, lr=lr))
    return _KEPT[0]


GLOBAL_RULES = warms_up_once, makes_its_optimizer_once


def test_what_settles_in_the_first_of_many_runs_is_noticed(data):
    """Global state, which no copy of the code leaves behind: all later runs are alike."""
    small = first(data, 130)
    for rule in GLOBAL_RULES:
        for seeds in ([0, 1], [5, 5, 5], range(4)):
            _COUNT[0] = 0
            _KEPT.clear()
            with pytest.raises(ValueError, match="keeps nothing of its own"):
                d2l.fit(rule, None, {}, *small, seed=seeds)
    _KEPT.clear()
    with pytest.raises(ValueError, match="keeps nothing of its own"):
        d2l.fit_torch(made_once, {"lr": 0.05}, *small, seed=[0, 1, 2])


@pytest.mark.parametrize("kind", ["hook", "late hook", "frozen"])
def test_entry_by_entry_does_not_go_with_hooks(kind, data):
    def special(params, lr):
        params = list(params)
        if kind == "hook":
            params[0].register_hook(lambda g: g.clamp(-0.1, 0.1))
        elif kind == "late hook":
            params[0].register_post_accumulate_grad_hook(lambda p: p.grad.clamp_(-0.1, 0.1))
        else:
            params[1].requires_grad_(False)
        return SGD(params, lr=lr)

    with pytest.raises(ValueError, match="without hooks and frozen parameters"):
        d2l.fit_torch(special, {"lr": 0.05}, *first(data, 130), seed=SEEDS, elementwise=True)


@pytest.mark.parametrize("given", ["no", 1, None])
def test_elementwise_is_true_or_false(given, data):
    with pytest.raises(TypeError, match="elementwise"):
        d2l.fit(plain, None, {}, *first(data, 50), elementwise=given)
    with pytest.raises(TypeError, match="elementwise"):
        d2l.fit_torch(SGD, {"lr": 0.1}, *first(data, 50), elementwise=given)


@pytest.mark.parametrize("name", ["accumulates", "zeroes in place"])
def test_gradients_that_are_kept_add_up_in_one_pass_too(name, data):
    optimizer, small = OPTIMIZERS[name], first(data, 130)
    many = d2l.fit_torch(optimizer, {"lr": 0.02}, *small, seed=SEEDS, elementwise=True)
    alone = [d2l.fit_torch(optimizer, {"lr": 0.02}, *small, seed=seed) for seed in SEEDS]
    np.testing.assert_allclose(many.losses, [h.losses for h in alone], rtol=1e-5)


def test_runs_in_threads_do_not_disturb_one_another(data):
    from concurrent.futures import ThreadPoolExecutor

    small = first(data, 230)

    def calls(rate):
        return [
            d2l.fit(d2l.optimizers.sgd, None, {"lr": rate}, *small, seed=0),
            d2l.fit(draws_noise, None, {}, *small, seed=int(rate * 1000)),
            d2l.fit_torch(SGD, {"lr": rate}, *small, seed=[0, 1]),
            d2l.fit(d2l.optimizers.sgd, None, {"lr": rate}, *small, 1, seed=range(30)),
        ]

    rates = [0.001 * k for k in range(1, 7)]
    expected = [calls(rate) for rate in rates]
    threads, before = torch.get_num_threads(), generators()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(calls, rates))
        assert set(pool.map(lambda _: torch.get_num_threads(), range(8))) == {threads}
    assert (torch.get_num_threads(), generators()) == (threads, before)
    for one, other in zip(found, expected):
        for history, right in zip(one, other):
            np.testing.assert_array_equal(history.losses, right.losses)


@pytest.mark.parametrize("seed", [0, [0, 1]])
def test_fit_leaves_what_it_is_given_as_it_was(seed, data):
    """States in whatever they are held, and hyperparameters: `fit` works on copies."""

    class Settings(dict):
        pass

    def rule(params, states, hyperparams):
        hyperparams["t"] += 1
        for p, v in zip(params, states["v"]):
            v.mul_(0.5).add_(p.grad)
            p.data -= 0.02 * v
        states["last"] = states["many"][0]["of"][0].add_(1)

    states = Settings(v=(torch.zeros(5, 1), torch.zeros(1)), many=[{"of": [torch.zeros(1)]}])
    given, hyperparams = copy.deepcopy(states), Settings(t=1)
    d2l.fit(rule, states, hyperparams, *first(data, 60), seed=seed)
    assert hyperparams == {"t": 1} and type(states) is Settings
    assert set(states) == set(given) and repr(states) == repr(given)
