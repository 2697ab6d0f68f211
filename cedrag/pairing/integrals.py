"""The momentum integrals behind alpha and beta, at any pair momenta, to a stated accuracy."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._lazy import cached_property
from ..bilayer import Bilayer
from ..errors import ConvergenceError, NoPairingError
from ..kernels.columns import ALPHA, ALPHA_X, ALPHA_Y, BETA, BETA_X, N_COMPONENTS, ODD
from ..kernels.contours import axis_crossings
from .mesh import MomentumMesh, build_mesh

__all__ = ["PairIntegrals", "fermi_interval"]

Floats = NDArray[np.float64]


class _Place(NamedTuple):
    """A mesh and the corners of the box of momenta that it is tried for."""

    mesh: MomentumMesh
    low: Floats
    high: Floats
    aside: bool  # made for momenta off the axis too: else nothing was measured of d/dq_y

    def measured(self, q: Floats) -> NDArray[np.bool_]:
        """Which momenta (n, 2) it can state errors for, (n,)."""
        return np.all((q >= self.low) & (q <= self.high), axis=1) & (self.aside | (q[:, 1] == 0.0))


_SCAN = 1e-2
_LOOSE = 1e-4  # of searches for which one mesh may serve a whole region
_SPREAD = 6  # momenta that such a mesh is made for
_FINER = 1e-3  # of the accuracy asked for: with a finer mesh than that each value takes too long
_SHARE = 6  # design momenta per mesh at most
_DESIGN_SHARE = 0.6  # of rtol: what a mesh is built for
_CELL = 12.0  # times T/v, but not below T = 1/2: box of momenta that one mesh serves unmeasured
_AROUND = 2.0  # times T/v, but not below T = 1/2: a search's box beyond the momenta asked for
_STRETCHES = (1.0, 1.15, 1.4)  # of that pad, one after the other
_BARE = (0.0, 0.2)  # the same for a scan, which comes once


def fermi_interval(bilayer: Bilayer, layer: str) -> tuple[float, float]:
    """Outermost crossings (k_lo, k_hi) of the Fermi contour with the axis k_y = 0.

    Parameters
    ----------
    bilayer : Bilayer
        Whose contour.
    layer : {"e", "h"}
        Electrons or holes.

    Returns
    -------
    k_lo, k_hi : float
        In 1/l_u.

    Raises
    ------
    NoPairingError
        If the layer holds no carriers: there is no Fermi sea to pair.

    Examples
    --------
    The electrons are shifted, the holes are not:

    >>> from cedrag import NATURAL
    >>> from cedrag.pairing.integrals import fermi_interval
    >>> [round(k, 3) for k in (*fermi_interval(NATURAL, "e"), *fermi_interval(NATURAL, "h"))]
    [-4.818, 5.217, -4.907, 4.907]
    """
    bottom, floor = bilayer.band_minimum(layer)
    if floor >= 0.0:
        raise NoPairingError(
            f"mu_{layer} must put the Fermi level above the bottom of the {layer} band, "
            f"{floor + getattr(bilayer, 'mu_' + layer):.6g} "
            f"(got mu_{layer} = {getattr(bilayer, 'mu_' + layer)}): the band is empty"
        )
    return axis_crossings(bottom, bilayer.band(layer))


class PairIntegrals:
    """Integrals of the pair kernels of one bilayer at one temperature.

    Parameters
    ----------
    bilayer : Bilayer
    temperature : float
        T in E_u, positive.
    rtol : float
        Target: error estimate over L1 norm of each of the six integrals.
    colder : PairIntegrals, optional
        Integrals of the same bilayer at a lower temperature, whose meshes serve here too.

    Notes
    -----
    Meshes are adapted to a few momenta at a time and kept.  Every value carries the error
    estimate of the mesh it came from; a momentum that no kept mesh serves well enough gets
    one of its own, so a value is never returned above the target.

    Examples
    --------
    At T_c the quadratic coefficient is A(q) - A(q*), smallest at q*:

    >>> import numpy as np
    >>> from cedrag import NATURAL
    >>> from cedrag.pairing.integrals import PairIntegrals
    >>> value, error, size = PairIntegrals(NATURAL, 1.0, 1e-8).evaluate(np.array([[0.2, 0.0]]))
    >>> round(float(value[0, 0]), 5), round(float(value[0, 1]), 5)  # A and beta
    (-0.43267, 0.01641)
    """

    def __init__(
        self,
        bilayer: Bilayer,
        temperature: float,
        rtol: float,
        *,
        colder: "PairIntegrals | None" = None,
    ) -> None:
        bilayer.needs_mirror("the mesh over half of the plane")
        self.bilayer, self.temperature, self.rtol = bilayer, temperature, rtol
        self._builder = self if colder is None else colder
        self.meshes: list[_Place] = [] if colder is None else colder.meshes
        # by identity of the mesh: how many momenta it has served, and what then stands for it

    @cached_property
    def contours(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Outermost crossings (lo, hi) of both contours with the axis, electrons first."""
        return fermi_interval(self.bilayer, "e"), fermi_interval(self.bilayer, "h")

    @cached_property
    def geometry(self) -> tuple[float, float, float, float]:
        """Polar origin, outer radius, thermal length and E_ref, all from the Fermi contours."""
        (e_lo, e_hi), (h_lo, h_hi) = self.contours
        origin = 0.25 * ((e_lo + e_hi) - (h_lo + h_hi))
        size = 0.5 * max(e_hi - e_lo, h_hi - h_lo)
        thermal = math.sqrt(2.0 * max(1.0, self.bilayer.mass_ratio) * self.temperature)
        return origin, size, thermal, size**2 / (2.0 * self.bilayer.reduced_mass)

    @property
    def reference_energy(self) -> float:
        """E_ref of the subtracted integrand 1/(k^2/2m_r + E_ref); any positive number would do."""
        return self.geometry[3]

    @property
    def rounding(self) -> float:
        """Relative rounding error of the integrals: energies of order E_ref are divided by T."""
        return 4e-15 + 2e-15 * self.reference_energy / self.temperature

    @cached_property
    def model(self) -> tuple[Any, ...]:
        """What the kernels take: temperature, both bands, E_ref and the reduced mass."""
        b = self.bilayer
        return (
            float(self.temperature),
            b.band("e"),
            b.band("h"),
            self.reference_energy,
            b.reduced_mass,
        )

    def needs_digits(self, rtol: float) -> None:
        """Refuse an accuracy that rounding does not leave, before a mesh is laid for it.

        Raises
        ------
        ConvergenceError
        """
        b, T = self.bilayer, self.temperature
        # energies near the Fermi level are differences of these
        largest = max(abs(b.mu_e), abs(b.mu_h), math.hypot(b.zeeman_inplane, b.zeeman_outofplane))
        lost = 1e-16 * largest / T
        if 4.0 * lost < rtol:
            lost = self.rounding
        if not rtol >= 4.0 * lost:
            raise ConvergenceError(
                f"rtol = {rtol:.1e} is below the rounding error {lost:.1e} of the pair "
                f"integrals at T = {T:.3g} with energies up to {largest:.3g} E_u"
            )

    def evaluate(self, q: Floats, rtol: float | None = None) -> tuple[Floats, Floats, Floats]:
        """Return values, error estimates and scales (L1 norms), each (n, 6), for q of shape (n, 2).

        Columns: A(q) = Int [1/(k^2/2m_r + E_ref) - w/2T], beta, dA/dq_x, dA/dq_y, dbeta/dq_x,
        dbeta/dq_y.  alpha = A(q) - A at T_c, or plus the closed form for a given binding energy.
        """
        rtol = self.rtol if rtol is None else rtol
        self.needs_digits(rtol)
        q = np.ascontiguousarray(q, dtype=np.float64)
        value, error, size = (np.zeros((len(q), N_COMPONENTS)) for _ in range(3))
        todo = np.arange(len(q))
        for place in self.meshes:
            if place.mesh.tolerance > rtol:
                continue
            inside = place.measured(q[todo])
            if inside.any():
                missed = self._fill(place.mesh, q, todo[inside], rtol, value, error, size)
                todo = np.union1d(todo[~inside], missed)
        share, target = _SHARE, rtol
        while todo.size:
            design = q[todo[np.unique(np.linspace(0, todo.size - 1, share).astype(int))]]
            mesh = self._builder.build_mesh_for(design, target)
            asked = todo if design[:, 1].any() else todo[q[todo, 1] == 0.0]
            missed = self._fill(mesh, q, asked, rtol, value, error, size)
            left = np.setdiff1d(todo, np.setdiff1d(asked, missed))
            if left.size < todo.size:
                self._keep(mesh, design)
            elif share == 1 and target > 0.1 * rtol:
                target = 0.03 * rtol
            elif share == 1:
                worst = (error[todo] / size[todo]).max()
                raise ConvergenceError(
                    f"pair integrals at q = {q[todo[0]]} reached {worst:.1e}, not rtol = {rtol:.1e}"
                )
            share = max(1, share // 2) if left.size > todo.size // 2 else share
            todo = left
        return value, error, size

    def values(self, q: Floats, rtol: float | None = None) -> Floats:
        """The six integrals at q of shape (n, 2), shape (n, 6), without an error for each.

        The mesh was measured at the corners of the momenta's box only; a large box is divided.  For
        series and searches; what a user sees comes from :meth:`evaluate`.
        """
        rtol = self.rtol if rtol is None else rtol
        low, high = q.min(axis=0), q.max(axis=0)
        cell = _CELL * max(self.temperature, 0.5) / self._speed
        if (high - low <= cell).all():
            return self._mesh_around(q, rtol)[0].values(q, self.model)
        if rtol >= _LOOSE and (place := self._covering(q, rtol)):
            return place.mesh.values(q, self.model)
        # tighter, so that a series does not see where one mesh follows another
        rtol = min(rtol, max(0.1 * rtol, 30.0 * self.rounding))
        values, row = np.empty((len(q), N_COMPONENTS)), np.floor(q / cell)
        for part in np.unique(row, axis=0):
            box = np.where(high > low, cell * np.array([part, part + 1.0]), low)
            inside = (row == part).all(axis=1)
            values[inside] = self._mesh_around(box, rtol)[0].values(q[inside], self.model)
        return values

    def lowest(self, q: Floats, rtol: float | None = None) -> tuple[Floats, Floats]:
        """A(q), shape (n,), and its gradient, (n, 2), for searches: see :meth:`values`."""
        v = self.values(np.asarray(q, dtype=np.float64), rtol)
        return v[:, ALPHA], v[:, ALPHA_X : ALPHA_Y + 1]

    def lowest_with_error(self, q: Floats) -> tuple[Floats, Floats]:
        """A(q) and its error estimate, each (n,): see :meth:`evaluate`."""
        value, error, _ = self.evaluate(np.asarray(q, dtype=np.float64))
        return value[:, ALPHA], error[:, ALPHA]

    def scan(self, q: Floats) -> Floats:
        """A(q) to about a per cent, shape (n,): for finding where to look closer."""
        wide = np.ptp(q, axis=0).max() > _CELL * max(self.temperature, 0.5) / self._speed
        place = self._covering(q, _LOOSE) if wide else None
        place = place or self._mesh_around(q, _SCAN, _BARE)
        return place.mesh.alpha(q, self.model)

    def _covering(self, q: Floats, rtol: float) -> _Place | None:
        """One mesh for a wide region, made for a few of the momenta ``q`` in it; maybe none.

        At the corners of a large box contours touch that do not within a ring of momenta: meshes
        for those take longer, and serve the ring less well.
        """
        low, high = q.min(axis=0), q.max(axis=0)
        if place := self._kept(low, high, rtol):
            return place
        design = q[np.unique(np.linspace(0, len(q) - 1, _SPREAD).astype(int))]
        try:
            mesh = self._builder.build_mesh_for(design, rtol)
        except ConvergenceError:
            return None
        if not q[:, 1].any():
            return self._keep(mesh, np.array([low, high]))
        pad = self._inset + _AROUND * max(self.temperature, 0.5) / self._speed
        high[1] = max(high[1], -low[1])  # by the mirror
        low[1] = -high[1]
        return self._add(_Place(mesh, low - pad, high + pad, True))

    @property
    def _inset(self) -> float:
        """Where no errors are looked at, momenta stay so far within a mesh's box."""
        return 0.25 * self.geometry[2]

    def _mesh_around(
        self, q: Floats, rtol: float, stretches: tuple[float, ...] = _STRETCHES
    ) -> _Place:
        """A kept mesh for the box of the momenta ``q``, or a new one measured at its corners."""
        low, high = q.min(axis=0), q.max(axis=0)
        if place := self._kept(low, high, rtol):
            return place
        if low[1] == 0.0 == high[1]:
            design = np.array([low, high])
            return self._keep(self._builder.build_mesh_for(design, rtol), design)
        # a descent: its next steps need no mesh of their own
        return self._wide_mesh(low, high, rtol, stretches)

    def _kept(self, low: Floats, high: Floats, rtol: float) -> _Place | None:
        """A mesh that was made for the box between ``low`` and ``high``, and more."""
        inset = self._inset
        for place in self.meshes:
            if (
                _FINER * rtol <= place.mesh.tolerance <= _DESIGN_SHARE * rtol
                and (low >= place.low + inset).all()
                and (high <= place.high - inset).all()
            ):
                return place
        return None

    def _wide_mesh(
        self, low: Floats, high: Floats, rtol: float, stretches: tuple[float, ...]
    ) -> _Place:
        """A mesh for a padded box.

        Rays from the origin do not resolve a contour that passes through it, at |q|/2 = k_F.  The
        corners are free, so one that meets this moves outwards.
        """
        pad = _AROUND * max(self.temperature, 0.5) / self._speed
        for stretch in stretches:
            down, up = low - stretch * pad, high + stretch * pad
            corners = np.array([down, up, [up[0], down[1]]])
            # the middle is enough for a search, which asks for little
            design = 0.5 * (corners[:1] + corners[1:2]) if rtol >= _LOOSE else corners
            try:
                return self._keep(self._builder.build_mesh_for(design, rtol), corners)
            except ConvergenceError:
                if stretch == stretches[-1]:
                    raise
        raise AssertionError("the loop returns or raises")

    def _keep(self, mesh: MomentumMesh, design: Floats) -> _Place:
        """Try the mesh for its design momenta, padded by a thermal length, from now on."""
        pad = 0.3 * self.geometry[2]
        low, high = design.min(axis=0) - pad, design.max(axis=0) + pad
        return self._add(_Place(mesh, low, high, bool(design[:, 1].any())))

    def _add(self, place: _Place) -> _Place:
        self.meshes.append(place)
        self.meshes.sort(key=lambda place: place.mesh.size)
        return place

    def _fill(
        self,
        mesh: MomentumMesh,
        q: Floats,
        todo: NDArray[np.int64],
        rtol: float,
        value: Floats,
        error: Floats,
        size: Floats,
    ) -> NDArray[np.int64]:
        """Evaluate on ``mesh``; return the indices whose estimate misses the target."""
        if not todo.size:
            return todo
        # in portions of about a second, so that Ctrl-C is heard
        portion = max(1, 40_000_000 // mesh.size)
        parts = [
            mesh.sums(q[todo[first : first + portion]], self.model)
            for first in range(0, todo.size, portion)
        ]
        v, e, s = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        e += self.rounding * s
        s = self.natural_scale(s)
        e += mesh.tolerance * s
        e[np.ix_(q[todo, 1] == 0.0, ODD)] = 0.0  # by the mirror
        value[todo], error[todo], size[todo] = v, e, s
        return todo[np.any(e > rtol * s, axis=1)]

    def natural_scale(self, norms: Floats) -> Floats:
        """L1 norms (n, 6), the gradients' not below 1/20 of the values' times v/4T.

        Where a gradient vanishes by symmetry its own norm is rounding error, and no accuracy can
        be asked relative to that.
        """
        scale = norms.copy()
        for value, first in ((ALPHA, ALPHA_X), (BETA, BETA_X)):
            least = self._slope * scale[:, value : value + 1]
            scale[:, first : first + 2] = np.maximum(scale[:, first : first + 2], least)
        return scale

    def tail_edges(self, radius: float) -> Floats:
        """Edges of the tail's panels in 1/r, in units of 1/radius, from 0 to 1.

        Graded towards the pole at the contour, and outwards to where the bands still turn.
        """
        b = self.bilayer
        field = np.hypot(b.zeeman_inplane, b.zeeman_outofplane)
        farthest = 1e6 * radius  # a coupling that matters only beyond it does not matter
        couplings = [abs(lam) for lam in (b.rashba_e, b.rashba_h)]
        turn = max([radius, *(field / lam for lam in couplings if farthest * lam > field)])
        contour = radius / self.geometry[1]
        edges, distance = [1.0], contour - 1.0
        while (edge := contour - 3.0 * distance) > 0.3:
            edges.append(edge)
            distance *= 3.0
        while edges[-1] * turn > 2.0 * radius:
            edges.append(0.25 * edges[-1])
        return np.array([0.0, *reversed(edges)])

    @property
    def _speed(self) -> float:
        """A Fermi velocity in E_u l_u."""
        return math.sqrt(2.0 * self.reference_energy / min(1.0, self.bilayer.mass_ratio))

    @cached_property
    def _slope(self) -> float:
        """v/(20 T): the least scale of a gradient over that of the value."""
        return 0.05 * self._speed / (4.0 * self.temperature)

    def build_mesh_for(self, design: Floats, rtol: float) -> MomentumMesh:
        """A new mesh for momenta (n, 2); a colder one serves warmer integrals too."""
        origin, size, thermal, _ = self.geometry
        radius = size + 0.5 * np.abs(design).max() + 3.0 * thermal
        return build_mesh(
            design,
            self.model,
            origin=origin,
            radius=radius,
            tail=self.tail_edges(radius),
            rtol=_DESIGN_SHARE * rtol,
            rounding=self.rounding,
            slope=self._slope,
        )
