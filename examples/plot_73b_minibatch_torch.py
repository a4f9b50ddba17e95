r"""
7.3 Minibatches with torch.optim: does one learning rate serve every batch size?
================================================================================

No. The learning rate that suits a minibatch hardly moves gradient descent, and keeps single samples
from settling. Batch size and learning rate have to be chosen together.

The optimizer is now ``torch.optim.SGD``. The model is ``torch.nn.Linear``, with its own start. The
learning rate is 0.05 in all three experiments. Only the batch size differs.
"""

# %%
# The data are the 1500 airfoil samples of the chapter.

import json
from dataclasses import replace
from importlib.resources import files

import numpy
import torch

import d2l_ch7 as d2l

features, labels = d2l.get_data_ch7()

# The first run of a process also pays for loading: a silent one keeps that out of the times below.
_ = d2l.fit_torch(torch.optim.SGD, {"lr": 0.05}, features, labels, seed=0)

# %%
# Gradient descent
# ----------------
# All samples in one batch, six passes, six steps. The optimizer's arguments go in a dictionary.

torch.manual_seed(0)
numpy.random.seed(0)
d2l.train_pytorch_ch7(torch.optim.SGD, {"lr": 0.05}, features, labels, 1500, 6)
d2l.plt.gcf().alt = "Gradient descent at learning rate 0.05: six small steps down a long slope."

# %%
# The loss falls at every step, and is still on its way when the run ends.
#
# Stochastic gradient descent
# ---------------------------
# One sample a step, two passes.

torch.manual_seed(0)
numpy.random.seed(0)
d2l.train_pytorch_ch7(torch.optim.SGD, {"lr": 0.05}, features, labels, 1)
d2l.plt.gcf().alt = (
    "Single samples at learning rate 0.05: the loss jumps up and down and stays high."
)

# %%
# The loss falls at once, and then jumps up and down for the rest of the run.
#
# Minibatch stochastic gradient descent
# -------------------------------------
# Ten samples a step, two passes.

torch.manual_seed(0)
numpy.random.seed(0)
d2l.train_pytorch_ch7(torch.optim.SGD, {"lr": 0.05}, features, labels, 10)
d2l.plt.gcf().alt = "Minibatches at learning rate 0.05: the loss falls fast and stays low."

# %%
# The loss falls fast and stays low.
#
# The three side by side
# ----------------------
# Each method with 100 seeds: the median, and the band that holds 95 % of the runs. The seconds are
# those of a run alone, the fastest of several.

experiments = {"gradient descent": (1500, 6), "stochastic": (1, 2), "minibatch": (10, 2)}
histories = {}
for name, (batch_size, num_epochs) in experiments.items():
    args = torch.optim.SGD, {"lr": 0.05}, features, labels, batch_size
    passes, tries = (1, 2) if batch_size == 1 else (num_epochs, 6)  # many steps vary less
    alone = min(d2l.fit_torch(*args, passes, seed=0).seconds_per_epoch for _ in range(tries))
    many = d2l.fit_torch(*args, num_epochs, seed=range(100))
    histories[name] = replace(many, seconds_per_epoch=alone)

fig, axes = d2l.plt.subplots(1, 2, figsize=(8, 3.6), sharey=True, layout="constrained")
for ax, x in zip(axes, ["epochs", "seconds"]):
    ax.set_prop_cycle(color=d2l.plotting.COLORS[:3], linestyle=["-", "-.", ":"])
    for name, history in histories.items():
        d2l.plotting.plot_history(history, ax, x=x, label=name)
axes[1].set_xscale("symlog", linthresh=histories["gradient descent"].seconds_per_epoch)
axes[1].set(xlim=(0, None), ylabel="")
axes[0].set(ylim=(0.2, 1.1))
axes[0].legend()
fig.alt = (
    "Loss of the three at one learning rate: gradient descent has not arrived after six epochs, "
    "single samples stay in a wide band above the optimum, minibatches reach it."
)

