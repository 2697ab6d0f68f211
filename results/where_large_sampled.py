"""The largest of the random bilayers, at both levels: values, and what confirms it."""

import math

from cedrag import Bilayer
from cedrag.sweeps.candidates import Candidate
from cedrag.sweeps.search import confirm, examine

BILAYER, T = (
    Bilayer.from_fermi_energies(
        fermi_energy_e=19.5686, fermi_energy_h=10.2757, rashba_e=3.3995,
        zeeman_inplane=25.2888, zeeman_outofplane=3.1766, mass_ratio=0.5841,
    ),
    0.284,
)  # fmt: skip
POINTS = [{"spin": spin} for spin in ("band", "full")]
# currents to 1e-4, and eta is a difference of two
TOLERANCE = {
    "efficiency": (0.0, 2e-4), "efficiency_branch": (0.0, 2e-4), "efficiency_global": (0.0, 2e-4),
    "jc_plus": (1e-3, 0.0), "jc_minus": (1e-3, 0.0), "q0": (1e-3, 1e-4),
    "gap": (1e-3, 0.0), "stiffness_temperature": (1e-2, 1e-5), "margin": (1e-9, 1e-9),
    "softness": (3e-2, 1e-3), "second_well": (1e-2, 1e-3), "change": (0.0, 1e-4),
    "t_bkt": (1e-3, 0.0), "order": (0.0, 0.0), "lowest_aside": (1e-2, 1e-3),
    "objections": (0.0, 0.0),
}  # fmt: skip


def confirmed(found: Candidate) -> dict[str, float]:
    again = confirm(found, rtol=1e-5)
    return {
        "change": again.change, "t_bkt": again.t_bkt, "order": float(again.order),
        "lowest_aside": again.lowest_aside, "objections": float(len(again.objections)),
    }  # fmt: skip


def compute(point):
    found = examine(BILAYER, T, spin=point["spin"], rtol=1e-4)
    row = dict.fromkeys(TOLERANCE, math.nan)
    row |= {name: float(getattr(found, name)) for name in TOLERANCE if hasattr(found, name)}
    return row | (confirmed(found) if point["spin"] == "full" else {})
