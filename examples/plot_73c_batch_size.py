r"""
7.3.3 The batch size from 1 to 1500: which one is fastest?
==========================================================

Neither end. A larger batch makes a pass quicker, but from some size on more passes are needed. The
time to reach a given loss is the product of the two, and it is least in between.

.. playground:: lr=0.005&batch=1
   :show: loss lr batch

   Ten times the batch, and ten times the learning rate. **Predict:** does a pass still bring the
   loss as low, and up to which batch size does this go on? Then try.
"""

# sphinx_gallery_thumbnail_number = 1

# %%
# Quick passes, few passes
# ------------------------
#
# The step is that of 7.3.1, and so is the way to take its time: it is made many times, and the
# fastest counts. The time of a pass is that of all its steps.

import timeit

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting

data = features, labels = d2l.get_data_ch7()
batch_sizes = [1, 3, 10, 30, 100, 300, 1500]


def step(w, b, X, y, lr):
    r = X @ w + b - y
    w -= lr * X.T @ r / len(y)
    b -= lr * r.mean()


def ms_per_pass(batch_size):
    w, b = torch.zeros(5), torch.zeros(1)
    batch = torch.randperm(1500)[:batch_size]
    times = timeit.repeat(
        lambda: step(w, b, features[batch], labels[batch], 0.005),
        number=1,
        repeat=100,
    )
    return 1000 * min(times) * 1500 / batch_size


# %%
# The :term:`learning rate` has to grow with the batch (7.3.2): 0.005 for each sample, but at most
# 0.5. We count the passes until the loss is *close*, at most 5 % above the least possible one. The
# loss is looked at after each 100 samples, or after each batch if it is larger.


def learning_rate(batch_size):
    return min(0.005 * batch_size, 0.5)


def passes_to_close(batch_size):
    run = d2l.fit(
        d2l.optimizers.sgd,
        None,
        {"lr": learning_rate(batch_size)},
        *data,
        batch_size=batch_size,
        num_epochs=10,
        seed=range(100),
    )
    close = run.losses <= 1.05 * run.optimum
    return run.epochs[close.argmax(axis=1)]


# %%
# The time to get close is the product: time of a pass, times passes.

ms = np.array([ms_per_pass(size) for size in batch_sizes])[:, None]
passes = np.array([passes_to_close(size) for size in batch_sizes])
ms_to_close = ms * passes

# %%

# plotting code
ax = plotting.plot_sweep(
    batch_sizes,
    {
        "time of a pass": ms / ms[0],
        "passes to get close": passes / np.median(passes[0]),
        "time to get close": ms_to_close / np.median(ms_to_close[0]),
    },
    xlabel="batch size",
    ylabel="time and passes, relative",
)
ax.set_yscale("log")
ax.xaxis.set_major_formatter("{x:g}")
ax.yaxis.set_major_formatter("{x:g}")

# %%
# .. alt::
#
#    Three curves against the batch size, relative to a batch of one, both axes logarithmic. The
#    time of a pass falls. The passes that are needed stay about the same and then rise. Their
#    product, the time to get close, falls and then turns upwards.
#
# All curves are relative to a batch of one sample. The bands hold 95 % of a hundred runs.
#
# The time of a pass falls almost as fast as the batch grows, and more slowly at the end. The passes
# needed stay about the same at first, because ten samples in one step do what ten steps do. Then
# the learning rate has met its limit: a step with more samples goes no further, and more passes are
# needed. The product falls as long as passes get quicker by more than their number grows. In the
# table, speeds are relative to a batch of one as well.
#
# .. computed:: time_table
#
#    batch | η | passes | speed of a pass | speed in all
#
# Of these sizes the fastest is :calc:`batch_sizes[best]|d`.

# sphinx_gallery_start_ignore
middle = np.median(ms_to_close, axis=1)
best = int(middle.argmin())
time_table = [
    (
        size,
        f"{learning_rate(size):.3f}",
        f"{np.median(passes[i]):.2f}",
        f"{ms[0, 0] / ms[i, 0]:.0f}",
        f"{middle[0] / middle[i]:.0f}",
    )
    for i, size in enumerate(batch_sizes)
]
assert (passes > 0).all()  # argmax of a row without True is 0
# sphinx_gallery_end_ignore

# %%
# Why a sample costs less in a larger batch
# -----------------------------------------
#
# One reason is overhead: each step calls some operations, and a call costs the same for one sample
# as for ten. The other is linear algebra. For a batch, the predictions of a layer with
# :term:`weights <weight>` :math:`W` are one product of matrices,
#
# .. math:: \underset{B \times m}{\hat{Y}} = \underset{B \times d}{X} \; \underset{d \times m}{W} .
#
# It takes :math:`2Bdm` operations and reads :math:`Bd + dm` numbers. With :math:`B = 1` each weight
# is fetched from memory for two operations, and the arithmetic waits for it. With more rows each
# weight is fetched once and used for all of them. Our model has too few weights to show it, so we
# take a layer of 1000 by 1000, with up to 100 samples.

W = torch.randn(1000, 1000)


