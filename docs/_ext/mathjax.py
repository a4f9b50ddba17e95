"""Copies the few MathJax files that the site needs out of the installed sphinx-mathjax-offline."""

import shutil
from importlib.metadata import files
from pathlib import Path

BUNDLE = "static/mathjax/tex-chtml-full.js"
LICENCE = Path(__file__).with_name("mathjax-LICENSE.txt")


def copy_mathjax(target: Path) -> None:
    """Fill ``target/mathjax`` with the bundle, its woff fonts and the licence."""
    found = next(f for f in files("sphinx-mathjax-offline") or [] if f.as_posix().endswith(BUNDLE))
    source, to = Path(found.locate()).parent, target / "mathjax"
    if not (to / "tex-chtml-full.js").exists():
        fonts = "output/chtml/fonts/woff-v2"
        shutil.copytree(source / fonts, to / fonts, dirs_exist_ok=True)
        shutil.copy(source / "tex-chtml-full.js", to)
        shutil.copy(LICENCE, to / "LICENSE")
