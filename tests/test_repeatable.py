"""Two clean builds are the same byte for byte, but for the places that show their own timings."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from helpers import copy_project

# The page of the measured speed, its two figures and its first sentence in the list of pages; the
# search index, which has all pages' words; the notebooks together.
TIMED = {"speed.html", "speed.md", "seeds.svg", "samples.svg", "llms.txt", "searchindex.js"}
TIMED |= {"d2l_ch7-notebooks-en.zip"}
TIME = re.compile(r"sec per epoch|seconds|\bms\b|\btimes?\b", re.I)


def build(folder: Path) -> Path:
    """A clean build of the English site from a copy of the project's own files."""
    copy_project(folder)
    subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-n", "-W", "-D", "language=en",
         "-d", "doctrees", "docs", "html"],
        cwd=folder, check=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    return folder / "html"


def steady(page: Path) -> str:
    """A page without what it timed: outputs that name a time, numbers and tables of times."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    for copy in soup.select("script.page-markdown"):  # the page again
        copy.decompose()
    for number in soup.select(".timed:not(img)"):
        number.string = "timed"
    for output in soup.select(".sphx-glr-script-out"):
        if TIME.search(output.get_text()):
            output.string = "timed"
    return str(soup)


def timed_images(html: Path) -> set[str]:
    """The files of figures that the build marked as timings, and of pages that name times."""
    found = set()
    for page in html.rglob("*.html"):
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        for timed in soup.select(".timed"):
            if timed.name == "img":
                found |= {Path(timed["src"]).name, f"{page.stem}.svg"}  # and the page's thumbnail
            elif timed.find_parent(class_="page-links"):  # which notebooks and scripts leave out
                found.add(f"{page.stem}.md")
            else:
                found |= {f"{page.stem}.ipynb", f"{page.stem}.py", f"{page.stem}.md"}
        outputs = soup.select(".sphx-glr-script-out")
        if any(TIME.search(output.get_text()) for output in outputs):
            found.add(f"{page.stem}.md")
    return found


@pytest.mark.slow
def test_two_builds_differ_only_where_they_time_themselves(tmp_path):
    one, two = build(tmp_path / "one"), build(tmp_path / "two")
    files = [{p.relative_to(html) for p in html.rglob("*") if p.is_file()} for html in (one, two)]
    assert files[0] == files[1]
    timed = timed_images(one)
    assert timed, "no figure is marked as a timing: are the marks gone?"
    different = []
    for name in sorted(files[0]):
        if (one / name).read_bytes() == (two / name).read_bytes():
            continue
        if name.name in timed | TIMED:
            continue
        if name.suffix == ".html" and steady(one / name) == steady(two / name):
            continue
        different.append(str(name))
    assert not different
