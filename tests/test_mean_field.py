"""Mean field at finite gap: benchmarks, a second derivation, symmetries and limits."""

import json
import math
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cedrag import (
    NATURAL,
    PAPER,
    AboveBKTWarning,
    Bilayer,
    FirstOrderWarning,
    GinzburgLandau,
    MeanField,
    NoCondensateError,
    OccupiedUpperBranchWarning,
    bkt_temperature,
    transition,
)
from cedrag.condensate.mean_field_axis import MeanFieldAxis
from cedrag.condensate.state import find_condensate
from cedrag.kernels.mean_field_band import CURRENT
from cedrag.sweeps.search import LEADS

REFERENCE = json.loads((Path(__file__).parent / "data" / "mean_field_reference.json").read_text())


def critical(theory):
    """q0 and both critical states on the axis."""
    axis, state = MeanFieldAxis(theory), theory.minima[0]
    return state, axis.turning(state, 1.0), axis.turning(state, -1.0)


def efficiency(plus, minus):
    jp, jm = plus.current[0], minus.current[0]
    return (jp + jm) / (jp - jm)


# published rows and the second derivation ------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [r for r in REFERENCE["rows"] if r["level"] in ("band", "column")],
    ids=lambda r: f"{r['level']} t={r['t']}",
)
def test_second_derivation(row):
    s, v = row["sample"], row["values"]
    bilayer = Bilayer(
        mu_e=s["mu_e"], mu_h=s["mu_h"], rashba_e=s["rashba_e"], rashba_h=s["rashba_h"],
        zeeman_inplane=s["B"], zeeman_outofplane=s["J"], mass_ratio=s["mass_h"],
    )  # fmt: skip
    spin = "band" if row["level"] == "band" else "full"
    theory = MeanField(bilayer, row["t"], spin=spin)
    state, plus, minus = critical(theory)
    assert theory.binding_energy == pytest.approx(v["binding_energy"], rel=1e-9)
    assert state.q[0] == pytest.approx(v["q0"], abs=1e-8)
    assert state.gap == pytest.approx(v["gap"], rel=2e-8)
    assert state.free_energy == pytest.approx(v["free_energy"], rel=3e-8)
    assert plus.current[0] == pytest.approx(v["jc_plus"], rel=3e-8)
    assert minus.current[0] == pytest.approx(v["jc_minus"], rel=3e-8)
    assert efficiency(plus, minus) == pytest.approx(v["efficiency"], abs=1e-8)
    assert state.stiffness[0] == pytest.approx(v["stiffness_xx"], rel=1e-8)
    if "stiffness_yy" in v:
        assert state.stiffness[2] == pytest.approx(v["stiffness_yy"], rel=1e-8)
    assert state.density_e == pytest.approx(v["density_e"], rel=1e-9)
    # the derivation with one hole state lacks the holes that heat lifts into the other, a parabola
    lifted = 0.0
    if spin == "full":
        height = math.hypot(s["B"], s["J"]) - s["mu_h"]
        lifted = s["mass_h"] * row["t"] / (2.0 * math.pi) * math.log1p(math.exp(-height / row["t"]))
    assert state.density_h == pytest.approx(v["density_h"] + lifted, rel=1e-9)


@pytest.mark.parametrize(
    ("bilayer", "t", "q0", "gap", "plus", "minus", "digits"),
    [
        (
            Bilayer(mu_e=-1.5, mu_h=-1.0, rashba_e=1.8, zeeman_inplane=3.0, zeeman_outofplane=8.0),
            0.9, 0.732904, 1.120255, 0.0143161, -0.0138656, (6, 7),
        ),
        (
            Bilayer(
                mu_e=2.0, mu_h=0.5, rashba_e=1.3, rashba_h=-0.4, zeeman_inplane=3.0,
                zeeman_outofplane=9.0, mass_ratio=1.6,
            ),
            0.5, 0.1824, 2.130, 0.2043, -0.2033, (4, 4),
        ),
    ],
    ids=["lambda_e 1.8", "both layers"],
)  # fmt: skip
def test_other_full_rows(bilayer, t, q0, gap, plus, minus, digits):
    state, right, left = critical(MeanField(bilayer, t, rtol=1e-7))
    assert round(state.q[0], digits[0]) == q0
    assert state.gap == pytest.approx(gap, abs=10.0 ** -min(digits[0], 3 if t == 0.5 else 6))
    assert round(right.current[0], digits[1]) == plus
    assert round(left.current[0], digits[1]) == minus


