"""Sweeps over any parameters: labelled, on all cores or a cluster, and never begun twice."""

import contextlib
import errno
import itertools
import math
import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .._checks import chosen, positive_integer, real_array, shown
from .._results import Record
from ..bilayer import Bilayer
from ..condensate.ginzburg_landau import GinzburgLandau
from ..condensate.mean_field import MeanField
from .points import OBSERVABLES, Blueprint
from .progress import Progress, duration
from .store import Grid, SweepStore, chunk_shape
from .workers import Job, Task, run_here, run_on_client, run_on_cores

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["SweepPlan", "explain_sweep", "sweep"]

CHUNKS = 128  # into which a sweep falls at least, so that all cores end together
_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)  # a full disk does not say what is lost: nothing
_RESERVED = {"status", "warned", "reason"}

Base = Bilayer | GinzburgLandau | MeanField
Observables = str | Sequence[str] | Callable[..., Any]


def sweep(
    observable: Observables = "efficiency",
    *,
    base: Base,
    axes: Mapping[str, ArrayLike],
    store: str | os.PathLike[str] | None = None,
    client: Any = None,
    keep: str = "mu",
    units: Mapping[str, str] | None = None,
    chunk: int | None = None,
    workers: int | None = None,
    progress: bool | None = None,
) -> "xr.Dataset":
    """Compute observables on a grid over any parameters.

    Parameters
    ----------
    observable : str, sequence of str or callable
        Names from :data:`cedrag.sweeps.points.OBSERVABLES`; or a function of (bilayer, t) that
        returns a number or a flat dictionary of numbers.  What it takes by keyword only may stand
        on an axis too.
    base : Bilayer, GinzburgLandau or MeanField
        Where the axes start from.  A theory gives its level, temperature and accuracy; a Bilayer
        alone is taken in ``GinzburgLandau(base)``.
    axes : dict
        Values by name: a parameter of :class:`~cedrag.bilayer.Bilayer`, "fermi_energy_e",
        "fermi_energy_h", "t", "angle", "binding_energy" or "rtol".
    store : path, optional
        Where the results are kept, in Zarr format 3.  What is stored there is not computed again.
        A run that was stopped in any way goes on when it is called again.
    client : distributed.Client, optional
        Computes on its cluster, which must see ``store``, instead of on the cores of this machine.
    keep : {"mu", "fermi_energy"}
        What stays where an axis changes the out-of-plane field.
    units : dict, optional
        Units by name, for what a function returns.
    chunk : int, optional
        Points in one task and one chunk of the store, at most; by default 1/128 of all.
    workers : int, optional
        Processes; by default one for each core.  1 computes in this process.
    progress : bool, optional
        Whether to show a bar with the time left; by default on a terminal.

    Returns
    -------
    xarray.Dataset
        The observables, and beside them ``status`` (1 computed, 2 failed), ``reason`` of a failure
        and ``warned``, the warnings of the package as bits.  A failed point is nan and does not
        stop the others.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type or range; if ``store`` holds another sweep, or this one
        by another version.
    OSError
        If ``store`` cannot be written, such as on a full disk: what is stored stays.
    ModuleNotFoundError
        If xarray or zarr is not installed: ``pip install 'cedrag[sweep]'``.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag import NATURAL, GinzburgLandau, sweep
    >>> found = sweep(
    ...     ["q0", "jc_plus"], base=GinzburgLandau(NATURAL, rtol=1e-6), workers=1,
    ...     axes={"zeeman_inplane": [2.0, 3.0], "t": [0.8, 0.9, 1.1]})
    >>> found["jc_plus"].dims, found["jc_plus"].attrs["units"]
    (('zeeman_inplane', 't'), 'J_u')
    >>> round(float(found["q0"].sel(zeeman_inplane=3.0, t=0.9)), 4)
    0.1986
    >>> found["status"].values[0].tolist()  # there is no condensate above T_c
    [1, 1, 2]
    """
    plan = _Arranged(observable, base, axes, store, keep, units, chunk)
    count = _workers(workers)
    target = plan.target()
    job = Job(plan.blueprint, target.names, None if plan.path is None else str(plan.path.resolve()))
    grid = plan.grid(target)
    indices = target.unfinished(grid)
    tasks = (Task(index, grid.slices(index), grid.block(index)) for index in indices)
    if client is not None:
        done = run_on_client(client, job, tasks)
    elif count == 1 or len(indices) <= 1:
        done = run_here(job, tasks)
    else:
        done = run_on_cores(job, tasks, min(count, len(indices)))
    total = math.prod(grid.shape)
    bar = Progress(total, total - sum(map(grid.size, indices)), progress)
    try:
        for task, block in done:
            if block is not None:
                target.write(task.where, block)
            bar.add(math.prod(task.shape))
    except OSError as error:
        if plan.path is None or error.errno not in _FULL:
            raise
        text = f"{os.strerror(error.errno)}; finished chunks are stored, the same call goes on"
        raise OSError(error.errno, text, str(plan.path)) from error
    finally:
        bar.close()
        if hasattr(done, "close"):
            done.close()
    found = target.dataset()
    if plan.path is None:  # the reasons, one text for each point, are read when asked for
        for name in (*target.names, "status", "warned"):
            found[name].load()
    return found


