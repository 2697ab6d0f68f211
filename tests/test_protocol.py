"""The searches serve any theory that keeps the protocol: here two components and no mirror."""

import math

import numpy as np
import pytest
from scipy import optimize

from cedrag import NATURAL, Bilayer, NoCondensateError
from cedrag.condensate.diode import find_diode
from cedrag.condensate.state import find_condensate
from cedrag.pairing.pairing import lowest_eigenpair


class Skewed(Bilayer):
    """Stands for bands without a mirror."""

    has_mirror = False


class TwoComponents:
    """F = Delta^dag M(q) Delta + |Delta|^4/2, minimised over the two components of Delta.

    Each component alone is strongest at a momentum of its own; a phase that depends on q mixes
    them.
    J = -value d value/dq, with the slope of the lowest eigenvalue by Hellmann-Feynman.
    """

    spacing = 0.5
    t = 0.01
    level = "toy"
    centres = np.array([[0.3, 0.2], [-0.1, 0.5]])
    widths = np.array([1.0, 1.7])

    def __init__(self, depth=1.0):
        self.depth = depth
        self.bilayer = Skewed(**{name: getattr(NATURAL, name) for name in FIELDS})

    def matrix(self, q):
        """M (n, 2, 2) and dM/dq (n, 2, 2, 2)."""
        away = q[:, None, :] - self.centres
        M, slope = np.zeros((len(q), 2, 2), complex), np.zeros((len(q), 2, 2, 2), complex)
        mixed = 0.3 * np.exp(1j * (0.8 * q[:, 0] - 0.4 * q[:, 1])) * (1.0 + 0.2 * q[:, 1])
        d_mixed = np.stack([0.8j * mixed, -0.4j * mixed + 0.2 * mixed / (1.0 + 0.2 * q[:, 1])], 1)
        for i in range(2):
            d2 = (away[:, i] ** 2).sum(axis=1)
            M[:, i, i] = -self.depth + self.widths[i] * d2 * (1.0 + 0.1 * q[:, 0])
            slope[:, :, i, i] = 2.0 * self.widths[i] * away[:, i] * (1.0 + 0.1 * q[:, 0])[:, None]
            slope[:, 0, i, i] += 0.1 * self.widths[i] * d2
        M[:, 0, 1], M[:, 1, 0] = mixed, mixed.conj()
        slope[:, :, 0, 1], slope[:, :, 1, 0] = d_mixed, d_mixed.conj()
        return M, slope

    def lowest(self, qx, qy):
        qx, qy = np.broadcast_arrays(np.asarray(qx, float), np.asarray(qy, float))
        value, _, slope = lowest_eigenpair(*self.matrix(np.column_stack([qx.ravel(), qy.ravel()])))
        return value.reshape(qx.shape), slope.T.reshape(2, *qx.shape)

    def free_energy(self, qx, qy=0.0, *, search=False):
        value, _ = self.lowest(qx, qy)
        return np.where(value < 0.0, -0.5 * value**2, 0.0)

    def current(self, qx, qy=0.0, *, search=False):
        value, slope = self.lowest(qx, qy)
        return np.where(value < 0.0, -value * slope, np.nan if search else 0.0)

    def current_error(self, qx, qy=0.0):
        return 1e-14 + 0.0 * self.current(qx, qy)

    def gap(self, qx, qy=0.0):
        return np.sqrt(np.maximum(-self.lowest(qx, qy)[0], 0.0))

    def margin(self, qx, qy=0.0):
        return np.ones(np.broadcast_shapes(np.shape(qx), np.shape(qy)))

    def starts(self):
        below = self.centres[self.lowest(*self.centres.T)[0] < 0.0]
        if not len(below):
            raise NoCondensateError("the toy is too shallow")
        return below

    def axis(self):
        return None

    def remarks(self, result):
        return [("a toy", UserWarning)]


FIELDS = (
    "mu_e", "mu_h", "rashba_e", "rashba_h", "zeeman_inplane", "zeeman_outofplane", "mass_ratio",
)  # fmt: skip
toy = pytest.mark.filterwarnings("ignore:a toy:UserWarning")


def brute_minimum(theory):
    """The lowest state of a fine map, refined by a simplex: no currents."""
    x, y = np.meshgrid(np.linspace(-2.0, 2.0, 161), np.linspace(-2.0, 2.0, 161))
    F = theory.free_energy(x, y)
    i = np.unravel_index(np.argmin(F), F.shape)
    return optimize.minimize(
        lambda q: float(theory.free_energy(*q)),
        [x[i], y[i]],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-16},
    )


@toy
def test_condensate_without_a_mirror():
    theory = TwoComponents()
    state, brute = find_condensate(theory), brute_minimum(theory)
    assert state.converged
    assert abs(state.q0[1]) > 0.1
    assert state.q0 == pytest.approx(tuple(brute.x), abs=1e-6)
    assert state.free_energy == pytest.approx(brute.fun, rel=1e-12)
    assert state.gap == pytest.approx((-2.0 * state.free_energy) ** 0.25, rel=1e-12)
    assert np.linalg.eigvalsh(state.stiffness)[0] > 0.0
    assert abs(state.stiffness[0, 1]) > 1e-3  # no axis is distinguished
    assert state.provenance.level == "toy"


