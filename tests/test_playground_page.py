"""The playground's page and its small ones: by mouse, by keyboard, by ear, and without script."""

import base64
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from browsing import new_page
from bs4 import BeautifulSoup
from helpers import build

ROOT = Path(__file__).resolve().parents[1]
playground, playground_stills = (
    pytest.importorskip(name, reason="pip install -e .[dev]")
    for name in ("playground", "playground_stills")
)
pytestmark = pytest.mark.browser

LANGUAGES = "en", "zh_CN"
SCRIPTS = ROOT / "docs" / "_static" / "playground"
SMALL = sorted(
    path.stem
    for path in (ROOT / "examples").glob("plot_*.py")
    if ".. playground::" in path.read_text(encoding="utf-8")
)


@pytest.fixture
def open_page(browser, origins):
    """Opens a page of the site, the playground in English if no other, with a state."""
    contexts = []

    def opened(state="", name="en/playground.html", origin="file", **options):
        context = new_page(browser, origins, **options)
        page = context.__enter__()
        contexts.append((context, page))
        page.clock.install()
        page.goto(f"{origins[origin]}/{name}{'#' if state else ''}{state}")
        return page

    yield opened
    for context, page in contexts:
        assert not page.errors and not page.outside
        context.__exit__(None, None, None)


def settings(page):
    return page.evaluate("d2lPlayground.all[0].settings()")


def rest(page):
    """Wait until a change is drawn, announced and written into the address."""
    page.clock.run_for(450)
    address = "document.querySelector('[data-role=open]')?.href ?? location.href"
    page.wait_for_function(f"({address}).split('#')[1] === d2lPlayground.all[0].text()")


def all_seeds(page):
    """Wait until as many seeds have run as are to be shown."""
    shown = "document.querySelector('[data-role=line-loss]').textContent"
    page.wait_for_function(f"!{shown}.match(/ [1-9]?\\d seeds/)")


def line(page, panel="loss"):
    return page.locator(f"[data-role=line-{panel}]").first.text_content()


# What stands where


def test_pages_hold_one_as_their_scripts_say_and_no_others_load_scripts(site):
    assert SMALL
    for language in LANGUAGES:
        others = site / language / "index.html", site / language / "playground.html"
        for path in (site / language).rglob("*.html"):
            html = path.read_text(encoding="utf-8")
            page = BeautifulSoup(html if "/playground/" in html else "", "html.parser")
            found = page.select(".playground")
            assert len(found) == (path.stem in SMALL or path in others), path
            loaded = [s for s in page.select("script[src]") if "/playground/" in s["src"]]
            assert len(loaded) == (len(playground.SCRIPTS) if found else 0), path
            if found and path.name != "playground.html":
                assert len(found[0].select("figure[data-panel]")) == 1, path
                controls = {i["data-key"] for i in found[0].select("[data-key]")}
                assert 2 <= len(controls) <= 3, path


def test_a_small_one_stands_right_after_the_opening(site, parsed):
    for name in SMALL:
        page = parsed(site / "en" / "auto_examples" / f"{name}.html")
        before = page.select_one(".playground").find_all_previous(["h2", "h3", "pre"])
        assert not [tag for tag in before if tag.find_parent("article")], name


