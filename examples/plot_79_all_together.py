r"""
All together: which method is best?
===================================

With the learning rate that suits it, every method but full-batch gradient descent ends in the
same narrow range after two passes. The methods differ in which learning rate that is.

Eight ways to train the linear model of this chapter meet here. Three share the plain update
:math:`p \leftarrow p - \eta\, g` and differ in the batch: gradient descent (GD) takes all samples
for a step, stochastic gradient descent (SGD) one, minibatch SGD ten. The other five take ten
samples as well and change the update: momentum, AdaGrad, RMSProp, AdaDelta and Adam.
"""

# %%
# Loss against epochs and against seconds
# ---------------------------------------
#
# Each method has the settings of its section, and is trained with a hundred seeds. What is drawn
# is the excess, the loss minus the least possible loss. The time axis takes the speed of a
# single run, the median of three.

import base64
import io
import warnings

import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

import d2l_ch7 as d2l
from d2l_ch7 import optimizers, plotting

features, labels = d2l.get_data_ch7()

# name: rule, its states, its hyperparameters, batch size
METHODS = {
    "GD": (optimizers.sgd, None, {"lr": 1}, 1500),
    "SGD": (optimizers.sgd, None, {"lr": 0.005}, 1),
    "minibatch SGD": (optimizers.sgd, None, {"lr": 0.05}, 10),
    "momentum": (
        optimizers.momentum,
        optimizers.init_momentum_states,
        {"lr": 0.004, "momentum": 0.9},
        10,
    ),
    "AdaGrad": (optimizers.adagrad, optimizers.init_adagrad_states, {"lr": 0.1}, 10),
    "RMSProp": (optimizers.rmsprop, optimizers.init_rmsprop_states, {"lr": 0.01, "gamma": 0.9}, 10),
    "AdaDelta": (optimizers.adadelta, optimizers.init_adadelta_states, {"rho": 0.9}, 10),
    "Adam": (optimizers.adam, optimizers.init_adam_states, {"lr": 0.01, "t": 1}, 10),
}
COLORS = dict(zip(METHODS, [*plotting.COLORS, "black"]))
STYLES = dict(zip(METHODS, [":", "--", "-.", "-", ":", "--", "-.", "-"]))


def train(name, seed, **changed):
    """Two epochs of a method, its hyperparameters changed where others are given."""
    rule, states, hyperparams, batch_size = METHODS[name]
    return d2l.fit(
        rule, states, {**hyperparams, **changed}, features, labels, batch_size, 2, seed=seed
    )


runs = {name: train(name, seed=range(100)) for name in METHODS}
seconds = {
    name: np.median([train(name, seed).seconds_per_epoch for seed in range(3)]) for name in METHODS
}

print(f"{'method':14}{'median':>10}{'95 % of the seeds':>24}{'ms an epoch':>14}")
for name, history in runs.items():
    low, middle, high = np.quantile(history.final_loss, [0.025, 0.5, 0.975])
    print(f"{name:14}{middle:10.5f}{low:14.5f} {high:.5f}{1000 * seconds[name]:14.2f}")
print(f"least possible loss: {history.optimum:.5f}")

# %%
# Each small panel shows one method in colour, its median and the band of 95 % of its seeds, and
# the medians of the other methods in grey. The wide panel shows all medians against time, with
# the band of the end as a bar.

fig = d2l.plt.figure(figsize=(7.5, 8.2), layout="constrained")
axs = fig.subplot_mosaic(
    [[*list(METHODS)[:4]], [*list(METHODS)[4:]], ["time"] * 4], height_ratios=[1, 1, 1.7]
)
for name, history in runs.items():
    excess = history.losses - history.optimum
    low, middle, high = np.quantile(excess, [0.025, 0.5, 0.975], axis=0)
    for other in METHODS:
        if other != name:
            axs[other].plot(history.epochs, middle, color="0.75", linewidth=0.8, zorder=1)
    axs[name].fill_between(history.epochs, low, high, color=COLORS[name], alpha=0.25, linewidth=0)
    axs[name].plot(history.epochs, middle, color=COLORS[name])
    axs[name].set(title=name, xlabel="epoch", xticks=[0, 1, 2], ylim=(2e-4, 0.4), yscale="log")
    ms = 1000 * seconds[name] * history.epochs[1:]
    axs["time"].plot(ms, middle[1:], STYLES[name], color=COLORS[name], label=name)
    axs["time"].errorbar(
        ms[-1:],
        middle[-1:],
        [middle[-1:] - low[-1:], high[-1:] - middle[-1:]],
        fmt="o",
        color=COLORS[name],
        capsize=3,
    )
    if name not in ("GD", "AdaGrad"):
        axs[name].tick_params(labelleft=False)
for name in ("GD", "AdaGrad", "time"):
    axs[name].set_ylabel("excess loss")