def test_paper_at_level_band():
    state, plus, minus = critical(MeanField(PAPER, 0.9, spin="band"))
    assert round(state.gap, 3) == 1.375
    assert round(plus.current[0], 5) == 0.01243
    assert round(efficiency(plus, minus), 5) == 0.00886


def test_vortices_unbind():
    assert round(bkt_temperature(NATURAL, spin="band"), 6) == 0.734363


# served by the searches of all theories --------------------------------------------------

above = pytest.mark.filterwarnings("ignore::cedrag.errors.AboveBKTWarning")
WIDE = Bilayer(mu_e=-1.5, mu_h=-1.0, rashba_e=1.8, zeeman_inplane=3.0, zeeman_outofplane=8.0)


@above
@pytest.mark.parametrize(
    ("t", "q0", "gap", "energy", "plus", "minus", "eta", "stiffness"),
    [
        (0.9, 0.1986332, 0.9388384, -0.00710797, 0.0285498, -0.0285376, 2.1396e-4,
         (0.184976, 0.183970)),
        (0.5, 0.1988530, 1.7144103, -0.13008831, 0.2883617, -0.2879581, 7.0036e-4,
         (0.791631, 0.788461)),
    ],
)  # fmt: skip
def test_natural_at_level_band(t, q0, gap, energy, plus, minus, eta, stiffness):
    theory = MeanField(NATURAL, t, spin="band")
    state, diode = theory.condensate(), theory.diode()
    assert state.converged
    assert diode.converged
    assert round(state.q0[0], 7) == q0
    assert state.q0[1] == 0.0
    assert round(state.gap, 7) == gap
    assert round(state.free_energy, 8) == energy
    assert tuple(np.diag(state.stiffness).round(6)) == stiffness
    assert state.stiffness[0, 1] == 0.0
    assert round(diode.jc_plus, 7) == plus
    assert round(diode.jc_minus, 7) == minus
    assert round(diode.efficiency, 8) == eta
    assert diode.transversely_stable
    assert diode.provenance.level == "mean field, band"
    assert diode.provenance.options == {"spin": "band", "rtol": 1e-8, "binding_energy": None}
    for edge in diode.window:  # the condensate ends where alpha vanishes
        assert float(theory.alpha(diode.q0[0] + edge)) == pytest.approx(0.0, abs=1e-9)


@above
def test_all_spins_turn_the_diode_round():
    diode = MeanField(NATURAL, 0.9).diode()
    assert round(diode.efficiency, 7) == -3.05e-5
    assert diode.provenance.level == "mean field, full"


@above
@pytest.mark.parametrize(
    ("bilayer", "row"),
    [
        (NATURAL, (0.2019477, 0.950890, -0.00711087, 0.0285447, -0.0285262, 3.24e-4, 0.184790)),
        (PAPER, (None, None, None, None, None, 3.5e-4, None)),
    ],
    ids=["natural", "paper"],
)
def test_texture(bilayer, row):
    theory = MeanField(bilayer, 0.9, spin="texture", rtol=1e-7)
    state, diode = theory.minima[0], theory.diode()
    assert state.stable
    found = (
        diode.q0[0], state.gap, state.free_energy, diode.jc_plus, diode.jc_minus, diode.efficiency,
        state.stiffness[0],
    )  # fmt: skip
    for value, expected, digits in zip(found, row, (7, 6, 8, 7, 7, 5, 6), strict=True):
        if expected is not None:
            assert value == pytest.approx(expected, abs=0.6 * 10.0**-digits)
    assert diode.provenance.level == "mean field, texture"


