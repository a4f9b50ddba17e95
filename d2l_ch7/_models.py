r"""Models in training: their parameters, and their gradients on minibatches in closed form.

The gradient of this one model needs no graph: with the residuals :math:`r = Xw + b - y` of a
minibatch of B samples it is :math:`X^\top r / B` for w and the mean of r for b.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from d2l_ch7._linear import Samples, mean_square_halved

_CHUNK = 2**16  # batches that are handled at once: they stay in the cache
_GATHERED = 2**22  # numbers of many runs that are gathered at once
_LONG = 1024  # samples of a batch that float32 must not add up one by one

Batch = tuple[Tensor, ...]  # as `batches` yields it; () is all samples


class OneRun:
    """One model's parameters w and b, and their gradients, kept from step to step as backward does.

    A reader's code may do with data and gradients what it likes: unless trusted, it is looked after
    at each step. Where it is to clear the gradients itself, they are added to, else overwritten.
    """

    w: Tensor
    b: Tensor
    clear: Callable[[], object] | None = None
    trusted = False
    scale = 1.0  # of the loss that is descended
    _w_grad: Any = None
    _b_grad: Any = None

    def __init__(self, samples: Samples, w: Tensor, b: Tensor, device: torch.device) -> None:
        self.w, self.b = (nn.Parameter(p[0].to(device)) for p in (w, b))
        self._samples, self._table = samples, samples.table.to(device)

    def batches(self, orders: Tensor | None, batch_size: int) -> Iterator[Batch]:
        """An epoch's minibatches: X (B, d), -y (B, 1), and [X, 1] transposed (d + 1, B)."""
        if orders is None:
            yield ()
            return
        visited = self._table.index_select(0, orders[:, 0].to(self._table.device))
        for rows in visited.split(_CHUNK * batch_size):
            X, minus_y, X1_t = rows[:, :-2], rows[:, -1:], rows[:, :-1].t()
            yield from zip(
                X.split(batch_size), minus_y.split(batch_size), X1_t.split(batch_size, dim=1)
            )

    def differentiate(self, *batch: Tensor) -> None:
        """Set the gradients of the minibatch's mean loss, or of that of all samples."""
        w, b = self.w, self.b
        if self.clear:
            self.clear()
        untouched = w.grad is not None and (self.trusted or self._untouched())
        if not untouched and not self._new_gradients():
            self._backward(*batch)
            return
        add = untouched and self.clear
        g = torch.empty_like(self._gradients) if add else self._gradients  # (d + 1, 1)
        if batch:
            X, minus_y, X1_t = batch
            B = X.shape[0]
            r = torch.addmm(minus_y, X, w.data.reshape(-1, 1)).add_(b.data)  # (B, 1)
            torch.addmm(g, X1_t, r, beta=0, alpha=self.scale / B, out=g)
            if B > _LONG:
                g[-1] = self.scale * r.mean()
        else:
            g.copy_(self.scale * self._samples.gradient(self.theta()[:, None].cpu()))
        if add:
            self._gradients.add_(g)

    def _untouched(self) -> bool:
        """Whether a reader's code has left our gradients in place."""
        w, b = self.w, self.b
        if w.grad is not self._w_grad or b.grad is not self._b_grad:
            return False
        where = self._w_grad.data_ptr(), self._b_grad.data_ptr()  # type: ignore[union-attr]
        return where == self._where and not (_special(w) or _special(b))

    def _new_gradients(self) -> bool:
        """Hand out new gradients, unless there are others already."""
        w, b = self.w, self.b
        if not (w.grad is b.grad is None) or _special(w) or _special(b):
            return False
        g = w.data.new_empty(w.numel() + 1)
        # Two parts of it that are no views: a rule may detach_() a gradient.
        self._w_grad, self._b_grad = torch.unsafe_split_with_sizes(g, [w.numel(), 1])
        w.grad, b.grad = self._w_grad.unsqueeze_(w.shape.index(1)), self._b_grad
        self._gradients = g[:, None]
        self._where = self._w_grad.data_ptr(), self._b_grad.data_ptr()
        return True

    def _backward(self, *batch: Tensor) -> None:
        """The same by autograd, for whatever a reader has done with the gradients."""
        X, minus_y = batch[:2] if batch else (self._table[:, :-2], self._table[:, -1:])
        for p in (self.w, self.b):
            if p.grad is not None and not self.clear:
                p.grad.data.zero_()
        with torch.enable_grad():
            r = X @ self.w.reshape(-1, 1) + self.b + minus_y
            (self.scale * mean_square_halved(r)).backward()

    def theta(self) -> Tensor:
        """A copy of the parameters, (d + 1,)."""
        return torch.cat([self.w.data.reshape(-1), self.b.data])


