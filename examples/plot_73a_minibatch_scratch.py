r"""
7.3 Minibatches from scratch: what does a pass over the data cost?
==================================================================

A large batch makes a pass over the data quick. A small batch makes it worth more, because the pass
has more steps. A minibatch has a good part of both, and its step stays cheap when the data grow.

Before each pass the samples are shuffled, so that each comes once a pass. A step takes the next
batch :math:`\mathcal{B}` of them and its mean gradient, where :math:`f_i` is the loss of sample
:math:`i`:

.. math:: g = \frac{1}{|\mathcal{B}|} \sum_{i \in \mathcal{B}} \nabla f_i(w, b), \qquad
          (w, b) \leftarrow (w, b) - \eta\, g

The three methods of this page differ in nothing but :math:`|\mathcal{B}|` and the learning rate
:math:`\eta`. The idea of steps along a noisy gradient is that of H. Robbins and S. Monro, "A
stochastic approximation method", 1951.
"""

# %%
# The data are 1500 measurements of the noise of an airfoil: five features, and the sound pressure
# level as the label. All columns are standardised. The model is linear.

import json
from dataclasses import replace
from importlib.resources import files

import numpy
import torch

import d2l_ch7 as d2l

features, labels = d2l.get_data_ch7()
print("features", tuple(features.shape), "labels", tuple(labels.shape))

# The first run of a process also pays for loading: a silent one keeps that out of the times below.
_ = d2l.fit(d2l.optimizers.sgd, None, {"lr": 0.05}, features, labels, seed=0)


# %%
# The update rule is one line of formula and one line of code. The package has it as
# ``d2l.optimizers.sgd``. Here we write it ourselves.


def sgd(params, states, hyperparams):
    for p in params:
        p.data -= hyperparams["lr"] * p.grad.data


# %%
# Gradient descent
# ----------------
# The batch is the whole data set. A pass is one step, so six passes are six steps.

torch.manual_seed(0)
numpy.random.seed(0)
d2l.train_ch7(sgd, None, {"lr": 1}, features, labels, 1500, 6)
d2l.plt.gcf().alt = "Gradient descent: the loss falls smoothly over six epochs, one step each."

# %%
# The curve is smooth: each step follows the exact gradient. It has one point an epoch. The foot of
# this page comes back to its learning rate.
#
# Stochastic gradient descent
# ---------------------------
# The batch is a single sample. A pass has as many steps as there are samples. The learning rate
# must be far smaller, because the gradient of one sample is a poor guide.

torch.manual_seed(0)
numpy.random.seed(0)
d2l.train_ch7(sgd, None, {"lr": 0.005}, features, labels, 1)
d2l.plt.gcf().alt = (
    "Stochastic gradient descent: the loss is low before the first epoch ends, then it wavers."
)

# %%
# The loss is low long before the first epoch ends. From then on it wavers and does not settle. The
# printed time of an epoch is much longer than before, for the same number of samples.
#
# Minibatch stochastic gradient descent
# -------------------------------------
# The batch has ten samples.

torch.manual_seed(0)
numpy.random.seed(0)
d2l.train_ch7(sgd, None, {"lr": 0.05}, features, labels, 10)
d2l.plt.gcf().alt = (
    "Minibatch stochastic gradient descent: much the curve of single samples, in far less time."
)

# %%
# The curve looks much like the last one, down to its wiggles: both runs have the same seed, hence
# the same order of the samples. The time of an epoch lies between the other two.
#
# The three side by side
# ----------------------
# One curve from one seed may be luck. So we train each method with 100 seeds in one pass, and draw
# the median and the band that holds 95 % of the runs. The seconds are those of a run alone: the
# fastest of several, since whatever else the machine does can only add to them. From here on we
# take the package's rule, which is the same line: ``fit`` knows it, and need not try it out first.

experiments = {
    "gradient descent": ({"lr": 1}, 1500, 6),
    "stochastic": ({"lr": 0.005}, 1, 2),
    "minibatch": ({"lr": 0.05}, 10, 2),
}
histories = {}
for name, (hyperparams, batch_size, num_epochs) in experiments.items():
    args = d2l.optimizers.sgd, None, hyperparams, features, labels, batch_size, num_epochs
    tries = 3 if batch_size == 1 else 10  # a run of many steps varies less
    seconds = min(d2l.fit(*args, seed=0).seconds_per_epoch for _ in range(tries))
    histories[name] = replace(d2l.fit(*args, seed=range(100)), seconds_per_epoch=seconds)

