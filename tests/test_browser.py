"""The site in a real browser: offline, searchable, readable, usable by keyboard, light enough."""

import csv
from importlib.metadata import files
from pathlib import Path
from types import SimpleNamespace

import pytest
from browsing import new_page

pytestmark = pytest.mark.browser

LANGUAGES = "en", "zh_CN"
THEMES = "light", "dark"
QUERIES = Path(__file__).with_name("search_queries.csv")

KINDS = [  # a page of each kind; the others are visited by the slow tests
    "404.html",
    "en/index.html",
    "en/playground.html",
    "zh_CN/api/training.html",
    "zh_CN/auto_examples/plot_72_gd_sgd.html",
    "zh_CN/glossary.html",
]


@pytest.fixture(scope="session", params=["kinds", pytest.param("others", marks=pytest.mark.slow)])
def paths(request, site):
    """Pages, as "en/api/book.html": one of each kind, or all the others."""
    found = [p.relative_to(site).as_posix() for p in sorted(site.rglob("*.html"))]
    found = [p for p in found if "/_static/" not in p]
    assert set(KINDS) < set(found)
    return KINDS if request.param == "kinds" else [p for p in found if p not in KINDS]


@pytest.fixture
def page(browser, origins):
    """A page that can reach nothing but the site, with what it asked for in ``page.outside``."""
    with new_page(browser, origins) as page:
        yield page


def go(page, url):
    page.goto(url)
    page.evaluate("() => window.MathJax?.startup?.promise")  # waits until formulas are set


UNRENDERED = """() =>
  [...document.querySelectorAll(".math")].filter((m) => !m.querySelector("mjx-container")).length
  + document.querySelectorAll("mjx-merror, [data-mjx-error], mjx-mtext[style*=red]").length"""

# The theme lets the article scroll by itself: a wide thing in it leaves the page's own width alone.
WIDTH = """() => Math.max(...[document.documentElement,
  ...document.querySelectorAll(".bd-article-container")].map((e) => e.scrollWidth))"""

# Code has thousands of coloured words in a dozen colours: look at each colour once.
ONE_TOKEN_OF_EACH_KIND = """() => {
  const seen = new Set();
  for (const token of document.querySelectorAll("pre span:not(a span)"))
    if (!token.children.length && seen.size === seen.add(token.className).size)
      token.replaceWith(token.textContent);
}"""


@pytest.fixture(scope="session")
def visits(browser, origins, paths):
    """Each page once over http, in both themes and on a phone: {path: what was seen}."""
    source = next(f for f in files("axe-playwright-python") if f.name == "axe.min.js")
    axe = Path(source.locate()).read_text(encoding="utf-8")
    seen = {}
    for path in paths:
        with new_page(browser, origins, viewport={"width": 1280, "height": 900}) as page:
            sizes = []
            page.on("requestfinished", lambda r, s=sizes: s.append((r.url, r.sizes())))
            go(page, f"{origins['http']}/{path}")
            weight = {url: size["responseBodySize"] for url, size in sizes}
            seen[path] = visit = SimpleNamespace(weight=weight, violations={})
            visit.unrendered = page.evaluate(UNRENDERED)
            page.evaluate(axe)
            page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
            page.evaluate(ONE_TOKEN_OF_EACH_KIND)
            page.add_style_tag(content="* { transition: none !important }")  # colours would fade
            for theme in THEMES:
                page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
                page.emulate_media(color_scheme=theme)
                # Only colours differ between the themes.
                rules = {} if theme == "light" else {"runOnly": ["color-contrast"]}
                found = page.evaluate("(r) => axe.run(r).then((all) => all.violations)", rules)
                visit.violations[theme] = [
                    (v["id"], v["nodes"][0]["target"], v["nodes"][0]["failureSummary"])
                    for v in found
                ]
            page.set_viewport_size({"width": 360, "height": 740})
            visit.width = page.evaluate(WIDTH)
            visit.outside, visit.errors = page.outside, page.errors
    return seen


def test_nothing_is_asked_of_other_machines_and_no_script_fails(visits):
    assert not {path: v.outside + v.errors for path, v in visits.items() if v.outside + v.errors}


