"""Write tests/data/mean_field_reference.json: ``python tests/oracle/freeze.py`` (minutes).

Each number is computed on two meshes; ``error`` is the largest difference, and is stored with it.
"""

import json
from dataclasses import asdict
from pathlib import Path

import mean_field as mf
import numpy as np
import rashba_superconductor
import two_waves

PATH = Path(__file__).parents[1] / "data" / "mean_field_reference.json"
COARSE = mf.Mesh(40, 9, 2.2)


def twice(function):
    """The values on the finer of two meshes, and how far the other one is."""
    near, best = function(COARSE), function(COARSE.finer())
    error = {k: float(np.max(np.abs(np.abs(best[k]) - np.abs(near[k])))) for k in best}
    return best, error


def row(s, level, t, **options):
    values, error = twice(lambda mesh: mf.Oracle(s, level, mesh).row(t, **options))
    return {"sample": asdict(s), "level": level, "t": t, "values": values, "error": error}


ROWS = [
    (mf.NATURAL, "band", 0.9), (mf.NATURAL, "band", 0.5), (mf.NATURAL, "texture", 0.9),
    (mf.NATURAL, "column", 0.9), (mf.PAPER, "band", 0.9), (mf.PAPER, "texture", 0.9),
    (mf.PAPER, "column", 0.9), (mf.WIDE, "column", 0.9), (mf.CHIRAL, "band", 0.5),
    (mf.CHIRAL, "full", 0.5), (mf.NATURAL, "column", 0.3), (mf.NATURAL, "full", 0.9),
    (mf.NATURAL, "column", 0.02),
]  # fmt: skip


def random_samples(number):
    """Both Rashba couplings, unequal masses, Fermi energies within a few per cent."""
    rng = np.random.default_rng(13)
    for _ in range(number):
        B, J, mass = rng.uniform(-3, 3), rng.uniform(4, 10), rng.uniform(0.6, 1.8)
        fermi = rng.uniform(5, 12)
        yield mf.Sample(
            *np.round([fermi - J, fermi / mass * rng.uniform(0.96, 1.04) - J], 3).tolist(),
            *np.round([rng.uniform(0.3, 1.5), rng.uniform(-0.8, 0.8), B, J, mass], 3).tolist(),
        )


def points():
    """Omega and derivatives at fixed (Delta, q, T), and the integrand at single momenta."""
    rng, out = np.random.default_rng(7), []
    for s in (mf.NATURAL, mf.CHIRAL):
        for level in ("band", "full") if s.rashba_h else ("band", "column", "full"):
            q, T, c = rng.normal(size=2) * 0.3, float(rng.uniform(0.3, 0.9)), 0.1
            v = rng.normal(size=2 * len(mf.EVEN[level]))
            Delta = sum(a * M for a, M in zip(v, mf.directions(level, True), strict=True))

            def integrated(mesh, s=s, level=level, q=q, v=v, T=T, c=c):
                x = mf.evaluate(s, level, q, v, T, c, mesh, odd=True)
                return {"omega": x.omega, "gradient": x.gradient.tolist(),
                        "density_e": x.density_e, "density_h": x.density_h}  # fmt: skip

            values, error = twice(integrated)
            k = rng.normal(size=(2, 4)) * 2.5
            (A, A1, _), (C, C1, _) = mf.blocks(s, level, k, q)
            value, Pee, Peh, Nh, E, _ = mf.occupation(A, C, Delta, T)
            single = {
                "k": k.T.tolist(),
                "omega": value.tolist(),
                "levels": E.tolist(),
                "d_omega_d_q": (mf.trace(Pee, A1) + mf.trace(Nh, C1)).T.tolist(),
                "d_omega_d_delta_real": (2 * Peh.real).tolist(),
                "d_omega_d_delta_imag": (2 * Peh.imag).tolist(),
                "normal_d_omega_d_q": normal(A, A1, C, C1, T).T.tolist(),
            }
            out.append({
                "sample": asdict(s), "level": level, "T": T, "q": q.tolist(), "c": c,
                "delta_real": Delta.real.tolist(), "delta_imag": Delta.imag.tolist(),
                "v": v.tolist(), "values": values, "error": error, "integrand": single,
            })  # fmt: skip
    return out


