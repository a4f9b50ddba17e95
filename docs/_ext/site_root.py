"""Finishes the site above its languages: the start page, ``llms.txt``, and a sitemap.

python docs/_ext/site_root.py docs/_build/html
"""

import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree as xml

from addresses import ROOT, project_urls

LANGUAGES = "en", "zh_CN"


def copy_pages(html: Path) -> None:
    for page in (ROOT / "docs" / "_root").glob("*.html"):
        shutil.copyfile(page, html / page.name)


def write_llms(html: Path) -> None:
    """One list for all languages; relative links start at their own language's folder."""
    lists = [
        (html / language / "llms.txt").read_text(encoding="utf-8").replace("](", f"]({language}/")
        for language in LANGUAGES
    ]
    text = "\n".join(lists)
    if address := project_urls().get("Documentation"):  # then they are not relative
        for language in LANGUAGES:
            text = text.replace(f"]({language}/{address}", f"]({address}")
    (html / "llms.txt").write_text(text, encoding="utf-8")


def write_sitemap(html: Path, address: str) -> None:
    """Every page, with its twins. (sphinx-sitemap knows one language's folder at a time.)"""
    pages = [
        path.relative_to(html / LANGUAGES[0]).with_suffix(".html").as_posix()
        for path in sorted((html / LANGUAGES[0]).rglob("*.md"))
    ]
    spaces = {
        "xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9",
        "xmlns:xhtml": "http://www.w3.org/1999/xhtml",
    }
    urls = xml.Element("urlset", spaces)
    for language in LANGUAGES:
        for page in pages:
            url = xml.SubElement(urls, "url")
            xml.SubElement(url, "loc").text = f"{address}/{language}/{page}"
            for twin in LANGUAGES:
                attributes = {"rel": "alternate", "hreflang": twin.replace("_", "-")}
                attributes["href"] = f"{address}/{twin}/{page}"
                xml.SubElement(url, "xhtml:link", attributes)
    xml.indent(urls)
    xml.ElementTree(urls).write(html / "sitemap.xml", encoding="utf-8", xml_declaration=True)


def main(html: Path) -> None:
    copy_pages(html)
    write_llms(html)
    (html / "sitemap.xml").unlink(missing_ok=True)
    if address := project_urls().get("Documentation"):
        write_sitemap(html, address)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
