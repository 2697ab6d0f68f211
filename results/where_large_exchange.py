"""Diode against lambda_e and J about the lead with large exchange fields, level band.

The Fermi energies stay.
"""

import numpy as np

from cedrag.sweeps.search import LEADS, table_row

BASE, T = LEADS["exchange"]
POINTS = [
    {"rashba_e": round(float(rashba), 6), "zeeman_outofplane": round(float(J), 6)}
    for rashba in np.linspace(2.2, 3.28, 4)
    for J in np.linspace(16.0, 28.0, 6)
]
# eta is a difference of two currents, each asked for to 1e-5
TOLERANCE = {
    "efficiency": (0.0, 2e-5), "efficiency_global": (0.0, 2e-5),
    "jc_plus": (1e-4, 0.0), "jc_minus": (1e-4, 0.0), "q0": (1e-4, 1e-5),
    "gap": (1e-4, 0.0), "stiffness_temperature": (1e-3, 1e-6), "margin": (1e-9, 1e-9),
    "softness": (1e-2, 1e-4), "second_well": (1e-3, 1e-4),
}  # fmt: skip


def compute(point):
    J = point["zeeman_outofplane"]
    bilayer = BASE.replace(
        rashba_e=point["rashba_e"], zeeman_outofplane=J,
        mu_e=BASE.fermi_energy_e - J, mu_h=BASE.fermi_energy_h - J,
    )  # fmt: skip
    return table_row(bilayer, T, spin="band")
