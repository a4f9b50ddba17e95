"""What a page says to machines and to helpers: head, links, Markdown copy, lists of pages."""

import importlib
import json
import re
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest
from docutils import nodes

ROOT = Path(__file__).resolve().parents[1]
addresses, markdown, site_root = (
    pytest.importorskip(name, reason="pip install -e .[dev]")
    for name in ("addresses", "markdown", "site_root")
)
LANGUAGES = {"en": "English", "zh_CN": "简体中文"}
PAGES = "index", "install", "api/book", "auto_examples/plot_74_momentum"
URLS = {
    "Documentation": "https://example.org/d2l",
    "Source": "https://example.org/us/d2l_ch7",
    "Issues": "https://example.org/us/d2l_ch7/issues",
}


def context(pagename, urls=(), image="", language="en"):
    """What a page's templates are given, with or without addresses."""
    doctree = nodes.document(None, None)
    doctree += nodes.section("", nodes.title("", "A page"), nodes.paragraph("", "It says\nthis."))
    if image:
        doctree += nodes.image(uri=image, alt="A curve.")
    config = SimpleNamespace(
        project_urls=dict(urls), language=language, languages=LANGUAGES, project="d2l_ch7"
    )
    app = SimpleNamespace(
        config=config, env=SimpleNamespace(titles={pagename: nodes.title("", "A page")})
    )
    made = {}
    addresses.fill_context(app, pagename, "page.html", made, doctree)
    return made


def test_setup_cfg_gives_the_addresses(tmp_path):
    assert addresses.project_urls() == {}, "nothing is known yet; this test is to learn of it"
    for text in "", "project_urls =\n", "project_urls =\n    Source = https://a.b/c/\n":
        (tmp_path / "setup.cfg").write_text(f"[metadata]\nname = x\n{text}")
        expected = {"Source": "https://a.b/c"} if "Source" in text else {}
        assert addresses.project_urls(tmp_path / "setup.cfg") == expected


def test_without_addresses_all_is_relative_to_the_page():
    made = context("api/book", image="../_images/a.png")
    assert made["help_links"] == []
    assert made["open_graph"]["url"] == "book.html"
    assert made["open_graph"]["image"] == "../_images/a.png"
    assert made["open_graph"]["image:alt"] == "A curve."
    assert made["alternates"] == [
        ("en", "../../en/api/book.html"),
        ("zh-CN", "../../zh_CN/api/book.html"),
        ("x-default", "../../en/api/book.html"),
    ]
    assert context("index")["open_graph"]["image"] == addresses.PICTURE
    assert context("index")["alternates"][1] == ("zh-CN", "../zh_CN/index.html")


def test_with_addresses_all_is_absolute():
    made = context("api/book", URLS, "../_images/a.png", "zh_CN")
    assert made["open_graph"]["url"] == "https://example.org/d2l/zh_CN/api/book.html"
    assert made["open_graph"]["image"] == "https://example.org/d2l/zh_CN/_images/a.png"
    assert made["alternates"][0] == ("en", "https://example.org/d2l/en/api/book.html")
    assert made["open_graph"]["description"] == "It says this."
    picture = context("api/book", URLS)["open_graph"]["image"]
    assert picture == f"https://example.org/d2l/en/{addresses.PICTURE}"


@pytest.mark.parametrize("given", [*URLS, "all"])
def test_each_address_gives_its_own_links(given):
    urls = URLS if given == "all" else {given: URLS[given]}
    links = [url for _text, url in context("auto_examples/plot_74_momentum", urls)["help_links"]]
    source, path = URLS["Source"], "main/examples/plot_74_momentum.py"
    expected = [URLS["Issues"]] * (given in ("Issues", "all"))
    expected += [f"{source}/edit/{path}", f"{source}/blob/{path}"] * (given in ("Source", "all"))
    assert links == expected


def test_every_page_is_written_in_a_file_that_is_there(site):
    for path in (site / "en").rglob("*.md"):
        page = path.relative_to(site / "en").with_suffix("").as_posix()
        assert (ROOT / addresses.source_of(page)).is_file(), page
    assert addresses.source_of("changelog") == "CHANGELOG.md"


