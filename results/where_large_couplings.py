"""Diode against both Rashba couplings about the lead with opposite ones, level band."""

import numpy as np

from cedrag.sweeps.search import LEADS, table_row

BASE, T = LEADS["opposite"]
POINTS = [
    {"rashba_e": round(float(electron), 6), "rashba_h": round(float(hole), 6)}
    for electron in np.linspace(0.0, 4.6, 10)
    for hole in np.linspace(-4.6, 4.6, 10)
]
# eta is a difference of two currents, each asked for to 1e-5
TOLERANCE = {
    "efficiency": (0.0, 2e-5), "efficiency_global": (0.0, 2e-5),
    "jc_plus": (1e-4, 0.0), "jc_minus": (1e-4, 0.0), "q0": (1e-4, 1e-5),
    "gap": (1e-4, 0.0), "stiffness_temperature": (1e-3, 1e-6), "margin": (1e-9, 1e-9),
    "softness": (1e-2, 1e-4), "second_well": (1e-3, 1e-4),
}  # fmt: skip


def compute(point):
    bilayer = BASE.replace(rashba_e=point["rashba_e"], rashba_h=point["rashba_h"])
    return table_row(bilayer, T, spin="band")
