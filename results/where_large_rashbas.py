"""Diode against both Rashba couplings about the set with large exchange fields, level full."""

import numpy as np

from cedrag.sweeps.search import LEADS, table_row

BASE, T = LEADS["exchange"][0], 0.45
POINTS = [
    {"rashba_e": round(float(electron), 6), "rashba_h": round(float(hole), 6)}
    for electron in np.linspace(2.0, 3.5, 11)
    for hole in np.linspace(-1.8, 1.8, 13)
]
# currents to 1e-4, and eta is a difference of two
TOLERANCE = {
    "efficiency": (0.0, 2e-4), "efficiency_global": (0.0, 2e-4),
    "jc_plus": (1e-3, 0.0), "jc_minus": (1e-3, 0.0), "q0": (1e-3, 1e-4),
    "gap": (1e-3, 0.0), "stiffness_temperature": (1e-2, 1e-5), "margin": (1e-9, 1e-9),
    "softness": (3e-2, 1e-3), "second_well": (1e-2, 1e-3),
}  # fmt: skip


def compute(point):
    return table_row(BASE.replace(**point), T, spin="full", rtol=1e-4)
