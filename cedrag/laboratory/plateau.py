r"""The drag ratio zeta(I_drive): perfect on a plateau, frictional outside, and what that rectifies.

The curve of Fig 1b with numbers.  Currents are in ampere; friction is a number, from eq (10).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import Floats, instance, nonnegative_scalar, positive_scalar, real_array, real_scalar
from .._results import Result
from ..bilayer import Bilayer
from ..condensate.ginzburg_landau import GinzburgLandau
from ..drag.parabolic import friction_between
from ..drag.parabolic_layer import spin_polarised_layers
from ..errors import NoCondensateError
from ..units import Measured, Scales, measured

__all__ = ["Plateau", "find_plateau", "parabolic_friction", "zeta_curve"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Plateau(Result):
    r"""Drag ratio of one sample at one temperature as a function of the drive current.

    .. math::

        \zeta(I) = \begin{cases} -1 & I_{c-} \le I \le I_{c+} \\ \zeta_0 + s I & \text{outside.}
                   \end{cases}

    I > 0 means that the carriers of the driven layer move along +x, the direction in which the
    pair current dF/dq is positive.  In a driven electron layer the ammeter along +x reads -I; zeta
    is a ratio and stays what it is.

    The step assumes: both layers closed, so that counterflow is possible; contacts that feed one
    layer without loss; no phase slips and no free vortices below I_c, so that the edge is sharp;
    no heating; the state follows the current at once, in both directions, so that there is no
    hysteresis; outside, the normal-state friction of two Fermi liquids.

    Parameters
    ----------
    provenance : Provenance, optional
        The theory that made it; it does not count for equality.
    current_plus, current_minus : float
        I_c+ >= 0 and I_c- <= 0, A.  Both 0: no condensate, friction everywhere.
    friction : float
        zeta_0, eq (10).
    friction_slope : float
        s in 1/A, the nonreciprocal part of friction; 0 if inversion or time reversal holds.

    Raises
    ------
    TypeError, ValueError
        If a number is not finite or a critical current has the wrong sign.

    Examples
    --------
    At 1.8 microampere only one direction is on the plateau, and an alternating drive is rectified:

    >>> from cedrag.laboratory.plateau import Plateau
    >>> plateau = Plateau(current_plus=2.0e-6, current_minus=-1.5e-6, friction=-0.02)
    >>> plateau.zeta([-1.8e-6, 1.8e-6])
    array([-0.02, -1.  ])
    >>> round(plateau.rectified_square(1.8e-6) * 1e6, 3)  # microampere
    -0.882
    """

    current_plus: float
    current_minus: float
    friction: float
    friction_slope: float = 0.0

    def __post_init__(self) -> None:
        plus = nonnegative_scalar("current_plus", self.current_plus, unit="A")
        minus = real_scalar("current_minus", self.current_minus, unit="A")
        if minus > 0.0:
            raise ValueError(f"current_minus must not be positive (got {minus})")
        values = {
            "current_plus": plus,
            "current_minus": minus,
            "friction": real_scalar("friction", self.friction),
            "friction_slope": real_scalar("friction_slope", self.friction_slope, unit="1/A"),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def efficiency(self) -> float:
        """eta = (|I_c+| - |I_c-|)/(|I_c+| + |I_c-|); nan without a condensate."""
        total = self.current_plus - self.current_minus
        return (self.current_plus + self.current_minus) / total if total > 0.0 else math.nan

    @property
    def one_way_window(self) -> tuple[float, float]:
        """(lower, upper) amplitude in A between which only one direction is on the plateau."""
        lower, upper = sorted((self.current_plus, -self.current_minus))
        return lower, upper

    def zeta(self, drive_current: ArrayLike) -> Floats:
        """zeta at ``drive_current`` (A, any shape); the critical currents are on the plateau."""
        drive = real_array("drive_current", drive_current, unit="A")
        inside = (drive >= self.current_minus) & (drive <= self.current_plus)
        if self.current_plus == self.current_minus:
            inside = np.zeros_like(inside)
        zeta = np.where(inside, -1.0, self.friction + self.friction_slope * drive)
        return float(zeta) if zeta.ndim == 0 else zeta

    def drag_current(self, drive_current: ArrayLike) -> Floats:
        """I_drag = zeta(I) I in A: what a DC drive shows in the passive layer."""
        return self.zeta(drive_current) * real_array("drive_current", drive_current, unit="A")[()]

    def rectified_square(self, amplitude: ArrayLike) -> Floats:
        r"""Mean I_drag over a period of a square wave +-I, A.

        .. math:: \langle I_{drag} \rangle = (I/2) [\zeta(I) - \zeta(-I)] .

        With linear friction this is -(1 + zeta_0) I/2 where only +I is on the plateau, the
        opposite where only -I is, and 0 elsewhere.  ``amplitude`` >= 0, A, any shape.
        """
        drive = _amplitude(amplitude)
        mean = 0.5 * (self.drag_current(drive) + self.drag_current(-drive))
        return float(mean) if np.ndim(mean) == 0 else mean

    def rectified_sine(self, amplitude: ArrayLike) -> Floats:
        r"""Mean I_drag over a period of I sin(wt), A, slow against every relaxation.

        The time on the plateau integrates to, with C(a) = sqrt(max(I^2 - a^2, 0)),

        .. math::

            \langle I_{drag} \rangle = -\frac{1 + \zeta_0}{\pi} [C(|I_{c-}|) - C(I_{c+})]
                + \frac{s}{2\pi} \sum_\pm \left[I^2 \arccos(a_\pm/I) + a_\pm C(a_\pm)\right],

        where a_pm is the smaller of |I_c,pm| and I.
        """
        drive = _amplitude(amplitude)
        edges = [np.minimum(a, drive) for a in (self.current_plus, -self.current_minus)]
        up, down = (np.sqrt(np.maximum(drive**2 - a**2, 0.0)) for a in edges)
        mean = -(1.0 + self.friction) / math.pi * (down - up)
        for a, chord in zip(edges, (up, down), strict=True):
            # arctan2 instead of arccos(a/I): defined at I = 0
            normal_time = drive**2 * np.arctan2(chord, a) + a * chord
            mean = mean + self.friction_slope / (2.0 * math.pi) * normal_time
        return float(mean) if np.ndim(mean) == 0 else mean


def _amplitude(amplitude: ArrayLike) -> NDArray[np.float64]:
    drive = real_array("amplitude", amplitude, unit="A")
    if np.any(drive < 0.0):
        raise ValueError(f"amplitude must not be negative (got {drive.min()})")
    return drive


def _check_sample(bilayer: object, scales: object) -> None:
    instance("bilayer", bilayer, Bilayer)
    instance("scales", scales, Scales)


def find_plateau(
    bilayer: Bilayer, *, scales: Scales, width: Measured, friction: float, t: float = 0.9,
    friction_slope: float = 0.0, current_scale: float = 1.0,
) -> Plateau:  # fmt: skip
    """Plateau of a bilayer: I_c = J_c J_u w along x, from its critical currents.

    Parameters
    ----------
    bilayer : Bilayer
        In units of T_c and m_e.
    scales : Scales
        E_u, l_u and J_u of the sample.
    width : float, str or pint.Quantity
        Width of the sample; a plain number is in m.
    friction : float
        zeta outside, see :class:`Plateau`; :func:`parabolic_friction` estimates it.
    t : float
        T/T_c > 0.  For t >= 1 there is no plateau.
    friction_slope : float
        Slope of zeta outside, 1/A.
    current_scale : float
        Named factor on the currents, such as ``calibration.PUBLISHED_SCALE``; 1 is eq (8).

    Returns
    -------
    Plateau
        Its critical currents are 0 for t >= 1.

    Raises
    ------
    TypeError, ValueError
        For bad input, or if the quartic theory has no finite critical current here.

    Warns
    -----
    AboveBKTWarning
        And the other warnings of the condensate and the diode.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, AboveBKTWarning, Scales
    >>> from cedrag.laboratory.plateau import find_plateau
    >>> scales = Scales(critical_temperature=10.0, electron_mass=0.2)
    >>> with warnings.catch_warnings(action="ignore", category=AboveBKTWarning):
    ...     plateau = find_plateau(NATURAL, scales=scales, width="1 um", friction=-0.02)
    >>> round(plateau.current_plus * 1e9, 1)  # nanoampere
    272.7
    >>> find_plateau(NATURAL, scales=scales, width="1 um", friction=-0.02, t=1.1).zeta(0.0)
    -0.02
    """
    _check_sample(bilayer, scales)
    width = measured("width", width, "m")
    ampere = positive_scalar("current_scale", current_scale) * scales.sheet_current * width
    plus = minus = 0.0
    if positive_scalar("t", t) < 1.0:
        try:
            diode = GinzburgLandau(bilayer, t).diode()
        except NoCondensateError:
            pass  # T_c is the highest temperature of pairing; below it this cannot be reached
        else:
            plus, minus = diode.jc_plus, diode.jc_minus
    if not (math.isfinite(plus) and math.isfinite(minus)):
        raise ValueError(
            "bilayer must have finite critical currents, but the quartic theory diverges at "
            f"t = {t} (got jc_plus = {plus}, jc_minus = {minus})"
        )
    return Plateau(
        current_plus=plus * ampere,
        current_minus=minus * ampere,
        friction=friction,
        friction_slope=friction_slope,
    )


def parabolic_friction(
    bilayer: Bilayer, *, scales: Scales, separation: float, permittivity: float,
    scattering_time: float, t: float = 0.9, **options: Any,
) -> float:  # fmt: skip
    """Friction outside the plateau: zeta of eq (10) from parabolic, spin-polarised layers.

    The layers have the densities of ``bilayer`` at T = t T_c and its masses m_e and m_h, so that
    m_ex = m_e: the anisotropy of the electron band is left out.

    Parameters
    ----------
    bilayer : Bilayer
        Its densities and masses are used.
    scales : Scales
        Turn them into SI units.
    separation : float
        m.
    permittivity : float
        Relative.
    scattering_time : float
        tau_2 of the passive (hole) layer, s.
    t : float
        T/T_c > 0.
    **options
        ``screening``, ``well_width``, ``rtol`` of :func:`cedrag.drag.parabolic.drag_time`.

    Returns
    -------
    float
        zeta, negative.

    Warns
    -----
    UnrealisticScatteringWarning
        If tau_2 exceeds the drag time.

    Examples
    --------
    >>> from cedrag import NATURAL, Scales
    >>> from cedrag.laboratory.plateau import parabolic_friction
    >>> scales = Scales(critical_temperature=10.0, electron_mass=0.2)
    >>> zeta = parabolic_friction(
    ...     NATURAL, scales=scales, separation=10e-9, permittivity=4.0, scattering_time=1.5e-9)
    >>> -0.1 < zeta < -0.01
    True
    """
    _check_sample(bilayer, scales)
    t = positive_scalar("t", t)
    driven, passive = spin_polarised_layers(
        scales, bilayer.density_e(t) * scales.density, bilayer.density_h(t) * scales.density,
        bilayer.mass_ratio,
    )  # fmt: skip
    return friction_between(
        driven, passive, scattering_time=scattering_time, separation=separation,
        permittivity=permittivity, temperature=t * scales.critical_temperature, **options,
    ).ratio  # fmt: skip


def zeta_curve(
    bilayer: Bilayer, drive_current: ArrayLike, *, scales: Scales, width: Measured,
    separation: float, permittivity: float, scattering_time: float, t: ArrayLike = 0.9,
    current_scale: float = 1.0,
) -> NDArray[np.float64]:  # fmt: skip
    """Curve of Fig 1b for one sample: zeta over drive current and temperature.

    Parameters
    ----------
    bilayer : Bilayer
        In units of T_c and m_e.
    drive_current : array
        A, any shape.
    scales, width, separation, permittivity, scattering_time
        As in :func:`find_plateau` and :func:`parabolic_friction`.
    t : float or 1-d array
        T/T_c.
    current_scale : float
        As in :func:`find_plateau`.

    Returns
    -------
    ndarray
        Shape of ``t`` followed by the shape of ``drive_current``.

    Examples
    --------
    At 0.9 T_c the drag is perfect up to a critical current; above T_c it is friction only.

    >>> import warnings
    >>> from cedrag import NATURAL, AboveBKTWarning, Scales
    >>> from cedrag.laboratory.plateau import zeta_curve
    >>> with warnings.catch_warnings(action="ignore", category=AboveBKTWarning):
    ...     zeta = zeta_curve(
    ...         NATURAL, [1e-7, 3e-7], scales=Scales(critical_temperature=10.0, electron_mass=0.2),
    ...         width=1e-6, separation=10e-9, permittivity=4.0, scattering_time=1e-12, t=[0.9, 1.1])
    >>> zeta.round(3) + 0.0
    array([[-1.,  0.],
           [ 0.,  0.]])
    """
    drive = real_array("drive_current", drive_current, unit="A")
    temperatures = real_array("t", t)
    out = np.empty(temperatures.shape + drive.shape)
    for index in np.ndindex(temperatures.shape):
        now = float(temperatures[index])
        friction = parabolic_friction(
            bilayer, scales=scales, separation=separation, permittivity=permittivity,
            scattering_time=scattering_time, t=now,
        )  # fmt: skip
        out[index] = find_plateau(
            bilayer, scales=scales, width=width, friction=friction, t=now,
            current_scale=current_scale,
        ).zeta(drive)  # fmt: skip
    return out
