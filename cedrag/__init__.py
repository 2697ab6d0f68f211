"""cedrag: the coherent-exciton diode effect, computed.

A short path: ``GinzburgLandau(PAPER).diode()``.
"""

from .bilayer import Bilayer
from .condensate import Condensate
from .diode import Diode
from .errors import (
    AboveBKTWarning,
    ConvergenceError,
    NoCondensateError,
    NoPairingError,
    OccupiedUpperBranchWarning,
    SeveralMinimaWarning,
    UnrealisticScatteringWarning,
    UnstableQuarticWarning,
    ValidityWarning,
)
from .ginzburg_landau import GinzburgLandau
from .units import Scales

__all__ = [
    "AboveBKTWarning",
    "Bilayer",
    "Condensate",
    "ConvergenceError",
    "Diode",
    "GinzburgLandau",
    "NoCondensateError",
    "NoPairingError",
    "OccupiedUpperBranchWarning",
    "Scales",
    "SeveralMinimaWarning",
    "UnrealisticScatteringWarning",
    "UnstableQuarticWarning",
    "ValidityWarning",
]
