"""Do the published numbers follow from mean-field theory?  A seeded search, with its record.

Sought are bilayers with lambda_h = 0 and equal masses that have the published ratio of critical
currents, eta = 0.0186, together with q0 = 0.2, at t = 0.9 and B = 3.  ``PAPER`` has that ratio in
quartic theory only.  Importing this module solves nothing;
``python -m cedrag.paper.mean_field_calibration`` runs what is left of the search;
``--summary`` only reads its record, and ``--write`` replaces the shipped summary.
"""

import json
import math
import sys
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import positive_integer, real_scalar
from .._results import Record
from .._version import VERSION
from ..bilayer import Bilayer
from ..condensate.mean_field import MeanField
from ..errors import ConvergenceError, NoCondensateError, NoPairingError, ValidityWarning
from .calibration import PUBLISHED

__all__ = [
    "BOX", "FERMI_ENERGIES", "Q0_WINDOW", "Found", "candidate", "evaluate_candidate", "match_ratio",
    "search", "is_member", "summary", "shipped_search",
]  # fmt: skip

#: Range of each unknown: E_Fe (E_u), mismatch h of the contours (E_u), slope
#: lambda_e/sqrt(B^2 + J^2) (l_u) and J (E_u).
BOX = {
    "fermi_energy_e": (5.8, 17.4),
    "mismatch": (-3.0, 3.0),
    "slope": (0.0, 0.3),
    "zeeman_outofplane": (2.0, 30.0),
}
#: E_F that is still "about 10 meV": two tolerances of :class:`~cedrag.paper.calibration.Published`.
FERMI_ENERGIES = (5.8, 17.4)
#: q0 that is still 0.2, in 1/l_u.
Q0_WINDOW = (0.18, 0.22)

_OUTSIDE = 10.0  # of eta per 1/l_u: what a q0 outside the window costs
_FAILED = 10.0
LEVELS = ("band", "full")
_SLOPES = 30.0  # per unit of h: brings both unknowns of a match to a common size


@dataclass(frozen=True)
class Found(Record):
    """What one bilayer gives in mean-field theory at t = 0.9, B = 3.

    Attributes
    ----------
    parameters : tuple of float
        In the order of :data:`BOX`.
    spin : str
        Level of theory, "band" or "full".
    q0, efficiency, jc_plus, jc_minus, gap : float
        As in :class:`~cedrag.condensate.diode.Diode`, in units of E_u, l_u, J_u.
    stiffness_temperature : float
        (pi/2) sqrt(det D) in E_u: below 0.9 vortices unbind, the state is not phase coherent.
    spin_margin : float
        From the Fermi level to the upper spin branch, in E_u; negative: occupied.
    remarks : tuple of str
        Names of the validity warnings.

    Examples
    --------
    >>> from cedrag.paper.mean_field_calibration import evaluate_candidate
    >>> found = evaluate_candidate((10.0, 0.5, 0.05, 10.0), spin="band")
    >>> found.spin, found.coherent
    ('band', False)
    """

    parameters: tuple[float, ...]
    spin: str
    q0: float
    efficiency: float
    jc_plus: float
    jc_minus: float
    gap: float
    stiffness_temperature: float
    spin_margin: float
    remarks: tuple[str, ...]

    @property
    def coherent(self) -> bool:
        """Whether no AboveBKTWarning was given."""
        return "AboveBKTWarning" not in self.remarks


