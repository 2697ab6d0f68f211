"""Sweeps: the same numbers as one by one, whatever stops the run, and nothing of another sweep."""

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from cedrag import NATURAL, GinzburgLandau, MeanField, ValidityWarning, explain_sweep, sweep
from cedrag.sweeps import run, store
from cedrag.sweeps.points import OBSERVABLES, STATUS, WARNINGS, Blueprint
from cedrag.sweeps.progress import Progress
from cedrag.sweeps.store import SweepStore, chunk_shape

ROOT = Path(__file__).resolve().parent.parent
KILLS = int(os.environ.get("CEDRAG_SWEEP_KILLS", "5"))  # 20 take some minutes


def slope(bilayer, t):
    """A cheap observable."""
    return {"slope": bilayer.mu_e * t, "sum": bilayer.mu_e + t}


def picky(bilayer, t):
    """One that fails above t = 0.8."""
    if t > 0.8:
        raise ValueError(f"t must be cooler (got {t})")
    return t


def grid(n=8, m=6):
    return {"mu_e": np.linspace(1.0, 2.0, n), "t": np.linspace(0.5, 0.9, m)}


def bits(dataset):
    return {name: dataset[name].values.tobytes() for name in ("slope", "sum", "status")}


@pytest.fixture
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        yield


# numbers ---------------------------------------------------------------------------------------


def test_each_point_is_what_one_call_gives(quiet):
    theory = MeanField(NATURAL, 0.5, spin="band", rtol=1e-6)
    names = ["efficiency", "jc_plus", "q0", "gap", "spin_gap_margin"]
    found = sweep(names, base=theory, axes={"zeeman_inplane": [2.0, 3.0], "t": [0.6]}, workers=1)
    for B in (2.0, 3.0):
        one = MeanField(NATURAL.replace(zeeman_inplane=B), 0.6, spin="band", rtol=1e-6)
        here = found.sel(zeeman_inplane=B, t=0.6)
        assert float(here.efficiency) == one.diode().efficiency
        assert float(here.jc_plus) == one.diode().jc_plus
        assert (float(here.q0), float(here.gap)) == (one.condensate().q0[0], one.condensate().gap)
        assert float(here.spin_gap_margin) == one.bilayer.spin_gap_margin()
    assert found.status.values.tolist() == [[1], [1]]
    assert found.gap.attrs["units"] == "E_u"
    assert found.zeeman_inplane.attrs["units"] == "E_u"
    told = json.loads(found.attrs["cedrag_identity"])
    assert told["theory"] == "MeanField"
    assert told["options"] == {"rtol": 1e-6, "spin": "band"}
    assert told["bilayer"]["rashba_e"] == NATURAL.rashba_e


def test_the_direction_and_the_binding_energy_stand_on_axes(quiet):
    base = GinzburgLandau(NATURAL, 0.9, rtol=1e-6)
    turned = sweep(base=base, axes={"angle": [0.0, np.pi]}, workers=1).efficiency.values
    assert turned[0] == -turned[1] != 0.0
    bound = sweep("gap", base=base, axes={"binding_energy": [0.15, 0.2]}, workers=1).gap.values
    for value, E_b in zip(bound, (0.15, 0.2), strict=True):
        one = GinzburgLandau(NATURAL, 0.9, rtol=1e-6, binding_energy=E_b)
        assert value == one.condensate().gap > 0.0


def test_what_stays_when_the_field_out_of_plane_changes():
    def energies(bilayer, t):
        return {"mu": bilayer.mu_e, "fermi": bilayer.fermi_energy_e}

    def values(keep, **more):
        axes = {"zeeman_outofplane": [8.0, 12.0], **more}
        found = sweep(energies, base=NATURAL, axes=axes, keep=keep, workers=1)
        return found.mu.values, found.fermi.values

    mu, fermi = values("mu")
    assert np.ptp(mu) == 0.0
    assert np.ptp(fermi) == 4.0
    mu, fermi = values("fermi_energy")
    assert np.allclose(fermi, NATURAL.fermi_energy_e, rtol=0.0, atol=1e-12)
    assert np.ptp(mu) == 4.0
    _, fermi = values("mu", fermi_energy_e=[5.0, 7.0])
    assert np.allclose(fermi, [[5.0, 7.0], [5.0, 7.0]], rtol=0.0, atol=1e-12)


