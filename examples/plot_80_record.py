r"""
Appendix: are the published numbers right?
==========================================

Every loss and every end point that the book's PyTorch port and one article print, beside a thousand
repetitions of the same experiment. All but one of the losses lie in the range of our seeds, and all
descents without noise come out digit by digit.
"""

# sphinx_gallery_thumbnail_number = 3

# %%
# One number
# ----------
#
# The sources print one loss for each experiment, and set no :term:`seed <random seed>`. Whoever
# runs the same code gets another number. So the question is not whether a run gives the printed
# number again, but whether the printed number lies where the runs of this experiment lie. Take
# minibatch SGD, section 7.3. We repeat it with a thousand seeds.

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting

SEEDS = range(1000)
data = d2l.get_data_ch7()
o = d2l.optimizers
sgd = d2l.fit(o.sgd, None, {"lr": 0.05}, *data, seed=SEEDS)
optimum = sgd.optimum

# %%

# plotting code
import json
from importlib.resources import files

source = files("d2l_ch7._data").joinpath("published.json")
published = json.loads(source.read_text("utf-8"))
runs, descents = published["training_runs"], published["descents"]
one = next(
    run
    for run in runs
    if run["source"] == "book_page"
    and run["optimizer"] == "sgd"
    and run["batch_size"] == 10
)

(ax,) = plotting.panels("")
ax.hist(
    sgd.final_loss, bins=60, color=plotting.COLORS[5], label="our seeds"
)
ax.axvline(
    one["published_loss"],
    color=plotting.COLORS[1],
    label="the book's number",
)
ax.axvline(optimum, color="0.5", linestyle="--", label="least possible")
ax.set(xlabel="final loss", ylabel="number of seeds")
ax.legend()

# %%
# .. alt::
#
#    Histogram of the final losses of a thousand seeds: it rises steeply above the least possible
#    loss and has a long tail. The book's number lies in the lower part of it.
#
# The printed number is a draw like ours. Its percentile is the share of seeds that end there or
# below.


def percentile_among(losses, printed):
    return 100 * np.mean(losses <= printed)


percentile_of_one = percentile_among(sgd.final_loss, one["published_loss"])

# %%
# The percentile is :calc:`percentile_of_one|.0f`: nothing is odd about this number.

# %%
# All numbers
# -----------
#
# The package carries the published numbers with their settings. They come from the web pages and
# the notebooks of the book's PyTorch port, and from an illustrated article on the web. We do not
# know the article's address: the record holds its settings and numbers only. Each experiment is run
# once, however many sources print it.


def train(run, seed, **changed):
    run = {**run, **changed}
    name, hyperparams = run["optimizer"], run["hyperparams"]
    rest = *data, run["batch_size"], run["num_epochs"]
    if run["function"] == "train_pytorch_ch7":
        optimizer_fn = getattr(torch.optim, name)
        return d2l.fit_torch(optimizer_fn, hyperparams, *rest, seed=seed)
    rule, states = getattr(o, name), getattr(o, f"init_{name}_states", None)
    return d2l.fit(rule, states, hyperparams, *rest, seed=seed)


# %%

# plotting code
SOURCES = {
    "article": "article",
    "book_page": "book, page",
    "book_notebook": "book, notebook",
}


def experiment(run):
    torchs = run["function"] == "train_pytorch_ch7"
    name = ("torch " if torchs else "") + run["optimizer"]
    settings = [
        f"{key} {value:g}"
        for key, value in run["hyperparams"].items()
        if key != "t"
    ]
    if run["batch_size"] != 10:
        settings.append(f"batch {run['batch_size']}")
    return ", ".join([name, *settings])


losses = {}
for run in runs:
    if experiment(run) not in losses:
        losses[experiment(run)] = train(run, SEEDS).final_loss

marks = dict(zip(SOURCES, zip("^os", plotting.COLORS[2:5], (-0.3, 0, 0.3))))
(ax,) = plotting.panels("", height=6)
excess = {name: values - optimum for name, values in losses.items()}
plotting.plot_spread(excess, ax, xlabel="final excess loss")
for run in runs:
    mark, color, up = marks[run["source"]]
    ax.plot(
        run["published_loss"] - optimum,
        list(losses).index(experiment(run)) + up,
        mark,
        color=color,
        markeredgecolor="white",
        label=SOURCES[run["source"]],
        zorder=3,
    )