def candidate(parameters: Sequence[float]) -> Bilayer:
    """Bilayer with the unknowns in the order of :data:`BOX`; lambda_h = 0 and m_h = m_e.

    Parameters
    ----------
    parameters : sequence of float, shape (4,)
        E_Fe and the mismatch h = pi (n_e - n_h)/m_e in E_u, lambda_e/sqrt(B^2 + J^2) in l_u, and
        J in E_u.

    Returns
    -------
    Bilayer

    Examples
    --------
    >>> from cedrag.paper.calibration import contour_mismatch
    >>> from cedrag.paper.mean_field_calibration import candidate
    >>> bilayer = candidate((11.3, 1.68, 0.09, 10.5))
    >>> round(contour_mismatch(bilayer), 6), round(bilayer.fermi_energy_h, 2)
    (1.68, 9.01)
    """
    names = list(BOX)
    if len(parameters) != len(names):
        raise ValueError(f"parameters must be {', '.join(names)} (got {len(parameters)} numbers)")
    energy, mismatch, slope, J = (
        real_scalar(name, value) for name, value in zip(names, parameters, strict=True)
    )
    splitting = math.hypot(PUBLISHED.zeeman_inplane, J)
    electrons = Bilayer.from_fermi_energies(
        fermi_energy_e=energy,
        fermi_energy_h=energy,
        rashba_e=slope * splitting,
        zeeman_inplane=PUBLISHED.zeeman_inplane,
        zeeman_outofplane=J,
    )
    # a parabola of hole energy E has density E/2 pi; E is measured from -splitting
    hole_sea = 2.0 * (math.pi * electrons.density_e(0.0) - mismatch)
    return electrons.replace(mu_h=hole_sea - splitting)


def evaluate_candidate(
    parameters: Sequence[float], spin: str, *, rtol: float = 1e-5
) -> Found | None:
    """Mean-field diode of :func:`candidate` at the published t and B.

    Parameters
    ----------
    parameters : sequence of float, shape (4,)
    spin : {"band", "full"}
    rtol : float
        As in :class:`~cedrag.condensate.mean_field.MeanField`.

    Returns
    -------
    Found or None
        None if there is no condensate, or if its momentum lies off the x axis.

    Examples
    --------
    ``NATURAL`` in these variables has eta = 0.0002:

    >>> from cedrag import NATURAL
    >>> from cedrag.paper.calibration import contour_mismatch
    >>> from cedrag.paper.mean_field_calibration import evaluate_candidate
    >>> natural = (11.6, contour_mismatch(NATURAL), 0.7 / (3**2 + 10**2) ** 0.5, 10.0)
    >>> found = evaluate_candidate(natural, "band")
    >>> round(found.q0, 4), f"{found.efficiency:.1e}", found.coherent
    (0.1986, '2.1e-04', False)
    """
    bilayer = candidate(parameters)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ValidityWarning)
        try:
            theory = MeanField(bilayer, PUBLISHED.t, spin=spin, rtol=rtol)
            diode, state = theory.diode(), theory.condensate()
        except (NoCondensateError, NoPairingError, ConvergenceError):
            return None
    if diode.q0[1] != 0.0 or not math.isfinite(diode.efficiency):
        return None
    return Found(
        parameters=tuple(float(p) for p in parameters),
        spin=spin,
        q0=diode.q0[0],
        efficiency=diode.efficiency,
        jc_plus=diode.jc_plus,
        jc_minus=diode.jc_minus,
        gap=state.gap,
        stiffness_temperature=state.phase_stiffness_temperature,
        spin_margin=bilayer.spin_gap_margin(),
        remarks=tuple(sorted({w.category.__name__ for w in caught})),
    )


# the search ----------------------------------------------------------------------------------


def _allowed(
    parameters: NDArray[np.float64],
    box: dict[str, tuple[float, float]],
    energies: tuple[float, float],
    one_branch: bool,
) -> bool:
    """Whether a set lies in the box, has the E_F asked for and, if asked for, polarised spins."""
    low, high = np.array(list(box.values())).T
    if np.any(parameters < low) or np.any(parameters > high):
        return False
    bilayer = candidate(parameters.tolist())
    if not energies[0] <= bilayer.fermi_energy_h <= energies[1]:
        return False
    return not one_branch or bilayer.spin_gap_margin() > 0.0


