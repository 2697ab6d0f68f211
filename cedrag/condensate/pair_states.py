"""Minima of the mean-field functional over the pair field, one pair momentum at a time."""

import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._lazy import cached_property
from ..bilayer import Bilayer
from ..errors import ConvergenceError
from ..kernels.mean_field_band import CURRENT, DENSITY_E, DENSITY_H, OMEGA, RIGIDITY
from ..pairing.integrals import PairIntegrals
from ..pairing.landscape import SeedGrid, pairing_seeds
from .levels import column_level, full_level
from .pair_minimum import Functional, Minimum, lowest_eigenvalue, minimum
from .pair_sums import BAND, COLUMN, FULL, TEXTURE, Kernel
from .spin_form import ray_fineness, ray_geometry

__all__ = ["LEVELS", "PairState", "PairStates"]

Floats = NDArray[np.float64]

LEVELS = ("full", "band", "texture")
_FIRST_RAYS, _MANY_RAYS, _MOST_RAYS = 8, 64, 4096
_SCANNED = 12  # gaps on a scan
_SCAN = 1e-2  # rtol of scans
_ROUGH = 1e-3  # rtol that tells states apart
_VANISHED = 0.05  # of the |Delta| foreseen: below it a branch has ended
_YY = RIGIDITY + 2


@dataclass(frozen=True)
class PairState:
    """A minimum of Omega over Delta at one pair momentum.

    Attributes
    ----------
    q : tuple of float
        Pair momentum in 1/l_u.
    field : tuple of float
        Real components of Delta in E_u.
    free_energy : float
        Omega less that of the normal state, in E_u/l_u^2.
    current : tuple of float
        dF/dq in J_u.
    stiffness : tuple of float
        Total second derivatives of F by q (xx, xy, yy), in E_u: Delta relaxes.
    drift : tuple of tuple of float
        d field/dq_x and d field/dq_y.
    density_e, density_h : float
        In 1/l_u^2.
    energy_error, current_error : float
        Estimated quadrature errors of F and J.
    rays : int
        How many rays a state close by begins with.
    stable : bool or None
        Whether Omega is a minimum over all unknowns, also those that vanish by symmetry or by
        assumption; None where only the others were looked at.  ``stiffness`` then lacks the
        relaxation that goes with q_y.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.mean_field import MeanField
    >>> state = MeanField(NATURAL, 0.9, spin="band").state(0.2)
    >>> round(state.gap, 4)
    0.9388
    """

    q: tuple[float, float]
    field: tuple[float, ...]
    free_energy: float
    current: tuple[float, float]
    stiffness: tuple[float, float, float]
    drift: tuple[tuple[float, ...], tuple[float, ...]]
    density_e: float
    density_h: float
    energy_error: float
    current_error: float
    rays: int
    stable: bool | None = None

    @property
    def gap(self) -> float:
        """|Delta| in E_u."""
        return math.hypot(*self.field)


class Scan(NamedTuple):
    """alpha; |Delta|, dOmega/d|Delta| and Omega less normal; the direction of Delta.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.condensate.pair_states import Scan
    >>> Scan(-1.0, np.ones(2), np.ones(2), np.ones(2), np.ones(1)).alpha
    -1.0
    """

    alpha: float
    gaps: Floats
    slope: Floats
    energy: Floats
    direction: Floats


