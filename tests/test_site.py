"""The site: what was built, what its pages hold, and the small machinery behind them."""

import ast
import csv
import json
import re
import warnings
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from bs4 import BeautifulSoup
from helpers import build, build_page

import d2l_ch7 as d2l
import d2l_ch7.ch11

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
gallery_hooks, gallery_pages, figures, languages, provenance, translations = (
    pytest.importorskip(name, reason="the site's tools are not installed: pip install -e .[dev]")
    for name in (
        "gallery_hooks", "gallery_pages", "figures", "languages", "provenance", "translations"
    )
)  # fmt: skip

LANGUAGES = {"en": "en", "zh_CN": "zh-CN"}
EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("plot_*.py"))
EXERCISES = ["1", "2-a", "2-b", "3-a", "3-b", "4", "5-a", "5-b", "6-a", "6-b", "7", "8-a", "8-b"]


@pytest.fixture(scope="session")
def pages(site, parsed):
    """Every page of both languages, parsed: {(language, "api/book.html"): soup}."""
    return {
        (language, path.relative_to(site / language).as_posix()): parsed(path)
        for language in LANGUAGES
        for path in sorted((site / language).rglob("*.html"))
        if "_static" not in path.parts
    }


def gallery(pages, language):
    return {name: pages[language, f"auto_examples/{name}.html"] for name in EXAMPLES}


def both_galleries(pages):
    """Each page of the gallery in each language: its language, its name, its content."""
    for language in LANGUAGES:
        for name, page in gallery(pages, language).items():
            yield language, name, page


# What was built


def test_every_example_ran_and_shows_its_figures_in_both_languages(pages):
    for name in EXAMPLES:
        assert (DOCS / "auto_examples" / f"{name}.py.md5").exists(), f"{name} did not run"
    for language, name, page in both_galleries(pages):
        drawn = {p.name for p in (DOCS / "auto_examples/images").glob(f"sphx_glr_{name}_*.svg")}
        shown = {Path(i["src"]).name for i in page.select('article img[src*="sphx_glr_"]')}
        assert drawn and drawn == shown, (language, name)


def test_every_figure_says_its_message_in_words(pages):
    for key, page in pages.items():
        for image in page.select("article img"):
            # A card's picture stands beside its title.
            if image.find_parent("ul", "chapter") is None:
                message = image.get("alt", "")
                if key[0] == "en":
                    assert len(message) >= 15, (key, image["src"])
                else:
                    assert len(re.findall("[\u4e00-\u9fff]", message)) >= 6, (key, image["src"])


def test_thirteen_exercises_are_solved_by_code_and_figure(pages):
    for language in LANGUAGES:
        found = {}
        for page in gallery(pages, language).values():
            for exercise in page.select(".exercise"):
                found[exercise["id"]] = exercise.find_next_sibling()
        ours = {name for name in found if name.endswith("-ours")}
        assert sorted(set(found) - ours) == [f"exercise-7-{number}" for number in EXERCISES]
        assert len(ours) >= 10  # one of our own a section
        for name, solution in found.items():
            assert solution.name == "details" and solution.summary, name
            assert solution.select(".highlight") and solution.select("img"), name


def test_pages_are_twins_with_the_right_language(pages):
    english = {path for language, path in pages if language == "en"}
    assert english == {path for language, path in pages if language == "zh_CN"}
    for (language, path), page in pages.items():
        assert page.html["lang"] == LANGUAGES[language]
        twins = {a["href"] for a in page.select(".language-switch a")}
        other = "zh_CN" if language == "en" else "en"
        assert twins == {"../" * (path.count("/") + 1) + f"{other}/{path}"}


