"""Where two wells of F are equally deep in lambda_e and J, and the diode on either side.

Level full, Fermi energies as in the set with large exchange fields.
"""

import math
import warnings

from scipy.optimize import brentq

from cedrag import MeanField
from cedrag.sweeps.candidates import NO_DIODE, examined
from cedrag.sweeps.search import LEADS

BASE, T = LEADS["exchange"][0].replace(rashba_h=0.0), 0.45
POINTS = [{"zeeman_outofplane": float(J)} for J in (14, 20, 26, 32, 38, 44)]
GUESS, SLOPE = 2.25, 0.048  # of lambda_e at J = 20, and with J
BESIDE = 3e-3  # in lambda_e
SIDES = ("outer", "inner")  # below and above the line
TOLERANCE = {"rashba_e": (1e-3, 0.0)} | {
    f"{name}_{side}": allowed
    for side in SIDES
    for name, allowed in {
        "efficiency": (0.0, 1e-3), "efficiency_global": (0.0, 2e-3), "q0": (3e-3, 0.0),
        "softness": (5e-2, 0.0), "second_well": (3e-3, 0.0), "stiffness_temperature": (2e-2, 0.0),
    }.items()
}  # fmt: skip


def theory(rashba, J):
    bilayer = BASE.replace(
        rashba_e=rashba, zeeman_outofplane=J,
        mu_e=BASE.fermi_energy_e - J, mu_h=BASE.fermi_energy_h - J,
    )  # fmt: skip
    return MeanField(bilayer, T, spin="full", rtol=1e-4)


def difference(rashba, J):
    """F of the well at small q less that at large q, in units of the lowest."""
    lowest, *others = theory(rashba, J).minima
    if not others:  # the small q wins at large coupling
        return math.copysign(1.0, GUESS + SLOPE * (J - 20.0) - rashba)
    inner, outer = sorted((lowest, others[0]), key=lambda state: state.q[0])
    return (inner.free_energy - outer.free_energy) / abs(lowest.free_energy)


def compute(point):
    J = point["zeeman_outofplane"]
    row = dict.fromkeys(TOLERANCE, math.nan)
    near = GUESS + SLOPE * (J - 20.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            line = brentq(difference, near - 0.25, near + 0.25, args=(J,), xtol=2e-4, rtol=1e-5)
            for side, step in zip(SIDES, (-BESIDE, BESIDE), strict=True):
                found = examined(theory(line + step, J))
                row |= {
                    column: float(getattr(found, column.removesuffix(f"_{side}")))
                    for column in row
                    if column.endswith(f"_{side}")
                }
        except (*NO_DIODE, ValueError):  # no line between two wells at this J
            return row
    row["rashba_e"] = line
    return row
