"""Random bilayers with an empty upper branch: coherent ones at level band, then at level full.

Every other one has no Rashba coupling of the holes.
"""

import math
import warnings

import numpy as np

from cedrag import Bilayer, MeanField
from cedrag.condensate.first_order import transition
from cedrag.sweeps.candidates import NO_DIODE, examined, stiffness_limit
from cedrag.sweeps.search import BOUNDS

DRAWS, SEED = 400, 14
COLDEST = 0.25  # a point takes longer the colder it is
TOLERANCE = {
    "stiffness_band": (1e-2, 1e-5), "order": (0.0, 0.0), "imbalance": (1e-6, 1e-6),
    "efficiency_band": (0.0, 1e-4), "efficiency_band_global": (0.0, 1e-4),
    "efficiency": (0.0, 2e-4), "efficiency_branch": (0.0, 2e-4), "efficiency_global": (0.0, 2e-4),
    "stiffness_temperature": (1e-2, 1e-5), "q0": (1e-3, 1e-4),
    "softness": (3e-2, 1e-3), "second_well": (1e-2, 1e-3),
}  # fmt: skip


def built(point):
    values = dict(point)
    t = values.pop("t")
    return Bilayer.from_fermi_energies(**values), t


def drawn():
    rng = np.random.default_rng(SEED)
    box = BOUNDS | {"t": (COLDEST, BOUNDS["t"][1])}
    points = []
    while len(points) < DRAWS:
        point = {name: round(float(rng.uniform(*ends)), 4) for name, ends in box.items()}
        if len(points) % 2 == 0:
            point["rashba_h"] = 0.0
        if built(point)[0].spin_gap_margin() > 0.0:
            points.append(point)
    return points


POINTS = drawn()


def compute(point):
    bilayer, t = built(point)
    row = dict.fromkeys(TOLERANCE, math.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            theory = MeanField(bilayer, t, spin="band", rtol=1e-5)
            row["stiffness_band"] = stiffness_limit(theory)
            if row["stiffness_band"] <= t:
                return row
            binding = theory.binding_energy
            row["order"] = float(transition(bilayer, binding, spin="band", rtol=1e-4).order)
            if row["order"] != 2.0:
                return row
            electrons, holes = bilayer.density_e(t), bilayer.density_h(t)
            row["imbalance"] = abs(electrons - holes) / (electrons + holes)
            found = examined(theory)
            row["efficiency_band"] = found.efficiency
            row["efficiency_band_global"] = found.efficiency_global
            found = examined(MeanField(bilayer, t, spin="full", rtol=1e-4))
        except NO_DIODE:
            return row
    return row | {name: float(getattr(found, name)) for name in row if hasattr(found, name)}