@pytest.mark.parametrize(
    ("changes", "binding", "message"),
    [
        ({"rashba_h": 0.1}, None, r"rashba_h must be 0 .*got 0.1"),
        ({"rashba_e": 0.0}, None, r"rashba_e must not be 0 .*got 0.0"),
        ({}, 0.1, r"binding_energy must be None .*got 0.1"),
    ],
)
def test_texture_is_refused(changes, binding, message):
    with pytest.raises(ValueError, match=message):
        MeanField(NATURAL.replace(**changes), 0.9, spin="texture", binding_energy=binding)


def test_texture_names_no_interaction():
    with pytest.raises(ValueError, match="binding_energy has no meaning for spin = 'texture'"):
        _ = MeanField(NATURAL, 0.9, spin="texture").binding_energy


@above
def test_wide_set():
    diode = MeanField(WIDE, 0.9, rtol=1e-7).diode()
    assert round(diode.q0[0], 6) == 0.732904
    assert round(diode.jc_plus, 7) == 0.0143161
    assert round(diode.jc_minus, 7) == -0.0138656


@above
@pytest.mark.parametrize(
    "row",
    [r for r in REFERENCE["rows"] if r["level"] in ("band", "column")],
    ids=lambda r: f"{r['level']} t={r['t']}",
)
def test_second_derivation_of_the_diode(row):
    s, v = row["sample"], row["values"]
    bilayer = Bilayer(
        mu_e=s["mu_e"], mu_h=s["mu_h"], rashba_e=s["rashba_e"], rashba_h=s["rashba_h"],
        zeeman_inplane=s["B"], zeeman_outofplane=s["J"], mass_ratio=s["mass_h"],
    )  # fmt: skip
    diode = MeanField(bilayer, row["t"], spin="band" if row["level"] == "band" else "full").diode()
    assert diode.q0[0] == pytest.approx(v["q0"], abs=1e-8)
    assert diode.q_plus[0] == pytest.approx(v["q_plus"], abs=2e-6)  # J is flat there
    assert diode.q_minus[0] == pytest.approx(v["q_minus"], abs=2e-6)
    assert diode.jc_plus == pytest.approx(v["jc_plus"], rel=3e-8)
    assert diode.jc_minus == pytest.approx(v["jc_minus"], rel=3e-8)
    assert diode.efficiency == pytest.approx(v["efficiency"], abs=1e-8)


def test_directions():
    """Turned round by pi; even across the field; continuous off the axis."""
    theory = MeanField(NATURAL, 0.5, spin="band")
    forth, back, across, aside = (theory.diode(a) for a in (0.0, math.pi, math.pi / 2.0, 1e-6))
    assert back.jc_plus == -forth.jc_minus
    assert back.jc_minus == -forth.jc_plus
    assert back.efficiency == -forth.efficiency
    assert across.efficiency == 0.0
    assert 0.0 < across.jc_plus < forth.jc_plus
    # det d2F/dq2 = 0 along the curve of states instead of dJ/dq = 0 along the axis
    assert aside.jc_plus == pytest.approx(forth.jc_plus, rel=1e-9)
    assert aside.jc_minus == pytest.approx(forth.jc_minus, rel=1e-9)


@pytest.mark.parametrize("spin", ["band", "full"])
def test_no_diode_without_rashba_coupling(spin):
    diode = MeanField(NATURAL.replace(rashba_e=0.0), 0.3, spin=spin, rtol=1e-7).diode()
    assert diode.efficiency == 0.0
    assert diode.jc_plus > 0.4


