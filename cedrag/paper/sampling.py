"""What a grid of momenta does to a critical current, and the most that any current can be."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._checks import instance, nonnegative_scalar, positive_scalar, provides, real_scalar
from .._results import Result
from ..bilayer import Bilayer
from ..condensate.diode import Diode, efficiency

__all__ = ["SampledDiode", "sampled_diode", "sampling_error", "current_bound"]


@dataclass(frozen=True, eq=False)
class SampledDiode(Result):
    """Critical currents as the extreme samples on a q grid: an artefact, kept to be measured.

    Attributes
    ----------
    jc_plus, jc_minus, efficiency : float
        As in :class:`cedrag.condensate.diode.Diode`, from the extreme samples.
    q_plus, q_minus : float
        Momenta of these samples on the q_x axis, in 1/l_u.
    q0 : float
        The sample with the least F.
    step : float
        Of the grid, in 1/l_u.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, AboveBKTWarning, GinzburgLandau
    >>> from cedrag.paper.sampling import sampled_diode
    >>> with warnings.catch_warnings(action="ignore", category=AboveBKTWarning):
    ...     sampled = sampled_diode(GinzburgLandau(NATURAL), step=0.1)
    >>> round(sampled.q_plus, 3), round(sampled.q_minus, 3)  # on the grid, not where J turns
    (0.4, 0.0)
    """

    jc_plus: float
    jc_minus: float
    efficiency: float
    q_plus: float
    q_minus: float
    q0: float
    step: float


def sampled_diode(
    theory: Any, step: float, offset: float = 0.0, *, exact: Diode | None = None
) -> SampledDiode:
    """Read J_c+-, eta and q0 off the grid q_x = offset + n step, without interpolation.

    Parameters
    ----------
    theory : GinzburgLandau
        Below T_c.
    step, offset : float
        Grid step and origin in 1/l_u.
    exact : Diode, optional
        ``theory.diode()`` if it is already known.

    Returns
    -------
    SampledDiode
        The extreme samples.

    Raises
    ------
    ValueError
        If ``step`` is not positive, or so large that fewer than three samples condense, or if
        ``exact`` is not a diode along x.

    Examples
    --------
    A step of 0.1/l_u turns an efficiency of 0.02 % into something else:

    >>> import warnings
    >>> from cedrag import NATURAL, AboveBKTWarning, GinzburgLandau
    >>> from cedrag.paper.sampling import sampled_diode
    >>> theory = GinzburgLandau(NATURAL)
    >>> with warnings.catch_warnings(action="ignore", category=AboveBKTWarning):
    ...     exact = theory.diode()
    >>> sampled = sampled_diode(theory, step=0.1, exact=exact)
    >>> f"{100 * exact.efficiency:.3f} % becomes {100 * sampled.efficiency:.1f} %"
    '0.019 % becomes 0.3 %'
    """
    provides("theory", theory, "diode", "current", "free_energy")
    step = positive_scalar("step", step, bare="1/l_u")
    offset = real_scalar("offset", offset, bare="1/l_u")
    exact = theory.diode() if exact is None else instance("exact", exact, Diode)
    if exact.angle != 0.0 or exact.q0[1] != 0.0:
        raise ValueError(
            "exact must be a diode along x with q0 on the axis, where the samples lie "
            f"(got angle {exact.angle}, q0 = {exact.q0})"
        )
    centre = exact.q0[0]
    first, last = (math.floor((centre + edge - offset) / step) for edge in exact.window)
    q = offset + step * np.arange(first + 1, last + 1)
    if len(q) < 3:
        raise ValueError(f"step must leave three samples inside the window (got {step})")
    current = theory.current(q)[0]
    top, bottom = int(np.argmax(current)), int(np.argmin(current))
    plus, minus = float(current[top]), float(current[bottom])
    lowest = int(np.argmin(theory.free_energy(q)))
    return SampledDiode(
        plus, minus, efficiency(plus, minus), float(q[top]), float(q[bottom]), float(q[lowest]),
        step,
    )  # fmt: skip


def sampling_error(
    theory: Any, step: float, offset: float = 0.0, *, exact: Diode | None = None
) -> tuple[float, float]:
    r"""Leading error of the sampled efficiency.

    .. math:: \frac{|J''_-| d_-^2 - |J''_+| d_+^2}{2 (J_{c+} - J_{c-})}

    A maximum missed by d loses |J''| d^2/2; d is the distance from q_+ or q_- to the nearest
    sample, at most step/2, so the loss is at most |J''| step^2/8.

    Parameters
    ----------
    theory, step, offset, exact
        As in :func:`sampled_diode`.

    Returns
    -------
    (float, float)
        The error, and its bound max |J''| step^2/(8 (J_c+ - J_c-)).

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, AboveBKTWarning, GinzburgLandau
    >>> from cedrag.paper.sampling import sampling_error
    >>> with warnings.catch_warnings(action="ignore", category=AboveBKTWarning):
    ...     error, bound = sampling_error(GinzburgLandau(NATURAL), step=0.01)
    >>> abs(error) < bound < 1e-3
    True
    """
    provides("theory", theory, "diode", "current", "free_energy")
    step = positive_scalar("step", step, bare="1/l_u")
    offset = real_scalar("offset", offset, bare="1/l_u")
    exact = theory.diode() if exact is None else instance("exact", exact, Diode)
    momenta = np.array([exact.q_plus[0], exact.q_minus[0]])
    miss = (momenta - offset + 0.5 * step) % step - 0.5 * step
    h = 1e-3 * (momenta[0] - momenta[1])
    j = [theory.current(momenta + shift)[0] for shift in (-h, 0.0, h)]
    bend = np.abs(j[0] - 2.0 * j[1] + j[2]) / h**2
    loss = 0.5 * bend * miss**2
    total = exact.jc_plus - exact.jc_minus
    return float((loss[1] - loss[0]) / total), float(bend.max() * step**2 / (8.0 * total))


def current_bound(bilayer: Bilayer, momentum: float, *, t: float = 0.9) -> float:
    r"""Largest counterflow current at ``momentum`` = |q - q0|.

    .. math:: J \le |q - q_0| / (m_e/n_e + m_h/n_h)

    Boosting the layers by q_e + q_h = q - q0 raises the free energy by at most
    n_e q_e^2/2 m_e + n_h q_h^2/2 m_h, because both lower branches are k^2/2m minus a convex
    function of k; the best split gives the bound (chapter, "The bound").  It holds for the mean
    field at any gap, with the densities of the boosted state; here those of the normal state are
    used.  The quartic expansion near beta = 0 is not variational and can break it.

    Parameters
    ----------
    bilayer : Bilayer
        Its densities and masses are used.
    momentum : float
        |q - q0| in 1/l_u.
    t : float
        Temperature T/T_c of the densities.

    Returns
    -------
    float
        In J_u, with the standard measure d^2k/(2 pi)^2.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.paper.sampling import current_bound
    >>> round(current_bound(NATURAL, momentum=0.2), 3)
    0.196
    """
    instance("bilayer", bilayer, Bilayer)
    momentum = positive_scalar("momentum", momentum, bare="1/l_u")
    t = nonnegative_scalar("t", t)
    inertia = 1.0 / bilayer.density_e(t) + bilayer.mass_ratio / bilayer.density_h(t)
    return momentum / inertia
