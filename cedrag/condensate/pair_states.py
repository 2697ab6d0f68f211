"""Minima of the mean-field functional over the pair field, one pair momentum at a time."""

import math
from dataclasses import dataclass, replace

import numpy as np

from .._lazy import cached_property
from ..bilayer import Bilayer
from ..errors import ConvergenceError
from ..kernels.mean_field_band import CURRENT, DENSITY_E, DENSITY_H, OMEGA, RIGIDITY
from ..kernels.mean_field_mesh import lay_mesh
from ..kernels.mean_field_solve import (
    BAND,
    CONVERGED,
    FAILED,
    SPINS,
    branches_paired,
    quadratic_form,
    scan_gaps,
    solve,
    state_on,
    stiffness,
)
from ..pairing.integrals import PairIntegrals
from ..pairing.mesh import RULE
from .levels import column_level, full_level

__all__ = ["LEVELS", "PairState", "PairStates"]

LEVELS = {"band": BAND, "full": SPINS}
_FIRST_RAYS, _MOST_RAYS = 16, 4096
_SCANNED = {BAND: 24, SPINS: 12}  # gaps on a scan


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
    stable: bool | None = None

    @property
    def gap(self) -> float:
        """|Delta| in E_u."""
        return math.hypot(*self.field)


class PairStates:
    """Finds the minima of Omega over Delta at given pair momenta, to a stated accuracy.

    Parameters
    ----------
    bilayer : Bilayer
    t : float
        Temperature in E_u.
    spin : {"full", "band"}
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
    >>> states.form((0.2, 0.0), 0.9, 1e-8).shape
    (1, 1)
    """

    def __init__(self, bilayer: Bilayer, t: float, spin: str, rtol: float) -> None:
        self.bilayer, self.t, self.spin, self.rtol = bilayer, t, spin, rtol
        self.level = LEVELS[spin]
        self.offset = 0.0
        self.mirror = True
        self.one_column = bilayer.rashba_h == 0.0 and self.level != BAND
        self._integrals = PairIntegrals(bilayer, t, rtol)
        self._known: dict[tuple[float, float], tuple[PairState, ...]] = {}
        self._scans: dict[bytes, tuple] = {}

    def coarser(self, rtol: float) -> "PairStates":
        """The same states under the same assumptions, to another accuracy."""
        other = PairStates(self.bilayer, self.t, self.spin, rtol)
        other.offset, other.mirror, other.one_column = self.offset, self.mirror, self.one_column
        return other

    @property
    def contours(self):
        """Outermost crossings (lo, hi) of both contours with the axis, electrons first."""
        return self._integrals.contours

    @property
    def reference_energy(self) -> float:
        """E_ref of the subtracted integrand 1/(k^2/2m_r + E_ref)."""
        return self._integrals.reference_energy

    def free(self) -> bool:
        """Drop an assumption about Delta: one column first, the mirror then; False if none is left.

        The mirror of q_y = 0 makes Delta real there as long as the minimum keeps it.
        """
        if self.level == BAND or not (self.one_column or self.mirror):
            return False
        if self.one_column:
            self.one_column = False
        else:
            self.mirror = False
        self._known.clear()
        self._scans.clear()
        self.__dict__.pop("_reference", None)
        return True

    def _half(self, q):
        """Whether the upper half plane stands for all, and the unknowns are real."""
        return self.mirror and bool(q[1] == 0.0)

    def _basis(self, q):
        """The unknowns of Delta (n, 8) at a momentum; real on the mirror axis."""
        if self.level == BAND:
            return np.zeros((1, 8))
        on_axis = self._half(q)
        if self.one_column:
            return column_level(self.bilayer, on_axis=on_axis).basis
        return full_level(on_axis=on_axis).basis

    def form(self, q, t, rtol):
        """The quadratic form of Delta at a temperature, without the offset, (n, n)."""
        q = np.array(q, dtype=np.float64)
        whole = full_level(on_axis=bool(q[1] == 0.0)).basis
        basis = np.zeros((1, 8)) if self.level == BAND else whole
        rays, scale = _FIRST_RAYS, self.bilayer.reduced_mass / math.pi
        while True:
            fine, coarse = quadratic_form(
                self.level, q, self._half(q), self._model(t, t), 0.0, basis,
                self.geometry(q), self._fineness(rtol), rays, RULE,
            )  # fmt: skip
            # geometric convergence: the finer error is the square of the coarser, in this unit
            if np.abs(fine - coarse).max() <= math.sqrt(0.1 * rtol) * scale:
                return fine
            if rays >= _MOST_RAYS:
                raise ConvergenceError(
                    f"quadratic form at q = ({q[0]:.6g}, {q[1]:.6g}) needs more than {rays} rays"
                )
            rays *= 2

    def _model(self, t, t_ref):
        b = self.bilayer
        return (
            float(t),
            float(t_ref),
            b.band("e"),
            b.band("h"),
            self._integrals.reference_energy,
            b.reduced_mass,
        )

    @cached_property
    def _reference(self):
        """(T_ref, what F gains from it): the normal state that is subtracted, not too sharp."""
        (e_lo, e_hi), (h_lo, h_hi) = self.contours
        seed = np.array([0.5 * (e_lo + e_hi + h_lo + h_hi), 0.0])
        _, gaps, slope, _, _ = self.scan(seed)
        deepest = gaps[slope < 0.0].max(initial=gaps[0])
        t_ref = max(self.t, 0.25 * deepest)
        if t_ref == self.t:
            return t_ref, 0.0
        origin, radius = self.geometry(seed)
        half = self._half(seed)
        rays, model, basis = _FIRST_RAYS, self._model(self.t, t_ref), self._basis(seed)
        scale = self.bilayer.reduced_mass * deepest**2
        while rays <= _MOST_RAYS:
            nodes, ends = lay_mesh(
                rays, half, origin, radius, seed, branches_paired(self.level), model, 0.0,
                self._fineness(1e-3 * self.rtol), RULE,
            )  # fmt: skip
            value, around, _ = state_on(
                self.level, nodes, ends, half, seed, model, 0.0,
                np.full(len(basis), 1e-9), basis,
            )  # fmt: skip
            if around[OMEGA] <= 0.1 * self.rtol * scale:
                return t_ref, float(value[OMEGA])
            rays *= 2
        raise ConvergenceError(
            f"the normal state at t = {self.t} needs more than {_MOST_RAYS} rays for "
            f"rtol = {self.rtol:.1e}"
        )

    @staticmethod
    def _fineness(rtol):
        """rho + 1/rho of the panels for an error of the order of rtol."""
        rho = (10.0 / rtol) ** (1.0 / 26.0)  # an estimate: errors are measured, and panels cut
        return rho + 1.0 / rho

    def geometry(self, q):
        (e_lo, e_hi), (h_lo, h_hi) = self.contours
        origin = 0.25 * ((e_lo + e_hi) - (h_lo + h_hi))
        size = 0.5 * max(e_hi - e_lo, h_hi - h_lo)
        return origin, 1.5 * (size + 0.5 * math.hypot(*q))

    def scan(self, q):
        """alpha, |Delta|, dOmega/d|Delta| and Omega less normal, and the direction, coarsely."""
        q = np.asarray(q, dtype=np.float64)
        if (key := q.tobytes()) in self._scans:
            return self._scans[key]
        basis, model = self._basis(q), self._model(self.t, self.t)
        where = self.level, q, self._half(q), model, self.offset
        mesh = self.geometry(q), self._fineness(1e-3), 16, RULE
        form, _ = quadratic_form(*where, basis, *mesh)
        direction = np.ascontiguousarray(np.linalg.eigh(form)[1][:, 0])
        top = 4.0 * max(1.0, self.t)
        while True:
            gaps = top * np.geomspace(0.02, 1.0, _SCANNED[self.level])
            alpha, slope, energy = scan_gaps(*where, direction, basis, gaps, *mesh)
            if slope[-1] > 0.0 or top > 1e6:
                break
            top *= 2.0
        self._scans[key] = alpha, gaps, slope, energy, direction
        return self._scans[key]

    def _candidates(self, q):
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

    def _solve(self, q, field):
        """The state next to ``field`` at q, or None if the descent ends in the normal state."""
        q = np.array(q, dtype=np.float64)
        t_ref, gain = self._reference
        basis = self._basis(q)
        status, z, value, error, rays, _ = solve(
            self.level, q, self._half(q), self._model(self.t, t_ref), self.offset,
            np.array(field, dtype=np.float64), basis, self.geometry(q), self._fineness(self.rtol),
            _FIRST_RAYS, self.rtol, RULE,
        )  # fmt: skip
        if status == FAILED and value.any():
            raise ConvergenceError(
                f"mean field at q = ({q[0]:.6g}, {q[1]:.6g}): not converged to rtol = "
                f"{self.rtol:.1e} with {rays} rays"
            )
        if status != CONVERGED:
            return None
        rigidity, drift, _ = stiffness(value, z, basis)
        return PairState(
            q=(float(q[0]), float(q[1])),
            field=tuple(z.tolist()),
            free_energy=float(value[OMEGA]) - gain,
            current=(float(value[CURRENT]), float(value[CURRENT + 1])),
            stiffness=tuple(rigidity.tolist()),
            drift=(tuple(drift[0].tolist()), tuple(drift[1].tolist())),
            density_e=float(value[DENSITY_E]),
            density_h=float(value[DENSITY_H]),
            energy_error=float(error[OMEGA]),
            current_error=float(max(error[CURRENT], error[CURRENT + 1])),
        )

    def completed(self, state: PairState) -> PairState:
        """The state with its full stiffness, and whether it is stable against all unknowns.

        On the mirror axis the unknowns that are odd under the mirror vanish, but D_yy contains
        their response; so does stability that of the other column.
        """
        if state.stable is not None:
            return state
        if not self.mirror:  # all unknowns are in it
            return replace(state, stable=True)
        q = np.array(state.q)
        t_ref, _ = self._reference
        model, rays = self._model(self.t, t_ref), _FIRST_RAYS
        whole = np.zeros((1, 8)) if self.level == BAND else full_level(on_axis=False).basis
        parts = np.array(state.field) @ self._basis(q)
        z = np.array(state.field) if self.level == BAND else whole @ parts
        yy = RIGIDITY + 2
        while True:
            nodes, ends = lay_mesh(
                rays, False, *self.geometry(q), q, branches_paired(self.level), model,
                state.gap**2, self._fineness(self.rtol), RULE,
            )  # fmt: skip
            value, around, _ = state_on(
                self.level, nodes, ends, False, q, model, self.offset, z, whole
            )
            rigidity, _, convex = stiffness(value, z, whole)
            if around[yy] <= 10.0 * self.rtol * abs(value[yy]) or rays >= _MOST_RAYS:
                break
            rays *= 2
        xy = 0.0 if state.q[1] == 0.0 else float(rigidity[1])
        return replace(
            state,
            stiffness=(state.stiffness[0], xy, float(rigidity[2])),
            stable=bool(convex),
        )

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
            found: list[PairState] = []
            for field in self._candidates(key):
                state = self._solve(key, field)
                if state is not None and all(
                    abs(state.free_energy - other.free_energy) > 1e-6 * abs(state.free_energy)
                    for other in found
                ):
                    found.append(state)
            self._known[key] = tuple(sorted(found, key=lambda state: state.free_energy))
        return self._known[key]

    def state(self, qx: float, qy: float = 0.0, near: PairState | None = None) -> PairState | None:
        """The lowest state at one momentum, or the one that continues ``near``; None if normal."""
        if near is None:
            states = self.states(qx, qy)
            return states[0] if states and states[0].free_energy < 0.0 else None
        dx, dy = qx - near.q[0], qy - near.q[1]
        field = [z + a * dx + b * dy for z, a, b in zip(near.field, *near.drift, strict=True)]
        if sum(a * b for a, b in zip(field, near.field, strict=True)) < 0.3 * near.gap**2:
            field = [0.3 * z for z in near.field]
        return self._solve((qx, qy), field)
