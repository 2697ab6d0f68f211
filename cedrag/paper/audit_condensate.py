"""Audit of the condensate and of the diode: Figs 3 and 4 and what is said about them."""

import math
import warnings

import numpy as np
from scipy import constants

from ..bilayer import Bilayer
from ..condensate.diode import Diode
from ..condensate.ginzburg_landau import GinzburgLandau
from ..errors import ValidityWarning
from .audit import EXACT, INCONSISTENT, MISPRINT, OMISSION, Claim
from .audit import printed_precision as digits
from .audit_cases import FIELDS, UNKNOWN, AuditCases
from .calibration import PUBLISHED
from .sampling import current_bound

__all__ = ["condensate_claims", "diode_claims", "TWO", "least_fermi_energy"]

#: The one factor between currents that the paper itself prints.
TWO = (("2 of the printed F", 2.0),)

_HERE = "#sec-aud-condensate"
_DIODE = "#sec-aud-diode"
_ZERO = 1e-7  # |eta| of a bilayer that symmetry forbids to rectify
_THIRD = {"fermi_energy_e": 10.5, "fermi_energy_h": 12.5, "rashba_e": 0.82}  # has one zero


def condensate_claims(cases: AuditCases) -> list[Claim]:
    """Rows on the condensate.

    Parameters
    ----------
    cases : AuditCases

    Returns
    -------
    list of Claim

    Examples
    --------
    >>> from cedrag.paper.audit_cases import AuditCases
    >>> round(AuditCases().matched.state.phase_stiffness_temperature, 2)  # against t = 0.9
    0.27
    """
    tested = (cases.matched, *cases.readings)
    stiffness = [case.state.phase_stiffness_temperature for case in tested]
    full = [case.full_state.phase_stiffness_temperature for case in cases.readings]
    direct = constants.hbar / math.sqrt(0.2 * constants.m_e * constants.k * 10.0)
    panels = {
        "caption": {"q0": "a", "alpha": "b", "F": "d"},
        "text": {"q0": "d", "alpha": "a", "F": "c"},
    }
    return [
        Claim(
            "q_0 = 0.2/l_u at B = 3", "Conclusion, Fig 3", 0.2,
            tuple(case.state.q0[0] for case in cases.readings), digits("0.2"),
            open_inputs=UNKNOWN, full=tuple(case.full_diode.q0[0] for case in cases.readings),
            unit="/l_u", how="A, B; B was chosen for it", link="calibration.html",
        ),
        Claim(
            "J vanishes at q_0", "below eq (9)", True,
            tuple(bool(case.state.residual_current < 1e-8) for case in cases.readings),
            how="A, B: below 10^{−8} J_u", link="#sec-aud-gl",
        ),
        Claim(
            "q_0 grows monotonically with B", "below eq (9)", True,
            tuple(bool(np.all(np.diff(case.along_fields[0]) > 0)) for case in cases.readings),
            open_inputs=UNKNOWN, inputs="1 ≤ B ≤ 10", how="A, B: seven fields", link=_HERE,
        ),
        Claim(
            "A flow at 0.9 T_c lies below T_{BKT}", "implied; T_{BKT} is not mentioned", True,
            tuple(bool(temperature > PUBLISHED.t) for temperature in stiffness),
            fault=OMISSION,
            full=tuple(bool(temperature > PUBLISHED.t) for temperature in full),
            inputs="equal circles at the 10 meV of the drag estimate; A; B",
            how="(π/2)(det D)^{1/2} = "
            + ", ".join(f"{temperature:.2f}" for temperature in stiffness)
            + " T_c",
            link="condensate.html",
        ),
        Claim(
            "l_u = ħ/(m_ek_BT_c)^{1/2}", "Fig 3", 1.0, float(cases.scales.length / direct), EXACT,
            how="unit of the package over the formula; 21.0 nm", link=_HERE,
        ),
        Claim(
            "Wavelength 600 nm", "Conclusion", 600.0,
            float(2.0 * math.pi * cases.scales.length_nm / 0.2), digits("600") + digits("0.2"),
            inputs="q_0 = 0.2/l_u, T_c = 10 K, m_e = 0.2 m_0", unit="nm", how="2π/q_0", link=_HERE,
        ),
        Claim(
            "The parameters of Figs 3 and 4 are given", "Figs 3 and 4", True, False,
            fault=OMISSION, inputs=", ".join(UNKNOWN), how="none is printed", link=_HERE,
        ),
        Claim(
            "Text and caption name the same panels of Fig 3", "Fig 3", True,
            panels["caption"] == panels["text"], fault=INCONSISTENT,
            inputs="q_0, α, F: caption a, b, d; text d, a, c", how="compared", link=_HERE,
        ),
    ]  # fmt: skip


