"""Still figures of the playground: without script, on paper, and in notebooks."""

import hashlib
import os
from pathlib import Path

from figures import in_language
from playground_data import BOWLS, METHODS, fingerprint, parse
from sphinx.locale import _

FIGURES = Path(__file__).resolve().parents[1] / "auto_playground"


def still(state: str, panel: str) -> Path:
    """The figure of a state as SVG, with a PNG beside it, drawn by the package; made once."""
    known = f"{state} {panel} {fingerprint()}".encode() + Path(__file__).read_bytes()
    path = FIGURES / f"{panel}_{hashlib.sha256(known).hexdigest()[:16]}.svg"
    if not path.exists():
        import gallery_hooks
        import matplotlib.pyplot as plt

        FIGURES.mkdir(exist_ok=True)
        with plt.rc_context(gallery_hooks.STYLE):
            ax = plt.figure(figsize=(6, 3.4)).gca()
            (draw_descents if panel == "bowl" else draw_losses)(parse(state), ax)
            unfinished = FIGURES / f"{path.stem}.{os.getpid()}"  # others may draw it, too
            png, svg = f"{unfinished}.png", f"{unfinished}.svg"
            plt.savefig(png)
            plt.savefig(svg, metadata={"Date": None})
            plt.close()
        gallery_hooks.shrink(png)
        Path(png).replace(path.with_suffix(".png"))
        Path(svg).replace(path)
    return path


def draw_descents(curves: list[dict], ax) -> None:
    from d2l_ch7 import plotting

    c1, c2 = BOWLS[curves[0]["bowl"]]
    paths = {named(settings): descent(settings) for settings in curves}
    window = -5.6, 2, -3, 2
    plotting.plot_paths(paths, lambda x1, x2: (c1 * x1**2 + c2 * x2**2) / 2, ax, window=window)
    if len(paths) == 1:
        ax.set_title(*paths)


def descent(settings: dict) -> list[list[float]]:
    """The points of a descent in the bowl, by the package's rule or torch's."""
    import torch

    from d2l_ch7 import optimizers

    method, curvatures = METHODS[settings["method"]], torch.tensor(BOWLS[settings["bowl"]])
    values = method.hyperparams(settings)
    x = torch.tensor([settings["x1"], settings["x2"]], dtype=torch.float64)
    if method.torch:
        step = getattr(torch.optim, method.python)([x], **values).step
    else:
        rule = getattr(optimizers, method.python)
        init = optimizers.RULES[rule]
        states = init and init([x])

        def step():
            rule([x], states, values)

    path = [x.tolist()]
    for _step in range(settings["steps"]):
        x.grad = curvatures * x
        step()
        path.append(x.tolist())
    return path


def draw_losses(curves: list[dict], ax) -> None:
    import torch

    import d2l_ch7 as d2l

    histories = {}
    for settings in curves:
        method = METHODS[settings["method"]]
        data = *d2l.get_data_ch7(), settings["batch"], settings["epochs"]
        if method.torch:
            fit, rule = d2l.fit_torch, [getattr(torch.optim, method.python)]
        else:
            found = getattr(d2l.optimizers, method.python)
            fit, rule = d2l.fit, [found, d2l.optimizers.RULES[found]]
        histories[named(settings)] = fit(
            *rule, method.hyperparams(settings), *data, seed=range(100)
        )
    d2l.plotting.plot_histories(histories, ax).set_ylim(0.2, 0.6)


def named(settings: dict, words: dict[str, str] | None = None, comma: str = ", ") -> str:
    """A curve's method and what it reads, as Python calls it, or in words."""
    method = METHODS[settings["method"]]
    called = method.reads if words is None else {name: name for name in method.reads} | words
    values = [f"{called[name]} {settings[name]:g}" for name in method.reads]
    return comma.join([method.python, *values])


def still_in(language: str, state: str, panel: str) -> Path:
    """The figure with its words in a language."""
    words = {
        "epoch": _("epoch"),
        "loss": _("loss"),
        "least possible": _("least possible loss"),
    }
    return in_language(language, still(state, panel), words)


def still_words(state: str, panel: str) -> str:
    """What the figure shows, for those who cannot see it."""
    text = (
        _("Descent in a bowl: %s.")
        if panel == "bowl"
        else _("Losses on the airfoil data, the median and 95 %% of a hundred seeds: %s.")
    )
    words = {"lr": _("Learning rate").lower(), "momentum": _("Momentum").lower()}
    return text % "; ".join(named(settings, words, _(", ")) for settings in parse(state))
