"""Long computations whose numbers are kept: what ``make results`` computed, read back.

A computation is a file of ``results/`` in the source tree; its numbers lie in the package, so that
a page, a downloaded notebook and a test read the same ones.  Each build of the book recomputes a
random sample of the points and fails if one differs by more than its stated tolerance.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import chosen, instance

__all__ = ["Stored", "stored", "stored_names"]

_FOLDER = "data/results"


@dataclass(frozen=True, eq=False)
class Stored:
    """The numbers of one long computation.

    Attributes
    ----------
    name : str
        Of the file in ``results/``.
    words : str
        What was computed.
    columns : mapping
        Name -> read-only array over the points, those of the points first; NaN where there is no
        number.
    tolerance : mapping
        Computed column -> (relative, absolute): how far a recomputed value may be off.
    provenance : mapping
        Version of the package, libraries, date, seconds and the hash of the code.

    Examples
    --------
    >>> from cedrag.paper.stored import stored
    >>> result = stored("eta_of_field_full")
    >>> sorted(result.tolerance)
    ['eta', 'jc_minus', 'jc_plus', 'q0']
    """

    name: str
    words: str
    columns: Mapping[str, NDArray[Any]]
    tolerance: Mapping[str, tuple[float, float]]
    provenance: Mapping[str, Any]

    def __getitem__(self, column: str) -> NDArray[Any]:
        """One column by its name."""
        return self.columns[chosen("column", column, tuple(self.columns))]

    def __len__(self) -> int:
        """Count the points."""
        return len(next(iter(self.columns.values())))

    def grid(self, column: str, first: str, second: str) -> NDArray[Any]:
        """Lay one column out over two others, for a map.

        Parameters
        ----------
        column : str
            What is laid out.
        first, second : str
            Columns whose values span the rows and the columns of the grid.

        Returns
        -------
        ndarray, (n, m)
            At the sorted distinct values of ``first`` and ``second``.

        Raises
        ------
        ValueError
            If the points are not all pairs of these values, each once.

        Examples
        --------
        >>> import numpy as np
        >>> from cedrag.paper.stored import Stored
        >>> points = {"B": np.array([0, 0, 1, 1]), "t": np.array([0.5, 0.9, 0.5, 0.9])}
        >>> Stored("map", "", points | {"eta": np.arange(4)}, {}, {}).grid("eta", "t", "B")
        array([[0, 2],
               [1, 3]])
        """
        rows, row = np.unique(self[first], return_inverse=True)
        lines, line = np.unique(self[second], return_inverse=True)
        shape = rows.size, lines.size
        place = np.ravel_multi_index((row, line), shape)
        if not np.array_equal(np.sort(place), np.arange(rows.size * lines.size)):
            raise ValueError(
                f"first and second must span a full grid (got {len(self)} points on "
                f"{rows.size} x {lines.size} values of {first} and {second})"
            )
        laid = np.empty(shape, dtype=self[column].dtype)
        laid.flat[place] = self[column]
        return laid


def stored_names() -> tuple[str, ...]:
    """List the computations whose numbers the package holds.

    Returns
    -------
    tuple of str
        In alphabetical order.

    Examples
    --------
    >>> from cedrag.paper.stored import stored_names
    >>> "eta_of_field_full" in stored_names()
    True
    """
    folder = resources.files("cedrag").joinpath(_FOLDER)
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.endswith(".json")))


def stored(name: str) -> Stored:
    """Read what ``make results`` computed under this name.

    Parameters
    ----------
    name : str
        One of :func:`stored_names`.

    Returns
    -------
    Stored
        With one read-only array for each column.

    Raises
    ------
    ValueError
        If there is no such computation.

    Examples
    --------
    >>> from cedrag.paper.stored import stored
    >>> result = stored("eta_of_field_full")
    >>> bool(result["B"][0] == 0.0 and result["eta"][0] == 0.0)  # no field, no diode
    True
    """
    chosen("name", instance("name", name, str), stored_names())
    path = resources.files("cedrag").joinpath(_FOLDER, f"{name}.json")
    record = json.loads(path.read_text(encoding="utf-8"))
    columns = {}
    for column, values in record["columns"].items():
        # null is NaN among numbers; words stay words
        array = np.array([np.nan if value is None else value for value in values])
        array.flags.writeable = False
        columns[column] = array
    tolerance = {column: (float(r), float(a)) for column, (r, a) in record["tolerance"].items()}
    return Stored(
        name=name,
        words=record["words"],
        columns=MappingProxyType(columns),
        tolerance=MappingProxyType(tolerance),
        provenance=MappingProxyType(record["provenance"]),
    )
