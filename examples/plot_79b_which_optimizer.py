r"""
Which optimizer shall I use?
============================

Begin with momentum or with Adam, and tune the learning rate before anything else. If the training
goes wrong, look at the loss curve: its form tells which knob to turn.
"""

# sphinx_gallery_thumbnail_number = 2

# %%
# A table to begin with
# ---------------------
#
# .. list-table::
#    :header-rows: 1
#
#    * - What you have
#      - Begin with
#      - Why
#    * - few samples, a smooth loss
#      - large batches, or all samples in each step, with momentum
#      - such steps are cheap and have little noise: :doc:`7.3.3 <plot_73c_batch_size>`,
#        :doc:`7.4 <plot_74_momentum>`
#    * - many samples
#      - minibatch SGD with momentum
#      - a step costs a batch, however many samples there are:
#        :doc:`7.3.1 <plot_73a_minibatch_scratch>`
#    * - features that are rarely non-zero
#      - AdaGrad or Adam
#      - weights that seldom get a gradient keep their long steps: :doc:`7.5 <plot_75_adagrad>`
#    * - gradients of very different sizes, and no way to scale the features
#      - RMSProp or Adam
#      - each weight is divided by the size of its own gradients: :doc:`7.6 <plot_76_rmsprop>`
#    * - little time to tune
#      - Adam, at several rates
#      - the size of the gradients cancels, so similar rates serve many problems:
#        :doc:`7.8 <plot_78_adam>`; but on our data the default is
#        :calc:`best_multiple["Adam"]|.0f` times too small, see below
#    * - a deep network
#      - AdamW, or SGD with momentum; both with warm-up and decay
#      - common practice; no network is trained on this site
#
# For the model of this chapter itself you need none of them: least squares solves it at once. It is
# here because we know its optimum and can afford a hundred runs.

# %%
# Which settings to start from?
# -----------------------------
#
# Leave all constants but the learning rate at their usual values: momentum 0.9, and what PyTorch
# has by default for the others. We try each class of PyTorch at its default learning rate and at
# multiples of it.

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting

data = d2l.get_data_ch7()
optim = torch.optim
classes = {
    "SGD": (optim.SGD, {}),
    "momentum": (optim.SGD, {"momentum": 0.9}),
    "Adagrad": (optim.Adagrad, {}),
    "RMSprop": (optim.RMSprop, {}),
    "Adadelta": (optim.Adadelta, {}),
    "Adam": (optim.Adam, {}),
}
multiples = np.array([0.3, 1, 3, 10, 30, 100])


def default(name):
    optimizer_fn, _ = classes[name]
    return optimizer_fn([torch.zeros(1)]).defaults["lr"]


def final_losses(name, lr):
    optimizer_fn, options = classes[name]
    return d2l.fit_torch(
        optimizer_fn, {"lr": lr, **options}, *data, seed=range(20)
    ).final_loss


sweeps = {
    name: [final_losses(name, k * default(name)) for k in multiples]
    for name in classes
}

# %%

# plotting code
left, right = plotting.panels("", "", height=3.4)
names = list(sweeps)
for ax, chosen in ((left, names[:3]), (right, names[3:])):
    plotting.plot_sweep(multiples, {n: sweeps[n] for n in chosen}, ax)
    ax.set(xlabel="multiple of the default", ylim=(0.22, 0.75))

# %%
# .. alt::
#
#    Final loss against the learning rate as a multiple of PyTorch's default, for six classes. Each
#    has a valley. For most of them it lies to the right of the default, at three to thirty times.
#
# .. computed:: settings
#
#    class | default | best here | loss at default | loss at best
#
# The losses are medians of twenty seeds; the least possible one is :calc:`optimum|.4f`. Most
# defaults are too small for two passes over so few data. They are chosen for long trainings of
# large networks, where a rate that is too small costs time, and one that is too large costs
# everything. So search for the rate: start at the default, go on by factors of three, and stop when
# the loss gets worse. Then let the best rate decay (:doc:`plot_78_adam`).

# sphinx_gallery_start_ignore
optimum = d2l.fit_torch(optim.SGD, {"lr": 0.01}, *data, seed=0).optimum
settings, best_multiple = [], {}
for name, finals in sweeps.items():
    medians = np.median(finals, axis=1)
    best_multiple[name] = multiples[medians.argmin()]
    best = best_multiple[name] * default(name)
    losses = (medians[1], medians.min())
    settings.append(
        (
            name,
            f"{default(name):g}",
            f"{best:g}",
            *(f"{loss:.4f}" for loss in losses),
        )
    )
