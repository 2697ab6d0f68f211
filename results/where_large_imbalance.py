"""Diode against mu_h, which shifts the densities apart, and temperature, level band."""

import numpy as np

from cedrag.sweeps.search import LEADS, table_row

BASE, _ = LEADS["exchange"]
POINTS = [
    {"mu_h": round(float(mu), 6), "t": round(float(t), 6)}
    for mu in np.linspace(BASE.mu_h - 3.0, BASE.mu_h + 6.0, 7)
    for t in np.linspace(0.25, 0.95, 6)
]
# eta is a difference of two currents, each asked for to 1e-5
TOLERANCE = {
    "efficiency": (0.0, 2e-5), "efficiency_global": (0.0, 2e-5),
    "jc_plus": (1e-4, 0.0), "jc_minus": (1e-4, 0.0), "q0": (1e-4, 1e-5),
    "gap": (1e-4, 0.0), "stiffness_temperature": (1e-3, 1e-6), "margin": (1e-9, 1e-9),
    "softness": (1e-2, 1e-4), "second_well": (1e-3, 1e-4),
}  # fmt: skip


def compute(point):
    return table_row(BASE.replace(mu_h=point["mu_h"]), point["t"], spin="band")
