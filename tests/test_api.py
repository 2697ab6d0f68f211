"""The reference of the package: nothing public is missing, every example runs.

A new public name needs a docstring with an ``Examples`` section and, if its module is new, a line
``.. automodule::`` on a page of ``chapters/api/``.
"""

import dataclasses
import doctest
import importlib
import importlib.util
import inspect
import re
from pathlib import Path

import pytest
import yaml
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate
from test_layering import ORDER

import cedrag
from cedrag._checks import real_scalar

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "chapters" / "api"
NOT_SHOWN = {"kernels"}
# sections out of order or unknown, parameters missing, unknown, out of order or badly typed,
# no summary, a summary over two lines, no Returns
DEMANDED = {
    "GL06", "GL07", "GL08", "SS01", "SS06", "PR01", "PR02", "PR03", "PR05", "PR10", "RT01", "EX01",
}  # fmt: skip


def module_names():
    """The modules whose public names are shown, in the reading order."""
    return [
        name
        for name in ORDER
        if not name.startswith("_")
        and name not in NOT_SHOWN
        and importlib.util.find_spec(f"cedrag.{name}") is not None
    ]


def public_objects(module):
    """Qualified name and object of each function and class that ``module`` itself defines."""
    return [
        (f"{module.__name__}.{name}", value)
        for name in module.__all__
        if (inspect.isclass(value := getattr(module, name)) or inspect.isroutine(value))
        and value.__module__ == module.__name__
    ]


def everything():
    """All of them in the package."""
    return [
        pair
        for name in module_names()
        for pair in public_objects(importlib.import_module(f"cedrag.{name}"))
    ]


def complaints(name, value):
    """What numpydoc finds wrong with the docstring of ``value``, as far as it is demanded."""
    found = [error for error in validate(name)["errors"] if error[0] in DEMANDED]
    fields = {entry.name for entry in NumpyDocString(inspect.getdoc(value) or "")["Attributes"]}
    fields.add("provenance")  # explained once, in cedrag._results.Result
    listed = {part.strip() for field in fields for part in field.split(",")}
    if inspect.isclass(value) and getattr(value, "_is_protocol", False):
        found = [error for error in found if error[0] != "PR01"]  # nobody makes one
    if inspect.isclass(value) and set(getattr(value, "_fields", ["?"])) <= listed:
        found = [error for error in found if error[0] != "PR01"]  # a named tuple, likewise
    if (
        dataclasses.is_dataclass(value)
        and {field.name for field in dataclasses.fields(value) if field.init} <= listed
    ):
        found = [error for error in found if error[0] != "PR01"]  # a result shows its attributes
    return [f"{name}: {code} {text}" for code, text in found]


def failures(name, text, namespace):
    """Number of examples in ``text`` and what went wrong when they were run."""
    test = doctest.DocTestParser().get_doctest(text, dict(namespace), name, None, None)
    report = []
    doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS).run(test, out=report.append)
    return len(test.examples), "".join(report)


def test_there_is_something_to_test():
    names = [name for name, _ in everything()]
    assert len(names) == len(set(names)) > 60
    assert "cedrag.units.Scales" in names


def test_every_module_is_on_one_page_in_the_reading_order():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    (reference,) = [
        chapter
        for part in toc["parts"]
        for chapter in part["chapters"]
        if chapter["file"] == "chapters/api/index"
    ]
    pages = [ROOT / f"{section['file']}.md" for section in reference["sections"]]
    assert sorted(pages) == sorted(set(PAGES.glob("*.md")) - {PAGES / "index.md"})
    shown = [
        name
        for page in pages
        for name in re.findall(
            r"^\.\. automodule:: cedrag\.([\w.]+)", page.read_text(), re.MULTILINE
        )
    ]
    assert shown == module_names()