ax.set_xscale("log")
handles = dict(zip(*reversed(ax.get_legend_handles_labels())))
ax.legend(
    handles.values(),
    handles,
    loc="lower center",
    bbox_to_anchor=(0.25, 1),
    ncols=3,
    handletextpad=0,
    columnspacing=1,
)

# %%
# .. alt::
#
#    One row for each experiment: the spread of its final excess loss over a thousand seeds, and the
#    published numbers as marks on it. All marks lie on their lines except those of
#    torch.optim.Adadelta, which lie below every seed.
#
# Each row is one experiment. The thin line spans all seeds, the thick one 95 % of them, and the
# tick is the median. The marks are the published numbers. The axis shows the :term:`excess loss`,
# because that is what training can still remove. :calc:`len(runs) - len(outside)` of
# :calc:`len(runs)` published losses lie within the range of their seeds.

# sphinx_gallery_start_ignore


def percentile(run):
    return percentile_among(losses[experiment(run)], run["published_loss"])


def inside(run):
    values = losses[experiment(run)]
    return bool(values.min() <= run["published_loss"] <= values.max())


outside = [run for run in runs if not inside(run)]
# sphinx_gallery_end_ignore

# %%
# Are they draws, taken together?
# -------------------------------
#
# A printed number that is an ordinary draw is as likely to lie at one percentile of its seeds as at
# another. So all percentiles together should be spread evenly. We sort them, each different number
# once. Kolmogorov and Smirnov's :math:`D` is the largest distance of their staircase from the
# diagonal. We compare it with ten thousand draws of as many uniform random numbers, and count in
# the same way how many lie outside the central 95 %.

different = {(experiment(run), run["published_loss"]) for run in runs}
percentiles = [percentile_among(losses[name], p) for name, p in different]
shares = np.sort(percentiles) / 100
stairs = np.arange(len(shares) + 1) / len(shares)


def distance(ordered):
    above, below = stairs[1:] - ordered, ordered - stairs[:-1]
    return np.maximum(above, below).max(axis=-1)


def near_ends(ordered):
    return (np.abs(ordered - 0.5) > 0.475).sum(axis=-1)


even = np.sort(np.random.default_rng(0).random((10_000, len(shares))))
chance = {f: np.mean(f(even) >= f(shares)) for f in (distance, near_ends)}

# %%

# plotting code
(ax,) = plotting.panels("", height=3)
ax.plot([0, 100], [0, 1], "--", color="0.5", label="even")
ax.step(
    100 * shares,
    stairs[1:],
    "o-",
    where="post",
    markersize=4,
    linewidth=1,
    label="published",
)
ax.set(
    xlabel="percentile among its seeds",
    ylabel="share of the numbers up to here",
)
ax.legend()

# %%
# .. alt::
#
#    The sorted percentiles of the published numbers as a staircase: it keeps close to the diagonal,
#    with a small heap at the lowest percentiles.
#
# :math:`D` is :calc:`distance(shares)|.2f`, and even draws reach as much in
# :calc:`chance[distance]|.0%` of the cases: taken together, the numbers are spread as draws should
# be. But :calc:`near_ends(shares)` of :calc:`len(shares)` lie in the last few per cent at either
# end, where :calc:`0.05 * len(shares)|.1f` are expected; as many or more occur in only
# :calc:`chance[near_ends]|.1%`. Without one of them, that of ``torch.optim.Adadelta``, it is
# :calc:`near_ends(rest)` of :calc:`len(rest)`, which chance gives in :calc:`chance_rest|.0%`.
#
# The spread itself is the lesson. In the median over the rows the upper end of the 95 % is
# :calc:`widths|.0f` times the lower one: with the same code, the luck of the seed moves the excess
# loss by more than an order of magnitude. A smaller difference between two printed numbers says
# nothing about the methods.