def least_fermi_energy(current: float, *, t: float = PUBLISHED.t) -> float:
    """E_F (E_u) of two equal circles that can carry ``current`` (J_u) at all.

    The bound J <= n p/(m_e + m_h) with the absurdly large pair momentum p = 2 k_F.

    Parameters
    ----------
    current : float
        J_u.
    t : float
        T/T_c.

    Returns
    -------
    float

    Examples
    --------
    >>> from cedrag.paper.audit_condensate import least_fermi_energy
    >>> least_fermi_energy(1.0) < least_fermi_energy(2.0)
    True
    """
    from scipy import optimize

    def excess(energy: float) -> float:
        circles = Bilayer.from_fermi_energies(
            fermi_energy_e=energy, fermi_energy_h=energy, rashba_e=0.0, zeeman_inplane=0.0,
            zeeman_outofplane=energy,
        )  # fmt: skip
        return current_bound(circles, 2.0 * math.sqrt(2.0 * energy), t=t) - current

    return float(optimize.brentq(excess, 1.0, 1e4, xtol=1e-6))


def _quartic(bilayer: Bilayer, rtol: float = 1e-8) -> Diode:
    with warnings.catch_warnings(action="ignore", category=ValidityWarning):
        return GinzburgLandau(bilayer, PUBLISHED.t, rtol=rtol).diode()


def _efficiencies(cases: AuditCases) -> list[np.ndarray]:
    """eta along B of A, B and a third set, which has one zero."""
    third = [
        _quartic(
            Bilayer.from_fermi_energies(**_THIRD, zeeman_inplane=B, zeeman_outofplane=8.0), 1e-4
        ).efficiency
        for B in (*FIELDS, 11.5)
    ]
    return [*(case.along_fields[1] for case in cases.readings), np.array(third)]