# sphinx_gallery_end_ignore

# %%
# Sick curves: the learning rate
# ------------------------------
#
# Now we spoil one knob at a time, and look at the loss of a single run. The dashed orange curve is
# that of the same training with the knob mended.

o = d2l.optimizers
X, y = data


def sgd(lr, X=X, batch_size=10, num_epochs=3):
    return d2l.fit(
        o.sgd,
        None,
        {"lr": lr},
        X,
        y,
        batch_size=batch_size,
        num_epochs=num_epochs,
        seed=0,
    )


too_large = {
    f"learning rate {lr}": sgd(lr, batch_size=1500, num_epochs=15)
    for lr in (1.1, 0.5)
}
too_small = {f"learning rate {lr}": sgd(lr) for lr in (0.001, 0.05)}

left, right = plotting.panels("too large", "too small")
plotting.plot_histories(too_large, left)
plotting.plot_histories(too_small, right).set_ylim(0.2, 0.7)

# %%
# .. alt::
#
#    Left: with too large a rate the loss falls, turns, and grows out of the picture. Right: with
#    too small a rate it falls along a nearly straight line and is far from the optimum at the end.
#
# **Too large.** The loss falls at first, in the directions in which the rate is right. In the
# steepest one each step overshoots by more than the last, and soon this is all you see: the loss
# :term:`diverges <diverge>`. Divide the rate by three.
#
# **Too small.** The curve is smooth and still falls at the end, nearly along a straight line.
# Multiply the rate by three, or train for longer.

# %%
# Sick curves: noise and momentum
# -------------------------------

too_noisy = {
    f"batch size {size}": sgd(0.3, batch_size=size) for size in (10, 100)
}


def with_momentum(gamma):
    hyperparams = {"lr": 0.1, "momentum": gamma}
    return d2l.fit(
        o.momentum,
        o.init_momentum_states,
        hyperparams,
        X,
        y,
        batch_size=1500,
        num_epochs=60,
        seed=0,
    )


too_long = {
    f"momentum {gamma}": with_momentum(gamma) for gamma in (0.98, 0.8)
}

left, right = plotting.panels("too noisy", "too much momentum")
plotting.plot_histories(too_noisy, left)
plotting.plot_histories(too_long, right).set_ylim(0.2, 0.9)

# %%
# .. alt::
#
#    Left: with small batches at a large rate the loss jumps up and down without falling. Right:
#    with too much momentum it swings in regular waves that fade slowly.
#
# **Too noisy.** The loss comes down soon and then jumps about on a :term:`plateau`. The steps are
# too long for the noise in the gradients. Let the rate decay, or take larger batches.
#
# **Too much momentum.** Regular waves: the velocity carries the weights past the minimum and back.
# They oscillate without any noise. Lower :math:`\gamma`; if you lower the rate instead, the waves
# only become longer.

# %%
# Sick curves: scale and fatigue
# ------------------------------
#
# On the left two of the features are given in a unit ten times as large, so that their numbers are
# ten times smaller. On the right the learning rate decays too early: its half-life is a tenth of an
# epoch.

units = torch.tensor([1, 1, 0.1, 1, 0.1])
badly_scaled = {
    name: sgd(0.5, features, batch_size=1500, num_epochs=60)
    for name, features in (("other units", X * units), ("standardised", X))
}


def decaying(lr, half_life):
    def rule(params, states, hyperparams):
        epoch = hyperparams["t"] / 150
        now = lr * 0.5 ** (epoch / half_life)
        o.sgd(params, states, {"lr": now})
        hyperparams["t"] += 1

    return d2l.fit(rule, None, {"t": 0}, X, y, num_epochs=3, seed=0)


tired = {
    f"half-life {epochs}": decaying(0.03, epochs) for epochs in (0.1, 1)
}

left, right = plotting.panels("badly scaled", "steps that tire")
plotting.plot_histories(badly_scaled, left)
plotting.plot_histories(tired, right).set_ylim(0.2, 0.7)

