"""Ginzburg-Landau theory of the condensate: coefficients, F(q) and the current J(q)."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import real_array
from .._lazy import cached_property
from ..bilayer import Bilayer
from ..errors import (
    BranchWarning,
    LargeGapWarning,
    LowerStateWarning,
    NearTricriticalWarning,
    OccupiedUpperBranchWarning,
    UnstableQuarticWarning,
    VaryingBetaWarning,
    warn,
)
from ..kernels.columns import ALPHA, ALPHA_X, ALPHA_Y, BETA, BETA_X, BETA_Y
from ..pairing.pairing import Pairing
from .diode import Diode, find_diode, remarks_on_branches
from .expanded_pairing import ExpandedPairing
from .pair_expansion import LEVELS, SIXTH, SIXTH_X
from .quartic import Coefficients, current_density, current_uncertainty
from .quartic_axis import CompiledAxis, SeriesAxis
from .sixth_axis import SixthAxis
from .sixth_order import SixthCoefficients, SixthMinimum, sixth_minimum, sixth_uncertainty
from .state import Condensate, downhill, find_condensate
from .theory import Axis, Remark, Search

__all__ = ["THRESHOLDS", "GinzburgLandau"]

# fitted: beyond one of them the quartic J_c is 10 % off mean field (chapter mean_field)
_SMALL_MARGIN = 0.4  # of beta to its absolute integral; matched contours have 1
_LARGE_GAP = 0.5  # |Delta|/(pi T): the expansion is in powers of it
_SMALL_BETA = 0.2  # of that at rest: what beta may fall to on the branch
_ROUGH, _SEARCHED = 1e-2, 1e-4  # accuracy of a scan over a net of momenta; of descents from there
_LOOKED_AT, _MOST = 2, 10  # how many of the lowest count; lines of that net over half the window
_HIGHER = 0.2  # of |F|: by how much a place on the net may lie higher that is looked at
_LOWER = 1e-3  # of |F|: by how much another state must lie lower to be told
_OTHER_BRANCH = 1e-3  # of a critical current: by how much one elsewhere must exceed it to be told

# the warnings of this theory that rest on a threshold, for the book's table
THRESHOLDS: dict[type[Warning], float] = {
    NearTricriticalWarning: _SMALL_MARGIN,
    LargeGapWarning: _LARGE_GAP,
    VaryingBetaWarning: _SMALL_BETA,
    LowerStateWarning: _LOWER,
    BranchWarning: _OTHER_BRANCH,
}

Floats = NDArray[np.float64]


class _State(NamedTuple):
    """What the compiled search left at one momentum on the axis."""

    columns: Floats
    errors: Floats
    scale: float
    free_energy: Any  # numbers of numpy, which stand for arrays without axes
    gap: Any
    current: Floats
    current_error: Floats
    margin: Any


class GinzburgLandau:
    """Free energy F = alpha |Delta|^2 + beta |Delta|^4/2 [+ c |Delta|^6/3] per area (eqs 8, 9).

    Parameters
    ----------
    bilayer : Bilayer
    t : float
        Temperature T/T_c; with ``binding_energy`` given, T/E_u.
    spin : {"band", "full", "texture"}
        What is kept of the spin.  "band" pairs the lower branches with one number Delta, eq (5);
        "full" keeps all four spin states, eqs (2) and (4), with Delta_ss' along the lowest
        eigenvector of the quadratic form; "texture" keeps the lower branches and the overlaps of
        their spinors, a diagnostic for holes without Rashba coupling.
    order : {4, 6}
        Highest power of |Delta|.  With 6 the other components of Delta_ss' are eliminated.
    binding_energy : float, optional
        Two-body binding energy E_b in E_u, which fixes 1/g = Int 1/(k^2/2m_r + E_b).  By default
        1/g follows from alpha(T_c = 1, q*) = 0 at the momentum q* where pairing is strongest.
    rtol : float
        Target accuracy of the momentum integrals, relative to their L1 norms.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type or range.
    NoPairingError
        (On first use.) If a layer is empty.
    ConvergenceError
        (On first use.) If a coefficient cannot be computed to ``rtol``.

    Warns
    -----
    OccupiedUpperBranchWarning
        If the upper spin branch, which "band" and "texture" drop, holds carriers.
    UnstableQuarticWarning
        If alpha < 0 and F has no minimum at a momentum asked for: beta <= 0 at order 4; at order 6
        also beta^2 < 4 alpha c.

    Notes
    -----
    Momenta in 1/l_u, energies in E_u, currents in J_u; measure d^2k/(2 pi)^2.

    The paper's theory, the default, drops: the overlaps of the Rashba spinors, the upper branches,
    and all orders above |Delta|^4; a contact g stands for the Coulomb attraction; fluctuations are
    left out, as is disorder.  ``spin="full"`` restores the first two, ``order=6`` one more order,
    :class:`~cedrag.condensate.mean_field.MeanField` all orders.

    Examples
    --------
    The coefficients at a pair momentum, and what they imply:

    >>> from cedrag import NATURAL, GinzburgLandau
    >>> theory = GinzburgLandau(NATURAL, t=0.9)
    >>> round(float(theory.alpha(0.2)), 4), round(float(theory.beta(0.2)), 4)
    (-0.0165, 0.0201)
    >>> theory.current([0.2, 0.4, 0.6])[0].round(4)  # J_u; zero where alpha > 0
    array([0.0002, 0.0266, 0.    ])

    The equilibrium state and the critical currents. A warning that belongs to the result is raised;
    here it is kept and shown:

    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     diode = theory.diode()
    >>> [warning.category.__name__ for warning in caught]
    ['AboveBKTWarning']
    >>> round(diode.jc_plus, 4), round(diode.jc_minus, 4)
    (0.0273, -0.0273)
    """

    def __init__(
        self,
        bilayer: Bilayer,
        t: float = 0.9,
        *,
        spin: str = "band",
        order: int = 4,
        binding_energy: float | None = None,
        rtol: float = 1e-8,
    ) -> None:
        if spin not in LEVELS:
            raise ValueError(f"spin must be one of {', '.join(LEVELS)} (got {spin!r})")
        if order not in (4, 6):
            raise ValueError(f"order must be 4 or 6 (got {order!r})")
        self.spin, self.order = spin, order
        self.pairing: Pairing
        if spin == "band" and order == 4:
            self.pairing = Pairing(bilayer, t, binding_energy=binding_energy, rtol=rtol)
        else:
            self.pairing = ExpandedPairing(
                bilayer, t, spin=spin, order=order, binding_energy=binding_energy, rtol=rtol
            )
        self.bilayer, self.t, self.rtol = bilayer, self.pairing.t, self.pairing.rtol
        margin = bilayer.spin_gap_margin()
        if spin != "full" and margin < 0.0:
            warn(
                f"the upper spin branch reaches {-margin:.4g} E_u below the Fermi level; "
                "the model keeps only the lower branch, so its numbers are not reliable here",
                OccupiedUpperBranchWarning,
            )
        self._last: tuple[Any, Any] = None, None
        self._states: dict[tuple[float, float], _State] = {}

    @property
    def level(self) -> str:
        """Which theory the results belong to."""
        return f"{'quartic' if self.order == 4 else 'sixth order'}, {self.spin}"

    @property
    def options(self) -> dict[str, Any]:
        """What this theory was given beside bilayer and t."""
        return {
            "spin": self.spin,
            "order": self.order,
            "rtol": self.rtol,
            "binding_energy": self.pairing.given_binding,
        }

    # the interaction -------------------------------------------------------------------

    @property
    def pairing_momentum(self) -> Floats:
        """q* = (q_x, q_y) where pairing is strongest at T_c: the minimum of alpha(T_c, q)."""
        return self.pairing.momentum

    @property
    def binding_energy(self) -> float:
        """E_b in E_u: the interaction in a form that can be carried to another bilayer."""
        return self.pairing.binding_energy

    # the functional --------------------------------------------------------------------

    def _evaluate(self, qx: ArrayLike, qy: ArrayLike) -> tuple[Any, Any, Any]:
        """Coefficients at momenta, their errors, and the scale of beta (None for a large map)."""
        qx, qy = real_array("qx", qx, bare="1/l_u"), real_array("qy", qy, bare="1/l_u")
        if qx.ndim == 0 == qy.ndim and (state := self._state(float(qx), float(qy))):
            return _unpacked(state.columns), _unpacked(state.errors), state.scale
        try:
            qx, qy = np.broadcast_arrays(qx, qy)
        except ValueError:
            raise ValueError(
                f"qx and qy must broadcast against each other (got shapes {qx.shape}, {qy.shape})"
            ) from None
        q = np.column_stack([qx.ravel(), qy.ravel()])
        key = qx.shape, q.tobytes()
        if self._last[0] != key:
            value, error, size = self.pairing.evaluate(q)
            scale = None if size is None else size[:, BETA].reshape(qx.shape)
            values, errors = (
                _unpacked(a.T.reshape(a.shape[1], *qx.shape), self.order == 6)
                for a in (value, error)
            )
            self._last = key, (values, errors, scale)
        return self._last[1]

    def _state(self, qx: ArrayLike, qy: ArrayLike) -> _State | None:
        """What is known at one momentum without another integral; else None."""
        if isinstance(qx, float) and isinstance(qy, float):
            return self._states.get((qx, qy))
        return None

    def _searched(self, qx: ArrayLike, qy: ArrayLike, rtol: float | None = None) -> Any:
        """Coefficients without error estimates."""
        qx, qy = np.broadcast_arrays(np.asarray(qx, float), np.asarray(qy, float))
        q = np.column_stack([qx.ravel(), qy.ravel()])
        if self.order == 6 and isinstance(self.pairing, ExpandedPairing):
            return _unpacked(self.pairing.sample_all(q, rtol).T.reshape(9, *qx.shape), True)
        return _unpacked(self.pairing.sample(q, rtol).T.reshape(6, *qx.shape))

    def alpha(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> Floats:
        """Quadratic coefficient alpha(T, q), eq (9): 1/g - Int [1 - f(e) - f(h)]/(e + h).

        Parameters
        ----------
        qx, qy : float or ndarray
            Pair momentum in 1/l_u; broadcast against each other.

        Returns
        -------
        ndarray of the broadcast shape, in 1/(E_u l_u^2)
        """
        return self._evaluate(qx, qy)[0].alpha.copy()

    def beta(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> Floats:
        """Quartic coefficient beta(T, q), eq (9), in 1/(E_u^3 l_u^2); see :meth:`alpha`."""
        return self._evaluate(qx, qy)[0].beta.copy()

    def sixth(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> Floats:
        """Coefficient c(T, q) of |Delta|^6/3 in 1/(E_u^5 l_u^2); see :meth:`alpha`.

        At "full" and "texture" what the other components of Delta_ss' gain is in it.  ValueError
        for a theory of order 4, which does not compute it.
        """
        if self.order != 6:
            raise ValueError(f"order must be 6 for c (got {self.order})")
        return self._evaluate(qx, qy)[0].sixth.copy()

    def margin(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> Floats:
        """beta over the integral of its absolute integrand: 1 for matched contours, 0 at beta = 0.

        A small margin means that contributions of both signs nearly cancel, as at the
        tricritical point: the sixth-order term, which is left out, then decides.
        """
        if state := self._state(qx, qy):
            return state.margin
        values, _, scale = self._evaluate(qx, qy)
        if scale is None:  # a large map was interpolated, norms are not smooth enough for that
            q = np.broadcast_arrays(real_array("qx", qx), real_array("qy", qy))
            _, _, size = self.pairing.integrals.evaluate(np.column_stack([a.ravel() for a in q]))
            scale = size[:, BETA].reshape(values.beta.shape)
        return values.beta / scale

    def gradients(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> tuple[Floats, Floats]:
        """d alpha/dq and d beta/dq, each of shape (2, ...), from differentiated integrands."""
        values = self._evaluate(qx, qy)[0]
        return values.grad_alpha.copy(), values.grad_beta.copy()

    def errors(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> Coefficients:
        """Error estimates of alpha, beta and their gradients: shapes as the values."""
        return Coefficients(*(part.copy() for part in self._evaluate(qx, qy)[1][:4]))

    def _condensed(
        self, alpha: Floats, beta: Floats, search: Search = False
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Masks (ordered, unstable); warns where the quartic form has no minimum."""
        unstable = (alpha < 0.0) & (beta <= 0.0)
        if not search and np.any(unstable):
            warn(
                f"beta <= 0 where alpha < 0 at {int(unstable.sum())} of {unstable.size} momenta: "
                "the transition is first order there and the quartic theory gives no number",
                UnstableQuarticWarning,
            )
        return (alpha < 0.0) & (beta > 0.0), unstable

    def _coefficients(self, qx: ArrayLike, qy: ArrayLike, search: Search) -> Any:
        if not search:
            return self._evaluate(qx, qy)[0]
        return self._searched(qx, qy, None if search is True else max(search, self.rtol))

    def _sixth_minimum(self, qx: ArrayLike, qy: ArrayLike, search: Search) -> SixthMinimum:
        """The minimum at order 6; warns where there is none although alpha < 0."""
        state = sixth_minimum(self._coefficients(qx, qy, search))
        if not search and np.any(state.unstable):
            warn(
                f"F up to |Delta|^6 has no minimum at {int(state.unstable.sum())} of "
                f"{state.unstable.size} momenta with alpha < 0, for beta <= 0 or beta^2 < 4 alpha "
                "c: the expansion gives no number there",
                UnstableQuarticWarning,
            )
        return state

    def free_energy(self, qx: ArrayLike, qy: ArrayLike = 0.0, *, search: Search = False) -> Floats:
        """min over |Delta| of F: -alpha^2/(2 beta) where alpha < 0, else 0 (the normal state).

        In E_u/l_u^2; -inf, with a warning, where alpha < 0 and beta <= 0.  (The paper prints
        -alpha^2/beta.)  With ``search`` there are no warnings.
        """
        if state := self._state(qx, qy):
            return state.free_energy
        if self.order == 6:
            low = self._sixth_minimum(qx, qy, search)
            return np.where(low.unstable, -np.inf, np.minimum(low.free_energy, 0.0))
        alpha, beta, _, _ = self._coefficients(qx, qy, search)
        ordered, unstable = self._condensed(alpha, beta, search)
        safe = np.where(ordered, beta, 1.0)
        return np.where(unstable, -np.inf, np.where(ordered, -(alpha**2) / (2.0 * safe), 0.0))

    def gap(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> Floats:
        """|Delta| = sqrt(-alpha/beta) in E_u where alpha < 0, else 0.  (Printed: |alpha|/beta.)"""
        if state := self._state(qx, qy):
            return state.gap
        if self.order == 6:
            low = self._sixth_minimum(qx, qy, False)
            size = np.where(low.free_energy < 0.0, np.sqrt(low.square), 0.0)
            return np.where(low.unstable, np.inf, size)
        alpha, beta, _, _ = self._evaluate(qx, qy)[0]
        ordered, unstable = self._condensed(alpha, beta)
        safe = np.where(ordered, beta, 1.0)
        return np.where(unstable, np.inf, np.sqrt(np.where(ordered, -alpha / safe, 0.0)))

    def current(self, qx: ArrayLike, qy: ArrayLike = 0.0, *, search: Search = False) -> Floats:
        """Counterflow sheet current J = dF/dq in J_u, shape (2, ...).

        J = -alpha alpha'/beta + alpha^2 beta'/(2 beta^2), from analytic derivatives; zero in the
        normal state, nan (with a warning) where the quartic form is unstable.  With ``search``
        there are no warnings, and it is nan in the normal state too.
        """
        if state := self._state(qx, qy):
            return state.current.copy()
        if self.order == 6:
            low = self._sixth_minimum(qx, qy, search)
            none = np.where(low.unstable, np.nan, np.nan if search else 0.0)
            return np.where(low.exists, low.current, none)
        values = self._coefficients(qx, qy, search)
        ordered, unstable = self._condensed(values.alpha, values.beta, search)
        safe = values._replace(beta=np.where(ordered, values.beta, 1.0))
        j = current_density(*safe)
        return np.where(unstable, np.nan, np.where(ordered, j, np.nan if search else 0.0))

    def current_error(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> Floats:
        """First-order propagation of the integrals' error estimates to J, shape (2, ...)."""
        if state := self._state(qx, qy):
            return state.current_error.copy()
        values, errors, _ = self._evaluate(qx, qy)
        if self.order == 6:
            return sixth_uncertainty(values, errors)
        safe = values._replace(beta=np.where(values.beta > 0.0, values.beta, np.inf))
        return current_uncertainty(safe, errors)

    # what the searches ask for ---------------------------------------------------------

    @property
    def spacing(self) -> float:
        """The length in momentum on which pairing varies, in 1/l_u."""
        return self.pairing.spacing

    def starts(self) -> Floats:
        """Local minima of alpha < 0, (n, 2); NoCondensateError with the reason if none is."""
        return self.pairing.starts

    def axis(self) -> Axis | None:
        """States on the mirror axis; None if the bilayer has no mirror."""
        return self._axis if self.bilayer.has_mirror else None

    @cached_property
    def _axis(self) -> Axis:
        if isinstance(self.pairing, ExpandedPairing) and self.order == 6:
            self.starts()  # says why there is none
            return SixthAxis(self, self.pairing)
        common = self.pairing.common
        if common is None:
            if self.t >= 1.0 and self.pairing.given_binding is None:
                self.starts()  # says why there is none
            return SeriesAxis(self, self.pairing)
        # the public functions at these states are then only looked up
        for q, *columns in zip(
            (common.q0, common.q_plus, common.q_minus),
            common.values[1:], common.errors[1:], common.scales[1:, BETA], strict=True,
        ):  # fmt: skip
            self._states[q, 0.0] = _known_state(*columns, *self.pairing.offset)
        return CompiledAxis(self, common)

    def remarks(self, result: Condensate | Diode) -> list[Remark]:
        """Where the quartic theory is at its limits, with a result of its own."""
        if isinstance(result, Diode):
            return list(self._remarks_on_currents(result))
        return list(self._remarks_on_state(result))

    def _remarks_on_state(self, state: Condensate) -> Iterator[Remark]:
        if math.isinf(state.gap):
            yield (
                "F(q) falls without bound towards beta = 0 (beta = "
                f"{float(self.beta(*state.q0)):.4g} at the smallest alpha, q = ({state.q0[0]:.4g}, "
                f"{state.q0[1]:.4g})): the transition is first order or the sixth-order term "
                "decides, and the quartic theory gives no condensate",
                UnstableQuarticWarning,
            )
            return
        if state.margin < _SMALL_MARGIN:
            yield (
                f"beta(q0) is {state.margin:.2f} of its absolute integral: contributions of both "
                "signs nearly cancel, as at the tricritical point, and the sixth-order term that "
                "the quartic theory leaves out is not small",
                NearTricriticalWarning,
            )
        if state.gap > _LARGE_GAP * math.pi * self.t:
            yield (
                f"|Delta| = {state.gap:.3g} is {state.gap / (math.pi * self.t):.2f} of pi T: the "
                "expansion in powers of Delta has lost its meaning",
                LargeGapWarning,
            )
        energy, q = self._lowest_elsewhere(state)
        if energy < state.free_energy * (1.0 + _LOWER):
            lower = "falls without bound" if math.isinf(energy) else f"is {energy:.4g}"
            yield (
                f"F(q0) = {state.free_energy:.4g} next to the strongest pairing, but F {lower} at "
                f"q = ({q[0]:.4g}, {q[1]:.4g}), where the quartic form is not to be trusted",
                LowerStateWarning,
            )

    def _lowest_elsewhere(self, state: Condensate) -> tuple[float, tuple[float, float]]:
        """(F, q) of the lowest state on a coarse scan; nothing where one minimum stands alone."""
        axis = self._axis
        if isinstance(axis, SixthAxis):
            on_axis, x = axis.lowest_sample()
            return on_axis, (x, 0.0)
        if not isinstance(axis, SeriesAxis):
            return 0.0, (0.0, 0.0)
        on_axis, x = axis.lowest_sample()
        if on_axis < state.free_energy * (1.0 + _LOWER) or self.bilayer.is_isotropic:
            return on_axis, (x, 0.0)
        points = self._net(*axis.window)
        rough = self.free_energy(*points.T, search=_ROUGH)
        known = np.array([state.q0, *state.other_minima])
        order = np.argsort(rough)
        far = [i for i in order if np.hypot(*(known - points[i]).T).min() > 0.5 * self.spacing]
        for place in far[:_LOOKED_AT]:
            if rough[place] > (1.0 - _HIGHER) * state.free_energy:
                break
            lower = downhill(self, points[place], _SEARCHED)
            q = points[place] if lower is None else lower
            if self.free_energy(*q, search=_SEARCHED) < state.free_energy * (1.0 + 0.5 * _LOWER):
                return float(self.free_energy(*q, search=True)), (float(q[0]), float(q[1]))
        return on_axis, (x, 0.0)

    def _net(self, first: float, last: float) -> Floats:
        """The seeds, and a net over all of the half plane where pairs may form, (n, 2)."""
        half = 0.5 * (last - first)
        lines = math.ceil(half / (min(1.0, 2.0 * self.t) * self.spacing))
        if lines > _MOST:  # far apart contours, where the seeds are many
            return self.pairing.seeds.points
        x, y = np.linspace(first, last, 2 * lines + 1), np.linspace(0.0, half, lines + 1)
        grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        return np.vstack([self.pairing.seeds.points, grid])

    def _remarks_on_currents(self, diode: Diode) -> Iterator[Remark]:
        if math.isinf(diode.jc_plus) or math.isinf(diode.jc_minus):
            yield (
                "beta reaches 0 on the branch before the current turns: the quartic theory has no "
                "critical current in that direction (first-order region)",
                UnstableQuarticWarning,
            )
            return
        if diode.beta_ratio < _SMALL_BETA:
            yield (
                f"beta falls to {diode.beta_ratio:.2f} of its value at q0 on the branch: the "
                "critical currents rest on a small difference",
                VaryingBetaWarning,
            )
        yield from remarks_on_branches(diode, _OTHER_BRANCH)

    # what follows from it --------------------------------------------------------------

    def condensate(self) -> Condensate:
        """The equilibrium state: see :func:`cedrag.condensate.state.find_condensate`."""
        return find_condensate(self)

    def diode(self, angle: float = 0.0) -> Diode:
        """Critical counterflow currents: see :func:`cedrag.condensate.diode.find_diode`."""
        return find_diode(self, angle)


def _known_state(
    value: Floats, error: Floats, scale: float, offset: float, offset_error: float
) -> _State:
    """The state of alpha < 0 < beta on the axis, from its six integrals."""
    value, error = value.copy(), error.copy()
    value[ALPHA] += offset
    error[ALPHA] += offset_error
    # plain numbers: arrays of one element would cost more than the whole search
    a, beta, grad_a, _, grad_b, _ = value.tolist()
    along = Coefficients(a, beta, grad_a, grad_b)
    a_error, b_error, grad_a_error, _, grad_b_error, _ = error.tolist()
    uncertainty = current_uncertainty(
        along, Coefficients(a_error, b_error, grad_a_error, grad_b_error)
    )
    return _State(
        value,
        error,
        scale,
        np.float64(-(a**2) / (2.0 * beta)),
        np.float64(math.sqrt(-a / beta)),
        np.array([current_density(*along), 0.0]),
        np.array([uncertainty, 0.0]),
        np.float64(beta / scale),
    )


def _unpacked(columns: Floats, sixth: bool = False) -> Any:
    """Coefficients from the six columns of the integrals, or nine, along the first axis."""
    quartic = Coefficients(
        columns[ALPHA],
        columns[BETA],
        columns[ALPHA_X : ALPHA_Y + 1],
        columns[BETA_X : BETA_Y + 1],
    )
    if not sixth:
        return quartic
    return SixthCoefficients(*quartic, columns[SIXTH], columns[SIXTH_X:])
