"""Write what is computed in README.md and in the pages on the command: one table, one figure, and
below each ``$ cedrag ...`` what the command prints.

``tests/test_examples.py`` fails when a text no longer follows from the package.
"""

import contextlib
import io
import math
import re
import warnings
from pathlib import Path

import numpy as np

import cedrag
from cedrag import (
    NATURAL,
    PAPER,
    PUBLISHED,
    PUBLISHED_SCALE,
    GinzburgLandau,
    MeanField,
    Scales,
)
from cedrag.view.tables import typeset

ROOT = Path(__file__).resolve().parent.parent
TEXTS = (ROOT / "README.md", ROOT / "chapters" / "command_line.md")
FIGURE = ROOT / "chapters" / "_assets" / "readme-current.svg"
TABLE = re.compile(r"(<!-- computed: begin -->\n).*?(<!-- computed: end -->)", re.DOTALL)
COMMAND = re.compile(r"```console\n\$ cedrag (.*)\n[^`]*```")


def theories():
    with warnings.catch_warnings():
        # both lie above their own vortex transition, A next to the tricritical point: said in words
        warnings.simplefilter("ignore", cedrag.ValidityWarning)
        for name, bilayer in (("running example (B)", NATURAL), ("fitted set (A)", PAPER)):
            theory = GinzburgLandau(bilayer)
            yield name, theory, theory.diode()


def full_diodes():
    """The two sets in mean field with all four spin states."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cedrag.ValidityWarning)
        return [MeanField(bilayer, spin="full", rtol=1e-7).diode() for bilayer in (NATURAL, PAPER)]


def table():
    """The Markdown table, every number in it computed or labelled as published."""
    scales = Scales(critical_temperature=10.0, electron_mass=0.2)
    columns = [*(diode for _, _, diode in theories()), *full_diodes()]

    def currents(diode, scale, digits):
        return f"{diode.jc_plus * scale:.{digits}f}, {diode.jc_minus * scale:.{digits}f}"

    rows = [
        (
            "quantity at T = 0.9 T_c, B = 3",
            "published",
            "B, quartic (running example)",
            "A, quartic (fitted)",
            "B, full",
            "A, full",
        ),
        ("---",) * 6,
        ("q0 (1/l_u)", "0.2", *(f"{d.q0[0]:.3f}" for d in columns)),
        (
            "wavelength (nm)",
            "about 600",
            *(f"{2.0 * np.pi / d.q0[0] * scales.length_nm:.0f}" for d in columns),
        ),
        (
            "J_c+, J_c\N{MINUS SIGN} (J_u), standard measure",
            f"{PUBLISHED.jc_plus}, {PUBLISHED.jc_minus}",
            *(currents(d, 1.0, 4) for d in columns),
        ),
        (
            f"the same times {PUBLISHED_SCALE:.1f} (hypothesis)",
            "",
            *(currents(d, PUBLISHED_SCALE, 1) for d in columns),
        ),
        (
            "diode efficiency",
            f"{100 * PUBLISHED.efficiency:.2f} % (from the two currents)",
            *(f"{100 * d.efficiency:.{n}f} %" for d, n in zip(columns, (3, 2, 3, 2), strict=True)),
        ),
    ]
    lines = ("| " + " | ".join(row) + " |" for row in rows)
    return re.sub(r"(?<=\s)-(?=\d)", "\N{MINUS SIGN}", "\n".join(lines))


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
                typeset(f"{1e3 * j:.2f}"),
                (x, 1e3 * j),
                textcoords="offset points",
                xytext=(6, below),
            )
        ax.set(title=f"{name}: $\\eta$ = {100 * diode.efficiency:.2f} %")
        ax.set_xlabel("pair momentum $q_x$ ($1/l_u$)")
        ax.margins(y=0.15)
    axes[0].set_ylabel("counterflow current $J$ ($10^{-3} J_u$)")
    figure.savefig(FIGURE, metadata={"Date": None})


NUMBER = re.compile(r"-?\d+\.?\d*(?:e[+-]?\d+)?")


def same(old, new):
    """Whether two texts differ in the rounding of their numbers alone."""
    if NUMBER.split(old) != NUMBER.split(new):
        return False
    pairs = zip(NUMBER.findall(old), NUMBER.findall(new), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=1e-9, abs_tol=1e-12) for a, b in pairs)


def printed(found):
    """The fenced block of one command with what it prints today; kept where only rounding moves."""
    from cedrag.cli import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        main(found[1].split())
    block = f"```console\n$ cedrag {found[1]}\n{out.getvalue()}{err.getvalue()}```"
    return found[0] if same(found[0], block) else block


def rewrite(text):
    """``text`` with its computed parts as the package computes them."""
    text = TABLE.sub(lambda found: f"{found[1]}{table()}\n{found[2]}", text)
    return COMMAND.sub(printed, text)


if __name__ == "__main__":
    for path in TEXTS:
        path.write_text(rewrite(path.read_text(encoding="utf-8")), encoding="utf-8")
    draw()
