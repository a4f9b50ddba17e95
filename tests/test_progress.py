"""The progress bar: for somebody who watches, after two seconds, never on standard output."""

import io
import sys
import types
from contextlib import contextmanager

import pytest
import torch

import d2l_ch7 as d2l
from d2l_ch7 import _progress, _runs


def draws(params, states, hyperparams):
    torch.rand(1)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def terminal(monkeypatch):
    """Put a terminal on standard error (pytest takes back what a fixture puts); no patience."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(_progress, "_PATIENCE", 0.0)
    return stream


def fit(data, seed=range(3), **options):
    small = [t[:20] for t in data]
    d2l.fit(d2l.optimizers.sgd, None, {"lr": 0.05}, *small, seed=seed, **options)


def test_a_bar_in_a_terminal(data, monkeypatch, capsys):
    pytest.importorskip("tqdm")
    stream = terminal(monkeypatch)
    fit(data)
    assert "0/6" in stream.getvalue() and "epoch" in stream.getvalue()
    assert stream.getvalue().endswith("\r")  # the line is cleared at the end
    assert capsys.readouterr().out == ""


def test_no_bar_within_two_seconds(data, monkeypatch):
    stream = terminal(monkeypatch)
    monkeypatch.setattr(_progress, "_PATIENCE", 2.0)
    fit(data)
    assert "epoch" not in stream.getvalue()


def test_no_bar_for_one_run_nor_where_it_is_not_wanted(data, monkeypatch):
    stream = terminal(monkeypatch)
    fit(data, seed=0)
    fit(data, progress=False)
    assert stream.getvalue() == ""


def test_no_bar_where_nobody_watches(data, monkeypatch, capsys):
    monkeypatch.setattr(_progress, "_PATIENCE", 0.0)
    for stream in (io.StringIO(), None):  # a file, and a windowed program without streams
        monkeypatch.setattr(sys, "stderr", stream)
        fit(data)
        assert stream is None or stream.getvalue() == ""
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_demand(data, monkeypatch):
    pytest.importorskip("tqdm")
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(_progress, "_PATIENCE", 0.0)
    fit(data, progress=True)
    assert "epoch" in stream.getvalue()


@pytest.mark.parametrize("seeds", [range(1), range(5), [3, 3]])
def test_the_bar_reaches_its_end(seeds, data, monkeypatch):
    """Whether the runs go together or, as those of a rule that draws, one by one."""
    total, done = [], []

    @contextmanager
    def count(wanted_total, wanted):
        total.append(wanted_total)
        yield done.append

    monkeypatch.setattr(_runs, "progress_bar", count)
    fit(data, seeds)
    assert sum(done) == total.pop() == 2 * len(seeds)
    done.clear()
    d2l.fit(draws, None, {}, *(t[:20] for t in data), seed=seeds)
    assert sum(done) == total.pop() == 2 * len(seeds)


def test_without_tqdm_there_is_no_bar_and_no_error(data, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    stream = terminal(monkeypatch)
    fit(data)
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    "shell, watched",
    [("ZMQInteractiveShell", True), ("TerminalInteractiveShell", False), (None, False)],
)
def test_a_notebook_is_watched(shell, watched, monkeypatch):
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: type(shell, (), {})() if shell else None
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert _progress._watched() is watched
    monkeypatch.setitem(sys.modules, "IPython", None)
    assert _progress._watched() is False