def test_a_function_may_take_an_axis_of_its_own():
    def scaled(bilayer, t, *, factor):
        return factor * t

    found = sweep(
        scaled, base=NATURAL, axes={"factor": [2.0, 3.0]}, units={"scaled": "K"}, workers=1
    )
    assert found.scaled.values.tolist() == [2.0 * 0.9, 3.0 * 0.9]
    assert found.scaled.attrs["units"] == "K"


def test_processes_give_the_bits_of_one_process():
    one = sweep(slope, base=NATURAL, axes=grid(), workers=1)
    two = sweep(slope, base=NATURAL, axes=grid(), workers=2, chunk=5)
    assert bits(one) == bits(two)
    assert one.slope.dims == ("mu_e", "t")
    assert np.array_equal(one.slope.values, np.outer(one.mu_e, one.t))


def test_a_failing_point_says_why_and_stops_no_other():
    found = sweep(picky, base=NATURAL, axes=grid(), workers=2)
    failed = found.status.values == STATUS.index("failed")
    assert np.array_equal(failed, np.broadcast_to(found.t.values > 0.8, (8, 6)))
    assert np.array_equal(np.isnan(found.picky.values), failed)
    assert found.reason.values[0, -1] == "ValueError: t must be cooler (got 0.9)"
    assert found.reason.values[0, 0] == ""


def test_warnings_are_kept_as_bits():
    found = sweep("q0", base=NATURAL, axes={"t": [0.2, 0.9]}, workers=1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        GinzburgLandau(NATURAL, 0.9).condensate()
    names = {w.category.__name__ for w in caught}
    assert int(found.warned[1]) == sum(1 << WARNINGS.index(name) for name in names) != 0


def test_every_observable_gives_a_number(quiet):
    names = [name for name in OBSERVABLES if name != "binding_energy"]
    base = MeanField(NATURAL, 0.6, spin="band", rtol=1e-5)
    found = sweep(names, base=base, axes={"mass_ratio": [1.0]}, workers=1)
    assert found.status.values.tolist() == [1], found.reason.values
    assert float(found.t_bkt[0]) == pytest.approx(0.734363, abs=1e-5)
    assert all(np.isfinite(found[name].values).all() for name in names)


# a store that outlives its runs ----------------------------------------------------------------


def test_nothing_stored_is_computed_again(tmp_path):
    target = tmp_path / "a.zarr"
    calls = tmp_path / "calls"
    calls.mkdir()

    def once(bilayer, t):
        name = calls / f"{bilayer.mu_e}-{t}"
        name.write_text(name.read_text() + "x" if name.exists() else "x")
        return t

    arguments = {"base": NATURAL, "axes": grid(), "store": target, "workers": 1, "chunk": 6}
    first = sweep(once, **arguments)
    seen = {path.name: path.read_text() for path in calls.iterdir()}
    again = sweep(once, **arguments)
    assert {path.name: path.read_text() for path in calls.iterdir()} == seen
    assert len(seen) == 48
    assert sorted(seen.values()) == ["x"] * 47 + ["xx"]  # the first point told the names
    assert first.identical(again)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"base": NATURAL.replace(rashba_e=0.8)}, "bilayer"),
        ({"base": GinzburgLandau(NATURAL, 0.9, rtol=1e-6)}, "options"),
        ({"axes": grid(8, 5)}, "values of t"),
        ({"axes": {"mu_h": grid()["mu_e"], "t": grid()["t"]}}, "axes"),
        ({"observable": picky}, "observable"),
        ({"keep": "fermi_energy"}, "keep"),
    ],
)
def test_another_sweep_is_refused(tmp_path, changes, said):
    arguments = {
        "observable": slope, "base": NATURAL, "axes": grid(), "store": tmp_path / "a", "workers": 1,
    }  # fmt: skip
    sweep(**arguments)
    with pytest.raises(ValueError, match=f"store must hold this sweep or be a new path: .*{said}"):
        sweep(**{**arguments, **changes})