@pytest.mark.parametrize("name", ["playground", "auto_examples/plot_74_momentum"])
def test_without_script_and_in_print_a_figure_stands_in_its_place(open_page, name):
    still, live = "img.playground-still", ".playground"
    page = open_page(name=f"zh_CN/{name}.html", java_script_enabled=False)
    assert page.locator(still).is_visible() and not page.locator(live).is_visible()
    assert page.locator(still).evaluate("(image) => image.complete && image.naturalWidth > 500")
    assert not page.locator(".experiment button").locator("visible=true").count()
    page = open_page(name=f"en/{name}.html")
    assert page.locator(live).is_visible() and not page.locator(still).is_visible()
    page.emulate_media(media="print")
    assert page.locator(still).is_visible() and not page.locator(live).is_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_notebooks_have_the_task_and_its_figure_and_scripts_the_task(site, parsed, language):
    for name in SMALL:
        page = site / language / "auto_examples" / f"{name}.html"
        html = parsed(page)
        task = " ".join(html.select_one(".playground-small > p").get_text().split())[-25:]
        notebook = nbformat.read(page.with_suffix(".ipynb"), as_version=4)
        nbformat.validate(notebook)
        cells = [cell for cell in notebook.cells if cell.get("attachments")]
        assert cells == notebook.cells[:1]
        ((figure, attached),) = cells[0].attachments.items()
        assert base64.b64decode(attached["image/png"]).startswith(b"\x89PNG")
        words = html.select_one("img.playground-still")["alt"]
        assert f"![{words}](attachment:{figure})" in cells[0].source
        script = page.with_suffix(".py").read_text(encoding="utf-8")
        for text in cells[0].source, script:
            assert task in text and not re.search(r"playground::|:show:", text), name
        assert "attachment" not in script
        compile(script, name, "exec")


def test_where_nothing_moves_there_is_the_task_and_the_figure(tmp_path):
    """In print by LaTeX, and for translators, whose catalogs hold nothing but the task."""
    (tmp_path / "conf.py").write_text('extensions = ["playground"]')
    block = ".. playground:: lr=0.1\n   :show: bowl lr seed\n\n   **Predict:** what happens?\n"
    (tmp_path / "index.rst").write_text(f"Page\n====\n\n{block}")
    playground_stills.still("lr=0.1", "bowl")
    shutil.copytree(playground.FIGURES, tmp_path / playground.FIGURES.name)
    for builder in "latex", "gettext":
        assert build(tmp_path, tmp_path / builder, "-W", "-b", builder) == (0, "")
    (source,) = (tmp_path / "latex").glob("*.tex")
    text = source.read_text()
    assert "Predict:" in text and "includegraphics" in text and "lr=" not in text
    messages = re.findall('^msgid "(.+)"$', (tmp_path / "gettext/index.pot").read_text(), re.M)
    assert messages == ["Page", "**Predict:** what happens?"]


def test_the_words_of_still_figures_are_the_languages(monkeypatch):
    monkeypatch.setattr(playground_stills, "_", lambda text: f"[{text}]")
    svg = playground_stills.still_in("tried", "method=adam", "loss").read_text(encoding="utf-8")
    texts = set(re.findall(r">([^<>]*[A-Za-z]{2}[^<>]*)</text>", svg))
    assert texts == {"[epoch]", "[loss]", "[least possible loss]", "adam，lr 0.05"}
    words = playground_stills.still_words("method=adam&lr=0.2~lr=0.3", "loss")
    assert "adam[, ][learning rate] 0.2; sgd[, ][learning rate] 0.3" in words
    assert "95 %" in words and "%%" not in words


def test_arrows_stand_where_their_step_can_be_set(open_page):
    for name, shown in ("75_adagrad", 1), ("74_momentum", 0):
        page = open_page(name=f"en/auto_examples/plot_{name}.html")
        rest(page)
        assert page.locator(".playground .key").locator("visible=true").count() == shown
        assert bool(page.locator(".playground .gradient").count()) == shown
    page = open_page("method=momentum&lr=0.1&hide=step")
    rest(page)
    assert not page.locator(".gradient").count()


# The address


def test_the_address_holds_the_state(open_page):
    state = "method=adam&lr=0.02&batch=20&seed=7&panel=loss~method=momentum&lr=0.04&momentum=0.3"
    page = open_page(state)
    rest(page)
    assert page.url.endswith(state)
    found = settings(page)
    assert (found["method"], found["lr"], found["batch"], found["seed"]) == ("adam", 0.02, 20, 7)
    assert page.locator("[data-role=results] tr").count() == 3
    page.locator("select[data-key=method]").select_option("torch-adam")
    rest(page)
    assert "method=torch-adam" in page.url
    before = line(page), page.url
    page.reload()
    rest(page)
    assert (line(page), page.url) == before


