"""Every public name is documented: shapes, results, errors, and an example that runs."""

import doctest
import inspect
import re
from types import ModuleType

import pytest
import torch

import d2l_ch7 as d2l
import d2l_ch7.ch11

MODULES = [d2l.optimizers, d2l.descent, d2l.plotting]


def public():
    """Functions and classes by the name that a reader calls them by."""
    found = {f"d2l.{name}": getattr(d2l, name) for name in d2l.__all__ if name != "plt"}
    found["d2l.History.final_loss"] = d2l.History.final_loss
    for module in MODULES:
        for name, value in vars(module).items():
            ours = inspect.isfunction(value) and value.__module__.startswith("d2l_ch7")
            if ours and not name.startswith(("_", "check_", "axes_for")):
                found[f"{module.__name__.replace('d2l_ch7', 'd2l')}.{name}"] = value
    for name in d2l.ch11.__all__:
        value = getattr(d2l.ch11, name)
        if callable(value) and value is not getattr(d2l, name, None):
            found[f"d2l.ch11.{name}"] = value
    return found


PUBLIC = public()
FUNCTIONS = {name: value for name, value in PUBLIC.items() if inspect.isfunction(value)}
CLASSES = [name for name, value in PUBLIC.items() if isinstance(value, type)]


def sections(value):
    """A docstring's parts by their headings; "" is what comes before the first."""
    parts = re.split(r"^(\w[\w ]*)\n-+\n", "\n" + inspect.getdoc(value) + "\n", flags=re.M)
    return dict(zip(["", *parts[1::2]], parts[0::2]))


def entries(section):
    """The names and types of a section such as Parameters: {"a, b": "float"}."""
    return dict(re.findall(r"^(\w[\w, ]*) : (.+)$", section, flags=re.M))


def test_the_public_names_were_found():
    assert len(FUNCTIONS) >= 28
    assert {"d2l.fit", "d2l.optimizers.adam", "d2l.plotting.plot_history"} <= set(FUNCTIONS)
    assert {"d2l.ch11.train_ch11", "d2l.ch11.train_2d", "d2l.ch11.Animator"} <= set(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_summary_of_one_sentence(name):
    summary = inspect.getdoc(PUBLIC[name]).split("\n\n")[0]
    assert summary[0].isupper() and summary.endswith("."), summary
    assert "\n" not in summary and len(summary) < 100


@pytest.mark.parametrize("name", [*FUNCTIONS, "d2l.ch11.Animator", "d2l.ch11.Timer"])
def test_every_parameter_is_documented_with_its_type(name):
    parameters = set(inspect.signature(PUBLIC[name]).parameters)
    documented = entries(sections(PUBLIC[name]).get("Parameters", ""))
    assert {part for names in documented for part in names.split(", ")} == parameters


@pytest.mark.parametrize("name", FUNCTIONS)
def test_tensors_and_arrays_are_documented_with_their_shape(name):
    parts = sections(FUNCTIONS[name])
    text = parts.get("Parameters", "") + parts.get("Returns", "")
    for line in text.splitlines():
        if not line.startswith(" ") and ("torch.Tensor" in line or "np.ndarray" in line):
            assert "[" in line and ("shape" in line or "entries" in line), line


def test_the_attributes_of_a_history_are_documented_with_their_shape():
    documented = entries(sections(d2l.History)["Attributes"])
    assert set(documented) >= set(d2l.History.__dataclass_fields__)
    for name, kind in documented.items():
        assert "shape" in kind or kind == "float", name


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_comes_back_is_documented(name):
    returns = inspect.signature(FUNCTIONS[name]).return_annotation
    assert returns is not inspect.Signature.empty
    assert ("Returns" in sections(FUNCTIONS[name])) == (returns is not None), returns


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_refused_is_documented(name):
    """Whatever takes an argument refuses some."""
    if inspect.signature(FUNCTIONS[name]).parameters:
        raises = sections(FUNCTIONS[name])["Raises"]
        assert "ValueError" in raises or "TypeError" in raises


@pytest.mark.parametrize("name", FUNCTIONS)
def test_all_arguments_and_results_have_type_hints(name):
    for parameter in inspect.signature(FUNCTIONS[name]).parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty, parameter


@pytest.mark.parametrize("name", [*FUNCTIONS, *CLASSES])
def test_an_example_is_there(name):
    assert ">>> " in sections(PUBLIC[name])["Examples"]


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n.split(".")[1] == "optimizers"])
def test_a_rule_states_its_formula_and_its_source(name):
    if "init_" not in name:
        parts = sections(FUNCTIONS[name])
        assert ".. math::" in parts[""] and "References" in parts


def doctests():
    """Each docstring's examples, with the names of the package, torch, and its module in scope."""
    finder = doctest.DocTestFinder(exclude_empty=True, recurse=False)
    for name, value in PUBLIC.items():
        if isinstance(value, property):
            continue
        module = value if isinstance(value, ModuleType) else inspect.getmodule(value)
        shell = d2l.ch11 if ".ch11." in name else d2l
        names = {**vars(shell), "torch": torch, **vars(module)}
        yield from (t for t in finder.find(value, name, module, globs=names) if t.examples)


@pytest.mark.parametrize("example", list(doctests()), ids=lambda example: example.name)
def test_the_example_runs(example, capsys):
    with capsys.disabled():
        failures, tries = doctest.DocTestRunner(verbose=False).run(example)
    assert tries > 0 and failures == 0
