r"""
7.3.2 Minibatches with PyTorch: does one learning rate serve every batch size?
==============================================================================

No. A rate that suits a minibatch leaves gradient descent less than half-way, and does not let
single samples settle. Batch size and learning rate have to be chosen together.

.. playground:: method=torch-sgd&lr=0.05
   :show: loss lr batch

   A learning rate of 0.05 suits batches of 10. **Predict** the rates that suit batches of 100 and
   single samples, then try.
"""

# sphinx_gallery_thumbnail_number = 2

# %%
# The loop in PyTorch
# -------------------
#
# PyTorch finds the gradient itself. Its ``backward`` *adds* it to ``p.grad``, so that has to be set
# to zero first; otherwise each step would go along the sum of all gradients so far. The
# :term:`optimizer` ``torch.optim.SGD`` then makes the step for each parameter,
#
# .. math:: p \leftarrow p - \eta\, \frac{1}{|\mathcal{B}|} \sum_{i \in \mathcal{B}} \nabla f_i ,
#
# where :math:`f_i` is the loss of sample :math:`i` and :math:`\mathcal{B}` the batch.

import timeit

import numpy as np
import torch
from torch.nn.functional import mse_loss
from torch.utils.data import DataLoader, TensorDataset

import d2l_ch7 as d2l
from d2l_ch7 import plotting


def step(model, optimizer, X, y):
    optimizer.zero_grad()
    loss = mse_loss(model(X).flatten(), y) / 2
    loss.backward()
    optimizer.step()


def one_pass(model, optimizer, loader):
    for X, y in loader:
        step(model, optimizer, X, y)


# %%
# We train a linear model on the airfoil data: two passes in batches of ten. The loader shuffles the
# samples before each pass.

data = features, labels = d2l.get_data_ch7()


def prepare(batch_size):
    model = torch.nn.Linear(5, 1)
    params = model.parameters()
    optimizer = torch.optim.SGD(params, lr=0.05)
    loader = DataLoader(TensorDataset(*data), batch_size, shuffle=True)
    return model, optimizer, loader


torch.manual_seed(0)
model, optimizer, loader = prepare(10)
for _ in range(2):
    one_pass(model, optimizer, loader)

# %%
# ``train_pytorch_ch7`` does the same, and draws the loss. It takes less time (:doc:`/speed` says
# how). From the same seed it ends at the same loss, :calc:`theirs.final_loss|.4f`, but for
# rounding.

# sphinx_gallery_start_ignore
theirs = d2l.fit_torch(torch.optim.SGD, {"lr": 0.05}, *data, seed=0)
ours = mse_loss(model(features).flatten(), labels).item() / 2
assert abs(ours - theirs.final_loss) < 1e-6
# sphinx_gallery_end_ignore

# %%
# Three batch sizes, one rate
# ---------------------------
#
# Now the three methods of 7.3.1, all with the learning rate of the minibatch, 0.05. Each has its
# batch size and its number of passes.

settings = {
    "gradient descent": (1500, 6),
    "stochastic": (1, 2),
    "minibatch": (10, 2),
}
left, right = plotting.panels("gradient descent", "small batches")
right.set_prop_cycle(plotting.STYLES[1:])
for sizes, ax in zip(settings.values(), (left, right, right)):
    d2l.train_pytorch_ch7(
        torch.optim.SGD, {"lr": 0.05}, *data, *sizes, seed=0, ax=ax
    )
right.legend(["stochastic", "minibatch"])

# %%
# .. alt::
#
#    Loss against epoch for three batch sizes at one learning rate. Gradient descent has not arrived
#    after six epochs. Single samples fall at once and then jump up and down. The minibatch falls
#    fast and stays low.
#
# Gradient descent is still on its way when the run ends. Single samples oscillate up and down and
# do not settle. The minibatch falls fast and stays low. Here are a hundred runs of each.

runs = {}
for name, sizes in settings.items():
    runs[name] = d2l.fit_torch(
        torch.optim.SGD, {"lr": 0.05}, *data, *sizes, seed=range(100)
    )
plotting.plot_histories(runs).set_ylim(0.2, 0.9)

# %%
# .. alt::
#
#    Median and band of a hundred runs of each method. Gradient descent comes down slowly in a wide
#    band, single samples stay in a wide band above the optimum, and the minibatch settles close to
#    it.
#
# Gradient descent is too slow: six steps of this length do not reach the minimum. Its wide band is
# that of the start, which ``nn.Linear`` draws at random. Single samples are too noisy: their band
# stays wide, and above the least possible loss. The minibatch :term:`converges <converge>`, and
# stays.
#
# We take the time of a step as in 7.3.1: the fastest of many counts.