def test_what_is_out_of_limits_is_brought_back(open_page):
    page = open_page("method=nosuch&lr=1e9&momentum=2&batch=0.4&epochs=-1&seed=1e99&x1=nan&y=1")
    found = settings(page)
    assert found["method"] == "sgd" and found["lr"] == 1e6 and found["momentum"] < 1
    assert (found["batch"], found["epochs"], found["seed"]) == (1, 1, 2**32 - 1)
    assert found["x1"] == -5
    field = page.locator("input[type=number][data-key=batch]")
    field.fill("9999")
    field.blur()
    assert field.input_value() == "1500" and settings(page)["batch"] == 1500


def test_lecturers_can_hide_parts(open_page):
    page = open_page("hide=lr,seed,plane,python,task,results&lr=0.3")
    for part in "lr", "seed", "plane", "python", "task", "results":
        assert not page.locator(f"[data-part={part}]").first.is_visible(), part
    assert page.locator("[data-part=batch]").is_visible()
    page.locator("[data-act=reset]").click()
    rest(page)
    assert "hide=lr" in page.url


def test_a_reset_keeps_the_seed(open_page):
    page = open_page("lr=0.3&seed=5~lr=0.1")
    page.locator("[data-act=reset]").click()
    rest(page)
    found = settings(page)
    assert found["seed"] == 5 and found["lr"] != 0.3
    assert page.locator("[data-role=results] tr").count() == 2


# Experiments


def test_each_experiment_and_published_setting_can_be_chosen(open_page):
    page = open_page()
    assert settings(page)["task"] and page.locator("[data-role=task]").text_content()
    options = page.locator("[data-role=tasks] option")
    states = options.evaluate_all("(all) => all.map((o) => [o.value, o.dataset.state])")
    assert len(page.locator(".experiment").all()) == 8
    results = json.loads((ROOT / "data" / "published.json").read_text("utf-8"))
    runs = {
        (r["function"], r["optimizer"], str(r["hyperparams"]), r["batch_size"], r["num_epochs"])
        for r in results["training_runs"]
    }
    published = states[9:]
    assert len(published) == len(runs) + len(
        {(d["section"] == "7.2", d["what"], d["eta"]) for d in results["descents"]}
    )
    for value, _ in states[1:]:
        page.locator("[data-role=tasks]").select_option(value)
        page.wait_for_function(f"d2lPlayground.all[0].settings().task === {json.dumps(value)}")
        all_seeds(page)
        if value in [value for value, _ in published]:
            marks = page.locator("[data-panel=spread] .published")
            lines = page.locator("[data-role^=book-]").all_text_contents()
            assert any(lines), value
            assert ".published" and (marks.count() or settings(page)["panel"] == "bowl"), value
    page.locator(".experiment button").nth(2).click()
    rest(page)
    assert page.evaluate("document.activeElement.dataset.role") == "tasks"
    assert settings(page)["seeds"] == 100


def test_many_seeds_are_shown_with_their_spread(open_page):
    page = open_page("method=sgd~method=adam&lr=0.01")
    page.locator("input[data-key=seeds][value='100']").check()
    page.wait_for_function(
        "document.querySelectorAll('[data-role=results] tr')[2]?.textContent.includes('/ 100')"
    )
    assert line(page).startswith("median loss of 100 seeds: 0.24")
    assert page.locator("[data-panel=spread] .median").count() == 2
    cells = page.locator("[data-role=results] tr").nth(2).locator("td").all_text_contents()
    assert 50 < int(cells[5].removesuffix(" / 100")) < 100  # adam is lower in most


