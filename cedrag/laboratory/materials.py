"""Where the numbers of real bilayers come from: each has a source or is marked as assumed."""

import json
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any

from scipy import constants

from .._results import Record

__all__ = ["Entry", "Material", "materials"]


@dataclass(frozen=True)
class Entry(Record):
    """One number of the table.

    Attributes
    ----------
    value : float
        In the unit of its column.
    source : str
        Citation key of ``chapters/references.bib``, arXiv number or address; empty if assumed.
    assumed : str
        Why this value, if it is nobody's measurement; empty if there is a source.
    note : str
        What to keep in mind about the source.

    Examples
    --------
    >>> from cedrag.laboratory.materials import Entry
    >>> Entry(4.0, assumed="between the two axes of hBN").value
    4.0
    >>> Entry(4.0)
    Traceback (most recent call last):
        ...
    ValueError: an entry needs either a source or the reason why it is assumed (got ...)
    """

    value: float
    source: str = ""
    assumed: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if bool(self.source) == bool(self.assumed):
            raise ValueError(
                "an entry needs either a source or the reason why it is assumed "
                f"(got source={self.source!r}, assumed={self.assumed!r})"
            )


@dataclass(frozen=True)
class Material(Record):
    """A pair of layers with the barrier between them; every number is an :class:`Entry`.

    Attributes
    ----------
    key, name : str
    electron_mass, hole_mass : Entry
        In units of the free electron mass.
    permittivity : Entry
        Relative, static.
    separation : Entry
        Between the layers, nm.
    rashba : Entry
        lambda_e in eV Angstrom.
    g_factor : Entry
        Of the electrons.
    hole_mobility : Entry
        Of the passive layer, m^2/(V s).

    Examples
    --------
    >>> from cedrag.laboratory.materials import materials
    >>> paper = materials()["paper"]
    >>> paper.electron_mass.value, paper.electron_mass.source
    (0.2, 'hui2026')
    >>> [column for column, entry in paper.entries() if entry.assumed]  # what the paper leaves open
    ['permittivity', 'separation', 'rashba', 'g_factor']
    """

    key: str
    name: str
    electron_mass: Entry
    hole_mass: Entry
    permittivity: Entry
    separation: Entry
    rashba: Entry
    g_factor: Entry
    hole_mobility: Entry

    @property
    def mass_ratio(self) -> float:
        """m_h/m_e."""
        return self.hole_mass.value / self.electron_mass.value

    @property
    def scattering_time(self) -> float:
        """tau_2 = mu m_h/e of the passive layer in s, from its mobility."""
        mass = self.hole_mass.value * constants.m_e
        return self.hole_mobility.value * mass / constants.e

    def entries(self) -> list[tuple[str, Entry]]:
        """Pairs (column, Entry)."""
        columns = [f.name for f in fields(self) if f.name not in ("key", "name")]
        return [(column, getattr(self, column)) for column in columns]


@cache
def _table() -> dict[str, Any]:
    text = resources.files("cedrag").joinpath("data/materials.json").read_text(encoding="utf-8")
    return json.loads(text)


def materials() -> dict[str, Material]:
    """Return the table of materials, the paper's own numbers first.

    Returns
    -------
    dict
        From key to :class:`Material`.

    Examples
    --------
    >>> from cedrag.laboratory.materials import materials
    >>> list(materials())
    ['paper', 'mose2_wse2', 'janus', 'gaas', 'bilayer_graphene']
    """
    found = {}
    for key, columns in _table()["materials"].items():
        name = columns["name"]
        numbers = {column: Entry(**cell) for column, cell in columns.items() if column != "name"}
        found[key] = Material(key=key, name=name, **numbers)
    return found
