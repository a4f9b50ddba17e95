r"""
7.8 Adam: what do momentum and RMSProp make together?
=====================================================

Adam keeps two averages: that of the gradients, as momentum does, and that of their squares, as
RMSProp does. It corrects both for their start at zero, so that the learning rate is the length of a
typical step from the very first one on.

.. playground:: method=torch-adam&lr=0.4
   :show: bowl lr beta1 beta2

   Adam overshoots and comes back. **Predict:** which of its two averages makes it overshoot? What
   is left of Adam when beta1 is 0? Then try.
"""

# sphinx_gallery_thumbnail_number = 2

# %%
# The rule
# --------
#
# With the gradient :math:`g_t`, the learning rate :math:`\eta` and two factors :math:`\beta_1` and
# :math:`\beta_2`, step number :math:`t = 1, 2, \dots` is
#
# .. math::
#
#     v_t &= \beta_1 v_{t-1} + (1 - \beta_1)\, g_t, \qquad
#     \hat{v}_t = \frac{v_t}{1 - \beta_1^t}, \\
#     s_t &= \beta_2 s_{t-1} + (1 - \beta_2)\, g_t^2, \qquad
#     \hat{s}_t = \frac{s_t}{1 - \beta_2^t}, \\
#     x_t &= x_{t-1} - \frac{\eta\, \hat{v}_t}{\sqrt{\hat{s}_t} + \epsilon} .
#
# All is done entry by entry. The book takes :math:`\beta_1 = 0.9`, :math:`\beta_2 = 0.999` and
# :math:`\epsilon = 10^{-6}`, outside the root.

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting

beta1, beta2, eps = 0.9, 0.999, 1e-6


def adam(params, states, hyperparams):
    lr, t = hyperparams["lr"], hyperparams["t"]
    for p, (v, s) in zip(params, states):
        v[:] = beta1 * v + (1 - beta1) * p.grad
        s[:] = beta2 * s + (1 - beta2) * p.grad**2
        v_hat = v / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        p.data -= lr * v_hat / (torch.sqrt(s_hat) + eps)
    hyperparams["t"] = t + 1


# %%
# The two averages are the states. The hyperparameters hold the number of the step, too, and the
# rule itself counts on.

init_adam = d2l.optimizers.init_adam_states
data = d2l.get_data_ch7()

# %%
# On the airfoil data
# -------------------

ax1, ax2 = plotting.panels("from scratch", "torch.optim.Adam")
d2l.train_ch7(adam, init_adam, {"lr": 0.01, "t": 1}, *data, seed=0, ax=ax1)
d2l.train_pytorch_ch7(torch.optim.Adam, {"lr": 0.01}, *data, seed=0, ax=ax2)

# %%
# .. alt::
#
#    Loss against epoch for Adam from scratch and in PyTorch: both fall within the first epoch and
#    stay low in the second.
#
# Both runs fall in the first epoch and waver a little in the second. They start at different
# heights, since ``nn.Linear`` draws its own first weights. The formula is the same: from one start,
# over the same minibatches, the two differ by :calc:`same_eps|.0e` at most, which is rounding.
# PyTorch's class has :math:`\epsilon =` :calc:`torch_eps|.0e` by default. With that the difference
# is :calc:`own_eps|.0e`, still far less than a step: the gradients here are much larger than either
# :math:`\epsilon`.
#
# The momentum in Adam can look ahead as Nesterov's does, whose step is drawn in
# :doc:`plot_74_momentum`. Adam with it is ``torch.optim.NAdam``, after T. Dozat.

# sphinx_gallery_start_ignore
from twins import largest_difference

torch_eps = torch.optim.Adam([torch.zeros(1)]).defaults["eps"]
same_eps, own_eps = (
    largest_difference(
        d2l.optimizers.adam,
        init_adam,
        {"lr": 0.01, "t": 1},
        torch.optim.Adam,
        {"lr": 0.01, "eps": value},
    )
    for value in (eps, torch_eps)
)
assert same_eps < 1e-10
# sphinx_gallery_end_ignore