def _special(p: Tensor) -> Any:
    """Whether a parameter is frozen, or has hooks, which backward() alone can call."""
    return not p.requires_grad or p._backward_hooks or p._post_accumulate_grad_hooks


class ManyRuns:
    """S models' parameters, w (S, d, 1) or (S, 1, d) and b (S, 1, 1), and their gradients.

    In memory the seeds lie innermost, so that every sum over samples or features runs along them.
    Gradients that a reader's code keeps are added to. Hooks are not called: see `special`.
    """

    clear: Callable[[], object] | None = None
    trusted = False

    def __init__(self, samples: Samples, w: Tensor, b: Tensor, device: torch.device) -> None:
        self.w, self.b = (
            nn.Parameter(p.permute(1, 2, 0).contiguous().permute(2, 0, 1).to(device))
            for p in (w, b[:, :, None])
        )
        self._samples, self._columns = samples, samples.table.t().contiguous().to(device)
        self._products = self._columns.new_empty(0)

    def batches(self, orders: Tensor | None, batch_size: int) -> Iterator[Batch]:
        """An epoch's minibatches: [X, 1] (d + 1, B, S) and -y (B, S), good until the next.

        All are gathered into the same memory: fresh memory would cost more than the gathering.
        """
        if orders is None:
            yield ()
            return
        columns, S = self._columns, len(self.w)
        chunk = max(1, _GATHERED // (len(columns) * batch_size * S)) * batch_size
        gathered = columns.new_empty(len(columns), min(chunk, len(orders)), S)
        self._products = columns.new_empty(len(columns) - 1, batch_size, S)
        for rows in orders.to(columns.device).split(chunk):
            X1_minus_y = gathered[:, : len(rows)]
            for column, values in zip(columns, X1_minus_y):
                torch.take(column, rows, out=values)
            X1, minus_y = X1_minus_y[:-1], X1_minus_y[-1]
            yield from zip(X1.split(batch_size, dim=1), minus_y.split(batch_size))

    def differentiate(self, *batch: Tensor) -> None:
        """Set the gradients of each run's minibatch's mean loss, or of that of all samples."""
        if self.clear:
            self.clear()
        thetas = self.theta().t()  # (d + 1, S)
        if batch:
            X1, minus_y = batch
            products = self._products[:, : minus_y.shape[0]]
            r = torch.mul(X1, thetas[:, None], out=products).sum(dim=0).add_(minus_y)  # (B, S)
            gradients = (
                torch.mul(X1, r, out=products).mean(dim=1) if r.shape[0] > 1 else X1[:, 0] * r
            )
        else:
            gradients = self._samples.gradient(thetas.cpu()).to(thetas)
        new = gradients[:-1].t().view(self.w.shape), gradients[-1].view(self.b.shape)
        for p, gradient in zip((self.w, self.b), new):
            kept = p.grad is not None and self.clear
            p.grad = p.grad.add_(gradient) if kept else gradient  # type: ignore[union-attr]

    def special(self) -> Any:
        """Whether a reader's code has hooks on the parameters, or froze one."""
        return _special(self.w) or _special(self.b)

    def theta(self) -> Tensor:
        """A copy of the parameters, (S, d + 1)."""
        S = self.w.shape[0]
        return torch.cat([self.w.data.reshape(S, -1).t(), self.b.data.reshape(1, S)]).t()
