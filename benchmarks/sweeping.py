"""What a sweep adds to its points, and what the second core gains."""

import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np
from timing import Measured, once

from cedrag import NATURAL, MeanField

AXES = {"zeeman_inplane": np.linspace(0.5, 6.0, 64), "t": np.linspace(0.3, 0.95, 64)}
SMALL = {"zeeman_inplane": np.linspace(0.5, 6.0, 32), "t": np.linspace(0.3, 0.95, 32)}
PAUSE = 10e-3  # s for a point: less than half of a mean-field diode


def busy(bilayer, t):
    """A point that takes its time."""
    end = time.perf_counter() + PAUSE
    while time.perf_counter() < end:
        pass
    return bilayer.zeeman_inplane * t


def _installed():
    try:
        import xarray  # noqa: F401
        import zarr  # noqa: F401
    except ModuleNotFoundError:
        return False
    return True


def overhead():
    """Time of 4,096 points in a store over that of the points alone, minus 1, in per cent."""
    if not _installed():
        return None
    from cedrag import sweep

    some = 512
    alone, _ = once(lambda: [busy(NATURAL, 0.5) for _ in range(some)])
    alone *= 64 * 64 / some
    # xarray and zarr are loaded once in a session
    sweep(busy, base=NATURAL, axes={"t": [0.5, 0.6]}, workers=1)
    with tempfile.TemporaryDirectory() as folder:
        seconds, found = once(
            lambda: sweep(busy, base=NATURAL, axes=AXES, store=Path(folder, "a"), workers=1)
        )
        difference = np.abs(found.busy.values - np.outer(found.zeeman_inplane, found.t)).max()
    return Measured([100.0 * (seconds / alone - 1.0)], float(difference), 0.0, "products")


@cache
def _map(workers):
    from cedrag import sweep

    base = MeanField(NATURAL, 0.5, spin="band", rtol=1e-6)
    return once(lambda: sweep(base=base, axes=SMALL, workers=workers).efficiency.values)


def field_and_temperature():
    """eta(B, T) with MeanField "band", 32 x 32, on two cores."""
    if not _installed():
        return None
    seconds, eta = _map(2)
    one = MeanField(NATURAL.replace(zeeman_inplane=0.5), 0.3, spin="band", rtol=1e-8).diode()
    return Measured([seconds], abs(eta[0, 0] - one.efficiency), 1e-6, "rtol 1e-8 at a corner")


def gain():
    """The same on one core over two."""
    if not _installed():
        return None
    (one, eta_1), (two, eta_2) = _map(1), _map(2)
    return Measured([one / two], float(np.nanmax(np.abs(eta_1 - eta_2))), 0.0, "one core")
