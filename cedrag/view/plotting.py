"""Figures in one style.  The only module that imports matplotlib."""

from os import PathLike
from types import ModuleType
from typing import Any

import contourpy
import numpy as np
from numpy.typing import NDArray

from ..bilayer import Bilayer
from ..errors import missing_library
from ..laboratory.plateau import Plateau

try:
    import matplotlib as mpl
    from cycler import cycler
    from matplotlib import pyplot as plt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
except ModuleNotFoundError as error:
    raise missing_library(error, "plot") from None

__all__ = [
    "COLORS",
    "READINGS",
    "contour_line",
    "draw_bands",
    "draw_contours",
    "draw_map",
    "draw_plateau",
    "draw_sweep",
    "use_style",
]

#: Okabe-Ito: distinguishable with every common colour-vision deficiency
COLORS = {
    "electron": "#0072B2",
    "hole": "#D55E00",
    "plus": "#009E73",
    "minus": "#CC79A7",
    "accent": "#E69F00",
    "neutral": "#555555",
    "published": "#000000",
}

#: The two parameter sets of the calibration chapter, told apart by colour and by line style.
READINGS = {
    "A": {"color": "#0072B2", "linestyle": "-", "label": "reading A (converged)"},
    "B": {"color": "#D55E00", "linestyle": "--", "label": "reading B (natural)"},
}

MOMENTUM_LABEL = r"$k_x$ ($1/l_u$)"
ENERGY_LABEL = r"$\xi$ ($E_u$)"


def use_style() -> ModuleType:
    """Set the book's matplotlib defaults: SVG, readable on white in light and dark pages.

    Returns
    -------
    module
        ``matplotlib.pyplot``.

    Examples
    --------
    >>> import matplotlib
    >>> from cedrag.view.plotting import use_style
    >>> with matplotlib.rc_context():
    ...     plt = use_style()
    ...     matplotlib.rcParams["axes.grid"]
    True
    """
    mpl.rcParams.update(
        {
            "figure.figsize": (6.4, 3.6),
            "figure.dpi": 100,
            "figure.facecolor": "white",
            "figure.constrained_layout.use": True,
            "svg.fonttype": "path",
            "svg.hashsalt": "cedrag",
            "axes.prop_cycle": cycler(color=list(COLORS.values())),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.alpha": 0.25,
            "lines.linewidth": 1.8,
            "font.size": 10,
            "legend.frameon": False,
            "image.cmap": "cividis",
        }
    )
    try:
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return plt
    set_matplotlib_formats("svg", metadata={"Date": None})
    return plt


# single figures --------------------------------------------------------------------------


def draw_bands(ax: Axes, bilayer: Bilayer, layer: str, k_max: float) -> None:
    """Both spin branches of one layer along k_x, as an electron microscope would see them.

    The hole layer is drawn as its valence band, -xi_h(-k): filled below the Fermi level except
    where the holes sit.  Shaded: electrons in the upper layer, holes in the lower one.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    bilayer : Bilayer
    layer : {"e", "h"}
    k_max : float
        Half width of the momentum axis in 1/l_u.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from cedrag import NATURAL
    >>> from cedrag.view.plotting import draw_bands
    >>> ax = Figure().subplots()
    >>> draw_bands(ax, NATURAL, "e", k_max=7.0)
    >>> [line.get_label() for line in ax.lines[:2]]
    ['branch kept', 'branch dropped']
    """
    k = np.linspace(-k_max, k_max, 401)
    sign = 1.0 if layer == "e" else -1.0
    xi = bilayer.xi_e if layer == "e" else bilayer.xi_h
    lower = sign * xi(sign * k, 0.0)
    upper = sign * bilayer.upper_branch(layer, sign * k, 0.0)
    color = COLORS["electron" if layer == "e" else "hole"]
    ax.plot(k, lower, color=color, label="branch kept")
    ax.plot(k, upper, color=color, linestyle=":", label="branch dropped")
    ax.fill_between(k, lower, 0.0, where=sign * lower < 0.0, color=color, alpha=0.2, linewidth=0)
    ax.axhline(0.0, color=COLORS["neutral"], linestyle="--", linewidth=1.0)
    ax.set(xlim=(-k_max, k_max), xlabel=MOMENTUM_LABEL)


