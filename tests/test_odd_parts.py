"""The efficiency taken apart: against MeanField, additive and zero where it must be."""

import pytest
from numpy.testing import assert_allclose

from cedrag import NATURAL, PAPER, MeanField
from cedrag.condensate.odd_parts import odd_parts

pytestmark = pytest.mark.filterwarnings("ignore::cedrag.ValidityWarning")


@pytest.fixture(scope="module")
def natural():
    return odd_parts(NATURAL)


def test_total_and_projected_are_those_of_mean_field(natural):
    # two derivations: a plain mesh with F'(q) by a series, and the kernels with analytic currents
    for spin, value in (("full", natural.total), ("band", natural.projected)):
        theory = MeanField(NATURAL, 0.9, spin=spin, rtol=1e-7)
        assert_allclose(value, theory.diode().efficiency, atol=3e-8)


def test_the_parts_add_up_while_the_spin_is_held(natural):
    # each is of third order in lambda, and so is what they leave out of next order smaller
    assert_allclose(natural.band + natural.upper + natural.overlap, natural.held, atol=3e-6)
    assert_allclose(natural.held + natural.rotation, natural.total, atol=1e-12)


@pytest.mark.parametrize("bilayer", [NATURAL, PAPER])
def test_overlaps_outweigh_the_band(bilayer, natural):
    parts = natural if bilayer is NATURAL else odd_parts(bilayer)
    assert parts.overlap < 0.0 < parts.band
    assert abs(parts.overlap) > parts.band > abs(parts.upper)
    assert parts.total < 0.0 < parts.rotation < parts.band


def test_nothing_without_a_field():
    assert_allclose(odd_parts(NATURAL.replace(zeeman_inplane=0.0)), 0.0, atol=1e-9)


def test_odd_in_the_field(natural):
    turned = odd_parts(NATURAL.replace(zeeman_inplane=-NATURAL.zeeman_inplane))
    assert_allclose(turned, [-x for x in natural], atol=1e-9)


@pytest.mark.parametrize(
    ("bilayer", "t", "words"),
    [
        (NATURAL.replace(rashba_h=0.2), 0.9, "lambda_h = 0.2"),
        (NATURAL.replace(mass_ratio=2.0), 0.9, "mass_ratio = 2.0"),
        (NATURAL, 0.1, "t must lie between 0.3 and 1"),
        (NATURAL.replace(mu_e=-30.0), 0.9, "one electron contour"),
    ],
)
def test_refusals_name_what_they_got(bilayer, t, words):
    with pytest.raises(ValueError, match=words):
        odd_parts(bilayer, t)
