"""The live control: one view, with the physics in JavaScript on a page, in Python in a notebook.

On a static page ``pairs.js`` to ``curves.js`` compute in the browser, long curves in a worker.
In JupyterLab the same view asks :func:`look`.  Both give the same dictionary.
This module knows no widget library; :mod:`cedrag.view.explore` makes the widget.
"""

import html
import json
import math
import warnings
from collections.abc import Mapping
from importlib import resources
from typing import Any

import numpy as np

from ..._checks import real_scalar
from ...bilayer import Bilayer
from ...condensate.diode import Diode
from ...condensate.ginzburg_landau import GinzburgLandau
from ...errors import ConvergenceError, NoCondensateError, NoPairingError
from ...laboratory.plateau import parabolic_friction
from ...paper.calibration import NATURAL, PAPER, PUBLISHED
from ...units import Scales
from ..plotting import contour_line

__all__ = [
    "SLIDERS", "SOURCES", "configuration", "look", "outline", "page", "parameters_of", "widget",
]  # fmt: skip

SOURCES = {
    "physics": ("pairs.js", "axis.js", "diode.js", "gap.js", "mean_field.js", "curves.js"),
    "page": ("plots.js", "sliders.js", "view.js", "lab.js", "page.js"),
    "widget": ("plots.js", "sliders.js", "view.js", "widget.js"),
    "bands": ("plots.js", "sliders.js", "bands.js"),
}
RTOL = 1e-5  # of the integrals behind :func:`look`: five digits for the eye

# name, symbol, words, unit, lowest, highest, step, digits shown
_TABLE = (
    ("B", "B", "in-plane Zeeman energy", "E_u", 0.0, 8.0, 0.05, 2),
    ("t", "T/T_c", "temperature", "", 0.3, 0.99, 0.005, 3),
    ("lambda_e", "λ_e", "Rashba coupling, electrons", "E_u l_u", 0.0, 2.0, 0.01, 2),
    ("J", "J", "out-of-plane Zeeman energy", "E_u", 0.5, 15.0, 0.05, 2),
    ("E_Fe", "E_Fe", "Fermi energy, electrons", "E_u", 7.0, 14.0, 0.05, 2),
    ("E_Fh", "E_Fh", "Fermi energy, holes", "E_u", 7.0, 14.0, 0.05, 2),
    ("lambda_h", "λ_h", "Rashba coupling, holes", "E_u l_u", 0.0, 1.0, 0.01, 2),
)
_KEYS = ("name", "symbol", "words", "unit", "min", "max", "step", "digits")
SLIDERS: tuple[dict[str, Any], ...] = tuple(dict(zip(_KEYS, row, strict=True)) for row in _TABLE)

ACCURACY = (
    "Equal masses. Over the whole range of the sliders the critical currents are within 0.5 % of "
    "the package's: a test compares them in a browser."
)
_SAMPLE = {"separation": 10e-9, "permittivity": 4.0, "scattering_time": 1e-9}


def parameters_of(bilayer: Bilayer, t: float) -> dict[str, float]:
    """List the slider positions of a bilayer with equal masses.

    Parameters
    ----------
    bilayer : Bilayer
        Its masses must be equal.
    t : float
        T/T_c.

    Returns
    -------
    dict
        Plain floats by the names of ``SLIDERS``.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.view import live
    >>> live.parameters_of(NATURAL, 0.9)["E_Fe"]
    11.6
    """
    bilayer.needs_mirror("the page")
    if bilayer.mass_ratio != 1.0:
        raise ValueError(f"bilayer must have equal masses (got mass_ratio = {bilayer.mass_ratio})")
    return {
        "B": bilayer.zeeman_inplane,
        "t": real_scalar("t", t),
        "lambda_e": bilayer.rashba_e,
        "J": bilayer.zeeman_outofplane,
        # mu + J is off the printed value in the last bit, and a preset should read as printed
        "E_Fe": round(bilayer.fermi_energy_e, 12),
        "E_Fh": round(bilayer.fermi_energy_h, 12),
        "lambda_h": bilayer.rashba_h,
    }


