"""Where the diode is large: a search over bilayers, and what a candidate has to survive."""

import contextlib
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from .._checks import chosen, instance, positive_integer, positive_scalar, real_scalar, shown
from .._results import Result, provenance_of
from ..bilayer import Bilayer
from ..condensate.bkt import bkt_temperature
from ..condensate.first_order import transition
from ..condensate.mean_field import MeanField
from ..errors import ConvergenceError, NoCondensateError, NoPairingError, missing_library
from ..units import Scales

__all__ = [
    "BOUNDS",
    "LEADS",
    "Candidate",
    "Confirmation",
    "confirm",
    "examine",
    "laboratory_bounds",
    "table_row",
    "largest_efficiency",
]

#: Box of the search: arguments of Bilayer.from_fermi_energies in E_u and E_u l_u, and t.
#: Both couplings with the other sign are the same bilayer in the opposite field.
BOUNDS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "fermi_energy_e": (0.5, 45.0),
        "fermi_energy_h": (0.5, 45.0),
        "rashba_e": (0.0, 4.0),
        "rashba_h": (-4.0, 4.0),
        "zeeman_inplane": (0.0, 30.0),
        "zeeman_outofplane": (0.0, 30.0),
        "mass_ratio": (0.5, 2.0),
        "t": (0.2, 0.95),
    }
)
#: Where an earlier search at level "band" found large efficiencies: bilayer and t.
LEADS: Mapping[str, tuple[Bilayer, float]] = MappingProxyType(
    {
        "exchange": (
            Bilayer(
                mu_e=0.169808, mu_h=20.631115, rashba_e=3.053792, rashba_h=0.005062,
                zeeman_inplane=27.06446, zeeman_outofplane=21.83651, mass_ratio=0.854322,
            ),
            0.274,
        ),
        "opposite": (
            Bilayer(
                mu_e=-1.117696, mu_h=-3.864878, rashba_e=3.709434, rashba_h=-3.844539,
                zeeman_inplane=6.240466, zeeman_outofplane=4.493176, mass_ratio=0.947496,
            ),
            0.541,
        ),
        "mild": (
            Bilayer(
                mu_e=-1.5, mu_h=-1.0, rashba_e=1.8, zeeman_inplane=3.0, zeeman_outofplane=8.0
            ),
            0.5,
        ),
    }
)  # fmt: skip
METHODS = ("evolution", "simplex", "cma")

_ROUNDING = 1e-13  # of eta
_FAILED = 3.0  # of a point without a condensate; incoherent ones lie between 1 and 2
_UNKNOWN = (ConvergenceError, NoCondensateError, NoPairingError, ArithmeticError)

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Candidate(Result):
    """The diode of one bilayer and what decides whether it counts.

    Attributes
    ----------
    bilayer : Bilayer
    t : float
        T/T_c.
    spin : str
        Level of the mean field, "full" or "band".
    efficiency, efficiency_branch, efficiency_global : float
        As in :class:`cedrag.condensate.diode.Diode`.
    jc_plus, jc_minus : float
        In J_u.
    q0 : float
        Momentum of the state on the axis, in 1/l_u.
    gap : float
        In E_u.
    stiffness_temperature : float
        (pi/2) sqrt(det D) at t, in E_u: coherent if t is below it.
    margin : float
        Energy from the Fermi level to the upper spin branch, in E_u.
    softness : float
        D_xx w^2/(4 |F|), w half the window in q: 1 for alpha ~ q^2 - w^2, 0 at an internal critical
        point, where a curvature of F vanishes away from T_c.
    second_well : float
        F of the next minimum over that of the lowest: 1 on a line of first-order transitions
        between two states, 0 without a second minimum.
    error : float
        Of the efficiency, from that of the currents.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.sweeps.search import examine
    >>> found = examine(NATURAL, 0.5, spin="band")
    >>> round(found.efficiency, 5), found.coherent, found.counts
    (0.0007, True, True)
    """

    bilayer: Bilayer
    t: float
    spin: str
    efficiency: float
    efficiency_branch: float
    efficiency_global: float
    jc_plus: float
    jc_minus: float
    q0: float
    gap: float
    stiffness_temperature: float
    margin: float
    softness: float
    second_well: float
    error: float

    @property
    def coherent(self) -> bool:
        """Whether vortices stay bound at this temperature."""
        return self.t < self.stiffness_temperature

    @property
    def consistent(self) -> bool:
        """Whether the level keeps all branches that hold carriers."""
        return self.spin == "full" or self.margin > 0.0

    @property
    def counts(self) -> bool:
        """Coherent and consistent."""
        return self.coherent and self.consistent

    @property
    def robust_efficiency(self) -> float:
        """The smallest |eta| of the branch, of degenerate branches and of all momenta."""
        values = self.efficiency, self.efficiency_branch, self.efficiency_global
        return min(map(abs, values)) if len({v > 0.0 for v in values}) == 1 else 0.0