def ms_per_step(batch_size):
    X, y = features[:batch_size], labels[:batch_size]
    model, optimizer, _ = prepare(batch_size)
    times = timeit.repeat(
        lambda: step(model, optimizer, X, y),
        number=1,
        repeat=50,
    )
    return 1000 * min(times)


ms = {name: ms_per_step(size) for name, (size, _) in settings.items()}

# %%
# .. computed:: step_times
#
#    method | µs a step | median final loss

# sphinx_gallery_start_ignore
step_times = [
    (name, f"{1000 * ms[name]:.0f}", f"{np.median(run.final_loss):.3f}")
    for name, run in runs.items()
]
# sphinx_gallery_end_ignore

# %%
# A step costs more than in 7.3.1. PyTorch records how the loss was computed, and goes back through
# the record for the gradient. The loader costs time besides: it fetches the samples one by one. For
# many parameters this does not matter; a model with six is all overhead.

# %%
# The noise of a minibatch
# ------------------------
#
# The gradient of a batch is a mean over its samples. A mean over :math:`B` independent samples has
# :math:`1/B` of the variance of one, so it misses the full gradient by :math:`1/\sqrt{B}` of what
# one sample does. We see it at the model that we have trained: here are the gradients of all
# samples, and how far batches miss their mean.

X = torch.cat([features, torch.ones(1500, 1)], dim=1)
residuals = model(features).detach() - labels[:, None]
gradients = residuals * X


def noise(batch_size, draws=2000):
    misses = torch.empty(draws)
    for i in range(draws):
        batch = torch.randperm(1500)[:batch_size]
        miss = gradients[batch].mean(dim=0) - gradients.mean(dim=0)
        misses[i] = miss.square().sum()
    return misses.mean().sqrt()


sizes = np.array([1, 3, 10, 30, 100, 300])
misses = np.array([noise(size) for size in sizes])

# %%

# plotting code
(ax,) = plotting.panels("")
spread = (gradients - gradients.mean(dim=0)).square().sum(dim=1)
one = spread.mean().sqrt().item()
ax.loglog(sizes, one / sizes**0.5, color="0.6", label="of one sample / √B")
ax.loglog(sizes, misses, "o", color=plotting.COLORS[0], label="measured")
ax.xaxis.set_major_formatter("{x:g}")
ax.yaxis.set_major_formatter("{x:g}")
ax.set(xlabel="batch size", ylabel="noise of the gradient")
ax.legend()

# %%
# .. alt::
#
#    The noise of the gradient against the batch size, both axes logarithmic. The dots follow a
#    straight line that falls with the root of the batch size.
#
# The dots follow the line. At the right end they lie a little below it: such a batch holds a good
# part of all samples and no sample twice, and a batch of all 1500 would miss nothing. With a
# smaller batch the noise of a step is larger, and so is the loss at which the training settles, on
# a :term:`plateau` of noise.
#
# A larger batch has less noise, but fewer steps in a pass. They must be longer to get as far. Both
# say the same: let the learning rate grow with the batch. The :term:`curvature` of the loss sets it
# a limit (7.3.1). We take 0.005 for each sample of the batch, but at most 0.5.


def learning_rate(batch_size):
    return min(0.005 * batch_size, 0.5)


sizes = [1, 3, 10, 30, 100, 300, 1500]
after_two = {
    "learning rate 0.05 for all": [],
    "learning rate grows with the batch": [],
}
for size in sizes:
    rates = 0.05, learning_rate(size)
    for losses, lr in zip(after_two.values(), rates):
        run = d2l.fit_torch(
            torch.optim.SGD, {"lr": lr}, *data, size, 2, seed=range(100)
        )
        losses.append(run.final_loss)
ax = plotting.plot_sweep(
    sizes, after_two, xlabel="batch size", ylabel="loss after two passes"
)
ax.xaxis.set_major_formatter("{x:g}")

# %%
# .. alt::
#
#    Loss after two passes against the batch size. With one learning rate it is higher at both ends.
#    With a rate that grows with the batch it stays low up to large batches, and rises at the end.
#
# With one learning rate for all, the loss is high at both ends, for different reasons. Small
# batches are noisy. Large batches make too few steps: they are still near their random starts. A
# rate that grows with the batch keeps the loss low. Only at the right end, where the rate has met
# its limit, two passes are too few steps again. That the rate grows in proportion to the batch is
# known from large networks: P. Goyal and others, "Accurate, large minibatch SGD: training ImageNet
# in 1 hour", 2017. There it needs a **warm-up**: the first steps are made with smaller rates.

