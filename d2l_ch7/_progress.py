"""A progress bar on standard error for long runs, where somebody is there to see it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PATIENCE = 2.0  # seconds before a bar appears


@contextmanager
def progress_bar(total: int, wanted: bool | None) -> Iterator[Callable[[int], object]]:
    """Yield what is called with the number of epochs done; None asks whether anybody watches."""
    if wanted is None:
        wanted = _watched()
    if not wanted:
        yield lambda done: None
        return
    try:
        from tqdm import tqdm  # imported here: it is optional, and most runs need none
    except ImportError:
        yield lambda done: None
        return
    with tqdm(total=total, unit="epoch", delay=_PATIENCE, leave=False, file=sys.stderr) as bar:
        yield bar.update


def _watched() -> bool:
    """Whether standard error is a terminal, or the code runs in a notebook."""
    if sys.stderr is not None and sys.stderr.isatty():
        return True
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"
