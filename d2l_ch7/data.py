"""The chapter's data: NASA's airfoil self-noise measurements, standardised as the book does."""

import hashlib
import math
import os
from contextlib import suppress
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from d2l_ch7._checks import check_class, expect

SHA256 = "10ee06e6cfb27dae6b44213d421d217012fb1f9b697592e73a4e4016b52d425f"
N_COLUMNS = 6  # five features and the label
N_SAMPLES = 1500  # the book trains on the first 1500 rows

_FILE = "airfoil_self_noise.dat"
_NAME = f"{_FILE} of the package"
_WANTED = (
    f"expected UTF-8 text of {N_COLUMNS} numbers a row, apart by white space and with decimal "
    "points, not commas, without a header"
)


def get_data_ch7(
    path: str | os.PathLike[str] | None = None, *, standardize: bool = True
) -> tuple[Tensor, Tensor]:
    r"""Load the airfoil self-noise data, each column standardised.

    Every column is centred and divided by its population standard deviation over *all* rows,
    :math:`(x - \bar{x}) / \sigma`; then the first 1500 rows are taken.

    Parameters
    ----------
    path : str or os.PathLike, optional
        Another file of the same form: six numbers a line, apart by white space, the label last.
        By default the file that comes with the package, wherever you work.
    standardize : bool
        False leaves the columns as they were measured, in the units given below.

    Returns
    -------
    features : torch.Tensor [shape=(1500, 5), dtype=float32]
        Frequency (Hz), angle of attack (degrees), chord length (m), free-stream velocity (m/s)
        and displacement thickness of the suction side (m). Standardised, they have no unit.
    labels : torch.Tensor [shape=(1500,), dtype=float32]
        Scaled sound pressure level (dB). Standardised, it has no unit.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TypeError
        If `path` is not a path, or `standardize` neither True nor False.
    ValueError
        If the file is empty, has a row of another length or something else than finite numbers,
        or, to be standardised, a column that never changes; for the package's own file, if its
        content is not the published one.

    References
    ----------
    T. Brooks, D. Pope and M. Marcolini, "Airfoil self-noise and prediction", NASA RP-1218, 1989;
    UCI Machine Learning Repository, data set 291, CC BY 4.0. Section 7.3 of the book.

    Examples
    --------
    >>> features, labels = get_data_ch7()
    >>> features.shape, labels.shape
    (torch.Size([1500, 5]), torch.Size([1500]))

    As they were measured: the first sample is the noise at 800 Hz.

    >>> features, labels = get_data_ch7(standardize=False)
    >>> features[0, 0], labels[0]
    (tensor(800.), tensor(126.2010))
    """
    check_class(bool, standardize=standardize)
    name = _NAME
    if path is None:
        table = published()
    else:
        check_class(str, os.PathLike, path=path)
        name = expect("path", path, os.fsdecode, "the path of a file", TypeError)
        if not os.path.exists(name):
            raise FileNotFoundError(f"path: no file at {name!r}")
        if os.path.isdir(name):
            raise ValueError(f"path: {name!r} is a folder; give the file itself")
        table = _parsed(Path(name).read_bytes(), name)
    table = (_standardised(table, name) if standardize else table)[:N_SAMPLES]
    rows = torch.from_numpy(table).float()
    if not rows.isfinite().all():
        raise ValueError(f"{name}: a number too large for float32")
    return rows[:, :-1].contiguous(), rows[:, -1].contiguous()


def published() -> np.ndarray:
    """The package's own rows, as they were measured: the label last."""
    content = packaged().read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ValueError(f"{_NAME}: the content has changed (its SHA-256 differs); reinstall")
    return _own_rows(content).copy()


@lru_cache(maxsize=1)
def _own_rows(content: bytes) -> np.ndarray:
    return _parsed(content, _NAME)


def packaged() -> Any:
    """The file of the installed package, or of a checkout that Python was started in."""
    folders: list[Any] = [Path(__file__).parents[1] / "data"]
    with suppress(ModuleNotFoundError):
        folders.insert(0, files("d2l_ch7._data"))
    for folder in folders:
        if folder.joinpath(_FILE).is_file():
            return folder.joinpath(_FILE)
    raise FileNotFoundError(f"{_FILE}: not in this copy; install the package, which brings it")


def _parsed(content: bytes, name: str) -> np.ndarray:
    """The file's rows of six finite numbers."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{name}: not UTF-8 text; is it UTF-16? ({error})") from None
    rows: list[list[float]] = []
    for i, line in enumerate(lines, start=1):
        fields = line.split()
        if fields:
            rows.append([_number(f, name, i, j) for j, f in enumerate(fields, 1)])
            if len(fields) != N_COLUMNS:
                raise ValueError(f"{name}, row {i}: {len(fields)} columns; {_WANTED}")
    if not rows:
        raise ValueError(f"{name}: empty; {_WANTED}")
    return np.array(rows)


def _number(field: str, name: str, row: int, column: int) -> float:
    try:
        number = float(field if "_" not in field else "")  # Python, not data files, takes 1_000
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        place = f"{name}, row {row}, column {column}"
        raise ValueError(f"{place}: {field!r} is no finite number; {_WANTED}")
    return number


def _standardised(table: np.ndarray, name: str) -> np.ndarray:
    with np.errstate(all="ignore"):
        spread = table.std(axis=0)
        constant = (table == table[0]).all(axis=0) | (spread == 0)
        for j in np.flatnonzero(constant | ~np.isfinite(spread)):
            raise ValueError(
                f"{name}, column {j + 1}: values that never change, or are too large, cannot be "
                f"standardised (standard deviation {spread[j]:g})"
            )
        scaled: np.ndarray = (table - table.mean(axis=0)) / spread
    return scaled
