r"""
All together: which method is best?
===================================

With the learning rate that suits it, every method comes close to the optimum within two passes,
full-batch gradient descent a little less so. The others differ less than their seeds do, and most
of all in the learning rate that suits them.
"""

# sphinx_gallery_thumbnail_number = 5

# %%
# Eight ways to train one model
# -----------------------------
#
# Three methods share the plain update :math:`p \leftarrow p - \eta\, g` and differ in the batch:
# gradient descent takes all samples for a step, stochastic gradient descent (SGD) one, minibatch
# SGD ten. The other five take ten samples as well, and change the update. AdaDelta has no learning
# rate. Its knob is :math:`\sqrt{\epsilon}` (:doc:`plot_77_adadelta`), so we let this one go by the
# name of a learning rate.

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting


def adadelta(params, states, hyperparams):
    rho, eps = hyperparams["rho"], hyperparams["lr"] ** 2
    for p, (s, delta) in zip(params, states):
        s[:] = rho * s + (1 - rho) * p.grad**2
        step = torch.sqrt((delta + eps) / (s + eps)) * p.grad
        p.data -= step
        delta[:] = rho * delta + (1 - rho) * step**2


# %%
# Each method has the settings of its section: its :term:`hyperparameters <hyperparameter>`, the
# :term:`batch size`, its rule, and its :term:`states <state>` or ``None``. ``elementwise=True``
# says that a rule treats each entry by itself; then all seeds take one pass.

o = d2l.optimizers
methods = {
    "gradient descent": ({"lr": 1}, 1500, o.sgd, None),
    "SGD": ({"lr": 0.005}, 1, o.sgd, None),
    "minibatch SGD": ({"lr": 0.05}, 10, o.sgd, None),
    "momentum": (
        {"lr": 0.004, "momentum": 0.9},
        10,
        o.momentum,
        o.init_momentum_states,
    ),
    "AdaGrad": ({"lr": 0.1}, 10, o.adagrad, o.init_adagrad_states),
    "RMSProp": (
        {"lr": 0.01, "gamma": 0.9},
        10,
        o.rmsprop,
        o.init_rmsprop_states,
    ),
    "AdaDelta": (
        {"lr": 1e-5**0.5, "rho": 0.9},
        10,
        adadelta,
        o.init_adadelta_states,
    ),
    "Adam": ({"lr": 0.01, "t": 1}, 10, o.adam, o.init_adam_states),
}
data = d2l.get_data_ch7()


def train(name, seed, num_epochs=2, **changed):
    hyperparams, batch_size, rule, states = methods[name]
    return d2l.fit(
        rule,
        states,
        {**hyperparams, **changed},
        *data,
        batch_size=batch_size,
        num_epochs=num_epochs,
        seed=seed,
        elementwise=True,
    )


# %%
# Loss against epochs
# -------------------
#
# We train a hundred models with each method.

runs = {name: train(name, seed=range(100)) for name in methods}

# %%

# plotting code
left, right = plotting.panels(
    "the plain update", "other updates", height=3.2
)
for i, (name, run) in enumerate(runs.items()):
    ax, j = (left, i) if i < 3 else (right, i - 3)
    excess = np.median(run.losses, axis=0) - run.optimum
    style = ("-", "--", "-.", ":", (0, (5, 1)))[j]
    ax.semilogy(
        run.epochs,
        excess,
        linestyle=style,
        color=plotting.COLORS[j],
        label=name,
    )
left.set(ylabel="excess loss", ylim=(7e-4, 1))
for ax in (left, right):
    ax.set(xlabel="epoch")
    ax.legend(labelspacing=0.2)

# %%
# .. alt::
#
#    Median excess loss against epoch, on a logarithmic axis. All methods fall to a few thousandths
#    within one epoch and level off there, but for gradient descent, which is still clearly
#    above them at the end.
#
# The curves are medians of the excess loss, which is the loss minus the least possible one.
# Gradient descent is last: it makes only one step an :term:`epoch`. All others fall to a few
# thousandths, and then the noise of their minibatches keeps them on a plateau. Where do the hundred
# runs end?

(ax,) = plotting.panels("", height=3.4)
ends = {name: run.final_loss - run.optimum for name, run in runs.items()}
plotting.plot_spread(ends, ax, xlabel="final excess loss").set_xscale("log")

