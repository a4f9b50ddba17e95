"""The measured speed: runs the benchmarks when the code changed, and shows what they found.

(MyST's substitutions are settings, fixed before Sphinx starts: a new measurement would have every
page read again, and "missed" could not be said in the page's language.)
"""

import json
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import provenance
from docutils import nodes
from matplotlib.ticker import NullFormatter
from sphinx.errors import ExtensionError
from sphinx.locale import _
from sphinx.util import logging

ROOT = Path(__file__).resolve().parents[2]
MADE = ROOT / "docs" / "auto_speed"  # the figures, and what was measured


def measure(app):
    """Run the benchmarks whose code changed since the last build, and draw the curves."""
    MADE.mkdir(exist_ok=True)
    benchmarks, static = ROOT / "benchmarks", ROOT / "docs" / "_static" / "playground"
    if run("run.py", "speed.json", benchmarks / "textbook.py"):
        draw(json.loads((MADE / "speed.json").read_text()))
    run("browser.py", "browser.json", *sorted(static.glob("*.*")))


def run(name, result, *sources):
    """Run a benchmark, unless the last build did with the same code; return whether it ran."""
    script, result = ROOT / "benchmarks" / name, MADE / result

    def bench():
        logging.getLogger(__name__).info("measuring the speed: %s", name)
        result.unlink(missing_ok=True)
        # A row below its floor makes it fail, but says more about a busy machine: it is shown.
        command = [sys.executable, script, "--quick", "--json", result]
        subprocess.run(command, stdout=subprocess.DEVNULL)
        if not result.exists():
            raise ExtensionError(f"{name} failed, and measured nothing")

    mark = result.with_suffix(".fingerprint")
    return provenance.make_anew(mark, bench, Path(__file__), script, *sources)


def draw(measured):
    import gallery_hooks  # here: an unchanged build need not wait for torch

    from d2l_ch7.plotting import COLORS

    ours, loop = COLORS[:2]
    with plt.rc_context(gallery_hooks.STYLE):
        fig, ax = plt.subplots()
        seeds, took = zip(*measured["seeds"], strict=True)
        ax.loglog(seeds, took, "o-", color=ours, label="in one pass")
        alone = [took[0] * S for S in seeds]
        ax.loglog(seeds, alone, "--", color=loop, label="one after the other")
        ax.set(xlabel="number of seeds", ylabel="seconds")
        ax.legend()
        save(fig, "seeds")
        fig, ax = plt.subplots()
        sizes, took, loops = zip(*measured["samples"], strict=True)
        ax.loglog(sizes, took, "o-", color=ours, label="fit")
        timed = [(n, t) for n, t in zip(sizes, loops, strict=True) if t is not None]
        ax.loglog(*zip(*timed, strict=True), "s--", color=loop, label="textbook loop")
        ax.set(xlabel="number of samples n", ylabel="seconds an epoch")
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.legend()
        save(fig, "samples")
        plt.close("all")


def save(fig, name):
    """As SVG for the site, whose words are translated, and as PNG for LaTeX."""
    fig.savefig(MADE / f"{name}.svg")
    fig.savefig(MADE / f"{name}.png")


def speed_role(name, rawtext, text, lineno, inliner, options=None, content=()):
    """``{speed}`fit-10 ratio``` is what was measured; ``{speed}`machine``` is where.

    ``{speed}`play-10 ratio``` was measured in a browser, if there was one.
    ``{speed}`thousand``` is the time of a thousand seeds, as a number of single runs.
    """
    measured = json.loads((MADE / "speed.json").read_text())
    key, _space, column = text.partition(" ")
    if key.startswith("play-"):
        measured["rows"] = json.loads((MADE / "browser.json").read_text())
        if not measured["rows"]:  # there was no browser
            return [nodes.Text("–")], []
    if key == "machine":
        kind, cores, *versions = measured["machine"].split(", ")
        cores = _("%s cores") % cores.split()[0]
        return [nodes.Text(_(", ").join([kind, cores, *versions]))], []
    if key == "thousand":
        took = [seconds for _seeds, seconds in measured["seeds"]]
        return [nodes.Text(f"{took[-1] / took[0]:.0f}")], []
    for row in measured["rows"]:
        if row["key"] == key and column in row:
            figure = f"{row[column]:.3g}" if row[column] < 100 else f"{row[column]:.0f}"
            if column == "floor" and not row["holds"]:
                figure = _("%s (missed when this site was built)") % figure
            return [nodes.Text(figure)], []
    return [], [inliner.reporter.error(f"nothing was measured under {text!r}", line=lineno)]


def setup(app):
    app.connect("builder-inited", measure, priority=100)
    app.add_role("speed", speed_role)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
