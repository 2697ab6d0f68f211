"""The set with large exchange fields at the mass ratios of materials, level full.

The Fermi momentum of the holes is that of the set times "momentum".
"""

from cedrag.laboratory.materials import materials
from cedrag.sweeps.search import LEADS, table_row

BASE, T = LEADS["exchange"][0].replace(rashba_h=0.0), 0.45
INAS = 0.235 / 0.026  # InAs/GaSb, as in the chapter; the table of the package has it not
RATIOS = {key: m.mass_ratio for key, m in materials().items() if key != "paper"}
POINTS = [
    {"material": key, "mass_ratio": round(ratio, 6), "momentum": momentum}
    for key, ratio in (RATIOS | {"inas_gasb": INAS}).items()
    for momentum in (0.96, 0.98, 1.0, 1.02, 1.04)
]
TOLERANCE = {
    "efficiency": (0.0, 2e-4), "efficiency_global": (0.0, 2e-4),
    "stiffness_temperature": (1e-2, 1e-5), "q0": (1e-3, 1e-4),
}  # fmt: skip


def compute(point):
    ratio = point["mass_ratio"]
    filling = BASE.fermi_energy_h * point["momentum"] ** 2 * BASE.mass_ratio / ratio
    bilayer = BASE.replace(mass_ratio=ratio, mu_h=filling - BASE.zeeman_outofplane)
    row = table_row(bilayer, T, spin="full", rtol=1e-4)
    return {name: row[name] for name in TOLERANCE}
