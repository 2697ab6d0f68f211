"""The compiled calculation of a diode against the general search, which knows nothing of it."""

import warnings

import numpy as np
import pytest

from cedrag import NATURAL, PAPER, Bilayer, GinzburgLandau, ValidityWarning
from cedrag.errors import ConvergenceError, NoCondensateError


class General(GinzburgLandau):
    """Ginzburg-Landau theory without the short cut."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.pairing.common = None


def both(bilayer, t, rtol=1e-8):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        quick, general = GinzburgLandau(bilayer, t, rtol=rtol), General(bilayer, t, rtol=rtol)
        return quick, (quick.condensate(), quick.diode()), (general.condensate(), general.diode())


def assert_same(quick, general):
    (state, diode), (other_state, other) = quick, general
    current = other.jc_plus - other.jc_minus
    error = diode.error + other.error
    assert diode.jc_plus == pytest.approx(other.jc_plus, rel=0, abs=error)
    assert diode.jc_minus == pytest.approx(other.jc_minus, rel=0, abs=error)
    assert error < 1e-5 * current
    for name in ("q0", "q_plus", "q_minus", "window"):
        np.testing.assert_allclose(getattr(diode, name), getattr(other, name), atol=2e-6)
    assert state.free_energy == pytest.approx(other_state.free_energy, rel=2e-6)
    np.testing.assert_allclose(
        state.stiffness, other_state.stiffness, atol=2e-5 * other_state.stiffness[0, 0]
    )
    assert diode.beta_ratio == pytest.approx(other.beta_ratio, abs=1e-3)
    assert diode.transversely_stable == other.transversely_stable
    assert diode.jc_plus_global == pytest.approx(other.jc_plus_global, rel=1e-6)
    assert state.converged
    assert other_state.converged


@pytest.mark.parametrize(
    ("bilayer", "t"), [(PAPER, 0.9), (PAPER, 0.99), (NATURAL, 0.6), (NATURAL, 0.9), (NATURAL, 0.99)]
)
def test_both_readings(bilayer, t):
    theory, quick, general = both(bilayer, t)
    if bilayer is NATURAL:
        assert theory.pairing.common is not None
    assert_same(quick, general)


def test_random_bilayers():
    rng = np.random.default_rng(26)
    quick_ones = 0
    for _ in range(25):
        fermi = rng.uniform(4.0, 14.0)
        bilayer = Bilayer.from_fermi_energies(
            fermi_energy_e=fermi,
            fermi_energy_h=fermi * (1.0 + 0.04 * rng.normal()),
            rashba_e=rng.uniform(-1.5, 1.5),
            rashba_h=rng.choice([0.0, rng.uniform(-0.5, 0.5)]),
            zeeman_inplane=rng.uniform(-4.0, 4.0),
            zeeman_outofplane=rng.uniform(6.0, 15.0),
            mass_ratio=rng.choice([1.0, rng.uniform(0.7, 1.5)]),
        )
        try:
            theory, quick, general = both(bilayer, rng.uniform(0.55, 0.98))
        except (NoCondensateError, ConvergenceError):
            continue
        if theory.pairing.common is not None:
            quick_ones += 1
            assert_same(quick, general)
    assert quick_ones > 12


def test_backward_current_is_the_mirror_image():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        forward = GinzburgLandau(NATURAL).diode()
        backward = GinzburgLandau(NATURAL).diode(angle=np.pi)
    assert backward.jc_plus == -forward.jc_minus
    assert backward.efficiency == pytest.approx(-forward.efficiency, rel=1e-12)


@pytest.mark.parametrize(
    ("t", "binding_energy"),
    [(0.3, None), (1.0, None), (0.9, 2.0)],
)
def test_uncommon_cases_are_left_to_the_general_search(t, binding_energy):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        assert GinzburgLandau(NATURAL, t, binding_energy=binding_energy).pairing.common is None