def us_per_sample(batch_size):
    X = torch.randn(batch_size, 1000)
    times = timeit.repeat(lambda: X @ W, number=1, repeat=300)
    return 1e6 * min(times) / batch_size


layer_us = [us_per_sample(size) for size in batch_sizes[:-2]]

# %%

# plotting code
(ax,) = plotting.panels("")
blue, orange = plotting.COLORS[:2]
name = "a layer of 1000 × 1000"
ax.loglog(batch_sizes[:-2], layer_us, "-o", color=blue, label=name)
ax.loglog(
    batch_sizes, 1000 * ms / 1500, "--s", color=orange, label="our loop"
)
ax.xaxis.set_major_formatter("{x:g}")
ax.yaxis.set_major_formatter("{x:g}")
ax.set(xlabel="batch size", ylabel="time for a sample in µs")
ax.legend()

# %%
# .. alt::
#
#    Time for a sample against the batch size, both axes logarithmic, for one large layer and for
#    our loop. Both fall; the layer levels off.
#
# Both curves fall. The large layer has next to no overhead: what it saves is the way of the weights
# to the arithmetic. It levels off when the arithmetic is the limit, and from there on a larger
# batch saves nothing. Our small model is overhead almost to the end.

# %%
# What to take away
# -----------------
#
# - Enlarge the batch, and the learning rate with it, as long as a sample gets cheaper by it.
# - Once the learning rate has reached its limit, a larger batch costs passes. Go on only while a
#   pass gets quicker by more than the passes increase.
# - The best size belongs to the machine and the model. Measure the time of a pass.

# %%
# Check yourself
# --------------
#
# .. check:: A pass in batches of 64 takes 2 s, in batches of 256 it takes 0.8 s. The larger batch
#    needs twice the passes. Which one is faster?
#
#    The larger: its passes are quicker by :math:`2 / 0.8 =` :calc:`2 / 0.8|.1f`, and only twice as
#    many are needed.
#
# .. check:: A layer has 1000 by 1000 weights. How many operations are done for each number that is
#    read, with one sample and with 100?
#
#    :math:`2Bdm / (Bd + dm)`: with one sample :calc:`2e6 / (1e3 + 1e6)|.1f`, with a hundred
#    :calc:`2e8 / (1e5 + 1e6)|.0f`.
#
# .. check:: Up to which batch size does the learning rate of this page grow, and what happens to
#    the passes from there on?
#
#    Up to :math:`0.5 / 0.005 =` :calc:`0.5 / 0.005|.0f`. From there on their number rises.

# %%
# Exercises
# ---------
#
# .. exercise:: 7.3 a
#
#    Vary the batch size and the learning rate. How fast does the loss fall, and how long does an
#    epoch take?

# %%
# The first figure has the time of an epoch. It falls with the batch size; the learning rate does
# not enter it. For the speed of the descent we train one pass with each pair of the two, for each
# batch size up to a rate that is too large.

after_one = {}
for size, largest in ((10, 0.5), (50, 0.8), (300, 1.5), (1500, 3)):
    rates = np.geomspace(0.001, largest, 12)
    runs = [
        d2l.fit(
            d2l.optimizers.sgd,
            None,
            {"lr": lr},
            *data,
            batch_size=size,
            num_epochs=1,
            seed=range(20),
        )
        for lr in rates
    ]
    after_one[size] = rates, [np.median(run.final_loss) for run in runs]

# %%

# plotting code
(ax,) = plotting.panels("", height=3.2)
for (size, (rates, losses)), color, style in zip(
    after_one.items(), plotting.COLORS, ("-o", "--s", "-.^", ":v")
):
    look = {"color": color, "markersize": 4, "label": f"batch size {size}"}
    ax.semilogx(rates, losses, style, **look)
ax.axhline(runs[0].optimum, color="0.5", linestyle="--", linewidth=1)
ax.xaxis.set_major_formatter("{x:g}")
ax.set(
    ylim=(0.22, 0.7), xlabel="learning rate", ylabel="loss after one pass"
)
ax.legend(loc="upper center", ncols=2)

# %%
# .. alt::
#
#    Loss after one pass against the learning rate, for four batch sizes. Each curve is a valley,
#    and the larger the batch, the further to the right it lies and the narrower it is.
#
# Each batch size has a valley of good learning rates. Left of it a pass is too short a way. Right
# of it the steps are too noisy, or overshoot. The larger the batch, the further to the right lies
# the valley, and the narrower it is. A single step with all samples can come close, too. But the
# best rate for it lies above the limit of 7.3.1, and more such steps would :term:`diverge`.
#
# .. endexercise::

# %%
# .. exercise:: 7.3 b
#
#    Divide the learning rate by ten after each epoch, with the scheduler of the library. What
#    changes?

# %%
# A learning rate **schedule** lets the rate decay during training. PyTorch's ``StepLR`` multiplies
# the rate by ``gamma`` whenever it has been asked ``step_size`` times. We ask it after each step,
# so ``step_size`` is the number of steps in a pass. A class holds :term:`optimizer` and scheduler
# together, and can be passed where an optimizer can.


