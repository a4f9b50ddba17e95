"""A page's script runs as a program: a figure is shown before the next cell draws."""

import json
from types import SimpleNamespace

import pytest

downloads = pytest.importorskip("downloads", reason="the site's tools are not installed")
exercises = pytest.importorskip("exercises", reason="the site's tools are not installed")
nodes = pytest.importorskip("docutils.nodes")
new_document = pytest.importorskip("docutils.utils").new_document


def code(source):
    return nodes.literal_block(source, source, language="Python")


def test_a_script_shows_each_figure_where_it_is_drawn(tmp_path):
    document = new_document("page")
    document += nodes.section(
        "",
        nodes.title("", "A page"),
        code("x = 1"),
        nodes.raw("", "", format="html"),
        code("d2l.plt.plot([x, 2])"),
        nodes.image(uri="figure.svg"),
        nodes.literal_block("printed", "printed"),
        nodes.paragraph("", "Reading."),
        code("d2l.plt.semilogy([x, 2])"),
        nodes.image(uri="figure.svg"),
        code("y = 2"),
    )
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=tmp_path)
    downloads.write_downloads(app, document, "auto_examples/plot_page")
    script = (tmp_path / "auto_examples/plot_page.py").read_text("utf-8")
    cells = [cell for cell in script.split("# %%\n") if "x" in cell or "y" in cell]
    shows = [cell.count("d2l.plt.show()") for cell in cells]
    assert shows == [0, 1, 1, 0], script
    notebook = (tmp_path / "auto_examples/plot_page.ipynb").read_text("utf-8")
    assert "show()" not in notebook


def test_an_answer_is_folded_in_a_notebook_and_plain_in_a_script(tmp_path):
    document = new_document("page")
    question = exercises.summary("", "How many?")
    check = exercises.folded("", question, nodes.paragraph("", "Two."), classes=["check"])
    document += nodes.section("", nodes.title("", "A page"), code("x = 1"), check)
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=tmp_path)
    downloads.write_downloads(app, document, "auto_examples/plot_page")
    notebook = json.loads((tmp_path / "auto_examples/plot_page.ipynb").read_text("utf-8"))
    folded = "".join(notebook["cells"][-1]["source"])
    assert folded == "**How many?**\n\n<details><summary>Answer</summary>\n\nTwo.\n\n</details>"
    script = (tmp_path / "auto_examples/plot_page.py").read_text("utf-8")
    assert script.endswith("# **How many?**\n#\n# Two.\n")