@above
def test_the_quartic_diode_is_the_limit():
    """Critical currents differ by a relative order 1 - t, and eta with them."""
    missed = []
    for t in (0.99, 0.999):
        exact = MeanField(NATURAL, t, spin="band").diode()
        quartic = GinzburgLandau(NATURAL, t).diode()
        missed.append(exact.jc_plus / quartic.jc_plus - 1.0)
        assert exact.q0[0] == pytest.approx(quartic.q0[0], abs=1e-4 * (1.0 - t) / 0.01)
    assert abs(missed[1]) < 1e-3
    assert missed[0] / missed[1] == pytest.approx(10.0, rel=0.05)


def test_searches_see_the_same_theory():
    theory = MeanField(NATURAL, 0.5, spin="band")
    qx, qy = np.array([0.2, 0.4]), np.array([0.0, 0.1])
    assert theory.free_energy(qx, qy, search=True) == pytest.approx(
        theory.free_energy(qx, qy), rel=1e-4
    )
    assert theory.current(0.4, 0.1, search=True) == pytest.approx(
        theory.current(0.4, 0.1), rel=1e-3
    )
    assert np.all(np.isnan(theory.current(2.0, search=True)))
    assert np.all(theory.margin(qx, qy) == 1.0)


def by_differences(theory):
    """The theory with its protocol alone: the general search has to find the minima."""
    shown = (
        "bilayer", "t", "level", "options", "spacing", "free_energy", "current", "current_error",
        "gap", "margin", "starts", "axis", "remarks",
    )  # fmt: skip
    kind = type("Shown", (), dict.fromkeys(shown))
    bare = kind()
    for name in shown:
        setattr(bare, name, getattr(theory, name))
    return bare


@above
def test_condensate_that_breaks_the_mirror():
    """Without an axis the general search finds what Newton steps on exact derivatives find."""
    bilayer = Bilayer(mu_e=1.6, mu_h=1.6, rashba_e=0.7, zeeman_inplane=0.2, zeeman_outofplane=0.3)
    theory = MeanField(bilayer, 0.6, binding_energy=1.0, rtol=1e-6)
    assert theory.axis() is None
    state, other = theory.condensate(), find_condensate(by_differences(theory))
    assert state.converged
    assert state.q0[1] == 0.0
    assert state.free_energy == pytest.approx(other.free_energy, rel=1e-6)
    assert state.q0 == pytest.approx(other.q0, abs=1e-6)
    assert np.diag(state.stiffness) == pytest.approx(np.diag(other.stiffness), rel=1e-3)


def test_no_condensate_says_why():
    for ask in (MeanField.condensate, MeanField.diode, MeanField.starts, MeanField.axis):
        with pytest.raises(NoCondensateError, match=r"t must be below 1 .* \(got 1.2\)"):
            ask(MeanField(NATURAL, 1.2, spin="band"))
    # alpha > 0 everywhere, whatever the temperature is called
    weak = MeanField(NATURAL.replace(mu_h=-1.0), 0.5, spin="band", binding_energy=0.01)
    with pytest.raises(NoCondensateError, match="alpha > 0 and Omega > 0 at every momentum"):
        weak.diode()


def test_vortices_are_told():
    with pytest.warns(AboveBKTWarning, match="vortices unbind"):
        MeanField(NATURAL, 0.8, spin="band").condensate()


# BCS -------------------------------------------------------------------------------------


def matched(fermi_energy):
    """Two equal circular seas, the upper branch far above them."""
    return parabolas(fermi_energy, fermi_energy)


