r"""The linear model in closed form: its gradient on a minibatch, its loss on all samples.

The gradient of this one model needs no graph: with the residuals :math:`r = Xw + b - y` of a
minibatch of B samples it is :math:`X^\top r / B` for w and the mean of r for b. Nor does the loss
on all n samples need them again: with :math:`[X, 1, -y] = QR` it is
:math:`\lVert R\, (w, b, 1) \rVert^2 / 2n`, a sum of squares that never falls below the optimum.
"""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

_CHUNK = 2**16  # rows, or batches, that are handled at once: they stay in the cache
_GATHERED = 2**19  # samples of many runs that are gathered at once
_NEAR_OVERFLOW = 1e37  # the sum of squares from which float32 has to be asked


def half_mean_square(r: Tensor) -> Tensor:
    """The loss of residuals r (n,) as train_ch7 takes it: each is halved."""
    return (r**2 / 2).mean()


def mean_square_halved(r: Tensor) -> Tensor:
    """The loss of residuals r (n,) as train_pytorch_ch7 takes it; it overflows sooner."""
    return (r**2).mean() / 2


class Samples:
    """Features and labels as one table [X, 1, -y], (n, d + 2), with what all n samples tell."""

    def __init__(self, table: Tensor) -> None:
        self.table = table
        self.n, self.d = table.shape[0], table.shape[1] - 2
        first, *others = table.split(_CHUNK)
        factor = torch.linalg.qr(first.double(), mode="r").R
        for rows in others:
            factor = torch.linalg.qr(torch.cat([factor, rows.double()]), mode="r").R
        self._factor = factor.numpy()

    @classmethod
    def of(cls, features: Tensor, labels: Tensor) -> "Samples":
        """The table of features (n, d) and labels (n,)."""
        return cls(torch.cat([features, torch.ones(len(labels), 1), -labels[:, None]], dim=1))

    def first(self, count: int) -> "Samples":
        """The first samples alone, in float64."""
        return Samples(self.table[:count].double())

    def optimum(self) -> float:
        """The least loss of any parameters: ordinary least squares."""
        R, k = self._factor, self.d + 1
        pivots = abs(R.diagonal()[:k])
        if len(R) > k and pivots.min() > 1e-9 * pivots.max():
            rest = R[k, k] ** 2  # what no theta reaches
        else:  # fewer samples than parameters, or columns that depend on one another
            theta = np.linalg.lstsq(R[:, :k], -R[:, k], rcond=None)[0]
            rest = ((R[:, :k] @ theta + R[:, k]) ** 2).sum()
        return float(rest) / (2 * self.n)

    def losses(
        self, thetas: Tensor, in_float32: Callable[[Tensor], Tensor] = half_mean_square
    ) -> np.ndarray:
        """The loss (...) of parameters (..., d + 1), in float64; as in float32 near overflow."""
        flat = thetas.reshape(-1, self.d + 1).double().numpy()
        with np.errstate(over="ignore", invalid="ignore"):
            residuals = flat @ self._factor[:, :-1].T + self._factor[:, -1]
            sums = (residuals**2).sum(axis=1)
        losses = sums / (2 * self.n)
        if not sums.max() < _NEAR_OVERFLOW:
            known = np.isnan(flat).any(axis=1) | (sums < _NEAR_OVERFLOW)
            for i in np.flatnonzero(~known):
                r = self.table[:, :-1] @ thetas.reshape(-1, self.d + 1)[i] + self.table[:, -1]
                losses[i] = in_float32(r)
        return np.reshape(losses, thetas.shape[:-1])


