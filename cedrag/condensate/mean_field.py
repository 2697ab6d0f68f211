"""Mean-field theory of the condensate at any temperature and any |Delta|."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .._checks import positive_scalar, real_array
from .._lazy import cached_property
from ..bilayer import Bilayer
from ..errors import (
    ConvergenceError,
    NoCondensateError,
    OccupiedUpperBranchWarning,
    warn,
)
from ..kernels.mean_field_band import CURRENT, DENSITY_E, DENSITY_H, OMEGA
from ..kernels.mean_field_mesh import lay_mesh
from ..kernels.mean_field_solve import (
    BAND,
    CONVERGED,
    FAILED,
    SPINS,
    quadratic_form,
    scan_gaps,
    solve,
    state_on,
    stiffness,
)
from ..kernels.seeds import hidden
from ..pairing.integrals import PairIntegrals
from ..pairing.landscape import pairing_seeds
from ..pairing.mesh import RULE
from .levels import column_level, full_level

__all__ = ["MeanField", "PairState"]

_LEVELS = {"band": BAND, "full": SPINS}
_MOST_RAYS = 4096
_FIRST_RAYS = 16
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


class MeanField:
    """Mean-field theory of the pair field at one temperature, for any |Delta| (theory.md).

    Parameters
    ----------
    bilayer : Bilayer
    t : float
        Temperature T/T_c; with ``binding_energy`` given, T/E_u.
    spin : {"full", "band"}
        What is kept of the spin: "full" keeps all four spin states, eqs (2) and (4), and pairs
        Delta_ss'; "band" pairs the lower branches with one number Delta, eq (5).
    binding_energy : float, optional
        Two-body binding energy E_b in E_u, which fixes 1/g = Int 1/(k^2/2m_r + E_b).  By default
        1/g follows from alpha(T_c = 1, q*) = 0 at the momentum q* where pairing is strongest.
    rtol : float
        Target for the errors of F and J relative to their natural scales |Delta|^2 d2F/dDelta2/4
        and sqrt(F D).

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type or range.
    NoPairingError
        (On first use.) If a layer is empty.

    Warns
    -----
    OccupiedUpperBranchWarning
        If the upper spin branch, which "band" drops, holds carriers.

    Notes
    -----
    Momenta in 1/l_u, energies in E_u, currents in J_u.  The integrands are those of

    .. math:: \\Omega = \\frac{|\\Delta|^2}{g} + \\int \\frac{d^2k}{(2\\pi)^2}
        \\left[x - E - T\\ln(1+e^{-(E+d)/T}) - T\\ln(1+e^{-(E-d)/T})\\right]

    less the normal state.  All derivatives are analytic; chemical potentials stay fixed.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.mean_field import MeanField
    >>> theory = MeanField(NATURAL, 0.5, spin="band")
    >>> round(float(theory.gap(0.2)), 4), round(float(theory.free_energy(0.2)), 4)
    (1.7144, -0.1301)
    """

    def __init__(
        self,
        bilayer: Bilayer,
        t: float = 0.9,
        *,
        spin: str = "full",
        binding_energy: float | None = None,
        rtol: float = 1e-8,
    ) -> None:
        if not isinstance(bilayer, Bilayer):
            raise TypeError(f"bilayer must be a Bilayer (got {bilayer!r})")
        if spin not in _LEVELS:
            raise ValueError(f"spin must be one of {', '.join(_LEVELS)} (got {spin!r})")
        self.bilayer = bilayer
        self.t = positive_scalar("t", t)
        self.spin = spin
        self.rtol = positive_scalar("rtol", rtol)
        if not 1e-12 <= self.rtol <= 1e-2:
            raise ValueError(f"rtol must lie between 1e-12 and 1e-2 (got {rtol})")
        self._given_binding = (
            None if binding_energy is None else positive_scalar("binding_energy", binding_energy)
        )
        margin = bilayer.spin_gap_margin()
        if spin != "full" and margin < 0.0:
            warn(
                f"the upper spin branch reaches {-margin:.4g} E_u below the Fermi level; "
                f"spin = {spin!r} keeps only the lower branch, so its numbers are not reliable "
                "here",
                OccupiedUpperBranchWarning,
            )
        self._level = _LEVELS[spin]
        self._integrals = PairIntegrals(bilayer, self.t, self.rtol)
        self._rays = _FIRST_RAYS
        self._one_column = True
        self._known: dict[tuple[float, float], tuple[PairState, ...]] = {}

    # the interaction -------------------------------------------------------------------

    @cached_property
    def binding_energy(self) -> float:
        """E_b in E_u: the interaction in a form that can be carried to another bilayer."""
        if self._given_binding is not None:
            return self._given_binding
        exponent = -2.0 * math.pi / self.bilayer.reduced_mass * self._offset
        return self._integrals.reference_energy * math.exp(exponent)

    @cached_property
    def _offset(self) -> float:
        """alpha = Int [1/(k^2/2m_r + E_ref) - ...] + offset."""
        if self._given_binding is None:
            return -self._strongest[1]
        ratio = self._integrals.reference_energy / self._given_binding
        return self.bilayer.reduced_mass / (2.0 * math.pi) * math.log(ratio)

    @property
    def pairing_momentum(self) -> NDArray[np.float64]:
        """q* = (q_x, q_y) where pairing is strongest at T_c: the minimum of alpha(T_c, q)."""
        return self._strongest[0]

    @cached_property
    def _strongest(self):
        return self.strongest_pairing(1.0)

    def strongest_pairing(self, t: float) -> tuple[NDArray[np.float64], float]:
        """Where alpha(T, q) is smallest, and its value there without what 1/g adds.

        Parameters
        ----------
        t : float
            Any temperature, in E_u.

        Returns
        -------
        q : ndarray, shape (2,)
            In 1/l_u.
        value : float
            alpha(T, q) + constant, in 1/(E_u l_u^2).
        """
        seeds = pairing_seeds(self.bilayer, t, self._integrals.contours)

        def lowest(q, rtol=self.rtol):
            return float(np.linalg.eigvalsh(self._form(q, t, rtol))[0])

        values = [lowest(q, 1e-4) for q in seeds.points]
        q = seeds.points[int(np.argmin(values))].copy()
        from scipy import optimize

        step = 0.5 * seeds.spacing
        if q[1] == 0.0:
            fit = optimize.minimize_scalar(
                lambda x: lowest((x, 0.0)),
                bracket=(q[0] - step, q[0] + step),
                options={"xtol": 1e-7},
            )
            q[0] = fit.x
            if lowest((q[0], 0.1 * step)) >= fit.fun - 1e-13:
                return q, float(fit.fun)
            q[1] = 0.2 * step
        fit = optimize.minimize(
            lambda p: lowest((p[0], abs(p[1]))),
            q,
            method="Nelder-Mead",
            options={
                "xatol": 1e-6 * step,
                "fatol": 1e-14,
                "initial_simplex": q + step * np.array([[0.0, 0.0], [0.5, 0.0], [0.0, 0.5]]),
            },
        )
        return np.array([fit.x[0], abs(fit.x[1])]), float(fit.fun)

    # quadrature ------------------------------------------------------------------------

    @cached_property
    def _seeds(self):
        return pairing_seeds(self.bilayer, self.t, self._integrals.contours)

    @property
    def spacing(self) -> float:
        """Momentum on which pairing varies, in 1/l_u."""
        return self._seeds.spacing

    def _basis(self, q):
        """The unknowns of Delta (n, 8) at a momentum; real on the mirror axis."""
        if self._level == BAND:
            return np.zeros((1, 8))
        on_axis = bool(q[1] == 0.0)
        if self.bilayer.rashba_h == 0.0 and self._one_column:
            return column_level(self.bilayer, on_axis=on_axis).basis
        return full_level(on_axis=on_axis).basis

    def _form(self, q, t, rtol):
        """The quadratic form of Delta at a temperature, without the offset, (n, n)."""
        q = np.array(q, dtype=np.float64)
        whole = full_level(on_axis=bool(q[1] == 0.0)).basis
        basis = np.zeros((1, 8)) if self._level == BAND else whole
        rays, scale = _FIRST_RAYS, self.bilayer.reduced_mass / math.pi
        while True:
            fine, coarse = quadratic_form(
                self._level, q, bool(q[1] == 0.0), self._model(t, t), 0.0, basis,
                self._geometry(q), self._fineness(rtol), rays, RULE,
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
        seed = self._seeds.points[0]
        _, gaps, slope, _, _ = self._scan(seed)
        deepest = gaps[slope < 0.0].max(initial=gaps[0])
        t_ref = max(self.t, 0.25 * deepest)
        if t_ref == self.t:
            return t_ref, 0.0
        origin, radius = self._geometry(seed)
        half = bool(seed[1] == 0.0)
        rays, model, basis = _FIRST_RAYS, self._model(self.t, t_ref), self._basis(seed)
        scale = self.bilayer.reduced_mass * deepest**2
        while rays <= _MOST_RAYS:
            nodes, ends = lay_mesh(
                rays, half, origin, radius, seed, 1 if self._level == BAND else 2, model, 0.0,
                self._fineness(1e-3 * self.rtol), RULE,
            )  # fmt: skip
            value, around, _ = state_on(
                self._level, nodes, ends, half, seed, model, 0.0,
                np.full(len(basis), 1e-9), basis,
            )  # fmt: skip
            if around[OMEGA] <= 0.1 * self.rtol * scale:
                return t_ref, float(value[OMEGA])
            rays *= 2
        raise ConvergenceError(
            f"the normal state at t = {self.t} needs more than {_MOST_RAYS} rays for rtol = {self.rtol:.1e}"
        )

    @staticmethod
    def _fineness(rtol):
        """rho + 1/rho of the panels for an error of the order of rtol."""
        rho = (1e4 / rtol) ** (1.0 / 23.0)
        return rho + 1.0 / rho

    def _geometry(self, q):
        origin, size, _, _ = self._integrals._geometry
        return origin, 1.5 * (size + 0.5 * math.hypot(*q))

    def _scan(self, q):
        """alpha, |Delta|, dOmega/d|Delta| and Omega less normal, and the direction, coarsely."""
        q = np.asarray(q, dtype=np.float64)
        basis, model = self._basis(q), self._model(self.t, self.t)
        where = self._level, q, bool(q[1] == 0.0), model, self._offset
        mesh = self._geometry(q), self._fineness(1e-3), 16, RULE
        form, _ = quadratic_form(*where, basis, *mesh)
        direction = np.ascontiguousarray(np.linalg.eigh(form)[1][:, 0])
        top = 4.0 * max(1.0, self.t)
        while True:
            gaps = top * np.geomspace(0.02, 1.0, _SCANNED[self._level])
            alpha, slope, energy = scan_gaps(*where, direction, basis, gaps, *mesh)
            if slope[-1] > 0.0 or top > 1e6:
                return alpha, gaps, slope, energy, direction
            top *= 2.0

    def _candidates(self, q):
        """Where descents to the minima of Omega at q start."""
        alpha, gaps, slope, energy, direction = self._scan(q)
        before = np.concatenate([[alpha], slope[:-1]])
        found = np.flatnonzero((before < 0.0) & (slope >= 0.0))
        order = found[np.argsort(energy[found])]
        fields = [gaps[i] * direction for i in order]
        if len(direction) > 2:  # more than one shape of Delta: leave the saddle on either side
            aside = np.roll(direction, 2) * np.resize([1.0, -1.0], len(direction))
            fields += [gaps[i] * (direction + 0.5 * s * aside) for i in order for s in (1.0, -1.0)]
        return fields

    def _solve(self, q, field):
        """The state next to ``field`` at q, or None if the descent ends in the normal state."""
        q = np.array(q, dtype=np.float64)
        t_ref, gain = self._reference
        basis = self._basis(q)
        status, z, value, error, rays, _ = solve(
            self._level, q, bool(q[1] == 0.0), self._model(self.t, t_ref), self._offset,
            np.array(field, dtype=np.float64), basis, self._geometry(q), self._fineness(self.rtol),
            self._rays, self.rtol, RULE,
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
        q = np.array(state.q)
        t_ref, _ = self._reference
        model, rays = self._model(self.t, t_ref), self._rays
        whole = np.zeros((1, 8)) if self._level == BAND else full_level(on_axis=False).basis
        parts = np.array(state.field) @ self._basis(q)
        z = np.array(state.field) if self._level == BAND else whole @ parts
        yy = 7
        while True:
            nodes, ends = lay_mesh(
                rays, False, *self._geometry(q), q, 1 if self._level == BAND else 2, model,
                state.gap**2, self._fineness(self.rtol), RULE,
            )  # fmt: skip
            value, around, _ = state_on(
                self._level, nodes, ends, False, q, model, self._offset, z, whole
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

    # the functional --------------------------------------------------------------------

    def _table(self, qx, qy, what, size, normal):
        """Values of ``what(state)``, shape (size, ...), at all momenta."""
        qx, qy = real_array("qx", qx), real_array("qy", qy)
        try:
            qx, qy = np.broadcast_arrays(qx, qy)
        except ValueError:
            raise ValueError(
                f"qx and qy must broadcast against each other (got shapes {qx.shape}, {qy.shape})"
            ) from None
        out = np.empty((qx.size, size))
        for i, (x, y) in enumerate(zip(qx.ravel().tolist(), qy.ravel().tolist(), strict=True)):
            state = self.state(x, y)
            out[i] = normal if state is None else what(state)
        return out.T.reshape(size, *qx.shape)

    def alpha(self, qx, qy=0.0):
        """Quadratic coefficient alpha(T, q): half the curvature of Omega at Delta = 0.

        In 1/(E_u l_u^2); shape as qx and qy broadcast.
        """
        qx, qy = np.broadcast_arrays(real_array("qx", qx), real_array("qy", qy))
        pairs = zip(qx.ravel(), qy.ravel(), strict=True)
        forms = [np.linalg.eigvalsh(self._form(q, self.t, self.rtol))[0] for q in pairs]
        return (np.array(forms) + self._offset).reshape(qx.shape)

    def free_energy(self, qx, qy=0.0):
        """min over |Delta| of Omega, less the normal state: 0 there.  In E_u/l_u^2."""
        return self._table(qx, qy, lambda state: state.free_energy, 1, 0.0)[0]

    def gap(self, qx, qy=0.0):
        """|Delta| of the lowest state in E_u; 0 where it is normal."""
        return self._table(qx, qy, lambda state: state.gap, 1, 0.0)[0]

    def current(self, qx, qy=0.0):
        """Counterflow sheet current J = dF/dq in J_u, shape (2, ...); 0 in the normal state."""
        return self._table(qx, qy, lambda state: state.current, 2, 0.0)

    def current_error(self, qx, qy=0.0):
        """Estimated quadrature error of the current, shape (2, ...)."""
        return self._table(qx, qy, lambda state: state.current_error, 2, 0.0)

    # what the searches ask for ---------------------------------------------------------

    def starts(self) -> list[tuple[float, float]]:
        """Pair momenta from which F should be descended, the deepest first.

        Raises
        ------
        NoCondensateError
            If the normal state is lowest at all momenta that are tried.
        """
        if self.t >= 1.0 and self._given_binding is None:
            raise NoCondensateError(
                f"t must be below 1 for a condensate to exist (got {self.t}): T_c is at t = 1"
            )
        return self._starts

    @cached_property
    def _starts(self):
        points = self._seeds.points
        depth, alpha = np.empty(len(points)), np.empty(len(points))
        for i, point in enumerate(points):
            alpha[i], _, slope, energy, _ = self._scan(point)
            depth[i] = min(energy.min(), 0.0)
        if depth.min() == 0.0 and alpha.min() > 0.0:
            raise NoCondensateError(
                f"no condensate at t = {self.t}: alpha > 0 and Omega > 0 at every momentum tried; "
                "the mismatch of the Fermi contours is too large for this interaction, or the "
                "temperature too high"
            )
        height = depth if depth.min() < 0.0 else alpha  # near T_c a scan sees no depth
        beaten, _ = hidden(points, height, self._seeds.apart)
        order = [i for i in np.argsort(height) if not beaten[i]]
        return [tuple(points[i].tolist()) for i in order]

    def axis(self):
        """States on the mirror axis: see :class:`cedrag.condensate.mean_field_axis`."""
        from .mean_field_axis import MeanFieldAxis

        return MeanFieldAxis(self)

    @cached_property
    def minima(self) -> tuple[PairState, ...]:
        """Minima of F over the plane, lowest first; of a mirror pair the member with q_y >= 0.

        Where the lowest state of one column is unstable against the other, all of Delta is freed
        and the search begins anew.
        """
        from .mean_field_axis import plane_minima

        found = plane_minima(self)
        if found and found[0].stable is False and self._freed():
            found = plane_minima(self)
        if not found:
            raise NoCondensateError(f"no state below the normal one was found at t = {self.t}")
        return tuple(found)

    def _freed(self):
        """Let Delta have both columns from now on; False if it has them already."""
        if self._level == BAND or not self._one_column or self.bilayer.rashba_h != 0.0:
            return False
        self._one_column = False
        self._known.clear()
        for name in ("_reference", "_starts"):
            self.__dict__.pop(name, None)
        return True
