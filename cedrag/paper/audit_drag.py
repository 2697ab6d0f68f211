"""Audit of frictional drag: eq (10), its times, and its size."""

import math
import warnings
from dataclasses import dataclass

import numpy as np
from scipy import constants

from .._lazy import cached_property
from ..drag.parabolic import drag_time
from ..drag.parabolic_layer import ParabolicLayer
from ..drag.ratio import drag_ratio
from ..errors import ValidityWarning
from .audit import EXACT, Claim
from .audit import printed_precision as digits
from .audit_cases import UNKNOWN, AuditCases, Case
from .calibration import PUBLISHED

__all__ = ["DragAudit", "drag_claims", "scattering_time_for"]

_HERE = "#sec-aud-drag"
_NM, _NS = 1e-9, 1e-9
_TAU_D, _ZETA = 1e-7, 0.01  # published


@dataclass(frozen=True)
class DragAudit:
    """Drag times of two equal parabolic layers at 10 K, 0.2 m_0, spin polarised, dynamic RPA.

    Parameters
    ----------
    fermi_energy : float
        Of each layer, meV.

    Examples
    --------
    >>> from cedrag.paper.audit_drag import DragAudit
    >>> near, middle, far = DragAudit().times
    >>> near < middle < far
    True
    """

    fermi_energy: float = 10.0  # meV

    def time(self, distance_nm: float, permittivity: float = 4.0) -> float:
        """tau_D in s at one distance and dielectric constant."""
        mass = 0.2 * constants.m_e
        energy = self.fermi_energy * 1e-3 * constants.e
        layer = ParabolicLayer(
            density=mass * energy / (2 * np.pi * constants.hbar**2), mass=mass, degeneracy=1
        )
        return float(
            drag_time(
                layer, layer, separation=distance_nm * _NM, permittivity=permittivity,
                temperature=10.0, rtol=1e-4,
            )
        )  # fmt: skip

    @cached_property
    def times(self) -> tuple[float, float, float]:
        """tau_D at 5, 10 and 20 nm."""
        return self.time(5.0), self.time(10.0), self.time(20.0)

    def distance_for(self, time: float, permittivity: float) -> float:
        """Distance in nm at which tau_D is ``time``."""
        from scipy import optimize

        start = math.log(16.0 if permittivity < 6.0 else 23.0)

        def excess(x: float) -> float:
            return math.log(self.time(math.exp(x), permittivity) / time)

        return math.exp(optimize.newton(excess, start, x1=start + 0.05, tol=1e-3))


def scattering_time_for(ratio: float, time: float) -> float:
    """tau_2 (s) of equal layers with |zeta| = ratio: |zeta| = 1/(1 + tau_D/tau_2).

    Parameters
    ----------
    ratio : float
        |zeta|, between 0 and 1.
    time : float
        tau_D in s.

    Returns
    -------
    float
        s.

    Examples
    --------
    >>> from cedrag.paper.audit_drag import scattering_time_for
    >>> scattering_time_for(0.5, 1e-9)
    1e-09
    """
    return time / (1.0 / ratio - 1.0)


def _printed_over_balance(random: np.random.Generator) -> float:
    """Eq (10) over the balance of forces of both layers, for random masses, densities, times."""
    n_e, n_h, m_e, m_h, t1, t2, t3 = random.uniform(0.5, 2.0, 7)
    p_h = (1 / t1) / (1 / t2 + 1 / t3)  # momentum of a hole, that of an electron being 1
    balance = -(n_h * p_h / m_h) / (n_e * 1.0 / m_e)
    return float(-(n_h * m_e) / (n_e * m_h) / (t1 / t2 + t1 / t3) / balance)


def _mass_by_parts(case: Case) -> tuple[float, float]:
    """<d2 xi/dkx2> over its integral by parts, and the average mass m_ex in m_e."""
    t = PUBLISHED.t
    radius, angle = np.linspace(0, 14, 1401), np.linspace(0, 2 * np.pi, 257)[:-1]
    r, phi = np.meshgrid(radius, angle)
    kx, ky = r * np.cos(phi), r * np.sin(phi)
    f = 1.0 / (1.0 + np.exp(case.bilayer.xi_e(kx, ky) / t))
    curved = (r * f * case.bilayer.inverse_mass("e", kx, ky)[0, 0]).sum()
    surface = (r * f * (1 - f) / t * case.bilayer.velocity("e", kx, ky)[0] ** 2).sum()
    return float(curved / surface), float((r * f).sum() / curved)


