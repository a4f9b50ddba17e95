"""What the site carries to take home: the package, built from its own sources, and the notebooks.

The page "Install" names these files, shows commands with their names, and what a check prints.
"""

import csv
import math
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import ClassVar

import provenance
from computed import table
from docutils import nodes
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

ROOT = Path(__file__).resolve().parents[2]
MADE = ROOT / "docs" / "_build" / "package"  # the wheel, and what the check printed
PDFS = ROOT / "docs" / "_build" / "pdf"  # where `make pdf` was run
FOLDER = "downloads"  # in the folder of each language
SOURCES = "setup.cfg", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE", "d2l_ch7", "data"
EPOCH = "1577836800"  # in place of today's date, so that two builds give the same bytes
CHECK = (  # no quotes and no signs that a shell of Windows, macOS or Linux would change
    "import d2l_ch7 as d2l; data = d2l.get_data_ch7(); "
    "print(round(d2l.fit(d2l.optimizers.sgd, None, dict(lr=0.05), *data, seed=0).final_loss, 3))"
)


def sources() -> list[Path]:
    found = (p for name in SOURCES for p in [ROOT / name, *(ROOT / name).rglob("*")])
    return sorted(p for p in found if p.is_file() and "__pycache__" not in p.parts)


def build_package() -> None:
    """Build the wheel and run the check."""
    logging.getLogger(__name__).info("building the wheel")
    shutil.rmtree(MADE, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:  # what earlier builds left behind stays out
        for path in sources():
            copy = Path(folder, path.relative_to(ROOT))
            copy.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, copy)
        # Without isolation nothing is fetched: the site's own environment has what the build needs.
        run("-m", "build", "--wheel", "--no-isolation", "--outdir", str(MADE), folder)
    (MADE / "check.txt").write_text(run("-c", CHECK))


def run(*arguments: str) -> str:
    """What Python prints, when it succeeds."""
    env = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=env)
    if done.returncode:
        raise RuntimeError(f"{arguments}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def zip_files(target: Path, files: dict[str, bytes]) -> None:
    """The same files give the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def names(language: str) -> dict[str, str]:
    """The names of the carried files, by the words that stand for them on the page."""
    (wheel,) = MADE.glob("*.whl")
    return {
        "WHEEL": wheel.name,
        "NOTEBOOKS": f"d2l_ch7-notebooks-{language}.zip",
        "PDF": f"d2l_ch7-{language}.pdf",
    }


def disk_space(*packages: str) -> int:
    """Bytes of installed packages, with all that they need."""
    todo, files_of = list(packages), {}
    while todo:
        name = canonicalize_name(todo.pop())
        if name in files_of:
            continue
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # for another system
        files_of[name] = sum(file.size or 0 for file in found.files or [])
        todo += [need.name for need in map(Requirement, found.requires or []) if not need.marker]
    return sum(files_of.values())


def before(app):
    provenance.make_anew(MADE / "fingerprint", build_package, Path(__file__), *sources())


def after(app, exception):
    """Put the files beside the pages: the notebooks are those that this language's pages offer."""
    if exception or app.builder.name != "html":
        return
    folder = Path(app.outdir, FOLDER)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    name = names(app.config.language)
    shutil.copyfile(MADE / name["WHEEL"], folder / name["WHEEL"])
    if (PDFS / name["PDF"]).exists():
        shutil.copyfile(PDFS / name["PDF"], folder / name["PDF"])
    offered = [Path(app.outdir, f"{page}.ipynb") for page in app.env.found_docs]
    offered = [path for path in offered if path.exists()]
    zip_files(folder / name["NOTEBOOKS"], {p.name: p.read_bytes() for p in offered})


class DiskSpace(SphinxRole):
    """``{disk-space}`d2l_ch7``` is how many MB a package takes here, with all that it needs."""

    def run(self):
        return [nodes.Text(f"{disk_space(self.text) / 1e6:.0f}")], []


class TakeHome(SphinxDirective):
    """``.. take-home::`` lists the files: each a link under its name, and what it is."""

    def run(self):
        name, files = names(self.config.language), nodes.bullet_list(classes=["take-home"])
        what = {
            "WHEEL": _("the package, as one file: a wheel"),
            "NOTEBOOKS": _("the pages of the chapter as notebooks"),
            "PDF": _("this site as one PDF"),
        }
        if not (PDFS / name["PDF"]).exists():
            del what["PDF"]
        for kind, words in what.items():
            link = nodes.reference("", "", refuri=f"{FOLDER}/{name[kind]}")
            link += nodes.literal("", name[kind])
            text = nodes.paragraph("", "", link, nodes.Text(_(": ") + words), translatable=False)
            files += nodes.list_item("", text)
        self.env.note_dependency(str(PDFS / name["PDF"]))
        return [files]


class Commands(SphinxDirective):
    """``.. commands:: linux`` holds commands for a system, with words in place of names.

    WHEEL and NOTEBOOKS are the names of files; VERSION is the Python that the site was built with;
    CHECK is a small program.
    """

    has_content = True
    required_arguments = 1

    def run(self):
        words = {
            **names(self.config.language),
            "VERSION": "{}.{}".format(*sys.version_info),
            "CHECK": f'"{CHECK}"',
        }
        text = "\n".join(self.content)
        for word, value in words.items():
            text = text.replace(word, value)
        block = nodes.literal_block(text, text, language="text")
        return [nodes.container("", block, classes=["commands", self.arguments[0]])]


class Prints(SphinxDirective):
    """``.. prints::`` shows what the check printed when the site was built."""

    def run(self):
        text = (MADE / "check.txt").read_text().rstrip()
        block = nodes.literal_block(text, text, language="text")
        return [nodes.container("", block, classes=["prints"])]


class Facts(SphinxDirective):
    """``.. facts:: file.csv`` is a table; what it says in words is translated in sphinx.po.

    The option ``minutes-at`` adds how long the last column, in MB, takes at so many Mbit/s.
    """

    required_arguments = 1
    option_spec: ClassVar = {"minutes-at": lambda text: [int(rate) for rate in text.split()]}

    def run(self):
        path = self.env.relfn2path(self.arguments[0])[1]
        self.env.note_dependency(path)
        with open(path, encoding="utf-8", newline="") as file:
            head, *rows = [[_(cell) for cell in row] for row in csv.reader(file)]
        megabytes = len(head) - 1
        for rate in self.options.get("minutes-at", []):
            head.append(_("minutes at %s Mbit/s") % rate)
            for row in rows:
                row.append(f"{math.ceil(8 * float(row[megabytes]) / rate / 60)}")
        return [table(self.row(head), map(self.row, rows), ["facts"])]

    def row(self, cells):
        texts = [nodes.paragraph("", cell, translatable=False) for cell in cells]
        return nodes.row("", *[nodes.entry("", text) for text in texts])


def setup(app):
    app.connect("builder-inited", before)
    app.connect("build-finished", after, priority=900)
    app.add_role("disk-space", DiskSpace())
    app.add_directive("take-home", TakeHome)
    app.add_directive("commands", Commands)
    app.add_directive("prints", Prints)
    app.add_directive("facts", Facts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
