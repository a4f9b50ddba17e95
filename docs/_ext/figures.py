"""Figures of the gallery: their words in prose (alt texts), and their words in the page's language.

``.. alt::`` holds what a figure shows, in words; it belongs to the first figure before it that has
none, or the first animation (see ``motion``). The words inside a figure are text in its SVG: they
are messages of the page's catalog, like its prose, and another language gets an SVG of its own.
"""

import html
import re
from pathlib import Path
from xml.etree import ElementTree

from docutils import nodes
from sphinx.locale import _
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

SVG = "http://www.w3.org/2000/svg"
ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
WORD = re.compile(r"[A-Za-z]{2,}")
NAMES = {  # the same in every language
    "Ada", "AdaDelta", "AdaGrad", "Adadelta", "Adagrad", "Adam", "AdamW", "Linear", "NAdam",
    "Nesterov", "PyTorch", "RMSProp", "RMSprop", "SGD", "cos", "eps", "exp", "gamma", "lr", "ms",
    "nn", "optim", "rho", "torch",
}  # fmt: skip

CHINESE_FONTS = "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif"


class words(nodes.Invisible, nodes.Element):
    """Holds messages that are shown elsewhere: an alt text, or the words of a figure."""


class Alt(SphinxDirective):
    has_content = True

    def run(self):
        self.assert_has_content()
        text = " ".join(self.content)
        paragraph = nodes.paragraph(text, text)
        self.set_source_info(paragraph)
        return [words("", paragraph, alt=True)]


def gallery_images(document):
    drawn = re.compile("/images/sphx_glr_|^auto_speed/")
    return [n for n in document.findall(nodes.image) if drawn.search(n["uri"])]


def svg_of(srcdir, image):
    return Path(srcdir, image["uri"].lstrip("/")).with_suffix(".svg")


class FigureWords(SphinxTransform):
    """Put the words of each figure beside it, as messages."""

    default_priority = 5  # before messages are extracted and translated

    def apply(self):
        for image in gallery_images(self.document):
            path = svg_of(self.env.srcdir, image)
            if not path.exists():
                continue  # Sphinx says so
            texts = (t.text or "" for t in ElementTree.parse(path).iter(f"{{{SVG}}}text"))
            box = words("", figure=True)
            for text in dict.fromkeys(map(str.strip, texts)):
                if set(WORD.findall(text)) - NAMES:
                    paragraph = nodes.paragraph(text, text)
                    paragraph.source = image.source or self.document["source"]
                    paragraph.line = image.line or 1
                    box += paragraph
            image.parent.insert(image.parent.index(image) + 1, box)


class ShowWords(SphinxTransform):
    """Give each figure and animation its alt text, and a figure an SVG in the page's language."""

    default_priority = 500  # after translation

    def apply(self):
        if self.config.figure_format == "gettext":
            return
        waiting = []
        kinds = nodes.image | nodes.raw | words
        for node in list(self.document.findall(lambda n: isinstance(n, kinds))):
            if isinstance(node, nodes.raw):
                if 'alt=""' in node.astext():
                    waiting.append(node)
            elif isinstance(node, nodes.image):
                figure = node
                if "/images/sphx_glr_" in node["uri"] and not node.get("alt"):
                    waiting.append(node)
            elif "figure" in node:
                self.translate(figure, node)
                node.parent.remove(node)
            else:
                if not waiting:
                    self.warn("an alt text without a figure before it", node)
                else:
                    self.describe(waiting.pop(0), node.astext())
                node.parent.remove(node)
        for image in waiting:
            self.warn(f"a figure without an alt text: {image.get('uri', 'animation')}", image)

    def describe(self, node, alt):
        if isinstance(node, nodes.image):
            node["alt"] = alt
            return
        text = node.astext().replace('alt=""', f'alt="{html.escape(alt)}"')
        text = text.replace("<summary></summary>", f"<summary>{_('Animation')}</summary>")
        node.rawsource, node.children = text, [nodes.Text(text)]

    def warn(self, message, node):
        logging.getLogger(__name__).warning(message, location=node)

    def translate(self, image, box):
        if self.config.language == "en" or not box.children:
            return
        said = {p.rawsource: p.astext() for p in box.children}
        own = in_language(self.config.language, svg_of(self.env.srcdir, image), said)
        image["uri"] = f"/{own.relative_to(self.env.srcdir).as_posix()}"


def in_language(language, path, said):
    """A figure's SVG with its words in another language, in a folder of that language."""
    tree = ElementTree.parse(path)
    for text in tree.iter(f"{{{SVG}}}text"):
        word = (text.text or "").strip()
        translated = said.get(word, word.replace(", ", "，"))  # of names and numbers the commas
        if translated != word:
            text.text = translated
            text.set("style", text.get("style", "").replace("sans-serif", CHINESE_FONTS))
    own = path.parent / language / path.name
    own.parent.mkdir(exist_ok=True)
    tree.write(own, encoding="utf-8", xml_declaration=True)
    return own


def ignore(self, node):
    raise nodes.SkipNode


def remember_format(app):
    app.config.figure_format = app.builder.format or app.builder.name


def setup(app):
    app.add_config_value("figure_format", "", "")
    app.connect("builder-inited", remember_format)
    app.add_node(words, **{name: (ignore, None) for name in ("html", "latex", "text", "gettext")})
    app.add_directive("alt", Alt)
    app.add_transform(FigureWords)
    app.add_transform(ShowWords)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