axs["time"].set(xscale="log", yscale="log", xlabel="milliseconds, this machine")
axs["time"].legend(ncols=2)
fig.alt = (
    "Eight panels: the excess loss of each method falls within one epoch to a few thousandths, "
    "except for gradient descent, which needs more passes; the bands over seeds overlap. Below: "
    "against time, gradient descent takes the least and batches of one sample the most."
)
d2l.plt.show()

# %%
# Against epochs, gradient descent is last: it makes only one step an epoch. All others reach the
# same few thousandths, and then the noise of their minibatches keeps them there. The bands
# overlap widely. From one seed a method, nobody could name the best of them.
#
# Against time the picture turns. Gradient descent computes one large product an epoch and has
# finished before the others have begun. A batch of one sample costs a step of Python for every
# sample. Minibatches lie between, and the plain rule is cheaper than the rules with a memory.
#
# How wrong may the learning rate be?
# -----------------------------------
#
# The same training with other learning rates, twenty seeds each. Some of these rates are far too
# large: the loss overflows, and the package warns. Here divergence is a result, so we catch
# these warnings, and only these, and count them. AdaDelta has no learning rate: it is a level
# line.

RATES = np.logspace(-3.5, 1, 10)

with warnings.catch_warnings(record=True) as diverged:
    warnings.filterwarnings("always", "(?s).* diverged", RuntimeWarning)
    finals = {
        name: np.array(
            [train(name, seed=range(20), lr=rate).final_loss for rate in RATES]
        )  # (rates, S)
        for name in METHODS
        if name != "AdaDelta"
    }
print(f"{len(diverged)} of {len(finals) * len(RATES)} settings left the range of numbers")

start, optimum = runs["GD"].losses[:, 0].mean(), history.optimum
fig, axs = d2l.plt.subplots(
    2, 4, figsize=(7.5, 4.6), layout="constrained", sharex=True, sharey=True
)
for ax, (name, (_, _, own, _)) in zip(axs.flat, METHODS.items()):
    losses = finals.get(name, np.tile(runs[name].final_loss[:20], (len(RATES), 1)))
    # A run that ends above its start, or nowhere, is drawn at the upper edge.
    low, middle, high = np.quantile(
        np.nan_to_num(losses - optimum, nan=np.inf), [0.025, 0.5, 0.975], axis=1, method="nearest"
    )
    top = 2 * (start - optimum)
    low, middle, high = (np.minimum(level, top) for level in (low, middle, high))
    ax.axhspan(start - optimum, top, color="0.9", linewidth=0)
    ax.fill_between(RATES, low, high, color=COLORS[name], alpha=0.25, linewidth=0)
    ax.plot(RATES, middle, color=COLORS[name])
    if "lr" in own:
        ax.axvline(own["lr"], color="0.4", linestyle=":", linewidth=1.2)
    ax.set(title=name, xscale="log", yscale="log", ylim=(2e-4, top), xticks=[1e-3, 1e-1, 10])
for ax in axs[1]:
    ax.set_xlabel("learning rate")
for ax in axs[:, 0]:
    ax.set_ylabel("final excess loss")
fig.alt = (
    "Final excess loss against the learning rate for each method: a valley each, at different "
    "rates. On its right the plain rules and momentum leave the figure, AdaGrad stays below its "
    "start; AdaDelta, without a learning rate, is a level line."
)
d2l.plt.show()

print(f"{'method':14}{'best rate':>10}{'excess there':>14}{'at ten times that rate':>24}")
for name, losses in finals.items():
    medians = np.nan_to_num(np.median(losses - optimum, axis=1), nan=np.inf)
    best = medians.argmin()
    tenfold = medians[best + 2] if best + 2 < len(RATES) else np.nan  # two rates make a decade
    print(f"{name:14}{RATES[best]:10.2g}{medians[best]:14.5f}{tenfold:24.4g}")

# %%
# The dotted line is the setting of the section, and the grey ground is where a run ends above
# its start. Every method with a learning rate has a valley, and most valleys are about equally
# deep. They lie in different places: the best rate of one method leaves another far from the
# optimum.
#
# Left of the valley, all methods are merely slow. Right of it they differ. The plain rules and
# momentum multiply the error in each step once the rate is too large, and leave the range of
# numbers. The rules that divide by the size of the gradients cannot do that: they jump around
# the optimum, at a distance that grows with the rate. AdaGrad bears the largest rates, because
# its steps shrink.
#
# Down the bowl together
# ----------------------
#
# Where does the difference come from? The bowl :math:`f(x_1, x_2) = 0.1 x_1^2 + 2 x_2^2` is
# steep in one direction and flat in the other. Seven methods start at the same point; those with
# a learning rate have 0.4. The gradient of SGD is disturbed by a normal draw. The rules are the
# very functions that trained the linear model.

