"""What an import loads: little, and nothing that was not asked for."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cedrag

FRONT_DOOR = Path(cedrag.__file__)


def fresh(code):
    """What ``code`` prints in a new process that sees the same package."""
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=FRONT_DOOR.parent.parent,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.split()


def loaded(statement):
    """Top-level libraries and cedrag modules that ``statement`` loads in a new process."""
    return set(
        fresh(
            f"{statement}\nimport sys\n"
            "print(*{n if n.startswith('cedrag') else n.split('.')[0] for n in sys.modules})"
        )
    )


def test_import_of_the_package_loads_no_library():
    found = loaded("import cedrag")
    assert "cedrag" in found
    assert not found & {"numpy", "scipy", "numba", "contourpy", "pint", "matplotlib"}


def test_the_scales_do_not_need_a_compiler():
    assert not loaded("from cedrag import Scales") & {"numba", "pint", "matplotlib"}


def test_every_public_name_is_there_and_listed():
    for name in cedrag.__all__:
        assert getattr(cedrag, name) is not None
    assert dir(cedrag) == sorted(cedrag.__all__)
    assert len(set(cedrag.__all__)) == len(cedrag.__all__)


def test_the_type_checker_sees_the_same_names():
    tree = ast.parse(FRONT_DOOR.read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {alias.name: node.module for node in block.body for alias in node.names}
    assert sorted(seen) == sorted(cedrag.__all__)
    for name, module in seen.items():
        source = __import__(f"cedrag.{module}", fromlist=[name])
        assert getattr(cedrag, name) is getattr(source, name)


def test_star_import_gives_the_public_names():
    names = fresh(
        "old = set(dir())\nfrom cedrag import *\nprint(*sorted(set(dir()) - old - {'old'}))"
    )
    assert names == sorted(cedrag.__all__)


def test_a_submodule_is_an_attribute():
    assert fresh("import cedrag\nprint(cedrag.bilayer.Bilayer.__name__)") == ["Bilayer"]


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Diod'"):
        _ = cedrag.Diod
    assert not hasattr(cedrag, "_anything")


def test_a_compiled_diode_loads_neither_the_compiler_nor_linear_algebra():
    # numba's own maximum of an array, compiled into a kernel, would bring scipy.linalg: 18 MB
    diode = (
        "import sys, warnings; warnings.simplefilter('ignore'); "
        "from cedrag import PAPER, GinzburgLandau; GinzburgLandau(PAPER, 0.9).diode(); "
        "print(*sys.modules)"
    )
    fresh(diode)  # the compiled code is on disk now
    found = set(fresh(diode))
    assert "cedrag.kernels.axis_diode" in found
    assert not found & {"scipy.linalg", "numba.np.arraymath", "numba.typed.typeddict"}
