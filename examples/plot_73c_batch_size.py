r"""
7.3 The batch size from 1 to 1500: which one is fastest?
========================================================

Neither end. A larger batch makes a pass over the data quicker, but from some size on more passes
are needed. The time to reach a given loss is the product of the two, and is least in between.

The batch size :math:`B` runs from 1 to all samples. The learning rate grows with it, as the page
before found it must: 0.005 for each sample of the batch, but at most 0.5.
"""

# %%
# The data are the 1500 airfoil samples of the chapter, and the rule is that of the book.

import time
import warnings

import numpy
import torch

import d2l_ch7 as d2l

features, labels = d2l.get_data_ch7()
sgd = d2l.optimizers.sgd
batch_sizes = [1, 3, 10, 30, 100, 300, 1500]


def learning_rate(batch_size):
    return min(0.005 * batch_size, 0.5)


# %%
# Quick passes, and few passes
# ----------------------------
# Two things are measured for each batch size. The seconds of a pass: the fastest of some runs, with
# more passes where a pass is short. And the passes until the loss is at most 5 % above the least
# possible one: the median of 100 seeds, and the range that holds 95 % of them. The loss is recorded
# after each 100 samples, or each batch if that is larger, and the passes are known no finer.

d2l.fit(sgd, None, {"lr": 0.05}, features, labels, seed=0)  # the first run also pays for loading
seconds, passes, after_one = [], [], {}
for B in batch_sizes:
    args = sgd, None, {"lr": learning_rate(B)}, features, labels, B
    num_epochs = max(1, B // 10)
    tries = [d2l.fit(*args, num_epochs, seed=0) for _ in range(2 if B < 10 else 4)]
    seconds.append(min(h.seconds_per_epoch for h in tries))
    h = d2l.fit(*args, 1 if B < 100 else 12, seed=range(100))
    close = h.losses <= 1.05 * h.optimum
    assert close.any(axis=1).all()
    passes.append(h.epochs[close.argmax(axis=1)])
    after_one[B] = h.losses[:, h.epochs == 1]
seconds = numpy.array(seconds)
low, middle, high = numpy.quantile(passes, [0.025, 0.5, 0.975], axis=1)

fig, axes = d2l.plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
blue, orange, green = d2l.plotting.COLORS[:3]
axes[0].loglog(batch_sizes, 1e3 * seconds, "o-", color=blue)
axes[0].set(ylabel="time of a pass / ms", title="time of a pass")
axes[1].loglog(batch_sizes, middle, "s-", color=orange)
axes[1].fill_between(batch_sizes, low, high, color=orange, alpha=0.25, linewidth=0)
axes[1].minorticks_off()
axes[1].set_yticks([0.3, 1, 3], ["0.3", "1", "3"])
axes[1].set(ylabel="passes to get close", title="× passes needed")
axes[2].loglog(batch_sizes, 1e3 * seconds * middle, "^-", color=green)
axes[2].fill_between(
    batch_sizes, 1e3 * seconds * low, 1e3 * seconds * high, color=green, alpha=0.25, linewidth=0
)
axes[2].set(ylabel="time to get close / ms", title="= time needed")
for ax in axes:
    ax.set_xlabel("batch size")
fig.alt = (
    "Against the batch size, the time of a pass falls, the number of passes to get close to the "
    "optimum stays and then rises, and their product is least between the ends."
)

# %%
# Left: the time of a pass falls almost as fast as the batch grows, and more slowly at the end.
# Middle: with small batches the passes needed stay the same, because ten samples in one step do
# what ten steps do. Then the learning rate has met its limit: a step of more samples goes no
# further, so that more passes are needed. Right: the product falls as long as passes get quicker
# by more than their number grows. Then it turns.

best = batch_sizes[int(numpy.argmin(seconds * middle))]
print(
    f"{'batch':>6}{'lr':>7}{'ms a pass':>11}{'µs a sample':>13}{'passes':>8}{'ms to get close':>17}"
)
for B, s, p in zip(batch_sizes, seconds, middle):
    print(
        f"{B:6d}{learning_rate(B):7.3f}{1e3 * s:11.3f}{1e6 * s / len(labels):13.3f}{p:8.2f}"
        f"{1e3 * s * p:17.2f}{' <- least' if best == B else ''}"
    )

# %%
# Why a bigger batch is cheaper a sample
# --------------------------------------
# One reason is overhead: each step calls some operations, and a call costs the same for one sample
# as for ten. The other reason is linear algebra. For a batch, the predictions of a layer with
# weights :math:`W` are one product of matrices:
#
# .. math:: \underset{B \times m}{\hat{Y}} = \underset{B \times d}{X} \; \underset{d \times m}{W}
#
# It takes :math:`2Bdm` operations, and reads :math:`Bd + dm` numbers. With :math:`B = 1` each
# weight is fetched from memory or cache for two operations, and the arithmetic waits for it. With
# more rows each weight is fetched once and used for all of them. Our model has too few weights to
# show it, so we take a layer of 1000 by 1000.

W = torch.randn(1000, 1000)
per_sample = []
for B in batch_sizes:
    X = torch.randn(B, 1000)
    times = []
    for _ in range(max(3, 300 // B)):
        begin = time.perf_counter()
        X @ W
        times.append(time.perf_counter() - begin)
    per_sample.append(1e6 * min(times) / B)

fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.loglog(batch_sizes, per_sample, "o-", label="layer of 1000 × 1000, product only")
ax.loglog(batch_sizes, 1e6 * seconds / len(labels), "s--", label="our model, whole step")
ax.set(xlabel="batch size", ylabel="time a sample / µs")
ax.legend()
fig.alt = (
    "Time per sample against batch size, for one matrix product and for a step of our model: both "
    "fall, and the matrix product levels off."
)

# %%
# Both curves fall. That of the large layer has next to no overhead in it: what it saves is the way
# of the weights to the arithmetic. It levels off when the arithmetic is the limit. From there on, a
# larger batch saves nothing. Our small model goes on falling, because it is overhead almost to the
# end.
#
# The loss with a fixed learning rate
# -----------------------------------
# What if only the batch size changes? The learning rate is now 0.05 for all, as in the book's
# minibatch experiment. We look at the loss after one pass, beside that of the runs above.

same_rate = {
    B: d2l.fit(sgd, None, {"lr": 0.05}, features, labels, B, 1, seed=range(100)).final_loss
    for B in batch_sizes
}
fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
for label, color, style, losses in [
    ("lr 0.05 for all", blue, "o-", same_rate),
    ("lr grows with the batch", orange, "s--", after_one),
]:
    low, middle, high = numpy.transpose(
        [numpy.quantile(losses[B], [0.025, 0.5, 0.975]) for B in batch_sizes]
    )
    ax.semilogx(batch_sizes, middle, style, color=color, label=label)
    ax.fill_between(batch_sizes, low, high, color=color, alpha=0.25, linewidth=0)
ax.axhline(h.optimum, color="0.5", linestyle="--", linewidth=1)
ax.set(xlabel="batch size", ylabel="loss after one pass")
ax.legend()
fig.alt = (
    "Loss after one pass against batch size. With one learning rate it is high at both ends; "
    "with a learning rate that grows with the batch it stays low up to large batches."
)

# %%
# The dashed line is the least possible loss. With one learning rate for all, the loss is high at
# both ends, for different reasons. Small batches are noisy: their band is wide. Large batches make
# too few steps: their band is narrow, and high. A learning rate that grows with the batch keeps the
# median low well past its limit; only at the end are the steps too few. Near the limit the band is
# wider.
#
# What to take away
# -----------------
# - Enlarge the batch as long as a sample gets cheaper by it, and the learning rate along with it.
# - Stop when the learning rate has reached its limit: a larger batch then only costs passes.
# - The best batch size belongs to the machine and the model. Measure the time of a pass: it takes a
#   minute.

# %%
# .. exercise:: 7.3 a
#
#    Vary the batch size and the learning rate. How fast does the loss fall, and how long does an
#    epoch take?
#

# %%
# The table above has the time of an epoch: it falls with the batch size. The learning rate does not
# enter it. For the speed of the descent we train one pass with each pair of the two, 20 seeds each.
# Too large a learning rate diverges. The package warns of it; here we want to see it, and silence
# the warning. A curve ends there: no larger rate is tried.

rates = numpy.geomspace(0.001, 3, 12)
fig, ax = d2l.plt.subplots(figsize=(7.5, 3.6), layout="constrained")
for B, color, style in zip([10, 50, 300, 1500], d2l.plotting.COLORS, ["o-", "s--", "^-.", "v:"]):
    losses = []
    for lr in rates:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            h = d2l.fit(sgd, None, {"lr": lr}, features, labels, B, 1, seed=range(20))
        losses.append(numpy.median(h.final_loss))
        if not losses[-1] < 1:
            break
    ax.semilogx(rates[: len(losses)], losses, style, color=color, label=f"batch size {B}")
    best = int(numpy.nanargmin(losses))
    print(f"batch size {B:4}: best learning rate {rates[best]:.3f}, loss {losses[best]:.4f}")
ax.axhline(h.optimum, color="0.5", linestyle="--", linewidth=1)
print(f"close is a loss of at most {1.05 * h.optimum:.4f}")
ax.set(ylim=(0.22, 0.6), xlabel="learning rate", ylabel="loss after one pass")
fig.legend(loc="outside right upper")
fig.alt = (
    "Loss after one pass against the learning rate, for four batch sizes: the valley of good rates "
    "moves to larger ones as the batch grows. For one step with all samples it is the narrowest."
)

# %%
# Each batch size has a valley of good learning rates. Left of it a pass is too short a way. Right
# of it the steps are too noisy, or diverge: the curve leaves the figure, or ends. The larger the
# batch, the further to the right lies the valley, and the narrower it is. For all samples in one
# step it is a little less deep: a single step of the right length is close all the same. But its
# learning rate is above the limit that the page on minibatches from scratch computes, and more such
# steps would diverge.

# %%
# .. endexercise::

# %%
# .. exercise:: 7.3 b
#
#    Divide the learning rate by ten after each epoch, with the scheduler of the library. What
#    changes?
#

# %%
# PyTorch's ``StepLR`` multiplies the learning rate by ``gamma`` whenever it has been asked
# ``step_size`` times. We ask it after each step of the optimizer, so ``step_size`` is the number of
# steps in a pass. A class holds the two together, and can be passed where an optimizer can.


class DecayingSGD:
    def __init__(self, params, lr, steps_per_pass):
        self.optimizer = torch.optim.SGD(params, lr=lr)
        self.scheduler = torch.optim.lr_scheduler.StepLR(
            self.optimizer, step_size=steps_per_pass, gamma=0.1
        )

    def step(self):
        self.optimizer.step()
        self.scheduler.step()


# %%
# First we look whether it does what it should: four passes of three steps.

weight = torch.nn.Parameter(torch.zeros(1))
weight.grad = torch.ones(1)
optimizer = DecayingSGD([weight], lr=0.05, steps_per_pass=3)
for _ in range(4):
    used = []
    for _ in range(3):
        used.append(f"{optimizer.optimizer.param_groups[0]['lr']:g}")
        optimizer.step()
    print("learning rates of the pass:", ", ".join(used))

# %%
# Then we train with it and without it, in batches of ten: once with a learning rate so large that
# the noise is the trouble, once with one so small that the start is far away.

fig, axes = d2l.plt.subplots(1, 2, figsize=(8, 3.6), sharey=True, layout="constrained")
B = 10
for ax, lr in zip(axes, [0.35, 0.002]):
    args = features, labels, B, 3
    fixed = d2l.fit_torch(torch.optim.SGD, {"lr": lr}, *args, seed=range(100))
    hyperparams = {"lr": lr, "steps_per_pass": -(-len(labels) // B)}
    decaying = d2l.fit_torch(DecayingSGD, hyperparams, *args, seed=range(100))
    ax.set_prop_cycle(color=d2l.plotting.COLORS[:2], linestyle=["-", "-."])
    d2l.plotting.plot_history(fixed, ax, label="fixed")
    d2l.plotting.plot_history(decaying, ax, label="divided by ten each pass")
    ax.set(ylim=(0.2, 0.8), title=f"lr {lr:g}")
    print(f"lr {lr:g}: median of the final loss")
    print(f"   fixed {numpy.median(fixed.final_loss):.6f}", end="")
    print(
        f"   divided {numpy.median(decaying.final_loss):.6f}   least possible {fixed.optimum:.6f}"
    )
axes[1].set(ylabel="")
axes[0].legend()
fig.alt = (
    "Loss with a fixed and with a divided learning rate. Begun large and noisy, the divided one "
    "settles close to the optimum. Begun small, it stops on the way."
)

# %%
# Left: after the first pass the noise of the steps shrinks with the learning rate. The loss settles
# close to the optimum, and the band closes. Right: the run with a divided learning rate stops on
# the way. The sum of its learning rates is that of a geometric series, hardly more than the first
# pass: there is a distance that it cannot go. Robbins and Monro asked for rates whose sum is
# infinite, while the sum of their squares is not. Division by ten fails the first. So divide the
# learning rate when the loss wavers and no longer falls, and not before.

# %%
# .. endexercise::