def test_every_link_inside_the_site_leads_somewhere(site, pages):
    anchors = {
        (site / language / path).resolve(): {tag["id"] for tag in page.select("[id]")}
        for (language, path), page in pages.items()
    }
    for (language, path), page in pages.items():
        here = (site / language / path).resolve()
        for tag in page.select("[href], [src]"):
            url = urlsplit(tag.get("href") or tag.get("src"))
            if url.scheme == "data":
                continue
            if url.scheme or url.netloc:
                assert tag.name == "a", f"{path} loads {url.geturl()}"
                continue
            target = (here.parent / unquote(url.path)).resolve() if url.path else here
            assert target.exists(), (path, url.geturl())
            if url.fragment and target in anchors and target.suffix == ".html":
                assert unquote(url.fragment) in anchors[target] | {""}, (path, url.geturl())


def test_no_path_of_the_building_machine_is_on_a_page(site):
    for path in [*site.rglob("*.html"), *site.rglob("*.ipynb"), *site.rglob("*.js")]:
        assert str(ROOT) not in path.read_text(encoding="utf-8"), path


def test_start_and_missing_pages_work_without_script(site, parsed):
    for name in ("index.html", "404.html"):
        page = parsed(site / name)
        links = [a["href"] for a in page.select("a")]
        root = "/" if name == "404.html" else ""  # it is shown at any depth
        assert {f"{root}en/index.html", f"{root}zh_CN/index.html"} <= set(links)


def test_the_start_page_shows_the_chapter_in_reading_order(pages):
    for language in LANGUAGES:
        cards = pages[language, "index.html"].select("ul.chapter > li")
        assert [Path(card.a["href"]).stem for card in cards] == EXAMPLES
        assert all(card.img and len(card.select("p")[1].text) > 10 for card in cards)


def test_previous_and_next_follow_the_book(pages):
    for language in LANGUAGES:
        found = gallery(pages, language)
        for before, after in pairwise(EXAMPLES):
            assert found[before].select_one("a.right-next")["href"] == f"{after}.html"
            assert found[after].select_one("a.left-prev")["href"] == f"{before}.html"


def test_sections_lead_to_the_book_and_offer_their_downloads(pages):
    for _, name, page in both_galleries(pages):
        links = [a["href"] for a in page.select("ul.page-links a")]
        section = re.match(r"plot_7([1-8])", name)
        if section:
            assert f"/7.{section[1]}_" in links.pop(0)
        assert links == [f"{name}.ipynb", f"{name}.py"]


def test_every_page_names_what_it_was_made_with(pages):
    facts = [f"{k} {v}" for k, v in provenance.versions().items()] + [provenance.data_hash()[:12]]
    for _, name, page in both_galleries(pages):
        foot = page.select_one("p.provenance").text
        seeds = provenance.seeds((ROOT / "examples" / f"{name}.py").read_text(encoding="utf-8"))
        assert re.search(rf"[:：] ?{re.escape(seeds)}[.。]$", foot), (name, seeds)
        assert all(fact in foot for fact in facts), name


def test_every_page_says_how_long_it_runs_and_what_it_needs(pages):
    for language, name, page in both_galleries(pages):
        took = page.select_one("ul.page-links .timed").get_text()
        form = (
            "Runs in (.+) s, needs d2l_ch7" if language == "en" else "运行约 (.+) 秒，只需 d2l_ch7"
        )
        found = re.fullmatch(form, took)
        assert found, (name, took)
        values = DOCS / "auto_examples" / f"{name}.values.json"
        seconds = float(json.loads(values.read_text("utf-8"))["seconds it ran"])
        assert float(found[1]) == float(f"{seconds:.2g}"), name


