"""Numbers and tables in prose, as the page's own code computed them when the site was built.

``:calc:`median|.4f` `` is a value with a format; ``.. computed:: rows`` is a table of what the
expression gives, its header in the content, cells apart by ``|``. The first cell names its row.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective, SphinxRole


def computed(env, text):
    """What the page left for this expression, or None."""
    path = Path(env.doc2path(env.docname)).with_suffix(".values.json")
    env.note_dependency(str(path))
    return json.loads(path.read_text(encoding="utf-8")).get(text) if path.exists() else None


def timed(expression):
    """The mark of what shows times: no two builds compute the same."""
    return ["timed"] if re.search(r"second|time|(\b|_)ms(\b|_)", expression) else []


def as_written(number):
    """A number as in print: with a minus sign, and with a power of ten in place of Python's e."""
    if not re.fullmatch(r"-?[\d.,]+(e[+-]\d+)?", number):
        return number
    digits, _e, exponent = number.replace("-", "−").partition("e")
    if not exponent:
        return digits
    raised = str(int(exponent.replace("−", "-"))).translate(
        str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    )
    return f"10{raised}" if digits == "1" else f"{digits} × 10{raised}"


def table(head, body, classes, stub=False):
    """A table of rows that are made; with a stub, the first cell of each names it."""
    group = nodes.tgroup("", cols=len(head))
    group += [nodes.colspec(colwidth=1, stub=int(stub and i == 0)) for i in range(len(head))]
    group += [nodes.thead("", head), nodes.tbody("", *body)]
    return nodes.table("", group, classes=classes)


class Calc(SphinxRole):
    def run(self):
        value = computed(self.env, self.text)
        if value is None:
            message = f"nothing was computed for {self.text!r}"
            return [], [self.inliner.reporter.error(message, line=self.lineno)]
        return [nodes.inline("", as_written(value), classes=["calc", *timed(self.text)])], []


class Computed(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self):
        rows = computed(self.env, self.arguments[0].strip())
        if rows is None:
            raise self.error(f"nothing was computed for {self.arguments[0]!r}")
        header = [cell.strip() for cell in " ".join(self.content).split("|")]
        classes = ["computed", *timed(self.arguments[0])]
        return [table(self.row(header), map(self.row, rows), classes, stub=True)]

    def row(self, cells):
        row = nodes.row()
        for cell in cells:
            words = re.search("[A-Za-z]{2}", cell)
            text, _ = (
                self.state.inline_text(cell, self.lineno) if words else ([nodes.Text(cell)], [])
            )
            paragraph = nodes.paragraph(cell, "", *text, translatable=bool(words))
            self.set_source_info(paragraph)
            row += nodes.entry("", paragraph, classes=[] if words else ["number"])
        return row


def setup(app):
    app.add_role("calc", Calc())
    app.add_directive("computed", Computed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
