"""The record page: its rows, its numbers, and where they come from."""

import ast
import json
import re
import runpy
from importlib.resources import files
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from helpers import build_page

import d2l_ch7 as d2l

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "examples" / "plot_80_record.py"
SOURCE = SCRIPT.read_text(encoding="utf-8")
REFERENCE = json.loads((ROOT / "tests" / "reference_runs.json").read_text(encoding="utf-8"))["runs"]
FEW = 8


def published():
    return json.loads(files("d2l_ch7._data").joinpath("published.json").read_text("utf-8"))


def run_page(path):
    """The names that the page's script leaves behind."""
    try:
        return runpy.run_path(str(path))
    finally:
        plt.close("all")


def short_page(folder):
    """The same for a page of a few seeds, where each time is taken once."""
    path, source = folder / "record.py", SOURCE
    for repeats, fewer in ("SEEDS = range(1000)", FEW), ("_ in range(2)", 1), ("_ in range(5)", 1):
        assert repeats in source
        source = source.replace(repeats, re.sub(r"\d+", str(fewer), repeats))
    path.write_text(source, "utf-8")
    return run_page(path)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return short_page(tmp_path_factory.mktemp("record"))


@pytest.fixture(scope="module")
def whole_page():
    return run_page(SCRIPT)


def directive(name):
    """What the prose says of a table: its directive, and its header."""
    (text,) = re.findall(rf"^# (\.\. computed:: {name}\n#\n(?:#    .+\n)+)", SOURCE, re.M)
    return re.sub("^# ?", "", text, flags=re.M)


def table(page, name):
    """The rows of a table, by the names in its header in the prose."""
    columns = " ".join(directive(name).split()[3:]).split(" | ")
    assert all(len(row) == len(columns) for row in page[name])
    return [dict(zip(columns, row)) for row in page[name]]


def test_fifty_rows_one_for_each_published_number(page):
    losses, descents = table(page, "loss_table"), table(page, "descent_table")
    assert (len(losses), len(descents)) == (38, 12)
    runs = published()["training_runs"]
    assert sorted((row["experiment"], row["published"]) for row in losses) == sorted(
        (page["experiment"](run), f"{run['published_loss']:.6f}") for run in runs
    )
    assert sorted((row["section"], row["published"]) for row in descents) == sorted(
        (d["section"], d["published"]) for d in published()["descents"]
    )
    sections = [row["section"] for row in losses]
    assert sections == sorted(sections)
    assert set(sections) == {"7.3", "7.4", "7.5", "7.6", "7.7", "7.8"}


def test_each_setting_is_computed_once_and_never_confused(page):
    keys = ("function", "optimizer", "hyperparams", "batch_size", "num_epochs")
    settings = {json.dumps([run[key] for key in keys]) for run in published()["training_runs"]}
    assert len(page["losses"]) == len(settings) == 18


@pytest.mark.parametrize("run", REFERENCE[::3], ids=lambda run: run["optimizer"])
def test_losses_are_those_of_the_recorded_runs(page, run):
    function = {"scratch": "train_ch7", "torch": "train_pytorch_ch7"}[run["kind"]]
    name = page["experiment"]({**run, "function": function})
    same = [r for r in REFERENCE if all(r[k] == run[k] for k in run if k not in ("seed", "losses"))]
    assert sorted(r["seed"] for r in same) == [0, 1, 2]
    for reference in same:
        computed = page["losses"][name][reference["seed"]]
        assert computed == pytest.approx(reference["losses"][-1], rel=2e-6)


@pytest.mark.parametrize("index", [2, 8, 31])  # sgd, sgd again from another source, torch Adadelta
def test_quantiles_are_those_of_single_runs(page, index):
    run = published()["training_runs"][index]
    alone = [page["train"](run, seed).final_loss for seed in range(FEW)]
    (row,) = (
        row
        for row in table(page, "loss_table")
        if (row["experiment"], row["source"], row["published"])
        == (
            page["experiment"](run),
            page["SOURCES"][run["source"]],
            f"{run['published_loss']:.6f}",
        )
    )
    low, left, middle, right, high = np.quantile(alone, [0, 0.025, 0.5, 0.975, 1])
    assert float(row["median"]) == pytest.approx(middle, abs=2e-6)
    assert [float(x) for x in row["95 %"].split("–")] == pytest.approx([left, right], abs=2e-6)
    assert [float(x) for x in row["all seeds"].split("–")] == pytest.approx([low, high], abs=2e-6)
    assert row["percentile"] == f"{100 * np.mean(np.array(alone) <= run['published_loss']):.1f}"
    assert row["inside"] == ("yes" if low <= run["published_loss"] <= high else "no")


