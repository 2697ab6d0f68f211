"""A candidate of the search, looked at again by other means."""

import math
import warnings
from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc

from .._checks import instance, positive_scalar
from .._results import Result, provenance_of
from ..condensate.bkt import bkt_temperature
from ..condensate.first_order import transition
from ..condensate.mean_field import MeanField
from .candidates import Candidate, examined

__all__ = ["Confirmation", "confirm"]

_ROUNDING = 1e-13  # of eta


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
    >>> from cedrag.sweeps.candidates import examine
    >>> from cedrag.sweeps.confirmation import confirm
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
    >>> from cedrag.sweeps.candidates import examine
    >>> from cedrag.sweeps.confirmation import confirm
    >>> confirm(examine(NATURAL, 0.9, spin="band")).objections
    ('T_BKT = 0.734 lies below t = 0.900',)
    """
    candidate = instance("candidate", candidate, Candidate)
    bilayer, t, spin = candidate.bilayer, candidate.t, candidate.spin
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for accuracy in (positive_scalar("rtol", rtol), 1e-2 * rtol):
            theory = MeanField(bilayer, t, spin=spin, rtol=accuracy)
            finer = examined(theory)
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
