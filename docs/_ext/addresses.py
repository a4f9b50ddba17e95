"""The project's addresses out of setup.cfg, and what each page says with them.

``project_urls`` is the one setting: Documentation is where the site is, Source the repository,
Issues where faults are told. What is not given shows nowhere, and the site's own links stay
relative. The tags themselves are in _templates/layout.html. (sphinxext-opengraph describes a page
by whatever text is first, here links, and relates all addresses to the site, not to the page.)
"""

import configparser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from docutils import nodes
from sphinx.locale import _

ROOT = Path(__file__).resolve().parents[2]
PICTURE = "_static/readme.png"  # of pages that have none
LOCALES = {"en": "en_US"}


def project_urls(setup_cfg: Path = ROOT / "setup.cfg") -> dict[str, str]:
    """The addresses by their names, without a slash at the end."""
    setup = configparser.ConfigParser()
    setup.read(setup_cfg, encoding="utf-8")
    lines = setup.get("metadata", "project_urls", fallback="").strip().splitlines()
    pairs = (line.partition("=")[::2] for line in lines)
    return {name.strip(): address.strip().rstrip("/") for name, address in pairs}


def own_address(config) -> str:
    """Where the pages of the site's language are; empty when no address is given."""
    site = config.project_urls.get("Documentation")
    return f"{site}/{config.language}/" if site else ""


def set_address(app, config):
    config.html_baseurl = own_address(config)


def about(doctree) -> str:
    """What a page is about: its first paragraph that is text, in one line."""
    paragraphs = doctree.findall(nodes.paragraph)
    first = next((p for p in paragraphs if isinstance(p.parent, nodes.section)), None)
    return " ".join(first.astext().split()) if first else ""


def source_of(pagename: str) -> str:
    """The file in the repository that a page is written in."""
    if pagename == "changelog":
        return "CHANGELOG.md"
    if pagename == "auto_examples/index":
        return "examples/index.rst"
    if pagename.startswith("auto_examples/"):
        return f"{pagename.replace('auto_examples', 'examples')}.py"
    return f"docs/{pagename}.md"


def help_links(urls: dict[str, str], path: str) -> list[tuple[str, str]]:
    """Links to tell a fault, to edit the page, to see its source: [(text, address), ...]."""
    links = []
    if issues := urls.get("Issues"):
        links.append((_("Report a fault"), issues))
    if source := urls.get("Source"):
        between = "/-" if "gitlab" in urlsplit(source).netloc else ""
        links.append((_("Edit this page"), f"{source}{between}/edit/main/{path}"))
        links.append((_("Source of this page"), f"{source}{between}/blob/main/{path}"))
    return links


def fill_context(app, pagename, templatename, context, doctree):
    """What the templates show at the foot of the page, and in its head."""
    config, address = app.config, own_address(app.config)
    if doctree is None or pagename == "404":
        return
    # Twins have the same path in every language's folder: links between them go by the root.
    site = config.project_urls.get("Documentation") or "../" * pagename.count("/") + ".."
    twins = {code: f"{site}/{code}/{pagename}.html" for code in config.languages}
    context["alternates"] = [(code.replace("_", "-"), url) for code, url in twins.items()]
    context["alternates"].append(("x-default", next(iter(twins.values()))))
    context["help_links"] = help_links(config.project_urls, source_of(pagename))

    # A picture of the page, or that of the site; its address is relative to the page's own.
    image = next((i for i in doctree.findall(nodes.image) if i.get("alt")), {})
    picture = image.get("uri") or "../" * pagename.count("/") + PICTURE
    page = f"{address}{pagename}.html" if address else f"{Path(pagename).name}.html"
    context["open_graph"] = {
        "title": app.env.titles[pagename].astext(),
        "type": "article",
        "site_name": config.project,
        "description": about(doctree),
        "url": page,
        "image": urljoin(page, picture) if address else picture,
        "image:alt": image.get("alt", config.project),
        "locale": LOCALES.get(config.language, config.language),
    }


def setup(app):
    app.add_config_value("project_urls", {}, "html", dict)
    app.connect("config-inited", set_address)
    app.connect("html-page-context", fill_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
