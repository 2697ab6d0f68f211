r"""Phase slips in a wire narrower than the coherence length: the saddle state and its barrier.

The functional is that of :mod:`cedrag.laboratory.gradient_expansion`, in its scaled units.
At fixed current J the source works: F - J (change of phase). The saddle
between two neighbouring uniform states obeys psi(x) = -psi(-x)^* up to a phase. Newton's method
finds it from the known saddle of the even functional (Langer and Ambegaokar 1967), a dark soliton,
whose barrier is, with s = k l, l^2 = 2/(1 - k^2), c^2 = 1 - s^2 and Delta^2 = 1 - k^2,

.. math:: \Delta F = (1 - k^2) \Delta^2 l \left[\tfrac{4}{3} c^3 + 2 s^2 c
                     - 2 s \arctan(c/s)\right],

and 8 sqrt(2)/3 |F_0| xi w without current. A slip against the current costs 2 pi J w more.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._checks import instance, real_scalar
from .._results import Record
from ..errors import ConvergenceError
from .gradient_expansion import GradientExpansion, UniformStates

__all__ = ["Saddle", "find_saddle", "langer_ambegaokar"]

_NODES = 96
_LENGTH = 14.0  # of the half wire, in widths of the soliton
_DEPTHS = (1.0, 1.3, 0.75, 1.7, 0.55, 2.3, 0.4)  # of first guesses, over that of the even one


def langer_ambegaokar(k: float) -> float:
    """Barrier of the even functional in a uniform state k < 1/sqrt(3), in alpha_0^2 xi/b_0.

    Parameters
    ----------
    k : float
        Momentum times xi; J = 2 k (1 - k^2).

    Returns
    -------
    float
        Per width, of the slip that the current drives; 4 sqrt(2)/3 at k = 0.

    Examples
    --------
    >>> from cedrag.laboratory.phase_slips import langer_ambegaokar
    >>> round(langer_ambegaokar(0.0), 6), round(langer_ambegaokar(0.5773502691), 6)
    (1.885618, 0.0)
    """
    k = abs(real_scalar("k", k))
    if 3.0 * k * k > 1.0:
        raise ValueError(f"k must not exceed 1/sqrt(3) (got {k})")
    depth = 1.0 - k * k
    length = math.sqrt(2.0 / depth)
    s = k * length
    c = math.sqrt(max(1.0 - s * s, 0.0))
    return depth**2 * length * (
        4.0 / 3.0 * c**3 + 2.0 * s * s * c - 2.0 * s * math.atan2(c, s)
    )  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Saddle(Record):
    """The state over which the phase slips, at one current.

    Attributes
    ----------
    current : float
        J in J_u.
    barrier : float
        Of the slip that the current drives, per width of the wire, E_u/l_u. At J = 0 that of
        increasing phase.
    barrier_back : float
        Of the opposite slip: 2 pi |J| more.
    position : ndarray, shape (n,)
        x >= 0 in l_u; the other half follows by psi(-x) = -psi(x)^*.
    state : ndarray of complex, shape (n,)
        psi(x) e^{-iqx} over sqrt(|alpha_0|/b_0).
    unstable_modes : int
        Negative curvatures of the energy among states of that symmetry: 1 at a saddle.
    residual : float
        Largest force that is left, in units of the functional.

    Examples
    --------
    >>> from cedrag.laboratory.gradient_expansion import GradientExpansion
    >>> from cedrag.laboratory.phase_slips import find_saddle
    >>> saddle = find_saddle(GradientExpansion(alpha=(-1.0, 1.0, 0.0, 0.0), beta=(1.0, 0.0)), 0.2)
    >>> saddle.unstable_modes, round((saddle.barrier_back - saddle.barrier) / saddle.current, 6)
    (1, 6.283185)
    """

    current: float
    barrier: float
    barrier_back: float
    position: NDArray[np.float64]
    state: NDArray[np.complex128]
    unstable_modes: int
    residual: float


def find_saddle(expansion: GradientExpansion, current: float) -> Saddle:
    """Saddle of the functional between two uniform states with the same current.

    Parameters
    ----------
    expansion : GradientExpansion
    current : float
        J in J_u, between the critical currents of ``expansion``.

    Returns
    -------
    Saddle

    Raises
    ------
    ValueError
        If the current exceeds them.
    ConvergenceError
        If Newton's method does not converge.

    Examples
    --------
    Langer and Ambegaokar's barrier without current:

    >>> from cedrag.laboratory.gradient_expansion import GradientExpansion
    >>> from cedrag.laboratory.phase_slips import find_saddle
    >>> even = GradientExpansion(alpha=(-1.0, 1.0, 0.0, 0.0), beta=(1.0, 0.0))
    >>> round(find_saddle(even, 0.0).barrier, 9)
    1.885618083
    """
    instance("expansion", expansion, GradientExpansion)
    J = real_scalar("current", current, bare="J_u")
    unit = expansion.energy * expansion.coherence_length
    shape = expansion.shape
    uniform = UniformStates(*shape)
    low, high = uniform.critical(-1.0)[1], uniform.critical(1.0)[1]
    if not low < J / unit < high:
        raise ValueError(
            f"current must lie between {low * unit:.6g} and {high * unit:.6g} J_u (got {J})"
        )
    k = uniform.momentum(J / unit)
    for depth in _DEPTHS:
        try:
            found = _newton(shape, k, _soliton(uniform, k, depth))
            break
        except ConvergenceError:
            continue
    else:
        raise ConvergenceError(f"no saddle state was found at J = {J} J_u")
    x, u, v, energy, modes, residual = found
    rows = zip(_derivatives()[2], (u, v, v), strict=True)
    end_u, end_v, centre = (float(row @ w) for row, w in rows)
    from_centre = complex(end_u, end_v) / complex(0.0, math.copysign(1.0, centre))
    turned = 2.0 * math.atan2(from_centre.imag, from_centre.real)
    sense = -1.0 if J < 0.0 else 1.0
    if turned * sense < 0.0:
        turned += 2.0 * math.pi * sense
    barrier = (energy - J / unit * turned) * unit
    return Saddle(
        current=J, barrier=barrier, barrier_back=barrier + 2.0 * math.pi * abs(J),
        position=x * expansion.coherence_length, state=u + 1j * v, unstable_modes=modes,
        residual=residual,
    )  # fmt: skip


class _Start(NamedTuple):
    length: float
    u: NDArray[np.float64]
    v: NDArray[np.float64]


def _soliton(uniform: UniformStates, k: float, depth: float) -> _Start:
    """The dark soliton of this uniform state, ``depth`` times as deep as in the even functional."""
    A, _, A_2, _ = uniform.polynomials(k)
    B = 1.0 + uniform.s_1 * k
    width = math.sqrt(A_2 / -A)
    c = math.sqrt(min(max(uniform.stiffness(k) * B / (-A * A_2), 1e-12), 1.0))
    deep = min(depth * c, 1.0)
    s = -math.copysign(math.sqrt(1.0 - deep * deep), uniform.current(k))
    length = _LENGTH * width / c
    x = (np.arange(_NODES) + 0.5) * length / _NODES
    amplitude = math.sqrt(-A / B)
    return _Start(length, amplitude * deep * np.tanh(c * x / width), np.full(_NODES, amplitude * s))


@cache
def _derivatives() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Derivatives 1 to 4 of u and of v at the nodes; rows for u and v at the end, v at the centre.

    u is odd, v even, both are flat at the end of the half wire, whose length is 1 here: u is a sum
    of sines, v of cosines.
    """
    x = (np.arange(_NODES) + 0.5) / _NODES
    p, r = math.pi * (np.arange(_NODES) + 0.5), math.pi * np.arange(_NODES)
    sine, cosine = np.sin(np.outer(x, p)), np.cos(np.outer(x, r))
    to_odd, to_even = np.linalg.inv(sine), np.linalg.inv(cosine)
    slope_odd, slope_even = np.cos(np.outer(x, p)), -np.sin(np.outer(x, r))
    odd = [slope_odd * p, -sine * p**2, -slope_odd * p**3, sine * p**4]
    even = [slope_even * r, -cosine * r**2, -slope_even * r**3, cosine * r**4]
    sign = (-1.0) ** np.arange(_NODES)
    rows = np.stack([sign @ to_odd, sign @ to_even, np.ones(_NODES) @ to_even])
    return np.stack([m @ to_odd for m in odd]), np.stack([m @ to_even for m in even]), rows


