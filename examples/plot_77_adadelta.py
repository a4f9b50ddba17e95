r"""
7.7 AdaDelta: can you do without a learning rate?
=================================================

AdaDelta has no learning rate. In its place stands the length of its own past steps. But at the
start there are none, and the small constant that replaces them acts as a learning rate.

.. playground:: method=adadelta
   :show: bowl rho steps

   There is no learning rate to turn. **Predict:** how many steps does the path need to the minimum?
   And does a longer memory help, or a shorter one? Then try.
"""

# sphinx_gallery_thumbnail_number = 3

# %%
# Steps as long as the last ones
# ------------------------------
#
# With the gradient :math:`g_t` and a factor :math:`\rho`, with :math:`0 \le \rho < 1`, one step is
#
# .. math::
#
#     s_t &= \rho s_{t-1} + (1 - \rho)\, g_t^2, \\
#     d_t &= \frac{\sqrt{\Delta_{t-1} + \epsilon}}{\sqrt{s_t + \epsilon}}\, g_t, \\
#     x_t &= x_{t-1} - d_t, \\
#     \Delta_t &= \rho \Delta_{t-1} + (1 - \rho)\, d_t^2 .
#
# The first line and the divisor are those of RMSProp. Where RMSProp has :math:`\eta`, AdaDelta has
# :math:`\sqrt{\Delta_{t-1} + \epsilon}`. Here :math:`\Delta` is a moving average of the squares of
# the steps :math:`d`, so its root is the typical length of the recent steps. All is done entry by
# entry.

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting


def adadelta(params, states, hyperparams):
    rho, eps = hyperparams["rho"], hyperparams["eps"]
    for p, (s, delta) in zip(params, states):
        s[:] = rho * s + (1 - rho) * p.grad**2
        rate = torch.sqrt(delta + eps)
        d = rate / torch.sqrt(s + eps) * p.grad
        p.data -= d
        delta[:] = rho * delta + (1 - rho) * d**2


# %%
# On the airfoil data
# -------------------
#
# The book's setting is :math:`\rho = 0.9` and :math:`\epsilon = 10^{-5}`. PyTorch's class is given
# the same :math:`\rho`.

init_states = d2l.optimizers.init_adadelta_states
data = d2l.get_data_ch7()
hyperparams = {"rho": 0.9, "eps": 1e-5}

left, right = plotting.panels("from scratch", "torch.optim.Adadelta")
d2l.train_ch7(adadelta, init_states, hyperparams, *data, seed=0, ax=left)
d2l.train_pytorch_ch7(
    torch.optim.Adadelta, {"rho": 0.9}, *data, seed=0, ax=right
)

# %%
# .. alt::
#
#    Loss against epoch for AdaDelta from scratch and in PyTorch: from scratch it falls within the
#    first epoch, in PyTorch it falls much more slowly and ends higher.
#
# It works, and nobody had to look for a learning rate. But PyTorch's run is slower and ends higher,
# with the same method and the same :math:`\rho`. We come back to it.

# %%
# Why the root of Δ?
# ------------------
#
# Because of the units. Let :math:`x` be a length in metres and :math:`f` a price in dollars. Then
# the gradient :math:`g` is in dollars per metre. A step is added to :math:`x`, so it must be in
# metres.
#
# - Gradient descent's step is :math:`\eta g`. It is right only if :math:`\eta` has a unit, too,
#   here square metres per dollar. So another unit for the price, or the length, needs another
#   :math:`\eta`.
# - :term:`RMSProp`'s is :math:`\eta\, g / \sqrt{s}`. The root of :math:`s` has the unit of
#   :math:`g`, they cancel, and :math:`\eta` must be in metres.
# - AdaDelta's is :math:`\sqrt{\Delta}\, g / \sqrt{s}`. The root of :math:`\Delta` is in metres, as
#   the steps are. The units are right, and there is no knob that carries one.
#
# So AdaDelta should not mind other units. We try two, beside SGD: a loss in another unit, so that
# all gradients are ten times as large, and the first :term:`feature` in another unit, so that its
# numbers are a tenth of what they were. All losses are drawn in the old unit. SGD keeps no
# :term:`states <state>`, hence ``None``.


def tenfold(rule):
    def rescaled(params, states, hyperparams):
        for p in params:
            p.grad *= 10
        rule(params, states, hyperparams)

    return rescaled


features, labels = data
tenth = features.clone()
tenth[:, 0] /= 10