# %%
# Gradient descent is too slow: its steps could be far larger. Its wide band is that of the start,
# which ``nn.Linear`` draws from a wider range than the book does from scratch. Single samples are
# too noisy: their band stays wide and well above the dashed line, the least possible loss. The
# minibatch arrives, and stays. On the right, the axis is logarithmic except for its beginning: the
# minibatch needs more time than gradient descent for a pass, and far less than single samples.
#
# Why one rate cannot serve all
# -----------------------------
# A mean over :math:`B` samples has :math:`1/B` of the variance of one. So the noise of a step, at
# the same learning rate, is larger with a smaller batch, and the loss at which it settles is
# higher. And a larger batch makes fewer steps in a pass, which must be longer to go as far.
#
# Both say the same: let the learning rate grow with the batch. The curvature of the loss sets it a
# limit, which the page on minibatches from scratch computes. So we take 0.005 for each sample of
# the batch, but at most 0.5.

fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.set_prop_cycle(color=d2l.plotting.COLORS[:3], linestyle=["-", "-.", ":"])
print(f"{'':17}{'median loss with lr 0.05':>26}{'with its own lr':>24}")
for name, (batch_size, num_epochs) in experiments.items():
    lr = min(0.005 * batch_size, 0.5)
    args = torch.optim.SGD, {"lr": lr}, features, labels, batch_size, num_epochs
    own = histories[name] if lr == 0.05 else d2l.fit_torch(*args, seed=range(100))
    d2l.plotting.plot_history(own, ax, label=f"{name}, lr {lr:g}")
    before, after = numpy.median(histories[name].final_loss), numpy.median(own.final_loss)
    print(f"{name:17}{before:26.6f}{after:14.6f} (lr {lr:5.3f})")
print(f"{'least possible':17}{own.optimum:26.6f}{own.optimum:14.6f}")
ax.set(ylim=(0.2, 1.1))
ax.legend()
fig.alt = "Loss with a learning rate for each batch size: all three come close to the optimum."

# %%
# Now all three come close to the optimum. The rule of growing in proportion is known from large
# networks: P. Goyal and others, "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017.
#
# Beside the published numbers
# ----------------------------
# The losses and times that an article printed for these three experiments, without a seed. "Below"
# counts those of our 100 seeds that end below the published loss. Times are multiples of gradient
# descent's.

published = json.loads(files("d2l_ch7._data").joinpath("published.json").read_text())
article = [
    run
    for run in published["training_runs"]
    if run["source"] == "article" and run["function"] == "train_pytorch_ch7"
]
print(f"{'':17}{'published':>10}{'median':>10}{'95 % of the seeds':>20}{'below':>7}", end="")
print(f"{'time: published':>18}{'ours':>7}")
base = histories["gradient descent"].seconds_per_epoch
for (name, (batch_size, num_epochs)), run in zip(experiments.items(), article):
    assert (run["batch_size"], run["num_epochs"]) == (batch_size, num_epochs)
    h, loss = histories[name], run["published_loss"]
    low, middle, high = numpy.quantile(h.final_loss, [0.025, 0.5, 0.975])
    ratio = run["published_sec_per_epoch"] / article[0]["published_sec_per_epoch"]
    print(
        f"{name:17}{loss:10.6f}{middle:10.6f}   {low:.6f}-{high:.6f}"
        f"{(h.final_loss < loss).sum():7d}{ratio:17.1f}x{h.seconds_per_epoch / base:6.1f}x"
    )

# %%
# A published loss is one draw from the band of its experiment. Two of these three are draws from
# the edge of it: a lucky minibatch, and a gradient descent with a poor start. One run alone would
# have told us neither. The times come in the same order as ours.
#
# What to take away
# -----------------
# - Batch size and learning rate are one decision. A learning rate means little without its batch.
# - Loss still falling smoothly when the run ends: raise the learning rate.
# - Loss jumping at a level that it does not leave: lower the learning rate, or enlarge the batch.
# - When you change the batch size, change the learning rate in proportion, and stop at the limit.
