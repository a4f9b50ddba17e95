"""Finishes the site above its languages: start page, ``llms.txt``, sitemap, one zip.

python docs/_ext/site_root.py docs/_build/html [--pack]
"""

import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree as xml

from addresses import ROOT, project_urls
from carried import zip_files

ZIP = "d2l_ch7-site.zip"
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


def pack(html: Path) -> None:
    """Put the whole site into one file beside its start page, which then offers it."""
    files = [path for path in sorted(html.rglob("*")) if path.is_file()]
    zip_files(html / ZIP, {f"d2l_ch7/{p.relative_to(html)}": p.read_bytes() for p in files})
    size = f"{(html / ZIP).stat().st_size / 1e6:.0f} MB"
    start = html / "index.html"
    link = f'<a class="small" href="{ZIP}">The whole site as one file, to be read offline / '
    link += f'<span lang="zh-CN">整个网站，打包下载，离线阅读</span> ({size})</a>'
    start.write_text(start.read_text("utf-8").replace("<!-- zip -->", link), "utf-8")


def main(html: Path) -> None:
    copy_pages(html)
    write_llms(html)
    for name in ZIP, "sitemap.xml":
        (html / name).unlink(missing_ok=True)
    if address := project_urls().get("Documentation"):
        write_sitemap(html, address)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    if sys.argv[2:] == ["--pack"]:
        pack(Path(sys.argv[1]))
