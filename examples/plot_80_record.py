r"""
The record: are the published numbers right?
============================================

Every loss and every end point that the book's PyTorch port and one article print, beside a thousand
repetitions of the same experiment. All but one lie in the range of our seeds, and together they
spread as draws should; a few more than expected lie near an end. One, printed twice, lies outside.

The sources print one number for each experiment, and set no seed. Anybody who runs the same code
gets another number. So the question is not whether a run gives the printed number again, but
whether the printed number lies where the runs of this experiment lie.
"""

# %%
# A thousand seeds of each experiment
# -----------------------------------
#
# The package carries the published numbers with their settings. They come from the web pages and
# the notebooks of the book's PyTorch port, and from an illustrated article on the web. We do not
# know the article's address: the record holds its settings and numbers only. Where several sources
# print the same experiment, it is run once.

import json
import time
from importlib.resources import files

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

import d2l_ch7 as d2l
from d2l_ch7 import optimizers, plotting

SEEDS = range(1000)
SOURCES = {"article": "article", "book_page": "book, page", "book_notebook": "book, notebook"}

published = json.loads(files("d2l_ch7._data").joinpath("published.json").read_text("utf-8"))
features, labels = d2l.get_data_ch7()


def train(run, seed, **changed):
    """The experiment of a published run, for one seed or many; changed where asked."""
    run = {**run, **changed}
    data = features, labels, run["batch_size"], run["num_epochs"]
    name, hyperparams = run["optimizer"], run["hyperparams"]
    if run["function"] == "train_pytorch_ch7":
        return d2l.fit_torch(getattr(torch.optim, name), hyperparams, *data, seed=seed)
    init_states = getattr(optimizers, f"init_{name}_states", None)
    return d2l.fit(getattr(optimizers, name), init_states, hyperparams, *data, seed=seed)


def experiment(run):
    """What an experiment is called; batches are of ten samples unless said otherwise."""
    name = ("torch " if run["function"] == "train_pytorch_ch7" else "") + run["optimizer"]
    settings = [f"{key} {value:g}" for key, value in run["hyperparams"].items() if key != "t"]
    if run["batch_size"] != 10:
        settings.append(f"batch {run['batch_size']}")
    return ", ".join([name, *settings])


runs = published["training_runs"]
losses = {}  # experiment: its final losses, (S,)
for run in runs:
    if experiment(run) not in losses:
        history = train(run, SEEDS)
        losses[experiment(run)] = history.final_loss
optimum = history.optimum

# %%
# Each row is one experiment. The thin line spans all seeds, the thick one 95 % of them, and the
# white tick is the median. The marks are the published numbers. The axis shows the excess, the
# loss minus the least possible loss, because that is what training can still remove.

MARKS = dict(
    zip(SOURCES, zip("^os", plotting.COLORS[1:], (-0.25, 0, 0.25)))
)  # form, colour, height


def spread(ax, row, values):
    """One row: full range, 95 % and median."""
    low, left, middle, right, high = np.quantile(values, [0, 0.025, 0.5, 0.975, 1]) - optimum
    ax.plot([low, high], [row, row], color=plotting.COLORS[0], linewidth=1.2)
    ax.plot([left, right], [row, row], color=plotting.COLORS[0], linewidth=7, alpha=0.45)
    ax.plot([middle], [row], "|", color="white", markersize=8, markeredgewidth=2.5, zorder=2.5)


fig, ax = d2l.plt.subplots(figsize=(7, 7), layout="constrained")
for row, (name, values) in enumerate(losses.items()):
    spread(ax, row, values)
    for run in runs:
        if experiment(run) == name:
            mark, color, up = MARKS[run["source"]]
            ax.plot(
                run["published_loss"] - optimum,
                row + up,
                mark,
                color=color,
                markeredgecolor="white",
                label=SOURCES[run["source"]],
                zorder=3,
            )
ax.set(xscale="log", xlabel="final loss minus the least possible loss")
ax.set_yticks(range(len(losses)), losses)
ax.invert_yaxis()
handles = dict(zip(*reversed(ax.get_legend_handles_labels())))
ax.legend(handles.values(), handles, loc="upper center", bbox_to_anchor=(0.4, 1.07), ncols=3)
fig.alt = (
    "One row for each experiment: the spread of its final loss over a thousand seeds, and the "
    "published numbers as marks on it. All marks lie on their lines except those of "
    "torch.optim.Adadelta, which lie below every seed."
)
d2l.plt.show()


def percentile(run):
    """How many per cent of the seeds end at the published loss or below."""
    return 100 * (losses[experiment(run)] <= run["published_loss"]).mean()