# %%
# .. alt::
#
#    A row for each method with the spread of its final excess loss over a hundred seeds. The rows
#    overlap widely, but for gradient descent, which lies on the right. AdaGrad lies a little
#    further to the left than the others.
#
# The thin line spans all runs, the thick one 95 % of them, and the tick is the median. At the
# median gradient descent ends :calc:`above_least["gradient descent"]|.1f` % above the least
# possible loss, and every other method at most :calc:`max(sorted(above_least.values())[:-1])|.1f`
# %. The rows of these overlap widely: the luck of the seed moves a run by more than the choice of
# the method. AdaGrad lies lowest, because its steps decay, and the noise with them. A schedule of
# the learning rate does the same for the other methods (:doc:`plot_78_adam`).

# sphinx_gallery_start_ignore
above_least = {
    name: 100 * np.median(values) / runs[name].optimum
    for name, values in ends.items()
}
# sphinx_gallery_end_ignore

# %%
# Loss against seconds
# --------------------
#
# The time of an epoch is that of the fastest of several single runs. Gradient descent also gets
# twenty passes, at half its rate: with that of its section it would diverge in the end.


def seconds_per_epoch(name):
    return min(train(name, seed=s).seconds_per_epoch for s in range(5))


seconds = {name: seconds_per_epoch(name) for name in methods}
longer = train("gradient descent", range(100), lr=0.5, num_epochs=20)

# %%

# plotting code
(ax,) = plotting.panels("", height=3.8)


def draw(name, run, label, **style):
    excess = np.median(run.losses, axis=0) - run.optimum
    ms = 1000 * seconds[name] * run.epochs
    (line,) = ax.plot(ms[1:], excess[1:], label=label, **style)
    ax.plot(ms[-1:], excess[-1:], "o", color=line.get_color())


def draw_named(name, **style):
    draw(name, runs[name], name, **style)


draw_named("gradient descent", color=plotting.COLORS[0])
draw(
    "gradient descent",
    longer,
    "the same, 20 epochs",
    color=plotting.COLORS[0],
    linestyle=":",
)
draw_named("SGD", color=plotting.COLORS[1], linestyle="--")
draw_named("minibatch SGD", color=plotting.COLORS[2], linestyle="-.")
for name in list(methods)[3:]:
    label = "rules with a memory" if name == "Adam" else None
    draw(name, runs[name], label, color="0.6", zorder=1)
ax.set(xscale="log", yscale="log", xlim=(0.15, None))
ax.set(xlabel="time in milliseconds", ylabel="excess loss")
ax.legend(loc="lower left", labelspacing=0.2)

# %%
# .. alt::
#
#    Median excess loss against time, both on logarithmic axes. Gradient descent with twenty passes
#    is below all others before they arrive; batches of one sample take the longest.
#
# Against time the picture turns. A step of gradient descent is two large products, and on so few
# data it is cheap: with more passes it is lowest before the others arrive. A batch of one sample
# costs a step of Python for every sample. Minibatches lie between, and the plain rule is cheaper
# than the rules with a memory.
#
# .. computed:: time_table
#
#    method | ms an epoch | median excess loss

# sphinx_gallery_start_ignore
time_table = [
    (name, f"{1000 * seconds[name]:.1f}", f"{np.median(values):.4f}")
    for name, values in ends.items()
]
# sphinx_gallery_end_ignore

# %%
# How wrong may the learning rate be?
# -----------------------------------
#
# The same training with other rates, from a tenth of the section's to a hundred times it: the
# median of twenty seeds each. The grey band is where a run ends above its start. What ends farther
# up still, or leaves the range of numbers, is drawn on the upper edge of the band.

# sphinx_gallery_start_ignore
import warnings

warnings.filterwarnings("ignore", "(?s).* diverged", RuntimeWarning)
# sphinx_gallery_end_ignore

factors = np.array([0.1, 0.3, 1, 3, 10, 100])
optimum = runs["SGD"].optimum


def sweep(name):
    lr = methods[name][0]["lr"]
    ends = [train(name, range(20), lr=k * lr).final_loss for k in factors]
    return factors * lr, np.array(ends) - optimum


sweeps = {name: sweep(name) for name in methods}

# %%

# plotting code
plain = ("gradient descent", "SGD", "minibatch SGD", "momentum")
start = runs["SGD"].losses[:, 0].mean() - optimum
left, right = plotting.panels(
    "plain updates and momentum", "updates that divide", height=3.6
)
for i, (name, (rates, excess)) in enumerate(sweeps.items()):
    ax = left if name in plain else right
    color = plotting.COLORS[i % 4]
    style = ("-o", "--s", "-.^", ":D")[i % 4]
    middle = np.fmin(np.median(excess, axis=1), 4 * start)
    ax.loglog(rates, middle, style, color=color, markersize=4, label=name)
