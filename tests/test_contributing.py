"""What CONTRIBUTING.md, Binder and Colab say is what is there."""

import ast
import functools
import importlib
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


def section(name):
    return TEXT.split(f"<!-- {name}: begin -->")[1].split(f"<!-- {name}: end -->")[0]


def resolve(name):
    """The object of a dotted name; AttributeError or ImportError if there is none."""
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:n]))
        except ModuleNotFoundError:
            continue
        return functools.reduce(getattr, parts[n:], value)
    raise ImportError(name)


def test_its_functions_labels_and_tests_exist():
    names = re.findall(r"`(cedrag\.[\w.]+)`", section("equations") + section("life"))
    assert len(names) > 20
    for name in names:
        resolve(name)
    chapters = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "chapters").glob("*.ipynb"))
    rows = re.findall(r"`(eq-[\w-]+)` \| `(tests/\w+\.py)::(\w+)`", section("equations"))
    assert len(rows) == section("equations").count("\n|") - 2
    for label, path, test in rows:
        assert re.search(rf":label: {label}\b(?!-)", chapters), label
        assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), test


def test_the_recipe_names_files_that_exist():
    named = re.findall(r"`([\w.]+/[\w./]+\.\w+)`", section("recipe"))
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_every_kernel_has_its_line():
    listed = re.findall(r"^\| `(\w+\.py)` \| \S", section("kernels"), re.MULTILINE)
    files = sorted(path.name for path in (PACKAGE / "kernels").glob("*.py"))
    assert ["__init__.py", *listed] == files


def dangling(text):
    """Documents that are no part of the project, and roles that point at nothing."""
    found = re.findall(r"\b(?:theory|benchmarks|design)\.md\b", text)
    for name in re.findall(r":(?:func|class|mod):`~?(cedrag\.[\w.]+)`", text):
        try:
            resolve(name)
        except (ImportError, AttributeError):
            found.append(name)
    return found


def test_no_reference_dangles():
    files = [*PACKAGE.rglob("*.py"), *(ROOT / "chapters").rglob("*.md"),
             *(ROOT / "chapters").glob("*.ipynb"), *(ROOT / "tests").rglob("*.py")]  # fmt: skip
    found = {}
    for path in files:
        if path != Path(__file__) and (names := dangling(path.read_text(encoding="utf-8"))):
            found[path.relative_to(ROOT).as_posix()] = names
    assert found == {}


def test_a_planted_reference_is_seen():
    text = "see theory.md and :func:`cedrag.units.nothing`, :class:`cedrag.units.Scales`"
    assert dangling(text) == ["theory.md", "cedrag.units.nothing"]
    assert dangling(":mod:`cedrag.nowhere.at_all`") == ["cedrag.nowhere.at_all"]


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