class DecayingSGD:
    def __init__(self, params, lr, steps_per_pass):
        self.optimizer = torch.optim.SGD(params, lr=lr)
        self.scheduler = torch.optim.lr_scheduler.StepLR(
            self.optimizer, step_size=steps_per_pass, gamma=0.1
        )

    def zero_grad(self):
        self.optimizer.zero_grad()

    def step(self):
        self.optimizer.step()
        self.scheduler.step()


# %%
# Does it do what it should? With a gradient of 1 a step is as long as the rate. In three passes of
# two steps each the steps are :calc:`", ".join(f"{length:.4g}" for length in lengths)`.

p = torch.nn.Parameter(torch.zeros(1))
p.grad, positions = torch.ones(1), [0.0]
optimizer = DecayingSGD([p], lr=0.05, steps_per_pass=2)
for _ in range(6):
    optimizer.step()
    positions.append(p.item())
lengths = -np.diff(positions)

# %%
# We train with it and without it in batches of ten: once with a rate so large that noise is the
# trouble, once with one so small that the start is far away. It treats each entry of the parameters
# by itself, so all runs can go in one pass: ``elementwise=True``.

large, small = {}, {}
for lr, runs in ((0.35, large), (0.002, small)):
    runs["fixed"] = d2l.fit_torch(
        torch.optim.SGD,
        {"lr": lr},
        *data,
        batch_size=10,
        num_epochs=3,
        seed=range(100),
    )
    runs["divided by ten"] = d2l.fit_torch(
        DecayingSGD,
        {"lr": lr, "steps_per_pass": 150},
        *data,
        batch_size=10,
        num_epochs=3,
        seed=range(100),
        elementwise=True,
    )

# %%

# plotting code
left, right = plotting.panels(
    "learning rate 0.35", "learning rate 0.002", height=3.2
)
plotting.plot_histories(large, left)
plotting.plot_histories(small, right).set_ylim(0.2, 0.8)
right.get_legend().remove()

# %%
# .. alt::
#
#    Loss with a fixed learning rate and with one that is divided by ten after each epoch. Begun
#    large, the divided one settles close to the optimum, the fixed one stays noisy. Begun small,
#    the divided one stops on the way, the fixed one goes on.
#
# .. computed:: decayed
#
#    first η | fixed | divided | least possible
#
# The numbers are medians of the final losses. With the large rate, the noise decays with the rate
# after the first pass. The loss settles close to the optimum, and the band closes. With the small
# rate, the run stops on the way. The rates of all later passes sum to a ninth of the first pass's,
# so there is a distance that they cannot go. So divide the rate when the loss wavers and no longer
# falls, and not before.

# sphinx_gallery_start_ignore
decayed = [
    (
        lr,
        *(f"{np.median(run.final_loss):.4f}" for run in runs.values()),
        f"{runs['fixed'].optimum:.4f}",
    )
    for lr, runs in ((0.35, large), (0.002, small))
]
# sphinx_gallery_end_ignore

# %%
# .. endexercise::

# %%
# .. exercise:: 7.3.3 (ours)
#
#    Only ten samples fit into your memory, but you want the steps of batches of a hundred. Write a
#    rule that gathers ten gradients and then makes one step. This is called **gradient
#    accumulation**. Is it the same? And does it save time?

# %%
# The mean over a hundred samples is the mean of ten means over ten.


def accumulate(params, states, hyperparams):
    hyperparams["t"] += 1
    for p, total in zip(params, states):
        total += p.grad
        if hyperparams["t"] % 10 == 0:
            p.data -= hyperparams["lr"] * total / 10
            total.zero_()


zeros = d2l.optimizers.init_momentum_states


def gather():
    return d2l.fit(
        accumulate,
        zeros,
        {"lr": 0.5, "t": 0},
        *data,
        batch_size=10,
        seed=0,
    )


def whole():
    return d2l.fit(
        d2l.optimizers.sgd,
        None,
        {"lr": 0.5},
        *data,
        batch_size=100,
        seed=0,
    )


gathered = gather()
at_once = whole()
plotting.plot_histories(
    {"batches of 100": at_once, "ten batches of 10": gathered}
)

# %%
# .. alt::
#
#    Loss against epoch for batches of a hundred, and for ten batches of ten whose gradients are
#    gathered: one curve lies on the other.
#
# It is the same: the losses differ by :calc:`abs(gathered.losses - at_once.losses).max()|.0e` at
# most, which is rounding. It saves memory, but no time: a pass takes
# :calc:`ms_gathered / ms_whole|.0f` times as long as in batches of a hundred, for it still has 150
# batches. In PyTorch you call ``zero_grad`` and ``step`` only after each tenth ``backward``, and
# divide the loss by ten.

# sphinx_gallery_start_ignore
ms_gathered = 1000 * min(gather().seconds_per_epoch for _ in range(10))
ms_whole = 1000 * min(whole().seconds_per_epoch for _ in range(10))
# sphinx_gallery_end_ignore

# %%
# .. endexercise::