def _cost(found: Found | None, sign: float, coherent: bool) -> float:
    """What the search minimises: -eta or eta, with penalties outside the window of q0."""
    if found is None:
        return _FAILED
    low, high = Q0_WINDOW
    outside = max(0.0, low - found.q0, found.q0 - high)
    lacking = max(0.0, PUBLISHED.t - found.stiffness_temperature) if coherent else 0.0
    return -sign * found.efficiency + _OUTSIDE * outside + lacking


def search(
    spin: str,
    sign: float = 1.0,
    *,
    seed: int = 0,
    points: int = 256,
    starts: int = 4,
    evaluations: int = 100,
    box: dict[str, tuple[float, float]] = BOX,
    energies: tuple[float, float] = FERMI_ENERGIES,
    one_branch: bool = True,
    coherent: bool = False,
    further: Sequence[Sequence[float]] = (),
    record: Path | None = None,
) -> list[Found]:
    """Look for the largest (``sign`` = 1) or smallest (-1) eta with q0 in :data:`Q0_WINDOW`.

    Sobol points over the box, then simplex searches from the best of them.

    Parameters
    ----------
    spin : {"band", "full"}
    sign : float
        1 or -1.
    seed : int
        Of the scrambled Sobol points.
    points, starts, evaluations : int
        Sobol points in the box (those that are not allowed are not computed), number of simplex
        searches, and the most that each may evaluate.
    box, energies : dict and tuple of float
        Ranges of the unknowns and of E_Fh.
    one_branch : bool
        Only sets whose upper spin branches are empty: the carriers are spin polarised.
    coherent : bool
        Ask for (pi/2) sqrt(det D) > t as well.
    further : sequence of parameters
        Looked at beside the Sobol points, such as the best sets of another level.
    record : Path, optional
        File with a line for each evaluation.  What stands there is not computed again, so an
        interrupted search goes on with the same call.

    Returns
    -------
    list of Found
        All that was computed, in the order of the search.

    Examples
    --------
    >>> from cedrag.paper.mean_field_calibration import search
    >>> natural = (11.6, 0.285, 0.067, 10.0)
    >>> found = search("band", points=0, starts=1, evaluations=3, further=[natural])
    >>> len(found), max(abs(one.efficiency) for one in found) < 0.001
    (4, True)
    """
    from scipy import optimize
    from scipy.stats import qmc

    low, high = np.array(list(box.values())).T
    known = _known(record)
    seen: list[Found] = []

    def cost(parameters: NDArray[np.float64]) -> float:
        rounded = np.round(parameters, 6)  # so that a record of decimal numbers repeats the path
        if not _allowed(rounded, box, energies, one_branch):
            return _FAILED
        found = _evaluated(rounded.tolist(), spin, known, record)
        if found is not None:
            seen.append(found)
        return _cost(found, sign, coherent)

    trials = [np.array(one, dtype=float) for one in further]
    if points:
        positive_integer("points", points)
        trials += list(low + (high - low) * qmc.Sobol(len(low), rng=seed).random(points))
    costs = [cost(trial) for trial in trials]
    size = 0.05 * (high - low)
    for i in np.argsort(costs, kind="stable")[: positive_integer("starts", starts)]:
        simplex = trials[i] + np.vstack([np.zeros(len(low)), np.diag(size)])
        optimize.minimize(
            cost, trials[i], method="Nelder-Mead",
            options={"initial_simplex": simplex, "xatol": 1e-4, "fatol": 1e-7,
                     "maxfev": positive_integer("evaluations", evaluations)},
        )  # fmt: skip
    return seen


