"""Descents on a line and in the plane: the end points that the book prints."""

import json
from importlib.resources import files

import numpy as np
import pytest
import torch

from d2l_ch7.descent import descend_1d, descend_2d

PUBLISHED = json.loads(files("d2l_ch7._data").joinpath("published.json").read_text())["descents"]


def published(section, eta, word=""):
    """What the book prints for this descent."""
    (found,) = {
        d["published"]
        for d in PUBLISHED
        if (d["section"], d["eta"]) == (section, eta) and word in d["what"]
    }
    return found


def line(path):
    x1, x2 = path[-1]
    return f"epoch {len(path) - 1}, x1 {x1:f}, x2 {x2:f}"


@pytest.mark.parametrize("eta", [0.2, 0.05, 1.1])
def test_on_a_line_as_published(eta):
    path = descend_1d(lambda x: 2 * x, eta)
    assert len(path) == 11 and path[0] == 10.0
    x = float(published("7.2", eta).split("x: ")[1])
    assert path[-1] == pytest.approx(x, rel=1e-12)


def test_on_a_line_by_hand():
    assert descend_1d(lambda x: 1.0, 0.5, x=3, steps=3) == [3, 2.5, 2.0, 1.5]


@pytest.mark.parametrize("x", [np.array(10.0), torch.tensor(10.0)], ids=["numpy", "torch"])
def test_the_start_is_not_changed(x):
    path = descend_1d(lambda x: 2 * x, 0.25, x=x, steps=2)
    assert float(x) == 10.0
    assert [float(point) for point in path] == [10.0, 5.0, 2.5]


def gradient_descent(eta, a):
    return lambda x1, x2, s1, s2: (x1 - eta * a * x1, x2 - eta * 4 * x2, 0, 0)


def momentum(eta, gamma):
    def trainer(x1, x2, v1, v2):
        v1, v2 = gamma * v1 + eta * 0.2 * x1, gamma * v2 + eta * 4 * x2
        return x1 - v1, x2 - v2, v1, v2

    return trainer


def adagrad(eta, gamma=None):
    """AdaGrad, or RMSProp where there is a gamma."""
    keep, add = (1, 1) if gamma is None else (gamma, 1 - gamma)

    def trainer(x1, x2, s1, s2):
        g1, g2 = 0.2 * x1, 4 * x2
        s1, s2 = keep * s1 + add * g1**2, keep * s2 + add * g2**2
        return x1 - eta / (s1 + 1e-6) ** 0.5 * g1, x2 - eta / (s2 + 1e-6) ** 0.5 * g2, s1, s2

    return trainer


@pytest.mark.parametrize(
    "trainer, section, eta, word",
    [
        (gradient_descent(0.1, 2), "7.2", 0.1, "2-D gradient"),
        (gradient_descent(0.4, 0.2), "7.4", 0.4, "gradient descent"),
        (gradient_descent(0.6, 0.2), "7.4", 0.6, "gradient descent"),
        (momentum(0.4, 0.5), "7.4", 0.4, "momentum"),
        (momentum(0.6, 0.5), "7.4", 0.6, "momentum"),
        (adagrad(0.4), "7.5", 0.4, "AdaGrad"),
        (adagrad(2), "7.5", 2, "AdaGrad"),
        (adagrad(0.4, 0.9), "7.6", 0.4, "RMSProp"),
    ],
)
def test_in_the_plane_as_published(trainer, section, eta, word, capsys):
    assert line(descend_2d(trainer)) == published(section, eta, word)
    assert capsys.readouterr().out == ""  # silent


def test_the_trainer_gets_what_it_returned():
    seen = []

    def trainer(*state):
        seen.append(state)
        return tuple(value + 1 for value in state)

    assert descend_2d(trainer, steps=3) == [(-5, -2), (-4, -1), (-3, 0), (-2, 1)]
    assert seen == [(-5, -2, 0, 0), (-4, -1, 1, 1), (-3, 0, 2, 2)]


def test_the_gradient_is_handed_on():
    def trainer(x1, x2, s1, s2, f_grad):
        g1, g2 = f_grad(x1, x2)
        return [x1 - g1, x2 - g2, s1, s2]  # a list does as well

    assert descend_2d(trainer, 1, lambda x1, x2: (1, 2)) == [(-5, -2), (-6, -4)]
