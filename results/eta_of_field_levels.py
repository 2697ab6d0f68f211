"""Efficiency of both readings against the in-plane field at T = 0.9 T_c, at each level of spin."""

import numpy as np

from cedrag import NATURAL, PAPER, MeanField

SETS = {"A": PAPER, "B": NATURAL}
LEVELS = ("band", "texture", "full")
POINTS = [
    {"set": name, "spin": spin, "B": round(float(B), 6)}
    for name in SETS
    for spin in LEVELS
    for B in np.linspace(0.0, 8.0, 17)
]
TOLERANCE = {"eta": (0.0, 1e-5)}  # a difference of two currents, each asked for to 1e-6


def compute(point):
    bilayer = SETS[point["set"]].replace(zeeman_inplane=point["B"])
    return {"eta": MeanField(bilayer, 0.9, spin=point["spin"], rtol=1e-6).diode().efficiency}
