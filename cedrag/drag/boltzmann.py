r"""Momentum transfer between the layers of a ``Bilayer``: tau_D^I, tau_D^II and eq (10).

The linearised Boltzmann equation. An electric field and momentum relaxation displace the
distribution of layer a by p_a, f_a(k) = f0(xi_a(k - p_a)), that is f_a = f0 + (-f0') p_a.v_a to
first order. Golden-rule scattering between the layers, k_e + k_h -> (k_e - q) + (k_h + q), then
hands layer h, per area and time, the momentum

.. math::

    F &= \Gamma_I p_e - \Gamma_{II} p_h , \\
    \Gamma_I &= \frac{1}{8\pi^3 T} \int d^2q \, q_x \int_0^\infty d\omega \, |U_{12}|^2
                \frac{V_e A_h}{\sinh^2(\omega/2T)} , \\
    \Gamma_{II} &= \frac{1}{8\pi^3 T} \int d^2q \, q_x \int_0^\infty d\omega \, |U_{12}|^2
                \frac{A_e V_h}{\sinh^2(\omega/2T)} , \\
    A_a(q, \omega) &= \mathrm{Im}\,\Pi_a = \pi \int \frac{d^2k}{(2\pi)^2} \, W \,
                (f_k - f_{k+q}) \, \delta(\xi_{k+q} - \xi_k - \omega) ,

and V_a(q, w) the same with v_x(k+q) - v_x(k) under the integral.

A parabola has V = q_x A/m, hence Gamma_I = Gamma/m_e, and Gamma is the coefficient of rho_D. The
Hall-like transfer along y vanishes by the mirror k_y -> -k_y of eq (3).

Momentum balance of a hole: 0 = p_e/tau_I - p_h/tau_II - p_h/tau_2 with 1/tau_I = Gamma_I/n_h and
1/tau_II = Gamma_II/n_h. The currents of displaced distributions are j_e = -e n_e p_e/m_ex and
j_h = e n_h p_h/m_hx, 1/m_ax = <d^2 xi_a/dk_x^2>. Their ratio is eq (10).

Units as everywhere: E_u, l_u, m_e, times in hbar/E_u.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants

from .._checks import (
    Floats,
    chosen,
    instance,
    positive_integer,
    positive_scalar,
    real_array,
    real_scalar,
)
from .._results import Result
from ..bilayer import Bilayer
from ..errors import ConvergenceError, OccupiedUpperBranchWarning, warn
from ..kernels.band_moments import moments, momentum_reach, thermal_strip
from ..kernels.bands import cone_gap, steepness
from ..kernels.gauss_kronrod import integrate_adaptively
from ..kernels.rashba_drag import evaluate, force_at_q, response_table
from ..units import Scales
from .ratio import drag_ratio

__all__ = ["MomentumTransfer", "coulomb_strength", "lower_branch_response", "momentum_transfer"]

_MAX_ANGLES = 64


def coulomb_strength(scales: Scales, permittivity: float) -> float:
    """Coulomb energy at distance l_u, e^2/(4 pi epsilon_0 epsilon l_u), in E_u.

    Parameters
    ----------
    scales : Scales
        Which E_u and l_u.
    permittivity : float
        Relative permittivity, positive.

    Returns
    -------
    float
        In E_u.

    Raises
    ------
    TypeError, ValueError
        If ``scales`` is not a Scales or ``permittivity`` not a positive finite number.

    Examples
    --------
    >>> from cedrag import Scales
    >>> from cedrag.drag.boltzmann import coulomb_strength
    >>> scales = Scales(critical_temperature=10.0, electron_mass=0.2)
    >>> round(coulomb_strength(scales, permittivity=4.0), 2)
    19.87
    """
    instance("scales", scales, Scales)
    permittivity = positive_scalar("permittivity", permittivity, unit="")
    vacuum = 4.0 * np.pi * constants.epsilon_0
    return constants.e**2 / (vacuum * permittivity * scales.length * scales.energy)


@dataclass(frozen=True, eq=False)
class MomentumTransfer(Result):
    """Linear momentum transfer from the electron layer (driven) to the hole layer (passive).

    Attributes
    ----------
    drag_time : float
        tau_D^I in hbar/E_u: a hole gains p_e/tau_D^I per unit time.
    drag_time_back : float
        tau_D^II in hbar/E_u: it returns p_h/tau_D^II.
    density_e, density_h : float
        In 1/l_u^2, at this temperature.
    mass_e, mass_h : float
        Transport masses along x in m_e, 1/m = <d^2 xi/dk_x^2>.
    error : float
        Estimated relative error of drag_time (sum over the q, angle and frequency rules).
    curve_error : float
        Relative difference of Im Pi between N and N/2 points on its curves. The true error is
        about its square, since the rule converges exponentially.

    Examples
    --------
    The Zeeman fields and Rashba coupling make the electrons heavier along x than the holes:

    >>> from cedrag import Bilayer
    >>> from cedrag.drag.boltzmann import momentum_transfer
    >>> bilayer = Bilayer.from_fermi_energies(
    ...     fermi_energy_e=2.0, fermi_energy_h=2.0, rashba_e=0.5, zeeman_inplane=1.0,
    ...     zeeman_outofplane=6.0)
    >>> transfer = momentum_transfer(
    ...     bilayer, 0.9, separation=0.5, coulomb=20.0, screening="thomas-fermi", rtol=1e-2)
    >>> round(float(transfer.mass_e), 3), round(float(transfer.mass_h), 3)
    (1.041, 1.0)
    """

    drag_time: float
    drag_time_back: float
    density_e: float
    density_h: float
    mass_e: float
    mass_h: float
    error: float
    curve_error: float

    def ratio(self, scattering_time: ArrayLike) -> Floats:
        """zeta of eq (10) for tau_2 (hbar/E_u, float or array); see ``drag.ratio.drag_ratio``."""
        return drag_ratio(
            drag_time=self.drag_time,
            drag_time_back=self.drag_time_back,
            scattering_time=scattering_time,
            density_ratio=self.density_h / self.density_e,
            mass_ratio=self.mass_e / self.mass_h,
        )

    @property
    def resistivity(self) -> float:
        """rho_D = E_h/j_e with the hole layer open, in hbar/e^2: m_ex/(n_e tau_D^I) > 0.

        The force e n_h E_h that holds the holes at rest is the drag force n_h p_e/tau_D^I; a
        parabolic layer gives back |rho_D| of ``drag.drag_resistivity``.
        """
        return self.mass_e / (self.density_e * self.drag_time)


def scaled_band(bilayer: Bilayer, layer: str, t: float) -> Any:
    """The band in units of k_B T."""
    return bilayer.band(layer).in_units_of(t)


def band_moments(band: Any, px: float = 0.0) -> tuple[float, float, float, float]:
    """Density, dn/dmu (k_B T = 1), transport mass, and current of the state displaced by px."""
    # the spin splitting has its branch point at |J|/lam from the real axis
    strip = thermal_strip(band)
    if steepness(band) > 0.0 and cone_gap(band) > 0.0:
        strip = min(strip, cone_gap(band) / steepness(band))
    n, stiffness, bend, current = moments(band, px, 2.0 * np.pi * strip / 30.0)
    return n, stiffness, n / bend, current


def curve_points(band: Any, tolerance: float = 1e-4) -> int:
    """Trapezoidal points with which the half rule reaches ``tolerance`` (see kernel)."""
    strip = thermal_strip(band)
    if steepness(band) > 0.0:
        strip = min(strip, max(cone_gap(band) / steepness(band), 0.2 * strip))
    half_step = 2.0 * np.pi * strip / np.log(1.0 / tolerance)
    points = 4.0 * momentum_reach(band) / half_step
    return int(min(12 * np.ceil(points / 12.0), 6000))


def check_bilayer(bilayer: Bilayer, t: float) -> float:
    """Type and temperature, and the warning on an occupied upper branch."""
    instance("bilayer", bilayer, Bilayer)
    bilayer.needs_mirror("the drag with one isotropic coupling in each layer")
    t = positive_scalar("t", t)
    for layer in ("e", "h"):
        if band_moments(scaled_band(bilayer, layer, t))[0] < 1e-12:
            raise ValueError(f"layer {layer!r} must hold carriers (its mu is below the band)")
    if bilayer.spin_gap_margin() < 0.0:
        warn(
            "the upper spin branch, which the drag leaves out, is occupied "
            f"(spin_gap_margin {bilayer.spin_gap_margin():.3g} E_u)",
            OccupiedUpperBranchWarning,
        )
    return t


def interaction_tuple(
    t: float, separation: float, coulomb: float, screening: str, stiffness: tuple[float, float]
) -> tuple[float, float, float, float, bool, float, float]:
    """Kernel arguments in units of k_B T; lengths stay in l_u."""
    separation = positive_scalar("separation", separation, bare="l_u")
    coulomb = positive_scalar("coulomb", coulomb, bare="E_u")
    chosen("screening", screening, ("rpa", "thomas-fermi"))
    return coulomb / t, separation, 0.0, 0.0, screening == "rpa", *stiffness


def force_integral(
    bands: tuple[Any, Any],
    interaction: tuple[float, float, float, float, bool, float, float],
    px: NDArray[np.float64],
    rtol: float,
    angles: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], float, float]:
    """int dq of the kernel's columns; angles are doubled until half of them would do.

    ``px`` is empty or (p_1..p_N, -p_1..-p_N), for which the odd and the even parts are returned.
    Returns the values, the errors of the q rule, the relative error of the first column from all
    rules, and the relative difference of the curve rules.
    """
    reach = max(momentum_reach(band) for band in bands)
    distance = interaction[1]
    last = min(18.0 / distance, 1.9 * reach)
    points = np.array([0.5, 2.0, 6.0]) / distance
    panels = np.unique(np.concatenate([[0.0], points[points < last], [last]]))
    on_curve = tuple(curve_points(band) for band in bands)
    while True:
        worst, size = np.zeros(3), np.zeros(1)

        def columns(
            q: NDArray[np.float64],
            count: int = angles,
            worst: NDArray[np.float64] = worst,
            size: NDArray[np.float64] = size,
        ) -> NDArray[np.float64]:
            out, error = np.empty((q.size, 2 + px.size)), np.empty(3)
            for i, qi in enumerate(q):
                force_at_q(
                    qi, count, bands, on_curve, px, 0.7, interaction, 0.1 * rtol, out[i], error
                )
                if px.size:  # odd and even part in the displacement: each gets its own error
                    plus, minus = np.split(out[i, 2:].copy(), 2)
                    out[i, 2:] = np.concatenate([plus - minus, plus + minus]) / 2.0
                worst[:2] += error[:2]
                worst[2] = max(worst[2], error[2])
            size += np.abs(out[:, 0]).sum()
            return out

        value, error, _ = integrate_adaptively(columns, panels, rtol, max_evaluations=800)
        if not np.all(np.isfinite(value)):
            raise ConvergenceError(f"the drag integral is not finite (got {value})")
        relative_angle = worst[0] / size[0]
        if relative_angle <= rtol or angles >= _MAX_ANGLES:
            break
        angles *= 2
    relative = error[0] / abs(value[0]) + relative_angle + worst[1] / size[0]
    if relative > 5.0 * rtol:
        raise ConvergenceError(
            f"the drag integral reached a relative error of {relative:.1e}, not rtol (got {rtol})"
        )
    return value / (8.0 * np.pi**3), error / (8.0 * np.pi**3), relative, worst[2]


def linear_transfer(
    force: NDArray[np.float64],
    layers: list[tuple[float, float, float, float]],
    t: float,
    error: float,
    curve_error: float,
) -> MomentumTransfer:
    """Rates from the force coefficients and the moments of both scaled bands.

    Masses are stored times T in a scaled band; rates come out in units of T.
    """
    (n_e, _, m_e, _), (n_h, _, m_h, _) = layers
    return MomentumTransfer(
        drag_time=n_h / (force[0] * t),
        drag_time_back=n_h / (force[1] * t),
        density_e=n_e,
        density_h=n_h,
        mass_e=m_e / t,
        mass_h=m_h / t,
        error=error,
        curve_error=curve_error,
    )


def momentum_transfer(
    bilayer: Bilayer,
    t: float,
    *,
    separation: float,
    coulomb: float,
    screening: str = "rpa",
    rtol: float = 1e-3,
    angles: int = 8,
) -> MomentumTransfer:
    """Rates of the linearised Boltzmann equation for the lower branches of eq (2).

    Parameters
    ----------
    bilayer : Bilayer
    t : float
        T/T_c, positive.
    separation : float
        Distance of the layers, l_u.
    coulomb : float
        e^2/(4 pi epsilon_0 epsilon l_u) in E_u; see ``coulomb_strength``.
    screening : {"rpa", "thomas-fermi"}
        Dynamic RPA with both anisotropic responses, or their static long-wave limits dn/dmu.
    rtol : float
        Relative accuracy asked for, at least 1e-6. The estimate is cautious: at 1e-3 the rate
        of ``NATURAL`` has been right to 1e-6.
    angles : int
        Even number of steps of the first angular rule on [0, pi]; doubled until it suffices.

    Returns
    -------
    MomentumTransfer

    Raises
    ------
    TypeError, ValueError
        For bad arguments or an empty layer.
    ConvergenceError
        If ``rtol`` is not reached.

    Notes
    -----
    Warm, one thread: 4 s at E_F/T = 12 with RPA. The cost grows as (E_F/T)^2, the number of thermal
    widths in the band times the points on a curve: 40 s at E_F/T = 39.

    Examples
    --------
    A shallow pair of layers, so that the example is quick:

    >>> from cedrag import Bilayer
    >>> from cedrag.drag.boltzmann import momentum_transfer
    >>> bilayer = Bilayer.from_fermi_energies(
    ...     fermi_energy_e=2.0, fermi_energy_h=2.0, rashba_e=0.5, zeeman_inplane=1.0,
    ...     zeeman_outofplane=6.0)
    >>> transfer = momentum_transfer(
    ...     bilayer, 0.9, separation=0.5, coulomb=20.0, screening="thomas-fermi", rtol=1e-2)
    >>> round(float(transfer.drag_time / transfer.drag_time_back), 3)  # m_ex/m_h if parabolic
    1.041
    >>> transfer.ratio(scattering_time=10.0) > -0.1  # friction, far from perfect drag
    True
    """
    t = check_bilayer(bilayer, t)
    rtol, angles = check_accuracy(rtol, angles)
    bands = scaled_band(bilayer, "e", t), scaled_band(bilayer, "h", t)
    layers = [band_moments(band) for band in bands]
    (_, chi_e, _, _), (_, chi_h, _, _) = layers
    interaction = interaction_tuple(t, separation, coulomb, screening, (chi_e, chi_h))
    force, _, error, curve_error = force_integral(bands, interaction, np.empty(0), rtol, angles)
    return linear_transfer(force, layers, t, error, curve_error)


def check_accuracy(rtol: float, angles: int) -> tuple[float, int]:
    """Validated (rtol, angles)."""
    rtol = positive_scalar("rtol", rtol)
    if rtol < 1e-6:
        raise ValueError(f"rtol must be at least 1e-6, the accuracy of the tables (got {rtol})")
    angles = positive_integer("angles", angles)
    if angles % 2 or angles < 4:
        raise ValueError(f"angles must be even and at least 4 (got {angles})")
    return rtol, angles


def lower_branch_response(
    bilayer: Bilayer,
    layer: str,
    t: float,
    *,
    wavevector: float,
    angle: float,
    frequency: ArrayLike,
) -> tuple[NDArray[np.complex128], float]:
    """Pi = -chi of one lower branch, with spinor overlap and without broadening.

    Parameters
    ----------
    bilayer : Bilayer
    layer : {"e", "h"}
    t : float
        T/T_c, positive.
    wavevector, angle : float
        |q| > 0 in 1/l_u and its angle to the x axis.
    frequency : float or array
        Real, any sign, E_u/hbar.

    Returns
    -------
    response : complex ndarray
        In 1/(E_u l_u^2), the shape of ``frequency``. Re Pi is the Hilbert transform of Im Pi.
    error : float
        Relative difference of Im Pi between N and N/2 points of its curve integrals.

    Notes
    -----
    Sum rules: (2/pi) int_0^inf Im Pi dw/w = Re Pi(0) -> dn/dmu as q -> 0. The f-sum is not
    n q^2/m: with the density projected on the branch, rho_q = sum <u_k|u_k+q> c*_k c_k+q,
    (1/pi) int_-inf^inf w Im Pi dw = int d^2k/(2 pi)^2 W_k,k+q (f_k - f_k+q)(xi_k+q - xi_k)
    = <[[rho_q, H], rho_-q]>, which falls below n q^2/m by what the upper branch would absorb
    and by the Berry-metric part of W.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.drag.boltzmann import lower_branch_response
    >>> response, error = lower_branch_response(
    ...     NATURAL, "h", 0.9, wavevector=0.1, angle=0.0, frequency=[0.0, 0.2])
    >>> response.round(3)  # 1/2 pi = 0.159 at rest, and absorption at a finite frequency
    array([0.159+0.j   , 0.159+0.072j])
    """
    t = check_bilayer(bilayer, t)
    q = positive_scalar("wavevector", wavevector, bare="1/l_u")
    angle = real_scalar("angle", angle)
    w = real_array("frequency", frequency, bare="E_u/hbar")
    band = scaled_band(bilayer, layer, t)
    edges, values, error = response_table(
        q, np.cos(angle), np.sin(angle), band, curve_points(band, 1e-6), np.empty(0), 1.5, True
    )
    row = np.empty(3)
    out = np.empty(w.size, dtype=np.complex128)
    for i, wi in enumerate(w.ravel() / t):
        real = evaluate(wi, edges, values, row)
        out[i] = complex(real, row[0])
    return out.reshape(w.shape) / t, error
