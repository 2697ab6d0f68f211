"""How far temperature and hole density may drift at the set of large fields, level full."""

import math
import warnings

import numpy as np

from cedrag import MeanField
from cedrag.sweeps.search import LEADS

# without lambda_h, which is .005 in the lead and makes the pair field four times as costly
LEAD, _ = LEADS["exchange"]
BASE, T = LEAD.replace(rashba_h=0.0), 0.45
POINTS = [{"lever": "t", "value": round(float(x), 6)} for x in np.linspace(0.2, 0.9, 6)] + [
    {"lever": "mu_h", "value": round(float(x), 6)} for x in BASE.mu_h + np.linspace(-4, 6, 21)
]
TOLERANCE = {"efficiency": (0.0, 2e-4), "t_stiffness": (1e-3, 1e-6)}


def compute(point):
    lever, value = point["lever"], point["value"]
    bilayer = BASE.replace(mu_h=value) if lever == "mu_h" else BASE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theory = MeanField(bilayer, value if lever == "t" else T, spin="full", rtol=1e-4)
        try:
            state, diode = theory.condensate(), theory.diode()
        except (RuntimeError, ValueError):  # no condensate, or no critical state
            return dict.fromkeys(TOLERANCE, math.nan)
    return {"efficiency": diode.efficiency, "t_stiffness": state.phase_stiffness_temperature}
