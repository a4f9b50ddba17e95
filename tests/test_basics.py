"""What chapter 7 takes from chapter 3."""

import random

import pytest
import torch

import d2l_ch7 as d2l


def test_linreg_is_the_linear_model():
    X, w = torch.tensor([[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]]), torch.tensor([[10.0], [1.0]])
    y_hat = d2l.linreg(X, w, torch.tensor([0.5]))
    assert torch.equal(y_hat, torch.tensor([[12.5], [34.5], [0.5]]))


def test_linreg_and_squared_loss_have_gradients():
    w, b = torch.zeros(2, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    X, y = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([1.0, 2.0])
    d2l.squared_loss(d2l.linreg(X, w, b), y).mean().backward()
    assert torch.equal(w.grad, torch.tensor([[-3.5], [-5.0]])) and b.grad.item() == -1.5


def test_squared_loss_is_half_the_squared_error_of_each_sample():
    loss = d2l.squared_loss(torch.tensor([[1.0], [4.0], [0.0]]), torch.tensor([1.0, 2.0, -4.0]))
    assert torch.equal(loss, torch.tensor([[0.0], [2.0], [8.0]]))


@pytest.mark.parametrize("shape", [(3,), (3, 1), (1, 3)])
def test_squared_loss_never_broadcasts(shape):
    loss = d2l.squared_loss(torch.zeros(3, 1), torch.arange(3.0).reshape(shape))
    assert loss.flatten().tolist() == [0.0, 0.5, 2.0] and loss.shape == (3, 1)


def test_squared_loss_takes_labels_that_do_not_lie_in_a_row():
    y = torch.arange(6.0).reshape(3, 2)[:, 0]  # strided: a view would be refused
    assert d2l.squared_loss(torch.zeros(3, 1), y).flatten().tolist() == [0.0, 2.0, 8.0]


def test_sgd_divides_a_summed_gradient_by_the_batch_size():
    p, q = torch.ones(2), torch.zeros(1)
    p.grad, q.grad = torch.tensor([8.0, -4.0]), torch.tensor([2.0])
    assert d2l.sgd(iter([p, q]), 0.5, 4) is None
    assert p.tolist() == [0.0, 1.5] and q.tolist() == [-0.25]


def test_data_iter_visits_every_sample_once_with_its_label():
    X = torch.arange(20.0).reshape(10, 2)
    batches = list(d2l.data_iter(3, X, 2 * X[:, 0]))
    assert [len(b) for b, _ in batches] == [3, 3, 3, 1]
    features, labels = (torch.cat(parts) for parts in zip(*batches))
    assert torch.equal(labels, 2 * features[:, 0])
    assert torch.equal(features[features[:, 0].argsort()], X)


def test_data_iter_follows_pythons_random():
    X = torch.arange(50.0).reshape(50, 1)

    def order(seed):
        random.seed(seed)
        return torch.cat([b for b, _ in d2l.data_iter(7, X, X)]).flatten().tolist()

    random.seed(1)
    indices = list(range(50))
    random.shuffle(indices)  # as chapter 3 does
    assert order(1) == indices == order(1) != order(2)


def test_data_iter_of_a_batch_larger_than_the_data():
    (batch,) = d2l.data_iter(100, torch.zeros(4, 2), torch.zeros(4))
    assert batch[0].shape == (4, 2)


def test_data_iter_checks_before_the_first_batch_is_asked_for():
    state = random.getstate()
    with pytest.raises(ValueError, match="labels"):
        d2l.data_iter(2, torch.zeros(4, 2), torch.zeros(3))
    assert random.getstate() == state


def test_chapter_3_trains(data):
    """Its own loop, from its own pieces."""
    features, labels = data
    w, b = torch.zeros(5, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    random.seed(0)
    for _ in range(3):
        for X, y in d2l.data_iter(10, features, labels):
            d2l.squared_loss(d2l.linreg(X, w, b), y).sum().backward()
            d2l.sgd([w, b], 0.05, 10)
            w.grad.zero_()
            b.grad.zero_()
    assert d2l.squared_loss(d2l.linreg(features, w, b), labels).mean() < 0.25