def test_the_front_door_is_listed():
    listed = (PAGES / "index.md").read_text(encoding="utf-8")
    kinds = [
        name
        for name in cedrag.__all__
        if inspect.isclass(value := getattr(cedrag, name))
        and issubclass(value, cedrag.ValidityWarning)
        and value is not cedrag.ValidityWarning
    ]
    missing = [name for name in cedrag.__all__ if f".{name}`" not in listed]
    assert missing == kinds  # they stand behind "ValidityWarning and its kinds"
    assert "`cedrag.kernels` are not part of the interface" in listed


@pytest.mark.parametrize(
    ("name", "value"), everything(), ids=lambda part: part if isinstance(part, str) else ""
)
def test_the_entry_is_whole(name, value):
    found = complaints(name, value)
    assert found == []


@pytest.mark.parametrize("module", module_names())
def test_every_example_runs(module):
    module = importlib.import_module(f"cedrag.{module}")
    ran = 0
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        count, report = failures(test.name, test.docstring, {"__name__": test.name})
        assert report == "", report
        ran += count
    assert ran >= 2 * len(public_objects(module))


def test_methods_name_real_parameters():
    """What a method documents it also takes: PR02 for all that is not demanded to be whole."""
    problems = []
    for name, value in everything():
        if not inspect.isclass(value):
            continue
        for method, member in vars(value).items():
            if method.startswith("_") or not inspect.isroutine(member):
                continue
            errors = validate(f"{name}.{method}")["errors"]
            problems += [(name, method, text) for code, text in errors if code == "PR02"]
    assert problems == []


# the guards see what they claim to see ---------------------------------------------------------


def planted(number: float) -> float:
    """Double a number.

    Parameters
    ----------
    other : float
        Not an argument.

    Examples
    --------
    >>> 2 * 3
    7
    """
    return 2.0 * number


def test_a_wrong_example_and_a_wrong_parameter_are_seen():
    count, report = failures("planted", planted.__doc__, {})
    assert count == 1
    assert "Expected:\n    7\nGot:\n    6" in report
    found = complaints(f"{__name__}.planted", planted)
    assert {line.split(": ")[1][:4] for line in found} == {"PR01", "PR02", "RT01"}


def test_a_missing_example_is_seen():
    assert any("EX01" in line for line in complaints("cedrag._checks.real_scalar", real_scalar))


docstrings = importlib.util.spec_from_file_location(
    "sphinx_docstrings", ROOT / "tools" / "sphinx_docstrings.py"
)
sphinx_docstrings = importlib.util.module_from_spec(docstrings)
docstrings.loader.exec_module(sphinx_docstrings)


@pytest.mark.parametrize(
    ("plain", "typeset"),
    [
        ("the mass m_e/n_e", r"the mass m\ :sub:`e`\ /n\ :sub:`e`"),
        ("tau_D^I >= hbar/E_u", r"τ\ :sub:`D`\ \ :sup:`I` ≥ ħ/E\ :sub:`u`"),
        ("J_c+ - J_c-", r"J\ :sub:`c+` - J\ :sub:`c-`"),
        ("e^{-2 k_F d}", r"e\ :sup:`-2 k_F d`"),
        ("|q| and v_ of 2m_r", r"\|q\| and v\_ of 2m\ :sub:`r`"),
        ("``lambda_h`` and **mu_e** : float", "``lambda_h`` and **mu_e** : float"),
        ("PUBLISHED_SCALE, beta_ratio", "PUBLISHED_SCALE, beta_ratio"),
        ("**n** : int", "**n** : int"),
        (":func:`cedrag.drag.parabolic.drag_rate`", ":func:`cedrag.drag.parabolic.drag_rate`"),
    ],
)
def test_prose_is_typeset(plain, typeset):
    assert sphinx_docstrings.typeset(plain) == typeset


def test_examples_and_mathematics_are_left_alone():
    lines = ["of m_e", ".. math::", "", r"    |q|_e^2", "", ">>> m_e", "m_e", "", "of m_e"]
    expected = [sphinx_docstrings.typeset(lines[0]), *lines[1:8], lines[0]]
    expected[8] = expected[0]
    sphinx_docstrings.typeset_prose(None, "function", "f", None, None, lines)
    assert lines == expected
