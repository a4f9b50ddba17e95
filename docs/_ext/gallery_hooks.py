"""Runs inside sphinx-gallery's workers: a clean, strict start for each example; what it leaves.

It leaves its figures, as SVG with text as text and as PNG for print, their curves in figures, the
values that its prose asks for, and the seconds that it ran.
"""

import json
import random
import re
import time
import warnings
from contextlib import suppress
from pathlib import Path

import matplotlib.pyplot as plt
import numpy
import torch
from matplotlib.colors import to_hex
from PIL import Image

CALC = re.compile(r":calc:`([^`]+)`|^#? *\.\. computed:: (.+)$", re.M)

STYLE = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "figure.constrained_layout.use": True,
    "figure.figsize": (6, 3.4),
    "font.family": "sans-serif",
    "grid.alpha": 0.3,
    "legend.fontsize": "medium",
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.dpi": 200,  # two pixels for each pixel shown
    "svg.fonttype": "none",  # text stays text, for the reader's own fonts and for translators
    "svg.hashsalt": "d2l_ch7",
}
started = [time.perf_counter()]  # when the example of this worker began
POINTS = 3000  # more than so many in an axes are drawn as pixels


def reset(gallery_conf, fname, when):
    """Before an example: none of its old figures; same seeds, one thread, one style; a warning is
    an error."""
    warnings.resetwarnings()
    if when == "before":
        if fname:
            folder = Path(gallery_conf["src_dir"], "auto_examples", "images")
            for old in folder.glob(f"sphx_glr_{Path(fname).stem}_*"):
                old.unlink()
        warnings.simplefilter("error")
        random.seed(0)
        numpy.random.seed(0)
        torch.manual_seed(0)
        torch.set_num_threads(1)
        from d2l_ch7.plotting import COLORS

        plt.rcParams.update(STYLE, **{"axes.prop_cycle": plt.cycler(color=COLORS)})
        started[:] = [time.perf_counter()]


def scrape(block, block_vars, gallery_conf):
    """Save the block's figures and values, and show the figures."""
    shown = []
    for fig in map(plt.figure, plt.get_fignums()):
        path = Path(next(block_vars["image_path_iterator"]))
        path.with_suffix(".json").write_text(json.dumps(drawn(fig)))
        few_points(fig)
        fig.savefig(path.with_suffix(".svg"), metadata={"Date": None})
        fig.savefig(path)
        shrink(path)
        timed = " timed" if shows_times(fig) else ""
        shown += [
            f".. image:: /{path.parent.parent.name}/images/{path.stem}.*",
            "   :alt:",
            f"   :width: {round(100 * fig.get_size_inches()[0])}px",
            f"   :class: dark-light{timed}",
            "",
        ]
    plt.close("all")
    save_values(block_vars)
    return "\n".join(shown) + "\n\n" if shown else ""


def save_values(block_vars):
    """What the prose asks for, as far as it is known by now; at the end of the script, all."""
    text = Path(block_vars["src_file"]).read_text(encoding="utf-8")
    values = {"seconds it ran": f"{time.perf_counter() - started[0]:.2f}"}
    for role, table in CALC.findall(text):
        with suppress(Exception):  # not known yet, or wrong: then the page says so
            expression, _, form = role.partition("|")
            value = eval(expression or table, block_vars["example_globals"])
            values[role or table] = (
                format(value, form) if role else [list(map(str, r)) for r in value]
            )
    target = Path(block_vars["target_file"]).with_suffix(".values.json")
    target.write_text(json.dumps(values), encoding="utf-8")


def drawn(fig):
    """The curves of a figure, in figures: what the tests hold the pages to."""
    return [
        {
            "xlabel": ax.get_xlabel(),
            "ylabel": ax.get_ylabel(),
            "scales": [ax.get_xscale(), ax.get_yscale()],
            "limits": [*ax.get_xlim(), *ax.get_ylim()],
            "colors": [to_hex(line.get_color()) for line in ax.lines],
            "lines": [in_data(line, ax) for line in ax.lines],
        }
        for ax in fig.axes
    ]


def in_data(line, ax):
    """The x and the y of a curve, also of one that was drawn across the axes' width or height."""
    points = numpy.column_stack(line.get_data(orig=False))
    return (line.get_transform() - ax.transData).transform(points).T.tolist()


def few_points(fig):
    """Draw what has thousands of points as pixels inside the SVG."""
    for ax in fig.axes:
        artists = [*ax.lines, *ax.collections]
        sizes = [sum(len(p.vertices) for p in paths(artist)) for artist in artists]
        if sum(sizes) > POINTS:
            for artist, size in zip(artists, sizes):
                artist.set_rasterized(size > POINTS or artist.get_alpha() is not None)


def paths(artist):
    return artist.get_paths() if hasattr(artist, "get_paths") else [artist.get_path()]


def shows_times(fig):
    """Whether a figure shows times: then no two builds draw the same."""
    labels = [label for ax in fig.axes for label in (ax.get_xlabel(), ax.get_ylabel())]
    return any(re.search(r"seconds?\b|\btime\b", label) for label in labels)


def shrink(path):
    """Store a plot with 256 colours: no eye sees it, and the file is a third of the size.

    (sphinx-gallery's ``compress_images`` calls optipng, a program that pip does not install.)
    """
    with Image.open(path) as image:
        few = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
