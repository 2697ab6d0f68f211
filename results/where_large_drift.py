"""How far temperature, density and the angle of the field may drift, level full."""

import math
import warnings

import numpy as np

from cedrag import MeanField
from cedrag.sweeps.search import LEADS

BASE, T = LEADS["exchange"]
POINTS = (
    [{"lever": "t", "value": round(float(x), 6)} for x in np.linspace(0.15, 0.9, 11)]
    + [{"lever": "mu_h", "value": round(float(x), 6)} for x in BASE.mu_h + np.linspace(-6, 6, 13)]
    + [{"lever": "degrees", "value": float(x)} for x in range(0, 91, 10)]
)
TOLERANCE = {"efficiency": (0.0, 2e-5), "t_stiffness": (1e-3, 1e-6)}


def compute(point):
    lever, value = point["lever"], point["value"]
    bilayer = BASE.replace(mu_h=value) if lever == "mu_h" else BASE
    t = value if lever == "t" else T
    angle = math.radians(value) if lever == "degrees" else 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theory = MeanField(bilayer, t, spin="full", rtol=1e-5)
        try:
            state, diode = theory.condensate(), theory.diode(angle)
        except (RuntimeError, ValueError):  # no condensate, or no critical state
            return dict.fromkeys(TOLERANCE, math.nan)
    return {"efficiency": diode.efficiency, "t_stiffness": state.phase_stiffness_temperature}
