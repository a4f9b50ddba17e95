"""What the build was made of: versions, data, seeds, one fingerprint of all of it, and whether it
has changed since something was made."""

import hashlib
import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data" / "airfoil_self_noise.dat"


def versions() -> dict[str, str]:
    return {name: version(name) for name in ("torch", "numpy", "matplotlib", "d2l_ch7")}


def data_hash() -> str:
    return hashlib.sha256(DATA.read_bytes()).hexdigest()


def fingerprint(root: Path = ROOT) -> str:
    """Hash of whatever a page depends on besides its own script: package, data, hooks, versions."""
    sources = [
        *root.glob("d2l_ch7/**/*.py"),
        *root.glob("data/*"),
        *(root / "docs/_ext" / f"{name}.py" for name in ("gallery_hooks", "motion", "twins")),
    ]
    digest = hashlib.sha256(repr(versions()).encode())
    for path in sorted(p for p in sources if p.is_file()):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def make_anew(mark: Path, make: Callable[[], object], *sources: Path) -> bool:
    """Call `make` unless the last build did, with the same sources; return whether it was called.

    `mark` is the file that says so; package, data and versions count among the sources.
    """
    digest = hashlib.sha256(fingerprint().encode())
    for path in sources:
        digest.update(path.read_bytes())
    if mark.exists() and mark.read_text() == digest.hexdigest():
        return False
    mark.unlink(missing_ok=True)
    make()
    mark.write_text(digest.hexdigest())
    return True


def seeds(script: str) -> str:
    """The seeds a script names, after the 0 that the build sets before it runs."""
    places = r"(?:\bseed=|\bSEEDS = |manual_seed\(|random\.seed\(|default_rng\()"
    named = re.findall(places + r"(\w+(?:\([^)]*\))?)", script)
    numbers = [s for s in named if re.fullmatch(r"\d+|range\([^)]*\)", s)]
    return ", ".join(dict.fromkeys(["0", *numbers]))
