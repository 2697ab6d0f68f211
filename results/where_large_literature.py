"""Largest efficiency of the clean two-branch Rashba superconductor at each temperature.

The formula and its second derivation are in ``tests/oracle/rashba_superconductor.py``.
"""

import importlib.util
from pathlib import Path

import numpy as np
from scipy import optimize

POINTS = [{"t": t} for t in (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7)]
# h and delta are where a search stopped on a flat top: eta there is what is compared
TOLERANCE = {"h": (0.05, 0.0), "delta": (0.3, 0.01), "eta": (0.0, 3e-3), "eta_table": (0.0, 3e-3)}

_PATH = Path(__file__).resolve().parent.parent / "tests/oracle/rashba_superconductor.py"


def compute(point):
    spec = importlib.util.spec_from_file_location("rashba_superconductor", _PATH)
    oracle = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(oracle)
    table = oracle.Table(point["t"], pairs=50, shifts=160, angles=80, largest_u=5.0)

    def gain(place, points=240):
        h, delta = place
        reach = min(2.0 * (table.largest_u - h), 8.0)
        _, _, current = table.curve(h, delta, np.linspace(-reach, reach, points))
        # both currents must span some momenta, else the grid has missed one of them
        if min(np.sum(current > 0.0), np.sum(current < 0.0)) < 5:
            return 0.0
        return -abs((current.max() + current.min()) / (current.max() - current.min()))

    coarse = [(h, d) for h in np.linspace(0.8, 2.0, 17) for d in (0.02, 0.04, 0.06, 0.09, 0.15)]
    best = optimize.minimize(
        lambda place: gain(place, 480), min(coarse, key=gain), method="Nelder-Mead",
        options={"maxfev": 80, "xatol": 1e-3, "fatol": 1e-4},
    )  # fmt: skip
    h, delta = map(float, best.x)
    eta, plus, minus = table.efficiency(h, delta)
    near = float(plus), float(minus)
    exact = oracle.row(point["t"], h, delta, near, angles=160)["efficiency"]
    return {"h": h, "delta": delta, "eta": exact, "eta_table": float(eta)}
