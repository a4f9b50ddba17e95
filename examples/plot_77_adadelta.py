r"""
7.7 AdaDelta: can you do without a learning rate?
=================================================

AdaDelta has no learning rate. In its place stands the size of its own past steps. But at the start
there are no past steps, so a small constant decides how fast the method gets going.

With the gradient :math:`g_t` and a factor :math:`\rho` from 0 up to, but not including, 1, one step
is

.. math::

    s_t &= \rho s_{t-1} + (1 - \rho)\, g_t^2, \\
    g'_t &= \sqrt{\frac{\Delta_{t-1} + \epsilon}{s_t + \epsilon}}\, g_t, \\
    x_t &= x_{t-1} - g'_t, \\
    \Delta_t &= \rho \Delta_{t-1} + (1 - \rho)\, g_t'^2 .

The divisor is that of RMSProp. Where RMSProp has :math:`\eta`, AdaDelta has
:math:`\sqrt{\Delta_{t-1} + \epsilon}`: the typical size of its recent steps. All is done entry by
entry.
"""

# %%
# On the airfoil data
# -------------------
#
# The book's setting is :math:`\rho = 0.9`, with :math:`\epsilon = 10^{-5}` inside the rule. Here
# :math:`\epsilon` may be chosen, because this page is about it. PyTorch's class has its own
# default.

import json
from importlib.resources import files

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting


def adadelta(params, states, hyperparams):
    rho, eps = hyperparams["rho"], hyperparams["eps"]
    for p, (s, delta) in zip(params, states):
        s[:] = rho * s + (1 - rho) * p.grad**2
        step = torch.sqrt((delta + eps) / (s + eps)) * p.grad
        p.data -= step
        delta[:] = rho * delta + (1 - rho) * step**2


init_states = d2l.optimizers.init_adadelta_states
features, labels = d2l.get_data_ch7()

fig, axes = d2l.plt.subplots(1, 2, figsize=(7, 3), sharey=True, layout="constrained")
torch.manual_seed(0)
np.random.seed(0)
d2l.plt.sca(axes[0])
d2l.train_ch7(adadelta, init_states, {"rho": 0.9, "eps": 1e-5}, features, labels)

torch.manual_seed(0)
np.random.seed(0)
d2l.plt.sca(axes[1])
d2l.train_pytorch_ch7(torch.optim.Adadelta, {"rho": 0.9}, features, labels)

axes[0].set(title="from scratch")
axes[1].set(title="torch.optim.Adadelta", ylabel="")
fig.alt = (
    "Loss against epoch for AdaDelta from scratch and in PyTorch: from scratch it falls within the "
    "first epoch, in PyTorch it falls much more slowly and ends higher."
)

# %%
# The same method, the same :math:`\rho`, and yet PyTorch's run is slower and ends higher. Is this
# one unlucky seed? Or is the formula another one?

# %%
# Is it the same formula?
# -----------------------
#
# PyTorch's class has a learning rate, which multiplies the step, and another :math:`\epsilon` than
# the book. Its defaults are:

defaults = torch.optim.Adadelta([torch.zeros(1)]).defaults
print({name: defaults[name] for name in ("lr", "rho", "eps")})

# %%
# A learning rate of one changes nothing. So we give PyTorch the book's :math:`\epsilon`, and run
# both from one start, over the same minibatches, in double precision.

X, y = features.double(), labels.double()
ours = [torch.full((X.shape[1], 1), 0.01, dtype=torch.float64), torch.zeros(1).double()]
theirs = [p.clone() for p in ours]
optimizer = torch.optim.Adadelta(theirs, rho=0.9, eps=1e-5)
states, largest = d2l.optimizers.init_adadelta_states(ours), 0.0
torch.manual_seed(0)
for _ in range(300):
    batch = torch.randint(len(X), (10,))
    for w, b in (ours, theirs):
        residual = X[batch] @ w + b - y[batch, None]
        w.grad, b.grad = X[batch].T @ residual / len(batch), residual.mean(dim=0)
    d2l.optimizers.adadelta(ours, states, {"rho": 0.9})
    optimizer.step()
    largest = max(largest, *((p - q).abs().max().item() for p, q in zip(ours, theirs)))
assert largest < 1e-10
print(f"largest difference of a parameter over 300 steps: {largest:.1e}")

# %%
# They agree to rounding: from scratch equals the library once :math:`\epsilon` is equal. So the
# formula is the same, and two things are left that differ between the two panels above: the value
# of :math:`\epsilon`, and the start. The book draws small weights, with standard deviation 0.01,
# and a bias of zero. ``nn.Linear`` draws weights and bias evenly between
# :math:`-1 / \sqrt d` and :math:`1 / \sqrt d` for :math:`d` features, which is much wider.

# %%
# One factor at a time
# --------------------
#
# Two values of :math:`\epsilon` and two starts make four experiments. We run each with 500 seeds.

seeds = range(500)
runs = {}
for eps in (1e-5, 1e-6):
    hyperparams = {"rho": 0.9, "eps": eps}
    runs["small", eps] = d2l.fit(adadelta, init_states, hyperparams, features, labels, seed=seeds)
    runs["nn.Linear", eps] = d2l.fit_torch(
        torch.optim.Adadelta, hyperparams, features, labels, seed=seeds
    )

