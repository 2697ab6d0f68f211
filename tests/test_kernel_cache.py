"""Compiled kernels on disk: found by every process, filed under the right name, never stale."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cedrag
from cedrag.kernels import cached
from cedrag.kernels.bands import Band
from cedrag.kernels.resolution import pair_energies, steps_over_zero

PACKAGE = Path(cedrag.__file__).parent
BANDS = Band(1.0, 2.0, 0.5, 3.0, 4.0), Band(1.5, 1.0, 0.0, 3.0, 4.0)
ENERGY = (
    "from cedrag.kernels.bands import Band\n"
    + f"print(cedrag.kernels.resolution.pair_energies(0.3, 0.2, 0.1, 0.0, *{BANDS})[0])"
)
STEPS = """
import numpy as np
field = np.zeros(12); field[::2] = 1.0, 2.0, 3.0, -9.0, -10.0, -11.0
for view in {views}:
    print(cedrag.kernels.resolution.steps_over_zero(view, 1.0))
"""
CACHE_ENVIRONMENT = ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME", "TMPDIR")


def start(code, folder=PACKAGE.parent, **environment):
    """A new process that runs ``code`` with the package of ``folder``."""
    kept = {k: v for k, v in os.environ.items() if k not in CACHE_ENVIRONMENT}
    return subprocess.Popen(
        [sys.executable, "-c", f"import cedrag.kernels.resolution\n{code}"],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(folder)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out.split()


def files(folder):
    return sorted(path.relative_to(folder) for path in Path(folder).rglob("*.nbc"))


def test_an_edited_callee_gives_the_new_number(tmp_path):
    """pair_energies calls band of another file, which numba's own cache does not look at."""
    copy = tmp_path / "cedrag"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    (before,) = finish(start(ENERGY, tmp_path, **cache))
    assert float(before) == pair_energies(0.3, 0.2, 0.1, 0.0, *BANDS)[0]
    old = files(tmp_path / "cache")
    assert any("pair_energies" in name.name for name in old)
    bands = copy / "kernels" / "bands.py"
    text = bands.read_text()
    assert "- spin_splitting(kx, ky, band)\n" in text
    bands.write_text(
        text.replace("- spin_splitting(kx, ky, band)\n", "- spin_splitting(kx, ky, band) + 1.0\n")
    )
    (after,) = finish(start(ENERGY, tmp_path, **cache))
    assert float(after) == pytest.approx(float(before) + 1.0, abs=1e-12)
    bands.write_text(text)
    assert finish(start(ENERGY, tmp_path, **cache)) == [before]
    assert set(old) < set(files(tmp_path / "cache"))


def test_processes_that_start_at_once_share_one_cache(tmp_path):
    """As pytest-xdist, Dask and several notebooks do; each signature ends in its own file."""
    cache = {"NUMBA_CACHE_DIR": str(tmp_path)}
    contiguous, strided = "[field[::2].copy()]", "[field[::2]]"
    orders = (contiguous, strided, f"{strided} + {contiguous}", f"{contiguous} + {strided}")
    together = [start(STEPS.format(views=views), **cache) for views in orders]
    assert [finish(process) for process in together] == [["True"], ["True"], ["True"] * 2] + [
        ["True"] * 2
    ]
    assert len(files(tmp_path)) == 2
    # what a later process loads was filed under the right signature, and is not compiled again
    hits = (
        "d = cedrag.kernels.resolution.steps_over_zero\n"
        "print(sum(d.stats.cache_hits.values()), sum(d.stats.cache_misses.values()))"
    )
    assert finish(start(STEPS.format(views=orders[-1]) + hits, **cache))[-2:] == ["2", "0"]


