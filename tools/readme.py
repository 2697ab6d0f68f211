"""Write the computed parts of README.md: the table "published / computed here" and its figure.

``readme.py`` rewrites both; ``tests/test_readme.py`` fails when the table no longer follows from
the package.
"""

import sys
import warnings
from pathlib import Path

import numpy as np

import cedrag
from cedrag import NATURAL, PAPER, PUBLISHED, PUBLISHED_SCALE, GinzburgLandau, Scales

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
FIGURE = ROOT / "chapters" / "_assets" / "readme-current.svg"
BEGIN, END = "<!-- computed: begin -->", "<!-- computed: end -->"


def theories():
    with warnings.catch_warnings():
        # both lie above their own vortex transition, A next to the tricritical point: said in words
        warnings.simplefilter("ignore", cedrag.ValidityWarning)
        for name, bilayer in (("A, fitted", PAPER), ("B, natural", NATURAL)):
            theory = GinzburgLandau(bilayer)
            yield name, theory, theory.diode()


def table():
    """The Markdown table, every number in it computed or labelled as published."""
    scales = Scales(critical_temperature=10.0, electron_mass=0.2)
    (_, _, a), (_, _, b) = theories()
    printed = PUBLISHED

    def microns(q):
        return 2.0 * np.pi / q * scales.length_nm

    rows = [
        (
            "quantity at T = 0.9 T_c, B = 3",
            "published",
            "reading A (fitted)",
            "reading B (natural)",
        ),
        ("---", "---", "---", "---"),
        ("q0 (1/l_u)", "0.2", f"{a.q0[0]:.3f}", f"{b.q0[0]:.4f}"),
        ("wavelength (nm)", "about 600", f"{microns(a.q0[0]):.0f}", f"{microns(b.q0[0]):.0f}"),
        (
            "J_c+ , J_c- (J_u), standard measure",
            f"{printed.jc_plus} , {printed.jc_minus}",
            f"{a.jc_plus:.4f} , {a.jc_minus:.4f}",
            f"{b.jc_plus:.4f} , {b.jc_minus:.4f}",
        ),
        (
            f"the same times {PUBLISHED_SCALE:.1f} (hypothesis)",
            "",
            f"{a.jc_plus * PUBLISHED_SCALE:.1f} , {a.jc_minus * PUBLISHED_SCALE:.1f}",
            f"{b.jc_plus * PUBLISHED_SCALE:.1f} , {b.jc_minus * PUBLISHED_SCALE:.1f}",
        ),
        (
            "diode efficiency",
            f"{100 * printed.efficiency:.2f} % (from the two currents)",
            f"{100 * a.efficiency:.2f} %",
            f"{100 * b.efficiency:.3f} %",
        ),
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def draw():
    from cedrag.view.plotting import COLORS, use_style

    plt = use_style()
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 2.9), sharey=True)
    for ax, (name, theory, diode) in zip(axes, theories(), strict=True):
        q = diode.q0[0] + np.linspace(*diode.window, 400)
        ax.plot(q, 1e3 * theory.current(q)[0], color=COLORS["electron"])
        for (x, _), j, side, below in (
            (diode.q_plus, diode.jc_plus, "plus", 4),
            (diode.q_minus, diode.jc_minus, "minus", -13),
        ):
            ax.plot(x, 1e3 * j, "o", color=COLORS[side])
            ax.annotate(
                f"{1e3 * j:.2f}", (x, 1e3 * j), textcoords="offset points", xytext=(6, below)
            )
        ax.set(title=f"Reading {name}: $\\eta$ = {100 * diode.efficiency:.2f} %")
        ax.set_xlabel("pair momentum $q_x$ ($1/l_u$)")
        ax.margins(y=0.15)
    axes[0].set_ylabel("counterflow current $J$ ($10^{-3} J_u$)")
    figure.savefig(FIGURE, metadata={"Date": None})


def rewrite(text):
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    return f"{head}{BEGIN}\n{table()}\n{END}{tail}"


if __name__ == "__main__":
    README.write_text(rewrite(README.read_text()))
    draw()
    sys.stdout.write(table() + "\n")