print("    start    eps  median of the final losses   95 % of the seeds")
for (start, eps), history in runs.items():
    low, median, high = np.quantile(history.final_loss, [0.025, 0.5, 0.975])
    print(f"{start:>9}  {eps:.0e}  {median:26.4f}   {low:.4f} to {high:.4f}")

medians = {key: np.median(history.final_loss) for key, history in runs.items()}
base = medians["small", 1e-5]
print(f"median raised by the smaller eps alone:  {medians['small', 1e-6] - base:.4f}")
print(f"median raised by the other start alone:  {medians['nn.Linear', 1e-5] - base:.4f}")
print(f"median raised by both together:          {medians['nn.Linear', 1e-6] - base:.4f}")

fig, axes = d2l.plt.subplots(1, 2, figsize=(7.5, 3.4), sharey=True, layout="constrained")
for ax, start in zip(axes, ("small", "nn.Linear")):
    ax.set_prop_cycle(color=plotting.COLORS[:2], linestyle=["-", "--"])
    plotting.plot_history(runs[start, 1e-5], ax, label=r"$\epsilon = 10^{-5}$", optimum=False)
    plotting.plot_history(runs[start, 1e-6], ax, label=r"$\epsilon = 10^{-6}$", optimum=False)
    ax.axhline(runs[start, 1e-6].optimum, color="0.5", linewidth=1, label="least possible")
    ax.set(title=f"start: {start}")
    ax.legend()
axes[1].set_ylabel("")
fig.alt = (
    "Loss against epoch for two values of epsilon and two starts: the smaller epsilon is slower "
    "from either start, and with the start of nn.Linear many of its runs do not arrive."
)

# %%
# Look at one panel, and you change :math:`\epsilon` alone. The smaller one is slower from either
# start. Look at one colour in both panels, and you change the start alone. With the larger
# :math:`\epsilon` the start is soon forgotten. With the smaller one it is not: the band is still
# wide at the end. The table says that the two changes together raise the median by more
# than either alone, and by more than the two added. A slow method on a long way: this is why
# PyTorch's run looks so different.

# %%
# The hidden learning rate
# ------------------------
#
# Why does so small a number matter so much? Watch :math:`\sqrt{\Delta + \epsilon}`, which stands
# where other methods have their learning rate. On the right, each point is one run with the smaller
# :math:`\epsilon` from the start of ``nn.Linear``.


def hidden_rate(eps):
    """The root of delta + eps for each weight at each step of a run [shape=(steps, d)]."""
    rates = []

    def watched(params, states, hyperparams):
        rates.append(torch.sqrt(states[0][1].flatten() + eps))
        adadelta(params, states, hyperparams)

    d2l.fit(watched, init_states, {"rho": 0.9, "eps": eps}, features, labels, seed=0)
    return torch.stack(rates)


fig, axes = d2l.plt.subplots(1, 2, figsize=(7.5, 3.4), layout="constrained")
for eps, color, style in zip((1e-5, 1e-6), plotting.COLORS, ("-", "--")):
    rates = hidden_rate(eps)
    lines = axes[0].semilogy(range(1, len(rates) + 1), rates, style, color=color, linewidth=0.9)
    lines[0].set_label(rf"$\epsilon = 10^{{{round(np.log10(eps))}}}$, each weight")
    ratio = rates.median() / eps**0.5
    print(f"eps {eps:.0e}: root of eps {eps**0.5:.4f}, median hidden rate {ratio:.1f} times that")
axes[0].set(xlabel="step", ylabel=r"$\sqrt{\Delta + \epsilon}$")
axes[0].legend()
far = runs["nn.Linear", 1e-6]
axes[1].plot(far.losses[:, 0], far.final_loss, ".", markersize=3, color=plotting.COLORS[1])
axes[1].set(xlabel="loss before training", ylabel="final loss")
print(
    f"correlation of the loss before and after: {np.corrcoef(far.losses[:, [0, -1]].T)[0, 1]:.2f}"
)
fig.alt = (
    "Left: the hidden learning rate begins at the root of epsilon, grows to a small multiple of it "
    "and stays there. Right: with the smaller epsilon, runs that begin higher end higher."
)

# %%
# At the first step :math:`\Delta` is zero, and the hidden learning rate is :math:`\sqrt{\epsilon}`.
# It grows to a small multiple of that, and stays: past steps that were small allow only small steps
# next. So the two bundles keep apart through the training. On the right, a run that begins with a
# higher loss mostly ends with a higher one: it was still on its way.
#
# AdaDelta has a learning rate after all. It is called :math:`\epsilon`.

# %%
# Beside the published numbers
# ----------------------------
#
# The web pages and the notebooks of the book print a loss for each of the two experiments. "Below"
# counts those of our seeds that end below it. The page and the notebook print the same line for
# PyTorch.