def inside(run):
    """Whether the published loss lies within the range of the seeds."""
    values = losses[experiment(run)]
    return bool(values.min() <= run["published_loss"] <= values.max())


outside = [run for run in runs if not inside(run)]
print(
    f"{len(runs) - len(outside)} of {len(runs)} published losses lie within the range of the seeds"
)
for run in outside:
    print(f"outside: {SOURCES[run['source']]}, {experiment(run)}: {run['published_loss']}")

# %%
# A printed number that is an ordinary draw is as likely to lie at one percentile of its seeds as at
# another. So all percentiles together should be spread evenly. We sort them, each different number
# once, and compare them with ten thousand draws of as many uniform random numbers.

distinct = {(experiment(run), run["published_loss"]): percentile(run) for run in runs}
shares = np.sort(list(distinct.values())) / 100
steps = np.arange(len(shares) + 1) / len(shares)


def distance(ordered):
    """Kolmogorov and Smirnov's D: how far the staircase of these shares leaves the diagonal."""
    return np.maximum(ordered - steps[:-1], steps[1:] - ordered).max(axis=-1)


def near_ends(values):
    """How many lie outside the central 95 %."""
    return (np.abs(values - 0.5) > 0.475).sum(axis=-1)


even = np.sort(np.random.default_rng(0).random((10_000, len(shares))))
for what, measure in (("largest distance D", distance), ("outside the central 95 %", near_ends)):
    found, chance = measure(shares), (measure(even) >= measure(shares)).mean()
    typical = measure(even).mean()
    print(f"{what:25}: {found:.2g}; even draws: {typical:.2g}, as much or more in {chance:.1%}")
for (name, loss), p in sorted(distinct.items(), key=lambda item: item[1]):
    if near_ends(p / 100):
        print(f"    {name}: {loss}, percentile {p:.1f}")
widths = [np.divide(*(np.quantile(v, [0.975, 0.025]) - optimum)) for v in losses.values()]
print(
    f"excess loss, upper end of the 95 % over lower end: {np.median(widths):.0f} in the middle row"
)

fig, ax = d2l.plt.subplots(figsize=(4.6, 3.4), layout="constrained")
ax.plot([0, 100], [0, 1], "--", color="0.5", label="even")
ax.step(100 * shares, steps[1:], "o-", where="post", markersize=4, linewidth=1, label="published")
ax.set(xlabel="percentile among its seeds", ylabel="share of the numbers up to here")
ax.legend()
fig.alt = (
    "The sorted percentiles of the published numbers as a staircase: it keeps close to the "
    "diagonal, with a small heap at the lowest percentiles."
)
d2l.plt.show()

# %%
# Taken together, the numbers are spread as draws should be. But more of them than expected lie in
# the last few per cent at either end: evenly spread draws seldom have so many there. The spread
# itself is the lesson: with the same code, the luck of the seed moves the excess loss by more than
# an order of magnitude. A smaller difference between two printed numbers says nothing about the
# methods.
#
# The one number that does not fit
# --------------------------------
#
# The two numbers outside are the same number: one run of ``torch.optim.Adadelta``, printed on
# the page and in the notebook. It is lower than all our seeds. What could have made it? We
# change one thing at a time: the constant :math:`\epsilon`, which is larger in the book's own
# AdaDelta; the start, which is closer to zero there; both; and the number of epochs.

odd = next(run for run in outside if run["optimizer"] == "Adadelta")
rho = odd["hyperparams"]["rho"]


def adadelta_small_eps(params, states, hyperparams):
    """The book's AdaDelta with the constant of ``torch.optim.Adadelta``."""
    for p, (s, delta) in zip(params, states):
        s[:] = rho * s + (1 - rho) * p.grad**2
        step = torch.sqrt((delta + 1e-6) / (s + 1e-6)) * p.grad
        p.data.sub_(step)
        delta[:] = rho * delta + (1 - rho) * step**2


longer = train(odd, SEEDS, num_epochs=4)
larger_eps = train(odd, SEEDS, hyperparams={"rho": rho, "eps": 1e-5})
near_start = d2l.fit(  # no seed comes near: a hundred are enough
    adadelta_small_eps, optimizers.init_adadelta_states, {}, features, labels, seed=SEEDS[:100]
)
both = next(
    run for run in runs if run["function"] == "train_ch7" and run["optimizer"] == "adadelta"
)
variants = {
    "as the source says": losses[experiment(odd)],
    "start near zero": near_start.final_loss,
    "eps 1e-5": larger_eps.final_loss,
    "start near zero, eps 1e-5": losses[experiment(both)],
    "3 epochs": longer.losses[:, longer.epochs == 3][:, 0],
    "4 epochs": longer.final_loss,
}