def bilayer_of(p: Mapping[str, float]) -> Bilayer:
    return Bilayer.from_fermi_energies(
        fermi_energy_e=p["E_Fe"], fermi_energy_h=p["E_Fh"], rashba_e=p["lambda_e"],
        rashba_h=p["lambda_h"], zeeman_inplane=p["B"], zeeman_outofplane=p["J"],
    )  # fmt: skip


def configuration(start: Bilayer | None = None, t: float = PUBLISHED.t) -> dict[str, Any]:
    """Collect what the view must be told: sliders, presets, start, sample of the third picture.

    Parameters
    ----------
    start : Bilayer, optional
        Where the sliders start; by default ``NATURAL``, the running example.
    t : float
        T/T_c at the start.

    Returns
    -------
    dict
        Ready for JSON.  Every number comes from the package.

    Raises
    ------
    ValueError
        If the masses are not equal or a number lies outside its slider.

    Examples
    --------
    >>> from cedrag.view import live
    >>> [preset["label"] for preset in live.configuration()["presets"]]
    ['running example (B)', 'fitted set (A)']
    """
    scales = Scales(critical_temperature=10.0, electron_mass=0.2)
    friction = parabolic_friction(NATURAL, scales=scales, t=PUBLISHED.t, **_SAMPLE)
    presets = [
        {"label": label, "parameters": parameters_of(bilayer, PUBLISHED.t)}
        for label, bilayer in (("running example (B)", NATURAL), ("fitted set (A)", PAPER))
    ]
    first = parameters_of(NATURAL if start is None else start, t)
    for s in SLIDERS:
        if not s["min"] <= first[s["name"]] <= s["max"]:
            raise ValueError(
                f"{s['name']} must lie on its slider, {s['min']} to {s['max']} "
                f"(got {first[s['name']]})"
            )
    return {
        "sliders": SLIDERS,
        "presets": presets,
        "start": first,
        "accuracy": ACCURACY,
        "link": False,
        "sample": {
            "words": "with T_c = 10 K and m_e = 0.2 m_0",
            "ampere": float(scales.sheet_current),  # A/m is the same number in µA/µm
            "friction": float(friction),
            "friction_words": "the running example at 9 K, layers 10 nm apart, ε = 4, "
            "scattering time 1 ns; held fixed",
        },
    }


# the Python provider ------------------------------------------------------------------------


def look(parameters: Mapping[str, float]) -> dict[str, Any]:
    """Compute what the control shows at these slider positions.

    The numbers are those of :meth:`~cedrag.condensate.ginzburg_landau.GinzburgLandau.diode`.

    Parameters
    ----------
    parameters : dict
        Values by the names of ``SLIDERS``.

    Returns
    -------
    dict
        ``q0``, ``plus`` and ``minus`` ({"q", "J"}), ``eta``: None where there is no number.
        ``curve`` {"q", "J"}, ``contours`` {"e", "h"} and ``notes``, a list of {"kind", "text"}
        with the package's warnings.  The same as ``cedragDiode.look`` in diode.js.

    Raises
    ------
    TypeError, ValueError
        If a parameter is missing or no finite real number.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.view import live
    >>> result = live.look(live.parameters_of(NATURAL, 0.9))
    >>> round(result["plus"]["J"], 4), [note["kind"] for note in result["notes"]]
    (0.0273, ['AboveBKT'])
    """
    missing = [s["name"] for s in SLIDERS if s["name"] not in parameters]
    if missing:
        raise ValueError(f"parameters must name every slider (got none for {missing})")
    bilayer = bilayer_of(parameters)
    result: dict[str, Any] = {
        "q0": None, "plus": None, "minus": None, "eta": None, "curve": {"q": [], "J": []},
        "contours": {layer: outline(bilayer, layer) for layer in ("e", "h")}, "notes": [],
    }  # fmt: skip
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            theory = GinzburgLandau(bilayer, parameters["t"], rtol=RTOL)
            diode = theory.diode()
        except (NoCondensateError, NoPairingError, ConvergenceError) as error:
            result["notes"].append(_note(type(error), str(error)))
        else:
            _fill(result, theory, diode)
    notes = {w.category: str(w.message) for w in caught}  # each kind once
    result["notes"] += [_note(kind, text) for kind, text in notes.items()]
    return result


