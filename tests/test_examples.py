"""Numbers and printed commands follow from the package, and the commands exist."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text()


spec = importlib.util.spec_from_file_location("examples", ROOT / "tools" / "examples.py")
examples = importlib.util.module_from_spec(spec)
spec.loader.exec_module(examples)


@pytest.mark.parametrize("path", examples.TEXTS, ids=lambda path: path.name)
def test_what_is_computed_is_what_the_package_computes(path):
    text = path.read_text(encoding="utf-8")
    assert examples.TABLE.search(text) or examples.COMMAND.search(text)
    assert examples.rewrite(text) == text


def test_an_old_number_and_an_old_line_are_replaced(monkeypatch):
    monkeypatch.setattr(examples, "table", lambda: "| new |")
    monkeypatch.setattr("cedrag.cli.main", lambda arguments: print(*arguments, "ran"))
    old = (
        "a\n<!-- computed: begin -->\n| old |\n<!-- computed: end -->\nb\n"
        "```console\n$ cedrag diode -B 2\nold\n```\n```console\n$ make book\nkept\n```\n"
    )
    new = examples.rewrite(old)
    assert "old" not in new
    assert new.startswith("a\n<!-- computed: begin -->\n| new |\n<!-- computed: end -->\nb\n")
    assert "$ cedrag diode -B 2\ndiode -B 2 ran\n```" in new
    assert "$ make book\nkept" in new


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("x 0.30000000000000004 b", "x 0.3 b", True),
        ("x 0.3000001 b", "x 0.3 b", False),
        ("x 0.3 b", "y 0.3 b", False),
        ("x 0.3", "x -0.3", False),
    ],
)
def test_rounding_alone_changes_nothing(old, new, same):
    assert examples.same(old, new) is same


def test_commands_are_make_targets():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"make (\w+)", TEXT))
    assert {"book", "test", "lab"} <= named <= targets


def test_figure_is_there():
    assert "chapters/_assets/readme-current.svg" in TEXT
    assert (ROOT / "chapters/_assets/readme-current.svg").stat().st_size < 200_000
