"""Efficiency of the clean two-branch Rashba superconductor near where it is largest.

The formula and its second derivation are in ``tests/oracle/rashba_superconductor.py``; the places
are those where a search over h and delta stopped.
"""

import importlib.util
from pathlib import Path

POINTS = [
    {"t": 0.4, "h": 1.6, "delta": 0.08, "near_plus": -0.588, "near_minus": -3.791},
    {"t": 0.55, "h": 1.54, "delta": 0.05, "near_plus": 2.215, "near_minus": -2.849},
    {"t": 0.55, "h": 1.55, "delta": 0.047, "near_plus": 2.215, "near_minus": -2.849},
]
TOLERANCE = {"efficiency": (0.0, 1e-7), "jc_plus": (1e-7, 0.0), "jc_minus": (1e-7, 0.0)}

_PATH = Path(__file__).resolve().parent.parent / "tests/oracle/rashba_superconductor.py"


def compute(point):
    spec = importlib.util.spec_from_file_location("rashba_superconductor", _PATH)
    oracle = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(oracle)
    near = point["near_plus"], point["near_minus"]
    row = oracle.row(point["t"], point["h"], point["delta"], near, angles=160, points=8)
    return {name: float(row[name]) for name in TOLERANCE}
