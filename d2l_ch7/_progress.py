"""A progress bar on standard error for long runs, where somebody is there to see it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

_PATIENCE = 2.0  # seconds before a bar appears


@contextmanager
def progress_bar(total: int, wanted: bool | None) -> Iterator[Callable[[int], object]]:
    """Yield what is called with the number of epochs done; None asks whether anybody watches."""
    make: Any = None
    if _watched() if wanted is None else wanted:
        with suppress(ImportError):  # it is optional
            import tqdm

            make = tqdm.tqdm
    if make is None:
        yield lambda done: None
        return
    with make(total=total, unit="epoch", delay=_PATIENCE, leave=False, file=sys.stderr) as bar:
        yield bar.update


def _watched() -> bool:
    """Whether standard error is a terminal, or the code runs in a notebook."""
    ipython = sys.modules.get("IPython")
    in_notebook = ipython and type(ipython.get_ipython()).__name__ == "ZMQInteractiveShell"
    return bool(in_notebook or (sys.stderr and sys.stderr.isatty()))
