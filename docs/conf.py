"""Settings of the site: one source tree, built once per language (see the Makefile)."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "_ext"))
# One thread a process: the tensors are tiny, and sphinx-gallery already runs one example per core.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import addresses  # noqa: E402
import provenance  # noqa: E402
from mathjax import copy_mathjax  # noqa: E402
from playground_data import write_data  # noqa: E402

project = "d2l_ch7"
author = r"the d2l\_ch7 contributors"  # used by LaTeX alone
version = release = provenance.versions()["d2l_ch7"]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinxcontrib.rsvgconverter",  # the Chinese figures in the PDF
    "addresses",
    "carried",
    "computed",
    "exercises",
    "downloads",
    "figures",
    "gallery_pages",
    "languages",
    "markdown",
    "playground",
    "source_pages",
    "speed",
]
exclude_patterns = ["_build", "locale", "README.md"]
templates_path = ["_templates"]
nitpicky = True
nitpick_ignore_regex = [(r"py:.*", r"(numpy|np|torch|matplotlib)\..*")]
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3

# Languages: English is the source, the rest comes from docs/locale through gettext.
language = os.environ.get("D2L_LANGUAGE", "en")
languages = {"en": "English", "zh_CN": "简体中文"}
locale_dirs = ["locale"]
gettext_compact = gettext_uuid = gettext_location = False

# API reference
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

# Gallery: every example runs while the site is built, and a warning in it is an error.
sphinx_gallery_conf = {
    "examples_dirs": ["../examples"],
    "gallery_dirs": ["auto_examples"],
    "copyfile_regex": r"index\.rst",
    "parallel": os.cpu_count() or 1,
    "write_computation_times": False,
    "min_reported_time": 1e9,
    "show_signature": False,
    "capture_repr": ("_repr_html_",),
    "remove_config_comments": True,
    "image_scrapers": ("gallery_hooks.scrape",),
    "reset_modules": ("matplotlib", "gallery_hooks.reset"),
    "reset_modules_order": "both",
    "doc_module": ("d2l_ch7",),
    "backreferences_dir": "auto_examples/backreferences",
    "nested_sections": False,
}
book_url = "https://tangshusen.me/Dive-into-DL-PyTorch/#/chapter07_optimization/"
book_sections = {
    "71": "7.1_optimization-intro",
    "72": "7.2_gd-sgd",
    "73": "7.3_minibatch-sgd",
    "74": "7.4_momentum",
    "75": "7.5_adagrad",
    "76": "7.6_rmsprop",
    "77": "7.7_adadelta",
    "78": "7.8_adam",
}

# What the site says of itself: see addresses.py
project_urls = addresses.project_urls()

# HTML
html_theme = "pydata_sphinx_theme"
html_title = "d2l_ch7"
html_favicon = "_static/mark.svg"
copy_mathjax(HERE / "_build" / "mathjax")
write_data()
html_static_path = ["_static", "_build/mathjax", "_build/playground"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_sourcelink = False
html_copy_source = False
html_show_copyright = False
html_scaled_image_link = True  # a click opens a figure alone
html_show_search_summary = False  # summaries are fetched, which fails over file://
html_domain_indices = html_use_index = False
html_theme_options = {
    "logo": {
        "image_light": "_static/mark.svg",
        "image_dark": "_static/mark.svg",
        "text": "d2l_ch7",
        "alt_text": "",
    },
    "navbar_end": ["lang-switch", "theme-switcher"],
    "navbar_persistent": ["search-button"],
    "header_links_before_dropdown": 4,
    "secondary_sidebar_items": {"**": ["page-toc"], "playground": []},
    "article_header_end": ["page-tools"],
    "article_footer_items": ["help-links"],
    "footer_start": [],
    "footer_end": [],
    "show_prev_next": True,
    "show_toc_level": 2,
    "navigation_with_keys": False,
}
html_sidebars = {
    page: []
    for page in (
        "index",
        "install",
        "from-your-notebook",
        "playground",
        "differences",
        "speed",
        "how-to-cite",
        "glossary",
        "changelog",
        "404",
        "_modules/**",
    )
}
mathjax_path = "mathjax/tex-chtml-full.js"
markdown_flavor = "github"  # a paragraph is one line
copybutton_exclude = ".linenos, .gp, .go"
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True

# PDF
latex_engine = "xelatex"
latex_use_xindy = latex_domain_indices = False
pdf_titles = {"en": "The optimization chapter, running", "zh_CN": "“优化算法”一章：可运行版"}
latex_elements = {
    "papersize": "a4paper",
    "extraclassoptions": "openany,oneside",
    # Titles carry the book's numbers. The few Chinese words of the English text are set where
    # LaTeX knows Chinese (texlive-lang-chinese), which must leave the English quotes alone.
    "preamble": r"""
\setcounter{secnumdepth}{-1}
\IfFileExists{xeCJK.sty}{\usepackage{xeCJK}
  \xeCJKDeclareCharClass{Default}{"2018 -> "201D, "2026}}{}
""",
}


def setup(app):
    def name_the_pdf(app, config):
        title = pdf_titles[config.language]  # only the pages, without the start page
        config.latex_documents = [("index", "d2l_ch7.tex", title, author, "manual", True)]

    app.connect("config-inited", name_the_pdf)