class OneRun:
    """One model's parameters w and b, and their gradients.

    A rule may rebind a parameter's data or its gradient's, or clear or replace the gradient: all
    are asked anew at each step, and a gradient that a rule has taken away is not written to again.
    """

    def __init__(self, samples: Samples, w: Tensor, b: Tensor) -> None:
        self.w, self.b = w, b
        self._table = samples.table.to(w.device)
        self._new_gradients()

    def _new_gradients(self) -> None:
        self._gradients = self.w.data.new_empty(self.w.numel() + 1, 1)
        # Aliases of the buffer's storage, not views of it: a rule may detach_() a gradient.
        storage, contiguous = self._gradients.untyped_storage(), torch.empty(self.w.shape).stride()
        self._w_grad = self.w.data.new_empty(0).set_(storage, 0, self.w.shape, contiguous)
        self._b_grad = self.b.data.new_empty(0).set_(storage, self.w.numel(), (1,), (1,))
        self.w.grad, self.b.grad = self._w_grad, self._b_grad
        self._where = self._w_grad.data_ptr(), self._b_grad.data_ptr()

    def batches(self, order: Tensor, batch_size: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """An epoch's minibatches: X (B, d), -y (B, 1), and [X, 1] transposed (d + 1, B)."""
        visited = self._table  # a full batch is the same in every order
        if batch_size < len(order):
            visited = visited.index_select(0, order.to(visited.device))
        for rows in visited.split(_CHUNK * batch_size):
            X, minus_y, X1_t = rows[:, :-2], rows[:, -1:], rows[:, :-1].t()
            yield from zip(
                X.split(batch_size), minus_y.split(batch_size), X1_t.split(batch_size, dim=1)
            )

    def differentiate(self, X: Tensor, minus_y: Tensor, X1_t: Tensor) -> None:
        """Set the gradients of the minibatch's mean loss."""
        kept = self.w.grad is self._w_grad and self.b.grad is self._b_grad
        if not (kept and self._where == (self._w_grad.data_ptr(), self._b_grad.data_ptr())):
            self._new_gradients()
        r = torch.addmm(minus_y, X, self.w.data.reshape(-1, 1)).add_(self.b.data)  # (B, 1)
        torch.addmm(
            self._gradients, X1_t, r, beta=0, alpha=1 / len(r), out=self._gradients
        )  # (d + 1, 1)

    def theta(self) -> Tensor:
        """A copy of the parameters, (d + 1,)."""
        return torch.cat([self.w.data.reshape(-1), self.b.data])


class ManyRuns:
    """S models' parameters, w (S, d, 1) or (S, 1, d) and b (S, 1, 1), and their gradients.

    In memory the seeds lie innermost, so that every sum over samples or features runs along them.
    """

    def __init__(self, samples: Samples, w: Tensor, b: Tensor) -> None:
        self.w, self.b, self.S = w, b, len(w)
        self._columns = samples.table.t().contiguous().to(w.device)

    def batches(self, orders: Tensor, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """An epoch's minibatches: [X, 1] (d + 1, B, S) and -y (B, S), good until the next.

        All are gathered into the same memory: fresh memory would cost more than the gathering.
        """
        chunk = max(1, _GATHERED // (batch_size * self.S)) * batch_size
        gathered = self._columns.new_empty(len(self._columns), min(chunk, len(orders)), self.S)
        for rows in orders.to(self._columns.device).split(chunk):
            X1_minus_y = gathered[:, : len(rows)]
            for column, values in zip(self._columns, X1_minus_y):
                torch.take(column, rows, out=values)
            X1, minus_y = X1_minus_y[:-1], X1_minus_y[-1]
            yield from zip(X1.split(batch_size, dim=1), minus_y.split(batch_size))

    def differentiate(self, X1: Tensor, minus_y: Tensor) -> None:
        """Set the gradients of each run's minibatch's mean loss."""
        w = self.w.data.reshape(self.S, -1).t()  # (d, S)
        b = self.b.data.reshape(1, self.S)
        r = minus_y + b  # (B, S)
        for x_j, w_j in zip(X1.unbind(), w.unbind()):
            r.addcmul_(x_j, w_j)
        products = X1 * r
        gradients = products.mean(dim=1) if len(r) > 1 else products.squeeze(1)  # (d + 1, S)
        self.w.grad = gradients[:-1].t().view(self.w.shape)
        self.b.grad = gradients[-1].view(self.b.shape)

    def theta(self) -> Tensor:
        """A copy of the parameters, (S, d + 1)."""
        return torch.cat([self.w.data.reshape(self.S, -1), self.b.data.reshape(self.S, 1)], dim=1)