# %%
# .. alt::
#
#    Left: with badly scaled features the loss falls quickly at first, bends, and creeps. Right:
#    with a rate that decays too early the loss falls quickly at first and then stays flat far above
#    the optimum.
#
# **Badly scaled.** The loss falls quickly, bends, and then creeps. What is left lies along
# directions that are much flatter than the rest. They would want a far larger rate, with which the
# steep ones diverge. :term:`Standardise <standardization>` the features; where you cannot, as
# inside a network, take RMSProp or Adam.
#
# **Steps that tire.** The loss falls quickly too, but then it is flat, far above the optimum: the
# steps have become too short to get there. AdaGrad's rule shrinks its steps as well, though more
# slowly. Let the rate decay later, or raise it. If you cannot tell which of the two curves you
# have, try ten times the rate: on the right the loss then ends at :calc:`rested.final_loss|.3f`,
# and on the left it leaves the picture, with :calc:`raised.losses[3]|.0f` after three epochs.

# sphinx_gallery_start_ignore
raised = sgd(5, X * units, batch_size=1500, num_epochs=3)
rested = decaying(0.3, 0.1)
# sphinx_gallery_end_ignore

# %%
# All six in a table:
#
# .. list-table::
#    :header-rows: 1
#
#    * - The loss
#      - Likely cause
#      - Cure
#    * - falls, then grows without end
#      - learning rate too large
#      - a third of it
#    * - falls slowly and is not flat at the end
#      - learning rate too small
#      - three times as much, or more epochs
#    * - soon jumps about on a plateau
#      - noise of the minibatches
#      - learning rate decay, or larger batches
#    * - swings in regular waves
#      - too much momentum
#      - a smaller :math:`\gamma`
#    * - falls quickly, bends, creeps
#      - features of different scale
#      - standardise them; RMSProp or Adam
#    * - falls quickly, flattens early, without noise
#      - steps that shrink too soon
#      - a larger rate, a later decay

# %%
# What does a method cost?
# ------------------------
#
# A method costs memory for its :term:`states <state>`, and time for each update.

states = {
    "SGD": None,
    "momentum": o.init_momentum_states,
    "AdaGrad": o.init_adagrad_states,
    "RMSProp": o.init_rmsprop_states,
    "AdaDelta": o.init_adadelta_states,
    "Adam": o.init_adam_states,
}


def numbers_a_weight(init_states):
    weight = torch.zeros(1)
    return np.size(init_states([weight])) if init_states else 0


numbers = {name: numbers_a_weight(init) for name, init in states.items()}

# %%
# The time is that of the fastest of fifty updates of a hundred thousand weights, by the classes of
# ``torch.optim``.
#
# .. computed:: cost_times
#
#    method | numbers a weight | GB for 10⁹ weights | µs an update
#
# A state is one more number for each weight. The third column counts the weights, their gradients
# and the states, with four bytes a number. For large models this decides: Adam takes twice the
# memory of SGD. Time decides less often. In a large model the gradient costs much more than the
# update.

# sphinx_gallery_start_ignore
import time


def microseconds_an_update(optimizer_fn, **options):
    p, took = torch.zeros(100_000), []
    p.grad = torch.ones_like(p)
    optimizer = optimizer_fn([p], **options)
    for _ in range(50):
        begin = time.perf_counter()
        optimizer.step()
        took.append(time.perf_counter() - begin)
    return 1e6 * min(took)


updates = {
    "SGD": microseconds_an_update(torch.optim.SGD),
    "momentum": microseconds_an_update(torch.optim.SGD, momentum=0.9),
    "AdaGrad": microseconds_an_update(torch.optim.Adagrad),
    "RMSProp": microseconds_an_update(torch.optim.RMSprop),
    "AdaDelta": microseconds_an_update(torch.optim.Adadelta),
    "Adam": microseconds_an_update(torch.optim.Adam),
}
cost_times = [
    (name, number, 4 * (2 + number), f"{updates[name]:.0f}")
    for name, number in numbers.items()
]
fits = [name for name in numbers if 4 * (2 + numbers[name]) <= 14]
assert fits == ["SGD", "momentum", "AdaGrad", "RMSProp"]
# sphinx_gallery_end_ignore

# %%
# What this model cannot tell
# ---------------------------
#
# All this is the training loss of one linear model with six weights. Its loss is
# :term:`convex <convex function>`, a bowl with a single bottom: there are no saddle points and no
# second minimum (:doc:`plot_71_why_hard`). Three things are different elsewhere.
#
# - **Deep networks.** Gradients of different layers differ by far more than those of our features,
#   and they change during the training. That is why warm-up, decay and Adam matter more there.
# - **Generalization.** What counts in the end is the error on new data. Two methods may reach the
#   same training loss with different weights, and one of them may do worse on new data: A. Wilson
#   and others, "The marginal value of adaptive gradient methods in machine learning", NeurIPS 2017,
#   https://arxiv.org/abs/1705.08292, show such cases for the methods that divide.
# - **The best method.** No method wins everywhere. R. Schmidt, F. Schneider and P. Hennig,
#   "Descending through a crowded valley", ICML 2021, https://arxiv.org/abs/2007.01547, compare
#   fifteen of them on eight problems: trying several methods with their defaults helps about as
#   much as tuning a single one.