def match_ratio(
    fermi_energy_e: float,
    zeeman_outofplane: float,
    start: tuple[float, float],
    spin: str,
    *,
    q0: float = 0.2,
    record: Path | None = None,
) -> Found:
    """Fitted bilayer with the published ratio of currents and q0, at given E_Fe and J.

    Two equations, eta = 0.0186 and q0 = 0.2, for two unknowns, the mismatch and the slope.

    Parameters
    ----------
    fermi_energy_e, zeeman_outofplane : float
        In E_u.
    start : tuple of float
        First guess of the mismatch h (E_u) and of the slope lambda_e/sqrt(B^2 + J^2) (l_u).
    spin : {"band", "full"}
    q0 : float
        In 1/l_u.
    record : Path, optional
        As in :func:`search`.

    Returns
    -------
    Found

    Raises
    ------
    ConvergenceError
        If no such set was found from this start.

    Examples
    --------
    >>> from cedrag.paper.mean_field_calibration import match_ratio
    >>> found = match_ratio(12.0, 12.0, (2.08, 0.0686), "band")
    >>> round(found.efficiency, 6), round(found.q0, 6), found.coherent
    (0.018634, 0.2, False)
    """
    from scipy import optimize

    known = _known(record)
    last: list[Found] = []

    def equations(unknowns: NDArray[np.float64]) -> list[float]:
        h, slope = float(unknowns[0]), float(unknowns[1]) / _SLOPES
        parameters = tuple(round(x, 12) for x in (fermi_energy_e, h, slope, zeeman_outofplane))
        found = _evaluated(parameters, spin, known, record)
        if found is None:
            return [1.0, 1.0]
        last.append(found)
        return [100.0 * (found.efficiency - PUBLISHED.efficiency), 20.0 * (found.q0 - q0)]

    optimize.root(
        equations, [start[0], _SLOPES * start[1]], method="hybr",
        options={"eps": 1e-8, "xtol": 1e-9, "factor": 0.1, "maxfev": 40},
    )  # fmt: skip
    best = min(
        last, key=lambda f: abs(f.efficiency - PUBLISHED.efficiency) + abs(f.q0 - q0), default=None
    )
    if best is None or abs(best.efficiency - PUBLISHED.efficiency) + abs(best.q0 - q0) > 1e-7:
        raise ConvergenceError(
            f"no bilayer with the published ratio and q0 = {q0:g} near mismatch, slope = {start} "
            f"for fermi_energy_e = {fermi_energy_e:.6g}, J = {zeeman_outofplane:.6g}"
        )
    return best


def _evaluated(
    parameters: Sequence[float],
    spin: str,
    known: dict[tuple[object, ...], Found | None],
    record: Path | None,
) -> Found | None:
    """Value of a set from the record, or computed and written there."""
    key = (spin, *parameters)
    if key not in known:
        known[key] = evaluate_candidate(parameters, spin)
        _append(record, key, known[key])
    return known[key]


def _known(record: Path | None) -> dict[tuple[object, ...], Found | None]:
    """What a record holds, by level and parameters."""
    if record is None or not record.exists():
        return {}
    rows = map(json.loads, record.read_text().splitlines())
    return {tuple(row["key"]): _found(row["found"]) for row in rows}


def _found(row: dict[str, Any] | None) -> Found | None:
    if row is None:
        return None
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
    return Found(**values)


def _append(record: Path | None, key: tuple[object, ...], found: Found | None) -> None:
    if record is not None:
        with record.open("a") as file:
            print(json.dumps({"key": key, "found": found and asdict(found)}), file=file)


# the record ----------------------------------------------------------------------------------

_RTOL = 1e-5
_SEED = 0
#: |eta - 0.0186| that the rounding of 98.4 and -94.8 leaves open.
ROUNDING = 0.1 / (PUBLISHED.jc_plus - PUBLISHED.jc_minus)


def is_member(one: Found) -> bool:
    """Whether a set has q0 = 0.2 and the published ratio to the printed digits, spin polarised.

    Parameters
    ----------
    one : Found

    Returns
    -------
    bool

    Examples
    --------
    >>> from cedrag.paper.mean_field_calibration import evaluate_candidate, is_member
    >>> is_member(evaluate_candidate((10.0, 0.5, 0.05, 10.0), spin="band"))
    False
    """
    inside = Q0_WINDOW[0] <= one.q0 <= Q0_WINDOW[1]
    close = abs(one.efficiency - PUBLISHED.efficiency) <= ROUNDING
    return inside and close and one.spin_margin > 0.0