def normal(A, A1, C, C1, T):
    """The q-derivative at Delta = 0, which integrates to zero."""
    return sum(
        mf.trace((V * mf.expit(-E / T)[:, None, :]) @ V.conj().swapaxes(1, 2), M1)
        for (E, V), M1 in ((np.linalg.eigh(A), A1), (np.linalg.eigh(C), C1))
    )


def waves():
    s = mf.Sample(3.0, 1.6, 0.0, 0.0, 0.0, 0.0)
    out = []
    cases = [
        (0.3, (0.55, 0), (-0.55, 0)), (0.3, (0.6, 0), (-0.6, 0)),
        (0.3, (0.6, 0), (0, 0.6)), (0.15, (0.6, 0), (-0.6, 0)),
    ]  # fmt: skip
    for T, q1, q2 in cases:
        near = two_waves.gamma(s, q1, q2, T, angles=64, points=8, width=0.3)
        best = two_waves.gamma(s, q1, q2, T, angles=96, points=12, width=0.25)
        out.append({"sample": asdict(s), "T": T, "q1": q1, "q2": q2, "gamma": best[0],
                    "two_beta": best[1], "error": float(np.abs(best - near).max())})  # fmt: skip
    return out


def oblique():
    """Critical currents off the mirror axis."""
    out = []
    for angle in (0.7, 0.7 + np.pi, 2.2):
        found = []
        for mesh in (mf.Mesh(24, 7, 2.5), mf.Mesh(36, 9, 2.2)):
            o = mf.Oracle(mf.NATURAL, "column", mesh)
            found.append(o.oblique(0.5, angle, o.equilibrium(0.5)))
        (_, near), (q, best) = found
        out.append({"sample": asdict(mf.NATURAL), "level": "column", "t": 0.5, "angle": angle,
                    "q": q.tolist(), "current": best, "error": abs(best - near)})  # fmt: skip
    return out


def superconductor():
    rows = []
    cases = [
        (0.1, 1.0, 0.2, (1.487, -4.109)), (0.4, 1.6, 0.08, (-0.588, -3.791)),
        (0.55, 1.54, 0.05, (2.215, -2.849)), (0.9, 1.0, 0.5, (-0.708, -1.788)),
    ]  # fmt: skip
    for T, h, delta, near in cases:
        near_row = rashba_superconductor.row(T, h, delta, near, angles=160, points=8)
        best = rashba_superconductor.row(T, h, delta, near)
        error = {k: float(abs(best[k] - near_row[k])) for k in best}
        rows.append({k: float(x) for k, x in best.items()} | {"error": error})
    return rows


def main():
    out = {
        "conventions": "hbar = k_B = m_e = 1, measure d2k/(2 pi)2; H_a with + b.sigma, "
        "b = (-lambda k_y, lambda k_x + B, J), holes in hole operators; T_c = 1 where the lowest "
        "eigenvalue of the quadratic form vanishes (values.binding_energy), except where c is "
        "given: 1/g = c + Int 1/(k^2/2m_r + 1); v: coefficients of EVEN (then i EVEN) of "
        "tests/oracle/mean_field.py; column: one hole state, lambda_h = 0; gradient: "
        "(v, q_x, q_y); error: largest difference between two meshes (of absolute values)",
        "two_waves": waves(),
        "rashba_superconductor": superconductor(),
        "points": points(),
        "oblique": oblique(),
        "rows": [],
    }
    todo = ROWS + [
        (s, "full", t)
        for s, t in zip(random_samples(6), (0.9, 0.5, 0.3, 0.1, 0.7, 0.9), strict=True)
    ]
    for s, level, t in todo:
        try:
            out["rows"].append(row(s, level, t))
        except RuntimeError as reason:
            print("left out:", s, level, t, reason)
        PATH.write_text(json.dumps(out, indent=1) + "\n")
        print(level, t, out["rows"][-1]["values"]["efficiency"], flush=True)


if __name__ == "__main__":
    main()
