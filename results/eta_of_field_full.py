"""Diode of reading B against the in-plane field at T = 0.9 T_c, mean field with all spin states."""

import numpy as np

from cedrag import NATURAL, MeanField

POINTS = [{"B": round(float(B), 6)} for B in np.linspace(0.0, 6.0, 31)]
# of J: what the quadrature is asked for, ten times; eta is a difference of two currents
TOLERANCE = {
    "q0": (1e-5, 1e-7),
    "jc_plus": (1e-7, 0.0),
    "jc_minus": (1e-7, 0.0),
    "eta": (0.0, 1e-7),
}


def compute(point):
    theory = MeanField(NATURAL.replace(zeeman_inplane=point["B"]), 0.9, spin="full")
    diode = theory.diode()
    return {
        "q0": diode.q0[0],
        "jc_plus": diode.jc_plus,
        "jc_minus": diode.jc_minus,
        "eta": diode.efficiency,
    }
