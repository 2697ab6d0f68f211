"""One alpha integral and one beta by scipy, to the accuracy that cedrag is asked for."""

import numpy as np
import reference
from numba import njit
from scipy import integrate
from timing import Measured, once, repeat

from cedrag import PAPER
from cedrag.kernels.pair import integrands
from cedrag.pairing.integrals import PairIntegrals

Q = (0.25, 0.0)
RTOL = 1e-8


def model():
    """Arguments of the integrands after q."""
    return PairIntegrals(PAPER, 0.9, RTOL).model


def cedrag_values():
    """Both integrals by a new mesh, as for the first momentum of a new bilayer."""
    run = lambda: PairIntegrals(PAPER, 0.9, RTOL).evaluate(np.array([Q]))[0][0, :2]  # noqa: E731
    first, seconds, got = repeat(run, budget=1.0)
    want = with_cubature()
    difference = float(np.abs(got / want - 1.0).max())
    return Measured(seconds, difference, 10 * RTOL, "scipy cubature", first=first,
                    values={"A": got[0], "beta": got[1]})  # fmt: skip


def with_cubature():
    """A(q) and beta(q) by scipy.integrate.cubature with the numpy integrands.

    Half of the plane in polar coordinates, the radius r = s/(1 - s) out to infinity.
    """
    arguments = model()

    def polar(x):
        s, angle = x[:, 0], x[:, 1]
        r = s / (1.0 - s)
        f = reference.integrands(r * np.cos(angle), r * np.sin(angle), *Q, *arguments)[:2]
        return (f * (2.0 * r / (1.0 - s) ** 2 / (2.0 * np.pi) ** 2)).T

    found = integrate.cubature(
        polar, [0.0, 0.0], [1.0, np.pi], rule="gk21", rtol=RTOL, atol=0.0, max_subdivisions=20_000
    )
    if found.status != "converged":
        raise RuntimeError(f"cubature: {found.status}, error {found.error}")
    return found.estimate


@njit
def _polar(s, angle, component, qx, qy, T, e_band, h_band, E_ref, m_r):
    r = s / (1.0 - s)
    f = integrands(r * np.cos(angle), r * np.sin(angle), qx, qy, T, e_band, h_band, E_ref, m_r)
    return f[component] * (2.0 * r / (1.0 - s) ** 2 / (2.0 * np.pi) ** 2)


def with_dblquad():
    """The same by scipy.integrate.dblquad, which gets cedrag's compiled integrand."""
    arguments = model()
    return np.array(
        [
            integrate.dblquad(
                _polar, 0.0, np.pi, 0.0, 1.0, args=(component, *Q, *arguments),
                epsabs=0.0, epsrel=RTOL,
            )[0]
            for component in (0, 1)
        ]
    )  # fmt: skip


def _against_cedrag(function):
    want = PairIntegrals(PAPER, 0.9, RTOL).evaluate(np.array([Q]))[0][0, :2]
    seconds, got = once(function)
    return Measured([seconds], float(np.abs(got / want - 1.0).max()), 10 * RTOL, "cedrag")


def cubature():
    """scipy.integrate.cubature, one run."""
    return _against_cedrag(with_cubature)


def dblquad():
    """scipy.integrate.dblquad, one run."""
    _polar(0.5, 0.5, 0, *Q, *model())  # compiled before the clock starts
    return _against_cedrag(with_dblquad)
