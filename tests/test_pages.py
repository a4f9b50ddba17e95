"""What a page of the gallery looks like: the lesson in sight, the rest folded, clear figures."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

pytest.importorskip("sphinx_gallery", reason="pip install -e .[dev]")
from gallery_hooks import drawn
from lessons import lesson_share, visible_code

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = sorted((ROOT / "examples").glob("plot_*.py"))
IMAGES = ROOT / "docs" / "auto_examples" / "images"
each_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)


@each_script
def test_visible_code_is_the_lesson(script):
    lesson, visible = lesson_share(visible_code(script))
    assert lesson >= 0.85 * visible, f"{lesson} of {visible} lines"


@each_script
def test_visible_code_is_narrow_and_short(script):
    lines = [line for block in visible_code(script) for line in block.splitlines()]
    assert max(map(len, lines)) <= 76
    assert len(lines) * 21 < 9 * 844  # pixels: a line, and a phone


@each_script
def test_no_test_bench_is_in_sight(script):
    code = "\n".join(visible_code(script))
    assert not re.search(r"\bjson\b|\bassert\b|\bfiles\(|\.alt\b|\bpublished\b", code)


@each_script
def test_a_page_ends_with_what_to_take_away_questions_and_exercises(script):
    text = script.read_text(encoding="utf-8")
    assert len(re.findall(r"^# \.\. check:: ", text, re.M)) >= (0 if "record" in script.stem else 3)
    headings = re.findall(r"^# (.+)\n# -{3,}$", text, re.M)
    if "record" not in script.stem:
        assert headings[-3:] in (
            ["What to take away", "Check yourself", "Exercises"],
            ["What to take away", "Check yourself", "Exercise"],
        )


def test_the_measure_sees_what_it_should():
    code = """import json
import torch
from d2l_ch7 import plotting

runs = [1, 2]
for run in runs:
    print(run)
ax = plotting.plot_histories(runs)
ax.set(
    ylim=(0, 1),
)
d2l.train_ch7(rule, None, {}, *data, ax=ax)
"""
    assert lesson_share([code]) == (5, 11)


def test_a_line_across_the_axes_is_a_curve_like_the_others():
    """The thumbnails and the gate draw and read a level where the figure has it."""
    _, ax = plt.subplots()
    ax.semilogy([1, 3], [0.1, 10])
    ax.axhline(0.5)
    curve, level = drawn(ax.figure)[0]["lines"]
    assert curve == [[1, 3], [0.1, 10]]
    assert level == [pytest.approx(ax.get_xlim()), pytest.approx([0.5, 0.5])]


@each_script
def test_figures_can_be_read_on_a_phone(site, script):
    """Six inches, 358 pixels there: text of at least 8 pixels, four panels at most."""
    for path in sorted(IMAGES.glob(f"sphx_glr_{script.stem}_*.svg")):
        svg = path.read_text(encoding="utf-8")
        width = float(re.search(r'<svg [^>]*width="([\d.]+)pt"', svg)[1])
        sizes = [float(size) for size in re.findall(r"font: ([\d.]+)px", svg)]
        assert width <= 432.1, path.name
        assert not sizes or min(sizes) * 358 / width >= 8, path.name
        assert len(re.findall(r'<g id="axes_\d+">', svg)) <= 4, path.name


@each_script
def test_words_in_figures_can_be_translated(site, script):
    """None is set as mathematics, which falls into pieces, or over several lines."""
    for path in sorted(IMAGES.glob(f"sphx_glr_{script.stem}_*.svg")):
        svg = path.read_text(encoding="utf-8")
        assert not re.search(r"<tspan[^>]*>[^<]*[A-Za-z]{3}", svg), path.name