# sphinx_gallery_start_ignore
widths = np.median(
    [
        np.divide(*(np.quantile(v, [0.975, 0.025]) - optimum))
        for v in losses.values()
    ]
)
rest = np.array(
    [
        percentile_among(losses[name], p) / 100
        for name, p in different
        if "Adadelta" not in name
    ]
)
draws = np.random.default_rng(0).random((100_000, len(rest)))
chance_rest = np.mean(near_ends(draws) >= near_ends(rest))
# sphinx_gallery_end_ignore

# %%
# The one number that does not fit
# --------------------------------
#
# The two numbers outside are the same number: one run of ``torch.optim.Adadelta``, printed on the
# page and in the notebook. It is lower than all our seeds. What could have made it? We change one
# thing at a time: the constant :math:`\epsilon`, which is larger in the book's own AdaDelta; the
# start, which is closer to zero there; both; and the number of epochs.

odd = next(run for run in runs if run["optimizer"] == "Adadelta")
own = next(run for run in runs if run["optimizer"] == "adadelta")


def adadelta_small_eps(params, states, hyperparams):
    rho, eps = hyperparams["rho"], 1e-6
    for p, (s, delta) in zip(params, states):
        s[:] = rho * s + (1 - rho) * p.grad**2
        step = torch.sqrt((delta + eps) / (s + eps)) * p.grad
        p.data -= step
        delta[:] = rho * delta + (1 - rho) * step**2


near_zero = d2l.fit(
    adadelta_small_eps,
    o.init_adadelta_states,
    {"rho": 0.9},
    *data,
    seed=SEEDS,
    elementwise=True,
)
larger = train(odd, SEEDS, hyperparams={"rho": 0.9, "eps": 1e-5})
longer = train(odd, SEEDS, num_epochs=4)
variants = {
    "as the source says": losses[experiment(odd)],
    "start near zero": near_zero.final_loss,
    "larger ε": larger.final_loss,
    "start near zero, larger ε": losses[experiment(own)],
    "3 epochs": longer.losses[:, longer.epochs == 3][:, 0],
    "4 epochs": longer.final_loss,
}
counts = [(v <= odd["published_loss"]).sum() for v in variants.values()]

# %%

# plotting code
(ax,) = plotting.panels("", height=3.4)
excess = {name: values - optimum for name, values in variants.items()}
plotting.plot_spread(excess, ax, xlabel="final excess loss")
ax.axvline(
    odd["published_loss"] - optimum,
    color=plotting.COLORS[2],
    label="published",
)
ax.set_xscale("log")
right = ax.secondary_yaxis("right")
right.set_yticks(range(len(counts)), map(str, counts))
right.set_ylabel("seeds at or below")
ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1))

# %%
# .. alt::
#
#    The published loss of torch.optim.Adadelta as a line across the spread of six variants. As the
#    source says, no seed reaches it; with a larger eps, or with more epochs, some seeds do.
#
# On the right stand the seeds that end at the published number or below. With the setting that the
# source prints there is none. A start near zero does not help. With a larger :math:`\epsilon`, or
# with twice as many epochs, some seeds get there, so that one of these changes could explain the
# number. But the source says neither, and ``torch.optim.Adadelta`` has the smaller constant by
# default, in old versions too.
#
# Nor is the number out of reach. A search through ten times as many seeds, too slow for this page
# and kept among the tests, found a single seed that gets below it. This is its run.

RARE_SEED, SEARCHED = 3585, 10_000
rare = train(odd, RARE_SEED).final_loss

# %%
# It ends at :calc:`rare|.6f`, and the published number is :calc:`odd["published_loss"]|.6f`. That
# the rarest of :calc:`len(different)` numbers is as rare as one seed in ten thousand happens with a
# probability of roughly :calc:`1 - (1 - 1 / SEARCHED) ** len(different)|.1%`; a single hit tells no
# more than the order of magnitude. We do not know which of these it was: a very lucky seed, or
# another setting than the printed one.

# %%
# The descents
# ------------
#
# The other published numbers are the ends of descents in one and two dimensions. All but one of
# them have nothing random in them, so every printed digit must come out, and it does: the last
# table on this page has them all. (The book's lines call a step an epoch.) The remaining one is
# :term:`stochastic gradient descent` on :math:`x_1^2 + 2 x_2^2`. Its end is random, so it gets the
# thousand seeds, too.


