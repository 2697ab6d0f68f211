"""The verdict follows from the numbers: each one planted, its edges, and what is refused."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cedrag.paper.audit import (
    CONFIRMED,
    FAULTS,
    NOT_REPRODUCIBLE,
    ORDER_OF_MAGNITUDE,
    PHYSICS,
    WITH_FACTOR,
    Claim,
    matching_factor,
    printed_precision,
    verdict,
)

GRID = ("2π", 2.0 * math.pi)


def claim(published, computed, tolerance=0.01, **options):
    """A claim about nothing, with planted numbers."""
    if isinstance(published, bool):
        tolerance = 0.0
    return Claim("A planted claim.", "nowhere", published, computed, tolerance, **options)


@pytest.mark.parametrize(
    ("planted", "expected"),
    [
        (claim(98.4, 98.4), CONFIRMED),
        (claim(98.4, 97.0), PHYSICS),
        (claim(98.4, 97.0, open_inputs=("mu_e",)), NOT_REPRODUCIBLE),
        (claim(98.4, 98.4, open_inputs=("mu_e",)), CONFIRMED),
        (claim(98.4, (98.0, 98.5)), CONFIRMED),
        (claim(98.4, (98.0, 90.0)), PHYSICS),
        (claim(98.4, (98.0, 90.0), open_inputs=("mu_e",)), NOT_REPRODUCIBLE),
        (claim(-1.0, -0.5, factors=(("two", 2.0),)), WITH_FACTOR),
        (claim(-1.0, 0.5, factors=(("two", 2.0),)), PHYSICS),
        (claim(1.0, (0.5, 0.25), factors=(("two", 2.0), ("four", 4.0))), PHYSICS),
        (claim(1.0, 0.5, factors=(GRID,), open_inputs=("d",)), NOT_REPRODUCIBLE),
        (claim(None, 3.0), NOT_REPRODUCIBLE),
        (claim(2.0, None), NOT_REPRODUCIBLE),
        (claim(True, True), CONFIRMED),
        (claim(True, (True, True)), CONFIRMED),
        (claim(True, False), PHYSICS),
        (claim(True, (True, False)), PHYSICS),
        (claim(True, (True, False), open_inputs=("J",)), NOT_REPRODUCIBLE),
        (claim(False, True), PHYSICS),
        (claim(False, False), CONFIRMED),
    ],
)
def test_verdict(planted, expected):
    assert verdict(planted) == expected


def test_a_confirmed_claim_needs_no_factor():
    assert verdict(claim(1.0, 1.0, 0.6, factors=(("two", 2.0),))) == CONFIRMED


def test_the_factor_is_named_and_multiplies_the_computed_value():
    planted = claim(1.0, (0.5, 0.501), factors=(("half", 0.5), ("two", 2.0)))
    assert matching_factor(planted) == "two"
    assert matching_factor(claim(0.25, 0.5, factors=(("half", 0.5),))) == "half"
    assert matching_factor(claim(1.0, 0.5, factors=(GRID,))) is None
    assert matching_factor(claim(None, 0.5)) is None


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_the_edge_of_a_printed_number_is_inside(sign, side):
    # 98.4 stands for 98.35 to 98.45
    width = printed_precision("98.4")
    inside, outside = 98.4 + 0.05 * side, 98.4 + 0.05001 * side
    assert verdict(claim(sign * 98.4, sign * inside, width)) == CONFIRMED
    assert verdict(claim(sign * 98.4, sign * outside, width)) == PHYSICS


def test_a_tolerance_of_one_or_more_is_a_factor_both_ways():
    inside = (3.163, 31.62, 10.0)
    assert verdict(claim(10.0, inside, ORDER_OF_MAGNITUDE)) == CONFIRMED
    for outside in (3.162, 31.63, 0.0, -10.0):
        assert verdict(claim(10.0, outside, ORDER_OF_MAGNITUDE)) == PHYSICS
    assert verdict(claim(1.0, 0.5, 1.0)) == CONFIRMED
    assert verdict(claim(1.0, 0.499, 1.0)) == PHYSICS
    assert verdict(claim(1.0, 0.51, 0.9)) == CONFIRMED
    assert verdict(claim(1.0, 0.49, 0.9)) == PHYSICS


@pytest.mark.parametrize(
    ("printed", "half_unit", "value"),
    [
        ("98.4", 0.05, 98.4),
        ("-94.8", 0.05, 94.8),
        ("0.2", 0.05, 0.2),
        ("3.0", 0.05, 3.0),
        ("0.90", 0.005, 0.9),
        ("600", 50.0, 600.0),
        ("10", 5.0, 10.0),
        ("1e-7", 0.5e-7, 1e-7),
        ("1", 0.5, 1.0),
    ],
)
def test_printed_precision(printed, half_unit, value):
    assert printed_precision(printed) == pytest.approx(half_unit / value, rel=1e-14, abs=0.0)


sizes = st.floats(1e-9, 1e9)


@given(sizes, sizes, st.floats(1e-6, 20.0), sizes)
def test_the_unit_does_not_matter(published, computed, tolerance, unit):
    ruling = verdict(claim(published, computed, tolerance))
    edges = [published * (1 + tolerance), published * (1 - tolerance), published / (1 + tolerance)]
    if min(abs(computed / edge - 1) for edge in edges if edge > 0) > 1e-9:
        assert verdict(claim(published * unit, computed * unit, tolerance)) == ruling


@given(sizes, sizes, st.floats(1e-6, 20.0), st.floats(1.0, 5.0))
def test_a_wider_tolerance_never_takes_a_confirmation_back(published, computed, tolerance, wider):
    if verdict(claim(published, computed, tolerance)) == CONFIRMED:
        assert verdict(claim(published, computed, tolerance * wider)) == CONFIRMED


@pytest.mark.parametrize(
    ("error", "words", "arguments", "options"),
    [
        (ValueError, "published must not be 0", (0.0, 1.0), {}),
        (ValueError, "published must be finite", (math.nan, 1.0), {}),
        (ValueError, "computed must be finite", (1.0, math.nan), {}),
        (ValueError, "computed must be finite", (1.0, (1.0, math.inf)), {}),
        (TypeError, "computed must be a real number", (1.0, True), {}),
        (TypeError, "computed must be a real number", (1.0, [1.0, 2.0]), {}),
        (TypeError, "computed must be bool", (True, 1.0), {}),
        (ValueError, "computed must hold a value", (1.0, ()), {}),
        (TypeError, "published must be a real number", ("98.4", 1.0), {}),
        (ValueError, "tolerance must not be negative", (1.0, 1.0, -0.1), {}),
        (ValueError, "tolerance must be positive", (1.0, 1.0, 0.0), {}),
        (ValueError, "factor 'x' must be positive", (1.0, 1.0), {"factors": (("x", -2.0),)}),
        (ValueError, "factor 'x' must differ", (1.0, 1.0), {"factors": (("x", 1.0),)}),
        (ValueError, "statement must have neither", (True, True), {"factors": (("x", 2.0),)}),
        (TypeError, "open_inputs must be a tuple", (1.0, 1.0), {"open_inputs": "mu_e"}),
    ],
)
def test_bad_claims_are_refused(error, words, arguments, options):
    with pytest.raises(error, match=re.escape(words)) as caught:
        claim(*arguments, **options)
    assert "(got " in str(caught.value)


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_a_claim_must_say_what_and_where(blank):
    with pytest.raises(ValueError, match="text must be a sentence"):
        Claim(blank, "somewhere", 1.0, 1.0, 0.1)
    with pytest.raises(ValueError, match="where must be a sentence"):
        Claim("something", blank, 1.0, 1.0, 0.1)


@pytest.mark.parametrize("bad", ["ten", "", "0", "0.00", "nan", "inf"])
def test_bad_printed_numbers_are_refused(bad):
    with pytest.raises(ValueError, match="number must be"):
        printed_precision(bad)


def test_other_types_are_refused():
    with pytest.raises(TypeError, match="number must be the printed str"):
        printed_precision(98.4)
    with pytest.raises(TypeError, match="claim must be a Claim"):
        verdict("confirmed")


def test_the_verdict_cannot_be_typed():
    with pytest.raises(TypeError):
        claim(1.0, 2.0, verdict=CONFIRMED)
    with pytest.raises(AttributeError):
        claim(1.0, 2.0).computed = 1.0


@pytest.mark.parametrize("fault", FAULTS)
def test_the_class_of_a_disagreement_is_that_of_the_claim(fault):
    assert verdict(claim(1.0, 2.0, fault=fault)) == fault
    assert verdict(claim(1.0, 1.0, fault=fault)) == CONFIRMED
    assert verdict(claim(1.0, 2.0, fault=fault, open_inputs=("d",))) == NOT_REPRODUCIBLE


def test_the_full_theory_has_no_part_in_the_verdict():
    planted = claim(1.0, 1.0, full=(2.0, 3.0))
    assert verdict(planted) == CONFIRMED
    assert planted.full_values == (2.0, 3.0)
    assert verdict(claim(True, False, full=True)) == PHYSICS


def test_an_unknown_class_is_refused():
    with pytest.raises(ValueError, match=r"fault must be one of .* \(got 'contradicted'\)"):
        claim(1.0, 1.0, fault="contradicted")


def test_nothing_agrees_with_a_value_that_was_not_printed():
    with pytest.raises(ValueError, match=r"published must hold a value .*\(got None\)"):
        claim(None, 3.0).agrees(3.0)