def test_curves_are_kept_up_to_five_and_removed(open_page):
    page = open_page()
    for rate in "0.01", "0.02", "0.03", "0.04", "0.05", "0.06":
        page.locator("input[type=number][data-key=lr]").fill(rate)
        page.locator("[data-act=keep]").click()
    rows = page.locator("[data-role=results] tr")
    page.wait_for_function("document.querySelectorAll('[data-role=results] tr').length === 7")
    page.locator("[data-act=drop]").first.click()
    page.wait_for_function("document.querySelectorAll('[data-role=results] tr').length === 6")
    for look in "strokeDasharray", "stroke":
        looks = page.locator("[data-panel=loss] .line").evaluate_all(
            f"(all) => all.map((line) => getComputedStyle(line).{look})"
        )
        assert len(set(looks)) == len(looks) == 5, look
    assert rows.count() == 6


def test_the_sweep_shows_all_methods(open_page):
    page = open_page("method=torch-adam&lr=0.01")
    assert not page.locator("[data-panel=sweep]").is_visible()
    page.locator("[data-act=sweep]").click()
    page.wait_for_function("document.querySelectorAll('[data-panel=sweep] .note').length === 6")
    assert page.locator("[data-act=sweep]").get_attribute("aria-pressed") == "true"


def test_the_limit_is_a_mark_that_can_be_clicked(open_page):
    page = open_page("method=sgd&lr=0.3")
    page.locator("[data-limit=bowl]").click()
    assert settings(page)["lr"] == 0.5
    page.locator("[data-limit=loss]").click()
    assert 0.95 < settings(page)["lr"] < 0.96
    page.locator("select[data-key=method]").select_option("momentum")
    page.locator("[data-limit=bowl]").click()
    assert settings(page)["lr"] == 0.75
    page.locator("select[data-key=method]").select_option("adam")
    page.wait_for_function("document.querySelector('[data-limit]').hidden")


# Mouse, keyboard, screen reader


def test_the_start_is_dragged_and_clicked(open_page):
    page = open_page("lr=0.1")
    rest(page)
    box = page.locator(".start").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] - 60, steps=5)
    page.mouse.up()
    dragged = settings(page)
    assert dragged["x1"] > -4.5 and dragged["x2"] > -1.5
    box = page.locator("[data-panel=bowl] > svg").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.2)
    clicked = settings(page)
    assert (clicked["x1"], clicked["x2"]) != (dragged["x1"], dragged["x2"])
    page.wait_for_function(
        "!/-0.04/.test(document.querySelector('[data-role=line-bowl]').textContent)"
    )


def focus(page, selector):
    """Go by Tab, as a reader would, until the focus is on what the selector finds."""
    for _ in range(250):
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no way by keyboard to {selector}")