# %%
# What bias correction does
# -------------------------
#
# The averages start at zero, so at first they are too small, and the divisors
# :math:`1 - \beta^t` make up for it. We feed the rule with gradients and look at the lengths of its
# steps. The learning rate is 1, so they are multiples of it.


def step_lengths(gradients, t=1):
    p, path = torch.zeros(1, dtype=torch.float64), [0.0]
    states, hyperparams = init_adam([p]), {"lr": 1, "t": t}
    for g in gradients:
        p.grad = torch.full_like(p, g)
        adam([p], states, hyperparams)
        path.append(p.item())
    return -np.diff(path)


# %%
# The gradient is the same at all steps. For large :math:`t` the divisors are 1. So a rule that
# starts to count at a hundred thousand has no correction.

constant = np.ones(3000)
corrected = step_lengths(constant)
uncorrected = step_lengths(constant, t=100_000)

# %%

# plotting code
(ax,) = plotting.panels("a constant gradient")
t = np.arange(1, 3001)
ax.semilogx(t, corrected, label="with correction")
ax.semilogx(t, uncorrected, "--", label="without")
ax.set(xlabel="step", ylabel="length / learning rate", ylim=(0, 7.5))
ax.legend()

# %%
# .. alt::
#
#    Length of a step over the learning rate, against the step, for a constant gradient. With the
#    correction it is one throughout. Without, it starts at three, climbs above six, and comes down
#    to one only after thousands of steps.
#
# With the correction a step is just as long as the learning rate. Without it, by the formula, it is
# longer by the factor :math:`(1 - \beta_1^t) / \sqrt{1 - \beta_2^t}`: :calc:`uncorrected[0]|.1f`
# times at first, :calc:`uncorrected.max()|.1f` times at step :calc:`uncorrected.argmax() + 1`, and
# still :calc:`uncorrected[299]|.1f` times after 300 steps. The two averages fill at different
# speeds: :math:`s` has the longer memory, so it stays too small for longer.
#
# Is that bad? We train a hundred models with and without the correction, at two learning rates.

small, large = {}, {}
for lr, runs in ((0.001, small), (0.01, large)):
    for name, t in (("with correction", 1), ("without", 100_000)):
        runs[name] = d2l.fit(
            d2l.optimizers.adam,
            init_adam,
            {"lr": lr, "t": t},
            *data,
            seed=range(100),
        )

left, right = plotting.panels("learning rate 0.001", "learning rate 0.01")
plotting.plot_histories(small, left)
plotting.plot_histories(large, right).set_ylim(0.23, 0.52)

# %%
# .. alt::
#
#    Median and band of a hundred runs, with and without correction, at two learning rates. Without
#    it the loss falls faster at first. At the small rate it also ends lower, at the large one it
#    ends higher and its band is wider.
#
# On the left it helps, because this learning rate is too small for so short a training. On the
# right it hurts: the noise of the minibatches keeps the loss up. Without the correction you train
# with a learning rate that you did not choose, and that decays as you go. The correction does not
# make Adam faster. It makes :math:`\eta` mean what it says.

# %%
# How long can a step be?
# -----------------------
#
# Where gradients agree, a step is as long as the learning rate, as we saw. Where they are noise,
# they cancel in :math:`v` and not in :math:`s`. And where they have long been zero, the correction
# is over, but :math:`s` is empty again. Sparse features do that (:doc:`plot_75_adagrad`). We try
# noise, and three ways to go on after five thousand zeros.

noise = step_lengths(np.random.default_rng(0).normal(size=3000))

zeros, ones = np.zeros(5000), np.ones(60)
growing = (beta2 / beta1) ** np.arange(60)
after_zeros = {
    "one gradient, then zeros": [1, *np.zeros(59)],
    "a constant gradient": ones,
    "growing gradients": growing / growing.max(),
}
lengths = {
    name: step_lengths([*zeros, *series])[5000:]
    for name, series in after_zeros.items()
}

# %%