def test_optimum_is_that_of_least_squares(page):
    features, labels = d2l.get_data_ch7()
    A = np.column_stack([features.double().numpy(), np.ones(len(features))])
    y = labels.double().numpy()
    residuals = A @ np.linalg.lstsq(A, y, rcond=None)[0] - y
    assert page["optimum"] == pytest.approx((residuals**2).mean() / 2, rel=1e-9)
    assert page["optimum"] == pytest.approx(published()["optimum_loss"], rel=1e-6)
    assert all(values.min() > page["optimum"] for values in page["losses"].values())


def test_eleven_descents_to_the_last_digit(page):
    descents = table(page, "descent_table")
    assert [row["agreement"] for row in descents].count("equal") == 11
    for row in descents:
        assert (row["published"] == row["computed"]) == (row["agreement"] == "equal")


def test_random_descents_are_the_books_own(page):
    np.random.seed(3)
    x1, x2 = -5.0, -2.0
    for _ in range(20):
        n1, n2 = np.random.normal(0.1), np.random.normal(0.1)
        x1, x2 = x1 - 0.1 * (2 * x1 + n1), x2 - 0.1 * (4 * x2 + n2)
    assert page["ends"].shape == (FEW, 2)
    assert page["ends"][3] == pytest.approx([x1, x2], rel=1e-12)


def test_no_published_number_is_typed_by_hand():
    results = {run["published_loss"] for run in published()["training_runs"]}
    results |= {run["published_sec_per_epoch"] for run in published()["training_runs"]}
    words = {word.strip(",") for d in published()["descents"] for word in d["published"].split()}
    typed = {node.value for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.Constant)}
    assert not results & typed
    assert not any(str(number) in SOURCE for number in results)
    assert not any(word in SOURCE for word in words if "." in word)


@pytest.mark.slow
def test_the_page_follows_the_published_file(tmp_path, monkeypatch):
    changed = published()
    changed["training_runs"][0]["published_loss"] = 0.2  # below the optimum
    monkeypatch.setattr(json, "loads", lambda text: changed)
    page = short_page(tmp_path)
    first = table(page, "loss_table")[0]
    assert first["published"] == "0.200000"
    assert (first["percentile"], first["inside"]) == ("0.0", "no")
    assert changed["training_runs"][0] in page["outside"]


def test_tables_are_accessible_html(page, tmp_path):
    pytest.importorskip("bs4")
    names = "loss_table", "descent_table"
    text = "\n".join(map(directive, names))
    values = {name: [list(map(str, row)) for row in page[name]] for name in names}
    files = {"index.values.json": json.dumps(values)}
    options = ["-Dhtml_theme=pydata_sphinx_theme"]
    status, said, html = build_page(tmp_path, text, ["computed"], *options, files=files)
    assert status == 0, said
    shown = html.select("table.computed")
    assert len(shown) == len(names)
    for name, one in zip(names, shown):
        assert "pst-scrollable-table-container" in one.parent["class"]  # the page does not scroll
        assert [cell.text.strip() for cell in one.select("thead th")] == list(table(page, name)[0])
        cells = [[c.text.strip() for c in row.select("th, td")] for row in one.select("tbody tr")]
        assert cells == values[name]
        assert all(len(row.select("th")) == 1 for row in one.select("tbody tr"))


@pytest.mark.slow
def test_thirty_six_of_thirty_eight(whole_page):
    runs = published()["training_runs"]
    inside = [whole_page["inside"](run) for run in runs]
    assert inside.count(True) == 36
    assert [row["inside"] for row in table(whole_page, "loss_table")].count("yes") == 36
    outside = [run for run, ok in zip(runs, inside) if not ok]
    assert [run["optimizer"] for run in outside] == ["Adadelta"] * 2
    assert [run["hyperparams"] for run in outside] == [{"rho": 0.9}] * 2
    assert [run["published_loss"] for run in outside] == [0.242104] * 2
    assert whole_page["counts"][:2] == [0, 0] and min(whole_page["counts"][2:]) > 0
    assert 5 < whole_page["farther"] <= 100


@pytest.mark.slow
def test_one_seed_in_ten_thousand_reaches_the_odd_number(whole_page):
    features, labels = d2l.get_data_ch7()
    history = d2l.fit_torch(
        torch.optim.Adadelta, {"rho": 0.9}, features, labels, seed=range(10_000)
    )
    (reached,) = np.flatnonzero(history.final_loss <= whole_page["odd"]["published_loss"])
    assert reached == whole_page["RARE_SEED"]
    assert whole_page["rare"] == pytest.approx(history.final_loss[reached], rel=1e-6)
