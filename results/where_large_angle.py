"""How far the field may turn from the axis at the set of large fields, level full.

With Rashba couplings a field turned by an angle is the current turned by minus that angle.
"""

import math
import warnings

from cedrag import MeanField
from cedrag.sweeps.search import LEADS

BASE, T = LEADS["exchange"][0].replace(rashba_h=0.0), 0.45
POINTS = [
    {"degrees": float(degrees)} for degrees in (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 120, 180)
]
TOLERANCE = {"efficiency": (0.0, 2e-4), "jc_plus": (1e-3, 0.0), "jc_minus": (1e-3, 0.0)}


def compute(point):
    angle = math.radians(point["degrees"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        diode = MeanField(BASE, T, spin="full", rtol=1e-5).diode(angle)
    return {"efficiency": diode.efficiency, "jc_plus": diode.jc_plus, "jc_minus": diode.jc_minus}