def in_units(rule, states, hyperparams):
    same = states, hyperparams
    return {
        "as it is": d2l.fit(rule, *same, *data, seed=0),
        "loss × 10": d2l.fit(tenfold(rule), *same, *data, seed=0),
        "feature / 10": d2l.fit(rule, *same, tenth, labels, seed=0),
    }


sgd = d2l.optimizers.sgd
sgd_runs = in_units(sgd, None, {"lr": 0.05})
adadelta_runs = in_units(adadelta, init_states, hyperparams)

# %%

# plotting code
left, right = plotting.panels("SGD", "AdaDelta", height=3.4)
for ax, runs in ((left, sgd_runs), (right, adadelta_runs)):
    plotting.plot_histories(runs, ax)
    ax.lines[0].set(linewidth=6, alpha=0.4)
    ax.legend()
left.get_legend().remove()

# %%
# .. alt::
#
#    Loss against epoch in three units, for SGD and for AdaDelta. With a loss ten times as large,
#    SGD becomes rough and AdaDelta's curve stays as it is. With a feature of a tenth, both fall
#    slowly.
#
# A loss in another unit makes SGD rough, and does not change AdaDelta: the losses differ by
# :calc:`apart("loss × 10")|.4f` at most. But the other unit of the feature makes AdaDelta
# slow, too. So a unit must hide somewhere.
#
# It is in :math:`\epsilon`. Beside :math:`\Delta` it is added to squares of steps, so it is in
# square metres. In the new unit the weight must become ten times as large. But :math:`\epsilon` is
# the old one: the first steps are as short as before, and there is ten times as far to go.

# sphinx_gallery_start_ignore


def apart(name):
    runs = adadelta_runs[name].losses, adadelta_runs["as it is"].losses
    return np.abs(np.subtract(*runs)).max()


def converted(params, states, hyperparams):
    for p, (s, delta) in zip(params, states):
        eps = torch.full_like(delta, 1e-5)
        if len(p) == 5:
            eps[0] *= 100
        s[:] = 0.9 * s + 0.1 * p.grad**2
        d = torch.sqrt(delta + eps) / torch.sqrt(s + 1e-5) * p.grad
        p.data -= d
        delta[:] = 0.9 * delta + 0.1 * d**2


converted_run = d2l.fit(
    converted, init_states, {}, tenth, labels, seed=0
).losses
plain_run = adadelta_runs["as it is"].losses
converted_apart = np.abs(converted_run / plain_run - 1).max()
# sphinx_gallery_end_ignore

# %%
# The hidden learning rate
# ------------------------
#
# Watch :math:`\sqrt{\Delta + \epsilon}`, which stands where other methods have their learning rate,
# with the book's :math:`\epsilon` and with a tenth of it.


def hidden_rates(eps):
    rates = []

    def noting(params, states, hyperparams):
        _, delta = states[0]
        rates.append(torch.sqrt(delta.flatten() + eps))
        adadelta(params, states, hyperparams)

    options = {"rho": 0.9, "eps": eps}
    d2l.fit(noting, init_states, options, *data, seed=0)
    return torch.stack(rates)


rates = {
    "ε = 10⁻⁵": hidden_rates(1e-5),
    "ε = 10⁻⁶": hidden_rates(1e-6),
}

# %%

# plotting code
(ax,) = plotting.panels("", height=3.4)
for (name, rate), color, style in zip(
    rates.items(), plotting.COLORS, ("-", "--")
):
    lines = ax.semilogy(
        range(1, 301), rate, style, color=color, linewidth=1
    )
    lines[0].set_label(name)
ax.set(xlabel="step", ylabel="√(Δ + ε) of each weight", ylim=(8e-4, 0.04))
ax.legend()

# %%
# .. alt::
#
#    The hidden learning rate of five weights against the step, for two values of epsilon. Both
#    bundles begin at the root of epsilon, grow to a small multiple of it, and stay apart.
#
# At the first step :math:`\Delta` is zero, and the hidden learning rate is :math:`\sqrt{\epsilon}`.
# It grows to a small multiple of that (in the median over weights and steps
# :calc:`rates["ε = 10⁻⁵"].median() / 1e-5**0.5|.1f` and
# :calc:`rates["ε = 10⁻⁶"].median() / 1e-6**0.5|.1f` times) and stays. Small past steps allow only
# small steps next, so the bundles keep apart. AdaDelta has a learning rate after all. It is called
# :math:`\epsilon`.

