"""The compiled integrands against Matsubara sums and differences: `make test` runs this first.

A wrong kernel shows in every chapter.  Here it shows in a second, with its name and size.
"""

import numpy as np
import pytest

from cedrag import NATURAL, PAPER
from cedrag.kernels.pair import integrands

T, E_REF, Q, STEP = 0.9, 1.3, (0.3, -0.2), 1e-5
NAMES = ("alpha", "beta", "d alpha/dq_x", "d alpha/dq_y", "d beta/dq_x", "d beta/dq_y")
READINGS = {"PAPER": PAPER, "NATURAL": NATURAL.replace(rashba_h=0.2)}
MOMENTA = np.random.default_rng(5).uniform(-6.0, 6.0, (40, 2))


def matsubara(bilayer, k, q, n_max=200_000):
    """alpha and beta of one pair: sums over frequencies of the two propagators."""
    e = bilayer.xi_e(k[0] + 0.5 * q[0], k[1] + 0.5 * q[1])
    h = bilayer.xi_h(-k[0] + 0.5 * q[0], -k[1] + 0.5 * q[1])
    w = (2.0 * np.arange(n_max) + 1.0) * np.pi * T
    pairs = 1.0 / ((-1j * w + e) * (-1j * w - h))
    # beyond n_max the summand is -1/w^2, and the sum an integral
    tail = -1.0 / (np.pi * 2.0 * np.pi * T * n_max)
    reduced = bilayer.mass_ratio / (1.0 + bilayer.mass_ratio)
    reference = 1.0 / ((k[0] ** 2 + k[1] ** 2) / (2.0 * reduced) + E_REF)
    return np.array(
        [2.0 * T * pairs.real.sum() + tail + reference, 2.0 * T * (pairs**2).real.sum()]
    )


def compiled(bilayer, k, q):
    bands = (bilayer.band(layer) for layer in "eh")
    reduced = bilayer.mass_ratio / (1.0 + bilayer.mass_ratio)
    return np.array(integrands(*k, *q, T, *bands, E_REF, reduced))


def largest(name, differences, scale):
    """A sentence on the largest difference; empty where it is small."""
    size = np.max(np.abs(differences)) / scale
    return "" if size < 1e-6 else f"{name} is off by {size:.1e} of its largest value"


@pytest.mark.parametrize("reading", READINGS)
def test_alpha_and_beta_are_their_sums(reading):
    bilayer = READINGS[reading]
    found = np.array([compiled(bilayer, k, Q)[:2] for k in MOMENTA])
    exact = np.array([matsubara(bilayer, k, Q) for k in MOMENTA])
    scale = np.abs(exact).max(axis=0)
    faults = [largest(NAMES[i], (found - exact)[:, i], scale[i]) for i in (0, 1)]
    assert not any(faults), "; ".join(filter(None, faults))


@pytest.mark.parametrize("reading", READINGS)
def test_gradients_are_differences(reading):
    bilayer, faults = READINGS[reading], []
    found = np.array([compiled(bilayer, k, Q)[2:] for k in MOMENTA])
    for axis in (0, 1):
        up, down = list(Q), list(Q)
        up[axis] += STEP
        down[axis] -= STEP
        slope = [(compiled(bilayer, k, up) - compiled(bilayer, k, down))[:2] for k in MOMENTA]
        slope = np.array(slope) / (2.0 * STEP)
        for quantity in (0, 1):
            column = 2 * quantity + axis
            scale = np.abs(slope[:, quantity]).max()
            differences = found[:, column] - slope[:, quantity]
            faults.append(largest(NAMES[2 + column], differences, scale))
    assert not any(faults), "; ".join(filter(None, faults))
