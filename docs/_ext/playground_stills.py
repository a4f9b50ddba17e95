"""Still figures of the playground: without script, on paper, and in notebooks."""

import base64
import hashlib
import os
import re
import textwrap
from pathlib import Path

from playground_data import BOWLS, METHODS, fingerprint, parse
from sphinx.locale import _

FIGURES = Path(__file__).resolve().parents[1] / "auto_playground"


def still(state: str, panel: str) -> Path:
    """The figure of a state, drawn by the package; made once."""
    known = hashlib.sha256(
        f"{state} {panel} {fingerprint()}".encode() + Path(__file__).read_bytes()
    )
    path = FIGURES / f"{panel}_{known.hexdigest()[:16]}.png"
    if not path.exists():
        import gallery_hooks
        import matplotlib.pyplot as plt

        from d2l_ch7.plotting import COLORS

        FIGURES.mkdir(exist_ok=True)
        with plt.rc_context({**gallery_hooks.STYLE, "axes.prop_cycle": plt.cycler(color=COLORS)}):
            fig, ax = plt.subplots(figsize=(6, 3.6))
            for settings in parse(state):
                (draw_descent if panel == "bowl" else draw_losses)(settings, ax)
            ax.legend()
            unfinished = path.with_suffix(f".{os.getpid()}.png")  # others may draw it, too
            fig.savefig(unfinished)
            plt.close(fig)
        gallery_hooks.shrink(unfinished)
        unfinished.replace(path)
    return path


def draw_descent(settings: dict, ax) -> None:
    import torch

    from d2l_ch7 import optimizers, plotting

    method, curvatures = METHODS[settings["method"]], torch.tensor(BOWLS[settings["bowl"]])
    values = method.hyperparams(settings)
    x = torch.tensor([settings["x1"], settings["x2"]], dtype=torch.float64)
    if method.torch:
        step = getattr(torch.optim, method.python)([x], **values).step
    else:
        init = getattr(optimizers, f"init_{method.python}_states", None)
        states, rule = init and init([x]), getattr(optimizers, method.python)

        def step():
            rule([x], states, values)

    path = [x.tolist()]
    for _step in range(settings["steps"]):
        x.grad = curvatures * x
        step()
        path.append(x.tolist())
    c1, c2 = curvatures.tolist()
    first = None if ax.lines else (lambda x1, x2: (c1 * x1**2 + c2 * x2**2) / 2)
    plotting.plot_path(path, first, ax, color=None, label=named(settings))
    ax.set(xlim=(-5.6, 2), ylim=(-3, 2))


def draw_losses(settings: dict, ax) -> None:
    import torch

    import d2l_ch7 as d2l

    method = METHODS[settings["method"]]
    data = *d2l.get_data_ch7(), settings["batch"], settings["epochs"]
    if method.torch:
        fit, rule = d2l.fit_torch, [getattr(torch.optim, method.python)]
    else:
        init = getattr(d2l.optimizers, f"init_{method.python}_states", None)
        fit, rule = d2l.fit, [getattr(d2l.optimizers, method.python), init]
    history = fit(*rule, method.hyperparams(settings), *data, seed=range(100))
    d2l.plotting.plot_history(history, ax, label=f"{named(settings)}, 100 seeds")
    ax.set(ylim=(0.2, max(0.6, 1.05 * history.losses[:, 0].mean())))


def named(settings: dict) -> str:
    """A curve's method and what it reads."""
    method = METHODS[settings["method"]]
    values = [f"{key} {settings[name]:g}" for name, key in method.reads.items()]
    return ", ".join([method.python, *values])


def still_words(state: str, panel: str) -> str:
    """What the figure shows, for those who cannot see it."""
    text = _("Descent in a bowl: %s.") if panel == "bowl" else _("Losses on the airfoil data: %s.")
    return text % "; ".join(map(named, parse(state)))


BLOCK = re.compile(
    r"^\.\. playground:: (?P<state>\S+)\n   :show: (?P<panel>\w+).*\n"
    r"\s*\n(?P<task>(?:   .*(?:\n|\Z)|\s*\n)+)",
    re.M,
)


def plain(text: str) -> tuple[str, dict[str, dict]]:
    """Markdown with the task and the figure for each directive; and the figures, as attachments."""
    figures = {}

    def replace(match):
        path = still(match["state"], match["panel"])
        figures[path.name] = {"image/png": base64.b64encode(path.read_bytes()).decode()}
        words = still_words(match["state"], match["panel"])
        task = textwrap.dedent(match["task"]).strip()
        return f"{task}\n\n![{words}](attachment:{path.name})\n"

    return BLOCK.sub(replace, text), figures