def contour_line(
    bilayer: Bilayer, layer: str, k_max: float, n: int = 161
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fermi contour inside a square of half width ``k_max`` as one line for drawing.

    Marching squares on an n x n grid: good to the eye, two orders of magnitude faster than
    :meth:`~cedrag.bilayer.Bilayer.fermi_contour`, which is good to rounding.

    Parameters
    ----------
    bilayer : Bilayer
        Whose contour.
    layer : {"e", "h"}
        Electrons or holes.
    k_max : float
        In 1/l_u.
    n : int
        Grid points along each side.

    Returns
    -------
    x, y : ndarray
        In 1/l_u, with nan between sheets; empty if nothing is there.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag import NATURAL
    >>> from cedrag.view.plotting import contour_line
    >>> x, y = contour_line(NATURAL, "e", k_max=7.0)
    >>> round(float(np.nanmax(x)), 1)
    5.2
    """
    k = np.linspace(-k_max, k_max, n)
    xi = bilayer.xi_e if layer == "e" else bilayer.xi_h
    lines = contourpy.contour_generator(k, k, xi(k[None, :], k[:, None])).lines(0.0)
    if not lines:
        return np.empty(0), np.empty(0)
    gap = np.full((1, 2), np.nan)
    x, y = np.concatenate([part for line in lines for part in (line, gap)]).T
    return x, y


def draw_contours(
    ax: Axes, bilayer: Bilayer, n: int = 400, *, labels: bool = True, **style: Any
) -> None:
    """Fermi contours of both layers, every sheet.

    Points from :meth:`~cedrag.bilayer.Bilayer.fermi_contour`.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    bilayer : Bilayer
        Whose contours.
    n : int
        Points on each sheet.
    labels : bool
        Name the layers in the legend.
    **style
        Goes to all lines.  Without a ``linestyle`` holes are dashed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from cedrag import NATURAL
    >>> from cedrag.view.plotting import draw_contours
    >>> ax = Figure().subplots()
    >>> draw_contours(ax, NATURAL, linewidth=1.0)
    >>> [line.get_label() for line in ax.lines]
    ['electrons', 'holes']
    """
    for layer, name, dashes in (("e", "electron", "-"), ("h", "hole", "--")):
        look = {"linestyle": dashes} | style
        for number, sheet in enumerate(bilayer.fermi_contour(layer, n)):
            closed = np.vstack([sheet, sheet[:1]])
            label = name + "s" if labels and number == 0 else None
            ax.plot(*closed.T, color=COLORS[name], label=label, **look)
    ax.set_aspect("equal")
    ax.set(xlabel=MOMENTUM_LABEL, ylabel=r"$k_y$ ($1/l_u$)")


def draw_map(
    ax: Axes,
    qx: NDArray[np.float64],
    qy: NDArray[np.float64],
    values: NDArray[np.float64],
    label: str,
    *,
    mark: tuple[float, float] | None = None,
    levels: int = 8,
) -> None:
    """A quantity over the plane of pair momenta, with contour lines and a colour bar.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    qx, qy : ndarray, shapes (n,) and (m,)
        Equally spaced momenta in 1/l_u.
    values : ndarray, shape (m, n)
    label : str
        What the colour bar says, with its unit.
    mark : tuple of float, optional
        A momentum to mark, q0 for example.
    levels : int
        Number of contour lines.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from cedrag.view.plotting import draw_map
    >>> q = np.linspace(-1.0, 1.0, 21)
    >>> ax = Figure().subplots()
    >>> draw_map(ax, q, q, q**2 + q[:, None] ** 2, r"$q^2$ ($1/l_u^2$)", mark=(0.0, 0.0))
    >>> len(ax.images)
    1
    """
    half_x, half_y = 0.5 * (qx[1] - qx[0]), 0.5 * (qy[1] - qy[0])
    extent = (qx[0] - half_x, qx[-1] + half_x, qy[0] - half_y, qy[-1] + half_y)
    image = ax.imshow(values, origin="lower", extent=extent, aspect="equal", rasterized=True)
    ax.contour(qx, qy, values, levels=levels, colors="white", linewidths=0.6, alpha=0.7)
    ax.grid(visible=False)
    ax.set(xlabel=r"$q_x$ ($1/l_u$)", ylabel=r"$q_y$ ($1/l_u$)")
    ax.figure.colorbar(image, ax=ax, label=label, shrink=0.7)
    if mark is not None:
        ax.plot(*mark, "o", markersize=7, color="white", markeredgecolor=COLORS["hole"], mew=2.0)


def draw_plateau(
    path: str | PathLike[str], plateau: Plateau, drive_current: NDArray[np.float64]
) -> None:
    """Write the picture of zeta(I) to ``path``; its suffix says the format.

    Parameters
    ----------
    path : path-like
    plateau : cedrag.laboratory.plateau.Plateau
    drive_current : ndarray
        A, ascending, with the critical currents and their neighbours outside among them.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from cedrag.laboratory.plateau import Plateau
    >>> from cedrag.view.plotting import draw_plateau
    >>> plateau = Plateau(current_plus=2.0e-6, current_minus=-1.5e-6, friction=-0.02)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     picture = Path(folder, "plateau.png")
    ...     draw_plateau(picture, plateau, np.linspace(-3e-6, 3e-6, 61))
    ...     picture.read_bytes()[1:4]
    b'PNG'
    """
    with mpl.rc_context():
        use_style()
        figure = Figure()
        ax = figure.subplots()
        ax.plot(1e6 * drive_current, plateau.zeta(drive_current), color=COLORS["electron"])
        for edge, name, color in (
            (plateau.current_plus, "$I_{c+}$", "plus"),
            (plateau.current_minus, "$I_{c-}$", "minus"),
        ):
            label = f"{name} = {1e6 * edge:.4g} µA"
            ax.axvline(1e6 * edge, color=COLORS[color], linestyle="--", linewidth=1.2, label=label)
        ax.set(xlabel=r"$I_{\rm drive}$ (µA)", ylabel=r"$\zeta = I_{\rm drag}/I_{\rm drive}$")
        ax.set(ylim=(-1.08, 0.32), title=f"outside the plateau $\\zeta$ = {plateau.friction:.3g}")
        ax.legend(loc="upper center", ncols=2)
        _save(figure, path)


def _save(figure: Figure, path: Any) -> None:
    """The same file from the same numbers."""
    suffix = str(path).rpartition(".")[2].lower()
    date = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(suffix)
    figure.savefig(path, metadata=date)


def draw_sweep(path: Any, dataset: Any, name: str) -> None:
    """Write the picture of one quantity of a sweep to ``path``; its suffix says the format.

    One axis gives a curve, two give a map whose colours are centred at zero if both signs occur.
    Points that failed stay white.

    Parameters
    ----------
    path : path-like
    dataset : xarray.Dataset
        Of :func:`cedrag.sweeps.run.sweep`, over one or two parameters.
    name : str
        Of the quantity.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from cedrag import NATURAL, sweep
    >>> from cedrag.view.plotting import draw_sweep
    >>> def product(bilayer, t):
    ...     return bilayer.mu_e * t
    >>> found = sweep(product, base=NATURAL, axes={"mu_e": [1, 2], "t": [0.8, 0.9]}, workers=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     picture = Path(folder, "map.png")
    ...     draw_sweep(picture, found, "product")
    ...     picture.read_bytes()[1:4]
    b'PNG'
    """
    values = dataset[name]
    if values.ndim not in (1, 2):
        raise ValueError(f"dataset must have one or two axes to be drawn (got {values.dims})")

    def label(part: Any) -> str:
        unit = part.attrs.get("units", "1")
        unit = "" if unit == "1" else f" ({unit})"
        return f"{part.attrs.get('long_name', part.name)}{unit}".replace("_", " ")

    with mpl.rc_context():
        use_style()
        figure = Figure()
        ax = figure.subplots()
        first, *second = (dataset[dim] for dim in values.dims)
        if not second:
            ax.plot(first.values, values.values, color=COLORS["electron"])
            ax.set(xlabel=label(first), ylabel=label(values))
        else:
            colours = {}
            finite = values.values[np.isfinite(values.values)]
            if finite.size and finite.min() < 0.0 < finite.max():
                size = np.abs(finite).max()
                colours = {"cmap": "RdBu_r", "vmin": -size, "vmax": size}
            ax.grid(visible=False)
            image = ax.pcolormesh(
                first.values, second[0].values, values.values.T, shading="nearest",
                rasterized=True, **colours,
            )  # fmt: skip
            figure.colorbar(image, ax=ax, label=label(values))
            ax.set(xlabel=label(first), ylabel=label(second[0]))
        ax.set_title(dataset.attrs.get("level", ""), fontsize=10)
        _save(figure, path)
