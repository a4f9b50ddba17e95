"""A page of the Chinese site says everything in Chinese but names, code, formulas and citations."""

import re
from xml.etree import ElementTree

import pytest

pytest.importorskip("bs4", reason="the site's tools are not installed")
from bs4 import BeautifulSoup

CODE = (
    "script, style, pre, code, kbd, option, mjx-container, .math, dt.sig, .classifier, .provenance,"
    "dl.field-list dt strong, [lang=en], .language-en, .language-switch, .navbar-brand"
)
TEXTS = "p, h1, h2, h3, h4, li, td, th, summary, figcaption, dt, dd, button, label, a, span, text"
SAID = "alt", "title", "placeholder", "aria-label"
# Hyperparameters and rules by their names in code, and what programs are called.
WORDS = {
    "adadelta", "adagrad", "adam", "alpha", "arXiv", "batch", "beta", "betas", "bool", "bowl",
    "callable", "cos", "cpu", "dB", "dict", "ensurepip", "eps", "epochs", "epsilon", "fit", "float",
    "gamma", "inf", "int", "kHz", "lr", "macOS", "momentum", "nan", "noise", "pip",
    "rho", "rmsprop", "round", "scikit-learn", "sgd", "shape", "steps", "str", "torch",
    "tqdm", "wheel",
}  # fmt: skip
NAMES = {
    "AdaDelta", "AdaGrad", "Adadelta", "Adagrad", "Adam", "AdamW", "Anaconda", "Ctrl", "History",
    "Linux", "Markdown", "Nesterov", "NumPy", "PyTorch", "Python", "RMSProp", "RMSprop", "SGD",
    "Windows",
}  # fmt: skip
CITED = re.compile(r"(?<![A-Za-z])[A-Z]\.[ \xa0]?(?:[A-Z]\. ?)*[A-Z][a-z]")
# Titles of others' pages, and what the book calls a step.
QUOTED = re.compile("Keep a Changelog|Start Locally|（epoch）")


def texts(page):
    for tag in page.select(CODE):
        tag.decompose()
    for tag in page.select(TEXTS):
        if not tag.find(TEXTS.replace("a, span, ", "").split(", ")):
            yield " ".join(tag.get_text().split())
    for tag in page.find_all(True):
        yield from (tag[name] for name in SAID if tag.get(name))


def english(text):
    """The words of a text that a reader of Chinese need not know."""
    text = re.sub(
        r"https?://\S+|[\w/*-]*[._]\w[\w.*/-]*|《[^》]*》|[\"“][A-Za-z][^\"”]*[\"”]", " ", text
    )
    text = QUOTED.sub("", text)
    if not re.search("[\u4e00-\u9fff]", text):  # a button, a title, a cell
        words = [] if CITED.search(text) else re.findall(r"[A-Za-z][A-Za-z'’-]+", text)
        return [w for w in words if w not in WORDS | NAMES and not re.search("Error$|Warning$", w)]
    if CITED.search(text):  # authors, and where they published
        text = re.sub(r"[A-Z][A-Za-z \xa0.,:’-]{6,}", " ", text)
    return [w for w in re.findall(r"(?<![A-Za-z-])[a-z][A-Za-z'’-]+", text) if w not in WORDS]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Search", ["Search"]),
        ("按 batch 的大小", []),
        ("损失 falls quickly", ["falls", "quickly"]),
        ("该方法出自 B. T. Polyak 的论文，USSR Computational Mathematics and Physics，1964 年", []),
        ("见 {func}`d2l_ch7.fit` 的说明", ["func"]),
        ("ValueError、TypeError", []),
        ("“Airfoil self-noise and prediction”，1989 年", []),
        ("Deep networks are another matter", ["Deep", "networks", "are", "another", "matter"]),
    ],
)
def test_english_words_are_found(text, found):
    assert english(text) == found


@pytest.fixture(scope="module")
def pages(site):
    """What each Chinese page says, by the page's name."""
    return {
        path.relative_to(site / "zh_CN").as_posix(): list(
            texts(BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser"))
        )
        for path in sorted((site / "zh_CN").rglob("*.html"))
        if not {"_static", "_modules"} & set(path.parts)
    }


def test_a_chinese_page_has_no_english_words(pages):
    assert len(pages) > 20
    assert not {
        name: found
        for name, said in pages.items()
        if name != "how-to-cite.html"  # is made of citations
        and (found := {word: text[:80] for text in said for word in english(text)})
    }


def paragraphs(path):
    """What the paragraphs of a page say, with straight quotes, as in its source."""
    found = re.findall(r"<p>(.*?)</p>", path.read_text("utf-8"), re.S)
    return {" ".join(re.sub("<[^>]+>", "", text).split()).replace("’", "'") for text in found}


def test_no_paragraph_is_the_same_in_both_languages(site):
    """Sphinx passes over a translation that is no paragraph: "Y. Nesterov …" begins a list."""
    same, seen = {}, 0
    for path in sorted((site / "zh_CN").rglob("*.html")):
        name, own = path.relative_to(site / "zh_CN"), paragraphs(path)
        seen += len(own)
        both = own & paragraphs(site / "en" / name)
        if both := [text for text in both if len(re.findall(r"\b[a-z]{2,}\b", text)) > 4]:
            same[name.as_posix()] = both
    assert seen > 1000 and not same


def test_a_chinese_figure_has_no_english_words(site):
    wrong, seen = {}, 0
    for page in sorted((site / "zh_CN").rglob("*.html")):
        for source in re.findall(
            r'<img[^>]+src="([^"]+_images/[^"]+\.svg)"', page.read_text("utf-8")
        ):
            drawn = ElementTree.parse(page.parent / source).iter("{http://www.w3.org/2000/svg}text")
            labels = ["".join(text.itertext()).strip() for text in drawn]
            seen += bool(labels)
            # A label of code alone is a name: torch.optim.Adam, lr 0.1.
            found = [w for label in labels for w in english(label) if w not in ("optim", "nn")]
            if found:
                wrong[source] = found
    assert seen > 60 and not wrong


def test_punctuation_beside_chinese_is_full_width(pages):
    half = re.compile("[\u4e00-\u9fff][,;:?!](\\s|$)")
    assert not {
        name: found
        for name, said in pages.items()
        if (found := [text[:80] for text in said if half.search(text)])
    }
