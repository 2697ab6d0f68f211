"""The ladder of theories at 0.9 T_c: powers of the gap times what is kept of the spin."""

import math

import numpy as np

from cedrag import NATURAL, PAPER, GinzburgLandau, MeanField
from cedrag.errors import ConvergenceError, NoCondensateError

SETS = {"B": NATURAL, "A": PAPER}
THEORIES = {
    "quartic": lambda bilayer, spin: GinzburgLandau(bilayer, 0.9, spin=spin, rtol=1e-6),
    "sixth order": lambda bilayer, spin: GinzburgLandau(
        bilayer, 0.9, spin=spin, order=6, rtol=1e-6
    ),
    "mean field": lambda bilayer, spin: MeanField(bilayer, 0.9, spin=spin, rtol=1e-6),
}
POINTS = [
    {"set": name, "powers": powers, "spin": spin}
    for name in SETS
    for powers in THEORIES
    for spin in ("band", "texture", "full")
]
# eta is a difference of two currents, each asked for to 1e-6
TOLERANCE = {
    "q0": (1e-5, 1e-6), "gap": (1e-5, 0.0), "jc_plus": (1e-5, 0.0), "efficiency": (1e-3, 1e-6),
    "stiffness": (1e-4, 0.0),
}  # fmt: skip


def compute(point):
    try:
        theory = THEORIES[point["powers"]](SETS[point["set"]], point["spin"])
        state, diode = theory.condensate(), theory.diode()
    except (NoCondensateError, ConvergenceError):
        return dict.fromkeys(TOLERANCE, math.nan)
    return {
        "q0": state.q0[0],
        "gap": state.gap,
        "jc_plus": diode.jc_plus,
        "efficiency": diode.efficiency,
        "stiffness": math.sqrt(max(0.0, np.linalg.det(np.array(state.stiffness)))),
    }