# plotting code
left, right = plotting.panels("noise", "after 5000 zeros", height=3.2)
left.plot(noise[-300:], linewidth=1.2)
left.set(xlabel="step", ylabel="step / learning rate", ylim=(-1.5, 12))
for (name, values), color, style in zip(
    lengths.items(), plotting.COLORS[1:], ("-", "--", "-.")
):
    right.plot(np.arange(1, 61), values, style, color=color, label=name)
right.set_xlabel("step after the zeros")
right.legend(loc="upper right")
for ax in (left, right):
    ax.axhline(1, color="0.5", linewidth=1, linestyle=":")

# %%
# .. alt::
#
#    Steps over the learning rate. For noise they stay well below one, to both sides. After many
#    zeros a single gradient makes a step of three learning rates and a tail, a constant gradient
#    goes above six, and growing gradients go above seven.
#
# The dotted line is the learning rate. With noise a step is a fraction of it,
# :calc:`noise[-2000:].std()|.2f` on the root of the mean square. After zeros it is longer. The
# first gradient enters :math:`v` with the weight :math:`1 - \beta_1`, and its square enters
# :math:`s` with the weight :math:`1 - \beta_2`. So this step is
#
# .. math:: \eta\, \frac{1 - \beta_1}{\sqrt{1 - \beta_2}}
#
# long at the limit, :calc:`first_limit|.2f` learning rates. After five thousand zeros it is
# :calc:`lengths["one gradient, then zeros"][0]|.2f`. Further gradients of the same sign make steps
# that are longer yet, up to :calc:`lengths["a constant gradient"].max()|.1f` here: the curve is the
# one without the correction.
#
# What is the longest possible step? By the Cauchy–Schwarz inequality,
#
# .. math::
#
#     |v_t| \le \frac{1 - \beta_1}{\sqrt{1 - \beta_2}}
#     \left( 1 - \frac{\beta_1^2}{\beta_2} \right)^{-1/2} \sqrt{s_t} ,
#
# which makes a step of :calc:`longest_limit|.2f` learning rates; the correction can only shorten
# it. Gradients that grow by the factor :math:`\beta_2 / \beta_1` a step come near,
# :calc:`longest_found|.2f` in our series. So the learning rate is the length of a typical step, and
# no bound.

# sphinx_gallery_start_ignore
first_limit = (1 - beta1) / (1 - beta2) ** 0.5
longest_limit = first_limit / (1 - beta1**2 / beta2) ** 0.5
longest_found = lengths["growing gradients"].max()
assert longest_found < longest_limit < 1.01 * longest_found
t = np.arange(1, 100_000)
assert (np.sqrt(1 - beta2**t) <= 1 - beta1**t).all()
# sphinx_gallery_end_ignore

# %%
# Weight decay: Adam and AdamW
# ----------------------------
#
# Weight decay pulls the weights towards zero, so that a model stays simple. Its strength is
# :math:`\lambda`. There are two ways. ``torch.optim.Adam`` adds :math:`\lambda x` to the gradient,
# as if the loss had a penalty :math:`\frac{\lambda}{2} x^2`. ``torch.optim.AdamW``, after I.
# Loshchilov and F. Hutter, keeps it out of the averages:
#
# .. math::
#
#     \text{Adam:} \quad g_t \leftarrow g_t + \lambda x_{t-1}, \qquad
#     \text{AdamW:} \quad x_t = (1 - \eta \lambda)\, x_{t-1}
#     - \frac{\eta\, \hat{v}_t}{\sqrt{\hat{s}_t} + \epsilon} .
#
# For plain gradient descent the two are the same. Here is a weight that has nothing but noise for a
# gradient, once small and once ten times as large.

draws = np.random.default_rng(0).normal(size=1000)


def decay(optimizer_fn, size):
    p, path = torch.ones(1), [1.0]
    optimizer = optimizer_fn([p], lr=0.001, weight_decay=1)
    for g in size * draws:
        p.grad = torch.full_like(p, g)
        optimizer.step()
        path.append(p.item())
    return path