class PairStates:
    """Finds the minima of Omega over Delta at given pair momenta, to a stated accuracy.

    Parameters
    ----------
    bilayer : Bilayer
    t : float
        Temperature in E_u.
    spin : {"full", "band", "texture"}
        See :class:`cedrag.condensate.mean_field.MeanField`.
    rtol : float
        Target for the errors of F and J relative to their natural scales.

    Attributes
    ----------
    offset : float
        What 1/g adds to alpha, beyond Int 1/(k^2/2m_r + E_ref).
    one_column : bool
        Whether holes without Rashba coupling pair from their lower branch only.
    mirror : bool
        Whether states on the axis are taken to keep the mirror.

    Notes
    -----
    Each state comes from a mesh of its own, laid along rays by where the integrands are singular
    at its Delta.  The rays are doubled and the panels shortened until sums with half and a quarter
    of the rays, and with the Gauss nodes of each panel, tell of small enough an error.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.pair_states import PairStates
    >>> states = PairStates(NATURAL, 0.9, "band", 1e-8)
    >>> states.scan((0.2, 0.0)).gaps.shape
    (12,)
    """

    def __init__(self, bilayer: Bilayer, t: float, spin: str, rtol: float) -> None:
        self.bilayer, self.t, self.spin, self.rtol = bilayer, t, spin, rtol
        self.offset = 0.0
        self.mirror = True
        self.one_column = spin == "full" and bilayer.rashba_h == 0.0
        self._integrals = PairIntegrals(bilayer, t, rtol)
        self._known: dict[tuple[float, float], tuple[PairState, ...]] = {}
        self._met: dict[tuple[float, float], list[PairState]] = {}
        self._scans: dict[bytes, Scan] = {}
        self._coarser: dict[float, PairStates] = {}

    def coarser(self, rtol: float) -> "PairStates":
        """The same states under the same assumptions, to another accuracy."""
        if rtol <= self.rtol:
            return self
        if rtol not in self._coarser:
            other = PairStates(self.bilayer, self.t, self.spin, rtol)
            other.offset, other.mirror = self.offset, self.mirror
            other.one_column = self.one_column
            other._scans = self._scans
            self._coarser[rtol] = other
        return self._coarser[rtol]

    @property
    def contours(self) -> tuple[tuple[float, float], ...]:
        """Outermost crossings (lo, hi) of both contours with the axis, electrons first."""
        return self._integrals.contours

    @property
    def reference_energy(self) -> float:
        """E_ref of the subtracted integrand 1/(k^2/2m_r + E_ref)."""
        return self._integrals.reference_energy

    @cached_property
    def seeds(self) -> SeedGrid:
        """Pair momenta where pairing may be strong, and the length on which it varies."""
        return pairing_seeds(self.bilayer, self.t, self.contours)

    def first_rays(self, q: Any) -> int:
        """Rays to begin with: far from the shift of the contours' centres pairs sit on few of them.

        On a ray at the angle phi the mismatch is v q cos(phi), and T wide is what contributes.
        """
        away = math.dist(q, self.seeds.points[0]) / self.seeds.spacing
        return min(max(_FIRST_RAYS, 2 ** math.ceil(math.log2(max(2.0 * away, 1.0)))), _MANY_RAYS)

    @property
    def kernel(self) -> Kernel:
        """What sums Omega at this level, under the assumptions that hold at present."""
        if self.spin == "full":
            return COLUMN if self.one_column else FULL
        return BAND if self.spin == "band" else TEXTURE

    def free(self) -> bool:
        """Drop an assumption about Delta: one column first, the mirror then; False if none is left.

        The mirror of q_y = 0 makes Delta real there as long as the minimum keeps it.
        """
        if self.spin == "band" or not (self.one_column or self.mirror):
            return False
        if self.one_column:
            self.one_column = False
        else:
            self.mirror = False
        self._known.clear()
        self._met.clear()
        self._scans.clear()
        self._coarser.clear()
        self.__dict__.pop("_reference", None)
        return True

    def _half(self, q: Floats) -> bool:
        """Whether the upper half plane stands for all, and the unknowns are real."""
        return self.mirror and bool(q[1] == 0.0)

    def _basis(self, on_axis: bool) -> Floats:
        """The unknowns of Delta (n, 8); real on the mirror axis."""
        if self.spin == "band":
            return np.zeros((1, 8))
        if self.one_column or self.spin == "texture":
            return column_level(self.bilayer, on_axis=on_axis).basis
        return full_level(on_axis=on_axis).basis

    def basis_at(self, q: Any) -> Floats:
        """The unknowns of a state at a momentum, as (Re, Im) of Delta_ss', (n, 8)."""
        return self._basis(self._half(np.asarray(q)))

    def functional(
        self, q: Any, *, t_ref: float | None = None, half: bool | None = None
    ) -> Functional:
        """Omega at one momentum; by default on the half plane if the mirror allows it."""
        q = np.array(q, dtype=np.float64)
        half = self._half(q) if half is None else half
        b, t_ref = self.bilayer, self.t if t_ref is None else t_ref
        model = (
            float(self.t), float(t_ref), b.band("e"), b.band("h"), self.reference_energy,
            b.reduced_mass,
        )  # fmt: skip
        geometry = ray_geometry(self.contours, q)
        return Functional(self.kernel, q, half, model, self.offset, self._basis(half), geometry)

    @cached_property
    def _reference(self) -> tuple[float, float]:
        """(T_ref, what F gains from it): the normal state that is subtracted, not too sharp."""
        (e_lo, e_hi), (h_lo, h_hi) = self.contours
        seed = 0.5 * (e_lo + e_hi + h_lo + h_hi), 0.0
        found = self.scan(seed)
        deepest = float(found.gaps[found.slope < 0.0].max(initial=found.gaps[0]))
        t_ref = max(self.t, 0.25 * deepest)
        if t_ref == self.t:
            return t_ref, 0.0
        f, rays = self.functional(seed, t_ref=t_ref), _FIRST_RAYS
        scale = self.bilayer.reduced_mass * deepest**2
        while rays <= _MOST_RAYS:
            mesh = f.mesh(rays, ray_fineness(1e-3 * self.rtol), 0.0)
            sums = f.sums(mesh, np.full(len(f.basis), 1e-9))
            if sums.around[OMEGA] <= 0.1 * self.rtol * scale:
                return t_ref, float(sums.value[OMEGA])
            rays *= 2
        raise ConvergenceError(
            f"the normal state at t = {self.t} needs more than {_MOST_RAYS} rays for "
            f"rtol = {self.rtol:.1e}"
        )

    def alpha(self, q: Any, rtol: float | None = None, *, rays: int = 0) -> float:
        """Half the lowest curvature of Omega at Delta = 0, within the present unknowns."""
        form, _ = self._form(q, self.rtol if rtol is None else rtol, rays)
        return lowest_eigenvalue(form)

    def rays_at(self, q: Any, rtol: float) -> int:
        """How many rays the curvature of Omega at Delta = 0 takes."""
        return self._form(q, rtol)[1]

    def _form(self, q: Any, rtol: float, rays: int = 0) -> tuple[Floats, int]:
        f, scale = self.functional(q), self.bilayer.reduced_mass / math.pi
        rays = max(rays, self.first_rays(q))
        while True:
            form, halved = f.form(rays, ray_fineness(rtol))
            # geometric convergence: the finer error is the square of the coarser, in this unit
            if halved <= math.sqrt(0.1 * rtol) * scale or rays >= _MOST_RAYS:
                return form, rays
            rays *= 2

    def scan(self, q: Any, rays: int = 0) -> "Scan":
        """Omega along the direction of Delta in which pairs form first, coarsely.

        Omega by Hermite's rule from its slopes, on as many rays as alpha takes, or ``rays``.  One
        mesh for all gaps, laid for the smallest, so that they belong to one function.
        """
        f = self.functional(q)
        if (key := f.q.tobytes()) in self._scans:
            return self._scans[key]
        fineness = ray_fineness(_SCAN)
        form, enough = self._form(q, _ROUGH)
        rays = max(rays, enough)
        direction = np.linalg.eigh(form)[1][:, 0]
        top = 4.0 * max(1.0, self.t)
        while True:
            gaps = top * np.geomspace(0.02, 1.0, _SCANNED)
            nodes, _ = f.mesh(rays, fineness, gaps[0] ** 2)
            slope, bend = np.empty((2, len(gaps) + 1))
            for i, gap in enumerate([1e-9, *gaps.tolist()]):
                gradient, hessian = f.slopes(nodes, gap * direction)
                slope[i], bend[i] = gradient @ direction, direction @ hessian @ direction
            slope[0] = 0.0
            if slope[-1] > 0.0 or top > 1e6:
                break
            top *= 2.0
        h = np.diff(gaps, prepend=0.0)
        pieces = 0.5 * h * (slope[:-1] + slope[1:]) + h * h / 12.0 * (bend[:-1] - bend[1:])
        found = Scan(0.5 * float(bend[0]), gaps, slope[1:], np.cumsum(pieces), direction)
        self._scans[key] = found
        return found

    def _candidates(self, q: tuple[float, float]) -> list[Floats]:
        """Where descents to the minima of Omega at q start."""
        alpha, gaps, slope, energy, direction = self.scan(q)
        before = np.concatenate([[alpha], slope[:-1]])
        found = np.flatnonzero((before < 0.0) & (slope >= 0.0))
        order = found[np.argsort(energy[found])]
        fields = [gaps[i] * direction for i in order]
        if len(direction) > 2:  # more than one shape of Delta: leave the saddle on either side
            aside = np.roll(direction, 2 if self.mirror else 3) * np.resize(
                [1.0, -1.0], len(direction)
            )
            fields += [gaps[i] * (direction + 0.5 * s * aside) for i in order for s in (1.0, -1.0)]
        return fields

    def next_to(self, q: Any, field: Any, rays: int = 0, least: float = 1e-4) -> "PairState | None":
        """The state next to ``field`` at q, or None if the descent ends in the normal state."""
        t_ref, gain = self._reference
        f = self.functional(q, t_ref=t_ref)
        rays = max(rays, self.first_rays(q))
        found = minimum(
            f, np.array(field, dtype=np.float64), rays, ray_fineness(self.rtol), self.rtol,
            least=least,
        )  # fmt: skip
        if found is None:
            return None
        state = self._state(f, found, gain)
        self._met.setdefault(state.q, []).append(state)
        return state

    def _state(self, f: Functional, found: Minimum, gain: float) -> "PairState":
        z, value, error, rays, _ = found
        rigidity, drift, _ = f.stiffness(value, z)
        return PairState(
            q=(float(f.q[0]), float(f.q[1])),
            field=tuple(z.tolist()),
            free_energy=float(value[OMEGA]) - gain,
            current=(float(value[CURRENT]), float(value[CURRENT + 1])),
            stiffness=tuple(rigidity.tolist()),
            drift=(tuple(drift[0].tolist()), tuple(drift[1].tolist())),
            density_e=float(value[DENSITY_E]),
            density_h=float(value[DENSITY_H]) + self._lifted,
            energy_error=float(error[OMEGA]),
            current_error=float(max(error[CURRENT], error[CURRENT + 1])),
            rays=rays,
        )

    @property
    def _lifted(self) -> float:
        """Density of the holes that heat lifts into the branch that one column leaves alone."""
        if not self.one_column:
            return 0.0
        b = self.bilayer
        height = math.hypot(b.zeeman_inplane, b.zeeman_outofplane) - b.mu_h
        return b.mass_ratio * self.t / (2.0 * math.pi) * float(np.logaddexp(0.0, -height / self.t))

    def rises_aside(self, state: "PairState", within: float = 10.0) -> "PairState":
        """The state with D_yy, known to ``within`` rtol: the response of what is odd in q_y."""
        if state.stable is not None:
            return state
        return self._completed(state, self.kernel, within=within)

    def completed(self, state: "PairState") -> "PairState":
        """The state with its full stiffness, and whether it is stable against all unknowns.

        On the mirror axis the unknowns that are odd under the mirror vanish, but D_yy contains
        their response; so does stability that of the other column.
        """
        if state.stable is not None:
            return state
        return self._completed(state, self.kernel, judged=True)

    def _completed(
        self, state: "PairState", kernel: Kernel, judged: bool = False, within: float = 10.0
    ) -> "PairState":
        if not self.mirror:  # all unknowns are in it
            return replace(state, stable=True)
        t_ref, _ = self._reference
        f = self.functional(state.q, t_ref=t_ref, half=False)
        parts = np.array(state.field) @ self._basis(self._half(np.array(state.q)))
        z = np.array(state.field) if self.spin == "band" else f.basis @ parts
        rays = max(_FIRST_RAYS, state.rays)
        while True:
            mesh = f.mesh(rays, ray_fineness(self.rtol), state.gap**2)
            sums = f.sums(mesh, z)
            if sums.around[_YY] <= within * self.rtol * abs(sums.value[_YY]) or rays >= _MOST_RAYS:
                break
            rays *= 2
        rigidity, _, convex = f.stiffness(sums.value, z)
        if judged and convex and self.one_column:
            convex = self._other_column_rises(state, parts)
        xy = 0.0 if state.q[1] == 0.0 else float(rigidity[1])
        return replace(
            state,
            stiffness=(state.stiffness[0], xy, float(rigidity[2])),
            stable=bool(convex) if judged else state.stable,
        )

    def _other_column_rises(self, state: "PairState", parts: Floats) -> bool:
        """Whether Omega is a minimum against pairs with the upper branch of the holes.

        At the state the other column enters Omega first as z^dag B z, B = 1/g + Int sum_m
        f[E_m, E_4] u_m u_m^dag over the levels of K, u_m their electron's spinor: E_4 = -h of the
        upper branch does not couple to them.
        """
        f = self.functional(state.q)
        nodes, _ = f.mesh(max(_FIRST_RAYS, state.rays), ray_fineness(_SCAN), state.gap**2)
        T, _, e_band, h_band, E_ref, m_r = f.model
        kx, ky, weight = nodes[:3]
        mass, mu, lam, B, J = e_band
        px, py = kx + 0.5 * f.q[0], ky + 0.5 * f.q[1]
        K = np.zeros((len(kx), 3, 3), np.complex128)
        e = (px * px + py * py) / (2.0 * mass) - mu
        K[:, 0, 0], K[:, 1, 1] = e + J, e - J
        K[:, 0, 1] = lam * px + B - 1j * lam * py
        column = self._basis(False) @ parts
        K[:, 0, 2], K[:, 1, 2] = complex(*column[:2]), complex(*column[2:])
        mass, mu, _, B, J = h_band
        h = ((0.5 * f.q[0] - kx) ** 2 + (0.5 * f.q[1] - ky) ** 2) / (2.0 * mass) - mu
        K[:, 2, 2] = -(h - math.hypot(B, J))
        E, V = np.linalg.eigh(K, UPLO="U")
        from scipy.special import expit

        above = -(h + math.hypot(B, J))[:, None]
        near = np.abs(E - above) < 1e-6 * T
        f_E, f_above = expit(-E / T), expit(-above / T)
        share = np.where(
            near, -f_E * (1.0 - f_E) / T, (f_E - f_above) / np.where(near, 1.0, E - above)
        )
        u = V[:, :2, :]
        form = np.einsum("k,km,kam,kbm->ab", weight, share, u, u.conj())
        vacuum = 1.0 / ((kx * kx + ky * ky) / (2.0 * m_r) + E_ref)
        form += (self.offset + float(weight @ vacuum)) * np.eye(2)
        if f.half:
            form = form.real  # the mirror conjugates what is left out
        return lowest_eigenvalue(form) > 0.0

    def states(self, qx: float, qy: float = 0.0) -> tuple[PairState, ...]:
        """All minima of Omega over |Delta| > 0 at one momentum, lowest first.

        Parameters
        ----------
        qx, qy : float
            Pair momentum in 1/l_u.

        Returns
        -------
        tuple of PairState
            Empty in the normal state.  Where the transition is first order a minimum may lie
            above the normal state: ``free_energy > 0``.
        """
        key = float(qx), float(qy)
        if key not in self._known:
            rough: list[PairState] = []
            for field in self._candidates(key):
                state = self.coarser(_ROUGH).next_to(key, field)
                if state is not None and not any(_alike(state, other) for other in rough):
                    rough.append(state)
            found = [fine for state in rough if (fine := self._finer(key, state)) is not None]
            self._known[key] = tuple(sorted(found, key=lambda state: state.free_energy))
        return self._known[key]

    def _in_unknowns_of(self, q: tuple[float, float], near: PairState) -> PairState:
        """The state in the unknowns of another momentum: fewer on the mirror axis than off it."""
        if self.spin == "band" or self._half(np.array(q)) == self._half(np.array(near.q)):
            return near
        change = self.basis_at(near.q) @ self.basis_at(q).T
        field, *drift = (tuple((np.array(x) @ change).tolist()) for x in (near.field, *near.drift))
        return replace(near, field=field, drift=(drift[0], drift[1]))

    def _finer(self, key: tuple[float, float], rough: PairState) -> PairState | None:
        """A rough state to the accuracy asked for: one that was met before, if there is."""
        for state in self._met.get(key, ()):
            if _alike(rough, state):
                return state
        return self.next_to(key, rough.field, rough.rays)

    def state(
        self,
        qx: float,
        qy: float = 0.0,
        near: PairState | None = None,
        before: PairState | None = None,
    ) -> PairState | None:
        """The lowest state at one momentum, or the one that continues ``near``; None if normal.

        ``before`` is another state of the same branch: Hermite's cubic through both is followed.
        """
        if near is None:
            states = self.states(qx, qy)
            return states[0] if states and states[0].free_energy < 0.0 else None
        near = self._in_unknowns_of((qx, qy), near)
        field = _foreseen(np.array([qx, qy]), near, before)
        here = np.array(near.field)
        if float(field @ here) < 0.3 * near.gap**2:
            field = 0.3 * here
        return self.next_to((qx, qy), field, near.rays, _VANISHED)