# %%
# What to take away
# -----------------
#
# - A learning rate means little without its batch size.
# - Does the loss still fall smoothly when the run ends? Raise the learning rate.
# - Does it jump at a level that it does not leave? Lower the learning rate, or enlarge the batch.
# - If you change the batch size, change the learning rate in proportion, up to its limit.

# %%
# Check yourself
# --------------
#
# .. check:: You go from batches of 10 to batches of 40. By what does the noise of a gradient
#    change?
#
#    It is multiplied by :math:`\sqrt{10 / 40} =` :calc:`(10 / 40) ** 0.5|.1f`.
#
# .. check:: A minibatch of 32 trains well with a learning rate of 0.1. Which one do you try first
#    for 128?
#
#    In proportion, :math:`0.1 \cdot 128 / 32 =` :calc:`0.1 * 128 / 32|.1f`, if that is below the
#    limit that the curvature sets.
#
# .. check:: What happens if you leave ``optimizer.zero_grad()`` out of the loop?
#
#    Each gradient is added to the sum of all before it. The steps still follow gradients from long
#    ago: the weights overshoot and swing back, and in minibatches they swing ever more widely. On
#    our data, after two passes in batches of ten, the loss is :calc:`np.median(uncleared)|.0f` in
#    the median of ten runs. It began at :calc:`np.median(first)|.1f`.

# sphinx_gallery_start_ignore
first, uncleared = [], []
for seed in range(10):
    torch.manual_seed(seed)
    net = torch.nn.Linear(5, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    batches = [b for _ in range(2) for b in torch.randperm(1500).split(10)]
    for batch in batches:
        loss = mse_loss(net(features[batch]).flatten(), labels[batch]) / 2
        loss.backward()
        if batch is batches[0]:
            first.append(
                mse_loss(net(features).flatten(), labels).item() / 2
            )
        optimizer.step()
    uncleared.append(mse_loss(net(features).flatten(), labels).item() / 2)
# sphinx_gallery_end_ignore

# %%
# Exercises
# ---------
#
# .. exercise:: 7.3.2 (ours)
#
#    Train for twenty passes and look at the excess loss, the loss minus the least possible one,
#    once the training has settled. How does it depend on learning rate and batch size?

# %%
# We take three batch sizes and several learning rates, and average over the last ten passes.

shares = np.array([0.001, 0.002, 0.005, 0.01, 0.016])
excess = {}
for size in (10, 30, 100):
    rates = shares[shares * size <= 0.5] * size
    excess[size] = []
    for lr in rates:
        run = d2l.fit_torch(
            torch.optim.SGD,
            {"lr": lr},
            *data,
            size,
            num_epochs=20,
            seed=range(20),
        )
        settled = run.losses[:, run.epochs > 10]
        excess[size].append(settled.mean() - run.optimum)

# %%

# plotting code
by_rate, by_share = plotting.panels("by learning rate", "by rate over size")
for (size, values), color, style in zip(
    excess.items(), plotting.COLORS, ("-o", "--s", "-.^")
):
    share = shares[: len(values)]
    look = {"color": color, "markersize": 5, "label": f"batch size {size}"}
    by_rate.loglog(share * size, values, style, **look)
    by_share.loglog(share, values, style, **look)
by_rate.set(xlabel="learning rate", ylabel="excess loss")
by_share.set(xlabel="learning rate / batch size")
for ax in (by_rate, by_share):
    ax.xaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_major_formatter("{x:g}")
by_share.legend(loc="lower right")

# %%
# .. alt::
#
#    Excess loss for three batch sizes. Against the learning rate there are three curves. Against
#    the learning rate over the batch size they come close to one another, and part at large rates.
#
# Against the learning rate there are three curves. Against the learning rate over the batch size
# they come close to one another: it is mostly this ratio that sets the plateau of noise. They part
# where the rate comes near its limit: at a ratio of 0.005 batches of 100 have
# :calc:`excess[100][2] / excess[10][2]|.1f` times the excess of batches of 10. At small rates the
# curves are steeper than in proportion. That comes from shuffling: in a pass each sample comes
# once, and while the steps are small, the noise of its batches cancels in part.
#
# .. endexercise::
