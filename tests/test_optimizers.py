"""The six rules: two steps by hand; torch.optim where the formulas agree, NumPy elsewhere."""

import math

import numpy as np
import pytest
import torch
from helpers import SCRATCH

from d2l_ch7 import optimizers
from d2l_ch7.optimizers import RULES

INIT = {rule.__name__: init for rule, init in RULES.items()}


def steps(name, hyperparams, gradients, p=1.0):
    """A parameter's values under a rule, for these gradients one after the other."""
    p = torch.tensor([p], dtype=torch.float64)
    states = INIT[name] and INIT[name]([p])
    hyperparams, path = dict(hyperparams), []
    for g in gradients:
        p.grad = torch.tensor([g], dtype=torch.float64)
        assert getattr(optimizers, name)([p], states, hyperparams) is None
        path.append(p.item())
    return path


def test_sgd_by_hand():
    # 1 - 0.1 * 2 = 0.8, then 0.8 - 0.1 * -3 = 1.1
    assert steps("sgd", {"lr": 0.1}, [2, -3]) == pytest.approx([0.8, 1.1])


def test_momentum_by_hand():
    # v = 0.2, p = 0.8; then v = 0.5 * 0.2 + 0.1 * 4 = 0.5, p = 0.3
    assert steps("momentum", {"lr": 0.1, "momentum": 0.5}, [2, 4]) == pytest.approx([0.8, 0.3])


def test_adagrad_by_hand():
    # s = 9, then 9 + 16 = 25; eps inside the root
    first = 1 - 0.1 * 3 / math.sqrt(9 + 1e-6)
    second = first - 0.1 * 4 / math.sqrt(25 + 1e-6)
    assert steps("adagrad", {"lr": 0.1}, [3, 4]) == pytest.approx([first, second], rel=1e-14)


def test_rmsprop_by_hand():
    # s = 0.25 * 4 = 1, then 0.75 * 1 + 0.25 * 9 = 3
    first = 1 - 0.1 * 2 / math.sqrt(1 + 1e-6)
    second = first - 0.1 * 3 / math.sqrt(3 + 1e-6)
    path = steps("rmsprop", {"lr": 0.1, "gamma": 0.75}, [2, 3])
    assert path == pytest.approx([first, second], rel=1e-14)


def test_adadelta_by_hand():
    # s = 0.5 * 4 = 2; the step is sqrt(1e-5 / 2.00001) * 2, and delta half its square
    step1 = math.sqrt(1e-5 / (2 + 1e-5)) * 2
    delta = 0.5 * step1**2
    # s = 0.5 * 2 + 0.5 * 1 = 1.5
    step2 = math.sqrt((delta + 1e-5) / (1.5 + 1e-5))
    path = steps("adadelta", {"rho": 0.5}, [2, 1])
    assert path == pytest.approx([1 - step1, 1 - step1 - step2], rel=1e-14)


def test_adam_by_hand():
    # corrected, the first averages are g and g ** 2: a step of lr, whatever the gradient
    first = 1 - 0.1 * 2 / (2 + 1e-6)
    v, s = 0.9 * 0.2 + 0.1 * -1, 0.999 * 0.004 + 0.001 * 1
    second = first - 0.1 * (v / (1 - 0.81)) / (math.sqrt(s / (1 - 0.999**2)) + 1e-6)
    assert steps("adam", {"lr": 0.1, "t": 1}, [2, -1]) == pytest.approx([first, second], rel=1e-14)


def test_adam_counts_its_steps_where_the_caller_sees_it():
    p, hyperparams = torch.ones(1), {"lr": 0.1, "t": 1}
    p.grad = torch.ones(1)
    states = optimizers.init_adam_states([p])
    for t in (2, 3, 4):
        optimizers.adam([p], states, hyperparams)
        assert hyperparams == {"lr": 0.1, "t": t}


TORCH = {
    "sgd": (torch.optim.SGD, {"lr": 0.05}),
    "momentum": (torch.optim.SGD, {"lr": 0.02, "momentum": 0.5}),
    # the book's eps is inside the root, where torch's first value of the sum is
    "adagrad": (torch.optim.Adagrad, {"lr": 0.1, "initial_accumulator_value": 1e-6, "eps": 0}),
    "adadelta": (torch.optim.Adadelta, {"lr": 1.0, "rho": 0.9, "eps": 1e-5}),
    "adam": (torch.optim.Adam, {"lr": 0.01, "eps": 1e-6}),
}


@pytest.mark.parametrize("name", TORCH)
def test_torch_optim_agrees_in_float64(name):
    optimizer_fn, torch_hyperparams = TORCH[name]
    shapes = [(5, 1), (1,), (3, 5, 1)]
    ours = [torch.randn(shape, dtype=torch.float64) for shape in shapes]
    theirs = [p.clone().requires_grad_() for p in ours]
    optimizer = optimizer_fn(theirs, **torch_hyperparams)
    states, hyperparams = INIT[name] and INIT[name](ours), dict(SCRATCH[name])
    for _ in range(50):
        for p, q in zip(ours, theirs):
            p.grad = torch.randn_like(p)
            q.grad = p.grad.clone()
        getattr(optimizers, name)(ours, states, hyperparams)
        optimizer.step()
    for p, q in zip(ours, theirs):
        torch.testing.assert_close(p, q.detach(), rtol=1e-12, atol=1e-13)