def _alike(a: PairState, b: PairState) -> bool:
    """Whether two states at one momentum are the same, as far as rough ones can tell."""
    return (
        abs(a.free_energy - b.free_energy) <= 1e-3 * abs(a.free_energy)
        and abs(a.gap - b.gap) <= 1e-2 * a.gap
    )  # fmt: skip


def _foreseen(q: Floats, near: PairState, before: PairState | None) -> Floats:
    """Delta at q from its values and slopes at one or two momenta on the axis."""
    step = q - np.array(near.q)
    z, drift = np.array(near.field), np.array(near.drift)
    if before is None or before.q[0] == near.q[0] or len(before.field) != len(z):
        return z + step @ drift
    h = near.q[0] - before.q[0]
    if not abs(step[0]) < 2.0 * abs(h):
        return z + step @ drift
    s = 1.0 + step[0] / h  # 0 at ``before``, 1 at ``near``
    z0, d0, d1 = np.array(before.field), h * np.array(before.drift[0]), h * drift[0]
    cubic = (
        (2.0 * s**3 - 3.0 * s**2 + 1.0) * z0 + (s**3 - 2.0 * s**2 + s) * d0
        + (3.0 * s**2 - 2.0 * s**3) * z + (s**3 - s**2) * d1
    )  # fmt: skip
    return np.asarray(cubic + step[1] * drift[1])
