"""What is built and installed: the wheel and the sdist, and the package out of the wheel alone."""

import configparser
import re
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from helpers import copy_project, run
from packaging.requirements import Requirement

import d2l_ch7

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(path.name for path in (ROOT / "d2l_ch7").glob("*.py"))
DATA = ["README.md", "__init__.py", "airfoil_self_noise.dat", "published.json"]


@pytest.fixture(
    scope="module",
    params=[["--no-isolation"], pytest.param([], marks=pytest.mark.slow)],
    ids=["here", "isolated"],
)
def built(request, tmp_path_factory):
    """The wheel and the sdist out of a clean copy: by the setuptools here, and by a fetched one."""
    folder = tmp_path_factory.mktemp("dist")
    source = folder / "source"
    copy_project(source)
    run([sys.executable, "-m", "build", *request.param, "--outdir", folder, source])
    return folder


def test_the_wheel_holds_the_package_its_data_and_nothing_else(built):
    (wheel,) = built.glob("*.whl")
    names = [n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n]
    expected = [f"d2l_ch7/{name}" for name in (*MODULES, "py.typed")]
    expected += [f"d2l_ch7/_data/{name}" for name in DATA]
    assert sorted(names) == sorted(expected)


def test_intel_macs_get_a_numpy_that_their_torch_can_talk_to(built):
    """Nothing else is bound to a platform."""
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith("METADATA"))
        metadata = archive.read(name).decode()
    needs = [Requirement(need) for need in re.findall(r"^Requires-Dist: (.*)$", metadata, re.M)]
    mac = {"sys_platform": "darwin", "platform_machine": "x86_64", "extra": ""}
    for environment, wanted in ((mac, "1.26.4"), ({**mac, "platform_machine": "arm64"}, "2.2.0")):
        numpys = [
            n
            for n in needs
            if n.name == "numpy" and (n.marker is None or n.marker.evaluate(environment))
        ]
        assert all(wanted in need.specifier for need in numpys) and numpys
        assert ("2.2.0" in numpys[-1].specifier) == (wanted == "2.2.0")


def test_the_sdist_can_be_built_from_and_holds_no_stray_file(built):
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    for name in (
        "setup.cfg",
        "pyproject.toml",
        "LICENSE",
        "README.md",
        *(f"data/{n}" for n in DATA),
    ):
        assert name in names
    top = {name.split("/")[0] for name in names if name}
    assert top <= {
        "LICENSE", "MANIFEST.in", "PKG-INFO", "README.md", "d2l_ch7", "d2l_ch7.egg-info", "data",
        "pyproject.toml", "setup.cfg",
    }  # fmt: skip


def test_the_descriptions_pass_twine(built):
    files = [*built.glob("*.whl"), *built.glob("*.tar.gz")]
    run([sys.executable, "-m", "twine", "check", "--strict", *files])


def test_the_versions_agree():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert setup["metadata"]["version"] == d2l_ch7.__version__


def test_the_installed_packages_fit_together():
    run([sys.executable, "-m", "pip", "check"])


README_EXAMPLE = (
    (ROOT / "README.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
)


def test_the_wheel_alone_runs_the_readme_from_another_folder(built, tmp_path):
    """In an environment with nothing of the project; only torch and its like come from ours."""
    venv.create(tmp_path / "env")
    python = tmp_path / "env" / "bin" / "python"
    (wheel,) = built.glob("*.whl")
    run([sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", wheel])
    # The packages that it needs are borrowed from this environment, not installed again.
    (borrowed,) = {Path(p).parent.parent for p in [sys.modules["torch"].__file__]}
    (site,) = (tmp_path / "env" / "lib").glob("python*/site-packages")
    (site / "borrowed.pth").write_text(f"{borrowed}\n")
    script = tmp_path / "elsewhere" / "first.py"
    script.parent.mkdir()
    script.write_text(README_EXAMPLE + "\nprint(d2l.__file__)\n")
    done = run([python, script], cwd=script.parent, env={"MPLBACKEND": "Agg", "PATH": ""})
    assert done.stdout.startswith("loss: 0.2"), done.stdout + done.stderr
    assert str(site) in done.stdout