fig, axes = d2l.plt.subplots(1, 2, figsize=(8, 3.6), sharey=True, layout="constrained")
for ax, x in zip(axes, ["epochs", "seconds"]):
    ax.set_prop_cycle(color=d2l.plotting.COLORS[:3], linestyle=["-", "-.", ":"])
    for name, history in histories.items():
        d2l.plotting.plot_history(history, ax, x=x, label=name)
axes[0].set(ylim=(0.23, 0.5))
axes[1].set_xscale("symlog", linthresh=histories["gradient descent"].seconds_per_epoch)
axes[1].set(xlim=(0, None), ylabel="")
axes[0].legend()
fig.alt = (
    "Loss of the three methods. Against epochs, the small batches fall much faster than gradient "
    "descent. In seconds, gradient descent is first, the minibatch second, single samples last."
)

# %%
# Left: an epoch of small batches is worth several of gradient descent. The two small batches lie on
# top of each other: ten samples at ten times the learning rate do what ten single samples do.
# Right: in seconds the order is another one. The axis is logarithmic, except for its beginning.
# Single samples are last by far, and on so few data gradient descent is even ahead of the
# minibatch. The dashed line is the least possible loss, from ordinary least squares.
#
# The table puts numbers to it. "Close" means that the median loss is at most 5 % above the least
# possible loss.

print(f"{'':17}{'steps':>8}{'µs a':>9}{'µs a':>9}{'ms a':>9}{'steps':>10}{'ms':>11}")
print(f"{'':17}{'a pass':>8}{'sample':>9}{'step':>9}{'pass':>9}{'to close':>10}{'to close':>11}")
steps_to_close, ms_to_close = {}, {}
for name, h in histories.items():
    first = numpy.argmax(numpy.median(h.losses, axis=0) <= 1.05 * h.optimum)
    steps, s = h.steps[-1] / h.epochs[-1], h.seconds_per_epoch
    steps_to_close[name], ms_to_close[name] = h.steps[first], 1e3 * s * h.epochs[first]
    print(
        f"{name:17}{steps:8.0f}{1e6 * s / len(labels):9.2f}{1e6 * s / steps:9.1f}{1e3 * s:9.2f}"
        f"{steps_to_close[name]:10d}{ms_to_close[name]:11.2f}"
    )

# %%
# A step of a minibatch costs about what a step of one sample costs, though it looks at ten samples.
# Such a step is mostly overhead: Python, and the call of each operation. A larger batch shares the
# overhead among more samples, so that a sample gets cheaper and the pass quicker. But the pass then
# has fewer steps. The minibatch lies between the two in both respects, and so in the time to get
# close.
#
# With more data
# --------------
# Gradient descent does well here because the data are few and the model is small. Each of its steps
# goes through all samples. A step of a minibatch does not. So we repeat the data 10 and 100 times,
# time a step, and multiply by the number of steps that each method needs to get close. Repeated
# data have the same gradient and the same optimum, so that this number does not change. The first
# times are those of the table.