fig, ax = d2l.plt.subplots(figsize=(7, 3.4), layout="constrained")
for row, values in enumerate(variants.values()):
    spread(ax, row, values)
ax.axvline(odd["published_loss"] - optimum, color=plotting.COLORS[1], label="published")
counts = [int((values <= odd["published_loss"]).sum()) for values in variants.values()]
ax.set_yticks(range(len(variants)), variants)
ax.set(xscale="log", xlabel="final loss minus the least possible loss", ylim=(-0.5, 5.5))
right = ax.secondary_yaxis("right")
shown = [f"{count} of {len(values)}" for count, values in zip(counts, variants.values())]
right.set_yticks(range(len(variants)), shown)
right.set_ylabel("seeds at or below")
ax.invert_yaxis()
ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.15))
fig.alt = (
    "The published loss of torch.optim.Adadelta as a line across the spread of six variants. As "
    "the source says, no seed reaches it; with a larger eps, or with more epochs, some seeds do."
)
d2l.plt.show()

# %%
# On the right stand the seeds that end at the published number or below. With the setting that
# the source prints there is none. A start near zero does not help. With a larger
# :math:`\epsilon`, or with twice as many epochs, some seeds get there, so that one of these
# changes could explain the number. But the source says neither, and ``torch.optim.Adadelta`` has
# the smaller constant by default, in old versions too.
#
# Nor is the number out of reach. A search through ten times as many seeds, too slow for this
# page and kept among the tests, found a single seed that gets below it. This is its run, and the
# chance that one of so many published numbers is as rare:

RARE_SEED, SEARCHED = 3585, 10_000
rare = train(odd, RARE_SEED).final_loss
print(f"seed {RARE_SEED}: {rare:.6f}, published {odd['published_loss']}, optimum {optimum:.6f}")
chance = 1 - (1 - 1 / SEARCHED) ** len(distinct)
print(f"1 seed of {SEARCHED}; the least of {len(distinct)} numbers is as rare in {chance:.1%}")

# %%
# We do not know which of these it was: a very lucky seed, or another setting than the printed
# one.
#
# The descents
# ------------
#
# The other published numbers are the ends of descents in one and two dimensions. All but one of
# them have nothing random in them, so here every printed digit must come out.


def bowl(a, b):
    """The gradient of a x1^2 + b x2^2."""
    return lambda x1, x2: (2 * a * x1, 2 * b * x2)


def plain(gradient, eta, gamma=0):
    """One step of gradient descent, or of momentum."""

    def step(x1, x2, v1, v2):
        g1, g2 = gradient(x1, x2)
        v1, v2 = gamma * v1 + eta * g1, gamma * v2 + eta * g2
        return x1 - v1, x2 - v2, v1, v2

    return step


def noisy(gradient, eta):
    """One step of gradient descent, with the book's normal draws added to the gradient."""

    def step(x1, x2, s1, s2):
        g1, g2 = gradient(x1, x2)
        g1 += np.random.normal(loc=0.1, scale=1)
        g2 += np.random.normal(loc=0.1, scale=1)
        return x1 - eta * g1, x2 - eta * g2, 0, 0

    return step


def scaled(gradient, eta, remember):
    """One step that divides by the root of s: AdaGrad's sum or RMSProp's average of squares."""

    def step(x1, x2, s1, s2):
        g1, g2 = gradient(x1, x2)
        s1, s2 = remember(s1, g1), remember(s2, g2)
        return x1 - eta * g1 / (s1 + 1e-6) ** 0.5, x2 - eta * g2 / (s2 + 1e-6) ** 0.5, s1, s2

    return step


def stepper(descent):
    """The step of a published descent in two dimensions."""
    eta, gamma = descent["eta"], descent.get("gamma", 0)
    if descent["section"] == "7.2":
        return (noisy if "stochastic" in descent["what"] else plain)(bowl(1, 2), eta)
    if descent["section"] == "7.4":
        return plain(bowl(0.1, 2), eta, gamma)
    if descent["section"] == "7.5":
        return scaled(bowl(0.1, 2), eta, lambda s, g: s + g**2)
    return scaled(bowl(0.1, 2), eta, lambda s, g: gamma * s + (1 - gamma) * g**2)


