"""What the audit computes for the model: each number by a second way, and the verdicts."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cedrag import NATURAL
from cedrag.paper.audit import CONFIRMED, MISPRINT, OMISSION, verdict
from cedrag.paper.audit_cases import AuditCases
from cedrag.paper.audit_model import (
    drag_of_condensate,
    model_claims,
    printed_branch,
    spin_field_energies,
    spinor_overlaps,
)

pytestmark = pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")
K = np.random.default_rng(3).normal(0.0, 2.0, (2, 40))


def test_eigenvalues_are_the_length_of_the_field():
    lower, upper = spin_field_energies(0.7, 3.0, 10.0, *K).T
    length = np.sqrt((0.7 * K[0] + 3.0) ** 2 + (0.7 * K[1]) ** 2 + 100.0)
    assert_allclose(upper, length, rtol=1e-12)
    assert_allclose(lower, printed_branch(0.7, 3.0, 10.0, *K), rtol=1e-12)
    assert not np.isfinite(printed_branch(0.0, 3.0, 10.0, *K)).any()


def test_overlaps_follow_from_the_angle_between_the_fields():
    field = np.array([-0.7 * K[1], 0.7 * K[0] + 3.0, np.full(40, 10.0)])
    unit = field / np.linalg.norm(field, axis=0)
    cosine = np.sum(unit * np.roll(unit, 1, axis=1), axis=0)
    assert_allclose(spinor_overlaps(0.7, 3.0, 10.0, *K), (1.0 + cosine) / 2.0, atol=1e-12)
    assert_allclose(spinor_overlaps(0.0, 3.0, 10.0, *K), 1.0, atol=1e-12)


def test_the_condensate_drags_perfectly_at_any_momentum():
    assert_allclose(drag_of_condensate(NATURAL, 0.35, t=0.9), -1.0, atol=1e-7)


def test_verdicts_on_the_model():
    ruling = {claim.text: verdict(claim) for claim in model_claims(AuditCases())}
    odd = {text: found for text, found in ruling.items() if found != CONFIRMED}
    assert odd == {
        "Eq (3) gives a number at λ_h = 0, the case considered": OMISSION,
        "Eq (4) on the bands of eq (2) is eq (5): spinor overlaps are 1": OMISSION,
        "g falls as 1/d² (times 1 − e^{−2k_Fd})": MISPRINT,
    }
    assert math.isclose(model_claims(AuditCases())[0].values[0], -1.0, rel_tol=1e-6)
