"""Audit of the numbers in laboratory units, and of the paper against itself."""

from .audit import INCONSISTENT, OMISSION, ORDER_OF_MAGNITUDE, Claim
from .audit import printed_precision as digits
from .audit_cases import UNKNOWN, AuditCases
from .audit_condensate import TWO
from .calibration import PUBLISHED

__all__ = ["laboratory_claims", "consistency_claims"]

_HERE = "#sec-aud-lab"
_MICRO, _MILLI = 1e-6, 1e-3
_SIZED = "T_c = 10 K, m_e = 0.2 m_0, width 1 μm"


def laboratory_claims(cases: AuditCases) -> list[Claim]:
    """Rows on currents in a sample of 1 um.

    Parameters
    ----------
    cases : AuditCases

    Returns
    -------
    list of Claim

    Examples
    --------
    >>> from cedrag.paper.audit_cases import AuditCases
    >>> from cedrag.paper.audit_laboratory import laboratory_claims
    >>> [round(1e6 * x) for x in laboratory_claims(AuditCases())[0].values]  # nA, not 1 mA
    [315, 273]
    """
    unit = cases.scales.sheet_current * _MICRO  # A in a width of 1 um
    quartic = [case.diode for case in cases.readings]
    full = [case.full_diode for case in cases.readings]
    currents, currents_full = (
        tuple(d.jc_plus * unit / _MILLI for d in diodes) for diodes in (quartic, full)
    )
    differences, differences_full = (
        tuple((d.jc_plus + d.jc_minus) * unit / _MICRO for d in diodes)
        for diodes in (quartic, full)
    )
    return [
        Claim(
            "I_c ≈ 1 mA, from the model", "Conclusion", 1.0, currents, digits("1"), factors=TWO,
            open_inputs=UNKNOWN, full=currents_full, inputs=_SIZED, unit="mA", how="A, B",
            link="estimates.html",
        ),
        Claim(
            "δI ≈ 10 μA, from the model", "Conclusion", 10.0, differences, digits("10"),
            factors=TWO, open_inputs=UNKNOWN, full=differences_full, inputs=_SIZED, unit="μA",
            how="A, B", link="estimates.html",
        ),
    ]  # fmt: skip


def consistency_claims(cases: AuditCases) -> list[Claim]:
    """Rows that compare printed numbers with each other.

    Parameters
    ----------
    cases : AuditCases

    Returns
    -------
    list of Claim

    Examples
    --------
    >>> from cedrag.paper.audit_cases import AuditCases
    >>> from cedrag.paper.audit_laboratory import consistency_claims
    >>> claims = consistency_claims(AuditCases())
    >>> round(claims[-1].computed, 1), claims[-1].unit
    (19.8, 'μA')
    """
    unit = cases.scales.sheet_current
    printed = 98.4, -94.8
    eta = 0.01  # of the conclusion: a condition there, "given a diode efficiency of 1%"
    assert printed == (PUBLISHED.jc_plus, PUBLISHED.jc_minus)
    return [
        Claim(
            "J_u is defined in the main text", "Fig 4", True, False, fault=OMISSION,
            how="not found; ek_BT_c/ħl_u is the unit that k_BT_c and l_u give", link=_HERE,
        ),
        Claim(
            "J_u from 1 mA = 98.4 J_u × 1 μm", "Conclusion and Fig 4a",
            _MILLI / (98.4 * _MICRO), unit, digits("1"), inputs="T_c = 10 K, m_e = 0.2 m_0",
            unit="μA/μm", how="ek_BT_c/ħl_u", link=_HERE,
        ),
        Claim(
            "I_c ≈ 1 mA, from 98.4 J_u", "Conclusion", 1.0, 98.4 * unit * _MICRO / _MILLI,
            digits("1"), inputs=_SIZED, unit="mA", how="98.4 J_u × 1 μm", link=_HERE,
        ),
        Claim(
            "|J_{c+}| − |J_{c−}| on the order of 10 μA/μm", "The diode effect", 10.0,
            sum(printed) * unit, ORDER_OF_MAGNITUDE, fault=INCONSISTENT,
            inputs="98.4, −94.8, T_c = 10 K, m_e = 0.2 m_0; our threshold: a factor √10",
            unit="μA/μm", how="3.6 J_u", link=_HERE,
        ),
        Claim(
            "δI ≈ 10 μA, given η = 1% and 1 mA", "Conclusion", 10.0,
            2 * eta * (_MILLI / _MICRO) / (1 + eta), digits("10"),
            factors=(("1/2: η divides by the sum", 0.5),), fault=INCONSISTENT,
            inputs="η = 1%, I_c = 1 mA", unit="μA", how="2ηI_{c+}/(1 + η)", link=_HERE,
        ),
    ]  # fmt: skip
