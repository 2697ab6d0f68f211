"""Diode against field and temperature about the lead with large exchange fields, level band."""

import numpy as np

from cedrag.sweeps.search import LEADS, table_row

BASE, _ = LEADS["exchange"]
POINTS = [
    {"zeeman_inplane": round(float(B), 6), "t": round(float(t), 6)}
    for B in np.linspace(1.5, 36.0, 10)
    for t in np.linspace(0.15, 0.96, 10)
]
# eta is a difference of two currents, each asked for to 1e-5
TOLERANCE = {
    "efficiency": (0.0, 2e-5), "efficiency_global": (0.0, 2e-5),
    "jc_plus": (1e-4, 0.0), "jc_minus": (1e-4, 0.0), "q0": (1e-4, 1e-5),
    "gap": (1e-4, 0.0), "stiffness_temperature": (1e-3, 1e-6), "margin": (1e-9, 1e-9),
    "softness": (1e-2, 1e-4), "second_well": (1e-3, 1e-4),
}  # fmt: skip


def compute(point):
    bilayer = BASE.replace(zeeman_inplane=point["zeeman_inplane"])
    return table_row(bilayer, point["t"], spin="band")
