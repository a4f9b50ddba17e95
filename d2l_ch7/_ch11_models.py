"""The second edition's two models on a loader: gradients of its batches, losses on all of it.

A loader that a reader made is iterated as it is, and autograd finds the gradients. Of our own
`Loader` it is known what it would yield, and the core's closed forms take its place.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

from d2l_ch7._chance import Draws, epoch_orders
from d2l_ch7._checks import blamed, check_data, check_function, refuse
from d2l_ch7._linear import Samples
from d2l_ch7._models import Batch, OneRun
from d2l_ch7.basics import linreg, squared_loss


class Loader(DataLoader[Any]):
    """A loader over tensors that we made."""

    def __init__(self, arrays: Sequence[Tensor], batch_size: int, shuffle: bool) -> None:
        super().__init__(TensorDataset(*arrays), batch_size, shuffle=shuffle)
        self.as_made = _parts(self)


def _parts(loader: Any) -> list[dict[str, Any]]:
    """What decides about a loader's batches: it and what it goes through, each with its class."""
    owners = (loader, loader.dataset, loader.sampler, loader.batch_sampler)
    return [{**getattr(o, "__dict__", {}), "as_made": None, "class": type(o)} for o in owners]


def _is_as_made(loader: Loader) -> bool:
    """Whether each part is the same object as ever; what tensors hold may be other."""
    return all(
        now.keys() == then.keys() and all(now[key] is then[key] for key in now)
        for now, then in zip(_parts(loader), loader.as_made)
    )


def known_samples(data_iter: Any) -> Samples | None:
    """What a loader of ours shuffles, if that is a plain pair and nobody has changed the loader."""
    with blamed("data_iter", "a loader, to be gone through again and again", data_iter):
        len(data_iter)
    if type(data_iter) is not Loader or not _is_as_made(data_iter):
        return None
    tensors = data_iter.dataset.tensors  # type: ignore[attr-defined]
    plain = all(
        type(t) is Tensor and t.dtype == torch.float32 and t.is_cpu and not t.requires_grad
        for t in tensors
    )
    if not plain or not isinstance(data_iter.sampler, RandomSampler):
        return None
    with blamed("data_iter", "finite features (n, d) and labels (n,)", data_iter, ValueError):
        return Samples(*check_data(*tensors))


@dataclass
class Iterated:
    """A model on a reader's loader; it descends a multiple, `scale`, of half the squared error."""

    data_iter: Any
    w: Tensor
    b: Tensor
    net: Any
    scale: int
    recorded: list[float] = field(default_factory=list)
    clear: Callable[[], object] | None = None
    trusted = False

    def loss(self, out: Tensor, y: Tensor) -> Tensor:
        """What is descended, of each sample."""
        return self.scale * squared_loss(out, y)

    def epoch(self) -> Iterator[Any]:
        """The batches of a pass."""
        return iter(self.data_iter)

    def see(self, X: Tensor, y: Tensor) -> int:
        """Set the gradients of a batch, or add to them; return its number of samples."""
        (self.clear or self.net.zero_grad)()
        self.loss(self.net(X), y).mean().backward()
        return len(X)

    def record(self) -> None:
        """Take the loss on all samples."""
        self.recorded.append(evaluate_loss(self.net, self.data_iter, self.loss))

    def losses(self) -> np.ndarray:
        """Half the mean squared error at each record."""
        return np.array(self.recorded) / self.scale


def scratch(dim: int) -> tuple[Tensor, Tensor, Any, int]:
    """The start of train_ch11: w, b, what predicts, and the multiple that is descended."""
    w = torch.normal(mean=0.0, std=0.01, size=(dim, 1), requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    return w, b, lambda X: linreg(X, w, b), 1


def concise(dim: int) -> tuple[Tensor, Tensor, Any, int]:
    """The start of train_concise_ch11, which descends the squared error itself."""
    net = nn.Sequential(nn.Linear(dim, 1))
    w, b = net.parameters()
    return nn.init.normal_(w, std=0.01), b, net, 2


class Known(OneRun):
    """A model on samples that are known: the draws of each pass are made, its batches are not."""

    def __init__(self, model: Iterated, samples: Samples, draws: Sequence[Draws]) -> None:
        self.w, self.b, self.scale, self._loss = model.w, model.b, model.scale, model.loss
        self._samples, self._table, self._draws = samples, samples.table, draws
        self._size = min(model.data_iter.batch_size, samples.n)
        self._thetas: list[Tensor] = []

    def epoch(self) -> Iterator[Batch]:
        """The batches of a pass."""
        n, size = self._samples.n, self._size
        return self.batches(epoch_orders(n, self._draws, wanted=size < n), size)

    def see(self, *batch: Tensor) -> int:
        """Set the gradients of a batch, or add to them; return its number of samples."""
        self.differentiate(*batch)
        return len(batch[0]) if batch else self._samples.n

    def record(self) -> None:
        """Keep the parameters, and draw for the pass that evaluates them."""
        epoch_orders(self._samples.n, self._draws, wanted=False)
        self._thetas.append(self.theta())

    def losses(self) -> np.ndarray:
        """Half the mean squared error at each record."""

        def in_float32(r: Tensor) -> Any:
            batches = self._loss(r, torch.zeros_like(r)).split(self._size)
            return sum(batch.sum().item() for batch in batches) / len(r) / self.scale

        return self._samples.losses(torch.stack(self._thetas), in_float32)


def evaluate_loss(
    net: Callable[[Tensor], Tensor],
    data_iter: Iterable[Any],
    loss: Callable[[Tensor, Tensor], Tensor],
) -> float:
    """Mean loss of a model over a data set.

    Parameters
    ----------
    net : callable
        Predictions ``net(X)`` of a batch's features.
    data_iter : iterable of (torch.Tensor [shape=(B, d)], torch.Tensor [B entries])
        Batches of features and labels, such as :func:`get_data_ch11` gives. One pass is made, for
        which a shuffling loader draws from torch's generator.
    loss : callable
        Losses ``loss(y_hat, y)`` of a batch; the labels come in the shape of the predictions.

    Returns
    -------
    float
        The sum of all losses over their number.

    Raises
    ------
    TypeError
        If `net` or `loss` cannot be called so, or `data_iter` does not go through batches.
    ValueError
        If there is no batch.

    References
    ----------
    *Dive into Deep Learning*, second edition, section 4.4.

    Examples
    --------
    >>> import torch
    >>> batches = [(torch.tensor([[1.0], [2.0]]), torch.tensor([1.0, 4.0]))]
    >>> evaluate_loss(lambda X: X, batches, squared_loss)
    1.0
    """
    check_function("net", net, 1)
    check_function("loss", loss, 2)
    if not isinstance(data_iter, Iterable):
        refuse(TypeError, "data_iter", "batches (X, y)", data_iter)
    total, count = 0.0, 0
    for X, y in data_iter:
        out = net(X)
        losses = loss(out, y.reshape(out.shape))
        total += losses.sum().item()
        count += losses.numel()
    return total / count if count else refuse(ValueError, "data_iter", "a batch", data_iter)