classes = (torch.optim.Adam, torch.optim.AdamW)
decays = {c: (decay(c, size=0.2), decay(c, size=2)) for c in classes}

# %%

# plotting code
axes = plotting.panels("torch.optim.Adam", "torch.optim.AdamW")
for ax, paths in zip(axes, decays.values()):
    ax.plot(paths[0], label="small gradients")
    ax.plot(paths[1], "--", label="large gradients")
    ax.plot(
        0.999 ** np.arange(1001),
        color="0.6",
        linewidth=1,
        label="decay alone",
    )
    ax.set(xlabel="step", ylabel="weight", ylim=(0, 1.1))
axes[0].legend(loc="lower left")

# %%
# .. alt::
#
#    A weight against the step, with noise for a gradient. In Adam it decays much less with large
#    gradients than with small ones. In AdamW both follow the curve of decay alone.
#
# In Adam the decay is part of the gradient. So it is divided by the root of :math:`s` as well: with
# small gradients it is strong, and the weight ends at :calc:`decays[torch.optim.Adam][0][-1]|.2f`,
# with large ones it is weak, and the weight is still at
# :calc:`decays[torch.optim.Adam][1][-1]|.2f`. In AdamW each weight loses the same share
# :math:`\eta \lambda` a step, and the two end at :calc:`decays[torch.optim.AdamW][0][-1]|.2f` and
# :calc:`decays[torch.optim.AdamW][1][-1]|.2f`. If you want weight decay, take AdamW. On the
# training loss it gains nothing; it is meant for the error on new data.

# %%
# Learning rate decay and warm-up
# -------------------------------
#
# A large learning rate is fast and then rough. So many training programs change it by a schedule.
# Two parts are common. **Decay** lowers it to zero, and the noise with it. **Warm-up** raises it
# from zero over the first steps, while :math:`v` and :math:`s` have seen few gradients.

peak, last = 0.1, 300


def constant_rate(t):
    return peak


def with_decay(t):
    return peak * (1 - (t - 1) / last)


def with_warm_up(t):
    return min(peak * t / 30, with_decay(t))


# %%
# The rule looks up its learning rate at each step. It treats each entry by itself, and we say so:
# then a hundred seeds take one pass.


def scheduled(schedule):
    def rule(params, states, hyperparams):
        hyperparams["lr"] = schedule(hyperparams["t"])
        adam(params, states, hyperparams)

    return rule


def train(schedule):
    return d2l.fit(
        scheduled(schedule),
        init_adam,
        {"t": 1},
        *data,
        seed=range(100),
        elementwise=True,
    )


schedules = {
    "constant": constant_rate,
    "decay": with_decay,
    "warm-up and decay": with_warm_up,
}
runs = {name: train(schedule) for name, schedule in schedules.items()}

# %%

# plotting code
left, right = plotting.panels("", "", sharey=False)
t = np.arange(1, 301)
for (name, schedule), style in zip(schedules.items(), ("-", "--", "-.")):
    left.plot(t, [schedule(i) for i in t], style, label=name)
left.set(xlabel="step", ylabel="learning rate", ylim=(0, 0.165))
left.legend(loc="upper right")
plotting.plot_histories(runs, right).set_ylim(0.235, 0.36)
right.get_legend().remove()

# %%
# .. alt::
#
#    Left: three schedules, a constant learning rate, one that decays to zero, and one that warms up
#    first and then decays. Right: with the constant rate the loss stays high and its band is wide.
#    With decay, warmed up or not, it comes down to the least possible one.
#
# The dashed line on the right is the least possible loss. The constant rate soon reaches a plateau
# of noise. Decay brings the loss down from there: what is left above the least possible loss
# shrinks from :calc:`excess("constant")|.4f` to :calc:`excess("decay")|.4f` at the median.
#
# Warm-up makes no difference here. Its place is where the first steps can do harm, because they are
# as long as the later ones and point where a single minibatch wants. At a learning rate ten times
# as large you see it on these data, too: before it falls, the loss climbs to
# :calc:`climb["decay"]|.1f` with decay alone and to :calc:`climb["warm-up and decay"]|.1f` with
# warm-up.