def parabolas(fermi_energy_e, fermi_energy_h, mass_ratio=1.0):
    return Bilayer.from_fermi_energies(
        fermi_energy_e=fermi_energy_e, fermi_energy_h=fermi_energy_h, rashba_e=0.0,
        zeeman_inplane=0.0, zeeman_outofplane=2.0 * fermi_energy_e, mass_ratio=mass_ratio,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("t", "gap", "share", "vq", "current"),
    [
        (0.05, 1.763877, 1.0, 3.41764, 0.833843),
        (0.5, 1.687827, 0.834038, 2.40883, 0.376500),
        (0.9, 0.928402, 0.195948, 1.10700, 0.0367414),
        (0.99, 0.305069, 0.0199632, 0.353338, 0.00117743),
    ],
)
def test_clean_depairing(t, gap, share, vq, current):
    """The table of the quasiclassical limit: a parabola differs by (T/E_F)^2, here 1e-6."""
    energy = 1000.0
    v, density_of_states = math.sqrt(2.0 * energy), 1.0 / (2.0 * math.pi)
    state, plus, _ = critical(MeanField(matched(energy), t, spin="band"))
    assert state.q[0] == pytest.approx(0.0, abs=1e-12)
    assert state.gap == pytest.approx(gap, rel=5e-6)
    assert state.stiffness[0] / (energy / (2.0 * math.pi) / 2.0) == pytest.approx(share, rel=2e-5)
    assert v * plus.q[0] == pytest.approx(vq, rel=3e-5)
    assert plus.current[0] / (density_of_states * v) == pytest.approx(current, rel=1e-5)


def test_gap_at_zero_temperature():
    """Delta_0/T_c = pi/e^gamma up to (T_c/E_F)^2: extrapolated from two Fermi energies."""
    gaps = [float(MeanField(matched(e), 0.05, spin="band").gap(0.0)) for e in (100.0, 200.0)]
    assert (4.0 * gaps[1] - gaps[0]) / 3.0 == pytest.approx(1.763876988862, abs=3e-6)


def test_stiffness_at_zero_temperature():
    """Unequal masses and densities, Delta = .3: D = n/(m_e + m_h) with n of the condensate."""
    bilayer = parabolas(1.0, 0.5, mass_ratio=2.0)
    from scipy.optimize import brentq

    def excess(binding):
        theory = MeanField(bilayer, 0.004, spin="band", binding_energy=binding)
        return float(theory.gap(0.0)) - 0.3

    binding = brentq(excess, 0.01, 0.2, xtol=1e-10)
    state = MeanField(bilayer, 0.004, spin="band", binding_energy=binding).state(0.0)
    expected = (0.75 + math.sqrt(0.6525)) / (9.0 * math.pi)
    assert state.stiffness[0] == pytest.approx(expected, rel=1e-7)
    assert state.stiffness[2] == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(("ratio", "limit"), [(0.01, 0.961274), (0.05, 0.828578), (0.1, 0.700869)])
def test_vortices_in_matched_seas(ratio, limit):
    assert round(bkt_temperature(matched(1.0 / ratio), spin="band"), 6) == limit


def test_vortices_in_paper():
    assert round(bkt_temperature(PAPER, spin="band"), 2) == 0.61


# mismatch --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("t", "h", "vq"),
    [
        (0.05, 1.618906, 3.416267),
        (0.2, 1.351878, 3.004669),
        (0.4, 1.149850, 2.168328),
        (0.54, 1.079891, 0.840970),
    ],
)
def test_fflo_line(t, h, vq):
    """alpha = 0 on the second-order line; at E_F = 1000 it lies (T/E_F)^2 beside the limit's."""
    energy = 1000.0
    binding = MeanField(matched(energy), 1.0, spin="band").binding_energy
    bilayer = Bilayer.from_fermi_energies(
        fermi_energy_e=energy + h, fermi_energy_h=energy - h, rashba_e=0.0, zeeman_inplane=0.0,
        zeeman_outofplane=2.0 * energy,
    )  # fmt: skip
    theory = MeanField(bilayer, t, spin="band", binding_energy=binding)
    q = theory.pairing.minima[0]
    assert math.sqrt(2.0 * energy) * math.hypot(*q) == pytest.approx(vq, rel=2e-4)
    # in units of N_0 ln t
    assert theory.smallest_alpha * 2.0 * math.pi == pytest.approx(0.0, abs=1e-5)


