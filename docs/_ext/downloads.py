"""Each page of the gallery as a notebook and as a script, with its text in the page's language.

Both are the page's Markdown, cut at its code: what is folded is unfolded, but for answers in a
notebook; what was computed is a number; figures and outputs are left for the reader's own run.
"""

import ast
import base64
import re
from pathlib import Path

import nbformat.v4 as nb
from docutils import nodes
from markdown import Translator, contexts, markdown
from sphinx.locale import _

GALLERY = "auto_examples"
SHOW = "\n\nd2l.plt.show()\nd2l.plt.close()"  # else the next cell of a script draws over it
CODE = re.compile(r"^```(python(?: draws)?)\n(.*?)\n```$", re.M | re.S)
BLOCKS = "literal_block", "code_links_block"  # the second has links in it
ELSEWHERE = {"provenance", "page-links"}  # classes of what the site alone shows


class Unfolded(Translator):
    """Folds an answer, the one thing that a notebook folds; of links, keeps those that lead out."""

    def visit_reference(self, node):
        if "://" in node.get("refuri", ""):
            super().visit_reference(node)
        else:
            self._push_context(contexts.SubContext())

    def depart_reference(self, node):
        self._pop_context()

    def depart_summary(self, node):
        super().depart_summary(node)
        if "check" in node.parent["classes"]:
            answer = f"<details><summary>{_('Answer')}</summary>"
            self.add(answer, prefix_eol=2, suffix_eol=2)

    def depart_folded(self, node):
        if "check" in node["classes"]:
            self.add("</details>", prefix_eol=2, suffix_eol=2)


def left_out(node):
    """Whether a node is an output, or for the site's own pages."""
    if node.tagname in BLOCKS:
        return node.get("language", node.get("lang")) != "Python"
    return (
        isinstance(node, nodes.target)
        or (node.tagname == "summary" and "plotting" in node.parent["classes"])
        or (isinstance(node, nodes.Element) and bool(ELSEWHERE & set(node["classes"])))
    )


def for_a_run(doctree):
    """The page without what is left out, and the pictures that no code of it draws."""
    page, pictures, code = doctree.deepcopy(), {}, nodes.literal_block()
    for node in list(page.findall(left_out)):
        node.parent.remove(node)
    for node in list(page.findall(nodes.Element)):
        if node.tagname in BLOCKS:
            code = nodes.literal_block("", node.astext(), language="python")
            node.replace_self(code)
        elif isinstance(node, nodes.image) and "attached" in node:
            path = Path(node["attached"])
            pictures[path.name] = {"image/png": base64.b64encode(path.read_bytes()).decode()}
            node["uri"] = f"attachment:{path.name}"
        elif isinstance(node, nodes.image):
            code["language"] = "python draws"
            node.parent.remove(node)
    return page, pictures


def cells(text):
    """The kind and the source of each cell: markdown, python, or python draws."""
    first, *rest = CODE.split(text)
    found = [("markdown", first)]
    for kind, code, after in zip(*[iter(rest)] * 3):
        found += [(kind, code), ("markdown", after)]
    return [(kind, source.strip()) for kind, source in found if source.strip()]


def quiet(code):
    """Code whose last value is not shown below the cell."""
    return code + ";" if isinstance(ast.parse(code).body[-1], ast.Expr) else code


def notebook(found, pictures):
    made = []
    for i, (kind, source) in enumerate(found):
        if kind == "markdown":
            shown = {name: png for name, png in pictures.items() if f":{name})" in source}
            more = {"attachments": shown} if shown else {}
            made.append(nb.new_markdown_cell(source, id=f"cell-{i}", **more))
        else:
            made.append(nb.new_code_cell(quiet(source), id=f"cell-{i}"))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nb.new_notebook(cells=made, metadata={"kernelspec": kernel})


def script(found):
    parts = {
        "markdown": lambda text: f"# %% [markdown]\n{comment(text)}\n",
        "python": lambda code: f"# %%\n{code}\n",
        "python draws": lambda code: f"# %%\n{code}{SHOW}\n",
    }
    return "\n".join(parts[kind](source) for kind, source in found)


def comment(text):
    """Markdown as a script's comment: with the answers in sight, and without figures."""
    text = re.sub(r"(?m)^</?details>.*\n*|\s*!\[.*\]\(attachment:.*\)", "", text).strip()
    return re.sub("(?m)^(?=.)", "# ", text).replace("\n\n", "\n#\n")


def write_downloads(app, pagename, templatename, context, doctree):
    if doctree is None or app.builder.name != "html" or not pagename.startswith(f"{GALLERY}/plot_"):
        return
    page, pictures = for_a_run(doctree)
    head, *rest = cells(markdown(app, pagename, page, Unfolded))
    needs = _(
        "This needs the package `d2l_ch7`. If it is missing, get its file from the page Install of "
        "this site, and run `%pip install` with the file's name in a cell."
    )
    target = Path(app.outdir, pagename)
    target.parent.mkdir(parents=True, exist_ok=True)
    content = nb.writes(notebook([head, ("markdown", needs), *rest], pictures))
    target.with_suffix(".ipynb").write_text(content + "\n", encoding="utf-8")
    target.with_suffix(".py").write_text(script([head, *rest]), encoding="utf-8")


def setup(app):
    app.connect("html-page-context", write_downloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
