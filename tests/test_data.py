"""The chapter's data: the values, where they come from, and what a bad file is told."""

import hashlib
import pickle
import sys

import numpy as np
import pytest
import torch
from helpers import copy_project, nothing_touched, run

from d2l_ch7 import data as module
from d2l_ch7 import get_data_ch7

ROW = "800 0 0.3048 71.3 0.00266337 126.201\n"
ROWS = ROW + "1000 1 0.2 39.6 0.01 120.5\n1250.5 -2e0 .1 55.5 +0.02 99\n"


def write(tmp_path, content):
    path = tmp_path / "mine.dat"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def packaged():
    return module.files("d2l_ch7._data").joinpath("airfoil_self_noise.dat").read_bytes()


def test_shapes_and_types():
    features, labels = get_data_ch7()
    assert features.shape == (1500, 5) and labels.shape == (1500,)
    assert features.dtype == labels.dtype == torch.float32
    assert features.is_contiguous() and labels.is_contiguous()


def test_all_rows_are_standardised_then_the_first_1500_taken():
    table = np.array([line.split() for line in packaged().decode().splitlines()], dtype=float)
    assert table.shape == (1503, 6)
    expected = ((table - table.mean(axis=0)) / table.std(axis=0))[:1500]
    features, labels = get_data_ch7()
    np.testing.assert_array_equal(features.numpy(), expected[:, :5].astype(np.float32))
    np.testing.assert_array_equal(labels.numpy(), expected[:, 5].astype(np.float32))


def test_as_measured():
    """Not standardised: the file's own first 1500 rows, in their units."""
    table = np.loadtxt(packaged().decode().splitlines(), dtype=np.float32)
    features, labels = get_data_ch7(standardize=False)
    np.testing.assert_array_equal(features.numpy(), table[:1500, :5])
    np.testing.assert_array_equal(labels.numpy(), table[:1500, 5])
    assert features.is_contiguous() and labels.is_contiguous()


@pytest.mark.parametrize("standardize", [0, 1, None, "no", np.bool_(True)])
def test_standardised_or_not(standardize):
    with pytest.raises(TypeError, match="standardize"):
        get_data_ch7(standardize=standardize)


def test_a_column_that_never_changes_may_be_read_as_it_is(tmp_path):
    features, labels = get_data_ch7(write(tmp_path, ROW + ROW), standardize=False)
    assert features[:, 0].tolist() == [800, 800] and len(labels) == 2


def test_too_large_for_float32(tmp_path):
    path = write(tmp_path, ROWS.replace("800", "1e300"))
    with pytest.raises(ValueError, match=r"mine\.dat.*float32"):
        get_data_ch7(path, standardize=False)


@pytest.mark.parametrize("standardize", [True, False])
def test_each_call_gives_tensors_of_its_own(standardize):
    get_data_ch7(standardize=standardize)[0].zero_()
    assert get_data_ch7(standardize=standardize)[0].abs().sum() > 0


def test_from_any_working_directory(tmp_path, monkeypatch):
    expected = get_data_ch7()
    monkeypatch.chdir(tmp_path)
    for found, wanted in zip(get_data_ch7(), expected):
        assert torch.equal(found, wanted)


@pytest.mark.parametrize("standardize", [True, False])
def test_what_one_caller_changes_the_next_does_not_see(standardize):
    first, kept = (get_data_ch7(standardize=standardize) for _ in range(2))
    for tensor in first:
        tensor.zero_()
    module.published()[:] = 0
    again = get_data_ch7(standardize=standardize)
    assert all(torch.equal(one, other) for one, other in zip(again, kept))


def test_in_a_checkout_that_python_was_started_in(tmp_path):
    """Installed or not, the folder d2l_ch7 beside us is imported, and data/ is not inside it."""
    copy_project(tmp_path)
    script = """
import sys
sys.meta_path = [f for f in sys.meta_path if "Editable" not in repr(f)]  # as if not installed
import d2l_ch7
assert d2l_ch7.__path__ == [sys.argv[1]]
print(*d2l_ch7.get_data_ch7()[0].shape)
"""
    command = [sys.executable, "-c", script, tmp_path / "d2l_ch7"]
    assert run(command, cwd=tmp_path).stdout == "1500 5\n"


@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["str", "Path"])
def test_another_file_of_the_same_form(kind, tmp_path):
    path = write(tmp_path, packaged())
    for found, wanted in zip(get_data_ch7(kind(path)), get_data_ch7()):
        assert torch.equal(found, wanted)


@pytest.mark.parametrize(
    "content",
    [
        ROWS.replace(" ", "\t"),
        ROWS.replace("\n", "\r\n"),
        "\n  \n" + ROWS + "\n\n",
        "\ufeff" + ROWS,
        ROWS.rstrip("\n"),
        ROWS.replace(" ", "   "),
    ],
    ids=["tabs", "crlf", "blank lines", "byte order mark", "no last newline", "wide"],
)
def test_spaces_and_line_ends_do_not_matter(content, tmp_path):
    features, labels = get_data_ch7(write(tmp_path, content))
    assert features.shape == (3, 5)
    expected, _ = get_data_ch7(write(tmp_path, ROWS))
    assert torch.equal(features, expected)
    torch.testing.assert_close(labels.mean(), torch.tensor(0.0), atol=1e-6, rtol=0)
    torch.testing.assert_close(labels.std(correction=0), torch.tensor(1.0))


