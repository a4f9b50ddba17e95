"""What tests share: the chapter's data, a clean start for each test, the built site.

What takes long to import is imported where it is needed: the process that hands out the tests to
others needs none of it.
"""

import gc
import os
import sys
from functools import cache
from pathlib import Path

import pytest
from browsing import browser, origins  # noqa: F401  (fixtures, one browser for all files)

ROOT = Path(__file__).resolve().parents[1]
os.environ["MPLBACKEND"] = "Agg"
gc.set_threshold(200_000, 20, 50)  # parsed pages stay: to look them through again takes a fifth


def pytest_collection_modifyitems(items):
    """What only reads the built site comes last: by then the browser's tests have had it built."""
    late = [f"test_{name}.py" for name in ("site", "chinese", "addresses", "pages", "gate")]
    for item in items:
        if "site" in item.fixturenames:
            item.add_marker("site")
    items.sort(key=lambda item: late.index(item.path.name) if item.path.name in late else -1)


@pytest.fixture(autouse=True)
def _clean_start():
    """Each test starts without figures, from seeded generators, with matplotlib's own size."""
    import matplotlib
    import matplotlib.pyplot as plt
    import numpy as np
    import torch

    plt.close("all")
    torch.manual_seed(12345)
    np.random.seed(12345)
    yield
    plt.close("all")
    plt.rcParams["figure.figsize"] = matplotlib.rcParamsDefault["figure.figsize"]


@pytest.fixture(scope="session")
def data():
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