def test_another_version_is_refused(tmp_path, monkeypatch):
    arguments = {"base": NATURAL, "axes": grid(), "store": tmp_path / "a", "workers": 1}
    sweep(slope, **arguments)
    monkeypatch.setattr(store, "VERSION", "9.9")
    with pytest.raises(ValueError, match=r"version is 0\.2\.0 in .*, not 9\.9"):
        sweep(slope, **arguments)
    monkeypatch.undo()
    monkeypatch.setattr(store, "fingerprint", lambda: "other kernels")
    with pytest.raises(ValueError, match="kernels is"):
        sweep(slope, **arguments)
    monkeypatch.undo()
    monkeypatch.setattr(store, "FORMAT", 2)
    with pytest.raises(ValueError, match="store must have format 2"):
        sweep(slope, **arguments)


def test_a_path_that_holds_something_else_is_refused_and_kept(tmp_path):
    (tmp_path / "mine").write_text("a letter")
    for path in (tmp_path, tmp_path / "mine"):
        with pytest.raises(ValueError, match="which holds something else"):
            sweep(slope, base=NATURAL, axes=grid(), store=path, workers=1)
    assert (tmp_path / "mine").read_text() == "a letter"


def test_the_store_is_zarr_3_of_full_size_and_reads_without_us(tmp_path):
    sweep(slope, base=NATURAL, axes=grid(), store=tmp_path / "a", workers=1, chunk=6)
    assert json.loads((tmp_path / "a" / "zarr.json").read_text())["zarr_format"] == 3
    found = xr.open_zarr(tmp_path / "a", consolidated=False, chunks=None)
    assert np.array_equal(found.slope.values, np.outer(found.mu_e, found.t))
    assert len(list((tmp_path / "a" / "slope" / "c").rglob("*"))) == 8 + 8  # one file each chunk
    found.load().to_netcdf(tmp_path / "a.nc")
    with xr.open_dataset(tmp_path / "a.nc") as read:
        assert np.array_equal(read.slope.values, found.slope.values)


# what stops a run ------------------------------------------------------------------------------

DRIVER = """
    import sys, time, warnings
    import numpy as np
    from cedrag import NATURAL, sweep

    def slow(bilayer, t):
        time.sleep({pause})
        return {{"slope": bilayer.mu_e * t, "sum": bilayer.mu_e + t}}

    print("started", flush=True)
    sweep(slow, base=NATURAL, axes={{"mu_e": np.linspace(1, 2, 16), "t": np.linspace(.5, .9, 6)}},
          store={target!r}, workers={workers}, chunk=3, progress={progress})
    print("finished", flush=True)
"""


def start_driver(tmp_path, target, *, workers=1, pause=0.01, progress=False):
    # no guard around __main__ in it: workers must not import it again
    script = tmp_path / f"driver{workers}.py"
    text = textwrap.dedent(DRIVER)
    script.write_text(
        text.format(target=str(target), workers=workers, pause=pause, progress=progress)
    )
    driver = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert driver.stdout.readline() == "started\n", driver.stderr.read()
    return driver


def chunks_on_disk(target):
    return {path: path.read_bytes() for path in target.glob("*/c/**/*") if path.is_file()}


def status_files(target):
    return [p for p in target.glob("status/c/**/*") if p.is_file() and p.suffix != ".partial"]


def test_a_driver_killed_at_any_moment_loses_nothing(tmp_path):
    target, seed = tmp_path / "a", random.Random(14)
    finished, kept = 0, {}
    for number in range(KILLS):
        driver = start_driver(tmp_path, target, workers=1 + number % 2)
        time.sleep(seed.uniform(0.0, 1.2))
        driver.send_signal(signal.SIGKILL)
        driver.communicate()
        if not target.exists():
            continue
        now = status_files(target)
        assert len(now) >= finished
        finished = len(now)
        # what was called finished before is still there, bit by bit
        assert all(path.read_bytes() == content for path, content in kept.items())
        kept = {path: path.read_bytes() for path in now}
    driver = start_driver(tmp_path, target)
    out, err = driver.communicate(timeout=300)
    assert "finished" in out, err
    found = xr.open_zarr(target, consolidated=False, chunks=None)
    assert np.array_equal(found.slope.values, np.outer(found.mu_e, found.t))
    assert np.array_equal(found["sum"].values, np.add.outer(found.mu_e.values, found.t.values))
    assert (found.status.values == 1).all()


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_ctrl_c_leaves_what_is_finished_and_no_process(tmp_path):
    target = tmp_path / "a"
    driver = start_driver(tmp_path, target, workers=2, pause=0.05, progress=True)
    wait_for(lambda: len(status_files(target)) >= 2)
    driver.send_signal(signal.SIGINT)
    out, err = driver.communicate(timeout=60)
    assert driver.returncode != 0
    assert "finished" not in out
    assert "KeyboardInterrupt" in err
    assert "of 96 points" in err
    before = status_files(target)
    assert len(before) < 32
    time.sleep(0.5)
    assert status_files(target) == before  # no worker goes on