# %%
# Why PyTorch's run is slower
# ---------------------------
#
# PyTorch's class has a learning rate, too, which multiplies the step. Its default,
# :calc:`defaults["lr"]`, changes nothing. The formula is the same as well: from one start, over the
# same :term:`minibatches <minibatch>`, with the same :math:`\epsilon`, the two agree but for
# rounding.
#
# But PyTorch's default for :math:`\epsilon` is smaller, by a factor of
# :calc:`1e-5 / defaults["eps"]|.0f`. And ``nn.Linear`` starts from much larger weights than the
# book. We change one of the two at a time, with 200 seeds each. ``elementwise=True`` says that our
# rule treats each entry by itself: then all seeds are trained in one pass.

# sphinx_gallery_start_ignore
from twins import largest_difference

difference = largest_difference(
    adadelta,
    init_states,
    hyperparams,
    torch.optim.Adadelta,
    {"rho": 0.9, "eps": 1e-5},
)
defaults = torch.optim.Adadelta([torch.zeros(1)]).defaults
assert difference < 1e-10
# sphinx_gallery_end_ignore

starts = {"small weights": {}, "nn.Linear": {}}
for eps, name in ((1e-5, "ε = 10⁻⁵"), (1e-6, "ε = 10⁻⁶")):
    options = {"rho": 0.9, "eps": eps}
    starts["small weights"][name] = d2l.fit(
        adadelta,
        init_states,
        options,
        *data,
        seed=range(200),
        elementwise=True,
    )
    starts["nn.Linear"][name] = d2l.fit_torch(
        torch.optim.Adadelta, options, *data, seed=range(200)
    )

for ax, start in zip(plotting.panels(*starts), starts):
    plotting.plot_histories(starts[start], ax).set_ylim(0.2, 1)

# %%
# .. alt::
#
#    Loss against epoch for two values of epsilon, from two starts. The smaller epsilon is slower
#    from either start; from that of nn.Linear many of its runs have not arrived at the end.
#
# .. computed:: table
#
#    start | ε | median of the final losses | 95 % of them
#
# The smaller :math:`\epsilon` is slower from either start. With the larger one the start is soon
# forgotten, with the smaller one it is not. The smaller :math:`\epsilon` alone raises the median by
# :calc:`raised(small, low)|.3f`, the other start alone by :calc:`raised(wide, high)|.3f`, and both
# together by :calc:`raised(wide, low)|.3f`. A slow method on a long way.

# sphinx_gallery_start_ignore
small, wide = starts
high, low = starts[small]


def raised(start, eps):
    both = starts[start][eps], starts[small][high]
    return np.subtract(*(np.median(h.final_loss) for h in both))


table = [
    (
        start,
        eps.removeprefix("ε = "),
        f"{np.median(h.final_loss):.3f}",
        "{:.3f} – {:.3f}".format(
            *np.quantile(h.final_loss, [0.025, 0.975])
        ),
    )
    for start, by_eps in starts.items()
    for eps, h in by_eps.items()
]
# sphinx_gallery_end_ignore

# %%
# What to take away
# -----------------
#
# - AdaDelta replaces the learning rate by the root of :math:`\Delta`, the length of its own past
#   steps. So its step has the unit of :math:`x`.
# - The knob is :math:`\epsilon`. It sets the first steps, and through them all others. If AdaDelta
#   is slow, raise :math:`\epsilon` before you turn :math:`\rho`.
# - Two libraries that share a formula may still differ in a default and in the start. Make both
#   equal before you compare.
#
# The method comes from M. D. Zeiler, "ADADELTA: an adaptive learning rate method",
# https://arxiv.org/abs/1212.5701, 2012; the argument from the units is his.

# %%
# Check yourself
# --------------
#
# .. check:: How long is AdaDelta's first step if the first gradient is 1, with ρ = 0.9 and
#    ε = 10⁻⁵? And if the gradient is 100?
#
#    :math:`s_1` is a tenth of the squared gradient, so the step is about
#    :math:`\sqrt{\epsilon} / \sqrt{0.1}` both times: :calc:`(1e-5 / (0.1 + 1e-5)) ** 0.5|.4f` and
#    :calc:`100 * (1e-5 / (0.1 * 100**2 + 1e-5)) ** 0.5|.4f`.
#
# .. check:: Your loss was a sum over the samples, and you make it a mean. Must you change the
#    learning rate of SGD, of RMSProp, and the ε of AdaDelta?
#
#    SGD's, yes: all gradients become smaller by the number of samples. The steps of RMSProp and of
#    AdaDelta stay, because each gradient is divided by a root of squared gradients, as long as
#    these are far above the :math:`\epsilon` beside them.
#
# .. check:: You give a feature in another unit, so that its numbers are a tenth. By what must you
#    multiply the ε of its weight if AdaDelta is to train as before?
#
#    By a hundred. The weight must become ten times as large, so its steps must be ten times as
#    long, and these go by the root of :math:`\epsilon`. Run so, the losses differ from the old ones
#    by :calc:`converted_apart|.1%` at most.