@pytest.mark.parametrize(
    "content, told",
    [
        ("", ["empty"]),
        (" \n\n", ["empty"]),
        (ROW + "1 2 3 4 5\n", ["row 2", "5"]),
        (ROW + "1 2 3 4 5 6 7\n", ["row 2", "7"]),
        (ROWS.replace("0.2", "0,2"), ["row 2", "column 3", "0,2"]),
        (ROWS.replace("39.6", "x"), ["row 2", "column 4", "x"]),
        ("a b c d e f\n" + ROWS, ["row 1", "column 1"]),
        (ROWS.replace("120.5", "nan"), ["row 2", "column 6", "nan"]),
        (ROWS.replace("120.5", "-inf"), ["row 2", "column 6", "inf"]),
        (ROWS.replace("120.5", "1e999"), ["row 2", "column 6", "1e999"]),
        (ROWS.replace("39.6", "71.3").replace("55.5", "71.3"), ["column 4"]),
        (ROW, ["column 1"]),
        (ROW * 5, ["column 1"]),
        (ROWS.replace("1000", "1e200"), ["column 1"]),
        (
            ROWS.replace("0.3048", "1e-200").replace(".1 ", "2e-200 ").replace("0.2", "0"),
            ["column 3"],
        ),
        (b"\xff\xfe\x00\x01" * 9, []),
        (ROWS.encode("utf-16"), []),
        (b"\x00" * 100, ["row 1"]),
        (pickle.dumps({"features": 1}), []),
        (b"PK\x03\x04" + b"\x00" * 50, []),
    ],
)
def test_a_bad_file_is_told_where(content, told, tmp_path):
    path = write(tmp_path, content)
    with nothing_touched(), pytest.raises(ValueError) as error:
        get_data_ch7(path)
    for word in ["mine.dat", *told]:
        assert word in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "content, told",
    [
        (ROWS.replace(" ", ","), "not commas"),
        (ROWS.replace(" ", ", "), "not commas"),
        (ROWS.replace(".", ","), "not commas"),
        ("f alpha c U delta SPL\n" + ROWS, "without a header"),
        ("Frequency (Hz), Angle (deg)\n" + ROWS, "without a header"),
        (ROWS.encode("utf-16"), "UTF-8"),
        (ROWS.encode("utf-16-le"), "UTF-8"),
        (ROWS.encode("utf-16-be"), "UTF-8"),
        (ROWS.encode("utf-32"), "UTF-8"),
    ],
)
def test_a_file_of_another_form_is_told_the_right_one(content, told, tmp_path):
    with pytest.raises(ValueError, match=told):
        get_data_ch7(write(tmp_path, content))


def test_a_copied_folder_without_its_data_says_to_install(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(module, "files", missing)
    monkeypatch.setattr(module, "__file__", "/nowhere/d2l_ch7/data.py")
    with pytest.raises(FileNotFoundError, match="install the package"):
        get_data_ch7()


class Bomb:
    def __reduce__(self):
        return (exec, ("raise SystemExit('executed')",))


def test_nothing_is_ever_executed(tmp_path):
    for content in (pickle.dumps(Bomb()), b"__import__('os').abort() 1 2 3 4 5\n"):
        with pytest.raises(ValueError):
            get_data_ch7(write(tmp_path, content))


class Located:
    """A path of a reader's own class."""

    def __init__(self, where):
        self.where = where

    def __fspath__(self):
        return self.where


@pytest.mark.parametrize("kind", [str, lambda path: str(path).encode()], ids=["str", "bytes"])
def test_a_path_of_another_class(kind, tmp_path):
    features, _ = get_data_ch7(Located(kind(write(tmp_path, ROWS))))
    assert features.shape == (3, 5)
    with pytest.raises(FileNotFoundError, match=r"^path: no file at '.*nowhere\.dat'$"):
        get_data_ch7(Located(kind(tmp_path / "nowhere.dat")))


def test_no_such_file(tmp_path):
    for path in (tmp_path / "nowhere.dat", "", "a\0b"):
        with pytest.raises(FileNotFoundError, match="path"):
            get_data_ch7(path)
    with pytest.raises(FileNotFoundError, match=r"nowhere\.dat"):
        get_data_ch7(str(tmp_path / "nowhere.dat"))


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ValueError, match="path") as error:
        get_data_ch7(tmp_path)
    assert tmp_path.name in str(error.value)


@pytest.mark.parametrize("path", [3, True, 1.5, b"x.dat", [], object(), Located(3), Located(None)])
def test_what_is_no_path(path):
    with pytest.raises(TypeError, match=r"^path: expected "):
        get_data_ch7(path)


def test_the_packages_own_file_must_be_the_published_one(tmp_path, monkeypatch):
    assert hashlib.sha256(packaged()).hexdigest() == module.SHA256
    spoilt = packaged().replace(b"126.201", b"126.202")
    (tmp_path / "airfoil_self_noise.dat").write_bytes(spoilt)
    monkeypatch.setattr(module, "files", lambda package: tmp_path)
    with pytest.raises(ValueError, match="SHA-256"):
        get_data_ch7()