def diode_claims(cases: AuditCases) -> list[Claim]:
    """Rows on the critical currents.

    Parameters
    ----------
    cases : AuditCases

    Returns
    -------
    list of Claim

    Examples
    --------
    >>> from cedrag.paper.audit_condensate import least_fermi_energy
    >>> round(least_fermi_energy(98.4))  # in E_u; 10 meV are 11.6
    58
    """
    a_and_b = cases.readings
    inversion = _quartic(cases.at_ten_meV(rashba=0.0, B=3.0, J=10.0))
    reversal = _quartic(cases.at_ten_meV(rashba=0.2, B=0.0, J=0.1), 1e-6)
    etas = _efficiencies(cases)
    zeros = [int((np.diff(np.sign(eta)) != 0).sum()) for eta in etas]
    turns = [int((np.diff(np.sign(np.diff(eta))) != 0).sum()) for eta in etas]
    bound = current_bound(
        cases.matched.bilayer, 2.0 * math.sqrt(2.0 * cases.fermi_energy), t=PUBLISHED.t
    )
    needed = [PUBLISHED.jc_plus / case.diode.jc_plus for case in a_and_b]
    least = least_fermi_energy(PUBLISHED.jc_plus) * cases.scales.energy_meV
    return [
        Claim(
            "J_{c+} = 98.4 J_u", "Fig 4a", 98.4, tuple(case.diode.jc_plus for case in a_and_b),
            digits("98.4"), factors=TWO, open_inputs=UNKNOWN,
            full=tuple(case.full_diode.jc_plus for case in a_and_b), unit="J_u",
            how=f"A, B: factors {needed[0]:.0f} and {needed[1]:.0f} are missing",
            link="calibration.html",
        ),
        Claim(
            "J_{c−} = −94.8 J_u", "Fig 4a", -94.8,
            tuple(case.diode.jc_minus for case in a_and_b), digits("94.8"), factors=TWO,
            open_inputs=UNKNOWN, full=tuple(case.full_diode.jc_minus for case in a_and_b),
            unit="J_u", how="A, B", link="calibration.html",
        ),
        Claim(
            "98.4 J_u can flow at 10 meV", "Fig 4a, with the E_F of the drag estimate", True,
            bool(bound >= 98.4), open_inputs=("E_F of Fig 4",),
            inputs="T_c = 10 K, m_e = 0.2 m_0, pair momentum up to 2k_F",
            how=f"J ≤ {bound:.1f} J_u; {least:.0f} meV could", link="calibration.html",
        ),
        Claim(
            "η = 1.86% at B = 3, as 98.4 and −94.8 imply", "Fig 4a", PUBLISHED.efficiency,
            tuple(case.diode.efficiency for case in a_and_b), 0.05 * 2 / (98.4 - 94.8),
            open_inputs=UNKNOWN, full=tuple(case.full_diode.efficiency for case in a_and_b),
            how="A (fitted), B", link="calibration.html",
        ),
        Claim(
            "Either symmetry makes |J_{c+}| = |J_{c−}|", "The diode effect", True,
            tuple(bool(abs(d.efficiency) < _ZERO) for d in (inversion, reversal)),
            inputs="λ_e = 0; B = 0, J = 0.1, λ_e = 0.2",
            how="inversion, time reversal: |η| below 10^{−7}", link=_DIODE,
        ),
        Claim(
            "Breaking both is not sufficient", "The diode effect", True,
            bool(abs(cases.even.diode.efficiency) < _ZERO), inputs="λ_e = 0.7, B = 0, J = 10",
            how="no diode although both are broken", link=_DIODE,
        ),
        Claim(
            "J_{c+} ≠ |J_{c−}| when both are broken by B", "The diode effect", True,
            tuple(bool(abs(case.diode.efficiency) > 1e-5) for case in a_and_b),
            open_inputs=UNKNOWN,
            full=tuple(bool(abs(case.full_diode.efficiency) > 1e-5) for case in a_and_b),
            how="A, B: |η| above 10^{−5}", link=_DIODE,
        ),
        Claim(
            "η(B) is not monotonic", "Fig 4b", True, tuple(n > 0 for n in turns),
            open_inputs=UNKNOWN, inputs="0 < B ≤ 10",
            how=f"A, B, third set: turning points {turns[0]}, {turns[1]}, {turns[2]}",
            link="diode.html",
        ),
        Claim(
            "η(B) vanishes at certain fields", "Fig 4b", True, tuple(n > 0 for n in zeros),
            open_inputs=UNKNOWN, inputs="0 < B ≤ 11.5",
            how=f"A, B, third set: zeros {zeros[0]}, {zeros[1]}, {zeros[2]}", link="diode.html",
        ),
        Claim(
            "η(B) oscillates over scales of several k_BT_c", "Fig 4b", True,
            tuple(n > 1 for n in turns), open_inputs=UNKNOWN,
            inputs="more than one turning point up to B = 10",
            how="A, B, third set; for what else oscillates see the link",
            link="calibration.html#sec-cal-explanations",
        ),
        Claim(
            "Text and figure name the field of Fig 4b alike", "Fig 4b", True,
            {"text": "h", "figure": "B"}["text"] == "B", fault=MISPRINT,
            inputs="text h, axis B", how="compared", link=_DIODE,
        ),
    ]  # fmt: skip