def noisy_step(x1, x2, s1, s2):
    g1 = 2 * x1 + np.random.normal(loc=0.1, scale=1)
    g2 = 4 * x2 + np.random.normal(loc=0.1, scale=1)
    return x1 - 0.1 * g1, x2 - 0.1 * g2, 0, 0


ends = []
for seed in SEEDS:
    np.random.seed(seed)
    ends.append(d2l.descent.descend_2d(noisy_step)[-1])
ends = np.array(ends)

# %%

# plotting code
(random_one,) = [
    descent for descent in descents if "random" in descent["what"]
]
words = random_one["published"].replace(",", "").split()
printed = np.array([float(words[3]), float(words[5])])

(ax,) = plotting.panels("", height=3.8)
ax.plot(
    *ends.T,
    ".",
    color=plotting.COLORS[5],
    alpha=0.5,
    markeredgewidth=0,
    label="our seeds",
)
ax.plot(0, 0, "*", color="black", markersize=11, label="minimum")
ax.plot(
    *printed,
    "o",
    color=plotting.COLORS[1],
    markeredgecolor="white",
    label="published",
)
ax.set(xlabel="x1", ylabel="x2", aspect="equal", xlim=(-0.75, 1))
ax.legend()

# %%
# .. alt::
#
#    The ends of a thousand noisy descents form a cloud whose middle lies below and to the left of
#    the minimum; the published point lies well inside the cloud.
#
# How far is the printed point from the middle of the cloud? Distances are measured in the cloud's
# own standard deviations.


def farness(points):
    away = points - ends.mean(axis=0)
    return (away @ np.linalg.inv(np.cov(ends.T)) * away).sum(axis=-1)


farther = 100 * np.mean(farness(ends) >= farness(printed))

# %%
# :calc:`farther|.0f` % of our seeds end farther away: it is an ordinary member of the cloud. The
# middle of the cloud is not the minimum. Twenty steps do not finish the way along :math:`x_1`:
# without noise they end at :calc:`-5 * 0.8**20|.3f`. And the noise has the mean 0.1, where the book
# probably meant the standard deviation. This moves the ends by :calc:`-0.05 * (1 - 0.8**20)|.3f`
# along :math:`x_1` and by :calc:`-0.025 * (1 - 0.6**20)|.3f` along :math:`x_2`.

# %%
# Seconds an epoch
# ----------------
#
# The sources also print how long an epoch took, on machines that we do not know. Ratios can be
# compared: the time of batches of one, ten and all samples, each divided by the time of batches of
# ten. The article says that minibatches lie between the two others. Our fast core changes what a
# step costs, so the textbook loop is timed as well.

import time

from torch.utils.data import DataLoader, TensorDataset


