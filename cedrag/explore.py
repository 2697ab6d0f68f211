"""Sliders that redraw a figure at every move.  The only module that imports ipywidgets.

Each explorer is a widget: leave it as the last line of a cell.  It needs a running kernel.
Speed comes from three places: the axes are drawn once and only the curves anew, the picture is a
PNG from matplotlib's Agg canvas, and the integrals are asked for five digits only.  The chapters
compute with more.
"""

import textwrap
import warnings
from dataclasses import dataclass, field

import numpy as np
from numpy.polynomial import Chebyshev
from numpy.polynomial.chebyshev import chebpts1
from scipy.interpolate import CubicSpline

from .bilayer import Bilayer
from .calibration import PAPER
from .diode import efficiency
from .errors import ConvergenceError, NoCondensateError, NoPairingError, missing_library
from .ginzburg_landau import GinzburgLandau
from .landscape import pairing_seeds
from .plotting import BandsView, CurrentView

try:
    import ipywidgets
except ModuleNotFoundError as error:
    raise missing_library(error, "explore") from None

__all__ = ["Currents", "currents_on_axis", "explore_bands", "explore_diode", "shift_estimate"]

RTOL = 1e-5
DEGREE = 56
FIRST_REACH, LAST_REACH = 0.8, 4.0  # half width (1/l_u) of the window in which alpha is sampled


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
    >>> from cedrag.explore import shift_estimate
    >>> round(shift_estimate(NATURAL), 3)  # the computed q0 is 0.199
    0.201
    """
    B, J = bilayer.zeeman_inplane, bilayer.zeeman_outofplane
    s = float(np.hypot(B, J))
    moved = bilayer.rashba_e + bilayer.mass_ratio * bilayer.rashba_h
    return moved * B / s if s > 0.0 else 0.0


@dataclass
class Currents:
    """J(q) on q_y = 0 with its marked states.

    Attributes
    ----------
    q, current : ndarray of the same shape
        In 1/l_u and J_u; empty if there is no condensate.
    marks : dict
        (q, J) of the states "q0", "plus" and "minus", as far as they exist.
    efficiency : float
        eta; nan without both critical currents.
    message : str
        What went wrong, or what to keep in mind.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.explore import currents_on_axis
    >>> sorted(currents_on_axis(NATURAL, 0.9).marks)
    ['minus', 'plus', 'q0']
    """

    q: np.ndarray = field(default_factory=lambda: np.empty(0))
    current: np.ndarray = field(default_factory=lambda: np.empty(0))
    marks: dict = field(default_factory=dict)
    efficiency: float = np.nan
    message: str = ""


def currents_on_axis(bilayer, t, *, rtol=RTOL, degree=DEGREE):
    """J(q), q0 and both critical currents on q_y = 0 from one interpolant: a fast look.

    J is interpolated once in Chebyshev nodes between the two roots of alpha; q0 and the critical
    momenta are roots of the polynomial and of its slope.
    :meth:`~cedrag.ginzburg_landau.GinzburgLandau.diode` searches the whole plane and checks its
    result; use it for numbers that matter.

    Parameters
    ----------
    bilayer : Bilayer
        What is looked at.
    t : float
        T/T_c.
    rtol : float
        Accuracy of the momentum integrals.
    degree : int
        Of the interpolating polynomial.

    Returns
    -------
    Currents
        Momenta in 1/l_u, currents in J_u.  What went wrong, if anything, stands in ``message``.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.explore import currents_on_axis
    >>> found = currents_on_axis(NATURAL, 0.9)
    >>> [round(float(number), 3) for number in found.marks["plus"]]
    [0.431, 0.027]
    >>> currents_on_axis(NATURAL, 1.1).message
    't must be below 1 for a condensate to exist (got 1.1)'
    """
    result = Currents()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            _fill(result, bilayer, t, rtol, degree)
        except (NoPairingError, NoCondensateError, ConvergenceError, ValueError) as error:
            result.message = str(error)
    notes = {w.category.__name__.removesuffix("Warning"): str(w.message) for w in caught}
    result.message = "\n".join([result.message, *notes.values()]).strip()
    return result


def _fill(result, bilayer, t, rtol, degree):
    if t >= 1.0:
        raise NoCondensateError(f"t must be below 1 for a condensate to exist (got {t:.4g})")
    (centre, off_axis), binding_energy = _strongest_pairing(bilayer, rtol)
    theory = GinzburgLandau(bilayer, t, binding_energy=binding_energy, rtol=rtol)
    lo, hi = _window(theory, centre)
    nodes = 0.5 * (lo + hi) + 0.5 * (hi - lo) * chebpts1(degree + 1)
    current = theory.current(nodes)[0]
    if not np.all(np.isfinite(current)):  # beta <= 0 somewhere: the warning says so
        result.q, result.current = nodes, current
        return
    series = Chebyshev.interpolate(lambda _: current, degree, domain=[lo, hi])
    slope = series.deriv()
    result.q, result.current = series.linspace(161)
    rest = [q for q in _real_roots(series, lo, hi) if slope(q) > 0.0]
    if not rest:
        raise NoCondensateError("no state at rest on the axis q_y = 0 inside the window alpha < 0")
    q0 = rest[int(np.argmin(theory.free_energy(np.array(rest))))]
    turning = _real_roots(slope, lo, hi)
    plus, minus = turning[turning > q0], turning[turning < q0]
    result.marks["q0"] = (q0, 0.0)
    if plus.size and minus.size:
        result.marks["plus"] = (plus[0], float(series(plus[0])))
        result.marks["minus"] = (minus[-1], float(series(minus[-1])))
        result.efficiency = efficiency(result.marks["plus"][1], result.marks["minus"][1])
    if off_axis != 0.0:
        result.message = (
            f"pairing is strongest off the axis, at q = ({centre:.3f}, {off_axis:.3f}): "
            "the figure shows the cut q_y = 0 only"
        )


def _strongest_pairing(bilayer, rtol):
    """q* and the interaction that puts alpha(T_c, q*) = 0 there.

    alpha depends on E_b through -(m_r/2 pi) ln E_b only, so one choice, E_b = 1, tells all others.
    Where the strongest pairing is on the axis a spline finds it; else the full search does.
    """
    critical = GinzburgLandau(bilayer, 1.0, binding_energy=1.0, rtol=rtol)
    seeds = pairing_seeds(bilayer, 1.0)
    best = seeds.points[int(np.argmin(critical.alpha(*seeds.points.T)))]
    q = best[0] + seeds.spacing * np.linspace(-1.0, 1.0, 11)
    stationary = CubicSpline(q, critical.alpha(q)).derivative()
    minima = [x for x in stationary.roots(extrapolate=False) if stationary(x, 1) > 0.0]
    if best[1] == 0.0 and len(minima) == 1:
        here, aside = critical.alpha(minima[0], np.array([0.0, 0.1 * seeds.spacing]))
        if aside > here:
            exponent = 2.0 * np.pi / bilayer.reduced_mass * float(here)
            return (minima[0], 0.0), float(np.exp(exponent))
    theory = GinzburgLandau(bilayer, 1.0, rtol=rtol)
    return theory.pairing_momentum, theory.binding_energy


def _window(theory, centre):
    """The interval of q_x around the strongest pairing where alpha < 0, slightly shortened."""
    reach = FIRST_REACH
    while True:
        q = centre + reach * np.linspace(-1.0, 1.0, 25)
        alpha = theory.alpha(q)
        if min(alpha[0], alpha[-1]) > 0.0 or reach > LAST_REACH:
            break
        reach *= 2.0
    lowest = q[int(np.argmin(alpha))]
    if alpha.min() >= 0.0:
        raise NoCondensateError(f"alpha > 0 for every q on the axis at t = {theory.t:.4g}")
    edges = CubicSpline(q, alpha).roots(extrapolate=False)
    lo = max(edges[edges < lowest], default=q[0])
    hi = min(edges[edges > lowest], default=q[-1])
    inset = 2e-3 * (hi - lo)
    return lo + inset, hi - inset


def _real_roots(series, lo, hi):
    roots = series.roots()
    real = np.sort(roots.real[np.abs(roots.imag) < 1e-9 * (hi - lo)])
    return real[(real > lo) & (real < hi)]


# the widgets -----------------------------------------------------------------------------


class _Explorer(ipywidgets.VBox):
    """Sliders above a picture; every move calls :meth:`refresh`."""

    def __init__(self, view, sliders):
        self.view = view
        self.sliders = {
            name: ipywidgets.FloatSlider(
                value=value, min=low, max=high, step=step, description=label, readout_format=".2f",
                layout=ipywidgets.Layout(width="22em"),
            )
            for name, (label, value, low, high, step) in sliders.items()
        }  # fmt: skip
        self.picture = ipywidgets.Image(format="png")
        rows = ipywidgets.HBox(list(self.sliders.values()), layout={"flex_flow": "row wrap"})
        super().__init__([rows, self.picture])
        for slider in self.sliders.values():
            slider.observe(self._moved, names="value")
        self._moved(None)

    def _moved(self, _change):
        self.refresh(**{name: slider.value for name, slider in self.sliders.items()})
        self.picture.value = self.view.png()


def _band_sliders(bilayer):
    return {
        "fermi_energy_e": ("E_Fe (E_u)", bilayer.fermi_energy_e, -5.0, 25.0, 0.05),
        "fermi_energy_h": ("E_Fh (E_u)", bilayer.fermi_energy_h, -5.0, 25.0, 0.05),
        "rashba_e": ("λ_e (E_u l_u)", bilayer.rashba_e, -6.0, 6.0, 0.01),
        "zeeman_inplane": ("B (E_u)", bilayer.zeeman_inplane, 0.0, 10.0, 0.05),
        "zeeman_outofplane": ("J (E_u)", bilayer.zeeman_outofplane, 0.0, 15.0, 0.05),
    }


class _Bands(_Explorer):
    def refresh(self, **parameters):
        bilayer = Bilayer.from_fermi_energies(**parameters)
        margin = bilayer.spin_gap_margin()
        verdict = "empty" if margin > 0.0 else "OCCUPIED: the one-branch theory does not apply"
        message = (
            f"mu_e = {bilayer.mu_e:.2f}, mu_h = {bilayer.mu_h:.2f};  upper branch {verdict} "
            f"(margin {margin:.2f} E_u)\ncontour shift to first order "
            f"{shift_estimate(bilayer):.3f} / l_u (orange)"
        )
        self.view.update(bilayer, shift_estimate(bilayer), message)


class _Diode(_Explorer):
    def refresh(self, t, **parameters):
        bilayer = Bilayer.from_fermi_energies(**parameters)
        found = currents_on_axis(bilayer, t)
        if "plus" in found.marks:
            (_, plus), (_, minus) = found.marks["plus"], found.marks["minus"]
            numbers = (
                f"q0 = {found.marks['q0'][0]:.4f} / l_u,  Jc+ = {100 * plus:.3f},  "
                f"Jc- = {100 * minus:.3f} (1e-2 J_u),  eta = {100 * found.efficiency:.3f} %"
            )
        else:
            numbers = "no critical currents here"
        message = "\n".join([numbers, *found.message.splitlines()[:1]])
        self.view.update(bilayer, found.q, found.current, found.marks, _wrapped(message))


def _wrapped(text, width=120, most=3):
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, width)]
    return "\n".join(lines[:most])


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
    >>> from cedrag.explore import explore_bands
    >>> explorer = explore_bands(NATURAL)
    >>> explorer.sliders["zeeman_inplane"].value = 5.0  # as a hand on the slider would
    >>> bytes(explorer.picture.value)[1:4]
    b'PNG'
    """
    return _Bands(BandsView(), _band_sliders(bilayer or PAPER))


def explore_diode(bilayer=None, t=0.9):
    """Sliders for B, t, lambda_e, J and the Fermi energies that redraw J(q), q0, J_c and eta.

    Parameters
    ----------
    bilayer : Bilayer, optional
        Where the sliders start (lambda_h = 0 and equal masses in the explorer); by default the
        calibrated ``PAPER``.
    t : float
        Starting temperature T/T_c.

    Returns
    -------
    ipywidgets.VBox
        Leave it as the last line of a cell.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.explore import explore_diode
    >>> explorer = explore_diode(NATURAL, t=0.9)
    >>> explorer.sliders["t"].value = 0.8
    >>> bytes(explorer.picture.value)[1:4]
    b'PNG'
    """
    sliders = _band_sliders(bilayer or PAPER) | {"t": ("T/T_c", t, 0.3, 1.0, 0.005)}
    return _Diode(CurrentView(), sliders)
