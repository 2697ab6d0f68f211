"""Minima over the plane of pair momenta, found from the geometry of the Fermi contours."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from ..bilayer import Bilayer
from ..errors import ConvergenceError
from ..kernels.seeds import fill_ring, hidden
from .integrals import fermi_interval
from .plane import chebyshev_nodes

__all__ = ["QuadraticForm", "SeedGrid", "pairing_seeds", "rivals", "local_minima"]

_SEARCH = 1e-6  # of series in which minima are located: second order in alpha itself
_NODES = (16, 32, 64, 128)
# Of descents off the axis: accuracy, of which only the square enters alpha at the minimum; how many
# spacings one mesh serves, and at the end, at full accuracy; ends that are one minimum, on a ring.
_LOOSE, _REACH, _CLOSE, _SAME = 1e-4, 2.5, 0.3, 0.3

Floats = NDArray[np.float64]


class QuadraticForm(Protocol):
    """The quadratic form of a pair field at one temperature, without the interaction's constant.

    One number per pair momentum for one component; the lowest eigenvalue of a Hermitian matrix for
    more (see :func:`cedrag.pairing.pairing.lowest_eigenpair`).

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.pairing.integrals import PairIntegrals
    >>> value, gradient = PairIntegrals(NATURAL, 1.0, 1e-8).lowest([[0.1, 0.0]])
    >>> value.shape, gradient.shape
    ((1,), (1, 2))
    """

    def lowest(self, q: Floats, rtol: float | None = None) -> tuple[Floats, Floats]:
        """Value (n,) and gradient (n, 2) at momenta (n, 2), for searches."""

    def lowest_with_error(self, q: Floats) -> tuple[Floats, Floats]:
        """Value and error estimate, each (n,)."""

    def scan(self, q: Floats) -> Floats:
        """Value to about a per cent, (n,)."""

    @property
    def reference_energy(self) -> float:
        """E_ref of the subtracted term |Delta|^2/(k^2/2m_r + E_ref)."""


@dataclass(frozen=True, eq=False)
class SeedGrid:
    """Candidate pair momenta in the half plane q_y >= 0.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        In 1/l_u.
    spacing : float
        The length on which pairing varies, a fraction of pi T/v.
    speed : float
        The faster Fermi velocity, in E_u l_u.
    apart : float
        The distance of neighbours, which is the spacing or more.
    isotropic : bool
        No direction is distinguished: the axis q_y = 0 stands for all, and all seeds lie on it.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.pairing.landscape import SeedGrid
    >>> SeedGrid(np.zeros((1, 2)), spacing=0.1, speed=5.0, apart=0.1).points.shape
    (1, 2)
    """

    points: Floats
    spacing: float
    speed: float
    apart: float
    isotropic: bool = False

    @property
    def on_axis(self) -> tuple[float, float]:
        """Smallest and largest q_x of the seeds on the axis."""
        x = self.points[self.points[:, 1] == 0.0, 0]
        return x.min(), x.max()


def pairing_seeds(
    bilayer: Bilayer, t: float, contours: tuple[tuple[float, float], ...] | None = None
) -> SeedGrid:
    """Momenta from which a search for strong pairing can start.

    A pair of carriers that both sit on their contours, k_e at angle phi and k_h opposite to it,
    has q = k_e(phi) + k_h(phi + pi).  For concentric circles of different size that is the FFLO
    ring; for nested contours it shrinks to the shift of their centres.  The seeds fill the ring,
    with the spacing on which pairing varies, a fraction of pi T/v.  In a ring much larger than that
    they crowd along its edge.

    Parameters
    ----------
    bilayer : Bilayer
        With carriers in both layers.
    t : float
        Temperature in E_u.
    contours : pair of tuples, optional
        ``fermi_interval`` of both layers if already known.

    Returns
    -------
    SeedGrid
        In 1/l_u.

    Raises
    ------
    NoPairingError
        If a layer is empty.

    Examples
    --------
    The first seed is the shift of the centres, next to q0 = 0.1986:

    >>> from cedrag import NATURAL
    >>> from cedrag.pairing.landscape import pairing_seeds
    >>> pairing_seeds(NATURAL, 0.9).points[0].round(4)
    array([0.1996, 0.    ])
    """
    contours = contours or tuple(fermi_interval(bilayer, layer) for layer in ("e", "h"))
    points, spacing, apart, speed = fill_ring(
        float(t), *contours, bilayer.band("e"), bilayer.band("h")
    )
    if bilayer.is_isotropic:
        points = points[points[:, 1] == 0.0]
    return SeedGrid(points, spacing, speed, apart, bilayer.is_isotropic)


def rivals(form: QuadraticForm, seeds: SeedGrid) -> Floats:
    """Seeds from which a descent of alpha should start, lowest first.

    Those below all their neighbours; with the lowest off the axis also its rival on the opposite
    side of the pair ring and the best on the axis.

    Parameters
    ----------
    form : QuadraticForm
        Such as PairIntegrals.
    seeds : SeedGrid

    Returns
    -------
    ndarray, shape (n, 2)
        In 1/l_u.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.pairing.landscape import pairing_seeds, rivals
    >>> from cedrag.pairing.integrals import PairIntegrals
    >>> rivals(PairIntegrals(NATURAL, 1.0, 1e-8), pairing_seeds(NATURAL, 1.0)).shape
    (1, 2)
    """
    points = seeds.points
    values = form.scan(points)
    order = np.argsort(values)
    beaten, _ = hidden(points, np.ascontiguousarray(values), seeds.apart)
    starts = [points[i] for i in order if not beaten[i]]
    if starts[0][1] != 0.0:
        opposite = 2.0 * points[0] - starts[0]
        on_axis = next(points[i] for i in order if points[i, 1] == 0.0)
        for extra in (np.array([opposite[0], abs(opposite[1])]), on_axis):
            if min(np.hypot(*(extra - start)) for start in starts) > 0.5 * seeds.spacing:
                starts.append(extra)
    return np.array(starts)


def local_minima(form: QuadraticForm, seeds: SeedGrid, starts: Floats | None = None) -> Floats:
    """Local minima of alpha over the half plane q_y >= 0, lowest first.

    Parameters
    ----------
    form : QuadraticForm
        Such as PairIntegrals.
    seeds : SeedGrid
    starts : ndarray, shape (n, 2), optional
        Where to descend from; by default :func:`rivals`.

    Returns
    -------
    ndarray, shape (m, 2)
        In 1/l_u.

    Raises
    ------
    ConvergenceError
        If no minimum is found.

    Notes
    -----
    Minima off the axis come in mirror pairs; the member with q_y > 0 is returned.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.pairing.landscape import local_minima, pairing_seeds
    >>> from cedrag.pairing.integrals import PairIntegrals
    >>> local_minima(PairIntegrals(NATURAL, 1.0, 1e-8), pairing_seeds(NATURAL, 1.0)).round(4)
    array([[0.1986, 0.    ]])
    """
    found: list[Floats] = []
    trails: list[tuple[float, float, float]] = []
    for start in rivals(form, seeds) if starts is None else starts:
        q = np.array(start)
        if q[1] != 0.0:
            q = _descend(form, q, seeds.spacing)
        if q[1] == 0.0:
            x = q[0]
            q = _axis_minimum(form, x, seeds.spacing, trails)
            trails.append((min(x, q[0]), max(x, q[0]), q[0]))
            rises = seeds.isotropic or _rises_off_axis(form, q[0], seeds.spacing)
            if not rises:  # a saddle: leave the axis
                q = _descend(form, q + [0.0, 0.3 * seeds.spacing], seeds.spacing)
                if q[1] == 0.0:
                    continue
        same = 1e-3 if q[1] == 0.0 else _SAME
        if all(np.hypot(*(q - other)) > same * seeds.spacing for other in found):
            found.append(q)
    if not found:
        raise ConvergenceError("no minimum over the pair momentum was found")
    if len(found) > 1:
        values = form.lowest(np.array(found), _LOOSE)[0]
        found = [found[i] for i in np.argsort(values)]
    if found[0][1] != 0.0:  # T_c rests on this one
        found[0] = _descend(form, found[0], seeds.spacing, None)
    return np.array(found)


def _rises_off_axis(form: QuadraticForm, x: float, spacing: float) -> bool:
    """Whether alpha rises from (x, 0) towards q_y > 0."""
    return form.lowest(np.array([[x, 1e-2 * spacing]]))[1][0, 1] > 0.0


def _axis_minimum(
    form: QuadraticForm, x: float, spacing: float, trails: list[tuple[float, float, float]]
) -> Floats:
    """The minimum of alpha on q_y = 0 downhill from ``x``.

    ``trails``: (from, to, minimum) of earlier descents, which end where those did.
    """
    half = 0.8 * spacing
    for _ in range(100):
        slope = _slope_on_axis(form, x - half, x + half)
        roots = slope.roots()
        roots = roots.real[(np.abs(roots.imag) < 1e-9 * half) & (np.abs(roots.real - x) <= half)]
        roots = roots[slope.deriv()(roots) > 0.0]
        if len(roots):
            return np.array([roots[np.argmin(np.abs(roots - x))], 0.0])
        ahead = -half if slope(x) > 0.0 else half
        x += ahead
        for _ in range(100):
            for lo, hi, end in trails:
                if lo < x < hi:
                    return np.array([end, 0.0])
            if not _falls_on(form, x, ahead):
                break
            x += ahead
    raise ConvergenceError(f"no minimum on the axis near q_x = {x:.6g}")


def _falls_on(form: QuadraticForm, x: float, ahead: float) -> bool:
    """Whether alpha clearly falls all the way to both sides of ``x``, towards ``ahead``."""
    q = np.zeros((9, 2))
    q[:, 0] = np.linspace(x - ahead, x + ahead, 9)
    slope = form.lowest(q, _LOOSE)[1][:, 0] * np.sign(ahead)
    return bool(slope.max() < 1e-2 * slope.min())


def _slope_on_axis(form: QuadraticForm, lo: float, hi: float) -> chebyshev.Chebyshev:
    """d alpha/dq_x on [lo, hi] as a Chebyshev series, long enough where that is possible."""
    for n in _NODES:
        nodes, transform = chebyshev_nodes(n)
        q = np.zeros((n, 2))
        q[:, 0] = 0.5 * (lo + hi) + 0.5 * (hi - lo) * nodes
        c = transform @ form.lowest(q)[1][:, 0]
        if np.abs(c[-3:]).max() <= _SEARCH * np.abs(c).max():
            break
    return chebyshev.Chebyshev(c, domain=[lo, hi])


def _descend(
    form: QuadraticForm, start: Floats, scale: float, rtol: float | None = _LOOSE
) -> Floats:
    """Quasi-Newton descent of alpha in units of ``scale``; the image with q_y >= 0."""
    from scipy import optimize

    # one mesh for the surroundings, instead of one for each momentum on the way
    reach = _CLOSE if rtol is None else _REACH
    around = start + reach * scale * np.array([[-1.0, -1.0], [0.0, 0.0], [1.0, 1.0]])
    size = max(abs(float(form.lowest(around, rtol)[0][1])), 1e-300)

    def objective(z: Floats) -> tuple[float, Floats]:
        value, gradient = form.lowest((z * scale)[None, :], rtol)
        return float(value[0]) / size, gradient[0] * scale / size

    fit = optimize.minimize(
        objective, start / scale, jac=True, method="BFGS",
        options={"gtol": 1e-9 if rtol is None else 1e-5, "maxiter": 100},
    )  # fmt: skip
    q = np.array([fit.x[0], abs(fit.x[1])]) * scale
    if q[1] < 1e-5 * scale:
        q[1] = 0.0
    return q
