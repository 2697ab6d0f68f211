"""Maps of the families of solutions: what else gives the published currents, and at which scale.

``python -m cedrag.paper.calibration_map --write`` recomputes the shipped map (some minutes); the
calibration chapter draws it and recomputes one of its members.
"""

import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from .calibration import PUBLISHED, PUBLISHED_SCALE, Calibration, contour_mismatch, diode_of
from .calibration_fit import (
    Unknowns,
    calibration_family,
    match_currents,
    read_record,
    record_file,
)

__all__ = ["REGIONS", "SCALES", "map_families", "map_fields", "map_scales", "shipped_map"]

Region = tuple[tuple[float, ...], tuple[float, ...], Unknowns]
Row = dict[str, Any]

#: name: (values of J, E_Fe in the order of continuation, start of the first member), in E_u.
#: The first member at each J starts from the first member at the J before.
REGIONS: dict[str, Region] = {
    "larger electron sea": ((10.5, 16.0, 24.0), (11.0, 9.0, 7.0), (1.58, 0.091)),
    "larger electron sea, small J": ((6.0,), (11.0, 9.0, 7.0, 5.0), (1.58, 0.091)),
    "larger electron sea, on": ((10.5, 16.0, 24.0), (12.0, 13.0, 14.0), (1.6, 0.092)),
    "larger hole sea": ((10.5, 16.0, 24.0), (9.0, 8.0, 7.0, 5.0), (-1.6, 0.087)),
    "larger hole sea, on": ((16.0,), (10.0, 11.0, 12.0), (-1.6, 0.089)),
    "upper branch": ((0.01,), (50.0, 54.0, 58.0), (-1.53, 0.0824)),
    "upper branch, on": ((0.01,), (46.0, 42.0), (-1.6, 0.0825)),
}
#: Factors between published and standard currents for which the family is solved at J = 10.5.
SCALES = (1500.0, 2000.0, 2500.0, PUBLISHED_SCALE, 3600.0, 5000.0)
#: Values of B (E_u) of the curve eta(B) of the upper-branch member.
FIELDS = (0.25, 0.75, 1.25, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.5, 4.0, 5.0)


def _row(member: Calibration, region: str) -> Row:
    bilayer = member.bilayer
    return {
        "region": region.split(",")[0],
        "scale": member.scale,
        "fermi_energy_e": bilayer.fermi_energy_e,
        "fermi_energy_h": bilayer.fermi_energy_h,
        "rashba_e": bilayer.rashba_e,
        "zeeman_outofplane": bilayer.zeeman_outofplane,
        "q0": member.q0,
        "efficiency": member.efficiency,
        "beta_ratio": member.beta_ratio,
        "spin_margin": member.spin_margin,
        "misfit": member.misfit,
    }


def map_families(
    regions: Mapping[str, Region] = REGIONS, *, scale: float = PUBLISHED_SCALE, rtol: float = 1e-4
) -> list[Row]:
    """Solve the family over all ``regions``.

    Parameters
    ----------
    regions : dict
        As :data:`REGIONS`.
    scale, rtol : float
        As in :func:`cedrag.paper.calibration_fit.calibration_family`.

    Returns
    -------
    list of dict
        Rows of plain numbers, one for each member found.

    Examples
    --------
    >>> from cedrag.paper.calibration_map import map_families
    >>> regions = {"one member": ((10.5,), (11.3,), (1.6825, 0.0892365))}
    >>> (row,) = map_families(regions)
    >>> row["region"], round(row["q0"], 3), round(row["efficiency"], 4)
    ('one member', 0.264, 0.0186)
    """
    rows: dict[tuple[str, float, float], Row] = {}
    for region, (fields, energies, start) in regions.items():
        for field in fields:
            family = calibration_family(energies, field, start=start, scale=scale, rtol=rtol)
            for member in family:
                row = _row(member, region)
                rows[row["region"], row["zeeman_outofplane"], row["fermi_energy_e"]] = row
            if family:
                start = _start_from(family[0])
    return list(rows.values())


