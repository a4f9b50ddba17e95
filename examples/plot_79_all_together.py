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
# single run, the faster of two. Gradient descent is also trained at half its rate for twenty
# passes.

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


def adadelta(params, states, hyperparams):
    """The book's AdaDelta; the root of its epsilon goes by the name of a learning rate."""
    rho, eps = hyperparams["rho"], hyperparams["lr"] ** 2
    for p, (s, delta) in zip(params, states):
        s[:] = rho * s + (1 - rho) * p.grad**2
        step = torch.sqrt((delta + eps) / (s + eps)) * p.grad
        p.data -= step
        delta[:] = rho * delta + (1 - rho) * step**2


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
    "AdaDelta": (adadelta, optimizers.init_adadelta_states, {"lr": 1e-5**0.5, "rho": 0.9}, 10),
    "Adam": (optimizers.adam, optimizers.init_adam_states, {"lr": 0.01, "t": 1}, 10),
}
COLORS = dict(zip(METHODS, [*plotting.COLORS, "black"]))
STYLES = dict(zip(METHODS, [":", "--", "-.", "-", ":", "--", "-.", "-"]))


def train(name, seed, num_epochs=2, **changed):
    """A run of a method, its hyperparameters changed where others are given."""
    rule, states, hyperparams, batch_size = METHODS[name]
    hyperparams = {**hyperparams, **changed}
    return d2l.fit(rule, states, hyperparams, features, labels, batch_size, num_epochs, seed=seed)


def run_and_time(name, *args, **changed):
    """A hundred seeds of a method, and the seconds that an epoch of a single run takes."""
    alone = min(train(name, seed, *args, **changed).seconds_per_epoch for seed in range(2))
    return train(name, range(100), *args, **changed), alone


timed = {name: run_and_time(name) for name in METHODS}
longer = run_and_time("GD", 20, lr=0.5)
runs = {name: history for name, (history, _) in timed.items()}

print(f"{'method':14}{'median':>10}{'95 % of the seeds':>24}{'ms an epoch':>14}")
for name, history in runs.items():
    low, middle, high = np.quantile(history.final_loss, [0.025, 0.5, 0.975])
    print(f"{name:14}{middle:10.5f}{low:14.5f} {high:.5f}{1000 * timed[name][1]:14.2f}")
print(f"least possible loss: {history.optimum:.5f}")

# %%
# Each small panel shows one method in colour, its median and the band of 95 % of its seeds, and
# the medians of the other methods in grey. The wide panel shows all medians against time, with
# the band of the end as a bar.


def against_time(ax, history, seconds, style, color, label):
    """The median excess against milliseconds, and the band at the end as a bar."""
    ms = 1000 * seconds * history.epochs[1:]
    low, middle, high = np.quantile(history.losses - history.optimum, [0.025, 0.5, 0.975], axis=0)
    ax.plot(ms, middle[1:], style, color=color, label=label)
    bar = [middle[-1:] - low[-1:], high[-1:] - middle[-1:]]
    ax.errorbar(ms[-1:], middle[-1:], bar, fmt="o", color=color, capsize=3)


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
    against_time(axs["time"], *timed[name], STYLES[name], COLORS[name], name)
    if name not in ("GD", "AdaGrad"):
        axs[name].tick_params(labelleft=False)
against_time(axs["time"], *longer, "-", COLORS["GD"], "GD, lr 0.5, 20 epochs")
for name in ("GD", "AdaGrad", "time"):
    axs[name].set_ylabel("excess loss")
axs["time"].set(xscale="log", yscale="log", xlabel="milliseconds, this machine")
axs["time"].legend(loc="lower left", fontsize="small")
fig.alt = (
    "Eight panels: the excess loss of each method falls within one epoch to a few thousandths, "
    "except for gradient descent, which needs more passes; the bands over seeds overlap. Below: "
    "against time, gradient descent with twenty passes is below all others before they arrive, and "
    "batches of one sample take the most."
)
d2l.plt.show()

