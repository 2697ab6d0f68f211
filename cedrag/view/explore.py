"""Sliders in JupyterLab.  The only module that imports widget libraries.

Each explorer is a widget: leave it as the last line of a cell.  It needs a running kernel.
:func:`explore_diode` shows the control of the book's live page (:mod:`cedrag.view.live`) with the
package itself behind it; :func:`explore_bands` shows bands and contours in the same form.
"""

import re
from typing import Any

import numpy as np

from ..bilayer import Bilayer
from ..errors import missing_library
from ..paper.calibration import NATURAL
from . import live

try:
    import anywidget
    import traitlets
except ModuleNotFoundError as error:
    raise missing_library(error, "explore") from None

__all__ = ["explore_bands", "explore_diode", "look_bands", "shift_estimate"]


def shift_estimate(bilayer: Bilayer) -> float:
    r"""Estimate q0 to first order in the Rashba couplings: the sum of both contour shifts.

    With s = sqrt(B^2 + J^2),

    .. math:: \sqrt{(\lambda k_x + B)^2 + (\lambda k_y)^2 + J^2} = s + \lambda B k_x/s + \ldots

    moves the parabola of layer a by m_a lambda_a B/s.

    Parameters
    ----------
    bilayer : Bilayer
        Its couplings, fields and masses are used.

    Returns
    -------
    float
        In 1/l_u; zero if there is no Zeeman field at all.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.view.explore import shift_estimate
    >>> round(shift_estimate(NATURAL), 3)  # the computed q0 is 0.199
    0.201
    """
    B, J = bilayer.zeeman_inplane, bilayer.zeeman_outofplane
    s = float(np.hypot(B, J))
    moved = bilayer.rashba_e + bilayer.mass_ratio * bilayer.rashba_h
    return moved * B / s if s > 0.0 else 0.0


# bands -----------------------------------------------------------------------------------


# name, symbol, words, unit, lowest, highest, step, digits shown
_BANDS = (
    ("fermi_energy_e", "E_Fe", "Fermi energy, electrons", "E_u", -5.0, 25.0, 0.05, 2),
    ("fermi_energy_h", "E_Fh", "Fermi energy, holes", "E_u", -5.0, 25.0, 0.05, 2),
    ("rashba_e", "λ_e", "Rashba coupling, electrons", "E_u l_u", -6.0, 6.0, 0.01, 2),
    ("zeeman_inplane", "B", "in-plane Zeeman energy", "E_u", 0.0, 10.0, 0.05, 2),
    ("zeeman_outofplane", "J", "out-of-plane Zeeman energy", "E_u", 0.0, 15.0, 0.05, 2),
)
_KEYS = ("name", "symbol", "words", "unit", "min", "max", "step", "digits")
BANDS_SLIDERS = [dict(zip(_KEYS, row, strict=True)) for row in _BANDS]


def look_bands(parameters: dict[str, Any]) -> dict[str, Any]:
    """Compute what the bands explorer shows at these slider positions.

    Parameters
    ----------
    parameters : dict
        The keywords of :meth:`~cedrag.bilayer.Bilayer.from_fermi_energies` that have a slider.

    Returns
    -------
    dict
        ``bands`` along k_x, ``contours``, ``q0`` (the shift to first order) and a sentence.

    Examples
    --------
    >>> from cedrag.view.explore import look_bands
    >>> result = look_bands(
    ...     {"fermi_energy_e": 11.6, "fermi_energy_h": 11.6, "rashba_e": 0.7,
    ...      "zeeman_inplane": 3.0, "zeeman_outofplane": 10.0}
    ... )
    >>> result["text"].split(";")[0]
    'The dropped branch is empty'
    """
    bilayer = Bilayer.from_fermi_energies(**parameters)
    k = np.linspace(-7.0, 7.0, 141)
    bands: dict[str, Any] = {"k": k.tolist()}
    for layer, xi in (("e", bilayer.xi_e), ("h", bilayer.xi_h)):
        dropped = bilayer.upper_branch(layer, k, 0.0)
        bands[layer] = {"kept": xi(k, 0.0).tolist(), "dropped": dropped.tolist()}
    margin, shift = bilayer.spin_gap_margin(), shift_estimate(bilayer)
    verdict = "is empty" if margin > 0.0 else "is occupied: the one-branch theory does not apply"
    text = (
        f"The dropped branch {verdict}; margin {margin:.2f} E_u. "
        f"Chemical potentials {bilayer.mu_e:.2f} and {bilayer.mu_h:.2f} E_u; "
        f"contour shift to first order {shift:.3f} / l_u."
    )
    text = re.sub(r"-(?=\d)", "\N{MINUS SIGN}", text)
    contours = {layer: live.outline(bilayer, layer) for layer in "eh"}
    return {"bands": bands, "contours": contours, "q0": shift, "momentum": "shift", "text": text}