def test_the_keyboard_does_everything(open_page):
    page = open_page("method=momentum&lr=0.1")
    press = page.keyboard.press
    focus(page, "[data-role=tasks]")
    before = settings(page)["task"]
    press("ArrowDown")
    rest(page)
    assert settings(page)["task"] != before
    focus(page, ".start")
    press("ArrowRight")
    press("Shift+ArrowUp")
    assert (settings(page)["x1"], settings(page)["x2"]) == (-4.9, -1)
    focus(page, "select[data-key=method]")
    press("Home")
    press("ArrowDown")
    rest(page)
    assert settings(page)["method"] == "momentum"
    for name in "lr", "momentum", "batch", "epochs":
        focus(page, f"input[type=range][data-key={name}]")
        before = settings(page)[name]
        press("ArrowRight")
        rest(page)
        assert settings(page)[name] > before, name
        slider = page.locator(f"input[type=range][data-key={name}]")
        assert slider.get_attribute("aria-valuetext") == f"{settings(page)[name]:g}"
        if name == "lr":
            focus(page, "[data-limit=loss]")
            press("Enter")
            assert settings(page)["lr"] > 0.9
    focus(page, "input[data-key=seed]")
    press("Control+A")
    page.keyboard.type("41")
    assert settings(page)["seed"] == 41
    focus(page, "[data-act=reseed]")
    press("Enter")
    assert settings(page)["seed"] != 41
    focus(page, "input[data-key=seeds]")
    press("ArrowRight")
    rest(page)
    assert settings(page)["seeds"] == 100
    for act in "keep", "sweep":
        focus(page, f"[data-act={act}]")
        press("Enter")
    rest(page)
    assert settings(page)["sweep"] == 1 and page.locator("[data-role=results] tr").count() == 3
    focus(page, "[data-part=more] summary")
    press("Enter")
    focus(page, "select[data-key=bowl]")
    press("ArrowDown")
    for name, typed in (("x1", "2"), ("x2", "-1"), ("steps", "30"), ("step", "3")):
        focus(page, f"input[type=number][data-key={name}]")
        press("Control+A")
        page.keyboard.type(typed)
    focus(page, "input[data-key=noise]")
    press("Space")
    rest(page)
    found = settings(page)
    assert [found[name] for name in ("bowl", "x1", "x2", "steps", "step", "noise")] == [
        "round", 2, -1, 30, 3, 1
    ]  # fmt: skip
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    focus(page, "figure[data-panel=loss] summary")
    press("Enter")
    focus(page, "figure[data-panel=loss] [data-act=copy]")
    press("Enter")
    rest(page)
    assert "seed=range(" in page.evaluate("navigator.clipboard.readText()")
    focus(page, "[data-act=drop]")
    press("Enter")
    focus(page, "[data-part=records] summary")
    press("Enter")
    rest(page)
    assert page.locator("[data-role=records] tr").count() > 10


def test_what_changes_is_announced_once_it_rests(open_page):
    page = open_page("lr=0.05")
    rest(page)
    live = page.locator("[aria-live=polite]")
    assert live.count() == 1
    before = live.text_content()
    page.locator("input[type=number][data-key=lr]").fill("0.02")
    assert live.text_content() == before
    rest(page)
    assert live.text_content() != before
    assert line(page) in live.text_content() and line(page, "bowl") in live.text_content()


def test_the_code_can_be_copied(open_page):
    page = open_page()
    rest(page)  # what the page says at first comes before what the button says
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for panel, call in ("loss", "d2l.fit("), ("bowl", "d2l.train_2d("):
        code = page.locator(f"details:has([data-role=python-{panel}])")
        code.locator("summary").click()
        code.locator("[data-act=copy]").click()
        rest(page)
        copied = page.evaluate("navigator.clipboard.readText()")
        assert call in copied and copied == code.locator("pre").text_content()
        assert page.locator("[aria-live=polite]").text_content() == "Copied."


def test_the_page_prints_the_line_that_the_shown_code_prints(open_page):
    from test_playground import printed

    for state in ("method=sgd&seed=9", "method=momentum&lr=0.6&momentum=0&x1=3", "noise=1&seed=4"):
        page = open_page(state)
        rest(page)
        for panel in "loss", "bowl":
            code = page.locator(f"[data-role=python-{panel}]").text_content()
            assert printed(code) == [line(page, panel)], state


def test_a_small_one_opens_in_the_playground_as_it_is(open_page):
    page = open_page(name="en/auto_examples/plot_74_momentum.html")
    page.locator("input[type=number][data-key=momentum]").fill("0.5")
    rest(page)
    shown = line(page, "bowl")
    page.locator("[data-role=open]").click()
    page.wait_for_url("**/playground.html#*")
    page.wait_for_function("document.querySelector('[data-role=line-bowl]').textContent")
    assert line(page, "bowl") == shown


