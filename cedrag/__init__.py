"""cedrag: the coherent-exciton diode effect, computed.

A short path: ``GinzburgLandau(PAPER).diode()``.

Importing the package costs milliseconds.  A public name loads its module when it is first used.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what a type checker and an editor read; tests/test_startup.py compares
    from .bilayer import Bilayer
    from .condensate.bkt import bkt_temperature
    from .condensate.diode import Diode
    from .condensate.first_order import transition
    from .condensate.ginzburg_landau import GinzburgLandau
    from .condensate.mean_field import MeanField
    from .condensate.state import Condensate
    from .condensate.two_waves import TwoWaves, larkin_ovchinnikov
    from .drag.parabolic import drag_resistivity, drag_time
    from .drag.parabolic_layer import ParabolicLayer
    from .drag.ratio import drag_ratio
    from .errors import (
        AboveBKTWarning,
        BranchWarning,
        ConvergenceError,
        FirstOrderWarning,
        LargeGapWarning,
        LarkinOvchinnikovWarning,
        LowerStateWarning,
        NearTricriticalWarning,
        NoCondensateError,
        NoPairingError,
        OccupiedUpperBranchWarning,
        SeveralMinimaWarning,
        UnrealisticScatteringWarning,
        UnstableQuarticWarning,
        ValidityWarning,
        VaryingBetaWarning,
    )
    from .laboratory.sample import sample
    from .pairing.transition import critical_temperature
    from .paper.calibration import NATURAL, PAPER, PUBLISHED, PUBLISHED_SCALE
    from .sweeps.run import explain_sweep, sweep
    from .sweeps.search import largest_efficiency
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
    "BranchWarning",
    "LargeGapWarning",
    "LarkinOvchinnikovWarning",
    "FirstOrderWarning",
    "LowerStateWarning",
    "MeanField",
    "VaryingBetaWarning",
    "NearTricriticalWarning",
    "NoCondensateError",
    "NoPairingError",
    "OccupiedUpperBranchWarning",
    "ParabolicLayer",
    "Scales",
    "SeveralMinimaWarning",
    "TwoWaves",
    "UnrealisticScatteringWarning",
    "UnstableQuarticWarning",
    "ValidityWarning",
    "bkt_temperature",
    "critical_temperature",
    "drag_ratio",
    "drag_resistivity",
    "drag_time",
    "explain_sweep",
    "largest_efficiency",
    "larkin_ovchinnikov",
    "sample",
    "sweep",
    "transition",
]

_HOMES = {
    "bilayer": ("Bilayer",),
    "paper.calibration": ("NATURAL", "PAPER", "PUBLISHED", "PUBLISHED_SCALE"),
    "condensate.state": ("Condensate",),
    "condensate.diode": ("Diode",),
    "drag.ratio": ("drag_ratio",),
    "drag.parabolic_layer": ("ParabolicLayer",),
    "drag.parabolic": ("drag_resistivity", "drag_time"),
    "condensate.ginzburg_landau": ("GinzburgLandau",),
    "condensate.mean_field": ("MeanField",),
    "condensate.bkt": ("bkt_temperature",),
    "condensate.first_order": ("transition",),
    "condensate.two_waves": ("TwoWaves", "larkin_ovchinnikov"),
    "pairing.transition": ("critical_temperature",),
    "laboratory.sample": ("sample",),
    "sweeps.run": ("explain_sweep", "sweep"),
    "sweeps.search": ("largest_efficiency",),
    "units": ("Scales",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load the module behind a public name, or the submodule of this name, and remember it."""
    if name in __all__:
        value = getattr(import_module(f".{_HOME.get(name, 'errors')}", __name__), name)
        globals()[name] = value
        return value
    if not name.startswith("_") and find_spec(f"{__name__}.{name}") is not None:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