def test_the_same_from_disk(browser, origins, paths):
    found = {}
    with new_page(browser, origins) as page:  # keeps what it has read of MathJax
        for path in paths:
            go(page, f"{origins['file']}/{path}")
            found[path] = [*page.outside, *page.errors] + page.evaluate(UNRENDERED) * ["formula"]
            page.outside.clear(), page.errors.clear()
    assert not {path: wrong for path, wrong in found.items() if wrong}


def test_mathematics_is_set(visits):
    assert not {path: v.unrendered for path, v in visits.items() if v.unrendered}


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_no_violation(visits, theme):
    assert not {path: v.violations[theme] for path, v in visits.items() if v.violations[theme]}


def test_no_page_scrolls_sideways_on_a_phone(visits):
    assert not {path: v.width for path, v in visits.items() if v.width > 360}


def test_no_page_is_heavy(visits):
    """As sent, and without the mathematics, which is fetched once for the whole site."""

    def weight(visit):
        return sum(size for url, size in visit.weight.items() if "/mathjax/output/" not in url)

    assert not {path: weight(v) for path, v in visits.items() if weight(v) > 1_500_000}


def test_pages_are_readable_before_any_script_runs(browser, origins):
    with new_page(browser, origins, java_script_enabled=False) as page:
        page.goto(f"{origins['file']}/en/index.html")
        assert page.locator("h1").is_visible() and page.locator("ul.chapter img").first.is_visible()


@pytest.mark.parametrize(("origin", "language"), [("http", "zh_CN"), ("file", "en")])
def test_theme_switch_and_copy_button_work(page, origins, origin, language):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{origins[origin]}/{language}/from-your-notebook.html")
    page.locator(".theme-switch-button:visible").click()
    page.locator(".theme-change-button[data-mode=dark]:visible").click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.evaluate("navigator.clipboard.writeText('')")
    block = page.locator(".highlight", has_text="import d2l_ch7 as d2l").first
    block.hover()
    block.locator(".copybtn").click()
    assert page.evaluate("navigator.clipboard.readText()").strip() == "import d2l_ch7 as d2l"


@pytest.mark.parametrize("origin", ["http", "file"])
def test_a_page_is_copied_as_markdown(page, site, origins, origin):
    path = "zh_CN/auto_examples/plot_74_momentum"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{origins[origin]}/{path}.html")
    button = page.locator(".copy-page")
    said = button.inner_text()
    button.click()
    changed = "([button, said]) => button.textContent !== said"
    page.wait_for_function(changed, arg=[button.element_handle(), said])
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == (site / f"{path}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("origin", ["http", "file"])
def test_the_language_switch_keeps_the_page(page, origins, origin):
    page.goto(f"{origins[origin]}/en/api/book.html")
    page.locator(".language-switch a:visible").click()
    assert page.url.endswith("/zh_CN/api/book.html")
    page.locator(".language-switch a:visible").click()
    assert page.url.endswith("/en/api/book.html")


def solved(page, origins):
    page.goto(f"{origins['file']}/en/auto_examples/plot_77_adadelta.html")
    return page.locator("details.solution").first


def test_a_solution_opens_by_keyboard(page, origins):
    details = solved(page, origins)
    summary = details.locator("summary").element_handle()
    for _ in range(200):
        page.keyboard.press("Tab")
        if summary.evaluate("(s) => s === document.activeElement"):
            break
    page.keyboard.press("Enter")
    assert details.evaluate("(d) => d.open")
    assert details.locator(".highlight").first.is_visible()


def test_printing_opens_the_solutions_and_folds_them_again(page, origins):
    details = solved(page, origins)
    page.evaluate(
        "addEventListener('beforeprint', () =>"
        " (window.folded = document.querySelectorAll('details:not([open])').length,"
        " window.printed = document.documentElement.dataset.theme))"
    )
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.pdf().startswith(b"%PDF")
    assert page.evaluate("[window.folded, window.printed]") == [0, "light"]
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert not details.evaluate("(d) => d.open")


def test_print_without_script_shows_solutions_and_no_navigation(browser, origins):
    with new_page(browser, origins, java_script_enabled=False) as page:
        details = solved(page, origins)
        inside = details.locator(".highlight").first
        assert not inside.bounding_box() or not inside.is_visible()
        page.emulate_media(media="print")
        assert inside.is_visible()
        for part in ".bd-header", ".bd-sidebar-primary", ".bd-sidebar-secondary":
            assert not page.locator(part).first.is_visible()


def search(page, query, by_keyboard=False):
    """Type a query where a page offers it; return the pages found, best first."""
    if by_keyboard:
        page.keyboard.press("Control+K")
    elif "/search.html" not in page.url:  # which has the field on the page
        page.locator(".search-button:visible").first.click()
    page.locator("input[type=search]:visible").first.fill(query)
    with page.expect_navigation(url="**/search.html?q=*", wait_until="commit"):
        page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#search-results .search-summary')?.innerText")
    links = page.locator("#search-results ul.search > li > a").evaluate_all(
        "(all) => all.map((a) => new URL(a.href).pathname)"
    )
    return [link.split(".html")[0] for link in links]


# What the search page does with the query of its address, for one query after the other. It shows
# what it finds with a pause after each: here without.
SEARCH_ALL = """(queries) => {
  const results = document.getElementById("search-results");
  Search.startPulse = () => {};
  window.setTimeout = (next) => next();
  return queries.map((query) => {
    results.replaceChildren();
    Search.performSearch(query);
    return [...results.querySelectorAll("ul.search > li > a")].map((a) => a.pathname);
  });
}"""


def search_all(page, origins, language, queries):
    """The pages that each query finds, best first."""
    page.goto(f"{origins['file']}/{language}/search.html")
    page.wait_for_function("Search.hasIndex()")
    return page.evaluate(SEARCH_ALL, queries)


@pytest.mark.parametrize("language", LANGUAGES)
def test_search_finds_what_should_answer_among_the_first_three(page, origins, language):
    """The queries were written by somebody who had not seen what the search finds."""
    with QUERIES.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["language"] == language]
    assert len(rows) == {"en": 30, "zh_CN": 45}[language]
    answers = search_all(page, origins, language, [row["query"] for row in rows])
    wrong = {}
    for row, links in zip(rows, answers, strict=True):
        first = [link.split(f"/{language}/")[1].split(".html")[0] for link in links[:3]]
        if not set(row["page"].split("|")) & set(first):
            wrong[row["query"]] = row["page"], first
    assert not wrong
    assert not page.outside


