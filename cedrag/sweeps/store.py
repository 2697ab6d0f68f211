"""Where a sweep lies: Zarr arrays of full size from the start, written by whole chunks.

Each chunk is the work of one task, so no two writers meet in a file.  Nothing is ever appended.
The status is written after the data of its chunk: what it calls computed is there.  A chunk file
is put in place in one step, and so is the store itself.
"""

import functools
import json
import math
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._version import VERSION
from ..errors import missing_library
from ..kernels.cached import fingerprint
from .points import OBSERVABLES, STATUS, WARNINGS, Block

if TYPE_CHECKING:
    import xarray as xr
    import zarr

__all__ = ["Grid", "SweepStore", "chunk_shape", "write_chunk"]

FORMAT = 1  # of the store; another meaning of what is in it is another number
_DONE = (STATUS.index("computed"), STATUS.index("failed"))
AXIS_UNITS = {
    "mu_e": "E_u", "mu_h": "E_u", "fermi_energy_e": "E_u", "fermi_energy_h": "E_u",
    "rashba_e": "E_u l_u", "rashba_h": "E_u l_u", "zeeman_inplane": "E_u",
    "zeeman_outofplane": "E_u", "mass_ratio": "1", "t": "T_c", "angle": "rad",
    "binding_energy": "E_u", "rtol": "1",
}  # fmt: skip


def _zarr() -> Any:
    try:
        import zarr
    except ModuleNotFoundError as error:
        raise missing_library(error, "sweep") from None
    return zarr


def _xarray() -> Any:
    try:
        import xarray
    except ModuleNotFoundError as error:
        raise missing_library(error, "sweep") from None
    return xarray