def test_compiling_is_said_once_on_stderr_and_only_then(tmp_path):
    """Two kernels compile; standard output holds the numbers alone."""
    code = ENERGY + STEPS.format(views="[field[::2]]")
    loud = {"NUMBA_CACHE_DIR": str(tmp_path / "loud"), "CEDRAG_QUIET": ""}
    quiet = {"NUMBA_CACHE_DIR": str(tmp_path / "quiet"), "CEDRAG_QUIET": "1"}
    processes = start(code, **loud), start(code, **quiet)  # at once, as either takes seconds
    (out, said), (same, nothing) = (process.communicate(timeout=300) for process in processes)
    (line,) = said.splitlines()
    assert line.startswith("cedrag: compiling kernels")
    compiled = [
        {path.name.split("-")[0] for path in files(tmp_path / n)} for n in ("loud", "quiet")
    ]
    assert {"resolution.pair_energies", "resolution.steps_over_zero"} <= compiled[0] == compiled[1]
    energy, dips = out.split()
    assert float(energy) == pair_energies(0.3, 0.2, 0.1, 0.0, *BANDS)[0]
    assert dips == "True"
    assert (same, nothing) == (out, "")
    assert start(code, **loud).communicate(timeout=300) == (out, "")  # all is in the cache


def test_a_damaged_file_is_compiled_anew(tmp_path):
    cache = {"NUMBA_CACHE_DIR": str(tmp_path)}
    want = finish(start(ENERGY, **cache))
    for name in files(tmp_path):
        (tmp_path / name).write_bytes(b"\x80")
    assert finish(start(ENERGY, **cache)) == want


def test_without_a_writable_folder_the_temporary_one_serves(tmp_path):
    """A read-only installation, no home: /proc takes no folder, not even from root."""
    nowhere = dict.fromkeys(("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME"), "/proc/cedrag")
    want = [repr(float(pair_energies(0.3, 0.2, 0.1, 0.0, *BANDS)[0]))]
    assert finish(start(ENERGY, TMPDIR=str(tmp_path), **nowhere)) == want
    (private,) = tmp_path.iterdir()
    assert files(tmp_path)
    assert private.stat().st_mode & 0o777 == 0o700
    # where others may write, nothing is loaded and nothing is left
    shutil.rmtree(private)
    private.mkdir()
    private.chmod(0o777)
    where = "\nprint(cedrag.kernels.cached.cache_folder())"
    assert finish(start(ENERGY + where, TMPDIR=str(tmp_path), **nowhere)) == [*want, "None"]
    assert list(private.iterdir()) == []


def test_an_installation_that_is_edited_while_it_runs_keeps_nothing(monkeypatch):
    def double(x):
        return 2 * x

    assert cached.njit(cache=True)(double)._cache.cache_path == str(cached.cache_folder())
    monkeypatch.setattr(cached, "_SEEN", [])
    mixture = cached.njit(cache=True)(double)
    assert mixture._cache.cache_path is None
    assert mixture(2.0) == 4.0


def test_a_kernel_that_only_kernels_call_has_no_machine_code():
    """It is typed once for all integers, optimised within its caller, and runs if called itself."""

    def square(x, n):
        return x * x + n

    def twice(x, n):
        return inner(x, 1) + inner(x, n)

    inner = cached.njit()(square)
    outer = cached.njit()(twice)
    assert outer(3.0, 2) == 21.0
    assert len(inner.part.signatures) == 1
    assert inner.signatures == []
    (code,) = inner.part.overloads.values()
    engine = code.library.codegen._engine
    assert not engine.is_symbol_defined(code.fndesc.llvm_func_name)
    assert inner(3.0, 2) == 11.0
    assert len(inner.signatures) == 1


def test_a_formula_stays_python_and_is_compiled_into_kernels():
    def root(x):
        return np.sqrt(x)

    def sum_of_roots(x):
        return formula(x) + formula(4.0 * x)

    formula = cached.formula(error_model="numpy")(root)
    assert formula is root
    assert cached.njit()(sum_of_roots)(4.0) == 6.0


def test_old_folders_are_forgotten(tmp_path):
    folders = [tmp_path / f"cedrag-{n:02d}" for n in range(12)]
    for age, folder in enumerate(folders):
        folder.mkdir()
        (folder / "code.nbc").touch()
        os.utime(folder, (1e9 - age, 1e9 - age))
    (tmp_path / "other").mkdir()
    cached.forget_old(folders[-1])
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {f.name for f in folders[: cached.KEPT]} | {"cedrag-11", "other"}


def test_the_kernels_of_this_process_use_the_cache():
    steps_over_zero(np.array([1.0, 2.0]), 1.0)
    assert steps_over_zero.stats.cache_path == str(cached.cache_folder())