def test_second_order_transition():
    binding = MeanField(NATURAL, 1.0, spin="full").binding_energy
    found = transition(NATURAL, binding, spin="full")
    assert found.t == pytest.approx(1.0, abs=1e-7)
    assert found.order == 2


def test_a_transition_above_all_estimates():
    """Strong couplings raise the density of states: T_c is above (e^gamma/pi) sqrt(2 E_F E_b)."""
    bilayer, _ = LEADS["opposite"]
    binding = MeanField(bilayer, 1.0, spin="band", rtol=1e-5).binding_energy
    found = transition(bilayer, binding, spin="band", rtol=1e-5)
    assert found.t == pytest.approx(1.0, abs=1e-4)
    assert found.order == 2


MISMATCHED = Bilayer.from_fermi_energies(
    fermi_energy_e=1.5, fermi_energy_h=4.5, rashba_e=0.0, zeeman_inplane=0.0,
    zeeman_outofplane=20.0, mass_ratio=1.3,
)  # fmt: skip


@pytest.mark.filterwarnings("ignore::cedrag.AboveBKTWarning")
def test_first_order_transition():
    """Contours of different size pair in a jump, above where alpha vanishes at q = 0."""
    theory = MeanField(MISMATCHED, 0.9, spin="band", rtol=1e-6)
    with pytest.warns(FirstOrderWarning, match=r"of first order .*transition\(\) finds it"):
        theory.condensate()
    found = transition(MISMATCHED, theory.binding_energy, spin="band", rtol=1e-6)
    assert found.order == 1
    assert found.t_alpha == pytest.approx(1.0, abs=1e-6)
    assert found.t > 1.02
    for t, below in ((0.999 * found.t, True), (1.001 * found.t, False)):
        options = {"spin": "band", "binding_energy": theory.binding_energy, "rtol": 1e-6}
        hot = MeanField(MISMATCHED, t, **options)
        assert hot.smallest_alpha > 0.0
        states = hot.states(0.0)
        assert states[0].gap > 1.0  # a state at finite |Delta|, lower than the normal one or not
        assert (states[0].free_energy < 0.0) is below


def test_the_other_column():
    """Weak fields: one column is a saddle, and so are real unknowns; the state found is lower."""
    bilayer = Bilayer(mu_e=1.6, mu_h=1.6, rashba_e=0.7, zeeman_inplane=0.2, zeeman_outofplane=0.3)
    theory = MeanField(bilayer, 0.6, binding_energy=1.0, rtol=1e-6)
    column = MeanFieldAxis(theory).minima()[0]
    assert column.stable is False
    state = theory.minima[0]
    assert state.stable
    assert len(state.field) == 8
    assert state.free_energy < column.free_energy - 0.02
    assert math.hypot(*state.current) < 1e-8


# consistency -----------------------------------------------------------------------------


def differences(values, h):
    """Five-point first derivative."""
    return (values[0] - 8.0 * values[1] + 8.0 * values[2] - values[3]) / (12.0 * h)


@pytest.mark.parametrize("spin", ["band", "full"])
@pytest.mark.parametrize("q", [(0.45, 0.0), (0.3, 0.2)])
def test_derivatives(spin, q):
    """J is the slope of F and the stiffness that of J, with Delta at its minimum everywhere."""
    theory, h = MeanField(NATURAL, 0.7, spin=spin), 2e-3
    state = theory.completed(theory.state(*q))
    along = [theory.state(q[0] + m * h, q[1]) for m in (-2, -1, 1, 2)]
    aside = [theory.state(q[0], q[1] + m * h) for m in (-2, -1, 1, 2)]
    for axis, moved in enumerate((along, aside)):
        slope = differences([s.free_energy for s in moved], h)
        assert slope == pytest.approx(state.current[axis], abs=1e-8)
        bend = differences([s.current[axis] for s in moved], h)
        assert bend == pytest.approx(state.stiffness[2 * axis], abs=1e-7)
    mixed = differences([s.current[1] for s in along], h)
    assert mixed == pytest.approx(state.stiffness[1], abs=1e-7)