# sphinx_gallery_start_ignore


def excess(name):
    return np.median(runs[name].final_loss) - runs[name].optimum


peak = 1
climb = {
    name: np.median(train(schedule).losses.max(axis=1))
    for name, schedule in schedules.items()
}
peak = 0.1
# sphinx_gallery_end_ignore

# %%
# What to take away
# -----------------
#
# - Adam is an average of gradients over the root of an average of squares. A typical step is as
#   long as the learning rate, and a fraction of it where the gradients are mostly noise. After a
#   long row of zeros it can be several times as long.
# - The knob is the learning rate. Leave :math:`\beta_1` and :math:`\beta_2` until you have a
#   reason.
# - Compare the distance that the weights must go with :math:`\eta` times the number of steps. If
#   this product is the smaller one, raise :math:`\eta` or make more steps.
# - Let the learning rate decay at the end. For weight decay, take AdamW.
#
# The method comes from D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR
# 2015, https://arxiv.org/abs/1412.6980; AdamW from I. Loshchilov and F. Hutter, "Decoupled weight
# decay regularization", ICLR 2019, https://arxiv.org/abs/1711.05101; NAdam from T. Dozat,
# "Incorporating Nesterov momentum into Adam", ICLR workshop, 2016. To read on: S. J. Reddi, S. Kale
# and S. Kumar, "On the convergence of Adam and beyond", ICLR 2018,
# https://openreview.net/forum?id=ryQu7f-RZ, show a problem on which Adam does not converge, and
# mend it.

# %%
# Check yourself
# --------------
#
# .. check:: A weight must go from 0 to 2. How many steps does Adam need at a learning rate of 0.01,
#    if all gradients are the same? And if they are a thousand times as large?
#
#    Each step is 0.01 long, so it needs :calc:`2 / 0.01|.0f`. The size of the gradients cancels, so
#    the second answer is the same: the rule, run, needs :calc:`steps_to_two(1)` and
#    :calc:`steps_to_two(1000)`.
#
# .. check:: You forget the correction. How much longer than the learning rate is the very first
#    step?
#
#    It is :math:`(1 - \beta_1)\, g` over the root of :math:`(1 - \beta_2)\, g^2`, that is
#    :math:`0.1 / \sqrt{0.001}`, or :calc:`uncorrected[0]|.2f` times the learning rate.
#
# .. check:: A weight gets a gradient once in a while and zeros in between. Is its step then at most
#    as long as the learning rate?
#
#    No. After a long row of zeros the first step comes near :calc:`first_limit|.2f` learning rates,
#    and its tail goes on: after this one gradient the weight has moved by
#    :calc:`lengths["one gradient, then zeros"].sum()|.0f` learning rates in all.

# sphinx_gallery_start_ignore


def steps_to_two(size):
    way = np.cumsum(0.01 * step_lengths(size * np.ones(400)))
    return int((way < 2 - 1e-3).sum()) + 1


# sphinx_gallery_end_ignore

# %%
# Exercises
# ---------
#
# .. exercise:: 7.8 a
#
#    Train with other learning rates. What do you see, and why?

# %%
# A hundred seeds for each learning rate.

rates = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3]
by_rate = [
    d2l.fit(
        d2l.optimizers.adam,
        init_adam,
        {"lr": lr, "t": 1},
        *data,
        seed=range(100),
    )
    for lr in rates
]
(ax,) = plotting.panels("")
plotting.plot_sweep(rates, {"Adam": [h.final_loss for h in by_rate]}, ax)
ax.axhline(by_rate[0].optimum, color="0.5", linestyle="--", linewidth=1)

