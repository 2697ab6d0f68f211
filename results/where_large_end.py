"""Diode around the end of a first-order line between two wells, in lambda_e and J, level full.

Fermi energies as in the set with large exchange fields.
"""

import math

import numpy as np

from cedrag import MeanField
from cedrag.sweeps.candidates import NO_DIODE, examined
from cedrag.sweeps.search import LEADS

BASE, T = LEADS["exchange"][0].replace(rashba_h=0.0), 0.45
POINTS = [
    {"rashba_e": round(float(rashba), 6), "zeeman_outofplane": float(J)}
    for rashba in np.linspace(3.3, 3.7, 9)
    for J in (35, 38, 41, 44, 47)
]
TOLERANCE = {
    "efficiency": (0.0, 1e-3), "efficiency_global": (0.0, 1e-3), "q0": (3e-3, 1e-4),
    "curvature": (1e-2, 1e-4), "second_well": (1e-2, 1e-3), "stiffness_temperature": (2e-2, 1e-5),
}  # fmt: skip


def compute(point):
    J = point["zeeman_outofplane"]
    bilayer = BASE.replace(
        rashba_e=point["rashba_e"], zeeman_outofplane=J,
        mu_e=BASE.fermi_energy_e - J, mu_h=BASE.fermi_energy_h - J,
    )  # fmt: skip
    theory = MeanField(bilayer, T, spin="full", rtol=1e-4)
    try:
        found = examined(theory)
    except NO_DIODE:
        return dict.fromkeys(TOLERANCE, math.nan)
    row = {name: float(getattr(found, name)) for name in TOLERANCE if hasattr(found, name)}
    return row | {"curvature": float(theory.minima[0].stiffness[0])}