@pytest.mark.parametrize("t", [0.15, 0.9])
def test_errors_are_true(t):
    """The estimate at a loose tolerance covers the distance to a tight one."""
    loose, tight = (MeanField(NATURAL, t, spin="band", rtol=r) for r in (1e-4, 1e-10))
    for q in (0.3, 0.5, 0.75):
        a, b = loose.state(q), tight.state(q)
        if b is not None:
            assert abs(a.current[0] - b.current[0]) <= a.current_error + b.current_error + 1e-13
            scale = math.sqrt(abs(b.free_energy * b.stiffness[0]))
            assert abs(a.current[0] - b.current[0]) <= 1e-4 * scale


def test_close_to_the_transition_it_is_the_quartic_theory():
    t = 0.9999
    theory = MeanField(NATURAL, t, spin="band", rtol=1e-9)
    quartic = GinzburgLandau(NATURAL, t, rtol=1e-9)
    q = theory.minima[0].q[0]
    # the next term is of relative order 1 - t
    assert theory.gap(q) == pytest.approx(float(quartic.gap(q)), rel=3e-4)
    assert theory.current(q + 2e-3)[0] == pytest.approx(
        float(quartic.current(q + 2e-3)[0]), rel=1e-3
    )
    assert theory.alpha(q) == pytest.approx(float(quartic.alpha(q)), rel=1e-6)


@pytest.mark.parametrize("spin", ["band", "full"])
@pytest.mark.parametrize("t", [0.3, 0.9])
def test_a_boost_bounds_the_free_energy(spin, t):
    """F(q + p) <= F(q) + J.p + D_0 p^2/2 with D_0 = 1/(m_e/n_e + m_h/n_h) at q."""
    theory = MeanField(NATURAL, t, spin=spin)
    state = theory.minima[0]
    rigid = theory.rigidity(state)
    assert rigid == 1.0 / (1.0 / state.density_e + NATURAL.mass_ratio / state.density_h)
    assert state.stiffness[0] <= rigid
    assert state.stiffness[2] <= rigid
    for p in (-0.3, 0.1, 0.4):
        moved = float(theory.free_energy(state.q[0] + p))
        assert moved <= state.free_energy + state.current[0] * p + 0.5 * rigid * p * p


@pytest.mark.parametrize("spin", ["band", "full"])
@pytest.mark.parametrize("bilayer", [NATURAL, WIDE], ids=["natural", "wide"])
def test_the_current_of_a_vanishing_gap_is_the_slope_of_alpha(spin, bilayer):
    """J = |Delta|^2 d alpha/dq + O(Delta^4); at Delta = 0 no current, whatever the momentum."""
    states, q, step = MeanField(bilayer, 0.6, spin=spin).pair_states, 0.31, 1e-3
    f = states.functional((q, 0.0))
    direction = np.linalg.eigh(f.form(64, 3.0)[0])[1][:, 0]
    mesh = f.mesh(64, 3.0, 1e-8)
    per_square = [f.sums(mesh, gap * direction).value[CURRENT] / gap**2 for gap in (1e-2, 2e-2)]
    slope = (states.alpha((q + step, 0.0)) - states.alpha((q - step, 0.0))) / (2.0 * step)
    limit = (4.0 * per_square[0] - per_square[1]) / 3.0
    assert limit == pytest.approx(slope, rel=1e-5)
    assert abs(slope) > 1e-3


# symmetries ------------------------------------------------------------------------------

bilayers = st.builds(
    Bilayer,
    mu_e=st.floats(-1.0, 3.0),
    mu_h=st.floats(-1.0, 3.0),
    rashba_e=st.floats(0.2, 1.2),
    rashba_h=st.just(0.0),
    zeeman_inplane=st.floats(0.5, 3.0),
    zeeman_outofplane=st.floats(7.0, 10.0),
    mass_ratio=st.floats(0.7, 1.5),
)
quick = settings(max_examples=6, deadline=None, derandomize=True)