for ax in (left, right):
    ax.axhspan(start, 4 * start, color="0.9", linewidth=0)
    ax.set(xlabel="learning rate", ylim=(6e-4, 60))
    ax.set(xticks=[1e-3, 1e-1, 10], xlim=(2e-4, 200))
    ax.legend(loc="upper left", labelspacing=0.2, ncols=1)
left.set_ylabel("final excess loss")

# %%
# .. alt::
#
#    Median final excess loss against the learning rate for each method, and against the root of
#    epsilon for AdaDelta: a valley each, at different rates. To the right of it the plain updates
#    and momentum soon lie in the grey band or on its upper edge; of the updates that divide only
#    RMSProp comes into the band.
#
# Every method has a valley, and most valleys are about equally deep. They lie in different places:
# the best rate of one method leaves another far from the optimum.
#
# Left of the valley, the methods are merely slow. Right of it they differ. The plain updates and
# momentum multiply the error once the rate is too large, and diverge: with :calc:`above` of these
# settings the median run ends above its start, and with :calc:`lost` it leaves the range of
# numbers. The updates that divide by the size of the gradients do not run away: they jump around
# the optimum, farther with a larger rate. The farthest is RMSProp, at :calc:`farthest / start|.1f`
# times the excess loss of its start. AdaGrad bears the largest rates, because its steps shrink: at
# a hundred times the rate of its section it is at :calc:`middles["AdaGrad"][-1]|.2f`, where Adam is
# at :calc:`middles["Adam"][-1]|.2f`.

# sphinx_gallery_start_ignore
middles = {name: np.median(e, axis=1) for name, (_, e) in sweeps.items()}
dividing_ends = np.array([m for n, m in middles.items() if n not in plain])
plain_ends = np.array([middles[name] for name in plain])
above = (~(plain_ends <= start)).sum()
lost = (~np.isfinite(plain_ends)).sum()
farthest = dividing_ends.max()
assert farthest == middles["RMSProp"][-1]
assert (dividing_ends > start).sum() == 1
# sphinx_gallery_end_ignore

# %%
# Down the bowl together
# ----------------------
#
# Where does the difference come from? The bowl :math:`f(x_1, x_2) = 0.1 x_1^2 + 2 x_2^2` is steep
# in one direction and flat in the other. The same rules that trained the model descend in it, with
# the learning rate 0.4; AdaDelta keeps its own knob. For SGD, the gradient is disturbed by a normal
# draw.


def f(x1, x2):
    return 0.1 * x1**2 + 2 * x2**2


def descend(name, **changed):
    hyperparams, _, rule, init_states = methods[name]
    hyperparams = {**hyperparams, **changed}
    p, draws = torch.tensor([-5.0, -2.0]), np.random.default_rng(0)
    states, path = init_states and init_states([p]), [p.tolist()]
    for _ in range(20):
        noise = draws.normal(size=2) if name == "SGD" else np.zeros(2)
        p.grad = torch.tensor([0.2, 4.0]) * p + torch.tensor(noise).float()
        rule([p], states, hyperparams)
        path.append(p.tolist())
    return path


straight = {
    name: descend(name, lr=0.4) for name in ("gradient descent", "SGD")
}
straight["momentum"] = descend("momentum", lr=0.4, momentum=0.5)
dividing = {
    name: descend(name, lr=0.4) for name in ("AdaGrad", "RMSProp", "Adam")
}
dividing["AdaDelta"] = descend("AdaDelta")

left, right = plotting.panels("multiply", "divide", height=3.4)
plotting.plot_paths(straight, f, left, window=(-5.5, 1.6, -2.5, 3.5))
plotting.plot_paths(dividing, f, right, window=(-5.5, 1.6, -2.5, 3.5))

# %%
# .. alt::
#
#    Seven paths down an elongated bowl: gradient descent and SGD jump across the valley and creep
#    along it, momentum jumps too but arrives, RMSProp and AdaGrad turn to the floor, Adam swings
#    wide, AdaDelta has hardly left the start.

# %%

# sphinx_gallery_start_ignore
from motion import Motion

for ax in (left, right):  # no words: a moving picture has none to translate
    ax.set_title("")
    ax.get_legend().remove()
moving = Motion(left.figure, {**straight, **dividing})
moving
# sphinx_gallery_end_ignore

# %%
# .. alt::
#
#    The same seven paths as they grow, step by step.
#
# The web page shows the paths a second time, in motion. Fold this picture away to stop it.
#
# Gradient descent overshoots and oscillates in the steep direction while it creeps in the flat one:
# one rate serves both badly. SGD does the same and trembles. Momentum overshoots too, but its
# velocity adds up along the valley. RMSProp and AdaGrad divide each direction by its own gradients,
# so that steep and flat look alike, and AdaGrad tires. Adam does both, and its velocity carries it
# past the floor. AdaDelta has to learn the length of its steps from nothing, and that takes longer
# than this.