ON_THE_BOWL = {name: METHODS[name] for name in METHODS if name != "minibatch SGD"}
BOWL = {"momentum": {"momentum": 0.5}}
STEPS = 20


def f(x1, x2):
    return 0.1 * x1**2 + 2 * x2**2


def descend(name):
    """The path of a method, (STEPS + 1, 2)."""
    rule, init_states, hyperparams, _ = ON_THE_BOWL[name]
    hyperparams = {**hyperparams, "lr": 0.4, **BOWL.get(name, {})}
    p, draws = torch.tensor([-5.0, -2.0]), np.random.default_rng(0)
    states, path = init_states and init_states([p]), [p.tolist()]
    for _ in range(STEPS):
        p.grad = torch.tensor([0.2, 4.0]) * p
        if name == "SGD":
            p.grad += torch.tensor(draws.normal(loc=0, scale=1, size=2), dtype=torch.float32)
        rule([p], states, hyperparams)
        path.append(p.tolist())
    return np.array(path)


paths = {name: descend(name) for name in ON_THE_BOWL}


fig, ax = d2l.plt.subplots(figsize=(6, 3.8), layout="constrained")
grid = np.meshgrid(np.linspace(-5.4, 1.4, 80), np.linspace(-2.4, 1.6, 80))
ax.contour(*grid, f(*grid), levels=[0.02, 0.2, 0.6, 1.2, 2, 4, 7], colors="0.8", linewidths=0.8)
trails = {
    name: ax.plot(*path.T, STYLES[name], color=COLORS[name], linewidth=1.5, label=name)[0]
    for name, path in paths.items()
}
heads = ax.scatter(
    *np.transpose([path[-1] for path in paths.values()]),
    color=[COLORS[name] for name in paths],
    edgecolor="white",
    zorder=3,
)
ax.set(xlabel="x1", ylabel="x2", title=f"step {STEPS}")
ax.legend(ncols=2, loc="lower right", fontsize="small")
fig.alt = (
    "Seven paths down an elongated bowl: gradient descent and SGD jump across the valley and creep "
    "along it, momentum jumps too but arrives, RMSProp and AdaGrad turn straight to the floor, "
    "Adam swings wide, AdaDelta has hardly left the start."
)
d2l.plt.show()

# %%
# The same figure in motion, step by step. Fold it away to stop it. It does not move for readers
# whose system asks for little motion.


class Motion:
    """Pictures of an animation as HTML: one WebP inside the page, and a still of the last."""

    def __init__(self, frames, milliseconds):
        pause = [milliseconds] * (len(frames) - 1) + [2000]
        options = {"save_all": True, "append_images": frames[1:], "duration": pause, "loop": 0}
        self.moving = self.encode(frames[0], quality=60, **options)
        self.still = self.encode(frames[-1], quality=60)
        self.width, self.height = frames[0].size

    @staticmethod
    def encode(image, **options):
        buffer = io.BytesIO()
        image.save(buffer, "webp", **options)
        return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"

    def _repr_html_(self):
        return (
            "<details open><summary>Animation</summary><picture>"
            f'<source media="(prefers-reduced-motion: reduce)" srcset="{self.still}">'
            f'<img class="dark-light" alt="" width="{self.width}" height="{self.height}" '
            f'src="{self.moving}"></picture></details>'
        )


canvas = FigureCanvasAgg(fig)
fig.set_dpi(100)
canvas.draw()
fig.set_layout_engine("none")  # from here on the axes stay where they are
frames = []
for step in range(STEPS + 1):
    for name, path in paths.items():
        trails[name].set_data(*path[: step + 1].T)
    heads.set_offsets([path[step] for path in paths.values()])
    ax.set_title(f"step {step}")
    canvas.draw()
    frames.append(Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]))
Motion(frames, milliseconds=250)

# %%
# Gradient descent overshoots in the steep direction while it creeps in the flat one: one rate
# serves both badly. SGD does the same and trembles. Momentum overshoots too, but its velocity
# adds up along the valley. RMSProp and AdaGrad divide each direction by its own gradients, so
# that steep and flat look alike, and AdaGrad tires. Adam does both, and its velocity carries it
# past the floor. AdaDelta has to learn the length of its steps from nothing, and that takes
# longer than this.
#
# What to take away
# -----------------
#
# - Tune the learning rate before you compare methods, and show more than one seed: with one seed
#   and one rate, nearly any of these methods can be made to win.
# - If you are unsure, try a smaller rate first: it is slow, but it does not explode. AdaGrad
#   forgives too large a rate best.
# - The knob for speed is the batch size. On a small convex problem like this one, plain minibatch
#   SGD gets to small losses in the least time; the cleverer rules earn their cost where
#   directions differ in steepness.