copies = [1, 10, 100]
times = {name: [ms_to_close[name]] for name in ["gradient descent", "minibatch"]}
for k in copies[1:]:
    data = features.repeat(k, 1), labels.repeat(k)
    runs = {
        "gradient descent": (d2l.optimizers.sgd, None, {"lr": 1}, *data, len(data[0]), 6),
        "minibatch": (d2l.optimizers.sgd, None, {"lr": 0.05}, *data, 10, 1),
    }
    done = {name: [] for name in runs}
    for _ in range(50 // k + 2):
        for name, args in runs.items():  # in turns: what slows the machine for a while slows both
            h = d2l.fit(*args, seed=0)
            done[name].append(h.seconds_per_epoch * h.epochs[-1] / h.steps[-1])
    for name, seconds_per_step in done.items():
        times[name].append(1e3 * min(seconds_per_step) * steps_to_close[name])

fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
for name, color, style in zip(times, d2l.plotting.COLORS[::2], ["o-", "s:"]):
    ax.plot([k * len(labels) for k in copies], times[name], style, color=color, label=name)
ax.set(xlabel="samples in the data", ylabel="time to get close / ms", ylim=(0, None))
ax.legend()
fig.alt = (
    "Time to get close to the optimum against the size of the data: the line of gradient descent "
    "rises and crosses that of the minibatch, which hardly changes beside it."
)

# %%
# The line of gradient descent rises with the data, and crosses the other. Beside it, that of the
# minibatch hardly changes: with much data it is close to the optimum after a small part of a pass.
#
# What six passes hide
# --------------------
# Gradient descent shrinks the error along a direction of curvature :math:`\lambda` by the factor
# :math:`1 - \eta\lambda` in each step. This is a shrinking only while :math:`\eta < 2/\lambda`. The
# curvatures of our loss are the eigenvalues of the mean of :math:`x x^\top`, where :math:`x` holds
# the five features and a 1 for the bias.

X = torch.cat([features, torch.ones(len(features), 1)], dim=1).double()
curvature = torch.linalg.eigvalsh(X.T @ X / len(X))[-1].item()
print(f"largest curvature {curvature:.2f}, limit of the learning rate {2 / curvature:.2f}")

fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.set_prop_cycle(color=d2l.plotting.COLORS[:2], linestyle=["-", "-."])
for lr in [1, 0.5]:
    args = d2l.optimizers.sgd, None, {"lr": lr}, features, labels, 1500, 40
    long = d2l.fit(*args, seed=range(20))
    d2l.plotting.plot_history(long, ax, label=f"lr {lr}")
    risen = (long.losses[:, -1] > long.losses[:, 6]).sum()
    print(
        f"lr {lr}: {risen} of {len(long.losses)} seeds end higher than they were after six passes"
    )
ax.axvline(6, color="0.5", linewidth=1)
ax.text(6.5, 0.9, "end of the experiment")
ax.set(ylim=(0.2, 1))
ax.legend(loc=(0.2, 0.6))
fig.alt = (
    "Gradient descent over forty epochs: at learning rate 1 the loss rises again and diverges, at "
    "0.5 it settles at the optimum."
)

# %%
# The learning rate of the experiment lies above the limit. Six passes are too few to see it: the
# part of the error that grows is still small. With more passes the loss rises again. Half the
# learning rate settles. A loss that falls is no proof of a learning rate that is safe.
#
# Beside the published numbers
# ----------------------------
# An article on these three experiments printed a loss and a time for each, without a seed. The
# table sets them beside ours. "Below" counts those of our 100 seeds that end below the published
# loss: a number near 0 or 100 would be a surprise. Times are given as multiples of gradient
# descent's, because the machine and the loop are not the same.

published = json.loads(files("d2l_ch7._data").joinpath("published.json").read_text())
article = [
    run
    for run in published["training_runs"]
    if run["source"] == "article" and run["function"] == "train_ch7"
]
print(f"{'':17}{'published':>10}{'median':>10}{'95 % of the seeds':>20}{'below':>7}", end="")
print(f"{'time: published':>18}{'ours':>7}")
base = histories["gradient descent"].seconds_per_epoch
for (name, (hyperparams, batch_size, _)), run in zip(experiments.items(), article):
    assert (run["hyperparams"], run["batch_size"]) == (hyperparams, batch_size)
    h, loss = histories[name], run["published_loss"]
    low, middle, high = numpy.quantile(h.final_loss, [0.025, 0.5, 0.975])
    ratio = run["published_sec_per_epoch"] / article[0]["published_sec_per_epoch"]
    print(
        f"{name:17}{loss:10.6f}{middle:10.6f}   {low:.6f}-{high:.6f}"
        f"{(h.final_loss < loss).sum():7d}{ratio:17.1f}x{h.seconds_per_epoch / base:6.1f}x"
    )

# %%
# The published losses are losses such as our seeds give. The times come in the same order, and a
# minibatch lies between in both columns. The multiples differ: the loop of the book spends much of
# its time elsewhere, for one on the loss over all samples after each 100 of them.
#
# What to take away
# -----------------
# - The batch size is the knob. It trades the number of steps in a pass for the cost of a sample.
# - Compare methods in seconds too, not only in passes: a pass takes each of them another time.
# - Keep the learning rate of gradient descent below 2 over the largest curvature.
# - One sample a step wastes the machine. The whole data set a step wastes samples, and the more you
#   have, the more it wastes. A minibatch avoids both.
