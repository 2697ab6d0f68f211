r"""Frictional drag at finite drive: zeta(I) beyond linear order and its nonreciprocal part.

The driven layer is displaced by a finite momentum p, f_e(k) = f0(xi_e(k - p x)); the passive layer
stays at rest, in equilibrium at the lattice temperature. The golden rule gives the force per area

.. math::

    F(p) &= \frac{1}{2\pi^3} \int d^2q \, q_x \int_0^\infty d\omega \,
            |U_{12}|^2 \, S_h \, e^{-\omega/T} G_p , \\
    G_p &= \pi \int \frac{d^2k}{(2\pi)^2} \, W f_-(1 - f_+)
            \left[e^{(\omega - b + a)/T} - 1\right] \delta(\xi_+ - \xi_- - \omega) ,

with f_-, f_+ the occupations at a = xi_e(k_- - p) and b = xi_e(k_+ - p), and no expansion in p.
G_p vanishes at p = 0 by detailed balance, exactly and under the integral, so that a small F is not
the difference of large numbers. Screening is that of the undriven layers. Joule heat and other
changes of shape of f_e are left out.

The passive current solves 0 = F(p)/n_h - p_h (1/tau_D^II + 1/tau_2), linear in p_h << p, so

.. math::

    \zeta(p) = \frac{j_h}{j_e}
             = -\frac{F(p)/m_{hx}}{(1/\tau_D^{II} + 1/\tau_2) \sum_k v_x f_e} .

Symmetry. With s(k) = xi_e(k) = xi_e(-k) the substitution k -> -k, q -> -q gives F(-p) = -F(p) and
j(-p) = -j(p): zeta is even in the current, there is no rectification. Eq (3) has this symmetry if
B = 0 (twofold rotation) or lambda_e = 0 (inversion). With both, F(p) + F(-p) ~ p^2 survives.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from .._checks import positive_scalar, real_array
from .._results import Result
from ..bilayer import Bilayer
from .boltzmann import (
    MomentumTransfer,
    band_moments,
    check_accuracy,
    check_bilayer,
    force_integral,
    interaction_tuple,
    linear_transfer,
    scaled_band,
)

__all__ = ["NonlinearDrag", "nonlinear_drag"]


@dataclass(frozen=True, eq=False)
class NonlinearDrag(Result):
    """Drag at finite displacement of the driven layer, for +p and -p.

    Attributes
    ----------
    displacement : ndarray (N,)
        p > 0 in 1/l_u; index 0 of the pairs below is +p, index 1 is -p.
    current : ndarray (2, N)
        Electric sheet current of the driven layer, J_u (electrons: opposite to p).
    force : ndarray (2, N)
        Force per area on the passive layer along x, E_u/l_u^3.
    linear : MomentumTransfer
        The limit p -> 0 from the same quadrature.
    even_force, even_error : ndarray (N,)
        [F(p) + F(-p)]/2, the force that does not turn with the drive, from its own integral, and
        the error of its quadrature in q.
    error : float
        Estimated relative error of the linear force.

    Examples
    --------
    >>> from cedrag import Bilayer
    >>> from cedrag.drag.nonreciprocal import nonlinear_drag
    >>> bilayer = Bilayer.from_fermi_energies(
    ...     fermi_energy_e=2.0, fermi_energy_h=2.0, rashba_e=0.5, zeeman_inplane=1.0,
    ...     zeeman_outofplane=6.0)
    >>> drag = nonlinear_drag(
    ...     bilayer, 0.9, [0.1, 0.2], separation=0.5, coulomb=20.0, screening="thomas-fermi",
    ...     rtol=1e-2)
    >>> drag.ratio(scattering_time=100.0).shape  # +p and -p, two displacements
    (2, 2)
    >>> bool(abs(drag.nonreciprocity[0]) < 1e-3)  # friction hardly knows the direction
    True
    """

    displacement: np.ndarray
    current: np.ndarray
    force: np.ndarray
    even_force: np.ndarray
    even_error: np.ndarray
    linear: MomentumTransfer
    error: float

    def ratio(self, scattering_time: float) -> NDArray[np.float64]:
        """zeta = j_h/j_e, shape (2, N), for the passive layer's tau_2 in hbar/E_u."""
        scattering_time = positive_scalar("scattering_time", scattering_time, bare="hbar/E_u")
        loss = 1.0 / self.linear.drag_time_back + 1.0 / scattering_time
        # j_h = e n_h p_h/m_hx with p_h = F/(n_h loss)
        return self.force / (self.linear.mass_h * loss) / self.current

    def ratio_at(
        self, current: ArrayLike, scattering_time: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """zeta at given drive currents (J_u, both signs), interpolated between the computed p.

        Returns
        -------
        ratio, error : ndarray
            Polynomial in the current through all 2N points and the linear limit at 0; the error
            is the change when the largest p is left out (N >= 2).
        """
        current = real_array("current", current, bare="J_u")
        order = np.argsort(self.displacement)
        x, y = self.current[:, order], self.ratio(scattering_time)[:, order]
        if x.shape[1] < 2:
            raise ValueError(f"displacement must hold at least two values (got {x.shape[1]})")
        largest = np.abs(x).max(axis=1).min()
        if np.any(np.abs(current) > largest):
            raise ValueError(
                f"current must be within +-{largest:.4g}, the range computed "
                f"(got {current.ravel()[np.argmax(np.abs(current))]})"
            )
        centre = self.linear.ratio(scattering_time)

        def fit(n: int) -> NDArray[np.float64]:
            nodes = np.concatenate([[0.0], x[:, :n].ravel()])
            values = np.concatenate([[centre], y[:, :n].ravel()])
            return scipy.interpolate.KroghInterpolator(nodes, values)(current)

        best = fit(x.shape[1])
        return best, np.abs(best - fit(x.shape[1] - 1))

    @property
    def nonreciprocity(self) -> NDArray[np.float64]:
        """[F(p) + F(-p)]/[F(p) - F(-p)], shape (N,); grows as p, zero with either symmetry."""
        return 2.0 * self.even_force / (self.force[0] - self.force[1])

    def second_order(self) -> tuple[float, float]:
        """Coefficient F2 of F = F1 p + F2 p^2 + ..., and its error from the two smallest p.

        Returns
        -------
        value, error : float
            E_u/l_u. Even force over p^2, extrapolated to p = 0 in p^2.
        """
        if self.displacement.size < 2:
            raise ValueError(
                "displacement must hold at least two values to extrapolate "
                f"(got {self.displacement.size})"
            )
        order = np.argsort(self.displacement)[:2]
        p2 = self.displacement[order] ** 2
        y = self.even_force[order] / p2
        value = (y[0] * p2[1] - y[1] * p2[0]) / (p2[1] - p2[0])
        return float(value), float(abs(value - y[0]))


def nonlinear_drag(
    bilayer: Bilayer,
    t: float,
    displacement: float | Sequence[float] | NDArray[np.float64],
    *,
    separation: float,
    coulomb: float,
    screening: str = "rpa",
    rtol: float = 1e-3,
    angles: int = 8,
) -> NonlinearDrag:
    """Force on the passive layer when the driven layer is displaced by +p and by -p.

    Parameters
    ----------
    bilayer : Bilayer
        The first layer (e) is driven.
    t : float
        T/T_c of both layers, positive.
    displacement : float or array
        p > 0, 1/l_u: the momentum that the drive gives to each electron.
    separation, coulomb, screening, rtol, angles
        As in :func:`cedrag.drag.boltzmann.momentum_transfer`.

    Returns
    -------
    NonlinearDrag
        Forces and currents at +p and -p.

    Raises
    ------
    TypeError, ValueError
        For bad arguments, an empty layer, or a displacement as large as k_F of the driven layer.
    ConvergenceError
        If ``rtol`` is not reached.

    Examples
    --------
    Without an in-plane field both directions are alike:

    >>> import numpy as np
    >>> from cedrag import Bilayer
    >>> from cedrag.drag.nonreciprocal import nonlinear_drag
    >>> bilayer = Bilayer.from_fermi_energies(
    ...     fermi_energy_e=2.0, fermi_energy_h=2.0, rashba_e=0.5, zeeman_inplane=0.0,
    ...     zeeman_outofplane=6.0)
    >>> drag = nonlinear_drag(
    ...     bilayer, 0.9, 0.2, separation=0.5, coulomb=20.0, screening="thomas-fermi", rtol=1e-2)
    >>> bool(np.abs(drag.nonreciprocity[0]) < 1e-9)
    True
    """
    t = check_bilayer(bilayer, t)
    rtol, angles = check_accuracy(rtol, angles)
    p = np.atleast_1d(real_array("displacement", displacement, bare="1/l_u")).ravel()
    if p.size == 0 or np.any(p <= 0.0):
        raise ValueError(f"displacement must be positive (got {displacement})")
    bands = scaled_band(bilayer, "e", t), scaled_band(bilayer, "h", t)
    layers = [band_moments(band) for band in bands]
    (n_e, chi_e, _, _), (_, chi_h, _, _) = layers
    fermi = np.sqrt(4.0 * np.pi * n_e)
    if np.any(p >= fermi):
        raise ValueError(f"displacement must be below k_F = {fermi:.4g} (got {p.max()})")
    interaction = interaction_tuple(t, separation, coulomb, screening, (chi_e, chi_h))
    signed = np.concatenate([p, -p])
    force, rule, error, curve_error = force_integral(bands, interaction, signed, rtol, angles)
    linear = linear_transfer(force, layers, t, error, curve_error)
    odd, even = np.split(force[2:], 2)
    if bilayer.has_even_bands:
        even = np.zeros_like(even)  # what is left is rounding
    current = -t * np.array([band_moments(bands[0], shift)[3] for shift in signed])
    return NonlinearDrag(
        displacement=p,
        current=current.reshape(2, -1),
        force=t * np.stack([odd + even, even - odd]),
        even_force=t * even,
        even_error=t * rule[2 + p.size :],
        linear=linear,
        error=error,
    )
