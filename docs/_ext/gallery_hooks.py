"""Runs inside sphinx-gallery's workers: a clean, strict start for each example, and its figures."""

import json
import random
import re
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy
import torch
from PIL import Image
from sphinx_gallery.scrapers import matplotlib_scraper

SCALE = 2  # pixels stored for each pixel shown, for sharp screens and print

STYLE = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.use": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.dpi": 100 * SCALE,
}


def reset(gallery_conf, fname, when):
    """Before an example: same seeds, one thread, one style; a warning is an error."""
    warnings.resetwarnings()
    if when == "before":
        warnings.simplefilter("error")
        random.seed(0)
        numpy.random.seed(0)
        torch.manual_seed(0)
        torch.set_num_threads(1)
        from d2l_ch7.plotting import COLORS

        plt.rcParams.update(STYLE, **{"axes.prop_cycle": plt.cycler(color=COLORS)})


def scrape(block, block_vars, gallery_conf):
    """Save the block's figures; each must carry its message in words, as ``fig.alt``."""
    figures = [plt.figure(number) for number in plt.get_fignums()]
    for fig in figures:
        fig.alt = " ".join(getattr(fig, "alt", "").split())
        if len(fig.alt) < 15:
            raise ValueError("a figure has no alternative text: set fig.alt to what it shows")
    todo = iter(figures)
    # The scraper closes the figures, so their curves are saved before it runs.
    paths = block_vars["image_path_iterator"]
    for number, fig in enumerate(figures, len(paths) + 1):
        Path(paths.image_path.format(number)).with_suffix(".json").write_text(
            json.dumps(drawn(fig))
        )
    rst = matplotlib_scraper(block, block_vars, gallery_conf)

    def image_directive(match):
        margin, path, fig = match["margin"], match["path"], next(todo)
        shrink(f"{gallery_conf['src_dir']}{path}")
        options = f":alt: {fig.alt}", f":width: {round(100 * fig.get_size_inches()[0])}px"
        classes = "dark-light timed" if timed(fig) else "dark-light"
        lines = [f".. image:: {path}", *(f"   {o}" for o in options), f"   :class: {classes}", ""]
        return "".join(f"{margin}{line}\n" for line in lines)

    # An image of docutils, unlike sphinx-gallery's own, has its alt text translated.
    return re.sub(
        r"(?P<margin> *)\.\. image-sg:: (?P<path>\S+)\n(?:(?P=margin) +:.*\n?)+",
        image_directive,
        rst,
    )


def drawn(fig):
    """The curves of a figure, in figures: what the tests hold the pages to."""
    return [
        {
            "xlabel": ax.get_xlabel(),
            "ylabel": ax.get_ylabel(),
            "lines": [
                [list(map(float, values)) for values in line.get_data()] for line in ax.lines
            ],
        }
        for ax in fig.axes
    ]


def timed(fig):
    """Whether a figure shows times: then no two builds draw the same."""
    labels = [label for ax in fig.axes for label in (ax.get_xlabel(), ax.get_ylabel())]
    return any(re.search(r"seconds?\b|\btime\b", label) for label in labels)


def shrink(path):
    """Store a plot with 256 colours: no eye sees it, and the file is a third of the size."""
    with Image.open(path) as image:
        few = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
