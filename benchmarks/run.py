"""Measure what the project claims about speed: each claim a ratio against another way, in one run.

    python benchmarks/run.py            every row, seven pairs; exits with 1 below a floor
    python benchmarks/run.py --quick    fewer pairs and smaller sizes, for the site
    python benchmarks/run.py --json F   also writes the rows and the two curves to F

The two sides of a pair run in turn; a row's figure is the median ratio of its pairs. The least and
the largest stand behind it.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "Agg")
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import textbook
import torch

import d2l_ch7 as d2l

SGD = d2l.optimizers.sgd


@dataclass
class Row:
    """A claim: a ratio, with the least or the most that it may be and what we aim at."""

    key: str
    name: str
    ratio: float
    floor: float
    aim: float
    more_is_better: bool = True
    spread: tuple[float, float] | None = None

    @property
    def found(self) -> dict:
        """What the site shows of it."""
        return {**asdict(self), "holds": self.holds}

    def __str__(self) -> str:
        limits = f"floor >= {self.floor:g}" if self.more_is_better else f"limit <= {self.floor:g}"
        spread = "" if self.spread is None else "({:.2f} to {:.2f})".format(*self.spread)
        verdict = "ok" if self.holds else "MISSED"
        limits += f", aim {self.aim:g}"
        return f"{self.name:72s} {self.ratio:9.2f}  {spread:20s}  {limits:26s}  {verdict}"

    @classmethod
    def of(cls, key: str, name: str, ratios: list[float], *limits: float, **more: bool) -> "Row":
        """The median of the pairs' ratios, with the least and the largest."""
        spread = min(ratios), max(ratios)
        return cls(key, name, statistics.median(ratios), *limits, **more, spread=spread)

    @property
    def holds(self) -> bool:
        return self.ratio >= self.floor if self.more_is_better else self.ratio <= self.floor


