"""Bilayers with a large efficiency at both levels: values, and what confirms them."""

import math

from cedrag.sweeps.search import LEADS, confirm, examine

# the leads, and the first one at lambda_h = 0, where the pair field has one column
SETS = {
    "exchange": (LEADS["exchange"][0].replace(rashba_h=0.0), 0.45),
    "mild": LEADS["mild"],
}
SETS["mild warm"] = (SETS["mild"][0], 0.9)
CONFIRMED = ("exchange",)
POINTS = [{"set": name, "spin": spin} for name in SETS for spin in ("band", "full")]
# eta is a difference of two currents, each asked for to 1e-5
TOLERANCE = {
    "efficiency": (0.0, 2e-5), "efficiency_branch": (0.0, 2e-5), "efficiency_global": (0.0, 2e-5),
    "jc_plus": (1e-4, 0.0), "jc_minus": (1e-4, 0.0), "q0": (1e-4, 1e-5),
    "gap": (1e-4, 0.0), "stiffness_temperature": (1e-3, 1e-6), "margin": (1e-9, 1e-9),
    "softness": (1e-2, 1e-4), "second_well": (1e-3, 1e-4), "change": (0.0, 2e-5),
    "t_bkt": (1e-3, 0.0), "order": (0.0, 0.0), "lowest_aside": (1e-3, 1e-4),
    "objections": (0.0, 0.0),
}  # fmt: skip


def compute(point):
    bilayer, t = SETS[point["set"]]
    found = examine(bilayer, t, spin=point["spin"], rtol=1e-5)
    row = dict.fromkeys(TOLERANCE, math.nan)
    row |= {name: float(getattr(found, name)) for name in TOLERANCE if hasattr(found, name)}
    if point["set"] in CONFIRMED:
        again = confirm(found, rtol=1e-6)
        row |= {
            "change": again.change, "t_bkt": again.t_bkt, "order": float(again.order),
            "lowest_aside": again.lowest_aside, "objections": float(len(again.objections)),
        }  # fmt: skip
    return row
