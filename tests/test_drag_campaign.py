"""The error estimate of the drag bounds its error: random layers, against a quadrature apart.

The reference shares the response with the package, which tests/test_drag.py compares with
Maldague's average, and nothing else: no adaptivity and no Kronrod rule, but Gauss panels graded
towards zeros and minima of the determinant of the dielectric matrix and the continuum edges.

``CEDRAG_DRAG_INPUTS=1000`` runs the campaign over that many inputs, at four seconds each.
"""

import os

import numpy as np
import pytest
from numpy.polynomial.legendre import leggauss
from scipy import constants as si
from scipy.optimize import brentq, minimize_scalar

from cedrag.drag.parabolic import ParabolicLayer, drag_integrand, drag_rate, polarisability

INPUTS = int(os.environ.get("CEDRAG_DRAG_INPUTS", "10"))
X, WEIGHT = leggauss(8)
# test_a_reference_of_more_nodes_is_the_same holds it to this
REFERENCE_ERROR = 2e-8


def on_panels(edges, order=(X, WEIGHT)):
    """Nodes and weights of a Gauss rule on each panel."""
    x, weight = order
    half, centre = 0.5 * np.diff(edges)[:, None], 0.5 * (edges[1:] + edges[:-1])[:, None]
    return (half * x + centre).ravel(), (half * weight).ravel()


def graded(centre, width, low, high):
    """Panel edges whose distance from ``centre`` doubles, from ``width`` to the whole range."""
    steps = width * 2.0 ** np.arange(-1, np.ceil(np.log2(high / width)) + 1)
    points = np.concatenate([[centre], centre - steps, centre + steps])
    return points[(points > low) & (points < high)]


class Sheets:
    """Two layers in SI with the dynamic RPA interaction written out."""

    def __init__(self, one, two, separation, permittivity, temperature):
        self.layers, self.distance, self.temperature = (one, two), separation, temperature
        self.coulomb = si.e**2 / (2.0 * si.epsilon_0 * permittivity)
        self.thermal = si.k * temperature

    def responses(self, q, w):
        return [polarisability(x, q, w, temperature=self.temperature) for x in self.layers]

    def determinant(self, q, one, two):
        same, other = self.coulomb / q, self.coulomb / q * np.exp(-q * self.distance)
        return (1.0 + same * one) * (1.0 + same * two) - other**2 * one * two

    def integrand(self, q, w):
        one, two = self.responses(q, w)
        other = self.coulomb / q * np.exp(-q * self.distance)
        squared = np.abs(other / self.determinant(q, one, two)) ** 2
        half = np.minimum(si.hbar * w / (2.0 * self.thermal), 300.0)
        return squared * one.imag * two.imag / np.sinh(half) ** 2

    def edges(self, q):
        """Frequencies at which either continuum changes, each with its width, and the last."""
        marks, last = [], np.inf
        for layer in self.layers:
            kf = layer.fermi_wavevector
            thermal = np.sqrt(2.0 * layer.mass * self.thermal) / si.hbar
            for k in (kf - 0.5 * q, kf + 0.5 * q):
                smear = min(thermal**2 / kf, thermal) * si.hbar * q / layer.mass
                marks.append((abs(k) * si.hbar * q / layer.mass, smear))
            top = np.sqrt(kf**2 + 42.0 * thermal**2) + 0.5 * q
            last = min(last, top * si.hbar * q / layer.mass)
        return marks, min(last, 46.0 * self.thermal / si.hbar)

    def resonances(self, q, scan):
        """Frequencies of the poles near ``scan``, each with its distance from the real axis.

        A weakly damped pole is a zero of Re det, a strongly damped one only a minimum of |det|.
        """

        def det(w):
            return self.determinant(q, *self.responses(q, w))

        values = det(scan)
        size = np.abs(values)
        places = [
            brentq(lambda w: det(w).real, scan[i], scan[i + 1], xtol=1e-15 * scan[i], rtol=1e-14)
            for i in np.flatnonzero(values.real[1:] * values.real[:-1] < 0.0)
        ]
        places += [
            minimize_scalar(
                lambda x: abs(det(np.exp(x))), bounds=np.log(scan[[i, i + 2]]), method="bounded"
            )
            for i in np.flatnonzero((size[1:-1] < size[:-2]) & (size[1:-1] < size[2:]))
        ]
        found = []
        for place in places:
            w = place if isinstance(place, float) else float(np.exp(place.x))
            slope = (det(w * (1 + 1e-5)) - det(w * (1 - 1e-5))) / (2e-5 * w)
            found.append((w, np.clip(abs(det(w) / slope), 1e-15 * w, 0.1 * w)))
        return found

    def frequency_integral(self, q, order):
        marks, last = self.edges(q)
        first = 1e-3 * min(w for w, _ in marks if w > 0.0)
        scan = np.unique(np.concatenate([np.geomspace(first, last, 300), [m for m, _ in marks]]))
        panels = [np.array([0.0, last]), np.geomspace(first, last, 40)]
        for w, width in marks + self.resonances(q, scan[scan <= last]):
            panels.append(graded(w, width, 0.0, last))
        w, weight = on_panels(np.unique(np.concatenate(panels)), order)
        return weight @ self.integrand(q, w)

    def resistivity(self, order=(X, WEIGHT), panels=12):
        """rho_D by the formula at the head of drag/parabolic.py."""
        last, kinks = 18.0 / self.distance, []
        for layer in self.layers:
            thermal = np.sqrt(2.0 * layer.mass * self.thermal) / si.hbar
            kf = layer.fermi_wavevector
            last = min(last, 2.0 * np.hypot(kf, np.sqrt(40.0) * thermal))
            kinks.append(graded(2.0 * kf, min(thermal**2 / kf, thermal), 0.0, 4.0 * kf))
        grid = np.concatenate([[0.0], np.geomspace(0.01, 1.0, panels) * last, *kinks])
        q, weight = on_panels(np.unique(grid[grid <= last]), leggauss(order[0].size - 2))
        inner = np.array([self.frequency_integral(x, order) for x in q])
        one, two = self.layers
        scale = 8.0 * np.pi**2 * si.e**2 * one.density * two.density * self.thermal
        return si.hbar**2 / scale * (weight @ (q**3 * inner))