def _workers(given: int | None) -> int:
    if given is not None:
        return positive_integer("workers", given, largest=4096)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Arranged:
    """The checked arguments of a sweep."""

    def __init__(
        self,
        observable: Observables,
        base: Base,
        axes: Mapping[str, ArrayLike],
        store: str | os.PathLike[str] | None,
        keep: str,
        units: Mapping[str, str] | None,
        chunk: int | None,
    ) -> None:
        self.axes = _axes(axes)
        self.units = dict(units or {})
        self.blueprint = _blueprint(observable, base, tuple(self.axes), keep)
        self.shape = tuple(len(axis) for axis in self.axes.values())
        total = math.prod(self.shape)
        points = max(total // CHUNKS, 1) if chunk is None else positive_integer("chunk", chunk)
        self.chunks = chunk_shape(self.shape, points)
        self.path = None if store is None else _path(store)

    def stored(self) -> SweepStore | None:
        """What lies at the path already; refused if it is not this sweep."""
        found = None if self.path is None else SweepStore.open(self.path)
        if found is not None:
            found.must_be(Grid(self.axes, found.chunks), self.blueprint.identity())
        return found

    def target(self) -> SweepStore:
        """The store, new or as it is."""
        found = self.stored()
        if found is not None:
            return found
        return SweepStore.create(
            self.path, Grid(self.axes, self.chunks), self.names(), self.blueprint.identity(),
            self.units,
        )  # fmt: skip

    def grid(self, target: SweepStore | None) -> Grid:
        """The points, in the chunks of the store."""
        return Grid(self.axes, self.chunks if target is None else target.chunks)

    def names(self) -> tuple[str, ...]:
        """What each point gives; a function is asked at the first point that does not fail."""
        if not callable(self.blueprint.observable):
            return self.blueprint.observable
        reason = ""
        for point in itertools.islice(itertools.product(*self.axes.values()), 100):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    names = tuple(self.blueprint.at([float(x) for x in point]))
                except Exception as error:  # as at any point
                    reason = reason or f"{type(error).__name__}: {error}"
                    continue
            for name in names:
                if not name.isidentifier() or name in _RESERVED or name in self.axes:
                    raise ValueError(
                        f"observable must return names that are identifiers and neither axes nor "
                        f"{', '.join(sorted(_RESERVED))} (got {shown(name)})"
                    )
            return names
        raise ValueError(
            f"observable must return a number at one of the first 100 points (got {reason})"
        )


def _axes(axes: Mapping[str, ArrayLike]) -> dict[str, np.ndarray]:
    if not isinstance(axes, Mapping) or not axes:
        raise TypeError(f"axes must be a dictionary of names and values (got {shown(axes)})")
    found = {}
    for name, values in axes.items():
        array = np.atleast_1d(real_array(f"axes[{name!r}]", values))
        if array.ndim != 1 or array.size == 0:
            raise ValueError(f"axes[{name!r}] must be a line of numbers (got shape {array.shape})")
        if len(np.unique(array)) != len(array):
            raise ValueError(f"axes[{name!r}] must hold each value once (got {shown(array)})")
        found[str(name)] = array
    return found


def _blueprint(observable: Observables, base: Base, dims: tuple[str, ...], keep: str) -> Blueprint:
    chosen("keep", keep, ("mu", "fermi_energy"))
    if isinstance(base, Bilayer):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # each point has its own
            base = GinzburgLandau(base)
    if not isinstance(base, (GinzburgLandau, MeanField)):
        raise TypeError(f"base must be a Bilayer or a theory of one (got {shown(base)})")
    if isinstance(observable, str):
        observable = (observable,)
    elif not callable(observable):
        if not isinstance(observable, Sequence) or not observable:
            raise TypeError(
                f"observable must be a function or among {', '.join(OBSERVABLES)} "
                f"(got {shown(observable)})"
            )
        observable = tuple(observable)
        if len(set(observable)) != len(observable):
            raise ValueError(f"observable must name each number once (got {shown(observable)})")
    plan = Blueprint(observable, base.bilayer, base.t, type(base), base.options, dims, keep)
    taken = set(dims) & set(plan.observable if isinstance(plan.observable, tuple) else ())
    if taken:
        raise ValueError(f"axes must not be named like an observable (got {sorted(taken)})")
    return plan


def _path(store: str | os.PathLike[str]) -> Path:
    if not isinstance(store, (str, os.PathLike)) or not str(store).strip():
        raise TypeError(f"store must be a path (got {shown(store)})")
    return Path(store)


# before it starts ------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class SweepPlan(Record):
    """What a sweep would do.

    Attributes
    ----------
    points : int
        Altogether.
    stored : int
        Points that need not be computed again.
    chunks : int
        Tasks that are left.
    workers : int
        Processes or threads that share them.
    seconds_per_point : float
        Measured at a few points of this sweep; 0 if there is nothing left to do.

    Examples
    --------
    >>> from cedrag.sweeps.run import SweepPlan
    >>> print(SweepPlan(4096, 1024, 96, 2, 0.08))
    4096 points, of which 1024 are stored; 96 chunks on 2 workers: about 2 min 3 s
    """

    points: int
    stored: int
    chunks: int
    workers: int
    seconds_per_point: float

    @property
    def seconds(self) -> float:
        """Expected, on a machine that does nothing else."""
        return (self.points - self.stored) * self.seconds_per_point / self.workers

    def __str__(self) -> str:
        return (
            f"{self.points} points, of which {self.stored} are stored; {self.chunks} chunks on "
            f"{self.workers} workers: about {duration(self.seconds)}"
        )


def explain_sweep(
    observable: Observables = "efficiency",
    *,
    base: Base,
    axes: Mapping[str, ArrayLike],
    store: str | os.PathLike[str] | None = None,
    client: Any = None,
    keep: str = "mu",
    units: Mapping[str, str] | None = None,
    chunk: int | None = None,
    workers: int | None = None,
    samples: int = 3,
) -> SweepPlan:
    """Say what :func:`sweep` with the same arguments would do; nothing is written.

    Parameters
    ----------
    observable, base, axes, store, client, keep, units, chunk, workers
        As in :func:`sweep`.
    samples : int
        Points that are computed for the estimate, after a first one that loads the kernels.

    Returns
    -------
    SweepPlan
        ``print`` shows it in one line.

    Raises
    ------
    TypeError, ValueError
        As :func:`sweep` does.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag import NATURAL, explain_sweep
    >>> plan = explain_sweep(base=NATURAL, axes={"t": np.linspace(0.5, 0.9, 256)}, workers=2)
    >>> plan.points, plan.stored, plan.chunks, plan.seconds < 60.0
    (256, 0, 128, True)
    """
    plan = _Arranged(observable, base, axes, store, keep, units, chunk)
    samples = positive_integer("samples", samples)
    found = plan.stored()
    grid = plan.grid(found)
    indices = list(grid.indices()) if found is None else found.unfinished(grid)
    count = _workers(workers)
    if client is not None:
        count = max(sum(client.nthreads().values()), 1)
    points = math.prod(grid.shape)
    left = sum(map(grid.size, indices))
    cost = _cost(plan.blueprint, grid, indices, samples) if indices else 0.0
    return SweepPlan(points, points - left, len(indices), max(min(count, len(indices)), 1), cost)


def _cost(
    blueprint: Blueprint, grid: Grid, indices: Sequence[tuple[int, ...]], samples: int
) -> float:
    """Mean seconds of a few points, spread over what is left."""

    def run(index: tuple[int, ...]) -> float:
        point = [float(axis[len(axis) // 2]) for axis in grid.block(index)]
        begin = time.perf_counter()
        with contextlib.suppress(Exception):  # a failing point takes its time too
            blueprint.at(point)
        return time.perf_counter() - begin

    spread = np.linspace(0, len(indices) - 1, samples + 2).round().astype(int)[1:-1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run(indices[0])
        return float(np.mean([run(indices[i]) for i in spread]))