def textbook_loop(batch_size, lr):
    loader = DataLoader(TensorDataset(*data), batch_size, shuffle=True)
    w = torch.normal(0, 0.01, (5, 1), requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    begin = time.perf_counter()
    for i, (X, y) in enumerate(loader, 1):
        d2l.squared_loss(d2l.linreg(X, w, b), y).mean().backward()
        o.sgd([w, b], None, {"lr": lr})
        w.grad = b.grad = None
        if i * batch_size % 100 == 0:
            d2l.squared_loss(d2l.linreg(data[0], w, b), data[1]).mean()
    return time.perf_counter() - begin


# %%

# plotting code
sizes = (1, 10, 1500)
seconds = {}
for source in SOURCES:
    for function in ("train_ch7", "train_pytorch_ch7"):
        found = {
            run["batch_size"]: run["published_sec_per_epoch"]
            for run in runs
            if (run["source"], run["function"]) == (source, function)
            and run["optimizer"].lower() == "sgd"
            and "momentum" not in run["hyperparams"]
        }
        if len(found) == len(sizes):
            seconds[f"{SOURCES[source]}, {function}"] = [
                found[size] for size in sizes
            ]
timed = {run["batch_size"]: run for run in runs if run["section"][0] == "3"}
seconds["here, textbook loop"] = [
    min(
        textbook_loop(size, timed[size]["hyperparams"]["lr"])
        for _ in range(2)
    )
    for size in sizes
]
seconds["here, d2l.fit"] = [
    min(train(timed[size], 0).seconds_per_epoch for _ in range(5))
    for size in sizes
]

(ax,) = plotting.panels("", height=3.6)
for (who, times), style in zip(
    seconds.items(), ("^:", "v:", "o:", "s:", "D-", "*-")
):
    ax.plot(sizes, np.divide(times, times[1]), style, label=who)
ax.axhline(1, color="0.5", linewidth=1)
ax.set(xscale="log", yscale="log")
ax.set(xlabel="batch size", ylabel="time relative to batch 10")
ax.set_xticks(sizes, sizes)
ax.legend()

# %%
# .. alt::
#
#    Time of an epoch against batch size, relative to batches of ten samples: published and measured
#    curves all fall from left to right, so that a minibatch lies between one sample and all.
#
# .. computed:: time_table
#
#    who | batch 1 / batch 10 | batch 10 / batch 1500
#
# Where both ratios are above 1, the claim holds: for the published times, and for both kinds of
# loop as they ran here. How far apart the three lie depends on the loop: it is the price of a step
# against the price of a sample. Small batches make many steps and pay for each.

# sphinx_gallery_start_ignore
time_table = [
    (who, f"{a / b:.1f}", f"{b / c:.1f}")
    for who, (a, b, c) in seconds.items()
]
# sphinx_gallery_end_ignore

# %%
# All rows
# --------
#
# The losses. The percentile is the share of seeds that end at the published loss or below; the next
# column says whether the number lies within the range of the seeds. The article's experiments stand
# with those of section 7.3. The least possible loss is :calc:`optimum|.6f`.
#
# .. computed:: loss_table
#
#    experiment | source | published | percentile | inside | median | 95 % | all seeds | epochs |
#    section
#
# The ends of the descents. For the random one, the computed column is the middle of the cloud, and
# the agreement is the share of seeds that end farther from it.
#
# .. computed:: descent_table
#
#    setting | agreement | published | computed | section

# sphinx_gallery_start_ignore


def section(entry):
    return entry["section"] if entry["section"].startswith("7") else "7.3"


def loss_row(run):
    values = losses[experiment(run)]
    low, left, middle, right, high = np.quantile(
        values, [0, 0.025, 0.5, 0.975, 1]
    )
    return (
        experiment(run),
        SOURCES[run["source"]],
        f"{run['published_loss']:.6f}",
        f"{percentile(run):.1f}",
        "yes" if inside(run) else "no",
        f"{middle:.6f}",
        f"{left:.6f}–{right:.6f}",
        f"{low:.6f}–{high:.6f}",
        run["num_epochs"],
        section(run),
    )


def by_section(entries, row):
    return [row(entry) for entry in sorted(entries, key=section)]


loss_table = by_section(runs, loss_row)


def bowl(a, b):
    return lambda x1, x2: (2 * a * x1, 2 * b * x2)


def plain(gradient, eta, gamma=0):
    def step(x1, x2, v1, v2):
        g1, g2 = gradient(x1, x2)
        v1, v2 = gamma * v1 + eta * g1, gamma * v2 + eta * g2
        return x1 - v1, x2 - v2, v1, v2

    return step


def scaled(gradient, eta, remember):
    def step(x1, x2, s1, s2):
        g1, g2 = gradient(x1, x2)
        s1, s2 = remember(s1, g1), remember(s2, g2)
        x1 = x1 - eta * g1 / (s1 + 1e-6) ** 0.5
        x2 = x2 - eta * g2 / (s2 + 1e-6) ** 0.5
        return x1, x2, s1, s2

    return step


def stepper(descent):
    eta, gamma = descent["eta"], descent.get("gamma", 0)
    if descent["section"] == "7.2":
        return plain(bowl(1, 2), eta)
    if descent["section"] == "7.4":
        return plain(bowl(0.1, 2), eta, gamma)
    if descent["section"] == "7.5":
        return scaled(bowl(0.1, 2), eta, lambda s, g: s + g**2)
    return scaled(
        bowl(0.1, 2), eta, lambda s, g: gamma * s + (1 - gamma) * g**2
    )


def end_point(descent):
    if ", x: " in descent["published"]:
        path = d2l.descent.descend_1d(lambda x: 2 * x, descent["eta"])
        return f"epoch {len(path) - 1}, x: {path[-1]!r}"
    path = d2l.descent.descend_2d(stepper(descent))
    x1, x2 = path[-1]
    return f"epoch {len(path) - 1}, x1 {x1:f}, x2 {x2:f}"


def method(descent):
    if descent["section"] == "7.4":
        return "momentum" if "gamma" in descent else "gradient descent"
    names = {"7.2": "gradient descent", "7.5": "AdaGrad", "7.6": "RMSProp"}
    return "SGD" if descent is random_one else names[descent["section"]]


def descent_row(descent):
    gamma = f", γ = {descent['gamma']:g}" if "gamma" in descent else ""
    setting = f"{method(descent)}, η = {descent['eta']:g}{gamma}"
    if descent is random_one:
        x1, x2 = np.median(ends, axis=0)
        computed = f"epoch 20, x1 {x1:f}, x2 {x2:f}"
        agreement = f"{farther:.0f} %"
    else:
        computed = end_point(descent)
        same = computed == descent["published"]
        agreement = "equal" if same else "different"
    published_end = descent["published"]
    return setting, agreement, published_end, computed, section(descent)


descent_table = by_section(descents, descent_row)
agreements = [row[1] for row in descent_table]
assert agreements.count("equal") == len(descents) - 1
# sphinx_gallery_end_ignore

# %%
# What to take away
# -----------------
#
# - A printed loss without a seed is one draw. Compare it with the spread, not with another draw.
# - The published numbers of this chapter are such as its experiments give, with one exception that
#   we can name and cannot explain for sure.
# - Before you believe that a method is better, turn the cheapest knob: the seed.

# %%
# Check yourself
# --------------
#
# .. check:: The page and the notebook of the book print different losses for the same code. Is one
#    of them wrong?
#
#    No. No seed is set, so they are two draws. For minibatch SGD 95 % of our seeds spread from
#    :calc:`np.quantile(sgd.final_loss, 0.025)|.4f` to
#    :calc:`np.quantile(sgd.final_loss, 0.975)|.4f`.
#
# .. check:: A source prints a loss of 0.2410. Can it be right?
#
#    No. The least possible loss is :calc:`optimum|.4f`, and no weights give less. Either the data,
#    the model or the loss was another.
#
# .. check:: Of a hundred honest numbers, how many do you expect outside the central 95 % of their
#    seeds?
#
#    Five. In our table of :calc:`len(shares)` different numbers that would be
#    :calc:`0.05 * len(shares)|.1f`; there are :calc:`near_ends(shares)`.

# %%
# Exercises
# ---------
#
# .. exercise:: C (ours)
#
#    Is a thousand seeds more than enough? Find the percentile of the printed number of minibatch
#    SGD with ten seeds, and with a hundred. How much does it waver?

# %%
# A thousand seeds are a hundred groups of ten, and ten groups of a hundred.

thousand = d2l.fit(o.sgd, None, {"lr": 0.05}, *data, seed=range(1000))
groups = {
    f"{size} seeds": [
        percentile_among(part, one["published_loss"])
        for part in thousand.final_loss.reshape(-1, size)
    ]
    for size in (10, 100)
}

(ax,) = plotting.panels("", height=2)
plotting.plot_spread(groups, ax, xlabel="percentile in per cent")
ax.axvline(percentile_of_one, color="0.4", linestyle=":")

# %%
# .. alt::
#
#    Two rows: the percentile from groups of ten seeds spreads widely, that from groups of a hundred
#    is much narrower around the dotted line of all thousand.
#
# The dotted line is the answer of all seeds. With ten, the percentile may be anything from
# :calc:`min(groups["10 seeds"])|.0f` to :calc:`max(groups["10 seeds"])|.0f`, with a hundred from
# :calc:`min(groups["100 seeds"])|.0f` to :calc:`max(groups["100 seeds"])|.0f`. Ten times as many
# seeds waver about a third as much, by the root of ten. For the question whether a number is an
# ordinary draw, a hundred would do; to tell the lowest per cent from the lowest five, it takes the
# thousand.
#
# .. endexercise::
