"""Figures in one style.  The only module that imports matplotlib."""

import matplotlib as mpl
from matplotlib import pyplot as plt

__all__ = ["COLORS", "use_style"]

# Okabe-Ito: distinguishable with every common colour-vision deficiency
COLORS = {
    "electron": "#0072B2",
    "hole": "#D55E00",
    "plus": "#009E73",
    "minus": "#CC79A7",
    "accent": "#E69F00",
    "neutral": "#555555",
    "published": "#000000",
}


def use_style():
    """Set the book's matplotlib defaults: SVG, readable on white in light and dark pages."""
    mpl.rcParams.update(
        {
            "figure.figsize": (6.4, 3.6),
            "figure.dpi": 100,
            "figure.facecolor": "white",
            "figure.constrained_layout.use": True,
            "svg.fonttype": "path",
            "svg.hashsalt": "cedrag",
            "axes.prop_cycle": mpl.cycler(color=list(COLORS.values())),
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