# %%
# Exercises
# ---------
#
# .. exercise:: 7.7
#
#    Train with other values of :math:`\rho`. What does it change?

# %%
# Five values, 100 seeds each, with the book's :math:`\epsilon`.

rhos = (0, 0.5, 0.9, 0.99, 0.999)
by_rho = {
    f"ρ = {rho}": d2l.fit(
        d2l.optimizers.adadelta,
        init_states,
        {"rho": rho},
        *data,
        seed=range(100),
    )
    for rho in rhos
}
(ax,) = plotting.panels("")
plotting.plot_spread(by_rho, ax)

# %%
# .. alt::
#
#    Final losses for five values of rho, a row each. Those of 0.5 and 0.9 are low and alike; no
#    memory and a very long memory end higher and are spread more widely.
#
# The values in the middle end low, and the two ends of the range are worse. To see why, here is the
# mean length of a step of a weight in one run: of the first step, and of the first and the last
# hundred.


def step_lengths(rho):
    lengths = []

    def noting(params, states, hyperparams):
        before = params[0].data.clone()
        d2l.optimizers.adadelta(params, states, hyperparams)
        lengths.append((params[0].data - before).abs().mean())

    d2l.fit(noting, init_states, {"rho": rho}, *data, seed=0)
    return torch.stack(lengths).numpy()


lengths = {rho: step_lengths(rho) for rho in rhos}

# sphinx_gallery_start_ignore
step_table = [
    (
        str(rho),
        f"{length[0]:.4f}",
        *(f"{h:.4f}" for h in length.reshape(3, -1).mean(axis=1)[::2]),
    )
    for rho, length in lengths.items()
]
# sphinx_gallery_end_ignore

# %%
# .. computed:: step_table
#
#    ρ | first step | steps 1–100 | steps 201–300
#
# With :math:`\rho = 0`, a step is about as long as the one before, plus a little for
# :math:`\epsilon`. So the steps grow, until a gradient that happens to be as small as
# :math:`\sqrt{\epsilon}` cuts them.
#
# With a :math:`\rho` close to 1, :math:`s` and :math:`\Delta` start at zero and fill slowly, at the
# same pace. So the first steps are about :math:`\sqrt{\epsilon / (1 - \rho)}` long, which is long,
# and :math:`\Delta` remembers them. Both ways the steps end too long, and the noise of the
# minibatches stays. Between 0.5 and 0.9, :math:`\rho` changes little.
#
# .. endexercise::

# %%
# .. exercise:: 7.7 (ours)
#
#    The formula has :math:`\epsilon` in two places, beside :math:`\Delta` and beside :math:`s`.
#    Which of the two is the hidden learning rate?

# %%
# We give each its own value, and change one while the other stays at :math:`10^{-5}`.


def two_epsilons(params, states, hyperparams):
    rho, eps_delta, eps_s = 0.9, hyperparams["Δ"], hyperparams["s"]
    for p, (s, delta) in zip(params, states):
        s[:] = rho * s + (1 - rho) * p.grad**2
        d = torch.sqrt((delta + eps_delta) / (s + eps_s)) * p.grad
        p.data -= d
        delta[:] = rho * delta + (1 - rho) * d**2


epsilons = np.logspace(-9, -2, 8)
by_place = {
    f"beside {place}": [
        d2l.fit(
            two_epsilons,
            init_states,
            {"Δ": 1e-5, "s": 1e-5, place: eps},
            *data,
            seed=range(50),
            elementwise=True,
        ).final_loss
        for eps in epsilons
    ]
    for place in ("Δ", "s")
}
ax = plotting.plot_sweep(epsilons, by_place, xlabel="ε")
ax.set_ylim(0.22, 0.6)

# %%
# .. alt::
#
#    Final loss against epsilon, for its two places. Beside the squared gradients it changes nothing
#    over many orders of magnitude; beside Delta the curve is a valley, as for a learning rate.
#
# The one beside :math:`\Delta`. Its curve is a valley like that of any learning rate: too small,
# and training does not arrive; too large, and it is noisy. The one beside :math:`s` changes nearly
# nothing, as long as it is small beside the squared gradients. It only keeps the division safe.
#
# .. endexercise::
