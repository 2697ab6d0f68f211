"""What CONTRIBUTING.md, Binder and Colab say is what is there."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
from test_layering import ORDER, PACKAGE

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TARGETS = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_the_table_is_the_reading_order():
    table = TEXT.split("<!-- modules: begin -->")[1].split("<!-- modules: end -->")[0]
    listed = re.findall(r"^\| `([\w.]+)` \|", table, re.MULTILINE)
    places = [PACKAGE.joinpath(*module.split(".")) for module in ORDER]
    assert all(place.with_suffix(".py").is_file() or place.is_dir() for place in places)
    assert listed == list(ORDER)


def test_its_targets_and_files_exist():
    named = set(re.findall(r"`make (\w+)", TEXT))
    assert {"test", "lint", "spell", "linkcheck", "examples", "edit", "lab", "bench"} <= named
    assert named <= TARGETS
    for name in re.findall(r"`([\w.]+/[\w./]+\.(?:py|md)|\.ci/run)`", TEXT):
        assert (ROOT / name).is_file(), name


def test_every_target_says_what_it_does():
    text = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^([a-z]+):", text, re.MULTILINE)
    assert set(re.findall(r"^([a-z]+):.*## ", text, re.MULTILINE)) == set(targets)
    (phony,) = re.findall(r"^\.PHONY: (.*)", text, re.MULTILINE)
    assert set(phony.split()) == set(targets)


def test_the_extra_for_binder_and_colab_holds_what_the_chapters_import():
    known = {"numpy", "scipy", "numba", "contourpy", "cedrag", "IPython"} | set(
        sys.stdlib_module_names
    )
    names = PROJECT["project"]["optional-dependencies"]["book"]
    known |= {re.match(r"[\w-]+", name)[0].replace("-", "_") for name in names}
    for path in (ROOT / "chapters").glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type != "code" or cell.source.startswith("%"):
                continue
            for node in ast.walk(ast.parse(cell.source)):
                found = []
                if isinstance(node, ast.Import):
                    found = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    found = [node.module]
                assert {name.split(".")[0] for name in found} <= known, path.name


def test_binder_installs_the_extra_in_the_pinned_versions():
    script = ROOT / ".binder" / "postBuild"
    assert os.access(script, os.X_OK)
    assert '--constraint requirements.txt ".[book]"' in script.read_text()
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    runtime = (ROOT / ".binder" / "runtime.txt").read_text().strip()
    minimum = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert runtime == f"python-{minimum}"


def test_the_address_stands_in_one_place():
    """So that the day it exists one line changes."""
    pattern = PROJECT["tool"]["cedrag"]["repository"] or "mybinder.org"
    files = [p for g in ("*.md", "*.toml", "*.yml", "tools/*.py", "chapters/*.*", ".binder/*")
             for p in ROOT.glob(g)]  # fmt: skip
    found = {p.name for p in files if pattern in p.read_text(encoding="utf-8")}
    assert found == {"pyproject.toml" if "://" in pattern else "launch_buttons.py"}