def test_code_and_api_link_to_each_other(pages):
    api = [
        page for (language, path), page in pages.items() if (language, path[:4]) == ("en", "api/")
    ]
    documented = {tag["id"] for page in api for tag in page.select("dt[id]")}
    modules = {"descent", "optimizers", "plotting", "plt"}
    assert {f"d2l_ch7.{name}" for name in set(d2l.__all__) - modules} <= documented
    second = {name: getattr(d2l.ch11, name) for name in d2l.ch11.__all__}
    own = [n for n, v in second.items() if callable(v) and v is not getattr(d2l, n, None)]
    assert {f"d2l_ch7.ch11.{name}" for name in own} <= documented
    for module in (d2l.descent, d2l.optimizers, d2l.plotting):
        own = [f for f in vars(module).values() if getattr(f, "__module__", "") == module.__name__]
        names = {f.__name__ for f in own if not f.__name__.startswith("_")}
        assert names and not [
            n for n in names if not documented & {f"{module.__name__}.{n}", f"d2l_ch7.{n}"}
        ]
    uses = {Path(a["href"]).stem for page in api for a in page.select("ul.used-by a")}
    assert uses == set(EXAMPLES)
    for _, name, page in both_galleries(pages):
        assert page.select('.highlight a[href*="../api/"]'), f"the code of {name} has no link"


# Translation


def test_the_chinese_catalogs_are_complete_and_up_to_date(site, tmp_path):
    doctrees = site.parent / "doctrees/gettext"  # those of make gettext: what changed is read
    options = "-b", "gettext", "-D", "language=en", "-d", str(doctrees)
    status, said = build(DOCS, tmp_path / "pot", *options)
    assert status == 0, said
    catalogs = {
        path.relative_to(translations.LOCALE): catalog
        for path, catalog in translations.read_catalogs().items()
    }
    missing = {str(p): translations.missing(c) for p, c in catalogs.items()}
    for pot in (tmp_path / "pot").rglob("*.pot"):
        path = pot.relative_to(tmp_path / "pot").with_suffix(".po")
        source = translations.read_po(pot.open("rb"))
        have = catalogs.get(path, {})
        missing[str(path)] = [m.id for m in source if m.id and not (have and have.get(m.id))]
        missing[str(path)] += translations.missing(have)
    assert not {path: ids for path, ids in missing.items() if ids}


def test_each_term_has_the_one_translation_of_the_glossary():
    with (DOCS / "glossary.csv").open(encoding="utf-8", newline="") as file:
        terms = [(row["English"], row["中文"].lower()) for row in csv.DictReader(file)]
    terms.sort(key=lambda term: -len(term[0]))  # "momentum method" before "momentum"
    other_sense = {"Labels of the axes."}
    wrong = []
    for catalog in translations.read_catalogs().values():
        for message in catalog:
            # Code and the titles of papers stay as they are.
            text = re.sub(r"[:{]term[:}]`([^`<]+)[^`]*`", r"\1", message.id)
            text = re.sub(r"`+[^`]+`+|\"[^\"]+\"|\w+\(.*?\)", " ", text)
            for english, chinese in terms:
                text, found = re.subn(rf"\b{english}(e?s)?\b", " ", text, flags=re.IGNORECASE)
                if (
                    found
                    and chinese not in message.string.lower()
                    and message.id not in other_sense
                ):
                    wrong.append((english, chinese, message.id, message.string))
    assert not wrong


def test_the_chinese_glossary_begins_with_chinese_in_the_order_of_pinyin(pages):
    found = [
        [span.get_text() for span in term.select("span")]
        for term in pages["zh_CN", "glossary.html"].select("dl.glossary dt")
    ]
    with (DOCS / "glossary.csv").open(encoding="utf-8", newline="") as file:
        terms = {row["中文"]: row["English"] for row in csv.DictReader(file)}
    assert {words[0]: words[-1] for words in found} == terms  # a name is shown once
    names = [words[0] for words in found]
    assert names == sorted(names, key=languages.pinyin_order)
    # Only the common characters of GB 2312 stand in this order.
    characters = {c for name in names for c in name if not c.isascii()}
    assert all(0xB0 <= c.encode("gb2312")[0] <= 0xD7 for c in characters)
    assert names.index("鞍点") < names.index("动量") < names.index("梯度") < names.index("学习率")
    english = pages["en", "glossary.html"].select("dl.glossary dt")
    assert [term.span.get_text() for term in english] == list(terms.values())


