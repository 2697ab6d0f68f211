"""Whether the condensate appears at alpha = 0, or in a jump above it."""

import contextlib
import math
import warnings
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from .._checks import instance, positive_scalar
from ..bilayer import Bilayer
from ..errors import NoCondensateError, NoPairingError, ValidityWarning
from .mean_field import MeanField

__all__ = ["Transition", "transition"]


class Transition(NamedTuple):
    """Where the normal state gives way.

    Parameters
    ----------
    t : float
        The temperature of the transition, in E_u.
    order : int
        1 if Omega has a lower minimum at finite Delta above t_alpha, else 2.
    t_alpha : float
        Where the smallest alpha(T, q) vanishes, in E_u; 0 if it does so nowhere.

    Examples
    --------
    >>> from cedrag.condensate.first_order import Transition
    >>> Transition(1.0, 2, 1.0).order
    2
    """

    t: float
    order: int
    t_alpha: float


def transition(
    bilayer: Bilayer, binding_energy: float, *, spin: str = "full", rtol: float = 1e-7
) -> Transition:
    """Find the temperature of the transition at fixed interaction, and its order.

    Parameters
    ----------
    bilayer : Bilayer
    binding_energy : float
        Two-body binding energy E_b in E_u.
    spin : {"full", "band"}
        See :class:`cedrag.condensate.mean_field.MeanField`.
    rtol : float
        Accuracy of the momentum integrals.

    Returns
    -------
    Transition

    Raises
    ------
    NoPairingError
        If neither alpha < 0 nor a lower minimum at finite Delta is found down to 1/50 of
        the matched estimate (e^gamma/pi) sqrt(2 E_F E_b).
    TypeError, ValueError
        If an argument has the wrong type or range.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.first_order import transition
    >>> found = transition(NATURAL, 0.109572418223, spin="band")
    >>> round(found.t, 8), found.order
    (1.0, 2)
    """
    instance("bilayer", bilayer, Bilayer)
    binding_energy = positive_scalar("binding_energy", binding_energy)

    def theory(t: float) -> MeanField:
        return MeanField(bilayer, t, spin=spin, binding_energy=binding_energy, rtol=rtol)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        energies = [abs(bilayer.band_minimum(layer)[1]) for layer in ("e", "h")]
        top = 0.57 * math.sqrt(2.0 * max(energies) * binding_energy) + binding_energy
        while theory(2.0 * top).smallest_alpha < 0.0:  # couplings add to the density of states
            top *= 2.0
        ladder = 2.0 * top * 0.75 ** np.arange(16)
        t_alpha = _highest_root(lambda t: theory(t).smallest_alpha, ladder)
        t = _highest_root(lambda t: _lowest(theory(t)), ladder[ladder > t_alpha * (1.0 + 1e-4)])
        if t_alpha > 0.0 and t == 0.0:  # a jump that is closer to t_alpha than the ladder's steps
            just_above = t_alpha * (1.0 + 1e-4)
            if _lowest(theory(just_above)) < 0.0:
                above = ladder[ladder > just_above][-1]
                t = _root(lambda x: _lowest(theory(x)), just_above, float(above))
    if max(t, t_alpha) == 0.0:
        raise NoPairingError(
            f"binding_energy must be large enough to pair across the mismatch of the contours "
            f"(got {binding_energy}): the normal state is lowest down to T = {ladder[-1]:.3g} E_u"
        )
    return Transition(t, 1, t_alpha) if t > t_alpha else Transition(t_alpha, 2, t_alpha)


def _lowest(theory: MeanField) -> float:
    """Lowest Omega over q and |Delta| > 0 less normal; positive without any such minimum."""
    try:
        starts = theory.seeds
    except NoCondensateError:
        return 1e-6
    found = [state.free_energy for start in starts for state in theory.states(*start)]
    with contextlib.suppress(NoCondensateError):
        found.append(theory.minima[0].free_energy)
    return min(found, default=1e-6)


def _highest_root(function: Callable[[float], float], ladder: Iterable[float]) -> float:
    """Where ``function`` falls below zero as t falls along ``ladder``; 0 if it does not."""
    above = None
    for t in ladder:
        if function(float(t)) < 0.0:
            return float(t) if above is None else _root(function, float(t), above)
        above = float(t)
    return 0.0


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    from scipy import optimize

    return float(optimize.brentq(function, low, high, xtol=1e-11, rtol=1e-10))