# %%
# What to take away
# -----------------
#
# - Tune the learning rate before you compare methods, and show more than one seed: with one seed
#   and one rate, nearly any of these methods can be made to win.
# - If you are unsure, try a smaller rate first: it is slow, but it does not :term:`diverge`.
#   AdaGrad forgives too large a rate best.
# - The knob for speed is the batch size. On data as few as these, full batches at a safe rate get
#   lower than batches of ten in the same time; to get merely close, batches of about a hundred are
#   faster yet (:doc:`7.3.3 <plot_73c_batch_size>`). With more samples even batches of ten overtake
#   full ones (:doc:`7.3.1 <plot_73a_minibatch_scratch>`). On minibatches the plain rule is
#   cheapest; the others earn their cost where directions differ in steepness.
#
# All this is the training loss of one small problem, and a convex one: its loss is a bowl with a
# single bottom. The next page asks what it cannot tell, and which method to take then.

# %%
# Check yourself
# --------------
#
# .. check:: Two papers print the final loss of one run each, 0.2437 for momentum and 0.2440 for
#    Adam, both on these data. Which method is better?
#
#    Nobody can tell. The two numbers differ by :calc:`0.2440 - 0.2437|.4f`, and 95 % of Adam's runs
#    spread over :calc:`np.ptp(np.quantile(ends["Adam"], [0.025, 0.975]))|.4f`.
#
# .. check:: Why does AdaGrad survive a rate that is a hundred times too large, and SGD does not?
#
#    AdaGrad's first step is that long, but the sum in its root grows with each gradient, so its
#    steps shrink. SGD multiplies the error on its sample by :math:`1 - \eta (|x|^2 + 1)`, another
#    number in each step. At a hundred times its rate this is below :math:`-1` for
#    :calc:`overshoots|.0f` % of the samples, and the error grows: a batch of one diverges far below
#    the limit of full batches (:doc:`7.3.1 <plot_73a_minibatch_scratch>`).
#
# .. check:: Minibatch SGD makes 150 steps in an epoch, gradient descent one. Why does an epoch not
#    take 150 times as long?
#
#    Both handle each sample once. What is paid more often is the price of a step itself. Here
#    minibatch SGD takes :calc:`seconds["minibatch SGD"] / seconds["gradient descent"]|.0f` times as
#    long for an epoch.

# sphinx_gallery_start_ignore
curvatures = (data[0] ** 2).sum(dim=1) + 1
overshoots = 100 * np.mean((sweeps["SGD"][0][-1] * curvatures > 2).numpy())
# sphinx_gallery_end_ignore

# %%
# Exercises
# ---------
#
# .. exercise:: A (ours)
#
#    You compare two methods by a single run each. How often does the one win that is better at the
#    median? Answer for AdaGrad against each of the other methods, once with different seeds for the
#    two, once with the same seed for both.

# %%
# With different seeds, every run of the one may meet every run of the other. With the same seed,
# the two start alike and see the same samples in the same order.


def wins(ours, theirs):
    different = np.mean(ours[:, None] < theirs[None, :])
    return different, np.mean(ours < theirs)


others = [name for name in list(methods)[1:] if name != "AdaGrad"]
shares = np.array([wins(ends["AdaGrad"], ends[name]) for name in others])

(ax,) = plotting.panels("", height=3.2)
rows = np.arange(len(others))
ax.barh(rows - 0.2, 100 * shares[:, 0], 0.4, label="different seeds")
ax.barh(rows + 0.2, 100 * shares[:, 1], 0.4, label="the same seed")
ax.axvline(50, color="0.4", linestyle=":")
ax.set(
    xlabel="races won by AdaGrad in per cent", yticks=rows, xlim=(0, 100)
)
ax.set_yticklabels(others)
ax.invert_yaxis()
ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)

# %%
# .. alt::
#
#    Bars: the share of races that AdaGrad wins against each other method. With different seeds it
#    is about three in four, with the same seed it is mostly nine in ten or more.
#
# With different seeds AdaGrad wins :calc:`100 * shares[:, 0].min()|.0f` to
# :calc:`100 * shares[:, 0].max()|.0f` per cent of the races, with the same seed
# :calc:`100 * shares[:, 1].min()|.0f` to :calc:`100 * shares[:, 1].max()|.0f`. The luck of the
# samples is common to both, and cancels in the comparison. So if you can afford few runs, give both
# methods the same seeds.
#
# .. endexercise::
