"""Settings of torch that a run needs its own way: number of threads, default dtype and device.

They come back afterwards, also where runs in several threads overlap.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch


class _Held:
    """A setting of the process, held at a value while any run needs it."""

    def __init__(self, get: Callable[[], Any], put: Callable[[Any], Any], value: Any, each: bool):
        self._get, self._put, self._value = get, put, value
        self._each = each  # whether each thread remembers what it was told
        self._lock, self._runs, self._callers = threading.Lock(), 0, None

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            if self._runs == 0:
                self._callers = self._get()
            self._runs += 1
            self._put(self._value)
        try:
            yield
        finally:
            with self._lock:
                self._runs -= 1
                if self._each or self._runs == 0:
                    self._put(self._callers)


one_thread = _Held(torch.get_num_threads, torch.set_num_threads, 1, each=True)
_float32 = _Held(torch.get_default_dtype, torch.set_default_dtype, torch.float32, each=False)


@contextmanager
def own_defaults() -> Iterator[None]:
    """What is made in a run, by us, by torch or by a reader's code, is float32 and on the CPU.

    Under the caller's autocast it would be no longer.
    """
    elsewhere = torch.empty(0).device.type != "cpu"
    exact = torch.autocast("cpu", enabled=False)
    with _float32(), exact, torch.device("cpu") if elsewhere else nullcontext():
        yield
