"""The checks themselves: what they let through, and how, beside all that test_bad_input tries."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from helpers import nothing_touched

from d2l_ch7 import _checks, optimizers


@pytest.mark.parametrize("value", [5, np.int64(5), np.uint8(5), torch.tensor(5), np.array(5)])
def test_counts_may_be_any_whole_number(value):
    count = _checks.check_count("batch_size", value)
    assert count == 5 and type(count) is int


def test_counts_have_no_upper_bound():
    assert _checks.check_count("num_epochs", 10**40) == 10**40


@pytest.mark.parametrize(
    "value",
    [
        0.25,
        np.float32(0.25),
        np.float16(0.25),
        Fraction(1, 4),
        np.array(0.25),
        np.array([0.25]),
        torch.tensor(0.25),
        torch.tensor([[0.25]]),
    ],
    ids=repr,
)
def test_numbers_may_come_as_any_kind_of_number(value):
    number = _checks.check_number("lr", value)
    assert number == 0.25 and type(number) is float


def test_a_whole_number_stays_whole():
    assert type(_checks.check_number("t", 3)) is int


@pytest.mark.parametrize(
    "value",
    [10**400, -(10**400), Fraction(10**400)],
    ids=["int", "negative", "fraction"],
)
def test_numbers_beyond_floats_are_refused_by_name(value):
    with pytest.raises(ValueError, match=r"^lr: "):
        _checks.check_number("lr", value)


def test_data_may_be_so_large_that_their_sum_overflows():
    X, y = torch.full((4, 2), 3e38), torch.zeros(4)
    assert torch.equal(_checks.check_data(X, y)[0], X)
    X[2, 1] = math.nan
    with pytest.raises(ValueError, match="row 2, column 1"):
        _checks.check_data(X, y)
    X[2, 1], X[0, 0] = math.inf, -math.inf  # whose sum is nan
    with pytest.raises(ValueError, match="row 0, column 0"):
        _checks.check_data(X, y)


def test_data_may_come_in_the_other_byte_order_and_with_strides():
    X = np.arange(24.0).reshape(4, 6)
    swapped = X.astype(">f8")[::-1, ::2]
    found, _ = _checks.check_data(swapped, np.arange(4, dtype=np.uint16))
    np.testing.assert_array_equal(found.numpy(), X[::-1, ::2])


def test_checking_data_shares_no_memory_with_numpy_and_changes_nothing():
    X, y = np.ones((3, 2), dtype=np.float32), np.ones(3, dtype=np.float32)
    with nothing_touched():
        found = _checks.check_data(X, y)
    found[0].zero_(), found[1].zero_()
    assert X.all() and y.all()


@pytest.mark.parametrize("seed", [np.uint32(7), torch.tensor(7), np.array(7)])
def test_seeds_may_be_any_whole_number(seed):
    assert _checks.check_seed(seed) == 7 and type(_checks.check_seed(seed)) is int


def test_seeds_go_up_to_numpys_last_one_by_one_and_in_lists():
    last = 2**32 - 1
    assert _checks.check_seed(last) == last and _checks.check_seed([0, last]) == [0, last]
    for seed in (2**32, [0, 2**32]):
        with pytest.raises(ValueError, match=r"^seed: "):
            _checks.check_seed(seed)


def test_functions_that_do_not_tell_their_signature_are_believed():
    silent = max  # a builtin without a signature
    assert _checks.takes(silent, 3)
    _checks.check_function("f_grad", silent, 2)


def test_points_may_be_arrays_and_tensors_of_one_entry():
    points = [(np.float32(1), torch.tensor([2.0])), (np.array([[3]]), 4)]
    assert _checks.check_path("path", points) == [(1.0, 2.0), (3.0, 4.0)]


def test_what_is_refused_is_told_with_what_came_and_what_it_led_to():
    with pytest.raises(TypeError, match=r"^x: expected a b, got int 3$"):
        _checks.refuse(TypeError, "x", "a b", 3)
    with pytest.raises(ValueError, match=r"^x: expected a b, got None$"):
        _checks.refuse(ValueError, "x", "a b", None)
    with pytest.raises(
        TypeError, match=r"^x: expected a b, got function sum_: KeyError: 'why'$"
    ) as caught:
        _checks.refuse(TypeError, "x", "a b", sum_, KeyError("why"))
    assert isinstance(caught.value.__cause__, KeyError)


def sum_(values):
    return values


def test_states_may_be_lists_or_tuples():
    params = [torch.zeros(5, 1), torch.zeros(1)]
    pairs, single = optimizers.init_adam_states(params), optimizers.init_momentum_states(params)
    for states in (pairs, tuple(pairs), [list(pair) for pair in pairs]):
        _checks.check_states(states, pairs)
    for states in (single, tuple(single)):
        _checks.check_states(states, single)