def end_point(descent):
    """The line that the book prints at the end of a descent."""
    if ", x: " in descent["published"]:
        path = d2l.descent.descend_1d(lambda x: 2 * x, descent["eta"])
        return f"epoch {len(path) - 1}, x: {path[-1]!r}"
    path = d2l.descent.descend_2d(stepper(descent))
    x1, x2 = path[-1]
    return f"epoch {len(path) - 1}, x1 {x1:f}, x2 {x2:f}"


descents = published["descents"]
(random_one,) = [descent for descent in descents if "random" in descent["what"]]
exact = [descent for descent in descents if descent is not random_one]
assert all(end_point(descent) == descent["published"] for descent in exact)
print(f"{len(exact)} of {len(exact)} descents end at the published digits")

# %%
# The remaining one is stochastic gradient descent. Its end is random, so it gets the thousand
# seeds too.

ends = []
for seed in SEEDS:
    np.random.seed(seed)
    ends.append(d2l.descent.descend_2d(stepper(random_one))[-1])
ends = np.array(ends)  # (S, 2)
words = random_one["published"].replace(",", "").split()
printed = np.array([float(words[3]), float(words[5])])


def farness(points):
    """Squared distance from the seeds' mean, in their own standard deviations."""
    away = points - ends.mean(axis=0)
    return (away @ np.linalg.inv(np.cov(ends.T)) * away).sum(axis=-1)


farther = 100 * (farness(ends) >= farness(printed)).mean()
print(f"{farther:.0f} % of the seeds end farther from the middle than the printed point")

fig, ax = d2l.plt.subplots(figsize=(5.4, 4), layout="constrained")
ax.plot(*ends.T, ".", color=plotting.COLORS[0], alpha=0.35, markeredgewidth=0, label="seeds")
ax.plot(0, 0, "+", color="black", markersize=12, label="minimum")
ax.plot(*printed, "o", color=plotting.COLORS[1], markeredgecolor="white", label="published")
ax.set(xlabel="x1", ylabel="x2", aspect="equal")
ax.legend()
fig.alt = (
    "The ends of a thousand noisy descents form a cloud whose middle lies below and to the left of "
    "the minimum; the published point lies well inside the cloud."
)
d2l.plt.show()

# %%
# The printed point is an ordinary member of the cloud. The cloud is not centred on the minimum:
# the book's code draws the noise with mean 0.1 where the standard deviation was probably meant.
#
# All rows
# --------
#
# The percentile is the share of seeds that end at the published loss or below. The last column
# says whether the number lies within the range of the seeds.


class Table:
    """Groups of rows as HTML; narrower than its width, a page lets it scroll within itself."""

    def __init__(self, caption, width, head, groups):
        self.caption, self.width, self.head, self.groups = caption, width, head, groups

    def _repr_html_(self):
        name, left = self.caption.lower().replace(" ", "-"), 'style="text-align: left"'
        head = "".join(f'<th scope="col">{text}</th>' for text in self.head)
        body = ""
        for group, rows in self.groups.items():
            title = f'<th scope="rowgroup" colspan="{len(self.head)}" {left}>{group}</th>'
            body += f"<tbody><tr>{title}</tr>"
            for first, *rest in rows:
                cells = "".join(f"<td>{text}</td>" for text in rest)
                body += f'<tr><th scope="row" {left}>{first}</th>{cells}</tr>'
            body += "</tbody>"
        return (
            f'<div class="pst-scrollable-table-container" tabindex="0" role="region" '
            f'aria-labelledby="{name}">'
            f'<table class="table" style="min-width: {self.width}; table-layout: auto">'
            f'<caption id="{name}" {left}>{self.caption}</caption>'
            f"<thead><tr>{head}</tr></thead>{body}</table></div>"
        )


def by_section(entries, row):
    """Rows in groups; the article's experiments are those of section 7.3."""
    groups = {}
    for entry in entries:
        section = entry["section"] if entry["section"].startswith("7") else "7.3"
        groups.setdefault(section, []).append(row(entry))
    return groups


def loss_row(run):
    low, left, middle, right, high = np.quantile(losses[experiment(run)], [0, 0.025, 0.5, 0.975, 1])
    return (
        experiment(run),
        run["num_epochs"],
        SOURCES[run["source"]],
        f"{run['published_loss']:.6f}",
        f"{middle:.6f}",
        f"{left:.6f}\u00a0–\u00a0{right:.6f}",
        f"{low:.6f}\u00a0–\u00a0{high:.6f}",
        f"{percentile(run):.1f}",
        "yes" if inside(run) else "no",
    )


loss_table = Table(
    "Final losses",
    "60rem",
    (
        "experiment",
        "epochs",
        "source",
        "published",
        "median",
        "95 %",
        "all seeds",
        "percentile",
        "inside",
    ),
    by_section(sorted(runs, key=lambda run: run["source"] != "article"), loss_row),
)
print(f"least possible loss of each: {optimum:.6f}")
loss_table


