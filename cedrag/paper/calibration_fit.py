"""Which parameters do the published numbers imply?  The inverse problem and its family.

Importing this module solves nothing; ``python -m cedrag.paper.calibration_fit`` repeats the fit and
prints its record.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from .._checks import positive_integer, positive_scalar, real_scalar
from ..bilayer import Bilayer
from ..condensate.diode import Diode
from ..errors import ConvergenceError, NoCondensateError, NoPairingError
from .calibration import (
    PUBLISHED,
    PUBLISHED_SCALE,
    Calibration,
    Published,
    diode_of,
    evaluate_calibration,
    soft_residuals,
)

__all__ = ["match_currents", "solve_calibration", "calibration_family", "shipped_record"]

#: Mismatch h of the contours (E_u) and slope lambda_e/sqrt(B^2 + J^2) (l_u).
Unknowns = tuple[float, float]
_SHIFTS = (1e-6, 1e-7)  # of the unknowns, for the Jacobian


def _member(
    fermi_energy_e: float, zeeman_outofplane: float, unknowns: Unknowns, targets: Published
) -> Bilayer:
    """Bilayer with mismatch h and slope lambda_e/sqrt(B^2 + J^2); lambda_h = 0 and m_h = m_e."""
    mismatch, slope = unknowns
    splitting = math.hypot(targets.zeeman_inplane, zeeman_outofplane)
    electrons = Bilayer.from_fermi_energies(
        fermi_energy_e=fermi_energy_e, fermi_energy_h=fermi_energy_e, rashba_e=slope * splitting,
        zeeman_inplane=targets.zeeman_inplane, zeeman_outofplane=zeeman_outofplane,
    )  # fmt: skip
    hole_sea = 2.0 * math.pi * electrons.density_e(0.0) - 2.0 * mismatch
    return electrons.replace(mu_h=hole_sea - splitting)


def match_currents(
    fermi_energy_e: float, zeeman_outofplane: float, *, start: Unknowns = (1.58, 0.089),
    scale: float = PUBLISHED_SCALE, targets: Published = PUBLISHED, rtol: float = 1e-6,
) -> tuple[Bilayer, Unknowns]:  # fmt: skip
    """Fitted bilayer with the published J_c+ and J_c- at a given E_Fe and J.

    Two unknowns, two equations: the mismatch of the Fermi contours sets the distance to the
    tricritical point (h = 1.911 T in BCS theory), hence the size of J_c; lambda_e sets eta.

    Parameters
    ----------
    fermi_energy_e, zeeman_outofplane : float
        E_Fe and J in E_u.
    start : tuple of float
        First guess of the mismatch h = pi (n_e - n_h)/m_e (E_u; below the tricritical value) and
        of lambda_e/sqrt(B^2 + J^2) (l_u).  Below h = 1.4 the size of J_c falls
        with h and Newton steps mislead.  h < 0 leads to the family with the larger hole sea.
    scale, targets, rtol
        As in :func:`~cedrag.paper.calibration.evaluate_calibration`.

    Returns
    -------
    (Bilayer, tuple of float)
        The bilayer and the solution in the variables of ``start``.

    Raises
    ------
    ConvergenceError
        If no member was found from this start.

    Examples
    --------
    From a start next to the solution, with coarse integrals, so that the example is quick:

    >>> from cedrag.paper.calibration_fit import match_currents
    >>> bilayer, (mismatch, slope) = match_currents(
    ...     11.3, 10.5, start=(1.6825, 0.0892365), rtol=1e-4)
    >>> round(bilayer.fermi_energy_h, 2), round(bilayer.rashba_e, 3)
    (8.99, 0.974)
    """
    fermi_energy_e = real_scalar("fermi_energy_e", fermi_energy_e)
    zeeman_outofplane = real_scalar("zeeman_outofplane", zeeman_outofplane)
    scale = positive_scalar("scale", scale)
    bilayer, unknowns, _ = _match(fermi_energy_e, zeeman_outofplane, start, scale, targets, rtol)
    return bilayer, unknowns


def _match(
    fermi_energy_e: float, zeeman_outofplane: float, start: Unknowns, scale: float,
    targets: Published, rtol: float,
) -> tuple[Bilayer, Unknowns, Diode]:  # fmt: skip
    """(bilayer, unknowns, diode) of :func:`match_currents`: Newton steps of limited length."""

    def member_at(x: NDArray[np.float64]) -> Bilayer:
        return _member(fermi_energy_e, zeeman_outofplane, (float(x[0]), float(x[1])), targets)

    def equations(x: NDArray[np.float64]) -> tuple[NDArray[np.float64], Diode] | None:
        try:
            diode = diode_of(member_at(x), targets.t, rtol)
        except (NoCondensateError, NoPairingError, ConvergenceError):
            return None
        # not accepted: a first-order state, or an FFLO state off the mirror axis
        if not math.isfinite(diode.efficiency) or diode.q0[1] != 0.0:
            return None
        size = (diode.jc_plus - diode.jc_minus) * scale / (targets.jc_plus - targets.jc_minus)
        # J_c grows as beta^(-3/2), so that this power of it is nearly linear in the mismatch
        asymmetry = 30.0 * (diode.efficiency - targets.efficiency)
        return np.array([size ** (-2.0 / 3.0) - 1.0, asymmetry]), diode

    x = np.array(start, dtype=float)
    found, jacobian, last = equations(x), None, math.inf
    for _ in range(12):
        if found is None:
            break
        f, diode = found
        worst = np.abs(f).max()
        if worst < 1e-8:
            return member_at(x), (float(x[0]), float(x[1])), diode
        if jacobian is None or worst > 0.3 * last:  # else the old one serves
            probes = [probe for shift in np.diag(_SHIFTS) if (probe := equations(x + shift))]
            if len(probes) < len(_SHIFTS):
                break
            slopes = [(there - f) / h for (there, _), h in zip(probes, _SHIFTS, strict=True)]
            jacobian = np.column_stack(slopes)
        last = worst
        step = -np.linalg.solve(jacobian, f)
        step *= min(1.0, 0.12 / abs(step[0]), 0.008 / abs(step[1]))
        while (found := equations(x + step)) is None and abs(step[0]) > 1e-5:
            step *= 0.5
        x = x + step
    raise ConvergenceError(
        f"no bilayer with the published currents near mismatch, slope = {tuple(start)} for "
        f"fermi_energy_e = {fermi_energy_e:.6g}, zeeman_outofplane = {zeeman_outofplane:.6g}"
    )


def solve_calibration(
    *, seed: int = 0, starts: int = 2, evaluations: int = 50, scale: float = PUBLISHED_SCALE,
    targets: Published = PUBLISHED, rtol: float = 1e-4,
) -> Calibration:  # fmt: skip
    """Choose one member of the family by the stated rule.

    The rule: J_c+ and J_c- exact after ``scale``; beta > 0 and one spin branch; then the least
    ``misfit`` in q0, E_Fe and E_Fh.  The outer variables E_Fe and J are searched by simplex from
    random starts and rounded to 0.1 and 0.5 E_u: the misfit tells no more.

    Parameters
    ----------
    seed : int
        Seed of the random starts.
    starts, evaluations : int
        Number of starts, and of family members tried from each.
    scale, targets, rtol
        As in :func:`~cedrag.paper.calibration.evaluate_calibration`.

    Returns
    -------
    Calibration
        The chosen member, solved anew at rtol = 1e-8.

    Raises
    ------
    ConvergenceError
        If no start led to a member of the family.

    Examples
    --------
    The whole search takes minutes; its result is shipped:

    >>> from cedrag.paper.calibration_fit import shipped_record, solve_calibration
    >>> solve_calibration(starts=0)
    Traceback (most recent call last):
        ...
    ValueError: starts must be at least 1 (got 0)
    >>> shipped_record()["bilayer"]["fermi_energy_e"]  # of solve_calibration(seed=0)
    11.3
    """
    random = np.random.default_rng(seed)
    least, best = math.inf, None
    for _ in range(positive_integer("starts", starts)):
        outer = random.uniform((9.0, 8.0), (13.0, 13.0))
        mismatch, slope = random.normal((1.58, 0.089), (0.03, 0.002))
        inner = [(float(mismatch), float(slope))]

        def objective(x: NDArray[np.float64], inner: list[Unknowns] = inner) -> float:
            try:
                bilayer, inner[0], diode = _match(
                    float(x[0]), float(x[1]), inner[0], scale, targets, rtol
                )
            except ConvergenceError:
                return 1e3
            if bilayer.spin_gap_margin() < 0.0:
                return 1e3
            return sum(r * r for r in soft_residuals(bilayer, diode, targets).values())

        simplex = outer + np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.5]])
        fit = scipy.optimize.minimize(
            objective, outer, method="Nelder-Mead",
            options={"initial_simplex": simplex, "xatol": 0.05, "fatol": 1e-3,
                     "maxfev": positive_integer("evaluations", evaluations)},
        )  # fmt: skip
        if fit.fun < least:
            least, best = fit.fun, (np.round(fit.x / (0.1, 0.5)) * (0.1, 0.5), inner[0])
    if best is None or least >= 1e3:
        raise ConvergenceError(f"no member of the family was found from seed = {seed}")
    (fermi_energy_e, zeeman_outofplane), start = best
    bilayer, _ = match_currents(
        fermi_energy_e, zeeman_outofplane, start=start, scale=scale, targets=targets, rtol=1e-8
    )
    return evaluate_calibration(bilayer, scale=scale, targets=targets)


def calibration_family(
    fermi_energies_e: Sequence[float], zeeman_outofplane: float, *,
    start: Unknowns = (1.58, 0.089), scale: float = PUBLISHED_SCALE,
    targets: Published = PUBLISHED, rtol: float = 1e-6,
) -> list[Calibration]:  # fmt: skip
    """Members of the family along E_Fe at one J, each solved from its neighbour.

    Parameters
    ----------
    fermi_energies_e : sequence of float
        In E_u, in the order of the continuation.
    zeeman_outofplane : float
        J in E_u.  J -> 0 with E_Fe near 50, ``start=(-1.5, 0.082)``, is the second region.
    start, scale, targets, rtol
        As in :func:`match_currents`.

    Returns
    -------
    list of Calibration
        The list ends early where the family does.

    Examples
    --------
    One member, with coarse integrals, from a start next to it:

    >>> from cedrag.paper.calibration_fit import calibration_family
    >>> (member,) = calibration_family([11.3], 10.5, start=(1.6825, 0.0892365), rtol=1e-4)
    >>> round(member.q0, 3)
    0.264
    """
    members = []
    for fermi_energy_e in fermi_energies_e:
        try:
            bilayer, start = match_currents(
                fermi_energy_e, zeeman_outofplane, start=start, scale=scale, targets=targets,
                rtol=rtol,
            )  # fmt: skip
        except ConvergenceError:
            break
        members.append(evaluate_calibration(bilayer, scale=scale, targets=targets, rtol=rtol))
    return members


def record_file(name: str) -> Path:
    """Where the package keeps a record that took minutes."""
    return Path(__file__).resolve().parent.parent / "data" / name


def read_record(name: str) -> Any:
    """What such a record holds."""
    return json.loads(record_file(name).read_text(encoding="utf-8"))


def shipped_record() -> dict[str, Any]:
    """Record that ``python -m cedrag.paper.calibration_fit --write`` left: the fit of ``PAPER``.

    Returns
    -------
    dict
        Seed, targets, the fitted bilayer and what it gives.

    Examples
    --------
    >>> from cedrag.paper.calibration_fit import shipped_record
    >>> record = shipped_record()
    >>> record["seed"], round(record["bilayer"]["rashba_e"], 4)
    (0, 0.9745)
    """
    return read_record("calibration.json")


def _record(solution: Calibration, seed: int) -> dict[str, Any]:
    """What was solved, from which seed, and how well: plain numbers for the JSON file."""
    names = ("fermi_energy_e", "fermi_energy_h", "rashba_e", "zeeman_inplane", "zeeman_outofplane")
    numbers = asdict(solution)
    numbers["bilayer"] = {name: getattr(solution.bilayer, name) for name in names}
    return {"seed": seed, "published": asdict(PUBLISHED), **numbers}


def main(arguments: Sequence[str] = ()) -> None:
    """Repeat the fit and print its record; ``--write`` replaces the shipped one."""
    text = json.dumps(_record(solve_calibration(seed=0), seed=0), indent=2)
    print(text)
    if "--write" in arguments:
        record_file("calibration.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