@pytest.mark.parametrize("origin", ["http", "file"])
def test_one_search_after_the_other(page, origins, origin):
    """From a page's button, then from where the last one led."""
    page.goto(f"{origins[origin]}/en/index.html")
    assert any("plot_78" in link for link in search(page, "bias correction"))
    assert any("plot_75" in link for link in search(page, "adagrad"))
    assert not page.outside


@pytest.mark.parametrize("gone", ["performTermsSearch", "_index"])
def test_search_does_without_its_ranking_under_another_sphinx(page, origins, gone):
    """Parts of Sphinx's script that are not meant for others may have other names one day."""

    def renamed(route):
        body = route.fetch().text()
        assert gone in body
        route.fulfill(body=body.replace(gone, "another"), content_type="text/javascript")

    page.route("**/searchtools.js*", renamed)
    page.goto(f"{origins['http']}/zh_CN/index.html")
    assert any("plot_78" in link for link in search(page, "Adam 偏差修正"))
    assert not page.outside


def test_search_by_keyboard(page, origins):
    page.goto(f"{origins['file']}/zh_CN/index.html")
    assert any("plot_74" in link for link in search(page, "动量", by_keyboard=True))


def test_a_single_chinese_character_finds_something(page, origins):
    assert all(search_all(page, origins, "zh_CN", ["动", "率", "梯"]))


def test_queries_are_split_in_the_browser_as_in_the_index(page, origins):
    from languages import HanPairs

    page.goto(f"{origins['file']}/zh_CN/search.html")
    for query in "动量", "率", "小批量随机梯度下降", "Adam 与偏差修正 beta_1", "x1, x2":
        indexed = HanPairs({}).split(query)
        asked = page.evaluate("(query) => splitQuery(query)", query)
        # The index has the single characters of the pairs as well, and nothing else.
        assert {*asked, *(c for word in asked if not word.isascii() for c in word)} == set(indexed)
        assert all(len(word) == 2 for word in asked if not word.isascii()) or query == "率"
    assert page.evaluate("splitQuery('为什么发散')") == ["发散"]
    assert page.evaluate("splitQuery('为什么')") == ["为什", "什么"]
