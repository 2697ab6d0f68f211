r"""One wave against two: Fulde-Ferrell and Larkin-Ovchinnikov states at quartic order.

For Delta(r) = D_1 v_1 exp(i q_1 r) + D_2 v_2 exp(i q_2 r), without higher harmonics,

.. math:: F = \sum_i \left(\alpha_i |D_i|^2 + \tfrac12 \beta_i |D_i|^4\right)
    + \gamma |D_1|^2 |D_2|^2,

    \gamma = T\sum_\omega \int \frac{d^2p}{(2\pi)^2} \mathrm{Tr}\left[
    G_e \Delta_1 G_1 \Delta_1^\dagger G_e \Delta_2 G_2 \Delta_2^\dagger
    + G_e \Delta_1 G_1 \Delta_2^\dagger G_e' \Delta_2 G_1 \Delta_1^\dagger\right]

with G_e = G_e(p), G_e' = G_e(p + q_2 - q_1), G_i = G_h(q_i - p).  At q_2 = q_1 gamma = 2 beta: two
waves of one momentum are one wave.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import instance, real_array, shown
from ..errors import ConvergenceError, LarkinOvchinnikovWarning, warn
from ..kernels.frequencies import frequency_tables
from ..kernels.loop_sums import wave_sums
from ..pairing.integrals import PairIntegrals
from .ginzburg_landau import GinzburgLandau
from .pair_expansion import LEVELS, PairExpansion

__all__ = ["TwoWaves", "larkin_ovchinnikov", "wave_coupling"]

Floats = NDArray[np.float64]

_RTOL = 1e-7  # of gamma, to the coupling of matched contours


@dataclass(frozen=True)
class TwoWaves:
    """Two waves at quartic order.

    Attributes
    ----------
    q1, q2 : tuple of float
        Pair momenta in 1/l_u.
    alpha, beta : tuple of float
        Coefficients at both.
    gamma, gamma_error : float
        What |D_1|^2 |D_2|^2 multiplies, and its error estimate.
    single : tuple of float
        F of each wave alone, in E_u/l_u^2.
    both : float
        F of the state with both waves; the lower of ``single`` if it is no minimum, -inf if F
        has no lower bound.
    amplitudes : tuple of float
        |D_1|^2 and |D_2|^2 of the lowest of these states.
    state : str
        "normal", "Fulde-Ferrell" (one wave) or "Larkin-Ovchinnikov" (both).

    Examples
    --------
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> from cedrag.condensate.two_waves import larkin_ovchinnikov
    >>> pair = larkin_ovchinnikov(GinzburgLandau(NATURAL), (0.2, 0.0), (0.3, 0.0))
    >>> pair.state, pair.gamma > (pair.beta[0] * pair.beta[1]) ** 0.5
    ('Fulde-Ferrell', True)
    """

    q1: tuple[float, float]
    q2: tuple[float, float]
    alpha: tuple[float, float]
    beta: tuple[float, float]
    gamma: float
    gamma_error: float
    single: tuple[float, float]
    both: float
    amplitudes: tuple[float, float]
    state: str


def wave_coupling(theory: GinzburgLandau, q1: Floats, q2: Floats) -> tuple[float, float]:
    """gamma of two waves, and its error estimate.

    Parameters
    ----------
    theory : GinzburgLandau
    q1, q2 : ndarray, shape (2,)
        In 1/l_u.

    Returns
    -------
    gamma, error : float
        In 1/(E_u^3 l_u^2); the error from a mesh of a tenth of the tolerance, and from
        gamma(q1, q2) = gamma(q2, q1).

    Raises
    ------
    ConvergenceError
        If no mesh resolves the loops.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> from cedrag.condensate.two_waves import wave_coupling
    >>> theory, q = GinzburgLandau(NATURAL), np.array([0.2, 0.0])
    >>> gamma, error = wave_coupling(theory, q, q)
    >>> abs(gamma - 2.0 * float(theory.beta(0.2))) < 1e-8
    True
    """
    fields = np.array([_field(theory, q1), _field(theory, q2)])
    level = LEVELS[theory.spin]
    coarse = _coupling(theory, q1, q2, fields, level, _RTOL)
    fine = _coupling(theory, q1, q2, fields, level, 0.1 * _RTOL)
    swapped = _coupling(theory, q2, q1, fields[::-1].copy(), level, _RTOL)
    error = max(abs(fine - coarse), abs(fine - swapped))
    unit = 0.2 * theory.bilayer.reduced_mass / math.pi / theory.t**2
    if error > 1e-3 * max(abs(fine), unit):
        raise ConvergenceError(
            f"gamma at q = {q1.tolist()} and {q2.tolist()}: two meshes differ by {error:.1e} of "
            f"{fine:.6g}"
        )
    return fine, error


def _field(theory: GinzburgLandau, q: Floats) -> NDArray[np.complex128]:
    """The unit pair field at one momentum, (2, 2)."""
    form = theory.pairing.form
    if isinstance(form, PairExpansion):
        return form.direction(q)
    return np.array([[1.0, 0.0], [0.0, 0.0]], dtype=complex)


def _coupling(
    theory: GinzburgLandau,
    q1: Floats,
    q2: Floats,
    fields: NDArray[np.complex128],
    level: int,
    rtol: float,
) -> float:
    bilayer, t = theory.bilayer, theory.t
    integrals = PairIntegrals(bilayer, t, rtol)
    # with k = p - q1/2 the four propagators are those of pairs with q1 and with 2 q2 - q1
    mesh = integrals.build_mesh_for(np.array([q1, 2.0 * q2 - q1]), rtol)
    kx, ky, weight = (part.ravel() for part in mesh.plane_nodes)
    model = (t, t, bilayer.band("e"), bilayer.band("h"), 1.0, bilayer.reduced_mass)
    total = 0.0
    # the mesh is half the plane and counts twice; the other half belongs to the mirrored momenta
    for sign in (1.0, -1.0):
        turned = np.array([1.0, sign])
        waves = fields if sign > 0.0 else fields.conj()
        total += 0.5 * float(
            wave_sums(
                level, kx, ky, weight[None, :], q1 * turned, q2 * turned, model, waves,
                *frequency_tables(),
            )[0, 0]
        )  # fmt: skip
        if q1[1] == 0.0 == q2[1]:
            return 2.0 * total
    return total


def larkin_ovchinnikov(
    theory: GinzburgLandau, q1: ArrayLike, q2: ArrayLike | None = None
) -> TwoWaves:
    """Whether one wave or two have the lower energy, at quartic order.

    Two waves win where both alpha < 0 and gamma < sqrt(beta_1 beta_2), for equal waves.  In
    general the state with both is a minimum if gamma^2 < beta_1 beta_2 and both amplitudes are
    positive; F has no lower bound if gamma <= -sqrt(beta_1 beta_2).

    Parameters
    ----------
    theory : GinzburgLandau
        Of order 4.
    q1 : sequence of two floats
        Momentum of the first wave in 1/l_u.
    q2 : sequence of two floats, optional
        Of the second; by default the second minimum of F, or else -q1 (for an isotropic bilayer,
        and where q1 is the only minimum).

    Returns
    -------
    TwoWaves

    Raises
    ------
    TypeError, ValueError
        If ``theory`` is no quartic theory, or a momentum is not two finite numbers.
    ConvergenceError
        If gamma cannot be computed.

    Warns
    -----
    LarkinOvchinnikovWarning
        If the state of two waves is lower than those of one.

    Examples
    --------
    Two waves close to one minimum compete for the same carriers:

    >>> from cedrag import NATURAL, GinzburgLandau
    >>> from cedrag.condensate.two_waves import larkin_ovchinnikov
    >>> larkin_ovchinnikov(GinzburgLandau(NATURAL), (0.2, 0.0), (0.1, 0.0)).state
    'Fulde-Ferrell'
    """
    instance("theory", theory, GinzburgLandau)
    if theory.order != 4:
        raise ValueError(f"theory must be of order 4 (got {theory.order})")
    first = _momentum("q1", q1)
    second = _partner(theory, first) if q2 is None else _momentum("q2", q2)
    momenta = np.array([first, second])
    alpha, beta = theory.alpha(*momenta.T), theory.beta(*momenta.T)
    gamma, error = wave_coupling(theory, first, second)
    single = theory.free_energy(*momenta.T, search=True)
    both, amplitudes = _together(alpha, beta, gamma)
    lowest = float(single.min())
    if both < lowest:
        state = "Larkin-Ovchinnikov"
        warn(
            f"two waves at q = {tuple(first.tolist())} and {tuple(second.tolist())} have F = "
            f"{both:.6g}, below {lowest:.6g} of one: the Fulde-Ferrell state is not the ground "
            "state at quartic order",
            LarkinOvchinnikovWarning,
        )
    else:
        state, both = ("Fulde-Ferrell" if lowest < 0.0 else "normal"), lowest
        at = int(np.argmin(single))
        alone = -alpha[at] / beta[at] if lowest < 0.0 and beta[at] > 0.0 else 0.0
        amplitudes = (alone, 0.0) if at == 0 else (0.0, alone)
    return TwoWaves(
        q1=(float(first[0]), float(first[1])),
        q2=(float(second[0]), float(second[1])),
        alpha=(float(alpha[0]), float(alpha[1])),
        beta=(float(beta[0]), float(beta[1])),
        gamma=gamma,
        gamma_error=error,
        single=(float(single[0]), float(single[1])),
        both=float(both),
        amplitudes=(float(amplitudes[0]), float(amplitudes[1])),
        state=state,
    )


def _together(alpha: Floats, beta: Floats, gamma: float) -> tuple[float, tuple[float, float]]:
    """F and amplitudes of the state with both waves; F = 0 if it is no minimum."""
    det = float(beta[0] * beta[1]) - gamma**2
    if min(beta) <= 0.0 or gamma <= -math.sqrt(beta[0] * beta[1]):
        return -math.inf, (math.inf, math.inf)
    if det <= 0.0:
        return 0.0, (0.0, 0.0)
    y1 = float(gamma * alpha[1] - beta[1] * alpha[0]) / det
    y2 = float(gamma * alpha[0] - beta[0] * alpha[1]) / det
    if min(y1, y2) <= 0.0:
        return 0.0, (0.0, 0.0)
    return 0.5 * float(alpha[0] * y1 + alpha[1] * y2), (y1, y2)


def _momentum(name: str, q: ArrayLike) -> Floats:
    out: Floats = real_array(name, q, bare="1/l_u")
    if out.shape != (2,):
        raise ValueError(f"{name} must be two numbers (got {shown(q)})")
    return out


def _partner(theory: GinzburgLandau, q1: Floats) -> Floats:
    """The second minimum of F, or the opposite momentum."""
    if not theory.bilayer.is_isotropic:
        state = theory.condensate()
        wells = [np.array(state.q0), *state.other_minima]
        wells += [w * (1.0, -1.0) for w in wells if w[1] != 0.0]
        others = [w for w in wells if np.hypot(*(w - q1)) > 1e-3 * theory.spacing]
        if others:
            lowest = min(others, key=lambda w: float(theory.free_energy(*w)))
            return np.array(lowest, dtype=float)
    return -q1