def _note(kind: type[Warning] | type[Exception], text: str) -> dict[str, str]:
    return {"kind": kind.__name__.removesuffix("Warning").removesuffix("Error"), "text": text}


def outline(bilayer: Bilayer, layer: str) -> list[list[float | None]]:
    """List the points of a Fermi contour, good to the eye.

    Parameters
    ----------
    bilayer : Bilayer
        Whose contour.
    layer : {"e", "h"}
        Electrons or holes.

    Returns
    -------
    list
        Pairs [k_x, k_y] in 1/l_u, with a pair of None between sheets; ready for JSON.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.view import live
    >>> round(max(x for x, y in live.outline(NATURAL, "e")), 1)
    5.2
    """
    _, mu, lam, B, J = bilayer.band(layer)
    farthest = abs(lam) + math.sqrt(max(0.0, lam**2 + 2.0 * (mu + abs(B) + abs(J)))) + 0.1
    line = zip(*contour_line(bilayer, layer, farthest), strict=True)
    return [[_number(x), _number(y)] for x, y in line][:-1]


def _fill(result: dict[str, Any], theory: GinzburgLandau, diode: Diode) -> None:
    (q0, aside), (lo, hi) = diode.q0, diode.window
    if abs(aside) > 1e-6:
        text = f"Pairs form off the axis, at q = ({q0:.2f}, ±{abs(aside):.2f})/l_u."
        result["notes"].append({"kind": "OffAxis", "text": text})
        return
    if lo < hi:
        momenta = np.linspace(q0 + lo, q0 + hi, 161)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # diode() has said it
            current = theory.current(momenta)[0]
        result["curve"] = {"q": momenta.tolist(), "J": [_number(j) for j in current]}
    if math.isfinite(diode.jc_plus) or math.isfinite(diode.jc_minus):
        result["q0"] = q0
    for name, q, current in (
        ("plus", diode.q_plus, diode.jc_plus),
        ("minus", diode.q_minus, diode.jc_minus),
    ):
        if math.isfinite(current):
            result[name] = {"q": q[0], "J": current}
    result["eta"] = _number(diode.efficiency)


def _number(x: float) -> float | None:
    return float(x) if math.isfinite(x) else None


# the two bundles ----------------------------------------------------------------------------


def _source(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def widget(kind: str = "widget") -> tuple[str, str]:
    """Put together a view for anywidget.

    Parameters
    ----------
    kind : {"widget", "bands"}
        The control of the diode, or the bands with their contours.

    Returns
    -------
    module : str
        A JavaScript module.
    style : str
        Its style sheet.

    Examples
    --------
    >>> from cedrag.view import live
    >>> module, style = live.widget()
    >>> "export default" in module, ".cedrag-live" in style
    (True, True)
    """
    return "".join(map(_source, SOURCES[kind])), _source("live.css")


def page() -> str:
    """Put together the control as one piece of HTML that loads nothing.

    Returns
    -------
    str
        For the body of a page without a kernel.

    Examples
    --------
    >>> from cedrag.view import live
    >>> len(live.page().encode()) < 120_000
    True
    """
    physics = "".join(map(_source, SOURCES["physics"]))  # a function, so that a worker has it, too
    names = "{ cedragDiode, cedragMeanField, cedragCurves }"
    script = (
        f"const cedragPhysics = () => {{\n{physics}return {names};\n}};\n"
        f"const {names} = cedragPhysics();\n" + "".join(map(_source, SOURCES["page"]))
    )
    config = json.dumps(configuration(), ensure_ascii=False).replace("<", "\\u003c")
    fallback = html.escape("This control needs JavaScript.")
    return (
        f"<style>{_source('live.css')}</style>\n"
        f'<div data-cedrag-live><script type="application/json">{config}</script>'
        f"<noscript>{fallback}</noscript></div>\n"
        f"<script>(() => {{\n{script}}})();</script>\n"
    )
