"""Where the diode is large: a search over bilayers for candidates."""

import contextlib
import math
import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from .._checks import chosen, instance, positive_integer, positive_scalar, real_scalar, shown
from ..bilayer import Bilayer
from ..condensate.mean_field import MeanField
from ..errors import missing_library
from ..units import Scales
from .candidates import NO_DIODE, Candidate, examined, stiffness_limit
from .candidates import examine as examine
from .candidates import table_row as table_row
from .confirmation import confirm as confirm

__all__ = ["BOUNDS", "LEADS", "laboratory_bounds", "largest_efficiency"]

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

_FAILED = 3.0  # of a point without a condensate; incoherent ones lie between 1 and 2

Floats = NDArray[np.float64]


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
                limit = stiffness_limit(theory)
                if limit <= t:
                    return 2.0 - limit / t + outside
                found = examined(theory)
            except NO_DIODE:
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

    The objective is :attr:`~cedrag.sweeps.candidates.Candidate.robust_efficiency`; what does not
    count is led back towards coherence.  The same seed gives the same search.  What is found is a
    candidate until :func:`~cedrag.sweeps.confirmation.confirm` has looked at it.

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
