"""The README's numbers follow from the package, and its commands exist."""

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text()


def load_tool():
    spec = importlib.util.spec_from_file_location("readme", ROOT / "tools" / "readme.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_table_is_what_the_package_computes():
    assert load_tool().rewrite(TEXT) == TEXT


def test_commands_are_make_targets():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"make (\w+)", TEXT))
    assert {"book", "test", "lab"} <= named <= targets


def test_figure_is_there():
    assert "chapters/_assets/readme-current.svg" in TEXT
    assert (ROOT / "chapters/_assets/readme-current.svg").stat().st_size < 200_000