def chunk_shape(shape: Sequence[int], points: int) -> tuple[int, ...]:
    """Give the shape of chunks of at most ``points`` points; the last axes are kept whole.

    Parameters
    ----------
    shape : sequence of int
    points : int

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> from cedrag.sweeps.store import chunk_shape
    >>> chunk_shape((64, 64), 100), chunk_shape((1000,), 300)
    ((1, 64), (250,))
    """
    left, chunks = max(points, 1), []
    for size in reversed(shape):
        pieces = math.ceil(size / min(size, left))
        chunks.append(math.ceil(size / pieces))
        left = max(left // chunks[-1], 1)
    return tuple(reversed(chunks))


class Grid(NamedTuple):
    """The points of a sweep and how they fall into chunks.

    Parameters
    ----------
    axes : dict of ndarray
    chunks : tuple of int

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.sweeps.store import Grid
    >>> grid = Grid({"t": np.linspace(0.5, 0.9, 5)}, (2,))
    >>> list(grid.indices()), grid.block((2,))[0].tolist()
    ([(0,), (1,), (2,)], [0.9])
    """

    axes: dict[str, NDArray[np.float64]]
    chunks: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Points along each axis."""
        return tuple(len(axis) for axis in self.axes.values())

    def indices(self) -> Iterator[tuple[int, ...]]:
        """Numbers of the chunks."""
        sizes = zip(self.shape, self.chunks, strict=True)
        return np.ndindex(*(math.ceil(n / size) for n, size in sizes))

    def slices(self, index: tuple[int, ...]) -> tuple[slice, ...]:
        """Where a chunk lies in the arrays."""
        parts = zip(index, self.chunks, self.shape, strict=True)
        return tuple(slice(i * size, min((i + 1) * size, n)) for i, size, n in parts)

    def block(self, index: tuple[int, ...]) -> tuple[NDArray[np.float64], ...]:
        """Coordinates of a chunk."""
        parts = zip(self.axes.values(), self.slices(index), strict=True)
        return tuple(axis[part].copy() for axis, part in parts)

    def size(self, index: tuple[int, ...]) -> int:
        """Points of a chunk."""
        return math.prod(part.stop - part.start for part in self.slices(index))


def _is_there(path: Path) -> bool:
    """Whether something lies at ``path``; an empty folder is nothing."""
    return path.exists() and not (path.is_dir() and not any(path.iterdir()))


class SweepStore:
    """One sweep on disk, or in memory without a path.

    Parameters
    ----------
    group : zarr.Group
    path : Path or None

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.sweeps.store import Grid, SweepStore
    >>> grid = Grid({"t": np.linspace(0.5, 0.9, 4)}, (2,))
    >>> store = SweepStore.create(None, grid, ("f",), {"observable": "f"}, {"f": "1"})
    >>> len(store.unfinished(grid))
    2
    """

    def __init__(self, group: "zarr.Group", path: Path | None) -> None:
        self.group, self.path = group, path
        self._open: dict[str, zarr.Array] = {}  # a worker writes to each a hundred times

    @classmethod
    def create(
        cls,
        path: Path | None,
        grid: Grid,
        names: Sequence[str],
        identity: Mapping[str, Any],
        units: Mapping[str, str],
    ) -> "SweepStore":
        """Lay out all arrays at full size; on disk the whole store appears in one step."""
        if path is None:
            group = _zarr().create_group(_zarr().storage.MemoryStore(), zarr_format=3)
            _lay_out(group, grid, names, identity, units)
            return cls(group, None)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        try:
            _lay_out(_zarr().create_group(beside, zarr_format=3), grid, names, identity, units)
            os.replace(beside, path)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        return cls(_zarr().open_group(path, mode="r+"), path)

    @classmethod
    def open(cls, path: Path) -> "SweepStore | None":
        """The sweep at ``path``, None if there is nothing, ValueError if it is something else."""
        if not _is_there(path):
            return None
        try:
            group = _zarr().open_group(path, mode="r+")
            found = group.attrs["cedrag_format"]
        except Exception as error:  # zarr has one for each way in which it is not a store
            raise ValueError(
                f"store must be a new path or a sweep of cedrag (got {str(path)!r}, "
                "which holds something else)"
            ) from error
        if found != FORMAT:
            raise ValueError(
                f"store must have format {FORMAT}, which cedrag {VERSION} reads "
                f"(got format {found} in {str(path)!r})"
            )
        return cls(group, path)

    def must_be(self, grid: Grid, identity: Mapping[str, Any]) -> None:
        """Refuse a store whose numbers another sweep, another version or another machine made."""
        stored = json.loads(str(self.group.attrs["cedrag_identity"]))
        wanted = json.loads(json.dumps(_stamped(identity)))
        for key in sorted(stored.keys() | wanted.keys()):
            if stored.get(key) != wanted.get(key):
                raise ValueError(
                    f"store must hold this sweep or be a new path: {key} is "
                    f"{stored.get(key)} in {str(self.path)!r}, not {wanted.get(key)}"
                )
        for name, axis in grid.axes.items():
            if not np.array_equal(self.group[name][:], axis):
                raise ValueError(
                    f"store must hold this sweep or be a new path: the values of {name} are "
                    f"others in {str(self.path)!r}"
                )

    @property
    def names(self) -> tuple[str, ...]:
        """The observables."""
        return tuple(str(self.group.attrs["cedrag_names"]).split())

    @property
    def chunks(self) -> tuple[int, ...]:
        """Shape of the chunks."""
        return tuple(self.group["status"].chunks)

    def unfinished(self, grid: Grid) -> list[tuple[int, ...]]:
        """Numbers of the chunks that are not whole."""
        status = self.group["status"][:]
        return [
            index
            for index in grid.indices()
            if not np.isin(status[grid.slices(index)], _DONE).all()
        ]

    def write(self, where: tuple[slice, ...], block: Block) -> None:
        """Store a whole chunk, its status last."""
        columns = {**block.values, "warned": block.warned, "reason": block.reason}
        for name, values in {**columns, "status": block.status}.items():
            if name not in self._open:
                self._open[name] = self.group[name]
            self._open[name][where] = values

    def dataset(self) -> "xr.Dataset":
        """The sweep as it lies there; values are read when they are asked for."""
        found = _xarray().open_zarr(self.group.store, consolidated=False, chunks=None)
        return found[[*self.names, "status", "warned", "reason"]]


def _stamped(identity: Mapping[str, Any]) -> dict[str, Any]:
    return {**identity, "version": VERSION, "kernels": fingerprint()}


def _lay_out(
    group: "zarr.Group",
    grid: Grid,
    names: Sequence[str],
    identity: Mapping[str, Any],
    units: Mapping[str, str],
) -> None:
    _xarray()  # it reads what is written here: without it nothing should begin
    dims, shape = tuple(grid.axes), grid.shape

    def array(name: str, kind: Any, fill: Any, attributes: dict[str, Any]) -> None:
        group.create_array(
            name, shape=shape, chunks=grid.chunks, dtype=kind, fill_value=fill,
            dimension_names=dims, attributes=attributes,
        )  # fmt: skip

    for name, axis in grid.axes.items():
        unit = {"units": units.get(name, AXIS_UNITS.get(name, "1"))}
        coordinate = group.create_array(
            name, shape=axis.shape, chunks=axis.shape, dtype="float64", fill_value=math.nan,
            dimension_names=(name,), attributes=unit,
        )  # fmt: skip
        coordinate[:] = axis
    for name in names:
        known = OBSERVABLES.get(name)
        attributes = {"units": units.get(name, known.unit if known else "1")}
        if known:
            attributes["long_name"] = known.meaning
        array(name, "float64", math.nan, attributes)
    meanings = [text.replace(" ", "_") for text in STATUS]
    array(
        "status", "int8", 0,
        {"flag_values": list(range(len(STATUS))), "flag_meanings": " ".join(meanings)},
    )  # fmt: skip
    array(
        "warned", "int32", 0,
        {
            "flag_masks": [1 << bit for bit in range(len(WARNINGS))],
            "flag_meanings": " ".join(WARNINGS),
        },
    )  # fmt: skip
    array("reason", str, "", {"long_name": "why the point failed"})
    stamp = _stamped(identity)
    group.attrs.update(
        {
            "title": f"cedrag {VERSION}: {', '.join(names)}",
            "cedrag_format": FORMAT,
            "cedrag_names": " ".join(names),  # NetCDF 3 has no list of words
            "cedrag_version": VERSION,
            "cedrag_identity": json.dumps(stamp, sort_keys=True),
            "level": f"{stamp.get('theory')} {stamp.get('options', {}).get('spin', '')}".strip(),
        }
    )


@functools.lru_cache(maxsize=8)
def _opened(path: str) -> SweepStore:
    return SweepStore(_zarr().open_group(path, mode="r+"), Path(path))


def write_chunk(path: str, where: tuple[slice, ...], block: Block) -> None:
    """Store a whole chunk from a worker, which keeps the store open.

    Parameters
    ----------
    path : str
    where : tuple of slice
    block : Block

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from cedrag.sweeps.points import Block
    >>> from cedrag.sweeps.store import Grid, SweepStore, write_chunk
    >>> grid = Grid({"t": np.linspace(0.5, 0.9, 4)}, (2,))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.zarr")
    ...     store = SweepStore.create(path, grid, ("f",), {"observable": "f"}, {})
    ...     write_chunk(str(path), (slice(0, 2),), Block.lost(("f",), (2,), "killed"))
    ...     store.dataset().status.values.tolist()
    [3, 3, 0, 0]
    """
    _opened(path).write(where, block)
