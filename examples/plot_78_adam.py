r"""
7.8 Adam: what do momentum and RMSProp make together?
=====================================================

Adam keeps two averages: that of the gradients, as momentum does, and that of their squares, as
RMSProp does. It corrects both for their start at zero, so that the first step, and every step while
the gradients agree, is as long as the learning rate. In noise the steps are shorter.

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
#     v_t &= \beta_1 v_{t-1} + (1 - \beta_1)\, g_t, \\
#     s_t &= \beta_2 s_{t-1} + (1 - \beta_2)\, g_t^2, \\
#     \hat{v}_t &= \frac{v_t}{1 - \beta_1^t}, \\
#     \hat{s}_t &= \frac{s_t}{1 - \beta_2^t}, \\
#     x_t &= x_{t-1} - \frac{\eta\, \hat{v}_t}{\sqrt{\hat{s}_t} + \epsilon} .
#
# All is done entry by entry. The book takes :math:`\beta_1 = 0.9`, :math:`\beta_2 = 0.999` and
# :math:`\epsilon = 10^{-6}`, outside the root.

import numpy as np
import torch
from torch.optim import Adam, AdamW

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
        p.data -= lr * v_hat / (s_hat.sqrt() + eps)
    hyperparams["t"] = t + 1


# %%
# The two averages are the :term:`states <state>`. The :term:`hyperparameters <hyperparameter>` hold
# the number of the step, too, and the rule itself counts on.
#
# On the airfoil data
# -------------------

init_adam = d2l.optimizers.init_adam_states
data = d2l.get_data_ch7()

ax1, ax2 = plotting.panels("from scratch", "torch.optim.Adam")
d2l.train_ch7(adam, init_adam, {"lr": 0.01, "t": 1}, *data, seed=0, ax=ax1)
d2l.train_pytorch_ch7(Adam, {"lr": 0.01}, *data, seed=0, ax=ax2)

# %%
# .. alt::
#
#    Loss against epoch for Adam from scratch and in PyTorch: both fall within the first epoch and
#    stay low in the second.
#
# Both runs fall in the first epoch and waver a little in the second. They start at different
# heights, since ``nn.Linear`` draws its own first weights. From one start, over the same
# :term:`minibatches <minibatch>`, with the same :math:`\epsilon`, the two agree but for rounding.
#
# Adam's momentum can look ahead as Nesterov's does (:doc:`plot_74_momentum`). PyTorch has that as
# ``torch.optim.NAdam``, after T. Dozat.

# sphinx_gallery_start_ignore
from twins import largest_difference

same_eps = largest_difference(
    d2l.optimizers.adam,
    init_adam,
    {"lr": 0.01, "t": 1},
    torch.optim.Adam,
    {"lr": 0.01, "eps": eps},
)
assert same_eps < 1e-10
# sphinx_gallery_end_ignore

# %%
# Bias correction: how long is a step?
# ------------------------------------
#
# The averages start at zero, so at first they are too small. The divisors :math:`1 - \beta^t` make
# up for it. To see this, we feed the rule with gradients of our own, at the learning rate 1.


def steps(gradients, t=1):
    p = torch.zeros(1, dtype=torch.float64)
    states, path = init_adam([p]), [0.0]
    hyperparams = {"lr": 1, "t": t}
    for g in gradients:
        p.grad = torch.full_like(p, g)
        adam([p], states, hyperparams)
        path.append(p.item())
    return -np.diff(path)


# %%
# We try equal gradients, noise, and gradients after five thousand zeros, as sparse
# :term:`features <feature>` make them (:doc:`plot_75_adagrad`). With :math:`t = \infty` the
# divisors are 1: that is the rule without correction.

same = np.ones(300)
corrected = steps(same)
uncorrected = steps(same, t=np.inf)

rng = np.random.default_rng(0)
noise = rng.normal(size=3000)
in_noise = steps(noise)

zeros = np.zeros(5000)
one = steps([*zeros, 1, *zeros[:299]])[5000:]
many = steps([*zeros, *same])[5000:]

# %%

# plotting code
left, right = plotting.panels(
    "from the start", "after 5000 zeros", height=3.4
)
t = np.arange(1, 301)
left.plot(t, corrected, label="equal gradients")
left.plot(t, uncorrected, "--", label="no correction")
left.plot(t, in_noise[:300], linewidth=1, label="noise")
left.set(xlabel="step", ylabel="step / learning rate", ylim=(-1, 10.5))
right.plot(t, many, label="equal gradients")
right.plot(t, one, "-.", color=plotting.COLORS[3], label="a single one")
right.axhline(1, color="0.5", linewidth=1, linestyle=":")
right.set_xlabel("step after the zeros")
for ax in (left, right):
    ax.legend(loc="upper right")

# %%
# .. alt::
#
#    Steps over the learning rate, for 300 steps. From the start: equal gradients make steps of one;
#    without correction they start at three, rise above six and come down to two; noise makes small
#    steps to both sides. After many zeros: a single gradient makes a step of three learning rates
#    and a tail, equal gradients go above six.
#
# **Equal gradients.** A step is as long as the learning rate. Without the correction it is
# :calc:`uncorrected[0]|.1f` times as long at first, :calc:`uncorrected.max()|.1f` times at step
# :calc:`uncorrected.argmax() + 1` and still :calc:`uncorrected[299]|.1f` times after 300 steps,
# because :math:`s` has the longer memory and stays too small for longer. So the correction does not
# make Adam faster. It makes :math:`\eta` mean what it says. Without it you train with a learning
# rate that you did not choose, and that first rises and then decays.
#
# **Noise.** The gradients cancel in :math:`v` and not in :math:`s`. A step is a fraction of the
# learning rate, about :calc:`in_noise[-2000:].std()|.2f` (the root of the mean square).
#
# **After zeros.** The correction is over, but :math:`s` is empty again. The first gradient enters
# :math:`v` with the weight :math:`1 - \beta_1`, its square enters :math:`s` with the weight
# :math:`1 - \beta_2`. So this step tends to
#
# .. math:: \eta\, \frac{1 - \beta_1}{\sqrt{1 - \beta_2}}
#
# as the zeros become more. That is :calc:`first_limit|.2f` learning rates; after five thousand it
# is :calc:`one[0]|.2f`. Further equal gradients make longer steps yet, up to
# :calc:`many.max()|.1f`. So the learning rate is no bound.

# sphinx_gallery_start_ignore
first_limit = (1 - beta1) / (1 - beta2) ** 0.5
longest_limit = first_limit / (1 - beta1**2 / beta2) ** 0.5
growing = (beta2 / beta1) ** np.arange(-60, 0)
longest_found = steps([*zeros, *growing]).max()
assert longest_found < longest_limit < 1.01 * longest_found
t = np.arange(1, 100_000)
assert (np.sqrt(1 - beta2**t) <= 1 - beta1**t).all()
# sphinx_gallery_end_ignore

# %%
# Weight decay: Adam and AdamW
# ----------------------------
#
# Weight decay pulls the weights towards zero, so that a model stays simple. Its strength is
# :math:`\lambda`. ``torch.optim.Adam`` adds it to the gradient,
# :math:`g \leftarrow g + \lambda x`. ``torch.optim.AdamW`` keeps it out of the averages and shrinks
# the weight itself, :math:`x \leftarrow x - \eta\lambda x`. For gradient descent the two are the
# same. For Adam they are not. Here is a weight whose gradient is nothing but noise, once small and
# once ten times as large.


def decay(optimizer_fn, noise):
    p, path = torch.ones(1), [1.0]
    options = {"lr": 0.001, "weight_decay": 1}
    optimizer = optimizer_fn([p], **options)
    for g in noise:
        p.grad = torch.full_like(p, g)
        optimizer.step()
        path.append(p.item())
    return path


small = 0.2 * noise[:1000]
large = 2 * noise[:1000]
adam_small = decay(Adam, small)
adam_large = decay(Adam, large)
adamw_small = decay(AdamW, small)
adamw_large = decay(AdamW, large)

# %%

# plotting code
left, right = plotting.panels("torch.optim.Adam", "torch.optim.AdamW")
for ax, paths in (
    (left, (adam_small, adam_large)),
    (right, (adamw_small, adamw_large)),
):
    ax.plot(paths[0], label="small gradients")
    ax.plot(paths[1], "--", label="large gradients")
    alone = 0.999 ** np.arange(1001)
    ax.plot(alone, color="0.6", linewidth=1, label="decay alone")
    ax.set(xlabel="step", ylabel="weight", ylim=(0, 1.1))
right.set_ylabel("")
left.legend(loc="lower left")

# %%
# .. alt::
#
#    A weight against the step, with noise for a gradient. In Adam it decays much less with large
#    gradients than with small ones. In AdamW both follow the curve of decay alone.
#
# In Adam the decay is part of the gradient, so it is divided by the root of :math:`s` as well. With
# small gradients it is strong, and the weight ends at :calc:`adam_small[-1]|.2f`. With large ones
# it is weak, and the weight ends at :calc:`adam_large[-1]|.2f`. In AdamW each weight loses the same
# share :math:`\eta \lambda` a step, and the two end at :calc:`adamw_small[-1]|.2f` and
# :calc:`adamw_large[-1]|.2f`. If you want weight decay, take AdamW. On the training loss it gains
# nothing; it is meant for the error on new data.

# %%
# Learning rate decay and warm-up
# -------------------------------
#
# A large learning rate is fast, but its noise stays. So many training programs change it by a
# schedule. **Decay** lowers it to zero, and the noise with it. **Warm-up** raises it from zero over
# the first steps. We take 1 for the largest rate, far too large for these data, so that both show.


def decayed(t):
    return 1 - (t - 1) / 300


def warmed_up(t):
    return min(t / 100, decayed(t))


schedules = {
    "constant": lambda t: 1,
    "decay": decayed,
    "warm-up and decay": warmed_up,
}

# %%
# The rule looks up its learning rate at each step. ``elementwise=True`` says that it treats each
# entry by itself: then a hundred seeds take one pass.


def train(schedule):
    def scheduled(params, states, hyperparams):
        hyperparams["lr"] = schedule(hyperparams["t"])
        adam(params, states, hyperparams)

    return d2l.fit(
        scheduled,
        init_adam,
        {"t": 1},
        *data,
        seed=range(100),
        elementwise=True,
    )


runs = {name: train(schedules[name]) for name in schedules}

# %%

# plotting code
left, right = plotting.panels("", "", height=3.4, sharey=False)
t = np.arange(1, 301)
for (name, h), style in zip(runs.items(), ("-", "--", "-.")):
    left.plot(t, [schedules[name](i) for i in t], style, label=name)
    right.plot(h.epochs, np.median(h.losses, axis=0), style)
left.set(xlabel="step", ylabel="learning rate", ylim=(0, 1.6))
left.legend(loc="upper right")
right.axhline(h.optimum, color="0.5", linestyle="--", linewidth=1)
right.set(xlabel="epoch", ylabel="loss", ylim=(0.2, 1.2))

# %%
# .. alt::
#
#    Left: three schedules, a constant learning rate, one that decays to zero, and one that warms up
#    first and then decays. Right: with the constant rate the loss stays high. With decay it comes
#    down near the least possible one. With warm-up it does not jump up at first.
#
# On the right are the medians of the runs, and dashed the least possible loss. The constant rate
# stays on a :term:`plateau` of noise. Decay brings the loss down from there: what is left above the
# least possible loss shrinks from :calc:`excess("constant")|.2f` to :calc:`excess("decay")|.3f`.
#
# Warm-up helps at the start. Without it, the first steps have full length and point where a single
# minibatch wants: the loss jumps to :calc:`top("decay")|.1f`. With it the loss falls at first, and
# rises only as the learning rate does, to :calc:`top("warm-up and decay")|.1f`. At the end it makes
# no difference here.

# sphinx_gallery_start_ignore


def excess(name):
    return np.median(runs[name].final_loss) - runs[name].optimum


def top(name):
    return np.median(runs[name].losses, axis=0).max()


# sphinx_gallery_end_ignore

# %%
# What to take away
# -----------------
#
# - Adam is an average of gradients over the root of an average of squares. While the gradients
#   agree, a step is as long as the learning rate; in noise it is a fraction of it; after a long row
#   of zeros it can be several times as long.
# - The knob is the learning rate. Leave :math:`\beta_1` and :math:`\beta_2` until you have a
#   reason.
# - Compare the distance that the weights must go with :math:`\eta` times the number of steps. If
#   this product is the smaller one, raise :math:`\eta` or make more steps.
# - Let the learning rate decay at the end. For weight decay, take AdamW.
#
# The method comes from D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR
# 2015, https://arxiv.org/abs/1412.6980; AdamW from I. Loshchilov and F. Hutter, "Decoupled weight
# decay regularization", ICLR 2019, https://arxiv.org/abs/1711.05101; NAdam from T. Dozat,
# "Incorporating Nesterov momentum into Adam", ICLR workshop, 2016. S. J. Reddi, S. Kale and S.
# Kumar, "On the convergence of Adam and beyond", ICLR 2018,
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
# .. check:: You forget the correction. How many times as long as the learning rate is the very
#    first step?
#
#    The average is :math:`(1 - \beta_1)\, g`, and it is divided by the root of
#    :math:`(1 - \beta_2)\, g^2`. That makes :math:`0.1 / \sqrt{0.001}`, or
#    :calc:`uncorrected[0]|.2f` times.
#
# .. check:: A weight gets a gradient once in a while and zeros in between. Is its step then at most
#    as long as the learning rate?
#
#    No. After a long row of zeros the first step comes near :calc:`first_limit|.2f` learning rates,
#    and after this one gradient the weight moves by :calc:`one.sum()|.0f` of them in all. (There
#    is a bound: by the Cauchy–Schwarz inequality no step is longer than :calc:`longest_limit|.2f`.)

# sphinx_gallery_start_ignore


def steps_to_two(size):
    way = np.cumsum(0.01 * steps(size * np.ones(400)))
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
        adam,
        init_adam,
        {"lr": lr, "t": 1},
        *data,
        seed=range(100),
        elementwise=True,
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
# The dashed line is the least possible loss. The reach is :math:`\eta` times the number of steps.
# The last column is the mean length of the weights' last hundred steps in one run, in learning
# rates.
#
# .. computed:: step_table
#
#    learning rate | reach | median loss | last hundred
#
# The first step is :math:`\eta` long, however large the gradient is. The last ones are a fraction
# of it, because the gradients are mostly noise. This explains both sides of the valley. To the left
# the weights cannot reach the minimum: their reach is shorter, or hardly longer, than the largest
# weight of the best model, :calc:`abs(best_w).max()|.2f`. There all seeds end at nearly the same
# loss. To the right the weights are there soon, but then they jump about with the noise of the
# minibatches, the farther the larger :math:`\eta` is: the band is wide.

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
    assert (taken[0] - 1).abs().max() < 1e-3
    step_table.append(
        [
            lr,
            f"{lr * history.steps[-1]:.2f}",
            f"{np.median(history.final_loss):.4f}",
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
# so that each part can be left out, and run it in the bowl
# :math:`f(x_1, x_2) = 0.1 x_1^2 + 2 x_2^2`. Here :math:`\beta_1` and :math:`\beta_2` are smaller,
# since the book's averages remember too long for so short a descent.

b1, b2 = 0.5, 0.9
bowl, start = np.diag([0.2, 4]), np.array([-5, -2])


def f(x1, x2):
    return 0.1 * x1**2 + 2 * x2**2


def descend(*parts, lr=0.4, steps=20, hessian=bowl, start=start):
    x, v, s, path = start, 0, 0, [start]
    for t in range(1, steps + 1):
        g = hessian @ x
        v = b1 * v + (1 - b1) * g
        s = b2 * s + (1 - b2) * g**2
        top = v if "average" in parts else g
        root = s**0.5 if "divide" in parts else 1
        if "correct" in parts:
            top = top / (1 - b1**t)
            root = root / (1 - b2**t) ** 0.5
        x = x - lr * top / root
        path.append(x)
    return np.array(path)


paths = {
    "average": descend("average"),
    "divide": descend("divide"),
    "Adam": descend("average", "divide", "correct"),
}
(ax,) = plotting.panels("", height=3.2)
plotting.plot_paths(paths, f, ax, window=(-5.5, 1.5, -2.3, 2.3))

# %%
# .. alt::
#
#    Three paths in the bowl. With the average alone the path swings from wall to wall and settles.
#    With the division alone it heads for the minimum along a smooth curve. Adam takes nearly the
#    same curve and swings a little beyond the floor of the valley.
#
# With the average alone, the path is that of ``torch.optim.SGD`` with momentum, at the learning
# rate :math:`(1 - \beta_1)\, \eta`, because its velocity lacks this factor. With the division alone
# it is that of ``torch.optim.RMSprop``. With all parts it is that of ``torch.optim.Adam``, each but
# for rounding. In this sense Adam is RMSProp plus momentum.
#
# But there are two orders. PyTorch's ``RMSprop`` with momentum first divides each gradient by its
# root, and then averages. Adam first averages, and then divides by the newest root. Even without
# the correction these two paths part, by up to :calc:`differences["average, divide"]|.1f` here.

# sphinx_gallery_start_ignore


def of_pytorch(optimizer_fn, **options):
    p = torch.tensor(start, dtype=torch.float64)
    optimizer, path = optimizer_fn([p], **options), [p.tolist()]
    for _ in range(20):
        p.grad = torch.tensor(bowl) @ p
        optimizer.step()
        path.append(p.tolist())
    return np.array(path)


slow, rmsprop = 0.4 * (1 - b1), {"alpha": b2, "eps": 0}
optim = torch.optim
classes = {
    "average": of_pytorch(optim.SGD, lr=slow, momentum=b1),
    "divide": of_pytorch(optim.RMSprop, lr=0.4, **rmsprop),
    "average, divide": of_pytorch(
        optim.RMSprop, lr=slow, momentum=b1, **rmsprop
    ),
    "average, divide, correct": of_pytorch(
        optim.Adam, lr=0.4, betas=(b1, b2), eps=0
    ),
}
differences = {
    name: np.abs(descend(*name.split(", ")) - path).max()
    for name, path in classes.items()
}
assert sorted(differences.values())[2] < 1e-10
# sphinx_gallery_end_ignore

# %%
# .. endexercise::
#
# .. exercise:: 7.8 (ours)
#
#    Adam divides entry by entry. Turn the bowl by 45 degrees, so that the valley lies aslant
#    between the axes. What becomes of gradient descent, and what of Adam?

# %%
# The turned bowl is :math:`f(R x)` with a rotation :math:`R`. We start at the point that is turned
# into the old start.

half = 0.5**0.5
R = np.array([[half, half], [-half, half]])
turned_bowl = {"hessian": R.T @ bowl @ R, "start": R.T @ start}
all_parts = "average", "divide", "correct"


def turned(x1, x2):
    return f(half * (x1 + x2), half * (x2 - x1))


def both(**bowl):
    return {
        "gradient descent": descend(lr=0.2, steps=40, **bowl),
        "Adam": descend(*all_parts, lr=0.2, steps=40, **bowl),
    }


straight, aslant = both(), both(**turned_bowl)
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
# Gradient descent knows no axes: its path is turned with the bowl. Adam knows them: the scale of
# each axis is all that it can adapt to. In the straight valley the flat axis has a small root of
# its own, and so long steps. In the turned one the steep wall fills both roots. Until they have
# forgotten it, the gentle slope of the floor makes short steps. Here is what is left of :math:`f`
# after 40 steps.
#
# .. computed:: turned_table
#
#    learning rate | straight | turned
#
# At the same rate Adam gets less far in the turned valley. With twice the rate it makes up for it.

# sphinx_gallery_start_ignore
turned_table = [
    (
        lr,
        f"{f(*descend(*all_parts, lr=lr, steps=40)[-1]):.4f}",
        f"{turned(*descend(*all_parts, lr=lr, steps=40, **turned_bowl)[-1]):.4f}",
    )
    for lr in (0.1, 0.2, 0.4)
]
# sphinx_gallery_end_ignore

# %%
# .. endexercise::
