"""Results compare, hash, cannot be written to, and survive JSON, pickle and copy."""

import copy
import json
import math
import pickle
import warnings

import numpy as np
import pytest

from cedrag import NATURAL, PAPER, Bilayer, Condensate, Diode, GinzburgLandau, ValidityWarning
from cedrag._results import FORMAT, Provenance, Record, Result, provenance_of
from cedrag.condensate.diode import find_diode
from cedrag.condensate.state import find_condensate
from cedrag.laboratory.materials import materials
from cedrag.laboratory.translation import translate
from cedrag.paper.calibration import evaluate_calibration


@pytest.fixture(scope="module")
def results():
    """One of each kind, cheap to make."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        theory = GinzburgLandau(NATURAL)
        state, diode = find_condensate(theory), find_diode(theory)
        sample = translate(
            NATURAL, critical_temperature=10.0, electron_mass=0.2, separation=1e-8, permittivity=4.0
        )
        member = evaluate_calibration(PAPER, rtol=1e-6)
    return [state, diode, sample, member, materials()["gaas"], NATURAL]


def test_a_copy_is_equal_and_has_the_same_hash(results):
    for result in results:
        for other in (
            copy.copy(result),
            copy.deepcopy(result),
            pickle.loads(pickle.dumps(result)),
            type(result).from_dict(json.loads(json.dumps(result.to_dict(), allow_nan=False))),
        ):
            assert other is not result
            assert other == result
            assert hash(other) == hash(result)
            assert len({other, result}) == 1


def test_another_value_or_another_class_is_not_equal(results):
    state, diode = results[:2]
    changed = {
        "gap": state.gap + 1e-15,
        "stiffness": state.stiffness * (1.0 + 1e-15),
        "other_minima": np.array([[0.1, 0.0]]),
        "q0": (state.q0[0], 0.1),
        "converged": not state.converged,
    }
    for name, value in changed.items():
        values = {part: getattr(state, part) for part in state.__dataclass_fields__}
        assert Condensate(**values | {name: value}) != state, name
    assert state != diode
    assert state != 3
    assert (state == 3) is False


def test_arrays_are_read_only_and_not_those_that_were_given():
    mine = np.eye(2)
    state = Condensate(
        q0=(0.1, 0.0), gap=1.0, free_energy=-1.0, stiffness=mine, margin=1.0, t=0.9,
        other_minima=np.zeros((0, 2)), converged=True, residual_current=0.0,
    )  # fmt: skip
    with pytest.raises(ValueError, match="read-only"):
        state.stiffness[0, 0] = 5.0
    mine[0, 0] = 5.0
    assert state.stiffness[0, 0] == 1.0
    again = Condensate.from_dict(state.to_dict())
    assert again.other_minima.shape == (0, 2)
    assert not again.stiffness.flags.writeable
    assert not pickle.loads(pickle.dumps(state)).stiffness.flags.writeable
    with pytest.raises(AttributeError):
        state.gap = 2.0


def test_a_dictionary_inside_cannot_be_written_to(results):
    with pytest.raises(TypeError):
        results[3].residuals["q0"] = 0.0


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, 5e-324, 0.1, -0.0, 1.8e308])
def test_every_float_survives_json(number):
    diode = Diode(*[number] * 3, *[(0.1, 0.0)] * 3, *[number] * 6, (0.0, 0.1), 0.1, True,
                  number, number, False)  # fmt: skip
    text = json.dumps(diode.to_dict(), allow_nan=False)
    again = Diode.from_dict(json.loads(text))
    assert again == diode
    assert repr(again.efficiency) == repr(diode.efficiency)
    assert hash(again) == hash(diode)


def test_nan_is_a_value_like_any_other(results):
    values = {part: getattr(results[1], part) for part in results[1].__dataclass_fields__}
    one, two = (Diode(**values | {"efficiency": float("nan")}) for _ in range(2))
    assert one == two
    assert len({one, two}) == 1
    assert one != results[1]


def test_provenance_goes_along_and_does_not_count(results):
    theory = GinzburgLandau(NATURAL, 0.8, rtol=1e-6)
    origin = provenance_of(theory)
    assert (origin.level, origin.bilayer, origin.t) == ("quartic, band", NATURAL, 0.8)
    assert origin.options["rtol"] == 1e-6
    assert origin.version
    values = {part: getattr(results[1], part) for part in results[1].__dataclass_fields__}
    known = Diode(**values | {"provenance": origin})
    assert known == Diode(**values | {"provenance": None})
    stored = json.loads(json.dumps(known.to_dict()))
    assert Diode.from_dict(stored).provenance == origin
    assert stored["values"]["provenance"]["values"]["bilayer"]["values"]["mu_e"] == NATURAL.mu_e
    assert pickle.loads(pickle.dumps(known)).provenance == origin


def test_a_parent_reads_every_kind(results):
    for result in results:
        assert Record.from_dict(result.to_dict()) == result
    assert Result.from_dict(results[0].to_dict()) == results[0]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"class": "Diod"}, r"stored must be a Diode \(got 'Diod'\)"),
        ({"class": "Condensate"}, r"stored must be a Diode \(got 'Condensate'\)"),
        ({"class": ["Diode"]}, "stored must be a Diode"),
        ({"format": FORMAT + 1}, rf"must have format {FORMAT}, .*\(got format {FORMAT + 1} of"),
        ({"format": True}, "must have format"),
        ({"values": 3}, r"values in stored must be a dictionary \(got 3\)"),
        ({"values": {}}, r"the fields of Diode: missing \['angle', .*\(got \[\]\)"),
    ],
)
def test_what_cannot_be_read_is_refused(results, change, complaint):
    stored = results[1].to_dict()
    with pytest.raises((TypeError, ValueError), match=complaint):
        Diode.from_dict(stored | change)


def test_a_field_too_many_and_a_broken_value_are_refused(results):
    stored = results[1].to_dict()
    with pytest.raises(ValueError, match=r"unknown \['colour'\]"):
        Diode.from_dict(stored | {"values": stored["values"] | {"colour": 1.0}})
    with pytest.raises(ValueError, match=r"values as to_dict writes them \(got"):
        Diode.from_dict(stored | {"values": stored["values"] | {"error": {"number": "lots"}}})
    with pytest.raises(ValueError, match="key 'format'"):
        Diode.from_dict({"class": "Diode"})
    with pytest.raises(TypeError, match=r"made by to_dict \(got 3\)"):
        Diode.from_dict(3)


def test_parameters_are_checked_when_they_are_read():
    stored = NATURAL.to_dict()
    stored["values"]["mass_ratio"] = -1.0
    with pytest.raises(ValueError, match=r"mass_ratio must be positive \(got -1.0\)"):
        Bilayer.from_dict(stored)


def test_a_field_that_json_cannot_hold_is_named():
    with pytest.raises(TypeError, match="numbers, text or records"):
        Provenance("GinzburgLandau", NATURAL, 0.9, {"odd": object()}).to_dict()