def test_each_page_describes_itself_in_its_own_words(site, parsed):
    for language in LANGUAGES:
        said = {}
        for path in (site / language).rglob("*.md"):
            html = path.with_suffix(".html")
            head = parsed(html).head
            tags = {tag.get("property") or tag.get("name"): tag["content"]
                    for tag in head.select("meta[content]")}  # fmt: skip
            text = tags["description"]
            assert text == tags["og:description"] and len(text) > 15, path
            assert said.setdefault(text, path) == path, "two pages say the same"
            assert (path.parent / tags["og:url"]).resolve() == html.resolve()
            assert (path.parent / tags["og:image"]).is_file(), path
            assert tags["og:title"] and tags["og:image:alt"]
            twins = {a["hreflang"]: a["href"] for a in head.select("link[hreflang]")}
            assert set(twins) == {"en", "zh-CN", "x-default"}
            assert all((path.parent / twin).is_file() for twin in twins.values()), path
            if language == "zh_CN":
                assert re.search("[\u4e00-\u9fff]", text), (path, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_markdown_of_a_page_is_beside_it_and_in_it(site, parsed, language):
    for path in (site / language).rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        page = parsed(path.with_suffix(".html"))
        assert json.loads(page.select_one("script.page-markdown").string) == text
        assert page.select_one(".page-tools a")["href"] == path.name
        title = page.h1.find(string=True, recursive=False)
        heading = re.search(r"^# (.*)", text, flags=re.M)[1].replace("\\", "").replace("`", "")
        assert heading.startswith(title.split("`")[0].strip()[:8]), path
        assert text.count("```") % 2 == 0
        prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
        for link in re.findall(r"\]\(([^)#\s]+)", prose):
            assert "://" in link or (path.parent / link).exists(), (path, link)


def test_the_markdown_has_what_the_page_shows(site):
    text = (site / "zh_CN/auto_examples/plot_74_momentum.md").read_text(encoding="utf-8")
    code = (ROOT / "examples/plot_74_momentum.py").read_text(encoding="utf-8")
    imports = re.findall(r"^import .*", code, flags=re.M)
    assert imports and all(line in text for line in imports)
    assert "![" in text and "$$" in text and "**解答**" in text
    record = (site / "zh_CN/auto_examples/plot_80_record.md").read_text(encoding="utf-8")
    assert re.search(r"^\|(-+\|){3,}$", record, flags=re.M) and "公布值" in record
    assert "GENERATED FROM" not in record and "<table" not in record


def test_numbers_in_a_markdown_table_stay_as_they_are():
    table = markdown.contexts.TableContext()
    table.body = [[["section"]], [["11.1"]], [["11.10"]]]
    assert "| 11.10 " in table.make()


def test_llms_txt_lists_every_page_once(site):
    for language in LANGUAGES:
        text = (site / language / "llms.txt").read_text(encoding="utf-8")
        assert text.startswith("# d2l_ch7\n\n> ")
        listed = re.findall(r"^- \[.+?\]\((\S+\.md)\)", text, flags=re.M)
        there = [p.relative_to(site / language).as_posix() for p in (site / language).rglob("*.md")]
        assert sorted(listed) == sorted(there) and listed[0] == "index.md"
    everything = (site / "llms.txt").read_text(encoding="utf-8")
    links = re.findall(r"\]\((\S+\.md)\)", everything)
    assert len(links) == 2 * len(there) and all((site / link).is_file() for link in links)


def test_a_sitemap_only_where_the_site_has_an_address(site, tmp_path, monkeypatch):
    assert not (site / "sitemap.xml").exists()
    for language in LANGUAGES:
        (tmp_path / language / "api").mkdir(parents=True)
        for page in "index.md", "api/book.md":
            (tmp_path / language / page).write_text("")
        (tmp_path / language / "llms.txt").write_text(
            f"[a]({URLS['Documentation']}/{language}/a.md)"
        )
    monkeypatch.setattr(site_root, "project_urls", lambda: URLS)
    site_root.main(tmp_path)
    root = ElementTree.parse(tmp_path / "sitemap.xml").getroot()
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    pages = [url.find(f"{space}loc").text for url in root]
    assert "https://example.org/d2l/zh_CN/api/book.html" in pages and len(pages) == 4
    assert all(len(url) == 3 for url in root)
    assert "](https://example.org/d2l/en/a.md)" in (tmp_path / "llms.txt").read_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_function_leads_to_its_source_offline(site, parsed, language):
    """Another name of a function leads where the function does, by its own entry."""
    named = set()
    for path in (site / language / "api").glob("*.html"):
        page = parsed(path)
        for entry in page.select("dl.function > dt, dl.class > dt"):
            link = entry.select_one("a.reference.internal:has(.viewcode-link)")
            module, _, name = entry["id"].rpartition(".")
            own = getattr(importlib.import_module(module), name).__name__
            if link is None:
                assert own != name, entry["id"]
                continue
            target, _, anchor = urljoin(path.as_uri(), link["href"]).partition("#")
            source = Path(target.removeprefix("file://")).read_text(encoding="utf-8")
            assert f'id="{anchor}"' in source and anchor == own
            named.add(own)
    assert {"fit", "train_ch7", "adam", "History"} <= named