def summary(found: Sequence[Found]) -> dict[str, Any]:
    """What the record keeps of a search at one level: plain numbers.

    Parameters
    ----------
    found : sequence of Found
        All sets that were computed at the level.

    Returns
    -------
    dict
        Number of evaluations and of phase-coherent sets; the sets with the largest and the
        smallest eta with q0 in :data:`Q0_WINDOW`, and with the largest stiffness; the members
        (:func:`is_member`), one for each sign of h, E_Fe and J; and (h, q0, eta) of all sets with
        q0 of 0.1 to 0.3.

    Examples
    --------
    >>> from cedrag.paper.mean_field_calibration import shipped_search
    >>> sorted(shipped_search()["band"])[:4]
    ['coherent', 'evaluations', 'largest', 'members']
    """
    polarised = [one for one in found if one.spin_margin > 0.0]
    inside = [one for one in polarised if Q0_WINDOW[0] <= one.q0 <= Q0_WINDOW[1]]
    ordered = sorted(inside, key=lambda one: one.efficiency)
    stiffest = max(polarised, key=lambda one: one.stiffness_temperature)
    members: dict[tuple[float, ...], Found] = {}
    for one in sorted(filter(is_member, found), key=lambda one: one.parameters):
        energy, h, _, J = one.parameters
        best = members.get((math.copysign(1.0, h), energy, J), one)
        closer = min(best, one, key=lambda f: abs(f.efficiency - PUBLISHED.efficiency))
        members[math.copysign(1.0, h), energy, J] = closer
    cloud = [
        (round(one.parameters[1], 3), round(one.q0, 4), round(one.efficiency, 6))
        for one in polarised
        if 0.1 < one.q0 < 0.3
    ]
    return {
        "evaluations": len(found),
        "coherent": sum(one.coherent for one in polarised),
        "largest": asdict(ordered[-1]),
        "smallest": asdict(ordered[0]),
        "stiffest": asdict(stiffest),
        "members": [asdict(one) for one in members.values()],
        "points": sorted(set(cloud)),
    }


def shipped_search() -> dict[str, Any]:
    """Record that ``python -m cedrag.paper.mean_field_calibration --write`` left.

    Returns
    -------
    dict
        "provenance", and for each level what :func:`summary` gives.

    Examples
    --------
    >>> from cedrag.paper.mean_field_calibration import shipped_search
    >>> shipped_search()["provenance"]["rtol"]
    1e-05
    """
    text = resources.files("cedrag").joinpath("data/mean_field_calibration.json").read_text()
    record: dict[str, Any] = json.loads(text)
    return record


def main(arguments: Sequence[str] = ()) -> None:
    """Go on with the search from its record, print a line for each level, write the summary."""
    folder = Path("_build/search")
    folder.mkdir(parents=True, exist_ok=True)
    result: dict[str, Any] = {
        "provenance": {
            "version": VERSION, "rtol": _RTOL, "seed": _SEED, "t": PUBLISHED.t,
            "zeeman_inplane": PUBLISHED.zeeman_inplane, "box": BOX,
            "fermi_energies": FERMI_ENERGIES, "q0_window": Q0_WINDOW,
        }
    }  # fmt: skip
    for spin in LEVELS:
        record = folder / f"{spin}.jsonl"
        if "--summary" not in arguments:
            for sign in (1.0, -1.0):
                search(spin, sign, seed=_SEED, record=record)
        found = [one for one in _known(record).values() if one is not None]
        result[spin] = summary(found)
        print(spin, {name: result[spin][name] for name in ("evaluations", "coherent")})
    if "--write" in arguments:
        target = resources.files("cedrag").joinpath("data/mean_field_calibration.json")
        Path(str(target)).write_text(json.dumps(result, indent=None) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
