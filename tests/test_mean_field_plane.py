"""Oblique currents and minima off the axis: a toy with known answers, and the second derivation."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize

from cedrag import NATURAL, Bilayer, ConvergenceError, MeanField
from cedrag.condensate.mean_field_plane import critical_state
from cedrag.condensate.oblique import follow_current
from cedrag.condensate.pair_states import PairState, PairStates

REFERENCE = json.loads((Path(__file__).parent / "data" / "mean_field_reference.json").read_text())


class Meeting:
    """F = -A^2/2 with A = 1 - a x^2 - b (y^2 - c (1 - x))^2: mirror images that meet at x = 1.

    Off the axis y^2 = c (1 - x), there J_x = 2 a x (1 - a x^2); from x = 1 on the axis is stable.
    """

    a, b, c = 0.1, 0.2, 0.5
    spacing, rtol, mirror, bilayer = 0.5, 1e-8, True, NATURAL

    def field(self, x, y):
        """A, its gradient and second derivatives (xx, xy, yy)."""
        u = y * y - self.c * (1.0 - x)
        A = 1.0 - self.a * x * x - self.b * u * u
        slope = -2.0 * self.a * x - 2.0 * self.b * self.c * u, -4.0 * self.b * y * u
        bend = (
            -2.0 * self.a - 2.0 * self.b * self.c**2,
            -4.0 * self.b * self.c * y,
            -4.0 * self.b * u - 8.0 * self.b * y * y,
        )
        return A, np.array(slope), bend

    def free_energy(self, qx, qy=0.0, *, search=False):
        A, _, _ = self.field(np.asarray(qx), np.asarray(qy))
        return np.where(A > 0.0, -0.5 * A * A, 0.0)

    def current(self, qx, qy=0.0, *, search=False):
        A, slope, _ = self.field(np.asarray(qx), np.asarray(qy))
        return np.where(A > 0.0, -A * slope, np.nan)

    def state(self, x, y, near=None, before=None, search=False):
        A, (x1, y1), (xx, xy, yy) = self.field(x, y)
        if A <= 0.0:
            return None
        return PairState(
            q=(x, y), field=(A,), free_energy=-0.5 * A * A, current=(-A * x1, -A * y1),
            stiffness=(-x1 * x1 - A * xx, -x1 * y1 - A * xy, -y1 * y1 - A * yy),
            drift=((x1,), (y1,)), density_e=1.0, density_h=1.0, energy_error=0.0,
            current_error=0.0, rays=8,
        )  # fmt: skip

    def completed_aside(self, state):
        return state

    @property
    def branches(self):
        return self

    def turning(self, state, sense):
        def stiff(x):
            return self.state(x, 0.0).stiffness[0]

        root = optimize.brentq(stiff, state.q[0], state.q[0] + 1.5 * sense, xtol=1e-12)
        return self.state(root, 0.0)


@pytest.mark.parametrize("by", ["states", "differences"])
def test_images_that_meet_go_on_along_the_axis(by):
    toy = Meeting()
    rest = toy.state(0.0, math.sqrt(toy.c))

    def critical(angle):
        if by == "states":
            state, current = critical_state(toy, rest, angle)
            return state.q, current
        return follow_current(toy, rest.q, angle, 1.0)

    right = optimize.minimize_scalar(
        lambda x: -toy.current(x)[0], bounds=(1.0, 2.5), method="bounded", options={"xatol": 1e-9}
    )
    q, current = critical(0.0)
    assert current == pytest.approx(-right.fun, rel=1e-8)
    assert q == pytest.approx((right.x, 0.0), abs=1e-5)
    q, current = critical(math.pi)
    x = 1.0 / math.sqrt(3.0 * toy.a)
    assert current == pytest.approx(4.0 * toy.a * x / 3.0, rel=1e-8)
    assert q == pytest.approx((-x, math.sqrt(toy.c * (1.0 + x))), abs=2e-4)


def test_both_followers_agree_in_any_direction():
    toy = Meeting()
    rest = toy.state(0.0, math.sqrt(toy.c))
    for angle in (0.4, 1.3, 2.5, -0.9):
        state, current = critical_state(toy, rest, angle)
        assert current == pytest.approx(follow_current(toy, rest.q, angle, 1.0)[1], rel=1e-7)
        n = np.array([math.cos(angle), math.sin(angle)])
        J = np.array(state.current)
        assert abs(J[0] * n[1] - J[1] * n[0]) < 1e-4 * current


def test_a_curve_that_breaks_off_is_told():
    class Broken(Meeting):
        def state(self, x, y, near=None, before=None, search=False):
            return None if not search else super().state(x, y)

    toy = Broken()
    rest = toy.state(0.0, math.sqrt(toy.c), search=True)
    with pytest.raises(ConvergenceError, match="the branch is interrupted at q = "):
        critical_state(toy, rest, math.pi)


@pytest.mark.parametrize("row", REFERENCE["oblique"], ids=lambda r: f"{r['angle']:.2f}")
def test_oblique_currents_of_the_second_derivation(row):
    theory = MeanField(NATURAL, row["t"], spin="full", rtol=1e-7)
    rest = theory.minima[0]
    state, current = critical_state(theory, rest, row["angle"])
    assert current == pytest.approx(row["current"], rel=1e-7)
    assert state.q == pytest.approx(row["q"], abs=1e-5)


@pytest.mark.parametrize("spin", ["band", "full", "texture"])
@pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")
def test_no_efficiency_across_the_field(spin):
    """The mirror turns J_y round: J_c is even in it, at every level."""
    theory = MeanField(NATURAL, 0.8, spin=spin, rtol=1e-5)
    assert theory.diode(math.pi / 2.0).efficiency == 0.0
    forth, back = (theory.diode(angle) for angle in (0.6, -0.6))
    assert forth.efficiency == back.efficiency
    assert abs(forth.efficiency) > 1e-5


SMALL_J = Bilayer(
    mu_e=25.38, mu_h=32.05, rashba_e=1.561, zeeman_inplane=1.82, zeeman_outofplane=0.397,
    mass_ratio=1.73,
)  # fmt: skip


def test_pairs_of_both_columns_are_found_from_the_start():
    """At small J pairs form in both columns: that of one has alpha > 0 where T_c is."""
    theory = MeanField(SMALL_J, 0.5, rtol=1e-4)
    assert not theory.pair_states.one_column
    column = PairStates(SMALL_J, 1.0, "full", 1e-4)
    column.offset = theory.pair_states.offset
    assert column.one_column
    assert column.alpha(theory.pairing_momentum) > 0.01
    assert MeanField(NATURAL, 0.6, rtol=1e-4).pair_states.one_column