# %%
# And the descents. For the random one, the computed column is the middle of the cloud, and the
# last column is the share of seeds that end farther from it.


def method(descent):
    if descent["section"] == "7.2":
        return "SGD" if descent is random_one else "GD"
    return {"7.4": "momentum" if "gamma" in descent else "GD", "7.5": "AdaGrad", "7.6": "RMSProp"}[
        descent["section"]
    ]


def descent_row(descent):
    gamma = f", gamma {descent['gamma']:g}" if "gamma" in descent else ""
    setting = f"{method(descent)}, eta {descent['eta']:g}{gamma}"
    if descent is random_one:
        x1, x2 = np.median(ends, axis=0)
        middle = f"epoch 20, x1 {x1:f}, x2 {x2:f}"
        return setting, descent["published"], middle, f"{farther:.0f} %"
    agreement = "equal" if end_point(descent) == descent["published"] else "different"
    return setting, descent["published"], end_point(descent), agreement


descent_table = Table(
    "Ends of descents",
    "44rem",
    ("setting", "published", "computed", "agreement"),
    by_section(descents, descent_row),
)
descent_table

# %%
# Seconds an epoch
# ----------------
#
# The sources also print how long an epoch took, on machines that we do not know. Ratios can be
# compared: the time of batches of one, ten and all samples, each divided by the time of batches
# of ten. The article says that minibatches lie between the two others. Our fast core changes
# what a step costs, so the textbook loop is timed as well, on this machine.


def textbook_loop(batch_size, lr):
    """Seconds of one epoch as textbooks write it: a loader, a graph, a loss every 100 samples."""
    loader = DataLoader(TensorDataset(features, labels), batch_size, shuffle=True)
    w = torch.normal(0, 0.01, (features.shape[1], 1), requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    begin = time.perf_counter()
    for i, (X, y) in enumerate(loader, 1):
        d2l.squared_loss(d2l.linreg(X, w, b), y).mean().backward()
        optimizers.sgd([w, b], None, {"lr": lr})
        w.grad = b.grad = None
        if i * batch_size % 100 == 0:
            d2l.squared_loss(d2l.linreg(features, w, b), labels).mean().item()
    return time.perf_counter() - begin


timed = {run["batch_size"]: run for run in runs if run["section"] in ("3.1", "3.2", "3.3")}
sizes = sorted(timed)
seconds = {}  # who: seconds an epoch for each batch size
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
            seconds[f"{SOURCES[source]}, {function}"] = [found[size] for size in sizes]
textbook = [textbook_loop(size, timed[size]["hyperparams"]["lr"]) for size in sizes]
ours = [min(train(timed[size], 0).seconds_per_epoch for _ in range(3)) for size in sizes]
seconds |= {"here, textbook loop": textbook, "here, d2l.fit": ours}

fig, ax = d2l.plt.subplots(figsize=(6.4, 3.8), layout="constrained")
middle = sizes.index(10)
for (who, times), style in zip(seconds.items(), ("^:", "v:", "o:", "s:", "D-", "*-")):
    ax.plot(sizes, np.divide(times, times[middle]), style, label=who)
ax.axhline(1, color="0.5", linewidth=1)
ax.set(xscale="log", yscale="log", xlabel="batch size", ylabel="time relative to batch 10")
ax.set_xticks(sizes, sizes)
ax.legend(fontsize="small")
fig.alt = (
    "Time of an epoch against batch size, relative to batches of ten samples: published and "
    "measured curves all fall from left to right, so that a minibatch lies between one sample and "
    "all."
)
d2l.plt.show()

print("time of an epoch, as ratios")
for who, (one, ten, full) in seconds.items():
    verdict = "between" if one > ten > full else "not between"
    print(
        f"{who:26} batch 1 / 10: {one / ten:4.1f}   batch 10 / 1500: {ten / full:4.1f}   {verdict}"
    )

# %%
# Where a row ends with "between", the claim holds: for the published times, and for both kinds of
# loop as they ran here. How far apart the three lie depends on the loop: it is the price of a step
# against the price of a sample. Small batches make many steps and pay for each.
#
# What to take away
# -----------------
#
# - A printed loss without a seed is one draw. Compare it with the spread, not with another draw.
# - The published numbers of this chapter are such as its experiments give, with one exception that
#   we can name and cannot explain for sure.
# - Before you believe that a method is better, turn the cheapest knob: the seed.