@pytest.mark.parametrize("spin", ["band", "full"])
@quick
@given(bilayer=bilayers, q=st.floats(-0.3, 0.3))
def test_reversed_field(spin, bilayer, q):
    """B -> -B turns q and J round; so does lambda -> -lambda; J counts through its square."""
    here = MeanField(bilayer, 0.8, spin=spin, binding_energy=1.0, rtol=1e-7).states(q)
    for changes, sense in (
        ({"zeeman_inplane": -bilayer.zeeman_inplane}, -1.0),
        ({"rashba_e": -bilayer.rashba_e}, -1.0),
        ({"zeeman_outofplane": -bilayer.zeeman_outofplane}, 1.0),
    ):
        other = bilayer.replace(**changes)
        there = MeanField(other, 0.8, spin=spin, binding_energy=1.0, rtol=1e-7).states(sense * q)
        assert len(here) == len(there)
        for a, b in zip(here, there, strict=True):
            assert a.free_energy == pytest.approx(b.free_energy, abs=1e-8)
            assert a.gap == pytest.approx(b.gap, abs=1e-7)
            assert a.current[0] == pytest.approx(sense * b.current[0], abs=1e-8)


def test_without_rashba_coupling_full_is_band():
    """Opposite Zeeman energies do not mix: one pair of branches, the others empty."""
    bilayer = NATURAL.replace(rashba_e=0.0)
    band, full = (MeanField(bilayer, 0.6, spin=s, binding_energy=0.2).minima[0] for s in
                  ("band", "full"))  # fmt: skip
    assert full.q[0] == pytest.approx(band.q[0], abs=1e-9)
    # the upper branches are empty but for exp(-(J - mu)/T), and follow as virtual states
    assert full.gap == pytest.approx(band.gap, rel=1e-5)


def test_pure_gauge():
    """A rigid shift of the electrons' band: q0 moves with it, eta stays zero."""
    bilayer = matched(8.0)
    _, plus, minus = critical(MeanField(bilayer, 0.6, spin="band"))
    assert efficiency(plus, minus) == pytest.approx(0.0, abs=1e-10)


# boundaries ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((NATURAL, -0.1), ValueError, r"t must be positive \(got -0.1\)"),
        (("NATURAL", 0.9), TypeError, r"bilayer must be a Bilayer \(got 'NATURAL'\)"),
    ],
)
def test_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        MeanField(*arguments)


def test_unknown_spin():
    with pytest.raises(ValueError, match=r"spin must be one of .* \(got 'half'\)"):
        MeanField(NATURAL, 0.9, spin="half")


def test_no_condensate_at_the_transition():
    with pytest.raises(NoCondensateError, match=r"t must be below 1 .* \(got 1.0\)"):
        MeanField(NATURAL, 1.0).starts()


def test_full_needs_no_empty_branch():
    crowded = NATURAL.replace(mu_e=20.0)
    with pytest.warns(OccupiedUpperBranchWarning):
        MeanField(crowded, spin="band")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MeanField(crowded, spin="full")


def test_normal_state_is_zero():
    theory = MeanField(NATURAL, 0.9, spin="band")
    assert theory.free_energy(2.0) == 0.0
    assert np.all(theory.current([2.0, 3.0]) == 0.0)


@pytest.mark.parametrize("spin", ["band", "full"])
@pytest.mark.parametrize("change", [{"rashba_e": 0.0}, {"zeeman_inplane": 0.0}])
def test_a_momentum_that_symmetry_forbids_is_zero(spin, change):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = MeanField(NATURAL.replace(**change), 0.5, spin=spin, rtol=1e-6).condensate()
    assert state.q0 == (0.0, 0.0)