def random_input(rng):
    """Layers from cold to far above their Fermi temperature, near and far, of unequal kind."""

    def layer():
        return ParabolicLayer(
            density=10.0 ** rng.uniform(14.0, 16.0), mass=rng.uniform(0.05, 1.0) * si.m_e,
            degeneracy=int(rng.choice([1, 2, 4])),
        )  # fmt: skip

    return layer(), layer(), {
        "separation": 10.0 ** rng.uniform(-8.3, -7.0), "permittivity": rng.uniform(3.0, 15.0),
        "temperature": 10.0 ** rng.uniform(-0.5, 2.0),
    }  # fmt: skip


def test_the_estimate_bounds_the_error_of_random_inputs():
    rng = np.random.default_rng(11)
    short = []
    for number in range(INPUTS):
        one, two, options = random_input(rng)
        rtol = 10.0 ** rng.uniform(-7.0, -3.0)
        found = drag_rate(one, two, rtol=rtol, **options)
        error = abs(found.resistivity / Sheets(one, two, **options).resistivity() - 1.0)
        if error > found.error + REFERENCE_ERROR:
            short.append((number, error, found.error, one, two, options))
    print(f"{INPUTS} inputs, {len(short)} estimates below the error")
    assert short == []


WARM = (
    ParabolicLayer(density=452918608849283.6, mass=1.2375487120641013e-31, degeneracy=2),
    ParabolicLayer(density=191717531358340.1, mass=1.0532628134720925e-31, degeneracy=4),
)
WARM_SAMPLE = {
    "separation": 8.986460612552645e-08, "permittivity": 3.5845888082192454,
    "temperature": 75.15456544330354,
}  # fmt: skip


@pytest.mark.parametrize("rtol", [1e-4, 1e-6, 1e-9])
def test_the_plasmon_of_two_warm_layers_is_found(rtol):
    """Both layers are dilute: below the plasmon the dielectric function is positive again."""
    found = drag_rate(*WARM, rtol=rtol, **WARM_SAMPLE)
    reference = Sheets(*WARM, **WARM_SAMPLE).resistivity(order=leggauss(12), panels=20)
    assert abs(found.resistivity / reference - 1.0) <= found.error + 1e-10
    assert found.error <= 3.0 * rtol


def test_a_reference_of_more_nodes_is_the_same():
    rng = np.random.default_rng(5)
    for _ in range(2):
        one, two, options = random_input(rng)
        sheets = Sheets(one, two, **options)
        more = sheets.resistivity(order=leggauss(12), panels=18)
        assert sheets.resistivity() == pytest.approx(more, rel=REFERENCE_ERROR, abs=0.0)


def test_an_integrand_that_underflows_is_zero():
    q, w = np.array([1e9, 3e10]), np.array([1e16, 1e17])
    weight = drag_integrand(*WARM, q, w, **{**WARM_SAMPLE, "temperature": 1.0})
    np.testing.assert_array_equal(weight, 0.0)