# %%
# .. alt::
#
#    Final loss against the learning rate: a valley. On the left the loss is high and the band
#    narrow; on the right the loss rises and the band is wide.
#
# The dashed line is the least possible loss. We compare the reach, which is :math:`\eta` times the
# number of steps, with the largest weight of the best model, :calc:`abs(best_w).max()|.2f`. And for
# one run of each rate we measure the steps of the weights, in learning rates.
#
# .. computed:: step_table
#
#    learning rate | reach | median loss | first step, mean | longest step | last hundred, mean
#
# The first step is :math:`\eta` long, however large the gradient is. The later ones are a fraction
# of it, because the gradients are mostly noise, and much the same fraction for a wide range of
# rates. So the length of a step scales with :math:`\eta`, and this explains both sides of the
# valley. To the left the weights cannot get there: their reach is shorter than the largest weight,
# or hardly longer, and all seeds end alike. To the right they are there soon, but then they jump
# about with the noise of the minibatches, the farther the larger :math:`\eta` is: the band is wide.

# sphinx_gallery_start_ignore
best_w = np.linalg.lstsq(
    torch.cat([data[0], torch.ones(1500, 1)], dim=1).double().numpy(),
    data[1].double().numpy(),
    rcond=None,
)[0][:-1]


def weight_steps(lr):
    lengths = []

    def watched(params, states, hyperparams):
        before = params[0].data.clone()
        d2l.optimizers.adam(params, states, hyperparams)
        lengths.append((params[0].data - before).abs().flatten() / lr)

    d2l.fit(watched, init_adam, {"lr": lr, "t": 1}, *data, seed=0)
    return torch.stack(lengths)


step_table = []
for lr, history in zip(rates, by_rate):
    taken = weight_steps(lr)
    step_table.append(
        [
            lr,
            f"{lr * history.steps[-1]:.2f}",
            f"{np.median(history.final_loss):.4f}",
            f"{taken[0].mean():.2f}",
            f"{taken.max():.2f}",
            f"{taken[-100:].mean():.2f}",
        ]
    )
# sphinx_gallery_end_ignore

# %%
# .. endexercise::
#
# .. exercise:: 7.8 b
#
#    In what sense is Adam RMSProp plus momentum?

# %%
# Adam averages the gradient, divides by the root of the averaged square, and corrects. We write it
# with parts that can be left out, and run it in the bowl
# :math:`f(x_1, x_2) = 0.1 x_1^2 + 2 x_2^2`, with smaller :math:`\beta_1` and :math:`\beta_2`, since
# the book's averages remember too long for so short a descent. The learning rate of momentum must
# be :math:`(1 - \beta_1)\, \eta`, because its velocity lacks this factor.

b1, b2, eta = 0.5, 0.9, 0.4
slopes = torch.tensor([0.2, 4.0], dtype=torch.float64)


def f(x1, x2):
    return 0.1 * x1**2 + 2 * x2**2


def descend(step):
    p = torch.tensor([-5.0, -2.0], dtype=torch.float64)
    step, path = step(p), [p.tolist()]
    for _ in range(20):
        p.grad = slopes * p
        step()
        path.append(p.tolist())
    return np.array(path)


def parts(average, divide, correct):
    def of(p):
        v, s, t = torch.zeros_like(p), torch.zeros_like(p), 0

        def step():
            nonlocal v, s, t
            t += 1
            v = b1 * v + (1 - b1) * p.grad if average else p.grad
            s = b2 * s + (1 - b2) * p.grad**2
            v_hat = v / (1 - b1**t) if correct else v
            s_hat = s / (1 - b2**t) if correct else s
            p.sub_(eta * v_hat / ((s_hat**0.5 + eps) if divide else 1))

        return step

    return of


def pytorch(optimizer_fn, **options):
    return lambda p: optimizer_fn([p], **options).step


