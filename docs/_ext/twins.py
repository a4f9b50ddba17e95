"""How far a rule of the book and an optimizer of torch part, from one start, in double precision.

Pages say it in a sentence; the code that computes it is left out of them.
"""

import torch

import d2l_ch7 as d2l


def largest_difference(rule, states, hyperparams, optimizer_fn, options, steps=300):
    """The largest difference of a parameter, over all steps, on the same minibatches of ten."""
    X, y = (t.double() for t in d2l.get_data_ch7())
    ours = [torch.full((5, 1), 0.01, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)]
    theirs = [p.clone() for p in ours]
    optimizer, states, largest = optimizer_fn(theirs, **options), states and states(ours), 0.0
    draws, hyperparams = torch.Generator().manual_seed(0), dict(hyperparams)
    for _ in range(steps):
        batch = torch.randint(len(X), (10,), generator=draws)
        for w, b in (ours, theirs):
            residual = X[batch] @ w + b - y[batch, None]
            w.grad, b.grad = X[batch].T @ residual / 10, residual.mean(dim=0)
        rule(ours, states, hyperparams)
        optimizer.step()
        largest = max(largest, *((p - q).abs().max().item() for p, q in zip(ours, theirs)))
    return largest
