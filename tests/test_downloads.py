"""A page's script runs as a program: a figure is shown before the next cell draws."""

import json

import pytest
from helpers import build_page

pytest.importorskip("sphinx_markdown_builder", reason="the site's tools are not installed")

PAGE = """A page
======

:doc:`a link of the site's own </index>`, `one that leads out <https://example.org>`_

.. code-block:: Python

   x = 1

.. raw:: html

   <b>raw</b>

.. code-block:: Python

   d2l.plt.plot([x, 2])

.. image:: figure.svg

.. code-block:: none

   printed

Reading.
Still the same paragraph.

.. code-block:: Python

   d2l.plt.semilogy([x, 2])

.. image:: figure.svg

.. code-block:: Python

   y = 2

.. check:: How many?

   Two.
"""


@pytest.fixture(scope="module")
def downloads(tmp_path_factory):
    """The notebook's cells and the script of a small page."""
    folder = tmp_path_factory.mktemp("page")
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    files = {"auto_examples/plot_page.rst": PAGE, "auto_examples/figure.svg": svg}
    index = ".. toctree::\n\n   auto_examples/plot_page\n"
    extensions = ["markdown", "downloads", "exercises"]
    status, said, _ = build_page(folder, index, extensions, "-Dmarkdown_flavor=github", files=files)
    assert status == 0, said
    made = folder / "out/auto_examples/plot_page"
    cells = json.loads(made.with_suffix(".ipynb").read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells], made.with_suffix(".py").read_text("utf-8")


def test_a_script_shows_each_figure_where_it_is_drawn(downloads):
    cells, script = downloads
    parts = [part for part in script.split("# %%\n") if "x" in part or "y" in part]
    shows = [part.count("d2l.plt.show()") for part in parts if "A page" not in part]
    assert shows == [0, 1, 1, 0], script
    assert "show()" not in "".join(cells)


def test_outputs_and_what_is_not_text_are_left_out(downloads):
    text = "".join(downloads[0]) + downloads[1]
    assert "printed" not in text and "raw" not in text and "figure.svg" not in text
    assert "[one that leads out](https://example.org)" in text
    assert "index" not in text
    assert "Reading. Still the same paragraph." in text


def test_an_answer_is_folded_in_a_notebook_and_plain_in_a_script(downloads):
    cells, script = downloads
    folded = "**How many?**\n\n<details><summary>Answer</summary>\n\nTwo.\n\n</details>"
    assert cells[-1] == folded
    assert script.endswith("# **How many?**\n#\n# Two.\n")
