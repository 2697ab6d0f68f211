"""What `pip install .` installs: the package with its data and types, and no more than it needs."""

import configparser
import re
import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OPTIONAL = (
    "matplotlib", "mpl_toolkits", "ipywidgets", "IPython", "pint", "myst_nb", "xarray", "zarr",
    "dask", "cma",
)  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built without network and without writing into the project."""
    folder = tmp_path_factory.mktemp("wheel")
    code = (
        f"import sys\nfrom setuptools.build_meta import build_wheel\nbuild_wheel({str(folder)!r})\n"
    )
    source = folder / "source"
    source.mkdir()
    for name in ("cedrag", "pyproject.toml", "README.md", "LICENSE"):
        (source / name).symlink_to(ROOT / name)
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=source, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def text_of(wheel, suffix):
    (name,) = [name for name in wheel.namelist() if name.endswith(suffix)]
    return wheel.read(name).decode()


def test_every_file_of_the_package_is_installed(wheel):
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "cedrag").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"cedrag/py.typed", "cedrag/data/materials.json", "cedrag/kernels/pair.py"} < wanted
    installed = {name for name in wheel.namelist() if name.startswith("cedrag/")}
    assert installed == wanted


def test_nothing_of_the_book_is_required(wheel):
    """Four libraries without an extra; what the optional modules import is in `plot`, `explore`."""
    required = message_from_string(text_of(wheel, "METADATA")).get_all("Requires-Dist")
    plain, extras = set(), {}
    for line in required:
        name = re.match(r"[\w-]+", line)[0]
        extra = re.search(r'extra == "(\w+)"', line)
        (extras.setdefault(extra[1], set()) if extra else plain).add(name)
    assert plain == {"numpy", "scipy", "numba", "contourpy"}
    assert extras["plot"] == {"matplotlib"}
    assert extras["units"] == {"pint"}
    assert extras["explore"] == {"matplotlib", "ipywidgets", "anywidget", "pint"}
    assert extras["sweep"] == {"xarray", "zarr", "dask", "distributed"}
    assert extras["search"] == {"cma"}
    assert extras["explore"] < extras["book"]


def test_the_command_is_an_entry_point(wheel):
    entries = configparser.ConfigParser()
    entries.read_string(text_of(wheel, "entry_points.txt"))
    assert entries["console_scripts"]["cedrag"] == "cedrag.cli:main"


def without_the_rest(code):
    """Run ``code`` as if only the required libraries were installed."""
    hide = f"import sys\nfor name in {OPTIONAL}: sys.modules[name] = None\n"
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", hide + code],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def test_the_package_alone_computes():
    run = without_the_rest(
        "from cedrag import *\n"
        "from cedrag import cli\nfrom cedrag.laboratory import materials, plateau, translation\n"
        "print(GinzburgLandau(PAPER).diode().jc_plus)\n"
        "assert cli.main(['sample', 'paper', '--density', '4e11', '--temperature', '12', "
        "'--critical-temperature', '10']) == 0\n"
        "assert cli.main(['plateau', '--points', '3']) == 0\n"
    )
    assert run.returncode == 0, run.stderr
    assert float(run.stdout.split()[0]) == pytest.approx(0.0315679, rel=1e-5)


@pytest.mark.parametrize(
    ("code", "library", "extra"),
    [
        ("import cedrag.view.plotting", "matplotlib", "plot"),
        ("from cedrag.units import measured; measured('T', '1 K', 'K')", "pint", "units"),
    ],
)  # fmt: skip
def test_what_is_missing_names_its_extra(code, library, extra):
    run = without_the_rest(code)
    complaint = f"{library} is not installed: pip install 'cedrag[{extra}]'"
    assert run.stderr.splitlines()[-1] == f"ModuleNotFoundError: {complaint}"


def test_widgets_name_their_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "cedrag.view.explore", raising=False)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'cedrag\[explore\]'"):
        import cedrag.view.explore  # noqa: F401


def test_the_readme_installs_what_its_commands_need(wheel):
    """Pictures need matplotlib, "10 K" needs pint: both are in the extras that the line names."""
    (extras,) = re.findall(
        r"`pip install '\.\[([\w,]+)\]'`", (ROOT / "README.md").read_text(encoding="utf-8")
    )
    lines = message_from_string(text_of(wheel, "METADATA")).get_all("Requires-Dist")
    installed = {
        re.match(r"[\w-]+", line)[0]
        for line in lines
        if any(f'extra == "{extra}"' in line for extra in extras.split(","))
    }
    assert installed == {"matplotlib", "pint"}