# %%
# What to take away
# -----------------
#
# - Begin with momentum or with Adam. Tune the learning rate first, by factors of three, and let it
#   decay.
# - Look at the loss on all samples, on several seeds, and say which of the six curves it is.
# - Turn one knob at a time.

# %%
# Check yourself
# --------------
#
# .. check:: A model has a billion weights, and your device has 14 GB for weights, gradients and
#    states. Which of the six methods can you train it with?
#
#    Weights and gradients take 8 GB, and each state another 4 GB. So all with at most one state
#    fit: SGD, momentum, AdaGrad and RMSProp.
#
# .. check:: You train on all samples in each step, and forget to clear the gradients, so that each
#    step adds the new gradient to all the old ones. Which sick curve do you get?
#
#    Waves. A sum of all gradients is a velocity with :math:`\gamma = 1`, which forgets nothing, so
#    the waves do not even fade. In the training above, the highest loss of the last twenty epochs
#    would be :calc:`with_momentum(1).losses[-20:].max()|.2f`, with :math:`\gamma = 0.98` it is
#    :calc:`too_long["momentum 0.98"].losses[-20:].max()|.2f`.
#
# .. check:: The loss jumps about on a plateau. Will you see it fall if you take ten times as many
#    epochs?
#
#    No: noise keeps it there, and time does not change that. In the third epoch of the training
#    above the median of the recorded losses is :calc:`plateau(3)|.3f`, in the thirtieth it is
#    :calc:`plateau(30)|.3f`; the least possible loss is :calc:`optimum|.3f`.

# sphinx_gallery_start_ignore


def plateau(epoch):
    return np.median(sgd(0.3, num_epochs=epoch).losses[-15:])


# sphinx_gallery_end_ignore

# %%
# Exercises
# ---------
#
# .. exercise:: B (ours)
#
#    Write the search for the learning rate: start at PyTorch's default and go on by factors of
#    three, up or down, until the loss gets worse. One run for each rate must do. How many runs does
#    it take for each class, and how near does it come to the best rate of the sweep?

# %%
# The same seed for all runs makes them comparable.


def search(name):
    def loss(lr):
        optimizer_fn, options = classes[name]
        options = {"lr": lr, **options}
        return d2l.fit_torch(
            optimizer_fn, options, *data, seed=0
        ).final_loss

    lr = default(name)
    tried = {lr: loss(lr), 3 * lr: loss(3 * lr)}
    factor = 3 if tried[3 * lr] < tried[lr] else 1 / 3
    edge = max(tried) if factor == 3 else min(tried)
    while min(tried, key=tried.get) == edge:
        edge *= factor
        tried[edge] = loss(edge)
    return tried


searches = {name: search(name) for name in classes}
found = {
    name: min(tried, key=tried.get) for name, tried in searches.items()
}
losses_found = {name: final_losses(name, lr) for name, lr in found.items()}
best = {
    name: finals[np.median(finals, axis=1).argmin()]
    for name, finals in sweeps.items()
}

(ax,) = plotting.panels("", height=3.4)
rows = {}
for name in classes:
    rows[f"{name}, searched"] = losses_found[name]
    rows[f"{name}, best"] = best[name]
plotting.plot_spread(rows, ax)

# %%
# .. alt::
#
#    For each class two rows: the spread of the final loss over twenty seeds with the rate that the
#    search found, and with the best of the sweep. For most classes the two rows lie close together;
#    for SGD and Adadelta the searched rate ends higher and spreads more.
#
# .. computed:: table
#
#    class | runs | rate found | median loss with it | least median of the sweep
#
# A handful of runs is enough. Where the two rows differ, as for SGD, the one seed has misled: the
# search went on to a rate that happens to suit it. Then a second seed is worth more than a finer
# step.
#
# .. endexercise::

# sphinx_gallery_start_ignore
table = [
    (
        name,
        len(searches[name]),
        f"{found[name]:g}",
        f"{np.median(losses_found[name]):.4f}",
        f"{np.median(best[name]):.4f}",
    )
    for name in classes
]
# sphinx_gallery_end_ignore