def drag_claims(cases: AuditCases, audit: DragAudit | None = None) -> list[Claim]:
    """Rows on frictional drag.

    Parameters
    ----------
    cases : AuditCases
    audit : DragAudit, optional
        Shared with whoever shows the same times.

    Returns
    -------
    list of Claim

    Examples
    --------
    >>> from cedrag.paper.audit_drag import scattering_time_for
    >>> round(1e9 * scattering_time_for(0.01, 1e-7), 2)  # ns for 1 % at the published tau_D
    1.01
    """
    audit = DragAudit() if audit is None else audit
    random = np.random.default_rng(1)
    averages = [_mass_by_parts(case) for case in cases.readings]
    masses = tuple(mass for _, mass in averages)
    times = audit.times
    lower = DragAudit(fermi_energy=8.0)
    with warnings.catch_warnings(action="ignore", category=ValidityWarning):
        ratios = tuple(
            float(-drag_ratio(drag_time=_TAU_D, scattering_time=t * _NS)) for t in (1.0, 2.0)
        )
    tau_2 = tuple(scattering_time_for(_ZETA, t) / _NS for t in (times[1], _TAU_D))
    sample = ("d", "ε")
    return [
        Claim(
            "Eq (10)", "Frictional drag", 1.0,
            tuple(_printed_over_balance(random) for _ in range(3)), EXACT,
            inputs="three random sets of masses, densities, times",
            how="printed formula over the balance of forces", link=_HERE,
        ),
        Claim(
            "The average inverse mass in eq (10)", "below eq (10)", 1.0,
            tuple(ratio for ratio, _ in averages), EXACT,
            how="A, B: both sides of an integration by parts; m_{ex} = "
            f"{masses[0]:.3f}, {masses[1]:.3f} m_e",
            link=_HERE,
        ),
        Claim(
            "τ_D = 10^{−7} s", "below eq (10)", _TAU_D, times, digits("1e-7"), open_inputs=sample,
            inputs="E_F = 10 meV, T = 10 K, m_e = 0.2 m_0", unit="s",
            how=f"ε = 4, d = 5, 10, 20 nm; d = {audit.distance_for(_TAU_D, 4.0):.1f} nm gives it",
            link=_HERE,
        ),
        Claim(
            "The two times τ_D are about equal", "below eq (10)", 1.0, masses, digits("1"),
            open_inputs=UNKNOWN, how="A, B: m_{ex}/m_h", link=_HERE,
        ),
        Claim(
            "|ζ| = 1%", "below eq (10)", _ZETA, ratios, digits("0.01") + digits("1e-7"),
            inputs="τ_D = 10^{−7} s, τ_2 = 1 to 2 ns", how="eq (10) at 1 and 2 ns", link=_HERE,
        ),
        Claim(
            "τ_2 = 1 to 2 ns gives |ζ| = 1%", "below eq (10)", 1.5, tau_2,
            0.5 / 1.5 + digits("0.01"), open_inputs=sample, inputs="|ζ| = 1%", unit="ns",
            how="needed at d = 10 nm, and at the published τ_D", link=_HERE,
        ),
        Claim(
            "Frictional |ζ| ≪ 1", "below eq (1)", True, tuple(bool(z < 0.1) for z in ratios),
            inputs="the published times; our threshold for ≪: a tenth", how="eq (10)", link=_HERE,
        ),
        Claim(
            "1/τ_D and ζ grow as E_F falls", "below eq (10)", True,
            tuple(bool(lower.time(d) < t) for d, t in zip((10.0, 20.0), times[1:], strict=True)),
            open_inputs=sample, inputs="10 to 8 meV at fixed τ_2", how="ε = 4, d = 10 and 20 nm",
            link=_HERE,
        ),
    ]  # fmt: skip