slow = (1 - b1) * eta
rmsprop = {"alpha": b2, "eps": eps}
adam_parts = {
    "average": parts(True, False, False),
    "divide": parts(False, True, False),
    "average, then divide": parts(True, True, False),
    "average, divide, correct": parts(True, True, True),
}
optim, betas = torch.optim, (b1, b2)
of_pytorch = {
    "SGD with momentum": pytorch(optim.SGD, lr=slow, momentum=b1),
    "RMSprop": pytorch(optim.RMSprop, lr=eta, **rmsprop),
    "RMSprop with momentum": pytorch(
        optim.RMSprop, lr=slow, momentum=b1, **rmsprop
    ),
    "Adam": pytorch(optim.Adam, lr=eta, betas=betas, eps=eps),
}
paths = {
    name: descend(step)
    for name, step in {**adam_parts, **of_pytorch}.items()
}
names = ("average, then divide", "RMSprop with momentum", "Adam")
shown = {name: paths[name] for name in names}
(ax,) = plotting.panels("")
plotting.plot_paths(shown, f, ax, window=(-5.5, 0.8, -2.3, 1.5))

# %%
# .. alt::
#
#    Three paths in the bowl: average and divide, PyTorch's RMSprop with momentum, and Adam. The
#    first two start with longer steps than Adam, and part a little.
#
# .. computed:: differences
#
#    parts of Adam | class of torch.optim | largest difference
#
# With the average alone, Adam is momentum. With the division alone, it is RMSProp. With all three
# parts it is Adam, of course. In this sense it is RMSProp plus momentum.
#
# But the two can be joined in two orders, and the orders differ. PyTorch's ``RMSprop`` with
# momentum first divides each gradient by its root, and then averages these steps. Adam first
# averages the gradients, and then divides by the newest root. The two paths part. Adam adds the
# correction, which neither of the two has: its first steps are shorter.

# sphinx_gallery_start_ignore
differences = [
    (a, b, f"{np.abs(paths[a] - paths[b]).max():.0e}")
    for a, b in zip(adam_parts, of_pytorch)
]
# sphinx_gallery_end_ignore

# %%
# .. endexercise::
#
# .. exercise:: 7.8 (ours)
#
#    Adam divides entry by entry. Turn the bowl by 45 degrees, so that the valley lies aslant
#    between the axes. What becomes of gradient descent, and what of Adam?

# %%
# The turned bowl is :math:`f(R x)` with a rotation :math:`R`, and its gradient is
# :math:`R^\top \nabla f(R x)`. We start at the point that is turned into the old start.

half = 0.5**0.5
R = torch.tensor([[half, half], [-half, half]], dtype=torch.float64)


def turned(x1, x2):
    return f(half * (x1 + x2), half * (x2 - x1))


def descend_turned(rule, states, hyperparams, R):
    p = R.T @ torch.tensor([-5.0, -2.0], dtype=torch.float64)
    states, path = states and states([p]), [p.tolist()]
    for _ in range(40):
        p.grad = R.T @ (slopes * (R @ p))
        rule([p], states, hyperparams)
        path.append(p.tolist())
    return np.array(path)


def both(R):
    sgd, adam = d2l.optimizers.sgd, d2l.optimizers.adam
    return {
        "gradient descent": descend_turned(sgd, None, {"lr": 0.2}, R),
        "Adam": descend_turned(adam, init_adam, {"lr": 0.2, "t": 1}, R),
    }


straight, aslant = both(torch.eye(2, dtype=torch.float64)), both(R)
left, right = plotting.panels(
    "straight", "turned", height=3.4, sharey=False
)
plotting.plot_paths(straight, f, left, window=(-6, 3, -4.5, 4.5))
plotting.plot_paths(aslant, turned, right, window=(-6, 3, -7, 2))

# %%
# .. alt::
#
#    Paths of gradient descent and of Adam in a straight valley and in the same valley turned by 45
#    degrees. The path of gradient descent is turned with it; that of Adam has another form.
#
# Gradient descent knows no axes: its path is turned with the bowl, and after 40 steps it is at
# :math:`f =` :calc:`f(*straight["gradient descent"][-1])|.2f` in both. Adam knows them: the scale
# of each axis is all that it can adapt to. In the straight valley it ends at
# :calc:`f(*straight["Adam"][-1])|.2f`. In the turned one both axes see the steep wall and the flat
# floor at once, there is nothing to balance, and it ends at
# :calc:`turned(*aslant["Adam"][-1])|.2f`.
#
# .. endexercise::