def _newton(shape: tuple[float, float, float], k: float, start: _Start) -> tuple[Any, ...]:
    r"""Solve the equation of Euler and Lagrange in the frame e^{ikx}.

    With chi = u + iv, C the third derivative of A over 6, and rho = |chi|^2,

    .. math::

        A \chi - \tfrac{1}{2} A'' \chi^{(2)} - i A' \chi^{(1)} + i C \chi^{(3)}
        + s_4 \chi^{(4)} + B \rho \chi - i s_1 \rho \chi^{(1)} = 0 .
    """
    A, A_1, A_2, A_3 = UniformStates(*shape).polynomials(k)
    s_1, _, s_4 = shape
    B, C = 1.0 + s_1 * k, A_3 / 6.0
    scale = start.length ** -np.arange(1.0, 5.0)[:, None, None]
    U, V = (matrices * scale for matrices in _derivatives()[:2])
    one = A * np.eye(_NODES)
    linear = np.block([
        [one - 0.5 * A_2 * U[1] + s_4 * U[3], A_1 * V[0] - C * V[2]],
        [-A_1 * U[0] + C * U[2], one - 0.5 * A_2 * V[1] + s_4 * V[3]],
    ])  # fmt: skip
    u, v = start.u, start.v
    for _ in range(60):
        u_1, v_1, rho = U[0] @ u, V[0] @ v, u * u + v * v
        turn_u, turn_v = B * u + s_1 * v_1, B * v - s_1 * u_1
        force = linear @ np.concatenate([u, v]) + np.concatenate([rho * turn_u, rho * turn_v])
        jacobian = linear + np.block([
            [np.diag(2.0 * u * turn_u + B * rho),
             np.diag(2.0 * v * turn_u) + s_1 * rho[:, None] * V[0]],
            [np.diag(2.0 * u * turn_v) - s_1 * rho[:, None] * U[0],
             np.diag(2.0 * v * turn_v + B * rho)],
        ])  # fmt: skip
        residual = float(np.abs(force).max())
        if residual < 1e-10:
            break
        step = np.linalg.solve(jacobian, -force)
        step *= min(1.0, 0.5 / float(np.abs(step).max()))
        u, v = u + step[:_NODES], v + step[_NODES:]
    else:
        raise ConvergenceError(f"Newton's method stopped at a force of {residual:.3g}")
    modes = int(np.count_nonzero(np.linalg.eigvals(jacobian).real < -1e-9))
    if modes != 1:
        raise ConvergenceError(f"Newton's method went to a state with {modes} unstable modes")
    x = (np.arange(_NODES) + 0.5) * start.length / _NODES
    u_1, v_1, u_2, v_2 = U[0] @ u, V[0] @ v, U[1] @ u, V[1] @ v
    m = u * v_1 - v * u_1
    density = (
        A * rho + 0.5 * A_2 * (u_1**2 + v_1**2) + A_1 * m + C * (u_1 * v_2 - v_1 * u_2)
        + s_4 * (u_2**2 + v_2**2) + 0.5 * B * rho**2 + 0.5 * s_1 * rho * m + A * A / (2.0 * B)
    )  # fmt: skip
    energy = 2.0 * start.length / _NODES * float(np.sum(density))
    return x, u, v, energy, modes, residual
