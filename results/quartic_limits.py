"""Quartic critical currents against mean field, both at level band.

The thresholds of the warnings are fitted to the two readings over temperature and to the coherent
ones of 101 draws, "fit"; 72 other draws, "draw", test them.
"""

import math
import warnings

import numpy as np

from cedrag import NATURAL, PAPER, Bilayer, GinzburgLandau, LowerStateWarning, MeanField

TEMPERATURES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.99)
NAMES = (
    "mu_e", "mu_h", "rashba_e", "rashba_h", "zeeman_inplane", "zeeman_outofplane", "mass_ratio",
)  # fmt: skip


def _point(name, bilayer, t):
    return {"set": name, **{key: float(getattr(bilayer, key)) for key in NAMES}, "t": t}


def _fitted():
    """Contours that may or may not match, upper branches that are mostly empty."""
    rng = np.random.default_rng(1)
    for i in range(101):
        bilayer = Bilayer(
            mu_e=rng.uniform(-4.0, 6.0), mu_h=rng.uniform(-4.0, 6.0),
            rashba_e=rng.uniform(0.1, 1.8), zeeman_inplane=rng.uniform(0.5, 5.0),
            zeeman_outofplane=rng.uniform(6.0, 14.0),
        )  # fmt: skip
        yield _point(f"fit {i + 1}", bilayer, float(rng.uniform(0.3, 0.95)))


def _points():
    """The two readings over t, then draws: every third with contours that nearly match."""
    rows = [_point(n, b, t) for n, b in (("A", PAPER), ("B", NATURAL)) for t in TEMPERATURES]
    rng = np.random.default_rng(13)
    for i in range(72):
        size, mismatch = rng.uniform(2.0, 14.0), rng.uniform(-0.2, 0.2)
        if i % 3:
            mismatch *= 3.0
        bilayer = Bilayer.from_fermi_energies(
            fermi_energy_e=size, fermi_energy_h=size * (1.0 + mismatch),
            rashba_e=rng.uniform(0.1, 1.8), rashba_h=rng.uniform(-1.0, 1.0) * (i % 2),
            zeeman_inplane=rng.uniform(0.5, 5.0), zeeman_outofplane=rng.uniform(6.0, 14.0),
            mass_ratio=rng.uniform(0.7, 1.6),
        )  # fmt: skip
        rows.append(_point(f"draw {i + 1}", bilayer, float(rng.uniform(0.4, 0.99))))
    return rows


POINTS = [*_points(), *_fitted()]
# `off` is the larger relative error of the two J_c; nan without a condensate in a theory.
# MOST stands for all that is larger, as where the quartic theory has no lower bound.
MOST = 10.0
TOLERANCE = {
    "off": (1e-4, 1e-4),
    "gap": (1e-5, 1e-6),
    "margin": (1e-5, 1e-6),
    "beta_ratio": (1e-4, 1e-4),
    "lower": (0.0, 0.5),
    "coherent": (0.0, 0.5),
}


def compute(point):
    bilayer, t = Bilayer(**{key: point[key] for key in NAMES}), point["t"]
    nothing = dict.fromkeys(TOLERANCE, math.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theory = MeanField(bilayer, t, spin="band", rtol=1e-6)
        try:
            coherent = not theory.condensate().above_bkt
            right = theory.diode()
        except (ValueError, RuntimeError):  # nothing to compare with
            return nothing
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                quartic = GinzburgLandau(bilayer, t)
                state, diode = quartic.condensate(), quartic.diode()
            except (ValueError, RuntimeError):
                return nothing
    off = max(abs(diode.jc_plus / right.jc_plus - 1.0), abs(diode.jc_minus / right.jc_minus - 1.0))
    return {
        "off": min(off, MOST),
        "gap": min(state.gap / (math.pi * t), MOST),
        "margin": state.margin,
        "beta_ratio": diode.beta_ratio,
        "lower": float(any(issubclass(w.category, LowerStateWarning) for w in caught)),
        "coherent": float(coherent),
    }
