"""Each page of the gallery as a notebook and as a script, with its text in the page's language.

Both are made of the page itself, when it is written: what is folded is unfolded, but for answers in
a notebook; what was computed is a number; figures and outputs are left for the reader's own run.
"""

import ast
import base64
import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.locale import _

GALLERY = "auto_examples"
SHOW = "\n\nd2l.plt.show()\nd2l.plt.close()"  # else the next cell of a script draws over it


class Markdown(nodes.GenericNodeVisitor):
    """The text and the code of a page, as cells."""

    def __init__(self, document):
        super().__init__(document)
        self.cells, self.text, self.lists, self.level = [], [], [], 0
        self.drawing = set()  # the numbers of the cells that draw a figure
        self.attached = {}  # figures that no code of the page draws

    # --- cells

    def add(self, kind, source):
        if source.strip():
            self.cells.append((kind, source.strip()))

    def end_text(self):
        self.add("markdown", re.sub(r"\n{3,}", "\n\n", "".join(self.text)))
        self.text = []

    def visit_literal_block(self, node):
        if node.get("language", node.get("lang")) == "Python":
            self.end_text()
            self.add("code", node.astext())
        raise nodes.SkipNode  # an output

    visit_code_links_block = visit_literal_block  # what sphinx-gallery makes of it

    # --- text

    def visit_Text(self, node):
        self.text.append(node.astext().replace("\n", " "))

    def visit_section(self, node):
        self.level += 1

    def depart_section(self, node):
        self.level -= 1

    def visit_title(self, node):
        self.text.append(
            "**" if isinstance(node.parent, nodes.Admonition) else "#" * self.level + " "
        )

    def depart_title(self, node):
        self.text.append("**\n\n" if isinstance(node.parent, nodes.Admonition) else "\n\n")

    def visit_paragraph(self, node):
        self.default_visit(node)

    def depart_paragraph(self, node):
        self.text.append("\n" if self.lists else "\n\n")

    def visit_list_item(self, node):
        number = node.parent.index(node) + 1
        bullet = f"{number}. " if isinstance(node.parent, nodes.enumerated_list) else "- "
        self.text.append("  " * (len(self.lists) - 1) + bullet)

    def visit_bullet_list(self, node):
        self.default_visit(node)
        self.lists.append(node)

    def depart_bullet_list(self, node):
        self.lists.pop()
        self.text.append("" if self.lists else "\n")

    visit_enumerated_list, depart_enumerated_list = visit_bullet_list, depart_bullet_list

    def visit_table(self, node):
        rows = [[cell.astext() for cell in row] for row in node.findall(nodes.row)]
        rows.insert(1, ["---"] * len(rows[0]))
        self.text.append("".join(f"| {' | '.join(row)} |\n" for row in rows) + "\n")
        raise nodes.SkipNode

    def visit_math(self, node):
        self.text.append(f"${node.astext()}$")
        raise nodes.SkipNode

    def visit_math_block(self, node):
        self.text.append(f"{displayed(node)}\n\n")
        raise nodes.SkipNode

    def visit_literal(self, node):
        self.text.append(f"`{node.astext()}`")
        raise nodes.SkipNode

    def visit_reference(self, node):
        self.text.append("[" if "://" in node.get("refuri", "") else "")

    def depart_reference(self, node):
        self.text.append(f"]({node['refuri']})" if "://" in node.get("refuri", "") else "")

    def visit_emphasis(self, node):
        self.text.append("*")

    def visit_strong(self, node):
        self.text.append("**")

    depart_emphasis, depart_strong = visit_emphasis, visit_strong

    def visit_summary(self, node):
        if "plotting" in node.parent["classes"]:
            raise nodes.SkipNode
        self.text.append("**")

    def depart_summary(self, node):
        self.text.append("**\n\n")
        if "check" in node.parent["classes"]:
            self.text.append(f"<details><summary>{_('Answer')}</summary>\n\n")

    def depart_folded(self, node):
        if "check" in node["classes"]:
            self.text.append("</details>\n\n")

    def visit_folded(self, node):
        self.default_visit(node)

    def visit_image(self, node):
        if "attached" in node:
            path = Path(node["attached"])
            self.attached[path.name] = {"image/png": base64.b64encode(path.read_bytes()).decode()}
            self.text.append(f"![{node['alt']}](attachment:{path.name})\n\n")
        else:
            self.drawing.add(len(self.cells) - 1)
        raise nodes.SkipNode

    def visit_raw(self, node):
        raise nodes.SkipNode

    visit_comment = visit_raw

    def visit_only(self, node):
        if "html" in node["expr"]:  # links to these very files
            raise nodes.SkipNode

    def default_visit(self, node):
        if {"provenance", "page-links"} & set(node.get("classes", [])):
            raise nodes.SkipNode

    def default_departure(self, node):
        pass


def displayed(formula):
    """A formula on lines of its own in Markdown; lines that belong together are marked as such."""
    text = formula.astext()
    if "&" in text or r"\\" in text:
        text = rf"\begin{{aligned}}{text}\end{{aligned}}"
    return f"$$\n{text}\n$$"


def quiet(code):
    """Code whose last value is not shown below the cell."""
    return code + ";" if isinstance(ast.parse(code).body[-1], ast.Expr) else code


def comment(text):
    """Markdown as a script's comment: with the answers in sight, and without figures."""
    text = re.sub(r"(?m)^</?details>.*\n*|\s*!\[.*\]\(attachment:.*\)", "", text).strip()
    return re.sub("(?m)^(?=.)", "# ", text).replace("\n\n", "\n#\n")


def write_downloads(app, doctree, docname):
    if app.builder.format != "html" or not docname.startswith(f"{GALLERY}/plot_"):
        return
    visitor = Markdown(doctree)
    doctree.walkabout(visitor)
    visitor.end_text()
    (_kind, head), *rest = visitor.cells
    needs = _(
        "This needs the package `d2l_ch7`. If it is missing, get its file from the page Install of "
        "this site, and run `%pip install` with the file's name in a cell."
    )
    notebook = [("markdown", head), ("markdown", needs), *rest]
    cells = []
    for i, (kind, source) in enumerate(notebook):
        source = quiet(source) if kind == "code" else source
        cell = {"cell_type": kind, "id": f"cell-{i}", "metadata": {}}
        cell |= {"execution_count": None, "outputs": []} if kind == "code" else {}
        figures = [name for name in visitor.attached if f"(attachment:{name})" in source]
        if figures:
            cell["attachments"] = {name: visitor.attached[name] for name in figures}
        cells.append({**cell, "source": source.splitlines(keepends=True)})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {
        "cells": cells,
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    script = [source if kind == "code" else comment(source) for kind, source in visitor.cells]
    marks = {"code": "# %%", "markdown": "# %% [markdown]"}
    parts = [
        f"{marks[kind]}\n{part}{SHOW if i in visitor.drawing else ''}\n"
        for i, ((kind, _source), part) in enumerate(zip(visitor.cells, script))
    ]
    target = Path(app.outdir, docname)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.with_suffix(".ipynb").write_text(
        json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    target.with_suffix(".py").write_text("\n".join(parts), encoding="utf-8")


def setup(app):
    app.connect("doctree-resolved", write_downloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
