"""Mean-field theory of the condensate at any temperature and any |Delta|."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import positive_scalar, real_array
from .._lazy import cached_property
from ..bilayer import Bilayer
from ..errors import (
    LowerStateWarning,
    NoCondensateError,
    OccupiedUpperBranchWarning,
    SeveralMinimaWarning,
    warn,
)
from ..kernels.seeds import hidden
from ..pairing.landscape import pairing_seeds
from .diode import Diode, find_diode, remarks_on_branches
from .mean_field_axis import MirrorAxis, plane_minima
from .pair_states import LEVELS, PairState, PairStates
from .state import Condensate, find_condensate
from .theory import Axis, Remark

__all__ = ["MeanField"]

_SEARCH = 1e-5  # rtol of values that only lead a search
_LOWER = 1e-6  # of |F|: by how much another state must lie lower to be told
_LARGER = 1e-6  # of J_c: by how much another branch must carry more to be told

Floats = NDArray[np.float64]


class MeanField:
    """Mean-field theory of the pair field at one temperature, for any |Delta|.

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

    The state that minimises F, and the currents that destroy it:

    >>> diode = theory.diode()
    >>> round(diode.jc_plus, 6), round(diode.jc_minus, 6)
    (0.288362, -0.287958)
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
        if spin not in LEVELS:
            raise ValueError(f"spin must be one of {', '.join(LEVELS)} (got {spin!r})")
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
        self._bare = PairStates(bilayer, self.t, spin, self.rtol)
        self._coarse: PairStates | None = None

    @property
    def level(self) -> str:
        """Which theory the results belong to."""
        return f"mean field, {self.spin}"

    @property
    def options(self) -> dict[str, Any]:
        """What this theory was given beside bilayer and t."""
        return {"spin": self.spin, "rtol": self.rtol, "binding_energy": self._given_binding}

    # the interaction -------------------------------------------------------------------

    @cached_property
    def binding_energy(self) -> float:
        """E_b in E_u: the interaction in a form that can be carried to another bilayer."""
        if self._given_binding is not None:
            return self._given_binding
        exponent = -2.0 * math.pi / self.bilayer.reduced_mass * self._offset
        return self._bare.reference_energy * math.exp(exponent)

    @cached_property
    def _offset(self) -> float:
        """alpha = Int [1/(k^2/2m_r + E_ref) - ...] + offset."""
        if self._given_binding is None:
            return -self._strongest[1]
        ratio = self._bare.reference_energy / self._given_binding
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
        seeds = pairing_seeds(self.bilayer, t, self._bare.contours)

        def lowest(q, rtol=self.rtol):
            return float(np.linalg.eigvalsh(self._bare.form(q, t, rtol))[0])

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

    @property
    def smallest_alpha(self) -> float:
        """min over q of alpha(T, q) at this temperature, in 1/(E_u l_u^2)."""
        return self.strongest_pairing(self.t)[1] + self._offset

    # states ----------------------------------------------------------------------------

    @cached_property
    def _pairs(self):
        self._bare.offset = self._offset
        return self._bare

    def states(self, qx: float, qy: float = 0.0) -> tuple[PairState, ...]:
        """All minima of Omega over |Delta| > 0 at one momentum, lowest first.

        Where the transition is first order one of them may lie above the normal state.
        """
        return self._pairs.states(qx, qy)

    def state(self, qx: float, qy: float = 0.0, near: PairState | None = None) -> PairState | None:
        """The lowest state at one momentum, or the one that continues ``near``; None if normal."""
        return self._pairs.state(qx, qy, near)

    @property
    def mirror(self) -> bool:
        """Whether states on q_y = 0 are taken to keep the mirror k_y -> -k_y."""
        return self._pairs.mirror

    def completed(self, state: PairState) -> PairState:
        """The state with its full stiffness, and whether it is stable against all unknowns."""
        return self._pairs.completed(state)

    @cached_property
    def _seeds(self):
        return pairing_seeds(self.bilayer, self.t, self._bare.contours)

    @property
    def spacing(self) -> float:
        """Momentum on which pairing varies, in 1/l_u."""
        return self._seeds.spacing

    # the functional --------------------------------------------------------------------

    @property
    def _searched(self) -> PairStates:
        """States under the same assumptions, as accurate as a search needs them."""
        if self.rtol >= _SEARCH:
            return self._pairs
        if self._coarse is None:
            self._coarse = self._pairs.coarser(_SEARCH)
        return self._coarse

    def _table(self, qx, qy, what, size, normal, search=False):
        """Values of ``what(state)``, shape (size, ...), at all momenta."""
        qx, qy = _broadcast(qx, qy)
        pairs = self._searched if search else self._pairs
        out = np.empty((qx.size, size))
        for i, (x, y) in enumerate(zip(qx.ravel().tolist(), qy.ravel().tolist(), strict=True)):
            state = pairs.state(x, y)
            out[i] = normal if state is None else what(state)
        return out.T.reshape(size, *qx.shape)

    def alpha(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> Floats:
        """Quadratic coefficient alpha(T, q): half the curvature of Omega at Delta = 0.

        In 1/(E_u l_u^2); shape as qx and qy broadcast.
        """
        x, y = _broadcast(qx, qy)
        pairs = zip(x.ravel(), y.ravel(), strict=True)
        forms = [np.linalg.eigvalsh(self._bare.form(q, self.t, self.rtol))[0] for q in pairs]
        return (np.array(forms) + self._offset).reshape(x.shape)

    def free_energy(self, qx: ArrayLike, qy: ArrayLike = 0.0, *, search: bool = False) -> Floats:
        """min over |Delta| of Omega, less the normal state: 0 there.  In E_u/l_u^2."""
        return self._table(qx, qy, lambda state: state.free_energy, 1, 0.0, search)[0]

    def gap(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> Floats:
        """|Delta| of the lowest state in E_u; 0 where it is normal."""
        return self._table(qx, qy, lambda state: state.gap, 1, 0.0)[0]

    def current(self, qx: ArrayLike, qy: ArrayLike = 0.0, *, search: bool = False) -> Floats:
        """Counterflow sheet current J = dF/dq in J_u, shape (2, ...); 0 in the normal state.

        With ``search`` it is nan in the normal state.
        """
        normal = math.nan if search else 0.0
        return self._table(qx, qy, lambda state: state.current, 2, normal, search)

    def current_error(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> Floats:
        """Estimated quadrature error of the current, shape (2, ...)."""
        return self._table(qx, qy, lambda state: state.current_error, 2, 0.0)

    def errors(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> tuple[Floats, Floats]:
        """Estimated quadrature errors of F and J, each of the broadcast shape."""
        energy, current = self._table(
            qx, qy, lambda state: (state.energy_error, state.current_error), 2, 0.0
        )
        return energy, current

    def margin(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> Floats:
        """How far the theory is from its own limit: 1, for nothing is expanded here."""
        return np.ones(_broadcast(qx, qy)[0].shape)

    # what the searches ask for ---------------------------------------------------------

    def starts(self) -> Floats:
        """Momenta (n, 2) of the minima of F over the half plane q_y >= 0, lowest first.

        Raises
        ------
        NoCondensateError
            If the normal state is lowest at all momenta that are tried.
        """
        return np.array([state.q for state in self.minima])

    @property
    def seeds(self) -> list[tuple[float, float]]:
        """Pair momenta from which F is descended, the deepest first; raises as :meth:`starts`."""
        if self.t >= 1.0 and self._given_binding is None:
            raise NoCondensateError(
                f"t must be below 1 for a condensate to exist (got {self.t}): T_c is at t = 1"
            )
        return self._starts

    def _promising(self):
        """Seeds worth a scan over |Delta|: all if that is cheap.

        Else those where pairing is stronger than around them, and the shift of the contours'
        centres, where the largest gap is.
        """
        points = self._seeds.points
        if self.spin == "band":
            return points
        alpha = [np.linalg.eigvalsh(self._bare.form(q, self.t, 1e-3))[0] for q in points]
        beaten, _ = hidden(points, np.array(alpha), self._seeds.apart)
        return points[~beaten | (np.arange(len(points)) == 0)]

    @cached_property
    def _starts(self):
        points = self._promising()
        depth, alpha = np.empty(len(points)), np.empty(len(points))
        for i, point in enumerate(points):
            alpha[i], _, _, energy, _ = self._pairs.scan(point)
            depth[i] = min(energy.min(), 0.0)
        if depth.min() == 0.0 and alpha.min() > 0.0:
            raise NoCondensateError(
                f"no condensate at t = {self.t}: alpha > 0 and Omega > 0 at every momentum tried; "
                "the mismatch of the Fermi contours is too large for this interaction, or the "
                "temperature too high"
            )
        height = depth if depth.min() < 0.0 else alpha  # near T_c a scan sees no depth
        beaten, _ = hidden(points, height, self._seeds.apart)
        # a well that is fifty times shallower is left out
        order = [i for i in np.argsort(height) if not beaten[i] and depth[i] <= 0.02 * depth.min()]
        return [tuple(points[i].tolist()) for i in order]

    def axis(self) -> Axis | None:
        """States on the mirror axis; None if the bilayer or the condensate has no mirror."""
        return self._axis if self.bilayer.has_mirror else None

    @cached_property
    def _axis(self) -> Axis | None:
        found = self.minima  # settles which unknowns vanish
        return MirrorAxis(self) if self.mirror and found else None

    @cached_property
    def minima(self) -> tuple[PairState, ...]:
        """Minima of F over the plane, lowest first; of a mirror pair the member with q_y >= 0.

        Where the lowest state is unstable against unknowns that were taken to vanish, those of the
        other column or those that break the mirror, they are freed and the search begins anew.
        """
        found = plane_minima(self)
        while found and found[0].stable is False and self._pairs.free():
            self.__dict__.pop("_starts", None)
            self._coarse = None
            found = plane_minima(self)
        if not found:
            raise NoCondensateError(f"no state below the normal one was found at t = {self.t}")
        return tuple(found)

    def remarks(self, result: Condensate | Diode) -> list[Remark]:
        """Competing and unstable states, with a result of this theory."""
        if isinstance(result, Diode):
            return list(self._remarks_on_currents(result))
        return list(self._remarks_on_state(result))

    def _remarks_on_state(self, state):
        lowest = self.minima[0]
        if lowest.stable is False:
            yield (
                f"the state at q0 = ({lowest.q[0]:.4g}, {lowest.q[1]:.4g}) is a saddle of Omega: "
                "with further spin components of the pair field there is a lower one",
                LowerStateWarning,
            )
        if lowest.free_energy < state.free_energy - _LOWER * abs(state.free_energy):
            yield (
                f"F(q0) = {state.free_energy:.6g}, but F is {lowest.free_energy:.6g} at q = "
                f"({lowest.q[0]:.4g}, {lowest.q[1]:.4g})",
                LowerStateWarning,
            )
        others = self.states(*state.q0)[1:]
        if others:
            yield (
                f"Omega has further minima over Delta at q0, with |Delta| = "
                f"{[round(other.gap, 4) for other in others]} and F = "
                f"{[float(f'{other.free_energy:.4g}') for other in others]}: "
                "metastable states, as next to a first-order transition",
                SeveralMinimaWarning,
            )

    def _remarks_on_currents(self, diode):
        yield from remarks_on_branches(diode, _LARGER)

    # what follows from it --------------------------------------------------------------

    def condensate(self) -> Condensate:
        """The equilibrium state: see :func:`cedrag.condensate.state.find_condensate`."""
        return find_condensate(self)

    def diode(self, angle: float = 0.0) -> Diode:
        """Critical counterflow currents: see :func:`cedrag.condensate.diode.find_diode`."""
        return find_diode(self, angle)


def _broadcast(qx, qy):
    qx, qy = real_array("qx", qx, bare="1/l_u"), real_array("qy", qy, bare="1/l_u")
    try:
        return np.broadcast_arrays(qx, qy)
    except ValueError:
        raise ValueError(
            f"qx and qy must broadcast against each other (got shapes {qx.shape}, {qy.shape})"
        ) from None
