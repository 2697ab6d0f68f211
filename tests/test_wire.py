"""The wire: units, detailed balance, both ends, and the circuit that takes it."""

import dataclasses
import math
import warnings

import numpy as np
import pytest
from scipy import constants

from cedrag import NATURAL, GinzburgLandau, MeanField, Scales, ValidityWarning
from cedrag.laboratory.circuit import Circuit, Resistances
from cedrag.laboratory.gradient_expansion import gradient_expansion
from cedrag.laboratory.phase_slips import find_saddle
from cedrag.laboratory.superflow import find_superflow
from cedrag.laboratory.wire import Wire, barrier_table

SCALES = Scales(critical_temperature=10.0, electron_mass=0.2)


@pytest.fixture(scope="module")
def expansion():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        return gradient_expansion(GinzburgLandau(NATURAL, 0.6))


@pytest.fixture(scope="module")
def wire(expansion):
    return Wire(
        table=barrier_table(expansion), flow=find_superflow(MeanField(NATURAL, 0.6, spin="band")),
        scales=SCALES, width=30e-9, length=2e-6, normal_resistance=5e3,
    )  # fmt: skip


def test_between_the_nodes_the_table_is_the_saddle(expansion, wire):
    for fraction in (0.22, 0.7, -0.93):
        limit = expansion.jc_plus if fraction > 0.0 else -expansion.jc_minus
        expected = find_saddle(expansion, fraction * limit).barrier / limit
        assert float(wire.table.over_critical(fraction)) == pytest.approx(expected, rel=2e-5)


def test_barrier_in_si_units_and_in_units_of_j_c(expansion, wire):
    saddle = find_saddle(expansion, 0.0)
    rescaled = saddle.barrier * wire.flow.jc_plus / expansion.jc_plus
    joule = rescaled * SCALES.energy / SCALES.length * wire.width
    assert float(wire.barrier(0.0)) * constants.k * 6.0 == pytest.approx(joule, rel=1e-12)


def test_no_barrier_at_both_critical_currents(wire):
    edges = np.array([wire.current_minus, wire.current_plus])
    assert wire.barrier(edges) == pytest.approx([0.0, 0.0], abs=1e-12)
    assert wire.voltage(edges) == pytest.approx(5e3 * edges, rel=1e-12)


def test_detailed_balance(wire):
    I = np.array([0.1, -0.2]) * wire.current_plus  # noqa: E741
    forth, back = wire.slip_rates(I)
    work = constants.h * np.abs(I) / constants.e / (constants.k * 6.0)
    assert np.log(forth / back) == pytest.approx(work, rel=1e-9)


def test_linear_resistance_at_small_currents(wire):
    """R = (h/e)^2 Omega e^{-F/T}/(k_B T): half of the slip's work is left to either barrier."""
    small = 1e-6 * wire.current_plus
    forth, _ = wire.slip_rates(0.0)
    expected = (constants.h / constants.e) ** 2 * float(forth) / (constants.k * 6.0)
    assert wire.voltage(small) == pytest.approx(min(expected, 5e3) * small, rel=1e-3)


def test_both_attempt_rates_are_told(wire):
    low, high = wire.attempt_rates
    thermal = wire.length / wire.core * constants.k * 6.0 / constants.hbar
    assert low < high
    assert thermal in (pytest.approx(low), pytest.approx(high))


def test_a_given_attempt_rate_is_taken(wire):
    chosen = dataclasses.replace(wire, attempt_rate=1e9)
    forth, _ = chosen.slip_rates(0.0)
    assert float(forth) == pytest.approx(1e9 * math.exp(-float(wire.barrier(0.0))), rel=1e-12)


def test_a_circuit_takes_it(wire):
    normal = Resistances(driven=3e3, passive=3e3, drag=100.0)
    zeta = Circuit(below=normal, above=normal, law=wire).zeta([0.2e-9, -0.2e-9])
    assert np.all((zeta > -1.0) & (zeta < -100.0 / 3e3))


def test_a_wide_wire_is_refused(wire):
    with pytest.raises(ValueError, match="width must be at most pi/2 coherence lengths"):
        dataclasses.replace(wire, width=1e-6)
