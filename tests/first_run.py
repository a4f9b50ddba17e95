"""Enters the commands of the page "Install" as they stand, in empty folders, from the site alone.

python tests/first_run.py docs/_build/html/en linux
"""

import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

SYSTEMS = "linux", "macos", "windows", "windows-conda"


def blocks(page: str) -> dict[str, list[str]]:
    """The commands that a page shows, by the kind of block: {"linux": ["cd ~/Downloads", ...]}."""
    found = re.findall(r'<div class="commands ([\w-]+) .*?<pre>(.*?)</pre>', page, flags=re.S)
    return {
        kind: html.unescape(re.sub(r"<[^>]+>", "", text)).strip().splitlines()
        for kind, text in found
    }


def printed(page: str) -> str:
    """What the check prints, as the page says."""
    found = re.search(r'<div class="prints .*?<pre>(.*?)</pre>', page, flags=re.S)
    return html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip()


def enter(lines: list[str], home: Path, system: str) -> str:
    """Enter the lines in one window of a new user, whose downloads lie in ``home``."""
    env = {
        k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL", "JUPYTER"))
    }
    env |= {"HOME": str(home), "USERPROFILE": str(home), "MPLBACKEND": "Agg"}
    if system.startswith("windows"):
        if system == "windows-conda":  # what makes a command prompt Anaconda's
            lines = [rf'"{os.environ["CONDA"]}\Scripts\activate.bat"', *lines]
        command = 'cmd /d /s /c "' + " && ".join(lines) + '"'
    else:  # the Python that runs this stands for the system's
        env["PATH"] = os.pathsep.join([f"{sys.base_prefix}/bin", env["PATH"]])
        shell = "zsh" if system == "macos" else "bash"
        command = [shell, "-e", "-c", "\n".join(lines)]
    done = subprocess.run(command, env=env, cwd=home, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-5000:]}")
    return done.stdout


def new_user(folder: Path) -> Path:
    """The folder for downloads of a user who has nothing else."""
    (folder / "Downloads").mkdir(parents=True)
    return folder / "Downloads"


def first_run(site: Path, system: str, folder: Path) -> dict[str, float]:
    """Do what the page says; return the seconds of each part."""
    page = (site / "install.html").read_text(encoding="utf-8")
    commands, expected, took = blocks(page), printed(page), {}
    (install,) = (commands[system],)
    downloads = new_user(folder / "user")
    for file in (site / "downloads").iterdir():
        if file.suffix == ".whl":
            shutil.copy(file, downloads)
        elif file.suffix == ".zip":
            zipfile.ZipFile(file).extractall(downloads)

    def part(name: str, lines: list[str], home: Path = folder / "user") -> str:
        start = time.monotonic()
        out = enter(lines, home, system)
        took[name] = round(time.monotonic() - start, 1)
        return out

    again = [line for line in install if re.search(r"\bcd\b|activate", line)]  # the next time
    part("install", install)
    out = part("check", [*again, *commands["check"]])
    assert out.split()[-1] == expected, (out, expected)
    part("start", [*again, f"{commands['start'][0]} --version"])
    part("kernel", [*again, *commands["kernel"]])
    out = part("kernels", [*again, "python -m jupyter kernelspec list --json"])
    assert "d2l" in json.loads(out[out.index("{") :])["kernelspecs"]
    notebook = min(downloads.glob("*.ipynb"))
    content = json.loads(notebook.read_text(encoding="utf-8"))
    first = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    content["cells"].insert(0, {**first, "id": "first", "source": commands["cell"]})
    (downloads / "web.ipynb").write_text(json.dumps(content), encoding="utf-8")
    part("notebook", [*again, "python -m jupyter execute --kernel_name=d2l web.ipynb"])
    part("fetch", [*again, *commands["fetch"]])
    mirror = [
        line.replace("ADDRESS", "https://mirror.example/simple") for line in commands["mirror"]
    ]
    out = part("mirror", [*again, *mirror, "python -m pip config get global.index-url"])
    assert out.split()[-1] == "https://mirror.example/simple"

    if "conda" not in system:  # and the same on a computer without a network
        other = new_user(folder / "other")
        shutil.move(downloads / "packages", other)
        lines = [*install[:3], *commands["offline"], *commands["check"]]
        out = part("offline", lines, folder / "other")
        assert out.split()[-1] == expected, (out, expected)
    return took


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as empty:
        for name, seconds in first_run(Path(sys.argv[1]), sys.argv[2], Path(empty)).items():
            print(f"{name:9} {seconds:7.1f} s")