def seconds(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def ratios(one: Callable, other: Callable, pairs: int, times: float = 1) -> list[float]:
    """The ratios of two times, measured in turn after an unmeasured run of the other."""
    other()
    return [times * seconds(one) / seconds(other) for _ in range(pairs)]


def single_runs(X, y, pairs):
    """One run against the textbook loop, at the chapter's three batch sizes."""
    settings = [
        (1, 2, 0.005, 8, 10, 5, 6),
        (10, 2, 0.05, 8, 10, 5, 6),
        (1500, 6, 1, 22, 40, 18, 30),
    ]
    for batch, epochs, lr, floor, aim, torch_floor, torch_aim in settings:
        ours = ratios(
            lambda: textbook.train_scratch(SGD, None, {"lr": lr}, X, y, batch, epochs),
            lambda: d2l.fit(SGD, None, {"lr": lr}, X, y, batch, epochs),
            pairs,
        )
        name = f"fit, sgd, batch {batch}: textbook loop / ours"
        yield Row.of(f"fit-{batch}", name, ours, floor, aim)
        librarys = ratios(
            lambda: textbook.train_torch(torch.optim.SGD, {"lr": 0.05}, X, y, batch, epochs),
            lambda: d2l.fit_torch(torch.optim.SGD, {"lr": 0.05}, X, y, batch, epochs),
            pairs,
        )
        name = f"fit_torch, SGD, batch {batch}: textbook loop / ours"
        yield Row.of(f"torch-{batch}", name, librarys, torch_floor, torch_aim)


def thousand_seeds(X, y, pairs):
    """A thousand runs of batch 1, a model, against one textbook run and one of scikit-learn's."""

    def many():
        d2l.fit(SGD, None, {"lr": 0.005}, X, y, 1, seed=range(1000), progress=False)

    def alone():
        textbook.train_scratch(SGD, None, {"lr": 0.005}, X, y, 1)

    name = "fit, 1000 seeds, batch 1, a model: textbook loop / ours"
    yield Row.of("seeds", name, ratios(alone, many, pairs, 1000), 1200, 1500)
    try:
        from sklearn.linear_model import SGDRegressor
    except ImportError:
        print("scikit-learn is not installed: its row is left out", file=sys.stderr)
        return
    X, y = X.numpy().astype(np.float64), y.numpy().astype(np.float64)
    model = SGDRegressor(
        penalty=None, learning_rate="constant", eta0=0.005, max_iter=2, tol=None, random_state=0
    )

    def theirs():
        for _ in range(20):
            model.fit(X, y)

    name = "fit, 1000 seeds, batch 1, a model: scikit-learn's SGDRegressor / ours"
    yield Row.of("sklearn", name, ratios(theirs, many, pairs, 1000 / 20), 1.5, 2)


def growth(X, y, pairs, times):
    """Time a sample with many more samples, over that with 1500."""
    big_X, big_y = X.repeat(times, 1), y.repeat(times)
    per_sample = ratios(
        lambda: d2l.fit(SGD, None, {"lr": 0.05}, big_X, big_y, num_epochs=1),
        lambda: [d2l.fit(SGD, None, {"lr": 0.05}, X, y, num_epochs=1) for _ in range(20)],
        pairs,
        20 / times,
    )
    name = f"time a sample, n = {len(big_y)} / n = {len(y)}, batch 10"
    yield Row.of("growth", name, per_sample, 1.5, 1.0, more_is_better=False)


def importing(pairs):
    """Importing the package, over importing what it needs anyway."""

    def start(code):
        return lambda: subprocess.run([sys.executable, "-c", code], check=True)

    idle = start("pass")
    needs, package = start("import torch, matplotlib.pyplot"), start("import d2l_ch7")
    base = statistics.median(seconds(idle) for _ in range(pairs))
    found = [(seconds(package) - base) / (seconds(needs) - base) for _ in range(pairs)]
    name = "import d2l_ch7 / import torch, matplotlib.pyplot"
    yield Row.of("import", name, found, 1.15, 1.05, more_is_better=False)


def curves(X, y, quick):
    """Seconds against the number of seeds, and against n: batch 10, best of three."""

    def best(run):
        run()
        return min(seconds(run) for _ in range(3))

    by_seeds = [
        (S, best(lambda: d2l.fit(SGD, None, {"lr": 0.05}, X, y, seed=range(S), progress=False)))
        for S in (1, 3, 10, 30, 100, 300, 1000)
    ]
    by_n = []
    for times in (1, 3, 10, 30) if quick else (1, 3, 10, 30, 100, 300):
        data = X.repeat(times, 1), y.repeat(times)
        ours = best(lambda: d2l.fit(SGD, None, {"lr": 0.05}, *data, num_epochs=1))
        loops = None
        if times <= 10:
            loops = seconds(
                lambda: textbook.train_scratch(SGD, None, {"lr": 0.05}, *data, num_epochs=1)
            )
        by_n.append((1500 * times, ours, loops))
    return {"seeds": by_seeds, "samples": by_n}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer pairs, smaller sizes")
    parser.add_argument("--json", metavar="FILE", help="write the rows and curves there too")
    options = parser.parse_args()
    pairs = 3 if options.quick else 7
    torch.set_num_threads(1)
    warnings.simplefilter("error")
    X, y = d2l.get_data_ch7()
    rows = [
        *single_runs(X, y, pairs),
        *thousand_seeds(X, y, pairs),
        *growth(X, y, 3, 30 if options.quick else 1000),
        *importing(1 if options.quick else pairs),
    ]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    machine += f", torch {torch.__version__}, NumPy {np.__version__}"
    print(machine)
    print(*rows, sep="\n")
    if options.json:
        content = {
            "machine": machine,
            "rows": [row.found for row in rows],
            **curves(X, y, options.quick),
        }
        Path(options.json).write_text(json.dumps(content, indent=1) + "\n")
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