def test_a_task_shows_what_is_found_and_many_seeds_where_they_end(open_page):
    page = open_page()
    answer = page.locator("[data-role=answer]")
    for i in 3, 1:
        page.locator("[data-role=tasks]").select_option(index=i)
        assert not answer.evaluate("(details) => details.open")
        answer.locator("summary").click()
        told = page.locator(".answer:not([data-role])").nth(i - 1).locator("p").text_content()
        assert answer.locator("p").is_visible() and answer.locator("p").text_content() == told
    page.locator("[data-role=tasks]").select_option(index=12)
    rest(page)
    assert not answer.is_visible()
    for seeds, panel in (1, "loss"), (100, "spread"), (1, "loss"):
        page.locator(f"input[data-key=seeds][value='{seeds}']").check()
        rest(page)
        assert settings(page)["panel"] == panel
        tops = {
            figure.get_attribute("data-panel"): figure.bounding_box()
            for figure in page.locator("figure[data-panel]").all()
            if figure.is_visible()
        }
        assert min(tops, key=lambda name: (tops[name]["y"], tops[name]["x"])) == panel


def test_a_sweep_goes_on_after_other_settings(open_page):
    page = open_page("sweep=1&panel=sweep&epochs=20")
    page.wait_for_function("document.querySelectorAll('[data-panel=sweep] .note').length > 1")
    for epochs in "1", "20":
        page.locator("input[type=number][data-key=epochs]").fill(epochs)
    page.wait_for_function("document.querySelectorAll('[data-panel=sweep] .note').length === 6")


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.slow), "zh_CN"])
def test_a_phone_shows_one_picture_and_fits(open_page, language):
    page = open_page("seeds=100&panel=spread&sweep=1", f"{language}/playground.html",
                     viewport={"width": 390, "height": 844})  # fmt: skip
    figures = page.locator("figure[data-panel]")
    for tab in page.locator(".tabs button").all():
        tab.click()
        rest(page)
        seen = [f.get_attribute("data-panel") for f in figures.all() if f.is_visible()]
        assert [name for name in seen if name != "results"] == [tab.get_attribute("data-with")]
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("input[data-key=seed]").evaluate("(input) => input.scrollIntoView()")
    box = figures.locator("visible=true").first.bounding_box()
    assert box["y"] > 0 and box["y"] + box["height"] < 600  # it stays in sight


@pytest.mark.parametrize(
    ("language", "theme"),
    [
        ("zh_CN", "dark"),
        pytest.param("en", "light", marks=pytest.mark.slow),
        pytest.param("en", "dark", marks=pytest.mark.slow),
        pytest.param("zh_CN", "light", marks=pytest.mark.slow),
    ],
)
def test_axe_finds_nothing_with_everything_open(open_page, language, theme):
    from importlib.metadata import files

    source = next(f for f in files("axe-playwright-python") if f.name == "axe.min.js")
    page = open_page("seeds=100&sweep=1&method=rmsprop~method=adam&lr=0.01~lr=0.1",
                     f"{language}/playground.html")  # fmt: skip
    page.emulate_media(color_scheme=theme)
    page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
    page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    all_seeds(page)
    rest(page)
    page.evaluate(Path(source.locate()).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run('.playground').then((all) => all.violations)")
    assert not [(v["id"], v["nodes"][0]["html"], v["nodes"][0]["failureSummary"]) for v in found]


def test_nothing_moves_by_itself(open_page):
    page = open_page("seeds=100", reduced_motion="reduce")
    rest(page)
    moving = page.evaluate("document.getAnimations().length")
    css = (SCRIPTS / "playground.css").read_text(encoding="utf-8")
    assert moving == 0 and not re.search(r"transition|animation|scroll-behavior", css)


def test_the_scripts_are_few_and_say_their_job():
    scripts = sorted(SCRIPTS.glob("*.js"))
    assert {path.stem for path in scripts} == set(playground.SCRIPTS) - {"data"}
    assert sum(len(path.read_text("utf-8").splitlines()) for path in scripts) < 1200
    for path in scripts:
        first, strict, *_ = path.read_text("utf-8").splitlines()
        assert re.fullmatch(r"/\*\* [A-Z][\w ]+: .+\. \*/", first), path
        assert strict == '"use strict";', path
