"""Cost of the drag, cold and warm, beside the values it gives: ``python benchmarks/bench_drag.py``.

Issue 3 asks for one RPA rho_D in 10 ms, 50 temperatures in a second, a Rashba rate in 10 s.
CPU seconds of one thread (``process_time``), so that a busy machine does not enter.
"""

import platform
import time

import numpy as np
from scipy import constants

from cedrag.boltzmann_drag import coulomb_strength, momentum_transfer
from cedrag.calibration import NATURAL
from cedrag.drag import ParabolicLayer, drag_resistivity
from cedrag.nonreciprocal_drag import nonlinear_drag
from cedrag.units import Scales

GAAS = ParabolicLayer(density=1.5e15, mass=0.067 * constants.m_e, degeneracy=2)
SAMPLE = {"separation": 375e-10, "permittivity": 12.9}
SCALES = Scales(critical_temperature=10.0, electron_mass=0.2)
PLACE = {"separation": 10e-9 / SCALES.length, "coulomb": coulomb_strength(SCALES, 4.0)}


def timed(function):
    """CPU seconds and result of one call."""
    start = time.process_time()
    result = function()
    return time.process_time() - start, result


def report(name, function, show):
    """One line: first call (compiles, or loads the cache), best of three, value."""
    cold, _ = timed(function)
    runs = [timed(function) for _ in range(3)]
    print(
        f"{name:34s} first {cold:8.3f} s  warm {min(r[0] for r in runs):8.4f} s  {show(runs[0][1])}"
    )


def main():
    print(platform.processor() or platform.machine(), "Python", platform.python_version())
    for kelvin in (1.0, 3.0, 10.0, 20.0, 60.0):
        report(
            f"rho_D, RPA, GaAs, {kelvin:g} K",
            lambda kelvin=kelvin: drag_resistivity(GAAS, GAAS, temperature=kelvin, **SAMPLE),
            lambda rho: f"{rho * 1e3:.6g} mOhm",
        )
    curve = np.linspace(1.0, 80.0, 50)
    report(
        "rho_D at 50 temperatures, RPA",
        lambda: drag_resistivity(GAAS, GAAS, temperature=curve, **SAMPLE),
        lambda rho: f"maximum of rho/T^2 at {curve[np.argmax(rho / curve**2)]:.1f} K",
    )
    for screening in ("thomas-fermi", "rpa"):
        report(
            f"tau_D^I, Rashba branch, {screening}",
            lambda screening=screening: momentum_transfer(
                NATURAL, 1.0, screening=screening, **PLACE
            ),
            lambda r: f"{r.drag_time * constants.hbar / SCALES.energy:.6g} s, error {r.error:.0e}",
        )
    report(
        "zeta at p = +-0.1, +-0.2, RPA",
        lambda: nonlinear_drag(NATURAL, 1.0, [0.1, 0.2], **PLACE),
        lambda r: f"nonreciprocity {r.nonreciprocity[1]:.4g}",
    )


if __name__ == "__main__":
    main()
