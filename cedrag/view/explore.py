"""Sliders in JupyterLab.  The only module that imports widget libraries.

Each explorer is a widget: leave it as the last line of a cell.  It needs a running kernel.
:func:`explore_diode` shows the control of the book's live page (:mod:`cedrag.view.live`) with the
package itself behind it.  :func:`explore_bands` draws a PNG with matplotlib: the axes once, and at
every move only the curves anew.
"""

import numpy as np

from ..bilayer import Bilayer
from ..errors import missing_library
from ..paper.calibration import PAPER
from . import live
from .plotting import BandsView

try:
    import anywidget
    import ipywidgets
    import traitlets
except ModuleNotFoundError as error:
    raise missing_library(error, "explore") from None

__all__ = ["explore_bands", "explore_diode", "shift_estimate"]


def shift_estimate(bilayer):
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


class _Bands(ipywidgets.VBox):
    """Sliders above a picture of the bands; every move redraws it."""

    def __init__(self, bilayer):
        self.view = BandsView()
        ranges = {
            "fermi_energy_e": ("E_Fe (E_u)", bilayer.fermi_energy_e, -5.0, 25.0, 0.05),
            "fermi_energy_h": ("E_Fh (E_u)", bilayer.fermi_energy_h, -5.0, 25.0, 0.05),
            "rashba_e": ("λ_e (E_u l_u)", bilayer.rashba_e, -6.0, 6.0, 0.01),
            "zeeman_inplane": ("B (E_u)", bilayer.zeeman_inplane, 0.0, 10.0, 0.05),
            "zeeman_outofplane": ("J (E_u)", bilayer.zeeman_outofplane, 0.0, 15.0, 0.05),
        }
        self.sliders = {
            name: ipywidgets.FloatSlider(
                value=value, min=low, max=high, step=step, description=label, readout_format=".2f",
                layout=ipywidgets.Layout(width="22em"),
            )
            for name, (label, value, low, high, step) in ranges.items()
        }  # fmt: skip
        self.picture = ipywidgets.Image(format="png")
        rows = ipywidgets.HBox(list(self.sliders.values()), layout={"flex_flow": "row wrap"})
        super().__init__([rows, self.picture])
        for slider in self.sliders.values():
            slider.observe(self._moved, names="value")
        self._moved(None)

    def _moved(self, _change):
        bilayer = Bilayer.from_fermi_energies(
            **{name: slider.value for name, slider in self.sliders.items()}
        )
        margin = bilayer.spin_gap_margin()
        verdict = "empty" if margin > 0.0 else "OCCUPIED: the one-branch theory does not apply"
        message = (
            f"mu_e = {bilayer.mu_e:.2f}, mu_h = {bilayer.mu_h:.2f};  upper branch {verdict} "
            f"(margin {margin:.2f} E_u)\ncontour shift to first order "
            f"{shift_estimate(bilayer):.3f} / l_u (orange)"
        )
        self.view.update(bilayer, shift_estimate(bilayer), message)
        self.picture.value = self.view.png()


def explore_bands(bilayer=None):
    """Sliders for E_Fe, E_Fh, lambda_e, B and J that redraw the bands and Fermi contours.

    Parameters
    ----------
    bilayer : Bilayer, optional
        Where the sliders start (lambda_h = 0 and equal masses in the explorer); by default the
        calibrated ``PAPER``.

    Returns
    -------
    ipywidgets.VBox
        Leave it as the last line of a cell.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.view.explore import explore_bands
    >>> explorer = explore_bands(NATURAL)
    >>> explorer.sliders["zeeman_inplane"].value = 5.0  # as a hand on the slider would
    >>> bytes(explorer.picture.value)[1:4]
    b'PNG'
    """
    return _Bands(bilayer or PAPER)


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

    def __init__(self, bilayer, t):
        config = live.configuration(bilayer, t)
        start = config["start"]
        super().__init__(config=config, parameters=start, result=live.look(start))
        self.observe(self._moved, names="parameters")

    def _moved(self, change):
        self.result = live.look(change["new"])


def explore_diode(bilayer=None, t=0.9):
    """Sliders for B, t, lambda_e, J, the Fermi energies and lambda_h that redraw the diode.

    Shown: J(q) with its critical points, q0, J_c, eta, the Fermi contours and the zeta(I) plateau.

    Parameters
    ----------
    bilayer : Bilayer, optional
        Where the sliders start; by default the calibrated ``PAPER``.
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
    return DiodeExplorer(PAPER if bilayer is None else bilayer, t)