# %%
# Against epochs, gradient descent is last: it makes only one step an epoch. All others reach the
# same few thousandths, and then the noise of their minibatches keeps them there. The bands
# overlap widely. From one seed a method, nobody could name the best of them.
#
# Against time the picture turns. Gradient descent makes one step an epoch, two large products.
# It has made its two steps when the others have hardly begun, and stops at a higher loss because
# two passes are all it gets. With more of them it is first on these few data. Its rate must be
# lower then: with that of its section it would diverge in the end (7.3). A batch of one sample
# costs a step of Python for every sample. Minibatches lie between, and the plain rule is cheaper
# than the rules with a memory.
#
# How wrong may the learning rate be?
# -----------------------------------
#
# The same training with other rates, from a tenth of the section's to a hundred times it, twenty
# seeds each. Some of these rates are far too large: the loss overflows, and the package warns. Here
# divergence is a result, so we catch these warnings, and only these, and count them. AdaDelta has
# no learning rate; its knob is :math:`\sqrt{\epsilon}` (7.7).

FACTORS = np.array([0.1, 0.3, 1, 3, 10, 100])


def sweep(name):
    """The excess of twenty seeds at each factor, (factors, 20)."""
    own = METHODS[name][2]["lr"]
    finals = [
        (runs[name] if factor == 1 else train(name, range(20), lr=factor * own)).final_loss[:20]
        for factor in FACTORS
    ]
    return np.nan_to_num(np.array(finals) - history.optimum, nan=np.inf)


with warnings.catch_warnings(record=True) as diverged:
    warnings.filterwarnings("always", "(?s).* diverged", RuntimeWarning)
    sweeps = {name: sweep(name) for name in METHODS}
print(f"{len(diverged)} of {len(sweeps) * len(FACTORS)} settings left the range of numbers")

start = runs["GD"].losses[:, 0].mean() - history.optimum
fig, axs = d2l.plt.subplots(
    2, 4, figsize=(7.5, 4.6), layout="constrained", sharex=True, sharey=True
)
for ax, (name, excess) in zip(axs.flat, sweeps.items()):
    own = METHODS[name][2]["lr"]
    # A run that ends above its start, or nowhere, is drawn at the upper edge.
    low, middle, high = np.minimum(
        np.quantile(excess, [0.025, 0.5, 0.975], axis=1, method="nearest"), 2 * start
    )
    ax.axhspan(start, 2 * start, color="0.9", linewidth=0)
    ax.fill_between(own * FACTORS, low, high, color=COLORS[name], alpha=0.25, linewidth=0)
    ax.plot(own * FACTORS, middle, ".-", color=COLORS[name])
    ax.axvline(own, color="0.4", linestyle=":", linewidth=1.2)
    ax.set(title=name, xscale="log", yscale="log", ylim=(2e-4, 2 * start), xticks=[1e-3, 0.1, 10])
for ax, name in zip(axs[1], list(METHODS)[4:]):
    ax.set_xlabel(r"$\sqrt{\epsilon}$" if name == "AdaDelta" else "learning rate")
for ax in axs[:, 0]:
    ax.set_ylabel("final excess loss")
fig.alt = (
    "Final excess loss against the learning rate for each method, and against the root of epsilon "
    "for AdaDelta: a valley each, at different rates. At a hundred times its rate every method but "
    "AdaGrad and AdaDelta ends about its start or above."
)
d2l.plt.show()

print("median excess at so many times the rate of the section")
print(f"{'':14}" + "".join(f"{factor:10g}" for factor in FACTORS))
for name, excess in sweeps.items():
    print(f"{name:14}" + "".join(f"{median:10.2g}" for median in np.median(excess, axis=1)))

# %%
# The dotted line is the setting of the section, and the grey ground is where a run ends above
# its start. Every method has a valley, and most valleys are about equally deep. They lie in
# different places: the best rate of one method leaves another far from the optimum.
#
# Left of the valley, all methods are merely slow. Right of it they differ. The plain rules and
# momentum multiply the error in each step once the rate is too large, and may leave the range of
# numbers. The rules that divide by the size of the gradients cannot do that: they jump around
# the optimum, at a distance that grows with the rate. AdaGrad bears the largest rates, because
# its steps shrink.
#
# Down the bowl together
# ----------------------
#
# Where does the difference come from? The bowl :math:`f(x_1, x_2) = 0.1 x_1^2 + 2 x_2^2` is
# steep in one direction and flat in the other. Seven methods start at the same point; all but
# AdaDelta have the learning rate 0.4. The gradient of SGD is disturbed by a normal draw. The
# rules are the very functions that trained the linear model. The star is the minimum.

