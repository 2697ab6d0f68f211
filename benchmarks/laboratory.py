"""What an ammeter reads: one curve zeta(I) of 200 points, of a strip and of a wire."""

import warnings
from functools import cache

import numpy as np
from timing import Measured, repeat

from cedrag import NATURAL, GinzburgLandau, MeanField, Scales
from cedrag.laboratory.circuit import Circuit, Resistances
from cedrag.laboratory.gradient_expansion import gradient_expansion
from cedrag.laboratory.superflow import find_superflow
from cedrag.laboratory.vortices import Strip
from cedrag.laboratory.wire import Wire, barrier_table

SCALES = Scales(critical_temperature=10.0, electron_mass=0.2)
NORMAL = Resistances(driven=8.0, passive=8.0, drag=0.1)
FRACTION = np.linspace(-2.0, 2.0, 200)


@cache
def _law(name):
    with warnings.catch_warnings(action="ignore"):
        flow = find_superflow(MeanField(NATURAL, 0.5, spin="band", rtol=1e-6))
        table = barrier_table(gradient_expansion(GinzburgLandau(NATURAL, 0.5)))
    shape = {"flow": flow, "scales": SCALES, "normal_resistance": NORMAL.counterflow}
    if name == "strip":
        return Strip(width=1e-6, **shape)
    return Wire(table=table, width=2e-8, length=5e-6, **shape)


def curve(name):
    """zeta(I), with both limits above I_c; the voltage of the pairs is that of their law."""
    circuit = Circuit(below=NORMAL, above=NORMAL, law=_law(name))
    drive = FRACTION * circuit.law.current_plus
    first, seconds, _ = repeat(lambda: circuit.bracket(drive), at_most=100, budget=1.0)
    state = circuit.operate(drive, above="saturation")
    inside = state.superfluid
    off = state.pair_voltage[inside] - circuit.law.voltage(state.pair[inside])
    scale = NORMAL.counterflow * circuit.law.current_plus
    return Measured(
        seconds, float(np.abs(off).max() / scale), 1e-9, "the law of the superflow", first=first
    )