def _start_from(member: Calibration) -> Unknowns:
    """(h, slope) of a member: where the next one can start."""
    bilayer = member.bilayer
    splitting = math.hypot(bilayer.zeeman_inplane, bilayer.zeeman_outofplane)
    return contour_mismatch(bilayer), bilayer.rashba_e / splitting


def map_scales(
    scales: Sequence[float] = SCALES, *, zeeman_outofplane: float = 10.5, rtol: float = 1e-4
) -> list[Row]:
    """Member with the least misfit along E_Fe at one J, for each assumed scale.

    Parameters
    ----------
    scales : sequence of float
        Factors between published and standard currents.
    zeeman_outofplane : float
        J in E_u.
    rtol : float
        Accuracy of the momentum integrals.

    Returns
    -------
    list of dict
        One row for each scale with a member.

    Examples
    --------
    Each scale takes seconds, so the shipped rows are shown: q0 hardly depends on the scale.

    >>> from cedrag.paper.calibration_map import map_scales, shipped_map
    >>> map_scales(())
    []
    >>> [round(row["q0"], 2) for row in shipped_map()["scales"]]
    [0.28, 0.27, 0.27, 0.26, 0.27, 0.28]
    """
    rows, start = [], (1.6, 0.092)
    for scale in scales:
        family = calibration_family(
            (11.5, 10.5, 9.5, 8.5), zeeman_outofplane, start=start, scale=scale, rtol=rtol
        )
        if family:
            rows.append(_row(min(family, key=lambda member: member.misfit), "scales"))
            start = _start_from(family[0])
    return rows


def map_fields(
    fields: Sequence[float] = FIELDS, *, fermi_energy_e: float = 50.0, rtol: float = 1e-4
) -> list[Row]:
    """Efficiency and q0 against B of the upper-branch member at one E_Fe.

    Parameters
    ----------
    fields : sequence of float
        B in E_u.
    fermi_energy_e : float
        E_Fe in E_u.
    rtol : float
        Accuracy of the momentum integrals.

    Returns
    -------
    list of dict
        Rows of B, q0 and efficiency.

    Examples
    --------
    The fit alone takes seconds, so the shipped rows are shown:

    >>> from cedrag.paper.calibration_map import FIELDS, map_fields, shipped_map
    >>> rows = shipped_map()["fields"]
    >>> len(rows) == len(FIELDS), sorted(rows[0])
    (True, ['efficiency', 'q0', 'zeeman_inplane'])
    """
    bilayer, _ = match_currents(fermi_energy_e, 0.01, start=REGIONS["upper branch"][2], rtol=rtol)
    rows = []
    for field in fields:
        diode = diode_of(bilayer.replace(zeeman_inplane=field), PUBLISHED.t, rtol)
        rows.append({"zeeman_inplane": field, "q0": diode.q0[0], "efficiency": diode.efficiency})
    return rows


def shipped_map() -> dict[str, list[Row]]:
    """Map that ``python -m cedrag.paper.calibration_map --write`` left.

    Returns
    -------
    dict
        "families", "scales" and "fields", each a list of rows.

    Examples
    --------
    >>> from cedrag.paper.calibration_map import shipped_map
    >>> {name: len(rows) for name, rows in shipped_map().items()}
    {'families': 42, 'scales': 6, 'fields': 12}
    """
    return read_record("calibration_map.json")


def main(arguments: Sequence[str] = ()) -> None:
    """Recompute the map and print how many members it has; ``--write`` replaces the shipped one."""
    result = {"families": map_families(), "scales": map_scales(), "fields": map_fields()}
    print({name: len(rows) for name, rows in result.items()})
    if "--write" in arguments:
        text = json.dumps(result, indent=1)
        record_file("calibration_map.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
