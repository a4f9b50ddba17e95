"""What a gallery page was made of: versions, data, seeds, and one fingerprint of all of it."""

import hashlib
import re
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


def seeds(script: str) -> str:
    """The seeds a script names, after the 0 that the build sets before it runs."""
    places = r"(?:\bseed=|\bSEEDS = |manual_seed\(|random\.seed\(|default_rng\()"
    named = re.findall(places + r"(\w+(?:\([^)]*\))?)", script)
    numbers = [s for s in named if re.fullmatch(r"\d+|range\([^)]*\)", s)]
    return ", ".join(dict.fromkeys(["0", *numbers]))
