"""Two languages: links between twin pages, a glossary, Chinese search by character pairs."""

import csv
import itertools
import json
import re

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.domains.std import Glossary
from sphinx.locale import _
from sphinx.search.en import SearchEnglish
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

SYNONYMS = {  # no word may contain another
    "习题": "练习", "作业": "练习", "震荡": "振荡", "减小学习率": "学习率衰减", "归一化": "标准化",
    "过拟合": "泛化", "稀疏": "罕见", "步幅": "步长", "目标值": "标签", "迭代轮数": "迭代周期",
    "热身": "预热", "warmup": "warm-up", "overfitting": "generalization", "sparse": "rare",
    "normalization": "standardised", "normalisation": "standardised",
    "optimiser": "optimizer", "stepsize": "step size",
}  # fmt: skip
HAN = "\\u3400-\\u9fff\\uf900-\\ufaff"


def language_links(app, pagename, templatename, context, doctree):
    up = "../" * (pagename.count("/") + 1)
    here = app.config.language
    context["language_links"] = [
        (code.replace("_", "-"), name, code != here and f"{up}{code}/{pagename}.html")
        for code, name in app.config.languages.items()
    ]
    if doctree and here != "en":  # docutils' own colon, behind "Parameters" and the like
        old, new = '<span class="colon">:</span>', f'<span class="colon">{_(": ")}</span>'
        context["body"] = context["body"].replace(old, new)
    # The theme leaves these untranslated.
    context["theme_header_dropdown_text"] = _("More")
    context["theme_search_bar_text"] = _("Search this site")


def pinyin_order(word):
    """GB 2312 has its 3755 common characters in the order of their pinyin, after the Latin ones."""
    return word.lower().encode("gb2312")


class Terms(Glossary):
    """``.. terms:: file.csv`` is a glossary with names in both languages, the page's own first.

    ``:term:`` knows both names; they share the place that the English one names.
    """

    has_content, required_arguments = False, 1

    def run(self):
        path = self.env.relfn2path(self.arguments[0])[1]
        self.env.note_dependency(path)
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        chinese = self.config.language == "zh_CN"
        if chinese:
            rows.sort(key=lambda row: pinyin_order(row["中文"]))
        lines = [line for row in rows for line in (row["English"], f"  {row['Meaning']}", "")]
        self.content = StringList(lines, path)
        *messages, glossary = super().run()
        for row, (names, _meaning) in zip(rows, glossary[0]):
            both = [nodes.inline("", row["English"], classes=["language-en"])]
            if row["中文"] != row["English"]:
                both += [nodes.Text(" "), nodes.inline("", row["中文"], classes=["language-zh-CN"])]
                note = self.env.domains.standard_domain.note_object
                note("term", row["中文"], names["ids"][0], location=names)
            names[:] = both[::-1] if chinese else both  # without an entry in an index
            names["translatable"] = False
        return [*messages, glossary]


class Meanings(SphinxPostTransform):
    """A link to a term shows the term's meaning when it is pointed at.

    A title is all it takes. sphinx-tippy would load two scripts from another server, and show more.
    """

    default_priority = 15  # after references are resolved

    def run(self, **kwargs):
        words = [w for w in self.document.findall(nodes.inline) if "std-term" in w["classes"]]
        items = words and self.env.get_doctree("glossary").findall(nodes.definition_list_item)
        meanings = {names["ids"][0]: meaning.astext() for names, meaning in items}
        for link in (word.parent for word in words if isinstance(word.parent, nodes.reference)):
            link["reftitle"] = meanings[link.get("refid") or link["refuri"].partition("#")[2]]


def with_meanings(app, env, added, changed, removed):
    """Pages repeat what the glossary says: read them again when it has changed."""
    return env.found_docs if "glossary" in changed else []


class NotForTranslators(SphinxTransform):
    """Formulas without words, arguments' names, lone links: the same in every language."""

    default_priority = 5  # before messages are extracted and translated

    def apply(self):
        for node in self.document.findall(nodes.TextElement):
            if isinstance(node, nodes.Inline):
                continue  # a part of a message; marked, it would lose its class
            if isinstance(node, nodes.math_block):
                node["translatable"] = "\\text" in node.astext()
            elif re.fullmatch(r"\*\*\w+\*\*( : .*)?|(\{\w+\}|:\w+:)`[^`]+`", node.rawsource):
                node["translatable"] = False


class HanPairs(SearchEnglish):
    """Index Chinese text by single characters and overlapping pairs, Latin text as English.

    A query is split into pairs, or into the one character it has; no dictionary is needed, and
    the same splitting is easily written twice, in Python and in JavaScript.
    """

    lang = "zh"
    language_name = "English"  # names the stemmer class in JavaScript
    runs = re.compile(f"[{HAN}]+|[A-Za-z0-9_]+")

    def split(self, text):
        words = []
        for run in self.runs.findall(text):
            if run.isascii():
                words.append(run)
            else:
                words += [*run, *map("".join, itertools.pairwise(run))]
        return words

    # Words that every question has say nothing about the answer; what is left is asked. A word that
    # readers use and the site does not is asked as the site's own.
    js_splitter_code = """
const SAME = SYNONYMS;
var splitQuery = (asked) => {
  const unknown = new RegExp(Object.keys(SAME).join("|"), "gi");
  const query = asked.replace(unknown, (word) => SAME[word.toLowerCase()]);
  const runs = (text) => text.match(/[HAN]+|[A-Za-z0-9_]+/g) || [];
  const telling = runs(query.replace(/为什么|怎么样?|怎样|什么|如何|哪个?|的|吗|呢/g, " "));
  return (telling.length ? telling : runs(query)).flatMap((run) =>
    run.length < 2 || run.charCodeAt(0) < 128
      ? [run]
      : Array.from({ length: run.length - 1 }, (_, i) => run.slice(i, i + 2)));
};
""".replace("HAN", HAN).replace("SYNONYMS", json.dumps(SYNONYMS, ensure_ascii=False))


class English(HanPairs):
    """The same for the English pages, whose glossary has Chinese words."""

    lang = "en"


def setup(app):
    app.add_config_value("languages", {}, "html", dict)
    app.connect("html-page-context", language_links)
    app.add_directive("terms", Terms)
    app.add_post_transform(Meanings)
    app.connect("env-get-outdated", with_meanings)
    app.add_transform(NotForTranslators)
    app.add_search_language(HanPairs)
    app.add_search_language(English)
    # A build that knew no terms reads its pages again.
    return {"env_version": 2, "parallel_read_safe": True, "parallel_write_safe": True}
