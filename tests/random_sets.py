"""Random bilayers of wide ranges, and what a search has to answer for each."""

import math
import warnings

import numpy as np

from cedrag import (
    Bilayer,
    ConvergenceError,
    GinzburgLandau,
    LowerStateWarning,
    NoCondensateError,
    NoPairingError,
    ValidityWarning,
)
from cedrag.pairing.integrals import fermi_interval


def random_bilayer(rng):
    """Half of them far from matched contours; some without fields."""
    fermi = rng.uniform(2.0, 40.0)
    mismatch = rng.choice([0.05, 0.3]) * rng.normal()
    return Bilayer.from_fermi_energies(
        fermi_energy_e=fermi,
        fermi_energy_h=fermi * (1.0 + mismatch),
        rashba_e=rng.uniform(-2.0, 2.0),
        rashba_h=rng.choice([0.0, rng.uniform(-2.0, 2.0)]),
        zeeman_inplane=rng.uniform(-8.0, 8.0) if rng.random() < 0.9 else 0.0,
        zeeman_outofplane=rng.uniform(0.0, 40.0) if rng.random() < 0.9 else 0.0,
        mass_ratio=rng.choice([1.0, rng.uniform(0.4, 2.5)]),
    )


def random_set(number):
    """Bilayer and temperature of one set of the campaign: the same in any order."""
    rng = np.random.default_rng([2026, number])
    return random_bilayer(rng), float(rng.choice([rng.uniform(0.5, 0.99), rng.uniform(0.2, 0.5)]))


def lowest_on_a_net(theory, rng):
    """(F, q) of the lowest of many momenta, chosen by the contours alone and not by a search.

    F is sampled at a loose accuracy over all momenta that connect the contours; only the lowest
    sample is computed anew by the theory.
    """
    (e_lo, e_hi), (h_lo, h_hi) = (fermi_interval(theory.bilayer, layer) for layer in "eh")
    centre = 0.5 * (e_lo + e_hi + h_lo + h_hi)
    reach = 0.5 * abs((e_hi - e_lo) - (h_hi - h_lo)) + 4.0 * theory.spacing
    radius = reach * np.sqrt(rng.uniform(0.0, 1.0, 150))
    angle = rng.uniform(0.0, np.pi, 150)
    q = np.array([centre + radius * np.cos(angle), radius * np.sin(angle)])
    lowest = q[:, theory.free_energy(*q, search=1e-3).argmin()]
    return float(theory.free_energy(*lowest, search=True)), lowest


def verdict(bilayer, t, rng):
    """What comes of one random set: a word, or what is wrong with the state."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        theory = GinzburgLandau(bilayer, t, rtol=1e-6)
        try:
            state = theory.condensate()
        except (ConvergenceError, NoCondensateError, NoPairingError) as error:
            return type(error).__name__
        told = {w.category for w in caught}
        assert all(issubclass(kind, ValidityWarning) for kind in told)
        if math.isinf(state.gap):
            return "first order"
        energy, q = lowest_on_a_net(theory, rng)
    if energy < state.free_energy * (1.0 + 1e-3) and LowerStateWarning not in told:
        return f"silent: F = {energy:.8g} at {q}, below {state.free_energy:.8g} at {state.q0}"
    if np.linalg.eigvalsh(state.stiffness)[0] < -1e-5 * np.abs(state.stiffness).max():
        return "silent: a saddle"
    return "lower state told" if LowerStateWarning in told else "minimum"