def linked_terms(page):
    return [word.parent for word in page.select("a > .std-term")]


def test_each_page_of_the_chapter_links_its_terms_to_their_meanings(pages):
    for language in LANGUAGES:
        said = {
            f"../glossary.html#{term['id']}": term.find_next_sibling("dd").get_text(strip=True)
            for term in pages[language, "glossary.html"].select("dl.glossary dt")
        }
        for name, page in gallery(pages, language).items():
            links = linked_terms(page)
            assert 2 <= len(links) == len({link["href"] for link in links}), (language, name)
            for link in links:
                assert link["title"] == said[link["href"]], (language, name, link)


def test_chinese_pages_link_the_same_terms_in_chinese(pages):
    with (DOCS / "glossary.csv").open(encoding="utf-8", newline="") as file:
        chinese = {row["中文"] for row in csv.DictReader(file)}
    for (language, path), page in pages.items():
        if language == "zh_CN":
            links, english = linked_terms(page), linked_terms(pages["en", path])
            assert {link["href"] for link in links} == {link["href"] for link in english}, path
            assert {link.get_text() for link in links} <= chinese, path


def test_a_term_has_two_names_and_its_meaning_is_never_stale(tmp_path):
    files = {
        "glossary.rst": "Terms\n=====\n\n.. terms:: terms.csv\n",
        "use.rst": "Use\n===\n\nA :term:`hessian`, in Chinese :term:`海森矩阵`.\n",
    }
    for meaning in ("Second derivatives.", "The curvature in every direction."):
        files["terms.csv"] = f"English,中文,Meaning\nHessian,海森矩阵,{meaning}\nAdam,Adam,Both.\n"
        tree = ".. toctree::\n\n   glossary\n   use\n"
        status, said, _ = build_page(tmp_path, tree, ["languages"], files=files)
        assert status == 0, said
        page = BeautifulSoup((tmp_path / "out/use.html").read_text("utf-8"), "html.parser")
        found = [(a["href"], a["title"], a.get_text()) for a in linked_terms(page)]
        there = "glossary.html#term-Hessian", meaning
        assert found == [(*there, "hessian"), (*there, "海森矩阵")]
        files = {}  # the page itself stays as it is


def test_what_the_extensions_say_is_translated():
    calls = [
        node
        for path in (DOCS / "_ext").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_"
    ]
    said = {n.args[0].value for n in calls if isinstance(n.args[0], ast.Constant)}
    catalog = translations.read_catalogs()[translations.LOCALE / "sphinx.po"]
    assert said and not [text for text in said if not (catalog.get(text) and catalog[text].string)]


# The machinery


