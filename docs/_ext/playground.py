"""The playground: its page and its small ones, in the site's language, with their scripts."""

import json
from urllib.parse import parse_qsl

from docutils import nodes
from exercises import folded, said
from markupsafe import Markup
from playground_data import DATA, METHODS, PANELS, SETTINGS, published
from playground_stills import FIGURES, still, still_in, still_words
from sphinx.locale import _
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

SCRIPTS = ["data", "random", "rules", "training", "settings", "bowl", "python", "charts", "panels",
           "controls", "start", "tables", "playground"]  # fmt: skip
SLIDERS = [name for name, setting in SETTINGS.items() if "stops" in setting]
MORE = ["bowl", "x1", "x2", "steps", "step", "noise"]
MAIN = ["method", *(name for name in SLIDERS if name not in MORE), "seed", "seeds"]
ACTS = ["keep", "sweep", "reset"]


def words() -> dict[str, str]:
    """What the interface says, in the site's language."""
    texts = {
        "task": _("Experiment"),
        "free": _("Your own settings"),
        "answer": _("What you find"),
        "published_loss": _("Published settings: airfoil data"),
        "published_bowl": _("Published settings: bowl"),
        "ask_loss": _("Diamonds mark the published numbers. Are they numbers that this gives?"),
        "ask_bowl": _("The published line stands below the path. Is it the one that you see?"),
        "panels": _("Picture"),
        "tab_bowl": _("Bowl"),
        "tab_loss": _("Loss"),
        "tab_plane": _("Path"),
        "tab_spread": _("Seeds"),
        "tab_sweep": _("Sweep"),
        "title_bowl": _("A bowl, and a path down"),
        "title_loss": _("The airfoil data: loss"),
        "title_plane": _("The airfoil data: path"),
        "title_spread": _("Where the seeds end"),
        "title_sweep": _("Final loss, and learning rate"),
        "start": _("Start point"),
        "key": _("Solid arrow: against the gradient. Dashed: velocity. Box: roots of the squares."),
        "leaves": _("leaves the picture"),
        "least": _("least possible loss"),
        "step_axis": _("step"),
        "epoch_axis": _("epoch"),
        "loss_axis": _("loss"),
        "final_axis": _("final loss"),
        "flat_axis": _("flattest direction"),
        "steep_axis": _("steepest direction"),
        "method": _("Method"),
        "lr": _("Learning rate"),
        "limit": _("limit"),
        "limit_bowl": _("limit: bowl"),
        "limit_loss": _("data"),
        "momentum": _("Momentum"),
        "gamma": _("gamma"),
        "rho": _("rho"),
        "beta1": _("beta1"),
        "beta2": _("beta2"),
        "batch": _("Batch size"),
        "epochs": _("Epochs"),
        "seed": _("Random seed"),
        "reseed": _("Another"),
        "seeds": _("How many seeds"),
        "more": _("More on the bowl"),
        "bowl": _("Shape"),
        "x1": _("Start, x1"),
        "x2": _("Start, x2"),
        "steps": _("Steps"),
        "step": _("Arrows at step"),
        "noise": _("Noise in the gradient"),
        "keep": _("Keep this curve"),
        "sweep": _("Sweep learning rates"),
        "reset": _("Reset"),
        "copy": _("Copy"),
        "copied": _("Copied."),
        "open": _("Open in the playground"),
        "prints": _("Python prints"),
        "python": _("The same in Python"),
        "records": _("The records as a table"),
        "results": _("Curves and their losses"),
        "curve": _("Curve"),
        "settings": _("Settings"),
        "now": _("now"),
        "loss": _("Loss"),
        "median": _("Median"),
        "range": _("95 % of seeds"),
        "wins": _("Lower than now"),
        "in_book": _("Published: %s"),
        "drop": _("Remove"),
    }
    return {name: str(text) for name, text in texts.items()}


class playground(nodes.General, nodes.Element):
    """The interactive part, in HTML only."""


class experiment(nodes.General, nodes.Element):
    """A question that the playground can be set to."""