ON_THE_BOWL = {name: METHODS[name] for name in METHODS if name != "minibatch SGD"}
PLAIN = ("GD", "SGD", "momentum")
BOWL = {"momentum": {"momentum": 0.5}, "AdaDelta": METHODS["AdaDelta"][2]}
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


fig, axs = d2l.plt.subplots(1, 2, figsize=(7.5, 3.4), sharey=True, layout="constrained")
grid = np.meshgrid(np.linspace(-5.4, 1.4, 80), np.linspace(-2.4, 1.6, 80))
for ax in axs:
    ax.contour(*grid, f(*grid), levels=[0.02, 0.2, 0.6, 1.2, 2, 4, 7], colors="0.8", linewidths=0.8)
    ax.plot(0, 0, "*", color="black", markersize=6)
    ax.set_xlabel("x1")
axs[0].set_ylabel("x2")
trails, heads = {}, {}
for name, path in paths.items():
    ax = axs[0 if name in PLAIN else 1]
    trails[name] = ax.plot(*path.T, STYLES[name], color=COLORS[name], linewidth=1.5, label=name)[0]
    heads[name] = ax.plot(*path[-1:].T, "o", color=COLORS[name], fillstyle="none", markersize=10)[0]
for ax in axs:
    ax.legend(ncols=2, loc="lower right", fontsize="small")
title = fig.suptitle(f"step {STEPS}")
fig.alt = (
    "Seven paths down an elongated bowl: gradient descent and SGD jump across the valley and creep "
    "along it, momentum jumps too but arrives, RMSProp and AdaGrad turn to the floor, Adam swings "
    "wide, AdaDelta has hardly left the start."
)
d2l.plt.show()

# %%
# The same figure in motion, step by step. Fold it away to stop it. It does not move for readers
# whose system asks for little motion.


class Motion:
    """Pictures of an animation as HTML: one WebP inside the page, and a still of the last."""

    def __init__(self, frames, milliseconds, alt):
        pause = [milliseconds] * (len(frames) - 1) + [2000]
        options = {"save_all": True, "append_images": frames[1:], "duration": pause, "loop": 0}
        self.moving = self.encode(frames[0], quality=60, **options)
        self.still = self.encode(frames[-1], quality=60)
        self.alt, (self.width, self.height) = alt, frames[0].size

    @staticmethod
    def encode(image, **options):
        buffer = io.BytesIO()
        image.save(buffer, "webp", **options)
        return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"

    def _repr_html_(self):
        return (
            "<details open><summary>Animation</summary><picture>"
            f'<source media="(prefers-reduced-motion: reduce)" srcset="{self.still}">'
            f'<img class="dark-light" lang="en" alt="{self.alt}" width="{self.width}" '
            f'height="{self.height}" src="{self.moving}"></picture></details>'
        )


canvas = FigureCanvasAgg(fig)
fig.set_dpi(100)
moving = [*trails.values(), *heads.values(), title]
for artist in moving:
    artist.set_animated(True)  # leaves them out of what is drawn once
canvas.draw()
still = canvas.copy_from_bbox(fig.bbox)
frames = []
for step in range(STEPS + 1):
    for name, path in paths.items():
        trails[name].set_data(*path[: step + 1].T)
        heads[name].set_data(*path[step : step + 1].T)
    title.set_text(f"step {step}")
    canvas.restore_region(still)
    for artist in moving:
        fig.draw_artist(artist)
    frames.append(Image.fromarray(np.array(canvas.buffer_rgba())[..., :3]))
Motion(frames, milliseconds=250, alt=fig.alt)

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
# - The knob for speed is the batch size. On data as few as these, full batches at a safe rate are
#   fastest. With more samples the minibatch overtakes them (7.3). Of the rules on minibatches the
#   plain one costs least a step; the others earn their cost where directions differ in steepness.
# - All this is one small convex problem and its training loss. Deep networks, the error on new
#   data, and features that are rarely non-zero are other questions: there the order of the methods
#   may be another.