def test_the_fingerprint_sees_the_package_the_data_and_the_hooks(tmp_path, monkeypatch):
    files = "d2l_ch7/a.py", "data/b.dat", "docs/_ext/gallery_hooks.py"
    for name in (*files, "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    seen = {provenance.fingerprint(tmp_path)}
    for name in files:
        (tmp_path / name).write_text("2")
        seen.add(provenance.fingerprint(tmp_path))
    assert len(seen) == 4
    (tmp_path / "README.md").write_text("2")
    assert provenance.fingerprint(tmp_path) in seen
    monkeypatch.setattr(provenance, "versions", lambda: {"torch": "0"})
    assert provenance.fingerprint(tmp_path) not in seen


def test_what_has_a_mark_is_made_anew_when_a_source_changed_or_making_failed(tmp_path):
    source, mark, made = tmp_path / "source", tmp_path / "mark", []

    def make():
        made.append(source.read_text())
        if made[-1] == "wrong":
            raise ValueError

    for text in "one", "one", "wrong", "wrong", "one", "one", "two":
        source.write_text(text)
        before = len(made)
        with suppress(ValueError):
            anew = provenance.make_anew(mark, make, source)
            assert anew == (len(made) > before)
    assert made == ["one", "wrong", "wrong", "one", "two"]


def test_a_changed_fingerprint_runs_all_examples_again(tmp_path, monkeypatch):
    (tmp_path / "auto_examples/backreferences").mkdir(parents=True)
    (tmp_path / "auto_examples/backreferences/backreferences_all.json").write_text("{}")

    def runs_again(failing=()):
        conf = {"run_stale_examples": False, "failing_examples": failing, "parallel": True}
        conf["examples_dirs"] = ["../examples"]
        app = SimpleNamespace(srcdir=tmp_path, config=SimpleNamespace(sphinx_gallery_conf=conf))
        gallery_pages.before_gallery(app)
        gallery_pages.after_gallery(app)
        return conf["run_stale_examples"]

    assert runs_again()
    assert not runs_again()
    monkeypatch.setattr(provenance, "fingerprint", lambda: "other")
    assert runs_again(failing=["one"])
    assert runs_again(), "an example that failed must not be taken for one that ran"
    assert not runs_again()


def test_workers_start_only_where_a_script_is_new(tmp_path, monkeypatch):
    scripts, gallery = tmp_path / "examples", tmp_path / "docs/auto_examples"
    monkeypatch.setattr(provenance, "fingerprint", lambda: "same")

    def starts_workers():
        conf = {"examples_dirs": ["../examples"], "parallel": 2}
        config = SimpleNamespace(sphinx_gallery_conf=conf)
        gallery_pages.before_gallery(SimpleNamespace(srcdir=tmp_path / "docs", config=config))
        return conf["parallel"] == 2

    for folder in (scripts, gallery):
        folder.mkdir(parents=True)
        (folder / "plot_a.py").write_text("1")
    (gallery / ".fingerprint").write_text("same")
    assert not starts_workers()
    (scripts / "plot_a.py").write_text("2")
    assert starts_workers()
    (gallery / "plot_a.py").write_text("2")
    (scripts / "plot_b.py").write_text("1")
    assert starts_workers()


@pytest.mark.parametrize(("number", "shown"), [(0.512, "0.51"), (6.93, "6.9"), (123.4, "120")])
def test_seconds_have_two_figures_without_an_exponent(number, shown):
    assert gallery_pages.two_figures(number) == shown


def test_each_example_starts_alike_and_strict(tmp_path):
    import matplotlib.pyplot as plt
    import torch

    with warnings.catch_warnings(), plt.rc_context():
        draws = []
        for _ in range(2):
            plt.rcParams["axes.grid"] = False
            torch.set_num_threads(2)
            old = tmp_path / "auto_examples/images/sphx_glr_plot_x_009.svg"
            other = old.with_name("sphx_glr_plot_xy_001.svg")
            old.parent.mkdir(parents=True, exist_ok=True)
            old.touch()
            other.touch()
            gallery_hooks.reset({"src_dir": tmp_path}, "plot_x.py", "before")
            assert other.exists() and not old.exists()
            assert plt.rcParams["axes.grid"] and torch.get_num_threads() == 1
            draws.append((np.random.rand(), torch.rand(1).item()))
            with pytest.raises(UserWarning):
                warnings.warn("strict", stacklevel=1)
    assert draws[0] == draws[1]


SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="432pt" height="100pt">
<text style="font: 10px sans-serif" x="1" y="2">learning rate</text>
<text style="font: 10px sans-serif" x="1" y="9">0.25</text>
<text style="font: 10px sans-serif" x="1" y="9">Adam</text></svg>"""
IMAGE = ".. image:: /g/images/sphx_glr_p_001.*\n   :alt:\n\n"
FIGURE = {"g/images/sphx_glr_p_001.svg": SVG}


@pytest.mark.parametrize(
    ("source", "warning"),
    [
        (f"{IMAGE}.. alt::\n\n   What it shows.\n", None),
        (f"{IMAGE}Text.\n", "a figure without an alt text"),
        (f".. alt::\n\n   What it shows.\n\n{IMAGE}", "an alt text without a figure before it"),
        (f"{IMAGE}.. alt::\n\n   One.\n\n.. alt::\n\n   Two.\n", "an alt text without a figure"),
    ],
)
def test_each_figure_has_its_words_in_the_prose(tmp_path, source, warning):
    status, said, page = build_page(tmp_path, source, ["figures"], files=FIGURE)
    if warning:
        assert status and warning in said
    else:
        assert status == 0, said
        assert page.select_one("img")["alt"] == "What it shows."
        assert page.select_one("article, .body").get_text().count("What it shows") == 0


def test_the_words_of_a_figure_and_its_alt_text_are_translated(tmp_path):
    """Names and numbers are no messages; the English figure stays as it is."""
    catalog = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8"

msgid "learning rate"
msgstr "学习率"

msgid "What it shows."
msgstr "图中所示。"
"""
    source = f"{IMAGE}.. alt::\n\n   What it shows.\n"
    files = {**FIGURE, "locale/zh_CN/LC_MESSAGES/index.po": catalog}
    status, said, page = build_page(
        tmp_path, source, ["figures"], "-D", "language=zh_CN", files=files
    )
    assert status == 0, said
    image = page.select_one("img")
    assert image["alt"] == "图中所示。"
    words = (tmp_path / "out" / image["src"]).read_text("utf-8")
    assert "学习率" in words and "learning" not in words and "Adam" in words
    assert "learning rate" in (tmp_path / "g/images/sphx_glr_p_001.svg").read_text()
    messages = tmp_path / "pot"
    assert build(tmp_path, messages, "-b", "gettext") == (0, "")
    found = re.findall(r'^msgid "(.+)"$', (messages / "index.pot").read_text("utf-8"), re.M)
    assert set(found) == {"Page", "learning rate", "What it shows."}


def test_numbers_in_prose_and_tables_are_computed(tmp_path):
    files = {"index.values.json": '{"x|.2f": "-0.25", "rows": [["gradient descent", "1.5"]]}'}
    source = "It is :calc:`x|.2f`.\n\n.. computed:: rows\n\n   method | loss\n"
    status, said, page = build_page(tmp_path, source, ["computed"], files=files)
    assert status == 0, said
    assert "It is −0.25." in page.get_text()
    cells = [
        cell.get_text(strip=True) for cell in page.select("table.computed th, table.computed td")
    ]
    assert cells == ["method", "loss", "gradient descent", "1.5"]
    for wrong in ("It is :calc:`y`.", ".. computed:: y\n\n   a | b\n"):
        status, said, _ = build_page(tmp_path, wrong, ["computed"], files=files)
        assert status and "nothing was computed for" in said


def test_values_are_those_at_the_end_of_the_script(tmp_path):
    script = tmp_path / "plot_x.py"
    script.write_text(
        "# %%\n# Of :calc:`x|.1f`, and :calc:`unknown`.\n#\n# .. computed:: [(x, 2)]\n"
    )
    for x in (1, 2):
        known = {
            "src_file": script,
            "target_file": tmp_path / "plot_x.py",
            "example_globals": {"x": x},
        }
        gallery_hooks.save_values(known)
    values = json.loads((tmp_path / "plot_x.values.json").read_text())
    assert float(values.pop("seconds it ran")) >= 0
    assert values == {"x|.1f": "2.0", "[(x, 2)]": [["2", "2"]]}


def test_thousands_of_points_become_pixels():
    import matplotlib.pyplot as plt

    fig, (few, many) = plt.subplots(1, 2)
    few.plot(range(100))
    many.plot(range(100))
    many.plot(range(gallery_hooks.POINTS + 1), ".")
    gallery_hooks.few_points(fig)
    assert not any(line.get_rasterized() for line in (*few.lines, many.lines[0]))
    assert many.lines[1].get_rasterized()
    plt.close(fig)


def test_a_question_folds_its_answer(tmp_path):
    source = ".. check:: How many *steps*?\n\n   Two.\n\n   And a half.\n\nAfter.\n"
    status, said, page = build_page(tmp_path, source, ["exercises"])
    assert status == 0, said
    details = page.select_one("details.check")
    assert " ".join(details.summary.get_text().split()) == "How many steps?"
    assert details.summary.em
    assert "Two." in details.text and "half" in details.text and "After" not in details.text


def test_code_that_only_draws_is_folded_and_empty_code_is_gone(pages):
    for _, name, page in both_galleries(pages):
        code = page.select("pre:not([data-role])")  # what scripts fill is empty before
        assert not [pre for pre in code if not pre.get_text(strip=True)], name
        source = (ROOT / "examples" / f"{name}.py").read_text(encoding="utf-8")
        folded = page.select("details.plotting")
        assert len(folded) == len(re.findall(r"^# plotting code$", source, re.M)), name
        assert all("plotting code" not in fold.pre.get_text() for fold in folded)
        assert "sphinx_gallery" not in page.get_text()


@pytest.mark.parametrize(
    ("source", "warning"),
    [
        (".. exercise:: 7.2 a\n\n   Try.\n\nDone.\n\n.. endexercise::\n", None),
        (".. exercise:: 7.2 a\n\n   Try.\n\nDone.\n", "exercise without endexercise"),
        (".. endexercise::\n", "endexercise without exercise"),
    ],
)
def test_an_exercise_folds_what_follows_up_to_its_end(tmp_path, source, warning):
    status, said, page = build_page(tmp_path, f"{source}\nAfter.\n", ["exercises"])
    if warning:
        assert status and warning in said
    else:
        assert status == 0, said
        (details,) = page.select("details")
        assert details.find_previous_sibling()["id"] == "exercise-7-2-a"
        assert "Done." in details.text and "After." not in details.text


def test_notebooks_and_scripts_hold_the_pages_text_and_code(site, parsed):
    """In the page's language, with what is folded, and no markup of the site's own."""
    for language in LANGUAGES:
        for name in EXAMPLES:
            page = site / language / "auto_examples" / f"{name}.html"
            notebook = json.loads(page.with_suffix(".ipynb").read_text("utf-8"))
            cells = [(c["cell_type"], "".join(c["source"])) for c in notebook["cells"]]
            text = "\n".join(source for kind, source in cells if kind == "markdown")
            soup = parsed(page)
            title = soup.h1.get_text().rstrip("#¶")
            assert cells[0][1].startswith(f"# {title}")
            assert "d2l_ch7" in cells[1][1] and "pip install" in cells[1][1]
            for question in soup.select("details.check > summary"):
                asked = re.sub(r"\s", "", question.get_text())
                assert asked[:20] in re.sub(r"[*$\\`\s]", "", text)
            assert not re.search(r":\w+:`|^\.\. \w+::|sphinx_gallery", text, re.M), (language, name)
            code = [source.rstrip(";") for kind, source in cells if kind == "code"]
            shown = [p.get_text().strip() for p in soup.select(".highlight-Python pre")]
            assert code == shown, (language, name)
            script = page.with_suffix(".py").read_text("utf-8")
            assert all(source in script for source in code)
            compile(script, name, "exec")


def test_seeds_are_read_from_the_script():
    script = "fit(seed=3)\nfit(seed=range(100))\ntorch.manual_seed(0)\nfit(seed=s)"
    assert provenance.seeds(script) == "0, 3, range(100)"


def test_chinese_is_indexed_by_characters_and_pairs():
    split = languages.HanPairs({}).split
    assert split("学习率 lr=0.05") == ["学", "习", "率", "学习", "习率", "lr", "0", "05"]
