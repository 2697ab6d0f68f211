"""Rows in laboratory units: by hand from the printed numbers."""

import pytest
from numpy.testing import assert_allclose

from cedrag.paper.audit import CONFIRMED, INCONSISTENT, OMISSION, WITH_FACTOR, verdict
from cedrag.paper.audit_cases import AuditCases
from cedrag.paper.audit_laboratory import consistency_claims, laboratory_claims

pytestmark = pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")


def test_the_paper_against_itself():
    claims = consistency_claims(AuditCases())
    assert [verdict(claim) for claim in claims] == [
        OMISSION, CONFIRMED, CONFIRMED, INCONSISTENT, WITH_FACTOR,
    ]  # fmt: skip
    unit = claims[1].values[0]
    assert_allclose(unit, 9.976, atol=1e-3)  # e k_B 10 K/(hbar l_u) in uA/um
    assert_allclose(claims[2].values[0], 98.4 * unit * 1e-3, rtol=1e-12)
    assert_allclose(claims[3].values[0], 3.6 * unit, rtol=1e-9)
    assert not any("1%, from" in claim.text for claim in claims)  # a condition is no claim


def test_currents_of_the_model_follow_from_the_unit():
    cases = AuditCases()
    unit = consistency_claims(cases)[1].values[0]
    currents, differences = laboratory_claims(cases)
    for case, current, difference in zip(
        cases.readings, currents.values, differences.values, strict=True
    ):
        assert_allclose(current, case.diode.jc_plus * unit * 1e-3, rtol=1e-12)
        assert_allclose(difference, (case.diode.jc_plus + case.diode.jc_minus) * unit, rtol=1e-12)