def examine(bilayer: Bilayer, t: float, *, spin: str = "full", rtol: float = 1e-5) -> Candidate:
    """Compute one diode with what decides whether it counts.

    Parameters
    ----------
    bilayer : Bilayer
    t : float
        T/T_c.
    spin : {"full", "band"}
        Level of :class:`cedrag.condensate.mean_field.MeanField`.
    rtol : float
        Accuracy of the momentum integrals.

    Returns
    -------
    Candidate

    Raises
    ------
    NoCondensateError, NoPairingError, ConvergenceError
        As ``MeanField`` does.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.sweeps.search import examine
    >>> found = examine(NATURAL, 0.9, spin="band")
    >>> found.coherent, round(found.stiffness_temperature, 2)
    (False, 0.29)
    """
    bilayer = instance("bilayer", bilayer, Bilayer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _examined(MeanField(bilayer, t, spin=spin, rtol=rtol))


def table_row(
    bilayer: Bilayer, t: float, *, spin: str = "full", rtol: float = 1e-5
) -> dict[str, float]:
    """Numbers of :func:`examine` for a table or a map; nan where there is no condensate.

    Parameters
    ----------
    bilayer, t, spin, rtol
        As in :func:`examine`.

    Returns
    -------
    dict
        "efficiency", "efficiency_global", "jc_plus", "jc_minus", "q0", "gap",
        "stiffness_temperature", "margin", "softness" and "second_well".

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.sweeps.search import table_row
    >>> table_row(NATURAL, 1.2, spin="band")["efficiency"]
    nan
    """
    names = (
        "efficiency", "efficiency_global", "jc_plus", "jc_minus", "q0", "gap",
        "stiffness_temperature", "margin", "softness", "second_well",
    )  # fmt: skip
    try:
        found = examine(bilayer, t, spin=spin, rtol=rtol)
    except _UNKNOWN:
        return dict.fromkeys(names, math.nan)
    return {name: float(getattr(found, name)) for name in names}


def _coherence(theory: MeanField) -> float:
    """(pi/2) sqrt(det D) of the lowest state."""
    xx, xy, yy = theory.minima[0].stiffness
    return 0.5 * math.pi * math.sqrt(max(xx * yy - xy * xy, 0.0))


def _examined(theory: MeanField) -> Candidate:
    diode = theory.diode()
    lowest, *others = theory.minima
    half = 0.5 * (diode.window[1] - diode.window[0])
    return Candidate(
        bilayer=theory.bilayer,
        t=theory.t,
        spin=theory.spin,
        efficiency=diode.efficiency,
        efficiency_branch=diode.efficiency_branch,
        efficiency_global=diode.efficiency_global,
        jc_plus=diode.jc_plus,
        jc_minus=diode.jc_minus,
        q0=diode.q0[0],
        gap=lowest.gap,
        stiffness_temperature=_coherence(theory),
        margin=theory.bilayer.spin_gap_margin(),
        softness=lowest.stiffness[0] * half**2 / (4.0 * abs(lowest.free_energy)),
        second_well=others[0].free_energy / lowest.free_energy if others else 0.0,
        error=2.0 * diode.error / (diode.jc_plus - diode.jc_minus),
        provenance=provenance_of(theory),
    )


# the search ------------------------------------------------------------------------------


def laboratory_bounds(
    scales: Scales, *, rashba: float, zeeman: float, fermi_energy: float
) -> dict[str, tuple[float, float]]:
    """Give the box of the search for one sample, from bounds in laboratory units.

    Parameters
    ----------
    scales : Scales
        T_c and the electron mass.
    rashba : float
        Largest |lambda| of either layer, in meV Angstrom.
    zeeman : float
        Largest B and J, in meV.
    fermi_energy : float
        Largest Fermi energy of either layer, in meV.

    Returns
    -------
    dict
        As :data:`BOUNDS`.

    Raises
    ------
    TypeError, ValueError
        If a bound is not a positive number.

    Examples
    --------
    >>> from cedrag import Scales
    >>> from cedrag.sweeps.search import laboratory_bounds
    >>> scales = Scales(critical_temperature=10.0, electron_mass=0.2)
    >>> box = laboratory_bounds(scales, rashba=400.0, zeeman=10.0, fermi_energy=30.0)
    >>> round(box["rashba_e"][1], 2), round(box["zeeman_inplane"][1], 1)
    (2.21, 11.6)
    """
    scales = instance("scales", scales, Scales)
    unit = scales.energy_meV
    coupling = positive_scalar("rashba", rashba) / (unit * 10.0 * scales.length_nm)
    field = positive_scalar("zeeman", zeeman) / unit
    filling = positive_scalar("fermi_energy", fermi_energy) / unit
    return dict(BOUNDS) | {
        "fermi_energy_e": (0.02 * filling, filling),
        "fermi_energy_h": (0.02 * filling, filling),
        "rashba_e": (0.0, coupling),
        "rashba_h": (-coupling, coupling),
        "zeeman_inplane": (0.0, field),
        "zeeman_outofplane": (0.0, field),
    }


class _SpentError(Exception):
    """All evaluations are used."""


class _Objective:
    """What a minimiser sees: -|eta| of what counts, else by how much it does not.

    Values between 1 and 2 measure the incoherence, those up to 2.9 the upper branch's carriers.
    """

    def __init__(
        self,
        box: Mapping[str, tuple[float, float]],
        held: Mapping[str, float],
        spin: str,
        rtol: float,
        limit: int,
    ) -> None:
        self.names, self.held = list(box), held
        self.low, self.high = np.array(list(box.values())).T
        self.spin, self.rtol, self.limit = spin, rtol, limit
        self.found: list[Candidate] = []
        self.calls = 0

    def bilayer(self, point: Floats) -> tuple[Bilayer, float]:
        inside = self.low + np.clip(point, 0.0, 1.0) * (self.high - self.low)
        values = dict(zip(self.names, inside.tolist(), strict=True)) | dict(self.held)
        t = values.pop("t")
        return Bilayer.from_fermi_energies(**values), t

    def __call__(self, point: Floats) -> float:
        if self.calls == self.limit:
            raise _SpentError
        self.calls += 1
        outside = float(np.sum(np.maximum(np.abs(np.asarray(point) - 0.5) - 0.5, 0.0)))
        bilayer, t = self.bilayer(point)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                margin = bilayer.spin_gap_margin()
                if self.spin != "full" and margin <= 0.0:
                    return 2.0 + 0.9 * math.tanh(-margin / 10.0) + outside
                theory = MeanField(bilayer, t, spin=self.spin, rtol=self.rtol)
                limit = _coherence(theory)
                if limit <= t:
                    return 2.0 - limit / t + outside
                found = _examined(theory)
            except _UNKNOWN:
                return _FAILED + outside
        if not math.isfinite(found.efficiency):
            return _FAILED + outside
        self.found.append(found)
        return outside - found.robust_efficiency

    def best(self, count: int) -> list[Candidate]:
        """The largest that differ: by 5 % of the box in some parameter."""
        kept: list[Candidate] = []
        width = self.high - self.low
        for one in sorted(self.found, key=lambda c: -c.robust_efficiency):
            place = self._place(one)
            if all(np.max(np.abs(place - self._place(other)) / width) > 0.05 for other in kept):
                kept.append(one)
            if len(kept) == count:
                break
        return kept

    def _place(self, one: Candidate) -> Floats:
        values = [one.t if n == "t" else getattr(one.bilayer, n) for n in self.names]
        return np.array(values)


def largest_efficiency(
    bounds: Mapping[str, tuple[float, float] | float] = BOUNDS,
    *,
    spin: str = "full",
    method: str = "evolution",
    evaluations: int = 2000,
    count: int = 10,
    start: Candidate | None = None,
    rtol: float = 1e-4,
    seed: int = 0,
) -> tuple[Candidate, ...]:
    """Search a box for the largest |eta| of coherent, consistent bilayers.

    The objective is :attr:`Candidate.robust_efficiency`; what does not count is led back towards
    coherence.  The same seed gives the same search.  What is found is a candidate until
    :func:`confirm` has looked at it.

    Parameters
    ----------
    bounds : mapping
        Name to (lowest, highest), with the names of :data:`BOUNDS`; a name that is left out keeps
        its bounds there, and a number in place of the bounds is held.
    spin : {"full", "band"}
        Level of the mean field.  With "band" the upper branch must be empty.
    method : {"evolution", "simplex", "cma"}
        Differential evolution and restarts of Nelder-Mead, both of scipy, or CMA-ES from the
        library ``cma``.
    evaluations : int
        Number of bilayers that may be looked at.
    count : int
        At most so many candidates, which differ by 5 % of the box in some parameter.
    start : Candidate, optional
        "simplex" and "cma" begin here, and stay near at first.
    rtol : float
        Accuracy of the momentum integrals.
    seed : int
        Of the random numbers.

    Returns
    -------
    tuple of Candidate
        The largest first; empty if nothing in the box counts.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type or range.
    ModuleNotFoundError
        If ``method`` is "cma" and the library is not installed.

    Examples
    --------
    >>> from cedrag.sweeps.search import largest_efficiency
    >>> near = {"fermi_energy_e": (9.0, 12.0), "fermi_energy_h": (9.0, 12.0), "t": (0.4, 0.6)}
    >>> found = largest_efficiency(near, spin="band", method="simplex", evaluations=20, seed=1)
    >>> all(one.counts for one in found)
    True
    """
    box, held = _box(bounds)
    chosen("spin", spin, ("full", "band"))
    chosen("method", method, METHODS)
    evaluations = positive_integer("evaluations", evaluations)
    count = positive_integer("count", count)
    objective = _Objective(box, held, spin, positive_scalar("rtol", rtol), evaluations)
    first = None
    if start is not None:
        place = [
            instance("start", start, Candidate).t if name == "t" else getattr(start.bilayer, name)
            for name in box
        ]
        first = (np.array(place) - objective.low) / (objective.high - objective.low)
        if np.any(first < 0.0) or np.any(first > 1.0):
            raise ValueError(f"start must lie inside the bounds (got {shown(start.bilayer)})")
    with contextlib.suppress(_SpentError):
        {"evolution": _evolution, "simplex": _simplex, "cma": _cma}[method](objective, first, seed)
    return tuple(objective.best(count))


def _box(
    bounds: Mapping[str, tuple[float, float] | float],
) -> tuple[dict[str, tuple[float, float]], dict[str, float]]:
    """Bounds of what varies, and values of what is held."""
    box, held = dict(BOUNDS), {}
    for name, given in bounds.items():
        chosen("bounds", name, BOUNDS)
        if not isinstance(given, tuple):
            held[name] = real_scalar(f"bounds of {name}", given)
            del box[name]
            continue
        low, high = (real_scalar(f"bounds of {name}", end) for end in given)
        if not low < high:
            raise ValueError(f"bounds of {name} must rise (got {low}, {high})")
        box[name] = low, high
    if not box:
        raise ValueError("bounds must leave something to vary (got a number for every name)")
    return box, held


def _evolution(objective: _Objective, first: Floats | None, seed: int) -> None:
    from scipy import optimize

    size = len(objective.names)
    members = 6
    optimize.differential_evolution(
        objective, [(0.0, 1.0)] * size, popsize=members, init="sobol", tol=0.0, polish=False,
        maxiter=objective.limit, rng=seed, x0=first,
        mutation=(0.4, 0.9), recombination=0.8,
    )  # fmt: skip


def _starts(size: int, first: Floats | None, seed: int) -> Callable[[], Floats]:
    sobol = qmc.Sobol(size, rng=seed)
    waiting = [] if first is None else [first]
    return lambda: waiting.pop() if waiting else sobol.random(1)[0]


def _simplex(objective: _Objective, first: Floats | None, seed: int) -> None:
    from scipy import optimize

    size = len(objective.names)
    begin = _starts(size, first, seed)
    while True:  # until all evaluations are used
        centre = begin()
        step = np.where(centre > 0.5, -1.0, 1.0) * (0.05 if first is not None else 0.15)
        optimize.minimize(
            objective, centre, method="Nelder-Mead",
            options={
                "maxfev": 60 * size,
                "xatol": 1e-3, "fatol": 1e-4, "adaptive": True,
                "initial_simplex": centre + np.vstack([np.zeros(size), np.diag(step)]),
            },
        )  # fmt: skip


def _cma(objective: _Objective, first: Floats | None, seed: int) -> None:
    try:
        import cma
    except ModuleNotFoundError as error:
        raise missing_library(error, "search") from None
    begin = _starts(len(objective.names), first, seed)
    near = first is not None
    while True:  # until all evaluations are used
        evolution: Any = cma.CMAEvolutionStrategy(
            begin(), 0.06 if near else 0.25,
            {
                "bounds": [0.0, 1.0], "seed": seed + 1 + objective.calls, "verbose": -9,
                "tolfun": 1e-4, "tolx": 1e-3,
            },
        )  # fmt: skip
        near = False
        while not evolution.stop():
            points = evolution.ask()
            evolution.tell(points, [objective(np.array(point)) for point in points])


# confirmation ----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Confirmation(Result):
    """What was found when a candidate was looked at again by other means.

    Attributes
    ----------
    candidate : Candidate
        On the finer mesh.
    change : float
        Of the efficiency from the coarser to the finer mesh.
    t_bkt : float
        T_BKT/T_c, above which vortices unbind.
    t_transition : float
        Temperature of the transition at the same interaction, over that where alpha = 0.
    order : int
        2 if the condensate appears at alpha = 0.
    lowest_aside : float
        The smallest F at momenta off and on the axis that no search had led to, over F(q0).
    transversely_stable : bool
        Both critical states are minima across the current too.
    objections : tuple of str
        Why it is not confirmed; empty if it is.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.sweeps.search import confirm, examine
    >>> found = confirm(examine(NATURAL, 0.5, spin="band"))
    >>> found.holds, found.order, round(found.t_bkt, 3)
    (True, 2, 0.734)
    """

    candidate: Candidate
    change: float
    t_bkt: float
    t_transition: float
    order: int
    lowest_aside: float
    transversely_stable: bool
    objections: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.objections


def confirm(candidate: Candidate, *, rtol: float = 1e-7, tolerance: float = 1e-3) -> Confirmation:
    """Look at a candidate again: finer mesh, off the axis, above T_c, all momenta.

    Parameters
    ----------
    candidate : Candidate
    rtol : float
        Accuracy of the second mesh; the first was coarser.
    tolerance : float
        By how much the efficiency may change from mesh to mesh, and from the branch to the extrema
        over all momenta.

    Returns
    -------
    Confirmation

    Raises
    ------
    NoCondensateError, NoPairingError, ConvergenceError
        If the second computation does not find the state at all.

    Examples
    --------
    Above T_BKT there is no current without resistance:

    >>> from cedrag import NATURAL
    >>> from cedrag.sweeps.search import confirm, examine
    >>> confirm(examine(NATURAL, 0.9, spin="band")).objections
    ('T_BKT = 0.734 lies below t = 0.900',)
    """
    candidate = instance("candidate", candidate, Candidate)
    bilayer, t, spin = candidate.bilayer, candidate.t, candidate.spin
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for accuracy in (positive_scalar("rtol", rtol), 1e-2 * rtol):
            theory = MeanField(bilayer, t, spin=spin, rtol=accuracy)
            finer = _examined(theory)
            change = finer.efficiency - candidate.efficiency
            if abs(change) > _ROUNDING:  # else both accuracies were served by one mesh
                break
        stable = theory.diode().transversely_stable
        aside = _lowest_elsewhere(theory)
        t_bkt = bkt_temperature(bilayer, spin=spin, rtol=1e-5)
        passed = transition(bilayer, theory.binding_energy, spin=spin, rtol=1e-5)
    objections = [
        text
        for wrong, text in (
            (abs(change) > tolerance, f"eta changes by {change:.2g} on a finer mesh"),
            (not finer.consistent, f"the upper branch is filled by {-finer.margin:.3g} E_u"),
            (t_bkt <= t, f"T_BKT = {t_bkt:.3f} lies below t = {t:.3f}"),
            (passed.order != 2, f"first order at {passed.t / passed.t_alpha:.4f} T_alpha"),
            (aside > 1.0 + 1e-6, f"F is {aside:.6f} F(q0) at another momentum"),
            (not stable, "a critical state is unstable across the current"),
            (
                abs(finer.efficiency_global - finer.efficiency_branch) > tolerance,
                f"eta is {finer.efficiency_branch:.3f} on the branch and "
                f"{finer.efficiency_global:.3f} over all momenta",
            ),
        )
        if wrong
    ]
    return Confirmation(
        candidate=finer, change=change, t_bkt=t_bkt, t_transition=passed.t / passed.t_alpha,
        order=passed.order, lowest_aside=aside, transversely_stable=stable,
        objections=tuple(objections), provenance=provenance_of(theory),
    )  # fmt: skip


def _lowest_elsewhere(theory: MeanField, points: int = 64) -> float:
    """F/F(q0) at its lowest over a half disc of momenta that no search has chosen."""
    lowest = theory.minima[0]
    low, high = theory.diode().window
    reach = 2.0 * (high - low)
    sample = qmc.Halton(2, rng=1).random(points)
    radius, angle = reach * np.sqrt(sample[:, 0]), math.pi * sample[:, 1]
    energies = theory.free_energy(
        lowest.q[0] + radius * np.cos(angle), radius * np.sin(angle), search=True
    )
    return float(np.min(energies)) / lowest.free_energy
