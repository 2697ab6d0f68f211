"""Diodes of a Sobol sample of the box of the search, level band."""

import warnings

from scipy.stats import qmc

from cedrag import Bilayer
from cedrag.sweeps.search import BOUNDS, table_row

LOW, HIGH = zip(*BOUNDS.values(), strict=True)
POINTS = [
    {name: round(float(value), 4) for name, value in zip(BOUNDS, place, strict=True)}
    for place in qmc.scale(qmc.Sobol(8, rng=3).random(128), LOW, HIGH)
]
# eta is a difference of two currents, each asked for to 1e-4
TOLERANCE = {
    "efficiency": (0.0, 2e-4), "efficiency_global": (0.0, 2e-4),
    "q0": (1e-3, 1e-4), "gap": (1e-3, 0.0), "stiffness_temperature": (1e-2, 1e-5),
    "softness": (5e-2, 1e-3), "second_well": (1e-2, 1e-3), "margin": (1e-9, 1e-9),
}  # fmt: skip


def compute(point):
    values = dict(point)
    t = values.pop("t")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bilayer = Bilayer.from_fermi_energies(**values)
    row = table_row(bilayer, t, spin="band", rtol=1e-4)
    return {name: row[name] for name in TOLERANCE}
