"""Rows on the condensate and the diode: the full theory beside, and what is only conditional."""

import math

import pytest
from numpy.testing import assert_allclose

from cedrag.paper.audit import NOT_REPRODUCIBLE, OMISSION, verdict
from cedrag.paper.audit_cases import AuditCases
from cedrag.paper.audit_condensate import condensate_claims, diode_claims, least_fermi_energy

pytestmark = pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")


@pytest.fixture(scope="module")
def claims():
    cases = AuditCases()
    return {claim.text: claim for claim in condensate_claims(cases) + diode_claims(cases)}


def test_the_full_theory_stands_beside_the_quartic_one(claims):
    """Benchmarks of NATURAL, and the sign of both readings."""
    assert_allclose(claims["q_0 = 0.2/l_u at B = 3"].full_values[1], 0.2004938, atol=1e-6)
    plus, minus = (claims[text].full_values[1] for text in ("J_{c+} = 98.4 J_u",
                                                            "J_{c−} = −94.8 J_u"))  # fmt: skip
    assert_allclose([plus, minus], [0.0284316, -0.0284333], atol=2e-7)
    eta = claims["η = 1.86% at B = 3, as 98.4 and −94.8 imply"]
    assert all(value > 0 for value in eta.values)
    assert all(value < 0 for value in eta.full_values)


def test_the_vortex_transition_is_an_omission(claims):
    claim = claims["A flow at 0.9 T_c lies below T_{BKT}"]
    assert (claim.values, claim.full_values) == ((False,) * 3, (False,) * 2)
    assert verdict(claim) == OMISSION


def test_ten_meV_is_not_printed_for_the_currents(claims):
    claim = claims["98.4 J_u can flow at 10 meV"]
    assert claim.values == (False,)
    assert claim.open_inputs == ("E_F of Fig 4",)
    assert verdict(claim) == NOT_REPRODUCIBLE


def test_least_fermi_energy_by_hand():
    """n p/2 with n = E/2 pi and p = 2 k_F: (2 E^3)^(1/2)/2 pi, cold."""
    energy = least_fermi_energy(98.4, t=0.01)
    assert_allclose(math.sqrt(2.0 * energy**3) / (2.0 * math.pi), 98.4, rtol=1e-6)
