"""The electron-hole bilayer: its parameters, and all that follows from the bands alone."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._checks import (
    chosen,
    nonnegative_scalar,
    positive_integer,
    positive_scalar,
    real_array,
    real_scalar,
)
from ._lazy import cached_property
from ._results import Record
from .kernels import bands
from .kernels.bands import Band
from .kernels.contours import lower_minimum, upper_minimum

__all__ = ["Bilayer"]

Floats = NDArray[np.float64]
_LAYERS = ("e", "h")
_NO_COUPLING = 1e-14  # lambda below this fraction of the field moves no contour by an ulp


@dataclass(frozen=True, kw_only=True)
class Bilayer(Record):
    """Electron-hole bilayer with Rashba coupling and Zeeman fields, lower spin branch (eqs 2, 3).

    xi_a(k) = k^2/(2 m_a) - mu_a - sqrt((lambda_a k_x + B)^2 + (lambda_a k_y)^2 + J^2),  a = e, h.

    Parameters
    ----------
    mu_e, mu_h : float
        Chemical potentials of the layers in E_u = k_B T_c.  They enter as in eq (2), so the
        Fermi energy from the bottom of the lower branch at k = 0, B = 0 is mu_a + |J|:
        see :meth:`from_fermi_energies`.
    rashba_e, rashba_h : float
        Rashba couplings lambda_e, lambda_h in E_u l_u.  The paper has lambda_h = 0.
    zeeman_inplane : float
        In-plane Zeeman energy B in E_u.
    zeeman_outofplane : float
        Out-of-plane Zeeman energy J in E_u; nothing depends on its sign.
    mass_ratio : float
        m_h / m_e (m_e is the unit of mass).

    Raises
    ------
    TypeError
        If an argument is not a real number.
    ValueError
        If an argument is not finite, or ``mass_ratio`` is not positive.

    Examples
    --------
    >>> from cedrag import Bilayer
    >>> bilayer = Bilayer.from_fermi_energies(
    ...     fermi_energy_e=11.6, fermi_energy_h=11.6, rashba_e=0.7, zeeman_inplane=3.0,
    ...     zeeman_outofplane=10.0)
    >>> round(bilayer.mu_e, 2), bilayer.spin_gap_margin() > 0
    (1.6, True)
    """

    mu_e: float
    mu_h: float
    rashba_e: float
    rashba_h: float = 0.0
    zeeman_inplane: float
    zeeman_outofplane: float
    mass_ratio: float = 1.0

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            check = positive_scalar if field.name == "mass_ratio" else real_scalar
            object.__setattr__(self, field.name, check(field.name, getattr(self, field.name)))

    @classmethod
    def from_fermi_energies(
        cls,
        *,
        fermi_energy_e: float,
        fermi_energy_h: float,
        rashba_e: float,
        rashba_h: float = 0.0,
        zeeman_inplane: float,
        zeeman_outofplane: float,
        mass_ratio: float = 1.0,
    ) -> Self:
        """Build from E_Fa = mu_a + |J|, measured from the lower branch at k = 0, B = 0 (in E_u).

        Examples
        --------
        >>> from cedrag import Bilayer
        >>> bilayer = Bilayer.from_fermi_energies(
        ...     fermi_energy_e=11.6, fermi_energy_h=9.0, rashba_e=1.0, zeeman_inplane=3.0,
        ...     zeeman_outofplane=10.5)
        >>> round(bilayer.mu_h, 6), round(bilayer.fermi_energy_h, 6)
        (-1.5, 9.0)
        """
        J = abs(real_scalar("zeeman_outofplane", zeeman_outofplane))
        return cls(
            mu_e=real_scalar("fermi_energy_e", fermi_energy_e) - J,
            mu_h=real_scalar("fermi_energy_h", fermi_energy_h) - J,
            rashba_e=rashba_e,
            rashba_h=rashba_h,
            zeeman_inplane=zeeman_inplane,
            zeeman_outofplane=zeeman_outofplane,
            mass_ratio=mass_ratio,
        )

    def replace(self, **changes: float) -> Self:
        """Return a copy with the named parameters changed (validated again)."""
        return dataclasses.replace(self, **changes)

    @property
    def fermi_energy_e(self) -> float:
        """E_Fe = mu_e + |J| in E_u."""
        return self.mu_e + abs(self.zeeman_outofplane)

    @property
    def fermi_energy_h(self) -> float:
        """E_Fh = mu_h + |J| in E_u."""
        return self.mu_h + abs(self.zeeman_outofplane)

    @property
    def has_mirror(self) -> bool:
        """Whether k_y -> -k_y maps the bands of both layers on themselves: always, so far.

        Rashba coupling and fields along y and z only turn the spin under this mirror.  A parameter
        that breaks it (a Dresselhaus coupling, a field along x) has to say so here: searches on the
        axis q_y = 0 and all meshes of the half plane k_y >= 0 rely on it.
        """
        return True

    def needs_mirror(self, what: str) -> None:
        """Refuse a bilayer without the mirror because ``what`` would be wrong about it.

        Raises
        ------
        ValueError
            If ``has_mirror`` is false.
        """
        if not self.has_mirror:
            raise ValueError(
                f"bilayer must have the mirror k_y -> -k_y, on which {what} rests (got {self!r})"
            )

    @property
    def is_isotropic(self) -> bool:
        """Whether no direction in the plane is distinguished.

        So it is without Rashba coupling in either layer, and without an in-plane field.
        """
        return self.zeeman_inplane == 0.0 or (self.rashba_e == 0.0 and self.rashba_h == 0.0)

    @property
    def has_even_bands(self) -> bool:
        """Whether xi(k) = xi(-k) in both layers, which only a lack of direction makes so."""
        return self.is_isotropic

    @property
    def is_reversible(self) -> bool:
        """Whether F(q) = F(-q) by symmetry, which forbids a diode.

        So it is if the bands are even in k, and for rashba_e = -rashba_h with equal masses and
        potentials (the paper's footnote).
        """
        mirrored_layers = (
            self.rashba_e == -self.rashba_h and self.mu_e == self.mu_h and self.mass_ratio == 1.0
        )
        return self.has_even_bands or mirrored_layers

    @cached_property
    def _bands(self) -> dict[str, Band]:
        B, J = self.zeeman_inplane, self.zeeman_outofplane
        return {
            "e": Band(1.0, self.mu_e, self.rashba_e, B, J),
            "h": Band(self.mass_ratio, self.mu_h, self.rashba_h, B, J),
        }

    def band(self, layer: str) -> Band:
        """Parameters of ``layer`` ("e" or "h") as the kernels take them."""
        chosen("layer", layer, _LAYERS)
        return self._bands[layer]

    # bands -----------------------------------------------------------------------------

    def xi(self, layer: str, kx: ArrayLike, ky: ArrayLike) -> Floats:
        """Lower branch of ``layer``, eq (3), in E_u; kx, ky (1/l_u) broadcast."""
        return bands.energy(*_momenta(kx, ky), self.band(layer))

    def xi_e(self, kx: ArrayLike, ky: ArrayLike) -> Floats:
        """Electron lower branch, eq (3), in E_u; kx, ky (1/l_u) broadcast against each other."""
        return self.xi("e", kx, ky)

    def xi_h(self, kx: ArrayLike, ky: ArrayLike) -> Floats:
        """Hole lower branch, eq (3), in E_u; kx, ky (1/l_u) broadcast against each other."""
        return self.xi("h", kx, ky)

    def upper_branch(self, layer: str, kx: ArrayLike, ky: ArrayLike) -> Floats:
        """The branch that the theory drops: k^2/2m - mu + sqrt(...), in E_u."""
        return bands.upper_energy(*_momenta(kx, ky), self.band(layer))

    def velocity(self, layer: str, kx: ArrayLike, ky: ArrayLike) -> Floats:
        """Group velocity d xi_a/dk, shape (2, ...), in E_u l_u."""
        kx, ky = np.broadcast_arrays(*_momenta(kx, ky))
        return np.stack(bands.energy_and_velocity(kx, ky, self.band(layer))[1:])

    def inverse_mass(self, layer: str, kx: ArrayLike, ky: ArrayLike) -> Floats:
        """Curvature d^2 xi_a/dk_i dk_j, shape (2, 2, ...), in 1/m_e."""
        kx, ky = np.broadcast_arrays(*_momenta(kx, ky))
        xx, xy, yy = bands.inverse_mass(kx, ky, self.band(layer))
        return np.stack([np.stack([xx, xy]), np.stack([xy, yy])])

    # extrema and fillings --------------------------------------------------------------

    def band_minimum(self, layer: str) -> tuple[float, float]:
        """Return (k_x, xi) at the bottom of the lower branch (k_y = 0 there); E_u and 1/l_u."""
        self.needs_mirror("the search for the bottom of a band on the axis")
        return lower_minimum(self.band(layer))

    def spin_gap_margin(self) -> float:
        """Energy (E_u) from the Fermi level to the upper spin branch, the smaller of both layers.

        Positive: the upper branch is empty at T = 0 and the one-branch theory is consistent.
        Negative: the branch that the theory drops holds carriers.
        """
        self.needs_mirror("the search for the bottom of a band on the axis")
        return min(upper_minimum(self.band(layer)) for layer in _LAYERS)

    def radial_roots(self, layer: str, theta: float, origin: float = 0.0) -> Floats:
        """Radii at which the ray from (origin, 0) at angle theta crosses the Fermi contour.

        Squaring xi = 0 gives a quartic in r; roots on the other branch have xi + s < 0.
        """
        self.needs_mirror("the quartic for the Fermi radii")
        mass, mu, lam, B, J = self.band(layer)
        theta = real_scalar("theta", theta)
        origin = real_scalar("origin", origin, bare="1/l_u")
        c, s = math.cos(theta), math.sin(theta)
        kinetic = np.array([1.0, 2 * origin * c, origin**2]) / (2 * mass) - np.array([0, 0, mu])
        if abs(lam) <= _NO_COUPLING * math.hypot(B, J):
            roots = np.roots(np.polysub(kinetic, [math.hypot(B, J)]))
        else:
            field = np.array(
                [lam**2, 2 * lam * c * (lam * origin + B), (lam * origin + B) ** 2 + J * J]
            )
            roots = np.roots(np.polysub(np.polymul(kinetic, kinetic), field))
        # the branches nearly touch at small splitting: near-double roots carry sqrt(eps) noise
        scale = 1.0 + np.abs(roots).max(initial=0.0)
        r = np.sort(roots.real[np.abs(roots.imag) < 1e-6 * scale])
        for _ in range(3):
            xi = self.xi(layer, origin + r * c, r * s)
            vx, vy = self.velocity(layer, origin + r * c, r * s)
            slope = vx * c + vy * s
            r = r - np.divide(xi, slope, out=np.zeros_like(r), where=np.abs(slope) > 1e-12)
        energy = abs(mu) + math.hypot(B, J) + scale**2
        on_contour = np.abs(self.xi(layer, origin + r * c, r * s)) < 1e-9 * energy
        r = np.sort(r[on_contour & (r >= 0.0)])
        return r[np.append(True, np.diff(r) > 1e-9 * scale)[: len(r)]]

    def is_occupied(self, layer: str) -> bool:
        """Whether the lower branch of ``layer`` has a Fermi sea at T = 0."""
        return self.band_minimum(layer)[1] < 0.0

    def fermi_contour(self, layer: str, n: int = 200) -> tuple[Floats, ...]:
        """Fermi contour xi_a = 0 as closed sheets.

        Parameters
        ----------
        layer : {"e", "h"}
        n : int
            Points on each sheet.

        Returns
        -------
        tuple of ndarray, each of shape (n, 2)
            One array of (k_x, k_y) in 1/l_u per sheet, equally spaced in arc length, largest
            sheet first.  Empty if the band is empty; two sheets for an annular Fermi sea.

        Raises
        ------
        ValueError, TypeError
            If ``layer`` is not "e" or "h" or ``n`` is not an integer >= 3.

        Examples
        --------
        >>> from cedrag import NATURAL
        >>> (sheet,) = NATURAL.fermi_contour("e", n=100)
        >>> sheet.shape, abs(NATURAL.xi_e(*sheet.T)).max() < 1e-10
        ((100, 2), np.True_)
        """
        self.band(layer)
        if positive_integer("n", n) < 3:
            raise ValueError(f"n must be at least 3 (got {n})")
        if not self.is_occupied(layer):
            return ()
        lines = self._marching_squares(layer)
        sheets = [self._polish(layer, _resample(line, n)) for line in lines if len(line) > 3]
        return tuple(sorted(sheets, key=lambda sheet: -_enclosed_area(sheet)))

    def _contour_box(self, layer: str) -> Any:
        """Bounds (x_lo, x_hi, y_hi) of the Fermi sea."""
        bottom = self.band_minimum(layer)[0]
        points = [(bottom, 0.0)]
        for origin in {0.0, bottom}:
            for theta in np.linspace(0.0, np.pi, 181):
                for r in self.radial_roots(layer, theta, origin):
                    points.append((origin + r * math.cos(theta), r * math.sin(theta)))
        x, y = np.array(points).T
        pad = 0.03 * max(np.ptp(x), y.max()) + 1e-9
        return x.min() - pad, x.max() + pad, y.max() + pad

    def _marching_squares(self, layer: str, resolution: int = 256) -> Any:
        x_lo, x_hi, y_hi = self._contour_box(layer)
        x = np.linspace(x_lo, x_hi, resolution)
        y = np.linspace(-y_hi, y_hi, resolution)
        xi = self.xi(layer, x[None, :], y[:, None])
        import contourpy  # with scipy below the slowest of our imports, and rarely needed

        return contourpy.contour_generator(x, y, xi).lines(0.0)

    def _polish(self, layer: str, points: Floats) -> Floats:
        """Newton steps along the gradient put each point on the contour to rounding."""
        for _ in range(4):
            xi = self.xi(layer, *points.T)
            v = self.velocity(layer, *points.T)
            speed2 = np.maximum((v**2).sum(axis=0), 1e-12)
            points = points - (xi / speed2 * v).T
        return points

    def density_e(self, t: float) -> float:
        """Electron density n_e(T) in 1/l_u^2 at t = T/T_c (t = 0 allowed)."""
        return self._density("e", t)

    def density_h(self, t: float) -> float:
        """Hole density n_h(T) in 1/l_u^2 at t = T/T_c (t = 0 allowed)."""
        return self._density("h", t)

    def _density(self, layer: str, t: float) -> float:
        """n = Int d^2k/(2 pi)^2 f(xi), to about 1e-9 of its value.

        The angle is integrated by scipy's adaptive rule, each ray on panels that know the Fermi
        radii, so that the thermal step is found at any temperature.  Rays begin at the cone
        where the branches (nearly) touch, if heat reaches it: along them its tip is smooth.
        """
        t = nonnegative_scalar("t", t)
        bottom, floor = self.band_minimum(layer)
        if floor >= 0.0 and t == 0.0:
            return 0.0
        from scipy import integrate

        inner = _filled_area if t == 0.0 else _thermal_area
        _, _, lam, B, J = self.band(layer)
        origin = bottom
        if lam != 0.0 and abs(J) < 10.0 * t and abs(self.xi(layer, -B / lam, 0.0)) < 45.0 * t:
            origin = -B / lam

        def ray(theta: float) -> float:
            return inner(self, layer, origin, theta, t)

        value, _ = integrate.quad(ray, 0.0, np.pi, epsrel=1e-9, epsabs=0.0, limit=400)
        return value * 2.0 / (2.0 * np.pi) ** 2

    @cached_property
    def reduced_mass(self) -> float:
        """m_r = m_e m_h / (m_e + m_h) in m_e."""
        return self.mass_ratio / (1.0 + self.mass_ratio)


def _momenta(kx: ArrayLike, ky: ArrayLike) -> tuple[Floats, Floats]:
    return real_array("kx", kx, bare="1/l_u"), real_array("ky", ky, bare="1/l_u")


def _filled_area(bilayer: Bilayer, layer: str, origin: float, theta: float, _t: float) -> float:
    """Int r dr over the filled part of a ray that starts inside the Fermi sea."""
    roots = bilayer.radial_roots(layer, theta, origin)
    return 0.5 * float(np.sum(roots**2 * np.resize([1.0, -1.0], len(roots))[::-1]))


def _thermal_area(bilayer: Bilayer, layer: str, origin: float, theta: float, t: float) -> float:
    """Int r dr f(xi) along a ray: panels between Fermi radii, graded in units of T/v."""
    c, s = math.cos(theta), math.sin(theta)
    mass = bilayer.band(layer).mass
    roots = bilayer.radial_roots(layer, theta, origin)
    widths = math.sqrt(2.0 * mass * t) * 4.0 ** np.arange(-8, 3)
    ends = [0.0, *widths]
    # a ray that passes by the sea is filled most where it is nearest to the middle
    for r in (*roots, -origin * c):
        ends.extend([r, *(r + widths), *(r - widths)])
    top = max(ends) + math.sqrt(2.0 * mass * 45.0 * t)
    edges = np.unique(np.clip([*ends, top], 0.0, None))
    node, weight = np.polynomial.legendre.leggauss(20)
    half = np.diff(edges) / 2.0
    r = (edges[:-1, None] + half[:, None]) + half[:, None] * node
    xi = bilayer.xi(layer, origin + r * c, r * s)
    occupation = 0.5 * (1.0 - np.tanh(xi / (2.0 * t)))
    return float(np.sum(half[:, None] * weight * r * occupation))


def _resample(line: Floats, n: int) -> Floats:
    """n points equally spaced in arc length along a closed line."""
    step = np.hypot(*np.diff(line, axis=0).T)
    arc = np.concatenate([[0.0], np.cumsum(step)])
    at = np.linspace(0.0, arc[-1], n, endpoint=False)
    return np.column_stack([np.interp(at, arc, line[:, i]) for i in range(2)])


def _enclosed_area(sheet: Floats) -> float:
    x, y = sheet.T
    return 0.5 * abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
