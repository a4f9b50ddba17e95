"""A Markdown copy beside each page, a button that copies it, and ``llms.txt``, which lists them.

The Markdown is written by sphinx-markdown-builder's translator, from what the page was made of: no
second build, and pages in every language, with their outputs.
"""

import json
from functools import partial
from pathlib import Path

import addresses
from docutils import nodes
from sphinx.locale import _
from sphinx_markdown_builder import MarkdownBuilder, contexts
from sphinx_markdown_builder.translator import MarkdownTranslator

# A table's entries are text: section 11.10 is not 11.1.
contexts.tabulate = partial(contexts.tabulate, disable_numparse=True)


class Translator(MarkdownTranslator):
    """Knows the nodes of this site, too, and passes over what is only for the eye."""

    def visit_comment(self, node):
        raise nodes.SkipNode

    def visit_summary(self, node):
        self.ensure_eol(2)
        self.add("**")

    def depart_summary(self, node):
        self.add("**", suffix_eol=2)

    def visit_title(self, node):
        """An exercise's title is no heading."""
        if isinstance(node.parent, nodes.Admonition):
            self.visit_summary(node)
            self._push_context(contexts.SubContext())
        else:
            super().visit_title(node)

    def depart_title(self, node):
        self._pop_context()
        if isinstance(node.parent, nodes.Admonition):
            self.depart_summary(node)

    def visit_literal_block(self, node, language=None):
        """Code as it is: the names in it are links on the page."""
        language = language or node.get("language", "")
        self.add(f"```{language}\n{node.astext().rstrip()}\n```", prefix_eol=2, suffix_eol=2)
        raise nodes.SkipNode

    def visit_code_links_block(self, node):
        self.visit_literal_block(node, "python")

    visit_raw = visit_comment

    def visit_seealso(self, node):
        """It brings a title of its own."""

    depart_seealso = visit_seealso

    def visit_math_block(self, node):
        """Lines that belong together are marked as such."""
        text = node.astext().strip()
        if "&" in text or r"\\" in text:
            text = rf"\begin{{aligned}}{text}\end{{aligned}}"
        self.add(f"$$\n{text}\n$$", prefix_eol=2, suffix_eol=2)
        raise nodes.SkipNode

    def unknown_visit(self, node):
        pass

    def unknown_departure(self, node):
        pass


def markdown(app, pagename, doctree, translator=Translator) -> str:
    builder = MarkdownBuilder(app, app.env)
    builder.init()
    builder.current_doc_name = pagename
    translator = translator(doctree, builder)
    doctree.walkabout(translator)
    return translator.astext()


def write_copy(app, pagename, templatename, context, doctree):
    """Write the page's Markdown beside it, and into it: a page from disk can fetch nothing."""
    if doctree is None or pagename == "404" or app.builder.name != "html":
        return
    text = markdown(app, pagename, doctree)
    path = Path(app.outdir, f"{pagename}.md")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    context["markdown_url"], context["copy"], context["copied"] = (
        path.name,
        _("Copy page"),
        _("Copied"),
    )
    context["markdown"] = json.dumps(text, ensure_ascii=False).replace("<", "\\u003c")


def list_copies(app, exception):
    """Write ``llms.txt``: what the site is, and each page with its first paragraph."""
    if exception or app.builder.name != "html":
        return
    env = app.env
    pages = ["index", *(page for page in env.collect_relations() if page not in ("index", "404"))]
    about = {page: addresses.about(env.get_doctree(page)) for page in pages}
    lines = [f"# {app.config.html_title}", "", f"> {about['index']}", ""]
    for page in pages:
        link = f"[{env.titles[page].astext()}]({app.config.html_baseurl}{page}.md)"
        lines.append(f"- {link}: {about[page]}".removesuffix(": "))
    Path(app.outdir, "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def setup(app):
    app.setup_extension("sphinx_markdown_builder")
    app.connect("html-page-context", write_copy)
    app.connect("build-finished", list_copies)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
