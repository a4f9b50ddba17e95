"""An animation on a page: its pictures, and the words that the prose gives it."""

import base64
import io
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from helpers import build_page

ROOT = Path(__file__).resolve().parents[1]
motion = pytest.importorskip("motion", reason="pip install -e .[dev]")
Image = pytest.importorskip("PIL.Image")


def pictures(data):
    """The frames of a picture in a page, as numbers."""
    image = Image.open(io.BytesIO(base64.b64decode(data.partition("base64,")[2])))
    for step in range(image.n_frames):
        image.seek(step)
        yield np.asarray(image.convert("RGB")).astype(int)


@pytest.fixture(scope="module")
def moving():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(3, 2))
    paths = {"long": [(0, 0), (1, 1), (2, 0), (3, 1)], "short": [(0, 1), (1, 0)]}
    for name, path in paths.items():
        ax.plot(*zip(*path), label=name)
    ax.set(xlim=(-1, 4), ylim=(-1, 2))
    plt.close(fig)
    return motion.Motion(fig, paths)


def test_a_picture_for_each_step_and_the_last_as_a_still(moving):
    frames = list(pictures(moving.moving))
    (still,) = pictures(moving.still)
    assert len(frames) == 4
    assert all(np.abs(a - b).mean() > 0.1 for a, b in itertools.pairwise(frames))
    assert np.abs(still - frames[-1]).mean() < 1
    assert frames[0].shape[:2] == (moving.height, moving.width) == (200, 300)


def test_the_prose_gives_it_its_words(moving, tmp_path):
    html = moving._repr_html_()
    raw, words = f".. raw:: html\n\n    {html}\n\n", ".. alt::\n\n   A <path> & a star.\n"
    status, said, _ = build_page(tmp_path, raw + words, ["figures"])
    assert status == 0, said
    page = (tmp_path / "out/index.html").read_text("utf-8")
    assert 'alt="A &lt;path&gt; &amp; a star."' in page and "<summary>Animation</summary>" in page
    assert re.search(r'<source media="\(prefers-reduced-motion: reduce\)" srcset="data:', page)
    status, said, _ = build_page(tmp_path, raw, ["figures"])
    assert status and "without an alt text: animation" in said