class Playground(SphinxDirective):
    """``.. playground:: method=momentum&lr=0.4`` with a task as its content.

    The argument is a state as in the playground's address. ``:show:`` names the panel and then the
    controls of a small one; without it, it is the playground itself, with all that there is.
    """

    has_content = True
    required_arguments = 1
    option_spec = {"show": str.split}  # noqa: RUF012

    def run(self):
        state, show = self.arguments[0], self.options.get("show")
        panel = show[0] if show else "bowl"
        self.env.note_dependency(str(DATA))  # new data, new figure
        live = playground(state=state, show=show, number=self.env.new_serialno("playground"))
        drawn = still(state, panel)
        uri = f"{FIGURES.name}/{drawn.stem}.*"
        if self.config.language != "en":
            own = still_in(self.config.language, state, panel)
            uri = own.relative_to(FIGURES.parent).as_posix()
        image = nodes.image(uri=f"/{uri}", alt="", words=still_words(state, panel))
        image["attached"] = str(drawn.with_suffix(".png"))
        image["width"], image["classes"] = "600px", ["dark-light", "playground-still"]
        kind = "playground-small" if show else "playground-page"
        return [nodes.container("", *self.parse_content_to_nodes(), live, image, classes=[kind])]


class Experiment(SphinxDirective):
    """``.. experiment:: state``: its first paragraph asks, the others say what is found."""

    has_content = True
    required_arguments = 1

    def run(self):
        question, *answer = self.parse_content_to_nodes()
        block = experiment("", question, state=self.arguments[0])
        return [block, folded("", said(_("What you find")), *answer, classes=["answer"])]


class StillWords(SphinxPostTransform):
    """The still figures' alternative texts, which are no gettext messages of their pages."""

    default_priority = 5
    formats = ("html", "latex")

    def run(self, **kwargs):
        for image in self.document.findall(nodes.image):
            image["alt"] = image.get("words", image.get("alt", ""))


def visit_playground(self, node):
    found = {
        **parts(node["show"]),
        "id": f"playground-{node['number']}",
        "state": node["state"],
        "page": self.builder.get_relative_uri(self.builder.current_docname, "playground"),
        "tasks": [
            (task.parent["ids"][0], task["state"], task.parent[0].astext(), task[0].astext())
            for task in self.document.findall(experiment)
        ],
    }
    self.body.append(self.builder.templates.render("playground.html", found))
    raise nodes.SkipNode


def parts(show: list[str] | None) -> dict:
    """What the template needs: of a panel and some controls, or of everything."""
    texts = words()
    names = {
        name: f"torch.optim.{method.python}" if method.torch else method.python
        for name, method in METHODS.items()
    }
    names["torch-momentum"] += " + momentum"
    bowls = [("valley", "0.1 x1² + 2 x2²"), ("round", "x1² + 2 x2²")]
    return {
        "small": show is not None,
        "panels": show[:1] if show else PANELS,
        "main": show[1:] if show else MAIN,
        "more": [] if show else MORE,
        "acts": ACTS,
        "sliders": SLIDERS,
        "choices": {"method": list(names.items()), "bowl": bowls},
        "published": published_settings(),
        "words": texts,
        "words_json": Markup(json.dumps(texts, ensure_ascii=False).replace("<", r"\u003c")),
    }


def published_settings() -> dict[str, list[tuple[str, str, str]]]:
    """Of each panel the published settings, once each: by name, the state to show, as a title."""
    texts, found = words(), {"loss": {}, "bowl": {}}
    for each in published():
        state, panel = each["state"], each["panel"]
        view = "&panel=spread&seeds=100" if panel == "loss" else ""
        (_method, method), *settings = parse_qsl(state)
        named = [f"{texts[name].lower()} {value}" for name, value in settings if name in texts]
        title = _(", ").join([method, *named])
        found[panel][state] = state, state + view, title
    return {panel: list(settings.values()) for panel, settings in found.items()}


def visit_experiment(self, node):
    self.body.append('<div class="experiment">')


def depart_experiment(self, node):
    act = f'data-act="try" data-with="{node.parent["ids"][0]}"'
    self.body.append(f'<button type="button" {act}>{_("Try it")}</button></div>\n')


def skip(self, node):
    raise nodes.SkipNode


def ignore(self, node):
    pass


def add_scripts(app, pagename, templatename, context, doctree):
    """Load the scripts on pages that hold a playground, and nowhere else."""
    if doctree is not None and next(doctree.findall(playground), None):
        app.add_css_file("playground/playground.css")
        for name in SCRIPTS:
            app.add_js_file(f"playground/{name}.js", loading_method="defer")


def setup(app):
    others = ("latex", "text", "gettext")
    skipped = {builder: (skip, None) for builder in others}
    ignored = {builder: (ignore, ignore) for builder in others}
    app.add_node(playground, html=(visit_playground, None), **skipped)
    app.add_node(experiment, html=(visit_experiment, depart_experiment), **ignored)
    app.add_directive("playground", Playground)
    app.add_directive("experiment", Experiment)
    app.add_post_transform(StillWords)
    app.connect("html-page-context", add_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
