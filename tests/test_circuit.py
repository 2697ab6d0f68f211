"""The two-fluid circuit: conservation laws, closed forms, and the plateau as its limit."""

import math

import numpy as np
import pytest
from scipy import constants

from cedrag import drag_ratio
from cedrag.laboratory.circuit import Circuit, NoDissipation, NormalFluids, Resistances
from cedrag.laboratory.plateau import Plateau

NORMAL = Resistances(driven=130.0, passive=90.0, drag=7.0)
ALL = Resistances(driven=60.0, passive=40.0, drag=7.0)
IDEAL = NoDissipation(current_plus=2.0e-6, current_minus=-1.5e-6)
FLUIDS = NormalFluids(
    density_driven=2e15, density_passive=1e15, mass_driven=2e-31, mass_passive=5e-31,
    time_driven=3e-12, time_passive=1e-12, momentum_transfer=4e-6, length=5e-6, width=1e-6,
)  # fmt: skip


class Cubic:
    """V = R I^3/I_0^2, rising, as a law that nothing in the package knows."""

    current_plus, current_minus = 2.0e-6, -1.5e-6

    def voltage(self, current):
        return 20.0 * np.asarray(current) ** 3 / 1e-12


def circuit(law=IDEAL, **options):
    return Circuit(below=NORMAL, above=ALL, law=law, **options)


DRIVE = np.linspace(-4e-6, 4e-6, 80)


@pytest.mark.parametrize("law", [IDEAL, Cubic()])
@pytest.mark.parametrize("load", [0.0, 55.0, math.inf])
@pytest.mark.parametrize("above", ["collapse", "saturation"])
def test_power_of_the_source_is_heat(law, load, above):
    """V_1 I = heat of the normal fluids + V_s I_s + R_L I_2^2, each of them not negative."""
    state = circuit(law, load=load).operate(DRIVE, above=above)
    loss = np.zeros_like(DRIVE) if math.isinf(load) else load * state.passive**2
    pairs = state.pair_voltage * state.pair
    given = state.voltage_driven * state.drive
    assert given == pytest.approx(state.normal_power + pairs + loss, rel=1e-12, abs=1e-24)
    assert np.all(state.normal_power >= 0.0)
    assert np.all(pairs >= -1e-22)


@pytest.mark.parametrize("law", [IDEAL, Cubic()])
def test_the_pairs_obey_their_law_and_the_loop_closes(law):
    state = circuit(law, load=30.0, contact_passive=12.0).operate(DRIVE)
    assert state.voltage_passive == pytest.approx(-42.0 * state.passive, rel=1e-12, abs=1e-22)
    inside = state.superfluid
    assert np.count_nonzero(inside) > 10
    law_voltage = law.voltage(state.pair[inside])
    assert state.pair_voltage[inside] == pytest.approx(law_voltage, rel=1e-9, abs=1e-19)


def test_minus_one_follows_without_load_and_losses_only():
    inside = np.array([-1.4e-6, 1.9e-6])
    assert circuit().zeta(inside) == pytest.approx([-1.0, -1.0], rel=1e-12)
    for other in (circuit(load=1.0), circuit(contact_passive=1.0), circuit(Cubic())):
        assert np.all(other.zeta(inside) > -0.995)
    assert np.all(circuit(load=math.inf).zeta(inside) == 0.0)


@pytest.mark.parametrize("load", [1.0, 50.0, 1e4])
def test_a_load_in_closed_form(load):
    expected = -1.0 / (1.0 + load / NORMAL.parallel)
    assert circuit(load=load).zeta(1e-6) == pytest.approx(expected, rel=1e-12)


def test_open_layer_shows_the_same_voltage():
    """Perfect drag of voltage: V_2 = V_1 = R_p I, where the current of layer 2 is zero."""
    state = circuit(load=math.inf).operate(1e-6)
    assert state.voltage_passive == pytest.approx(state.voltage_driven, rel=1e-12)
    assert state.voltage_driven == pytest.approx(NORMAL.parallel * 1e-6, rel=1e-12)


def test_the_plateau_is_the_limit_of_no_load_and_no_dissipation():
    friction = -ALL.drag / ALL.passive
    step = Plateau(current_plus=2.0e-6, current_minus=-1.5e-6, friction=friction)
    assert circuit().zeta(DRIVE) == pytest.approx(step.zeta(DRIVE), rel=1e-12)
    amplitude = np.abs(DRIVE)
    assert circuit().rectified_square(amplitude) == pytest.approx(
        step.rectified_square(amplitude), rel=1e-12, abs=1e-20
    )


