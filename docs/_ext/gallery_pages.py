"""The gallery on the site: when to run it again, its pages' links and foot, its cards, its uses."""

import json
import re
from pathlib import Path

import numpy as np
import provenance
from computed import computed
from docutils import nodes
from exercises import folded, said
from sphinx import addnodes
from sphinx.locale import _
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

GALLERY = "auto_examples"


class opening(nodes.Invisible, nodes.Element):
    """Stands for the first paragraph of the page ``docname``, in the site's language."""


def write_if_new(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def before_gallery(app):
    """Run all examples again when what they import has changed since they last ran.

    (What has changed is seen by content: to ``make``, whatever git writes anew is newer.)
    """
    conf, folder = app.config.sphinx_gallery_conf, Path(app.srcdir, GALLERY)
    mark = folder / ".fingerprint"
    if not mark.exists() or mark.read_text() != provenance.fingerprint():
        mark.unlink(missing_ok=True)
        conf["run_stale_examples"] = True
    elif all(
        (copy := folder / script.name).exists() and copy.read_bytes() == script.read_bytes()
        for script in Path(app.srcdir, *conf["examples_dirs"]).glob("plot_*.py")
    ):
        conf["parallel"] = False  # nothing will run: do not start workers for it


def after_gallery(app):
    """Remember what the examples ran with, and which page uses which function."""
    conf, folder = app.config.sphinx_gallery_conf, Path(app.srcdir, GALLERY)
    if not conf.get("failing_examples"):
        write_if_new(folder / ".fingerprint", provenance.fingerprint())
    uses = json.loads((folder / "backreferences/backreferences_all.json").read_text("utf-8"))
    pages = {name: sorted({Path(use[0]).stem for use in found}) for name, found in uses.items()}
    write_if_new(folder / "uses.json", json.dumps(pages, sort_keys=True))
    for script in folder.glob("plot_*.py"):
        draw_thumbnail(script)


def draw_thumbnail(script):
    """The curves of one of the page's figures, without any text, to be seen at 200 pixels."""
    number = re.search(r"sphinx_gallery_thumbnail_number = (\d+)", script.read_text("utf-8"))
    figure = f"sphx_glr_{script.stem}_{int(number[1]) if number else 1:03}.json"
    ax = json.loads((script.parent / "images" / figure).read_text())[0]
    kinds = [np.log10 if scale == "log" else np.asarray for scale in ax["scales"]]
    x0, x1, y0, y1 = (kinds[i // 2](limit) for i, limit in enumerate(ax["limits"]))
    curves = []
    for (x, y), color in zip(ax["lines"], ax["colors"]):
        with np.errstate(all="ignore"):
            points = np.stack([(kinds[0](x) - x0) / (x1 - x0), 1 - (kinds[1](y) - y0) / (y1 - y0)])
        inside = points[:, np.isfinite(points).all(axis=0)].clip(-0.1, 1.1) * [[200], [120]]
        shown = " ".join(f"{a:.1f},{b:.1f}" for a, b in inside.T)
        curves.append(f'<polyline points="{shown}" stroke="{color}"/>')
    style = 'fill="none" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 120" {style}>'
    target = script.parent / "images" / "thumb" / f"{script.stem}.svg"
    write_if_new(target, f"{svg}{''.join(curves)}</svg>\n")


def page_link(docname: str) -> addnodes.pending_xref:
    """A link that shows the page's title."""
    link = addnodes.pending_xref(
        "", refdomain="std", reftype="doc", reftarget=f"/{docname}", refexplicit=False, refwarn=True
    )
    return link.append(nodes.inline("", docname)) or link


class Chapter(SphinxDirective):
    """``.. chapter::`` lists the gallery's pages as cards, in reading order."""

    def run(self):
        cards = nodes.bullet_list(classes=["chapter"])
        for page in sorted(Path(self.env.srcdir, GALLERY).glob("plot_*.rst")):
            docname = f"{GALLERY}/{page.stem}"
            self.env.note_dependency(str(page))
            image = nodes.image(
                uri=f"/{GALLERY}/images/thumb/{page.stem}.svg",
                alt="",
                classes=["dark-light"],
            )
            cards += nodes.list_item(
                "",
                addnodes.only("", image, expr="html"),
                nodes.paragraph("", "", page_link(docname)),
                opening(docname=docname),
            )
        return [cards]


class UsedBy(SphinxDirective):
    """``.. used-by:: d2l_ch7.fit`` names the gallery's pages whose code uses the function.

    (sphinx-gallery's ``minigallery`` writes titles as HTML, in English for each language.)
    """

    required_arguments = 1

    def run(self):
        uses = Path(self.env.srcdir, GALLERY, "uses.json")
        self.env.note_dependency(str(uses))
        pages = json.loads(uses.read_text(encoding="utf-8")).get(self.arguments[0], [])
        if not pages:
            return []
        text = _("Used on these pages:")
        text = nodes.paragraph("", text, classes=["used-by"], translatable=False)
        links = [
            nodes.list_item("", nodes.paragraph("", "", page_link(f"{GALLERY}/{page}")))
            for page in pages
        ]
        return [text, nodes.bullet_list("", *links, classes=["used-by"])]


def add_uses(app, what, name, obj, options, lines):
    if what in ("function", "class"):
        lines += ["", f".. used-by:: {name}", ""]


def two_figures(number: float) -> str:
    """6.93 as 6.9, and 123.4 as 120."""
    return f"{float(f'{number:.2g}'):g}"


class GalleryPage(SphinxTransform):
    """Links under the title, a line of provenance at the foot; neither is a gettext message."""

    default_priority = 5  # before messages are extracted and translated

    def apply(self):
        docname = self.env.docname
        if not re.match(f"{GALLERY}/plot_", docname):
            return
        links = [self.book_link(docname)]
        for box in list(self.document.findall(addnodes.only)):
            box.parent.remove(box)  # sphinx-gallery's own downloads, in English
        name = docname.split("/")[1]
        for suffix, text in (".ipynb", _("Download notebook")), (".py", _("Download script")):
            links.append(nodes.reference("", text, refuri=name + suffix, classes=["download"]))
        if seconds := computed(self.env, "seconds it ran"):
            took = _("Runs in %s s, needs d2l_ch7") % two_figures(float(seconds))
            links.append(nodes.inline("", took, classes=["timed"]))
        page = next(self.document.findall(nodes.section))
        items = [nodes.list_item("", nodes.paragraph("", "", link)) for link in links if link]
        page.insert(
            1, addnodes.only("", nodes.bullet_list("", *items, classes=["page-links"]), expr="html")
        )
        script = Path(self.env.srcdir, f"{docname}.py").read_text(encoding="utf-8")
        versions = _(", ").join(f"{name} {v}" for name, v in provenance.versions().items())
        text = _("Computed when this site was built, with %s; data SHA-256 %s…; seeds: %s.")
        text %= versions, provenance.data_hash()[:12], provenance.seeds(script)
        page += nodes.paragraph("", text, classes=["provenance"])

    def book_link(self, docname):
        section = self.config.book_sections.get(docname.split("_")[2][:2])
        return section and nodes.reference(
            "",
            _("Section %s of the book") % section.split("_")[0],
            refuri=self.config.book_url + section,
        )


class FoldPlotting(SphinxTransform):
    """Code that only draws, marked by its first line, is folded away."""

    default_priority = 500

    def apply(self):
        for block in list(self.document.findall(nodes.literal_block)):
            first, _line, rest = block.astext().partition("\n")
            if (
                not block.astext().strip()
            ):  # comments for the gallery, or a check, which are left out
                block.parent.remove(block)
            elif first == "# plotting code":
                block.children, block.rawsource = [nodes.Text(rest)], rest
                fold = folded("", said(_("plotting code")), block.deepcopy(), classes=["plotting"])
                block.replace_self(fold)


class Openings(SphinxPostTransform):
    """Fill the cards: each page's first paragraph is its one line."""

    default_priority = 5  # before references are resolved

    def run(self, **kwargs):
        for node in list(self.document.findall(opening)):
            page = self.env.get_doctree(node["docname"])
            node.replace_self(
                next(
                    p for p in page.findall(nodes.paragraph) if isinstance(p.parent, nodes.section)
                ).deepcopy()
            )


def setup(app):
    app.add_config_value("book_url", "", "env", str)
    app.add_config_value("book_sections", {}, "env", dict)
    app.add_node(opening)
    app.add_directive("chapter", Chapter)
    app.add_directive("used-by", UsedBy)
    app.add_transform(GalleryPage)
    app.add_transform(FoldPlotting)
    app.add_post_transform(Openings)
    app.connect("builder-inited", before_gallery, priority=100)
    app.connect("builder-inited", after_gallery, priority=900)
    app.connect("autodoc-process-docstring", add_uses, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