class Rough(TwoComponents):
    """Its quick currents are wrong by a little, as those of a coarse mesh are."""

    def current(self, qx, qy=0.0, *, search=False):
        exact = super().current(qx, qy, search=search)
        return exact + np.array([2e-6, -1e-6]).reshape(2, *[1] * (exact.ndim - 1)) * bool(search)


@toy
def test_the_state_is_that_of_the_theory_and_not_of_its_quick_currents():
    rough, exact = find_condensate(Rough()), find_condensate(TwoComponents())
    assert rough.q0 == pytest.approx(exact.q0, abs=1e-10)
    assert rough.residual_current < 1e-11


class Bottomless(TwoComponents):
    """F has no lower bound within a patch that no line through the start meets."""

    patch = np.array([5.0, -2.5])

    def starts(self):
        return np.array([[3.0, -4.0]])

    def free_energy(self, qx, qy=0.0, *, search=False):
        away = np.hypot(np.asarray(qx) - self.patch[0], np.asarray(qy) - self.patch[1])
        return np.where(away < 0.4, -np.inf, 0.0)

    def current(self, qx, qy=0.0, *, search=False):
        return np.full((2, *np.broadcast_shapes(np.shape(qx), np.shape(qy))), np.nan)


@toy
def test_no_lower_bound_away_from_the_start_is_found():
    theory = Bottomless()
    state = find_condensate(theory)
    assert state.gap == math.inf
    diode = find_diode(theory)
    assert diode.jc_plus == math.inf
    assert math.isnan(diode.efficiency)
    assert diode.beta_ratio == 0.0
    assert not diode.converged


def carrying(theory, current, q):
    """The root of J(q) = current next to q."""
    return optimize.root(lambda q: theory.current(*q) - current, q, tol=1e-12)


@toy
@pytest.mark.parametrize("angle", [0.0, 0.4, 2.0])
def test_diode_without_a_mirror(angle):
    """The stable states with J along n are followed by increasing I with scipy's root finder."""
    theory = TwoComponents()
    diode = find_diode(theory, angle)
    n = np.array([math.cos(angle), math.sin(angle)])
    for J_c, critical in ((diode.jc_plus, diode.q_plus), (diode.jc_minus, diode.q_minus)):
        q = np.array(diode.q0)
        for share in (0.3, 0.6, 0.8, 0.9, 0.97, 0.99, 0.999, 1.0 - 1e-5):
            fit = carrying(theory, share * J_c * n, q)
            assert fit.success
            q = fit.x
        assert q == pytest.approx(critical, abs=1e-2)
        # beyond it there is no state, as near as one likes
        assert not carrying(theory, (1.0 + 1e-5) * J_c * n, q).success
    assert diode.efficiency != 0.0


@toy
def test_turned_round():
    forth, back = (find_diode(TwoComponents(), angle) for angle in (0.4, 0.4 + math.pi))
    assert back.efficiency == pytest.approx(-forth.efficiency, abs=1e-9)


class MirrorPair(TwoComponents):
    """Two degenerate wells beside the axis, at q_y = 0.4 and -0.4, and a low barrier between."""

    centres = np.array([[0.2, 0.4], [0.2, -0.4]])

    def __init__(self):
        super().__init__()
        self.bilayer = NATURAL

    def lowest(self, qx, qy):
        x, y = np.broadcast_arrays(np.asarray(qx, float) - 0.2, np.asarray(qy, float))
        apart, rise, softer = y**2 - 0.16, 1.0 + 0.2 * x, 2.0 + 0.6 * x
        value = -1.0 + x**2 * rise + softer * apart**2
        along = 2.0 * x * rise + 0.2 * x**2 + 0.6 * apart**2
        return value, np.stack([along, 4.0 * softer * apart * y])


@toy
@pytest.mark.filterwarnings("ignore::cedrag.errors.SeveralMinimaWarning")
def test_the_better_of_two_mirror_images_carries_the_current():
    """Their branches exchange with the sign of the angle, so the critical current is even in it."""
    up, down = (find_diode(MirrorPair(), angle) for angle in (0.6, -0.6))
    assert up.q0 == down.q0 == pytest.approx((0.2, 0.4), abs=1e-9)
    assert up.jc_plus_branch > 1.1 * down.jc_plus_branch
    for side in (up, down):
        assert side.jc_plus == pytest.approx(up.jc_plus_branch, rel=1e-9)
        assert side.jc_minus == pytest.approx(down.jc_minus_branch, rel=1e-9)


def test_remarks_and_reasons_are_passed_on():
    with pytest.warns(UserWarning, match="a toy"):
        find_condensate(TwoComponents())
    with pytest.raises(NoCondensateError, match="too shallow"):
        find_condensate(TwoComponents(depth=-1.0))


def test_what_is_no_theory_is_refused():
    with pytest.raises(TypeError, match="theory must be an object with free_energy"):
        find_condensate(NATURAL)
