"""What tests share: the paths, the chapter's data, a clean start for each test, the built site."""

import os
import sys
from functools import cache
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from browsing import browser, origins  # noqa: F401  (fixtures, one browser for all files)
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))  # textbook.py

matplotlib.use("Agg")
settings.register_profile("suite", derandomize=True, deadline=None, max_examples=25)
settings.load_profile("suite")


def pytest_collection_modifyitems(items):
    """What only reads the built site comes last: by then the browser's tests have had it built."""
    late = {f"test_{name}.py" for name in ("addresses", "chinese", "gate", "pages", "site")}
    for item in items:
        if "site" in item.fixturenames:
            item.add_marker("site")
    items.sort(key=lambda item: item.path.name in late)


@pytest.fixture(autouse=True)
def _clean_start():
    """Each test starts without figures, from seeded generators, with matplotlib's own size."""
    plt.close("all")
    torch.manual_seed(12345)
    np.random.seed(12345)
    yield
    plt.close("all")
    plt.rcParams["figure.figsize"] = matplotlib.rcParamsDefault["figure.figsize"]


@pytest.fixture(scope="session")
def data() -> tuple[torch.Tensor, torch.Tensor]:
    """Features and labels of the chapter."""
    from d2l_ch7 import get_data_ch7

    return get_data_ch7()


@pytest.fixture(scope="session")
def parsed():
    """Gives a page of the site as Beautiful Soup has it, to be read only."""
    bs4 = pytest.importorskip("bs4", reason="pip install -e .[dev]")
    return cache(lambda path: bs4.BeautifulSoup(path.read_text("utf-8"), "html.parser"))


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """Build both languages as ``make html`` does, strictly; what is up to date is not run again."""
    import fcntl  # not on Windows, where the site is not built

    from helpers import run

    parallel = "PYTEST_XDIST_WORKER" in os.environ  # then workers share the folder above their own
    shared = tmp_path_factory.getbasetemp().parent if parallel else tmp_path_factory.getbasetemp()
    with open(shared / "site.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one worker builds, the others wait for it
        if not (shared / "site.built").exists():
            installed = f"{sys.prefix}/.installed"  # what runs the tests builds the site
            command = ["make", "-C", ROOT, "html", f"VENV={sys.prefix}", "--old-file", installed]
            run(command)
            (shared / "site.built").touch()
    return ROOT / "docs" / "_build" / "html"
