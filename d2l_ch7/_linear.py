r"""The samples, and the linear model's loss and gradient on all of them in closed form.

They need not be seen again for it: with :math:`[X, 1, -y] = QR` the loss on all n samples is
:math:`\lVert R\, (w, b, 1) \rVert^2 / 2n`, a sum of squares that never falls below the optimum.
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

_CHUNK = 2**16  # rows that are handled at once: they stay in the cache
_NEAR_OVERFLOW = 1e37  # from where on float32 has to be asked


def half_mean_square(r: Tensor) -> Tensor:
    """The loss of residuals r (n, 1) as train_ch7 takes it: each is halved."""
    return (r**2 / 2).mean()


def mean_square_halved(r: Tensor) -> Tensor:
    """The loss of residuals r (n, 1) as train_pytorch_ch7 takes it; it overflows sooner."""
    return (r**2).mean() / 2


class Samples:
    """Features and labels as one table [X, 1, -y], (n, d + 2), with what all n samples tell."""

    def __init__(self, features: Tensor, labels: Tensor) -> None:
        self.shape = self.n, self.d = features.shape
        self.table = features.new_ones(self.n, self.d + 2)
        self.table[:, :-2] = features
        torch.neg(labels, out=self.table[:, -1])
        first, *others = self.table.split(_CHUNK)
        factor = torch.linalg.qr(first.double(), mode="r").R
        for rows in others:
            factor = torch.linalg.qr(torch.cat([factor, rows.double()]), mode="r").R
        self._head, self._tail = factor[:, :-1], factor[:, -1:]  # of [X, 1], of -y
        self._slopes = self._head.t() / self.n

    def equal(self, features: Tensor, labels: Tensor) -> bool:
        """Whether the samples are these tensors' entries, as they are now."""
        same_kind = features.dtype == labels.dtype == torch.float32 and features.is_cpu
        X, y = self.table[:, :-2], -self.table[:, -1]
        return same_kind and labels.is_cpu and torch.equal(X, features) and torch.equal(y, labels)

    @cached_property
    def optimum(self) -> float:
        """The least loss of any parameters: ordinary least squares."""
        R, rest, k = self._head.numpy(), self._tail.numpy(), self.d + 1
        pivots = abs(R.diagonal())
        if len(R) > k and pivots.min() > 1e-9 * pivots.max():
            rest = rest[k:]  # what no theta reaches
        else:  # fewer samples than parameters, or columns that depend on one another
            rest = rest + R @ np.linalg.lstsq(R, -rest, rcond=None)[0]
        return float((rest**2).sum()) / (2 * self.n)

    def gradient(self, thetas: Tensor) -> Tensor:
        """The gradient (d + 1, S) of the loss at parameters (d + 1, S); as in float32 if large."""
        r = torch.addmm(self._tail, self._head, thetas.double())
        gradient = torch.mm(self._slopes, r)
        if gradient.norm() < _NEAR_OVERFLOW:
            return gradient
        return torch.mm(self.table[:, :-1].t(), self._residuals(thetas) / self.n)

    def losses(
        self, thetas: Tensor, in_float32: Callable[[Tensor], Tensor] = half_mean_square
    ) -> np.ndarray:
        """The loss (...) of parameters (..., d + 1), in float64; as in float32 near overflow."""
        flat = thetas.reshape(-1, self.d + 1)
        with np.errstate(all="ignore"):
            residuals = self._head.numpy() @ flat.numpy().T + self._tail.numpy()
            sums = (residuals**2).sum(axis=0)
        losses: np.ndarray = sums / (2 * self.n)
        if not sums.max() < _NEAR_OVERFLOW:
            known = flat.isnan().any(dim=1).numpy() | (sums < _NEAR_OVERFLOW)
            for i in np.flatnonzero(~known):
                losses[i] = in_float32(self._residuals(flat[i, :, None]))
        return losses.reshape(thetas.shape[:-1])

    def _residuals(self, thetas: Tensor) -> Tensor:
        """Those (n, S) of parameters (d + 1, S) in float32, added up in the order of the loops.

        Another order may make inf - inf, which is nan, of what overflows to inf.
        """
        return torch.mm(self.table[:, :-2], thetas[:-1]).add_(thetas[-1]).add_(self.table[:, -1:])
