"""cedrag: the coherent-exciton diode effect, computed.

A short path: ``GinzburgLandau(PAPER).diode()``.
"""

from .bilayer import Bilayer
from .calibration import NATURAL, PAPER, PUBLISHED, PUBLISHED_SCALE
from .condensate import Condensate
from .diode import Diode
from .drag import ParabolicLayer, drag_ratio, drag_resistivity, drag_time
from .errors import (
    AboveBKTWarning,
    ConvergenceError,
    NearTricriticalWarning,
    NoCondensateError,
    NoPairingError,
    OccupiedUpperBranchWarning,
    SeveralMinimaWarning,
    UnrealisticScatteringWarning,
    UnstableQuarticWarning,
    ValidityWarning,
)
from .ginzburg_landau import GinzburgLandau
from .transition import critical_temperature
from .units import Scales

__all__ = [
    "NATURAL",
    "PAPER",
    "PUBLISHED",
    "PUBLISHED_SCALE",
    "AboveBKTWarning",
    "Bilayer",
    "Condensate",
    "ConvergenceError",
    "Diode",
    "GinzburgLandau",
    "NearTricriticalWarning",
    "NoCondensateError",
    "NoPairingError",
    "OccupiedUpperBranchWarning",
    "ParabolicLayer",
    "Scales",
    "SeveralMinimaWarning",
    "UnrealisticScatteringWarning",
    "UnstableQuarticWarning",
    "ValidityWarning",
    "critical_temperature",
    "drag_ratio",
    "drag_resistivity",
    "drag_time",
]
