"""Mean-field theory of the condensate at any temperature and any |Delta|."""

import math

import numpy as np
from numpy.typing import NDArray

from .._checks import positive_scalar, real_array
from .._lazy import cached_property
from ..bilayer import Bilayer
from ..errors import NoCondensateError, OccupiedUpperBranchWarning, warn
from ..kernels.seeds import hidden
from ..pairing.landscape import pairing_seeds
from .mean_field_axis import MeanFieldAxis, plane_minima
from .pair_states import LEVELS, PairState, PairStates

__all__ = ["MeanField"]


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
        forms = [np.linalg.eigvalsh(self._bare.form(q, self.t, self.rtol))[0] for q in pairs]
        return (np.array(forms) + self._offset).reshape(qx.shape)

    def free_energy(self, qx, qy=0.0, *, search=False):
        """min over |Delta| of Omega, less the normal state: 0 there.  In E_u/l_u^2."""
        return self._table(qx, qy, lambda state: state.free_energy, 1, 0.0)[0]

    def gap(self, qx, qy=0.0):
        """|Delta| of the lowest state in E_u; 0 where it is normal."""
        return self._table(qx, qy, lambda state: state.gap, 1, 0.0)[0]

    def current(self, qx, qy=0.0, *, search=False):
        """Counterflow sheet current J = dF/dq in J_u, shape (2, ...); 0 in the normal state."""
        return self._table(qx, qy, lambda state: state.current, 2, 0.0)

    def current_error(self, qx, qy=0.0):
        """Estimated quadrature error of the current, shape (2, ...)."""
        return self._table(qx, qy, lambda state: state.current_error, 2, 0.0)

    def errors(self, qx, qy=0.0):
        """Estimated quadrature errors of F and J, each of the broadcast shape."""
        return tuple(
            self._table(qx, qy, lambda state: (state.energy_error, state.current_error), 2, 0.0)
        )

    def margin(self, qx, qy=0.0):
        """How far the theory is from its own limit: 1, for nothing is expanded here."""
        return np.ones(np.broadcast_shapes(np.shape(qx), np.shape(qy)))

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

    def axis(self):
        """States on the mirror axis: see :class:`cedrag.condensate.mean_field_axis`."""
        return MeanFieldAxis(self)

    @cached_property
    def minima(self) -> tuple[PairState, ...]:
        """Minima of F over the plane, lowest first; of a mirror pair the member with q_y >= 0.

        Where the lowest state is unstable against unknowns that were taken to vanish, those of the
        other column or those that break the mirror, they are freed and the search begins anew.
        """
        found = plane_minima(self)
        while found and found[0].stable is False and self._pairs.free():
            self.__dict__.pop("_starts", None)
            found = plane_minima(self)
        if not found:
            raise NoCondensateError(f"no state below the normal one was found at t = {self.t}")
        return tuple(found)
