"""What chapter 7 takes from chapter 3: a linear model, its loss, its update and its batches."""

import random
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from d2l_ch7 import _checks


def linreg(X: Tensor, w: Tensor, b: Tensor) -> Tensor:
    r"""Predict with a linear model, :math:`\hat{y} = Xw + b`.

    Parameters
    ----------
    X : torch.Tensor [shape=(n, d)]
        Features, one sample a row.
    w : torch.Tensor [shape=(d, 1)]
        Weights.
    b : torch.Tensor [shape=(1,)]
        Bias.

    Returns
    -------
    torch.Tensor [shape=(n, 1)]
        Predictions.

    Raises
    ------
    TypeError
        If an argument is not a tensor.
    ValueError
        If the shapes or dtypes do not fit.

    References
    ----------
    *Dive into Deep Learning*, first edition, section 3.2.

    Examples
    --------
    >>> import torch
    >>> linreg(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0], [4.0]]), torch.tensor([0.5]))
    tensor([[11.5000]])
    """
    _checks.check_class(Tensor, X=X, w=w, b=b)
    try:
        return torch.matmul(X, w) + b
    except RuntimeError as error:
        raise ValueError(
            f"X, w, b: shapes {tuple(X.shape)}, {tuple(w.shape)}, {tuple(b.shape)} of "
            f"{X.dtype}, {w.dtype}, {b.dtype} do not fit: {error}"
        ) from None


def squared_loss(y_hat: Tensor, y: Tensor) -> Tensor:
    r"""Half the squared error of each sample, :math:`(\hat{y} - y)^2 / 2`, not averaged.

    Parameters
    ----------
    y_hat : torch.Tensor [shape=(n, 1) or (n,)]
        Predictions.
    y : torch.Tensor [n entries, any shape]
        Labels; they are viewed in the shape of `y_hat`, so that (n,) never meets (n, 1).

    Returns
    -------
    torch.Tensor [shape as y_hat]
        The loss of each sample, in the labels' unit squared.

    Raises
    ------
    TypeError
        If an argument is not a tensor.
    ValueError
        If `y` has another number of entries than `y_hat`.

    References
    ----------
    *Dive into Deep Learning*, first edition, section 3.2.

    Examples
    --------
    >>> import torch
    >>> squared_loss(torch.tensor([[1.0], [4.0]]), torch.tensor([1.0, 2.0]))
    tensor([[0.],
            [2.]])
    """
    _checks.check_class(Tensor, y_hat=y_hat, y=y)
    if y.numel() != y_hat.numel():
        raise ValueError(
            f"y: {y.numel()} labels for the {y_hat.numel()} predictions of y_hat; give one each"
        )
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def sgd(params: Iterable[Tensor], lr: float, batch_size: int) -> None:
    r"""Chapter 3's update, :math:`p \leftarrow p - \eta\, g / B`, in place.

    This one divides a *summed* gradient by the batch size. Chapter 7's rule, which
    :func:`~d2l_ch7.train_ch7` calls, is :func:`d2l_ch7.optimizers.sgd`.

    Parameters
    ----------
    params : iterable of torch.Tensor [any shape]
        Parameters whose ``grad`` is set.
    lr : float
        Learning rate :math:`\eta`.
    batch_size : int
        Number of samples B whose gradients were summed.

    Raises
    ------
    TypeError
        If `params` holds something else than tensors, or `batch_size` is not an int.
    ValueError
        If `batch_size` is below 1, or a parameter has no gradient.

    References
    ----------
    *Dive into Deep Learning*, first edition, section 3.2.

    Examples
    --------
    >>> import torch
    >>> p = torch.tensor([1.0], requires_grad=True)
    >>> (4 * p).sum().backward()
    >>> sgd([p], lr=0.5, batch_size=2)
    >>> p.data
    tensor([0.])
    """
    batch_size = _checks.check_count("batch_size", batch_size)
    lr = _checks.check_number("lr", lr)
    for p, g in _checks.check_gradients(params):
        p.data -= lr * g / batch_size


def data_iter(batch_size: int, features: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Go through the samples once, in random order, a minibatch at a time.

    The order is drawn from Python's ``random``, as chapter 3 does.

    Parameters
    ----------
    batch_size : int
        Samples a batch; the last batch may be smaller.
    features : torch.Tensor [shape=(n, ...)]
        Features, one sample a row.
    labels : torch.Tensor [shape=(n, ...)]
        Labels.

    Returns
    -------
    iterator of (torch.Tensor [shape=(B, ...)], torch.Tensor [shape=(B, ...)])
        Features and labels of one batch.

    Raises
    ------
    TypeError
        If `batch_size` is not an int, or the data are not tensors.
    ValueError
        If `batch_size` is below 1, or features and labels differ in length.

    References
    ----------
    *Dive into Deep Learning*, first edition, section 3.2.

    Examples
    --------
    >>> import torch
    >>> X, y = torch.arange(6.0).reshape(3, 2), torch.arange(3.0)
    >>> [len(batch) for batch, _ in data_iter(2, X, y)]
    [2, 1]
    """
    batch_size = _checks.check_count("batch_size", batch_size)
    _checks.check_class(Tensor, features=features, labels=labels)
    _checks.check_lengths(features, labels)

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        order = list(range(len(features)))
        random.shuffle(order)
        for chosen in torch.tensor(order, dtype=torch.int64).split(batch_size):
            yield features.index_select(0, chosen), labels.index_select(0, chosen)

    return batches()
