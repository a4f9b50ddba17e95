"""Message catalogs: reuse what is translated elsewhere, drop what is gone, list what is missing."""

import sys
from pathlib import Path

from babel.messages.pofile import read_po, write_po

LOCALE = Path(__file__).resolve().parents[1] / "locale" / "zh_CN" / "LC_MESSAGES"


def read_catalogs(folder: Path = LOCALE) -> dict:
    return {path: read_po(path.open("rb")) for path in sorted(folder.rglob("*.po"))}


def missing(catalog) -> list[str]:
    """Messages without a translation, or with one that gettext only guessed."""
    return [m.id for m in catalog if m.id and (m.fuzzy or not m.string)]


def main(pot: Path) -> None:
    catalogs = read_catalogs()
    known = {m.id: m.string for c in catalogs.values() for m in c if m.string and not m.fuzzy}
    for path, catalog in catalogs.items():
        name = path.relative_to(LOCALE).with_suffix(".pot")
        if name.stem != "sphinx" and not (pot / name).exists():
            path.unlink()
            continue
        todo = missing(catalog)
        for id in todo:
            message = catalog[id]
            message.string = known.get(id, "")
            message.flags.discard("fuzzy")
        if todo or catalog.obsolete:
            with path.open("wb") as file:
                write_po(file, catalog, width=0, ignore_obsolete=True)
        print(
            f"{len(missing(catalog)):4} of {len(catalog):4} missing in {path.relative_to(LOCALE)}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