DEADLY = """
    import os, signal
    from pathlib import Path

    def deadly(bilayer, t):
        mark = Path({mark!r})
        if bilayer.mu_e == 1.0 and t == 0.5 and ({always} or not mark.exists()):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return bilayer.mu_e * t
"""


def deadly(tmp_path, monkeypatch, *, always):
    (tmp_path / "deadly_points.py").write_text(
        textwrap.dedent(DEADLY).format(mark=str(tmp_path / "mark"), always=always)
    )
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("deadly_points", None)
    import deadly_points

    return deadly_points.deadly


AXES_LATE = {"mu_e": np.linspace(2.0, 1.0, 6), "t": np.linspace(0.9, 0.5, 4)}


def test_a_worker_that_is_killed_costs_one_repetition(tmp_path, monkeypatch):
    found = sweep(
        deadly(tmp_path, monkeypatch, always=False), base=NATURAL, axes=AXES_LATE, workers=2,
        chunk=4, store=tmp_path / "a",
    )  # fmt: skip
    assert (tmp_path / "mark").exists()
    assert np.array_equal(found.deadly.values, np.outer(found.mu_e, found.t))
    assert (found.status.values == 1).all()


def test_a_chunk_that_kills_every_worker_is_told_and_tried_again(tmp_path, monkeypatch):
    function = deadly(tmp_path, monkeypatch, always=True)
    arguments = {
        "base": NATURAL, "axes": AXES_LATE, "workers": 2, "chunk": 4, "store": tmp_path / "a",
    }  # fmt: skip
    found = sweep(function, **arguments)
    lost = found.status.values == STATUS.index("worker died")
    assert lost.sum() == 4
    assert lost[-1].all()
    assert "died 3 times (last: signal 9)" in found.reason.values[-1, 0]
    grid_ = store.Grid(AXES_LATE, (1, 4))
    assert SweepStore.open(tmp_path / "a").unfinished(grid_) == [(5, 0)]


def test_a_full_disk_is_named_and_loses_nothing(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip("no right to mount a small file system; the next test has a stand-in")
    try:
        arguments = {"base": NATURAL, "axes": grid(30, 6), "store": disk / "a", "chunk": 6}
        with pytest.raises(OSError, match="No space left on device; finished chunks are stored"):
            sweep(slope, **arguments, workers=2)
        stored = len(status_files(disk / "a"))
        assert 0 < stored < 30
        subprocess.run(["mount", "-o", "remount,size=20m", disk], check=True)
        kept = {path: path.stat().st_mtime_ns for path in status_files(disk / "a")}
        found = sweep(slope, **arguments, workers=2)
        assert all(path.stat().st_mtime_ns == at for path, at in kept.items())
        assert np.array_equal(found.slope.values, np.outer(found.mu_e, found.t))
        found.close()
    finally:
        subprocess.run(["umount", "-l", disk], check=False)


def test_a_write_that_fails_leaves_the_status_of_its_chunk_open(tmp_path, monkeypatch):
    arguments = {"base": NATURAL, "axes": grid(), "store": tmp_path / "a", "workers": 1, "chunk": 6}
    write, left = SweepStore.write, [3]

    class Full:
        def __setitem__(self, where, values):
            raise OSError(28, "No space left on device")

    def failing(self, where, block):
        left[0] -= 1
        if left[0] >= 0:
            return write(self, where, block)
        group = dict(self.group.arrays()) | {"sum": Full()}  # the slope is written, the sum not
        return write(SweepStore(group, self.path), where, block)

    monkeypatch.setattr(SweepStore, "write", failing)
    with pytest.raises(OSError, match="No space left"):
        sweep(slope, **arguments)
    monkeypatch.undo()
    half = xr.open_zarr(tmp_path / "a", consolidated=False, chunks=None)
    assert (half.status.values > 0).sum() == 18
    assert np.isfinite(half.slope.values).sum() == 24
    again = sweep(slope, **arguments)
    assert bits(again) == bits(sweep(slope, base=NATURAL, axes=grid(), workers=1))


def test_a_store_that_could_not_be_laid_out_leaves_nothing(tmp_path, monkeypatch):
    def broken(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "_lay_out", broken)
    with pytest.raises(OSError, match="No space"):
        sweep(slope, base=NATURAL, axes=grid(), store=tmp_path / "a", workers=1)
    assert list(tmp_path.iterdir()) == []


# a cluster -------------------------------------------------------------------------------------


@pytest.fixture
def cluster():
    distributed = pytest.importorskip("distributed")
    settings = {
        "distributed.logging.distributed": "critical",
        "distributed.worker.daemon": True,
        "distributed.admin.tick.limit": "1h",
    }
    import dask

    with (
        warnings.catch_warnings(),
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None,
            silence_logs=50,
        ) as processes,
        distributed.Client(processes) as client,
    ):  # fmt: skip
        warnings.simplefilter("ignore")
        yield client