record = json.loads(files("d2l_ch7._data").joinpath("published.json").read_text(encoding="utf-8"))
experiments = {"adadelta": runs["small", 1e-5], "Adadelta": runs["nn.Linear", 1e-6]}
for run in record["training_runs"]:
    if run["optimizer"] in experiments:
        final, loss = experiments[run["optimizer"]].final_loss, run["published_loss"]
        print(
            f"{run['optimizer']:8} {run['source']:13} {loss:.6f}; "
            f"below: {(final < loss).sum():3} of {len(final)}, our least {final.min():.6f}"
        )
        assert (final < loss).any() == (run["optimizer"] == "adadelta")  # what the text says

# %%
# The losses from scratch are such as our seeds give. The one from PyTorch is not: none of our seeds
# ends below it. The last page, on the record, tries more seeds and other settings to see how it may
# have come about. We do not know, and leave the number as it is.

# %%
# What to take away
# -----------------
#
# - AdaDelta replaces the learning rate by the size of its own past steps.
# - The knob is :math:`\epsilon`. It sets the first steps, and through them all others. If AdaDelta
#   is slow, raise :math:`\epsilon` before you turn :math:`\rho`.
# - Two libraries that share a formula may still differ in a default and in the start. Compare them
#   with both made equal.
#
# The method comes from M. D. Zeiler, "ADADELTA: an adaptive learning rate method",
# https://arxiv.org/abs/1212.5701, 2012.

# %%
# Exercise
# --------
#
# .. exercise:: 7.7
#
#    Train with other values of :math:`\rho`. What does it change?

# %%
# Five values, 100 seeds each, with the book's :math:`\epsilon`. On the left the whole training for
# three of them, on the right the final losses of all.

rhos = (0, 0.5, 0.9, 0.99, 0.999)
by_rho = {
    rho: d2l.fit(
        d2l.optimizers.adadelta, init_states, {"rho": rho}, features, labels, seed=range(100)
    )
    for rho in rhos
}
fig, axes = d2l.plt.subplots(1, 2, figsize=(7.5, 3.4), layout="constrained")
axes[0].set_prop_cycle(color=plotting.COLORS[:3], linestyle=["-", "--", ":"])
for rho in (0, 0.9, 0.999):
    plotting.plot_history(by_rho[rho], axes[0], label=rf"$\rho$ = {rho}", optimum=False)
low, median, high = np.quantile(
    [by_rho[rho].final_loss for rho in rhos], [0.025, 0.5, 0.975], axis=1
)
axes[1].errorbar(range(len(rhos)), median, [median - low, high - median], fmt="o", capsize=4)
for ax in axes:
    ax.axhline(by_rho[0].optimum, color="0.5", linewidth=1, label="least possible")
axes[1].set_xticks(range(len(rhos)), [str(rho) for rho in rhos])
axes[1].set(xlabel=r"$\rho$", ylabel="final loss (median, 95 %)")
axes[0].legend()
best = rhos[int(np.argmin(median))]
print(f"least median: rho {best}, loss {median.min():.4f}")
fig.alt = (
    "Loss for several values of rho: the middle values end lowest and alike, both no memory and a "
    "very long memory end higher and with a wider band."
)

# %%
# The middle values end low and alike. The two ends of the range are worse. To see why, we print the
# mean length of a step of a weight in one run: for the first step, and for each hundred of steps.


def step_lengths(rho):
    """The length of each weight's step, at each step of a run [shape=(steps, d)]."""
    lengths = []

    def watched(params, states, hyperparams):
        before = params[0].data.clone()
        d2l.optimizers.adadelta(params, states, hyperparams)
        lengths.append((params[0].data - before).abs().flatten())

    d2l.fit(watched, init_states, {"rho": rho}, features, labels, seed=0)
    return torch.stack(lengths).numpy()


lengths = {rho: step_lengths(rho) for rho in rhos}
print("  rho   first  1-100  101-200  201-300")
for rho in rhos:
    first, hundreds = lengths[rho][0].mean(), lengths[rho].reshape(3, -1).mean(axis=1)
    print("{:5}  {:.4f} {:.4f}   {:.4f}   {:.4f}".format(rho, first, *hundreds))

ratios = lengths[0][1:] / lengths[0][:-1]
grown = np.sqrt(1e-5 * np.arange(201, 301)).mean()
print(f"rho 0: {(ratios < 1).mean():.0%} of the steps are shorter than the one before,", end=" ")
print(f"down to {ratios.min():.0%} of it;")
print(f"if they only grew, the last column would be {grown:.4f}")

# %%
# With :math:`\rho = 0`, a step is about as long as the one before, plus a little for
# :math:`\epsilon`. So steps grow, until a gradient that happens to be as small as
# :math:`\sqrt{\epsilon}` cuts them. In time they grow more slowly, but they are too long by then.
# With a :math:`\rho` close to 1, the average :math:`s` starts at zero and has taken in little: the
# first step is about :math:`\sqrt{\epsilon / (1 - \rho)}`. Then :math:`\Delta` remembers this long
# step for the whole training. Both ways the steps end too long, and the noise of the minibatches
# stays. In between, :math:`\rho` changes little.

# %%
# .. endexercise::