def test_rmsprop_agrees_with_numpy():
    """torch's has eps outside the root, so the twin is NumPy's."""
    random = np.random.RandomState(0)
    gradients = random.normal(size=(50, 4))
    p_np, s_np = np.ones(4), np.zeros(4)
    p = torch.ones(4, dtype=torch.float64)
    states = optimizers.init_rmsprop_states([p])
    for g in gradients:
        s_np = 0.9 * s_np + 0.1 * g * g
        p_np = p_np - 0.01 * g / np.sqrt(s_np + 1e-6)
        p.grad = torch.from_numpy(g.copy())
        optimizers.rmsprop([p], states, {"lr": 0.01, "gamma": 0.9})
    np.testing.assert_allclose(p.numpy(), p_np, rtol=1e-12)


def test_eps_is_inside_the_root_of_adagrad_and_rmsprop_and_outside_of_adam():
    """A gradient of 1e-3, where it shows."""
    (adagrad,) = steps("adagrad", {"lr": 1.0}, [1e-3], p=0.0)
    (rmsprop,) = steps("rmsprop", {"lr": 1.0, "gamma": 0.0}, [1e-3], p=0.0)
    (adam,) = steps("adam", {"lr": 1.0, "t": 1}, [1e-3], p=0.0)
    assert adagrad == rmsprop == pytest.approx(-math.sqrt(0.5))
    assert adam == pytest.approx(-1 / 1.001)


@pytest.mark.parametrize("name", SCRATCH)
def test_a_zero_gradient_at_first_is_no_division_by_zero(name):
    (p,) = steps(name, SCRATCH[name], [0.0])
    assert p == 1.0


@pytest.mark.parametrize("name", SCRATCH)
def test_parameters_may_come_from_an_iterator_and_states_as_lists_or_tuples(name):
    results = []
    for container in (list, tuple):
        params = [torch.ones(5, 1), torch.ones(1)]
        for p in params:
            p.grad = torch.full_like(p, 2.0)
        init = INIT[name]
        states = init and container(
            container(s) if isinstance(s, tuple) else s for s in init(params)
        )
        getattr(optimizers, name)(iter(params), states, dict(SCRATCH[name]))
        results.append(params[0])
    assert torch.equal(*results) and not torch.equal(results[0], torch.ones(5, 1))


@pytest.mark.parametrize("name", SCRATCH)
def test_parameters_states_and_gradients_stay_the_same_objects(name):
    p = torch.nn.Parameter(torch.ones(2))
    p.grad = torch.ones(2)
    where, gradient = p.data_ptr(), p.grad
    states = INIT[name] and INIT[name]([p])
    leaves = (
        []
        if states is None
        else [s for s in (states[0] if isinstance(states[0], tuple) else states)]
    )
    pointers = [s.data_ptr() for s in leaves]
    getattr(optimizers, name)([p], states, dict(SCRATCH[name]))
    assert p.data_ptr() == where and p.grad is gradient and p.requires_grad
    assert torch.equal(gradient, torch.ones(2))
    assert [s.data_ptr() for s in leaves] == pointers
    assert all(s.abs().sum() > 0 for s in leaves)


@pytest.mark.parametrize("name", [n for n, init in INIT.items() if init])
def test_states_start_at_zero_in_the_shape_and_type_of_their_parameter(name):
    params = [torch.ones(5, 1, dtype=torch.float64), torch.nn.Parameter(torch.ones(1))]
    states = INIT[name](iter(params))
    pairs = [s if isinstance(s, tuple) else (s,) for s in states]
    assert len(pairs) == 2
    for p, tensors in zip(params, pairs):
        for s in tensors:
            assert s.shape == p.shape and s.dtype == p.dtype and not s.requires_grad
            assert not s.any() and s.data_ptr() != p.data_ptr()
    leaves = [s.data_ptr() for tensors in pairs for s in tensors]
    assert len(set(leaves)) == len(leaves)  # each its own memory


def test_the_table_of_rules_names_all_six():
    assert sorted(INIT) == sorted(SCRATCH)
    for name, init in INIT.items():
        assert init is getattr(optimizers, f"init_{name}_states", None)


@pytest.mark.parametrize("name", [n for n in SCRATCH if INIT[n]])
def test_states_that_were_made_too_early_or_not_at_all_are_told_which(name):
    init, rule = INIT[name], getattr(optimizers, name)
    with pytest.raises(TypeError, match=r"^params: .*pass the function itself: states=init_"):
        init()
    p = torch.ones(1)
    p.grad = torch.ones(1)
    with pytest.raises(ValueError, match=r"^states: .*call the function"):
        rule([p], init, dict(SCRATCH[name]))


@pytest.mark.parametrize("lr", [0.5, 1, np.float32(0.5), torch.tensor(0.5), np.int64(1)])
def test_a_learning_rate_may_be_any_number(lr):
    p = torch.ones(1)
    p.grad = torch.ones(1)
    optimizers.sgd([p], None, {"lr": lr})
    assert p.item() == 1 - float(lr)


@pytest.mark.filterwarnings("ignore:Using backward.. with create_graph")
def test_a_gradient_that_wants_a_graph_is_used_as_it_is():
    p = torch.ones(1, requires_grad=True)
    (p**3).backward(create_graph=True)
    optimizers.sgd([p], None, {"lr": 0.5})
    assert p.item() == -0.5 and p.is_leaf
