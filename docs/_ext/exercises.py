"""Exercises, and their solutions, which a page folds away until the reader asks."""

from docutils import nodes
from sphinx.locale import _
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective


class folded(nodes.General, nodes.Element):
    """A folded part: ``<details>`` in HTML, unfolded everywhere else."""


class end_exercise(nodes.Invisible, nodes.Element):
    """Where a solution ends; gone after :class:`FoldSolutions`."""


class Exercise(SphinxDirective):
    """``.. exercise:: 7.2 a`` holds the exercise; the cells up to ``.. endexercise::`` solve it."""

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        self.assert_has_content()
        number = self.arguments[0]
        text = nodes.admonition(classes=["exercise"], ids=[nodes.make_id(f"exercise-{number}")])
        text += nodes.title("", _("Exercise %s") % number, translatable=False)
        text += self.parse_content_to_nodes()
        fold = folded(summary=_("Solution"))
        self.set_source_info(fold)
        return [text, fold]


class EndExercise(SphinxDirective):
    def run(self):
        end = end_exercise()
        self.set_source_info(end)
        return [end]


class FoldSolutions(SphinxTransform):
    """Move the siblings between the two directives into the solution."""

    default_priority = 500

    def apply(self):
        for fold in [n for n in self.document.findall(folded) if not n.children]:
            while (after := fold.next_node(descend=False, siblings=True)) is not None:
                after.parent.remove(after)
                if isinstance(after, end_exercise):
                    break
                fold += after
            else:
                logging.getLogger(__name__).warning(
                    "exercise without endexercise in the same section", location=fold
                )
        for stray in list(self.document.findall(end_exercise)):
            logging.getLogger(__name__).warning("endexercise without exercise", location=stray)
            stray.parent.remove(stray)


def visit_html(self, node):
    self.body.append(f'<details class="solution"><summary>{node["summary"]}</summary>\n')


def depart_html(self, node):
    self.body.append("</details>\n")


def visit_latex(self, node):
    self.body.append(f"\n\n\\textbf{{{node['summary']}}}\n\n")


def ignore(self, node):
    pass


def setup(app):
    app.add_node(
        folded,
        html=(visit_html, depart_html),
        latex=(visit_latex, ignore),
        text=(ignore, ignore),
        gettext=(ignore, ignore),
    )
    app.add_directive("exercise", Exercise)
    app.add_directive("endexercise", EndExercise)
    app.add_transform(FoldSolutions)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
