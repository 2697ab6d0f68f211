"""Where quartic theory is off: its critical currents against mean field, both at level band.

    .venv/bin/python benchmarks/quartic_limits.py --random 60 --store _build/quartic_limits.json

compares both over t for the running sets and for random sets whose condensate is phase coherent.
For each candidate of a criterion it prints the threshold that sorts the sets best into those whose
J_c is within 10 % and those whose is not, and how many sets stay on the wrong side.
"""

import argparse
import json
import math
import warnings
from pathlib import Path

import numpy as np

from cedrag import NATURAL, PAPER, Bilayer, GinzburgLandau, LowerStateWarning, MeanField

OFF = 0.10  # of J_c of mean field: beyond it quartic theory is called off
TEMPERATURES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.99)
CRITERIA = {"gap": 1.0, "beta_ratio": -1.0, "margin": -1.0, "branch": 1.0, "lower": 1.0}


def compared(bilayer: Bilayer, t: float, coherent: bool = False) -> dict[str, float] | None:
    """Both critical currents in both theories, and what quartic theory knows of itself.

    None if ``coherent`` is asked for and vortices unbind in mean field, or without a condensate.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theory = MeanField(bilayer, t, spin="band", rtol=1e-5)
            if coherent and theory.condensate().above_bkt:
                return None
            right = theory.diode()
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                quartic = GinzburgLandau(bilayer, t)
                state, diode = quartic.condensate(), quartic.diode()
    except (ValueError, RuntimeError):
        return None
    if not (math.isfinite(right.jc_plus) and math.isfinite(right.jc_minus)):
        return None
    ratios = diode.jc_plus / right.jc_plus, diode.jc_minus / right.jc_minus
    finite = math.isfinite(diode.jc_plus) and math.isfinite(diode.jc_minus)
    branch = max(
        diode.jc_plus_global / diode.jc_plus, diode.jc_minus_global / diode.jc_minus
    ) if finite else math.inf  # fmt: skip
    return {
        "t": t,
        "off": max(abs(r - 1.0) for r in ratios),
        "gap": state.gap / (math.pi * t),
        "beta_ratio": diode.beta_ratio,
        "margin": state.margin,
        "branch": branch - 1.0,
        "lower": float(any(issubclass(w.category, LowerStateWarning) for w in caught)),
    }


def random_bilayer(rng: np.random.Generator) -> Bilayer:
    """One draw: contours that may or may not match, upper branches that are mostly empty."""
    return Bilayer(
        mu_e=rng.uniform(-4.0, 6.0),
        mu_h=rng.uniform(-4.0, 6.0),
        rashba_e=rng.uniform(0.1, 1.8),
        zeeman_inplane=rng.uniform(0.5, 5.0),
        zeeman_outofplane=rng.uniform(6.0, 14.0),
    )


def measured(random: int, seed: int) -> list[dict[str, float | str]]:
    """Rows of ``compared`` for the running sets and for ``random`` coherent ones."""
    rows: list[dict[str, float | str]] = []
    for name, bilayer in (("PAPER", PAPER), ("NATURAL", NATURAL)):
        for t in TEMPERATURES:
            if row := compared(bilayer, t):
                rows.append({"set": name, **row})
    rng, found, tried = np.random.default_rng(seed), 0, 0
    while found < random and tried < 40 * random:
        tried += 1
        bilayer, t = random_bilayer(rng), float(rng.uniform(0.3, 0.95))
        if row := compared(bilayer, t, coherent=True):
            found += 1
            rows.append({"set": f"random {tried}", **row})
    print(f"{found} coherent sets of {tried} tried")
    return rows


def best_threshold(values: np.ndarray, off: np.ndarray, sense: float) -> tuple[float, int]:
    """Where to warn: values beyond it, in the sense of ``sense``; and the sets it missorts."""
    x = sense * values
    edges = np.unique(x[np.isfinite(x)])
    cuts = np.concatenate([[-math.inf], 0.5 * (edges[:-1] + edges[1:]), [math.inf]])
    wrong = [int(np.sum((x > cut) != off)) for cut in cuts]
    best = int(np.argmin(wrong))
    return float(sense * cuts[best]), wrong[best]


def main() -> None:
    """Measure, store, and print what each criterion would be worth."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--random", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--read", type=Path, help="rows stored before, instead of measuring")
    options = parser.parse_args()
    rows = (
        json.loads(options.read.read_text())
        if options.read
        else measured(options.random, options.seed)
    )
    if options.store:
        options.store.write_text(json.dumps(rows, indent=1))
    off = np.array([row["off"] > OFF for row in rows])
    print(f"{int(off.sum())} of {len(rows)} sets are off by more than {OFF:.0%}")
    for name, sense in CRITERIA.items():
        cut, wrong = best_threshold(np.array([row[name] for row in rows]), off, sense)
        print(f"{name:>10} {'>' if sense > 0 else '<'} {cut:.4g}: {wrong} missorted")


if __name__ == "__main__":
    main()