def test_normal_fluids_show_the_friction_of_eq_10():
    """zeta = -R_D/R_2 of short-circuited layers with unequal masses and densities."""
    normal = FLUIDS.resistances()
    forth = 1e15 * 2e-31 / 4e-6
    expected = drag_ratio(drag_time=forth, scattering_time=1e-12, density_ratio=0.5, mass_ratio=0.4)
    none = NoDissipation(current_plus=0.0, current_minus=0.0)
    assert Circuit(below=normal, above=normal, law=none).zeta(1e-6) == pytest.approx(expected)


def test_without_a_lattice_only_relative_motion_costs():
    """tau -> infinity: the heat is Gamma (v_1 - v_2)^2 times the area."""
    free = NormalFluids(**{**vars(FLUIDS), "time_driven": 1e6, "time_passive": 1e6})
    normal = free.resistances()
    current_1, current_2 = 1e-6, 3e-6
    heat = (
        normal.driven * current_1**2
        + 2.0 * normal.drag * current_1 * current_2
        + normal.passive * current_2**2
    )
    # opposite charges: a current forwards in both is motion in opposite senses
    speed = (current_1 / 2e15 + current_2 / 1e15) / (constants.e * 1e-6)
    assert heat == pytest.approx(4e-6 * speed**2 * 5e-12, rel=1e-9)


def test_fewer_normal_carriers_resist_more():
    before, after = FLUIDS.resistances(0.0), FLUIDS.resistances(0.5e15)
    assert after.passive > before.passive
    assert after.driven > before.driven
    assert after.drag == before.drag
    with pytest.raises(ValueError, match=r"superfluid_density must be below both .*1e\+15"):
        FLUIDS.resistances(1e15)


def test_square_wave_of_both_limits():
    """Half of the amplitude if the pairs collapse, at most (I_c+ - |I_c-|)/2 if they saturate."""
    little = Resistances(driven=100.0, passive=100.0, drag=1e-6)
    diode = Circuit(below=little, above=little, law=IDEAL)
    assert diode.rectified_square(1.8e-6) == pytest.approx(-0.9e-6, rel=1e-6)
    saturated = diode.rectified_square(np.linspace(0.0, 1e-5, 400), above="saturation")
    assert np.abs(saturated).max() == pytest.approx(0.25e-6, rel=1e-6)
    assert diode.rectified_square(1e-6) == pytest.approx(0.0, abs=1e-20)


def test_both_limits_bracket():
    low, high = circuit(Cubic()).bracket(DRIVE)
    held = circuit(Cubic()).operate(DRIVE).superfluid
    assert np.all(low <= high)
    assert np.array_equal(low == high, held)
    assert 0 < np.count_nonzero(held) < len(held)


def test_contacts_of_the_driven_layer_cost_voltage_only():
    with_contact = circuit(contact_driven=1e3)
    state = with_contact.operate(1.8e-6)
    assert state.passive == circuit().operate(1.8e-6).passive
    assert with_contact.source_voltage(state) - state.voltage_driven == pytest.approx(1.8e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Resistances(driven=1.0, passive=1.0, drag=1.0), r"drag must be smaller .*got 1"),
        (lambda: Resistances(driven=0.0, passive=1.0, drag=0.0), "driven must be positive"),
        (lambda: circuit(load=-1.0), "load must not be negative"),
        (lambda: circuit(load=math.nan), "load must be a number"),
        (lambda: circuit(law=3), "law must be an object with voltage"),
        (lambda: circuit().zeta(1e-6, above="both"), "above must be one of"),
        (lambda: circuit().rectified_square(-1.0), "amplitude must not be negative"),
        (lambda: NoDissipation(current_plus=1.0, current_minus=1.0), "current_minus must not be"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_critical_drives_are_where_the_pairs_reach_ic():
    """Just inside the pairs hold, just outside not; without losses they are the critical ones."""
    for load in (0.0, 7.0, math.inf):
        made = circuit(Cubic(), load=load)
        minus, plus = made.critical_drives()
        inside = made.operate(np.array([minus, plus]) * (1.0 - 1e-9))
        outside = made.operate(np.array([minus, plus]) * (1.0 + 1e-9))
        assert inside.superfluid.tolist() == [True, True]
        assert outside.superfluid.tolist() == [False, False]
        assert plus > Cubic.current_plus
    assert circuit().critical_drives() == pytest.approx((-1.5e-6, 2e-6), rel=1e-12)


def test_pairs_that_a_load_drives_backwards_never_reach_ic():
    thin = Resistances(driven=1.0, passive=100.0, drag=5.0)
    made = Circuit(below=thin, above=thin, law=IDEAL, load=math.inf)
    assert made.critical_drives() == (-math.inf, math.inf)