class BandsExplorer(anywidget.AnyWidget):
    """Bands and Fermi contours with :func:`look_bands` behind them.

    Attributes
    ----------
    parameters : dict
        Slider positions by name; assign a whole dictionary to move the sliders from Python.
    result : dict
        What is shown, see :func:`look_bands`.
    """

    _esm, _css = live.widget("bands")
    sliders: traitlets.List[dict[str, object]] = traitlets.List().tag(sync=True)
    parameters = traitlets.Dict().tag(sync=True)
    result = traitlets.Dict().tag(sync=True)

    def __init__(self, bilayer: Bilayer) -> None:
        start = {str(row["name"]): getattr(bilayer, str(row["name"])) for row in BANDS_SLIDERS}
        super().__init__(sliders=BANDS_SLIDERS, parameters=start, result=look_bands(start))
        self.observe(self._moved, names="parameters")

    def _moved(self, change: dict[str, Any]) -> None:
        self.result = look_bands(change["new"])


def explore_bands(bilayer: Bilayer | None = None) -> BandsExplorer:
    """Sliders for E_Fe, E_Fh, lambda_e, B and J that redraw the bands and Fermi contours.

    Parameters
    ----------
    bilayer : Bilayer, optional
        Where the sliders start (lambda_h = 0 and equal masses in the explorer); by default the
        running example, ``NATURAL``.

    Returns
    -------
    anywidget.AnyWidget
        Leave it as the last line of a cell.  ``parameters``, a dictionary, can be assigned to;
        ``result`` holds what is shown, see :func:`look_bands`.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.view.explore import explore_bands
    >>> explorer = explore_bands(NATURAL)
    >>> explorer.parameters = explorer.parameters | {"zeeman_inplane": 5.0}  # as a hand would
    >>> round(explorer.result["q0"], 2)
    0.31
    """
    return BandsExplorer(NATURAL if bilayer is None else bilayer)


# diode -----------------------------------------------------------------------------------


class DiodeExplorer(anywidget.AnyWidget):
    """The live control with :func:`cedrag.view.live.look` behind it.

    Attributes
    ----------
    parameters : dict
        Slider positions by name; assign a whole dictionary to move the sliders from Python.
    result : dict
        What is shown, see :func:`cedrag.view.live.look`.
    """

    _esm, _css = live.widget()
    config = traitlets.Dict().tag(sync=True)
    parameters = traitlets.Dict().tag(sync=True)
    result = traitlets.Dict().tag(sync=True)

    def __init__(self, bilayer: Bilayer, t: float) -> None:
        config = live.configuration(bilayer, t)
        start = config["start"]
        super().__init__(config=config, parameters=start, result=live.look(start))
        self.observe(self._moved, names="parameters")

    def _moved(self, change: dict[str, Any]) -> None:
        self.result = live.look(change["new"])


def explore_diode(bilayer: Bilayer | None = None, t: float = 0.9) -> DiodeExplorer:
    """Sliders for B, t, lambda_e, J, the Fermi energies and lambda_h that redraw the diode.

    Shown: J(q) with its critical points, q0, J_c, eta, the Fermi contours and the zeta(I) plateau.

    Parameters
    ----------
    bilayer : Bilayer, optional
        Where the sliders start; by default the running example, ``NATURAL``.
    t : float
        Starting temperature T/T_c.

    Returns
    -------
    anywidget.AnyWidget
        Leave it as the last line of a cell.  ``parameters``, a dictionary, holds the positions of
        the sliders and can be assigned to; ``result`` what is shown, see
        :func:`cedrag.view.live.look`.

    Raises
    ------
    ValueError
        If the masses are not equal or a parameter lies outside its slider.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.view.explore import explore_diode
    >>> explorer = explore_diode(NATURAL, t=0.9)
    >>> explorer.parameters = explorer.parameters | {"B": 5.0}  # as a hand on the slider would
    >>> round(explorer.result["q0"], 3)
    0.31
    """
    return DiodeExplorer(NATURAL if bilayer is None else bilayer, t)
