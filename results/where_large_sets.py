"""The leads at both levels, looked at again: finer mesh, off the axis, above T_c, all momenta."""

import dataclasses

from cedrag.sweeps.search import LEADS, confirm, examine

POINTS = [{"set": name, "spin": spin} for name in LEADS for spin in ("band", "full")]
TOLERANCE = {
    "efficiency": (0.0, 1e-6), "efficiency_global": (0.0, 1e-6),
    "jc_plus": (1e-6, 0.0), "jc_minus": (1e-6, 0.0), "q0": (1e-6, 1e-7),
    "gap": (1e-6, 0.0), "stiffness_temperature": (1e-4, 1e-6), "margin": (1e-9, 1e-9),
    "softness": (1e-2, 1e-4), "second_well": (1e-3, 1e-4), "t_bkt": (1e-4, 0.0),
    "t_transition": (1e-4, 0.0), "order": (0.0, 0.0), "lowest_aside": (1e-3, 1e-4),
    "objections": (0.0, 0.0),
}  # fmt: skip


def compute(point):
    bilayer, t = LEADS[point["set"]]
    found = confirm(examine(bilayer, t, spin=point["spin"], rtol=1e-5), rtol=1e-7)
    candidate = {part.name for part in dataclasses.fields(found.candidate)}
    row = {
        name: getattr(found.candidate if name in candidate else found, name) for name in TOLERANCE
    }
    return {name: float(v if name != "objections" else len(v)) for name, v in row.items()}
