"""Exercises, questions and code that only draws: what a page folds away until the reader asks."""

from docutils import nodes
from sphinx.locale import _
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective


class folded(nodes.General, nodes.Element):
    """A folded part: ``<details>`` in HTML, unfolded everywhere else. It begins with a summary."""


class summary(nodes.Part, nodes.TextElement):
    """What is seen of a folded part."""


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
        shown = number.replace(" (ours)", _(" (ours)"))
        text += nodes.title("", _("Exercise %s") % shown, translatable=False)
        text += self.parse_content_to_nodes()
        fold = folded("", said(_("Solution")), classes=["solution"])
        self.set_source_info(fold)
        return [text, fold]


def said(text):
    """A summary in the words of the interface."""
    return summary("", text, translatable=False)


class Check(SphinxDirective):
    """``.. check:: A question`` with the answer in the content, which is folded away."""

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        self.assert_has_content()
        text, messages = self.parse_inline(self.arguments[0])
        question = summary(self.arguments[0], "", *text)
        self.set_source_info(question)
        answer = self.parse_content_to_nodes()
        return [folded("", question, *answer, classes=["check"]), *messages]


class EndExercise(SphinxDirective):
    def run(self):
        end = end_exercise()
        self.set_source_info(end)
        return [end]


class FoldSolutions(SphinxTransform):
    """Move the siblings between the two directives into the solution."""

    default_priority = 500

    def apply(self):
        for fold in [n for n in self.document.findall(folded) if len(n) == 1]:
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


def tags(before, after):
    """Visitors that put text around a node."""

    def visit(self, node):
        self.body.append(before.format(" ".join(node.get("classes", []))))

    def depart(self, node):
        self.body.append(after)

    return visit, depart


def ignore(self, node):
    pass


def setup(app):
    ignored = {name: (ignore, ignore) for name in ("text", "gettext")}
    app.add_node(
        folded, html=tags('<details class="{}">', "</details>\n"), latex=(ignore, ignore), **ignored
    )
    app.add_node(
        summary,
        html=tags("<summary>", "</summary>\n"),
        latex=tags("\n\n\\textbf{{", "}\n\n"),
        **ignored,
    )
    app.add_directive("exercise", Exercise)
    app.add_directive("endexercise", EndExercise)
    app.add_directive("check", Check)
    app.add_transform(FoldSolutions)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
