"""What the site carries to take home, and the page that says how to install it."""

import csv
import os
import re
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path, PureWindowsPath

import first_run
import pytest
from helpers import run

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = "en", "zh_CN"
carried = pytest.importorskip("carried", reason="pip install -e .[dev]")


@pytest.fixture(scope="module", params=LANGUAGES)
def folder(request, site):
    return site / request.param


@pytest.fixture(scope="module")
def page(folder):
    return (folder / "install.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def commands(page):
    return first_run.blocks(page)


def test_the_page_offers_what_lies_beside_it_and_nothing_else(folder, page):
    offered = re.findall(r'href="downloads/([^"]+)"', page)
    assert sorted(offered) == sorted(path.name for path in (folder / "downloads").iterdir())
    assert {Path(name).suffix for name in offered} >= {".whl", ".zip"}


def test_the_carried_package_is_that_of_today(folder):
    (wheel,) = (folder / "downloads").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for path in sorted((ROOT / "d2l_ch7").glob("*.py")):
            assert archive.read(f"d2l_ch7/{path.name}") == path.read_bytes(), path.name


def test_the_notebooks_are_those_that_the_pages_offer(folder):
    (zipped,) = (folder / "downloads").glob("*.zip")
    pages = [path.read_text(encoding="utf-8") for path in folder.glob("auto_examples/*.html")]
    offered = set(re.findall(r'href="([^"/]+\.ipynb)"', "".join(pages)))
    with zipfile.ZipFile(zipped) as archive:
        assert offered and set(archive.namelist()) == offered
        for name in offered:
            assert archive.read(name) == (folder / "auto_examples" / name).read_bytes()


def test_the_commands_name_the_wheel_that_is_carried(folder, commands):
    (wheel,) = (folder / "downloads").glob("*.whl")
    for system in first_run.SYSTEMS:
        assert wheel.name in commands[system][-1], system
    text = "\n".join(line for lines in commands.values() for line in lines)
    assert not re.search(r"\b(WHEEL|NOTEBOOKS|VERSION|CHECK)\b", text)


def test_both_languages_have_the_same_commands(site):
    english, chinese = (
        first_run.blocks((site / code / "install.html").read_text("utf-8")) for code in LANGUAGES
    )
    assert english == chinese


@cache
def answer(line):
    """What the check prints: the same line in both languages."""
    env = {**os.environ, "MPLBACKEND": "Agg"}
    line = line.replace("python", f'"{sys.executable}"', 1)
    return run(line, shell=True, env=env).stdout.strip()


def test_the_check_prints_what_the_page_says(page, commands):
    (line,) = commands["check"]
    assert answer(line) == first_run.printed(page)


def test_no_shell_changes_the_lines_that_every_system_shares(commands):
    """In quotes for cmd, PowerShell, bash and zsh alike: nothing that one of them would expand."""
    for kind in set(commands) - {*first_run.SYSTEMS, "cell"}:
        for line in commands[kind]:
            assert line.count('"') in (0, 2) and not set(line) & set("%$!`^&|<>'\\~"), line


def test_the_lines_for_windows_have_its_paths(commands):
    for system in "windows", "windows-conda":
        folder, *rest = commands[system]
        assert re.fullmatch(r'cd /d "%USERPROFILE%\\\w+"', folder)  # quoted: names have spaces
        assert not [line for line in rest if "/" in line or '"' in line or "source" in line]
    make, activate = commands["windows"][1:3]
    made = PureWindowsPath(make.split()[-1])
    assert PureWindowsPath(activate) == made / "Scripts" / "activate"
    assert commands["windows-conda"][2].split()[-1] in commands["windows-conda"][1].split()


def test_the_sizes_are_those_of_the_torch_that_the_project_is_tested_with():
    pinned = re.search(r"^torch==(\S+)", (ROOT / "constraints.txt").read_text(), flags=re.M)[1]
    with (ROOT / "docs" / "install_sizes.csv").open(encoding="utf-8", newline="") as file:
        assert {row["PyTorch"] for row in csv.DictReader(file)} == {pinned}


def test_setup_cfg_lists_the_pythons_that_were_tested():
    pinned = re.search(r"^torch==(\S+)", (ROOT / "constraints.txt").read_text(), flags=re.M)[1]
    with (ROOT / "docs" / "tested.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["PyTorch"] == pinned  # what the site is built with
    listed = re.findall(r"Python :: (3\.\d+)", (ROOT / "setup.cfg").read_text(encoding="utf-8"))
    assert listed == sorted({row["Python"] for row in rows})


@pytest.fixture(scope="module")
def errors(site, tmp_path_factory):
    """What pip says where it fails: no wheel, a renamed wheel, a Python too old."""
    (wheel,) = (site / "en/downloads").glob("*.whl")
    folder = tmp_path_factory.mktemp("wheels")
    renamed = folder / wheel.name.replace(".whl", " (1).whl")
    renamed.write_bytes(wheel.read_bytes())
    later = folder / "later" / wheel.name  # which wants a Python that is not there yet
    later.parent.mkdir()
    with zipfile.ZipFile(wheel) as archive, zipfile.ZipFile(later, "w") as copy:
        for name in archive.namelist():
            text = archive.read(name)
            copy.writestr(name, text.replace(b"Requires-Python: >=3.10", b"Requires-Python: >=99"))

    def install(name):
        command = [sys.executable, "-m", "pip", "install", "--no-deps", "--dry-run", name]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode
        return done.stderr

    return [install(name) for name in (wheel.name, renamed.name, str(later))]


def test_what_the_page_says_of_pip_is_what_pip_says(page, errors):
    text = re.sub(r"<[^>]+>", "", page)
    said = (
        "No such file or directory",
        "is not a valid wheel filename",
        "requires a different Python",
    )
    for words, error in zip(said, errors, strict=True):
        assert words in text and words in error


def test_the_same_sources_give_the_same_bytes(tmp_path, monkeypatch):
    made = {}
    for place in "one", "two":
        monkeypatch.setattr(carried, "MADE", tmp_path / place)
        monkeypatch.setattr(
            carried, "run", lambda *args, run=carried.run: run_but_for_the_check(run, args)
        )
        carried.build_package()
        made[place] = {p.name: p.read_bytes() for p in (tmp_path / place).iterdir()}
    assert made["one"] == made["two"] and len(made["one"]) == 2


def run_but_for_the_check(run, arguments):
    return "" if arguments[0] == "-c" else run(*arguments)


@pytest.mark.slow
def test_a_first_run_from_the_site_alone(site, tmp_path, monkeypatch):
    """The page's own lines, in empty folders; which torch they bring is the machine's affair."""
    system = "macos" if sys.platform == "darwin" else "linux"
    monkeypatch.setenv("PIP_CONSTRAINT", str(ROOT / "constraints.txt"))
    took = first_run.first_run(site / "en", system, tmp_path)
    print(took)


def test_the_whole_site_is_one_file_that_lacks_nothing(site, tmp_path):
    run(["cp", "-r", site, tmp_path / "html"])
    script = ROOT / "docs" / "_ext" / "site_root.py"
    zips = []
    for _ in range(2):
        run([sys.executable, script, tmp_path / "html", "--pack"])
        zips.append((tmp_path / "html" / "d2l_ch7-site.zip").read_bytes())
        assert 'href="d2l_ch7-site.zip"' in (tmp_path / "html/index.html").read_text("utf-8")
    assert zips[0] == zips[1]
    with zipfile.ZipFile(tmp_path / "html" / "d2l_ch7-site.zip") as archive:
        packed = {name.removeprefix("d2l_ch7/") for name in archive.namelist()}
        start = archive.read("d2l_ch7/index.html").decode()
    assert packed == {p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file()}
    assert "site.zip" not in start  # which cannot hold itself