def test_a_cluster_gives_the_same_bits_though_a_worker_is_killed(cluster, tmp_path):
    def slow(bilayer, t):
        time.sleep(0.02)
        return {"slope": bilayer.mu_e * t, "sum": bilayer.mu_e + t}

    def kill_one(task, *_):
        if not killed:
            killed.append(next(iter(cluster.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    killed = []
    arguments = {"base": NATURAL, "axes": grid(16, 6), "chunk": 3}
    add = Progress.add

    class Killing(Progress):
        def add(self, points):
            add(self, points)
            kill_one(points)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "Progress", Killing)
        found = sweep(slow, **arguments, store=tmp_path / "a", client=cluster)
    assert killed
    want = sweep(slope, **arguments, workers=1)
    assert bits(found) == bits(want)
    # without a store Dask brings the numbers
    assert bits(sweep(slow, **arguments, client=cluster)) == bits(want)


# the driver stays small ------------------------------------------------------------------------

MEMORY = """
    import re, sys
    from pathlib import Path
    import numpy as np
    from cedrag import NATURAL, sweep

    def cheap(bilayer, t):
        return t

    n = int(sys.argv[1])
    found = sweep(cheap, base=NATURAL, axes={"t": np.linspace(0.1, 0.9, n)}, workers=2,
                  store=sys.argv[2])
    assert int((found.status == 1).sum()) == n
    # VmHWM is the peak of this process; ru_maxrss begins with that of the one that started it
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(re.search(r"VmHWM:\\s*(\\d+)", status)[1])
"""


def peak(tmp_path, points):
    script = tmp_path / "memory.py"
    script.write_text(textwrap.dedent(MEMORY))
    done = subprocess.run(
        [sys.executable, script, str(points), tmp_path / str(points)], capture_output=True,
        text=True, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_memory_of_the_driver_does_not_grow_with_the_points(tmp_path):
    small, large = 10_000, int(os.environ.get("CEDRAG_SWEEP_POINTS", "100000"))  # at best a million
    assert peak(tmp_path, large) < 1.2 * peak(tmp_path, small)


# boundary --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"observable": "etta"}, ValueError, "observable must be a function or among efficiency"),
        ({"observable": []}, TypeError, "observable must be a function or among"),
        ({"observable": ["q0", "q0"]}, ValueError, "observable must name each number once"),
        ({"observable": "t_bkt"}, ValueError, "base must be a MeanField for t_bkt"),
        ({"base": "NATURAL"}, TypeError, "base must be a Bilayer or a theory"),
        ({"axes": {}}, TypeError, "axes must be a dictionary"),
        ({"axes": {"lambda": [1.0]}}, ValueError, "axes must be among mu_e.*got 'lambda'"),
        ({"axes": {"t": []}}, ValueError, r"axes\['t'\] must be a line of numbers"),
        ({"axes": {"t": [0.5, np.nan]}}, ValueError, r"axes\['t'\] must be finite"),
        ({"axes": {"t": [0.5, 0.5]}}, ValueError, r"axes\['t'\] must hold each value once"),
        ({"axes": {"binding_energy": [1.0]}, "observable": "binding_energy"}, ValueError,
         "axes must not be named like an observable"),
        ({"keep": "density"}, ValueError, "keep must be one of"),
        ({"chunk": 0}, ValueError, "chunk must be at least 1"),
        ({"workers": 0}, ValueError, "workers must be at least 1"),
        ({"store": 3}, TypeError, "store must be a path"),
        ({"observable": lambda bilayer, t: {"t": t}}, ValueError, "observable must return names"),
        ({"observable": lambda bilayer, t: "much"}, ValueError, "first 100 points"),
    ],
)  # fmt: skip
def test_bad_input_is_named(changes, error, said):
    arguments = {"observable": "q0", "base": NATURAL, "axes": {"t": [0.8, 0.9]}, "workers": 1}
    with pytest.raises(error, match=said):
        sweep(**{**arguments, **changes})


def test_names_that_change_from_point_to_point_are_failures():
    def fickle(bilayer, t):
        return {"a": t} if t < 0.7 else {"b": t}

    found = sweep(fickle, base=NATURAL, axes=grid(), workers=1)
    assert "observable must give ['a'] at every point (got ['b'])" in found.reason.values[0, -1]


def test_without_the_libraries_the_extra_is_named():
    script = (
        "import sys\n"
        "for name in ('xarray', 'zarr', 'dask', 'distributed', 'cma'): sys.modules[name] = None\n"
        "from cedrag import NATURAL, sweep, largest_efficiency\n"
        "for call in (lambda: sweep(base=NATURAL, axes={'t': [0.9]}),\n"
        "             lambda: largest_efficiency(method='cma', evaluations=2)):\n"
        "    try: call()\n"
        "    except ModuleNotFoundError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT
    )
    said = done.stdout.splitlines()
    assert [line.split(": ")[1] for line in said] == [
        "pip install 'cedrag[sweep]'", "pip install 'cedrag[search]'",
    ], done.stderr  # fmt: skip


def test_chunks_cover_every_point_once():
    for shape, points in (((7, 5), 6), ((64, 64), 100), ((3, 4, 5), 7), ((1,), 50), ((13,), 4)):
        axes = {f"a{i}": np.arange(float(n)) for i, n in enumerate(shape)}
        cells = store.Grid(axes, chunk_shape(shape, points))
        seen = np.zeros(shape, int)
        for index in cells.indices():
            assert cells.size(index) <= points
            seen[cells.slices(index)] += 1
            assert tuple(map(len, cells.block(index))) == seen[cells.slices(index)].shape
        assert (seen == 1).all()


# before and while it runs ----------------------------------------------------------------------


def test_the_plan_counts_what_is_stored(tmp_path):
    arguments = {"base": NATURAL, "axes": grid(), "store": tmp_path / "a", "chunk": 6, "workers": 1}

    def pausing(bilayer, t):
        time.sleep(0.01)
        return t

    before = explain_sweep(pausing, **arguments)
    assert not (tmp_path / "a").exists()
    assert (before.points, before.stored, before.chunks) == (48, 0, 8)
    assert before.seconds >= 0.48
    sweep(pausing, **arguments)
    after = explain_sweep(pausing, **arguments)
    assert (after.stored, after.chunks, after.seconds) == (48, 0, 0.0)
    assert str(after).startswith("48 points, of which 48 are stored")


def test_the_bar_tells_the_time_left():
    bar = Progress(100, before=20, shown=False)
    assert bar.line(1.0).endswith("20 of 100 points, ...")
    bar.add(20)
    assert bar.line(10.0).endswith("40 of 100 points, 30 s left")
    bar.add(60)
    assert bar.line(40.0).endswith("100 of 100 points, 40 s altogether")


def test_the_blueprint_refuses_what_it_cannot_change():
    with pytest.raises(ValueError, match="axes must be among"):
        Blueprint(slope, NATURAL, 0.9, GinzburgLandau, {}, ("angle",), "mu")


def test_a_worker_that_prints_does_not_disturb_the_answers(capfd):
    def loud(bilayer, t):
        print("something")
        return t

    found = sweep(loud, base=NATURAL, axes=grid(), workers=2, chunk=10)
    assert (found.status.values == 1).all()
    assert "something" in capfd.readouterr().err
