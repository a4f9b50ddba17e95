"""Leads the pages of viewcode, which show a module's source, back to the right entries.

A module whose functions are documented under two names, ``d2l_ch7.f`` and ``d2l_ch7.plotting.g``,
gets links from viewcode as if one name served all.
"""

import re


def lead_back(app, pagename, templatename, context, doctree):
    if not pagename.startswith("_modules/"):
        return
    entries = {
        (entry.docname, name.rpartition(".")[2]): entry.node_id
        for name, entry in app.env.get_domain("py").objects.items()
    }

    def right(link):
        page, name = link["page"], link["name"]
        return f"{link['up']}{page}.html#{entries.get((page, name.rpartition('.')[2]), name)}"

    form = r"(?P<up>(?:\.\./)+)(?P<page>[\w/]+)\.html#(?P<name>[\w.]+)"
    context["body"] = re.sub(form, right, context["body"])


def setup(app):
    app.setup_extension("sphinx.ext.viewcode")
    app.connect("html-page-context", lead_back)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
