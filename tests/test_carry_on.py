"""What others need to carry the project on: the files that services and tools read."""

import configparser
import re
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml", reason="pip install -e .[dev]")
ROOT = Path(__file__).resolve().parents[1]
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg", encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def load(path):
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def test_the_citation_says_what_setup_cfg_says_and_no_version_of_its_own():
    cff = load("CITATION.cff")
    assert cff["cff-version"] == "1.2.0" and cff["message"] and cff["authors"]
    assert cff["title"].startswith(SETUP["metadata"]["name"])
    assert cff["license"] == SETUP["metadata"]["license"]
    assert ", ".join(cff["keywords"]) == SETUP["metadata"]["keywords"]
    assert "version" not in cff and "date-released" not in cff
    page = (ROOT / "docs" / "how-to-cite.md").read_text(encoding="utf-8")
    for work in cff["references"]:
        assert work["title"].lower() in page.lower()


def test_the_oldest_versions_are_those_of_setup_cfg():
    needs = dict(re.findall(r"^(\w+)>=([\d.]+)$", SETUP["options"]["install_requires"], flags=re.M))
    oldest = dict(
        re.findall(r"^(\w+)==([\d.]+)\.0$", (ROOT / ".github/oldest.txt").read_text(), re.M)
    )
    assert oldest == needs


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_unless_a_job_needs_more(path):
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        more = job.get("permissions", {})
        assert not more or name in ("deploy", "publish")
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False


def test_every_python_from_the_oldest_on_is_tested_on_three_systems():
    matrix = load(".github/workflows/test.yml")["jobs"]["package"]["strategy"]["matrix"]
    assert len(matrix["os"]) == 3
    assert SETUP["options"]["python_requires"] == f">={matrix['python'][0]}"
    minors = [int(version.split(".")[1]) for version in matrix["python"]]
    assert minors == list(range(minors[0], minors[-1] + 1))


def test_the_first_run_is_tried_on_every_system_that_the_page_names():
    from first_run import SYSTEMS

    jobs = load(".github/workflows/test.yml")["jobs"]
    tried = [row["system"] for row in jobs["first-run"]["strategy"]["matrix"]["include"]]
    assert sorted(tried) == sorted(SYSTEMS)


def test_the_hooks_run_what_lint_runs():
    makefile = (ROOT / "Makefile").read_text()
    lint = set(re.findall(r'"\$\(BIN\)/(\w+)"', makefile.split("\nlint:")[1].split("\n\n")[0]))
    hooks = {
        hook["entry"].split()[0] for hook in load(".pre-commit-config.yaml")["repos"][0]["hooks"]
    }
    assert {f".venv/bin/{tool}" for tool in lint} == hooks


def test_only_setup_cfg_holds_the_version():
    version = SETUP["metadata"]["version"]
    for path in ("pyproject.toml", "CITATION.cff", "docs/conf.py", "docs/install.md", *WORKFLOWS):
        assert version not in (ROOT / path).read_text(encoding="utf-8"), path
