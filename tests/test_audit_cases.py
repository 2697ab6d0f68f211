"""The cases of the audit: what they are, and that each is computed once."""

import pytest
from numpy.testing import assert_allclose

from cedrag import NATURAL, PAPER
from cedrag.paper.audit_cases import FIELDS, AuditCases

pytestmark = pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")


def test_readings_and_matched_circles():
    cases = AuditCases()
    assert [case.bilayer for case in cases.readings] == [PAPER, NATURAL]
    circles = cases.matched.bilayer
    assert circles.fermi_energy_e == circles.fermi_energy_h == cases.fermi_energy
    assert_allclose(cases.fermi_energy, 10.0 / 0.861733, rtol=1e-5)
    assert cases.matched.diode.efficiency == 0.0
    assert cases.readings[0].diode is cases.readings[0].diode


def test_fields_pass_through_growing_momenta():
    q0, eta = AuditCases().readings[1].along_fields
    assert q0.shape == eta.shape == (len(FIELDS),)
    assert (q0[1:] > q0[:-1]).all()
