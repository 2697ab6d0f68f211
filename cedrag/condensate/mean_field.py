"""Mean-field theory of the condensate at any temperature and any |Delta|."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import chosen, positive_scalar, real_array
from .._lazy import cached_property
from ..bilayer import Bilayer
from ..errors import (
    FirstOrderWarning,
    LowerStateWarning,
    NoCondensateError,
    OccupiedUpperBranchWarning,
    SeveralMinimaWarning,
    warn,
)
from ..kernels.seeds import hidden
from ..pairing.landscape import SeedGrid
from ..pairing.pairing import Pairing
from .diode import Diode, find_diode, remarks_on_branches
from .excitations import Excitations, lowest_excitation
from .mean_field_axis import MeanFieldAxis, MirrorAxis
from .mean_field_plane import critical_state, plane_minima
from .pair_states import LEVELS, PairState, PairStates
from .spin_form import SpinForm, TextureForm
from .state import Condensate, find_condensate
from .theory import Axis, Remark, Search, Well

__all__ = ["MeanField"]

_SEARCH = 1e-5  # rtol of values that only lead a search
_WALK = 1e-3  # rtol of states that only show where a branch leads
_SCAN = 1e-3  # rtol of alpha that ranks the seeds
_FORM, _OTHER = 1e-5, 1e-4  # rtol of alpha, and of m_r/pi: what tells one column from both
_JUMP = 1e-3  # of |Delta|^2 m_r/pi: depth at T_c that a scan can tell
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
    spin : {"full", "band", "texture"}
        What is kept of the spin: "full" keeps all four spin states, eqs (2) and (4), and pairs
        Delta_ss'; "band" pairs the lower branches with one number Delta, eq (5); "texture" is a
        diagnostic between them, for ``rashba_h = 0``: the lower branches with the overlap of the
        electron's spinor.  It is fixed by T_c and has no binding energy.
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
        chosen("spin", spin, LEVELS)
        if spin == "texture":
            _refuse_texture(bilayer, binding_energy)
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
    def pairing(self) -> Pairing:
        """Where pairs form first, T_c and E_b of this level: shared with the other theories."""
        form: Any = {"full": SpinForm, "texture": TextureForm}.get(self.spin)
        return Pairing(
            self.bilayer, self.t, binding_energy=self._given_binding, rtol=self.rtol, form=form
        )

    @property
    def binding_energy(self) -> float:
        """E_b in E_u: the interaction in a form that can be carried to another bilayer.

        ValueError for "texture", whose pairs far out keep half their weight.
        """
        if self.spin == "texture":
            raise ValueError(
                "binding_energy has no meaning for spin = 'texture': its pairs far out keep half "
                "their weight, so no pair in vacuum names the interaction"
            )
        return self.pairing.binding_energy

    @property
    def pairing_momentum(self) -> Floats:
        """q* = (q_x, q_y) where pairing is strongest at T_c: the minimum of alpha(T_c, q)."""
        return self.pairing.momentum

    @property
    def smallest_alpha(self) -> float:
        """min over q of alpha(T, q) at this temperature, in 1/(E_u l_u^2)."""
        return float(self.pairing.lowest(self.pairing.minima[:1])[0])

    # states ----------------------------------------------------------------------------

    @cached_property
    def _pairs(self) -> PairStates:
        self._bare.offset = float(self.pairing.offset[0])
        if self._bare.one_column and self._given_binding is None:
            hot = PairStates(self.bilayer, 1.0, self.spin, self.rtol)
            hot.offset = self._bare.offset
            self._judge_column(hot.alpha(self.pairing.momentum, _FORM))  # of all columns it is 0
        return self._bare

    def _judge_column(self, excess: float) -> bool:
        """Free the other column if alpha of one column is above that of all; whether it was."""
        both = excess > _OTHER * self.bilayer.reduced_mass / math.pi
        return both and self._bare.free()

    def states(self, qx: float, qy: float = 0.0, *, search: bool = False) -> tuple[PairState, ...]:
        """All minima of Omega over |Delta| > 0 at one momentum, lowest first.

        Where the transition is first order one of them may lie above the normal state.
        With ``search`` they are as accurate as a search needs them.
        """
        return (self._walked if search else self._pairs).states(qx, qy)

    def state(
        self,
        qx: float,
        qy: float = 0.0,
        near: PairState | None = None,
        *,
        before: PairState | None = None,
        search: bool = False,
    ) -> PairState | None:
        """The lowest state at one momentum, or the one that continues ``near``; None if normal.

        ``before`` is another state of that branch, from which it is foreseen better.
        """
        return (self._walked if search else self._pairs).state(qx, qy, near, before)

    @cached_property
    def branches(self) -> MeanFieldAxis:
        """Branches of states on q_y = 0, each walked once."""
        return MeanFieldAxis(self)

    def alpha_of_branch(self, q: float, rays: int) -> float:
        """alpha on q_y = 0 within the unknowns that its branches have."""
        return self._pairs.alpha((q, 0.0), rays=rays)

    def completed_aside(self, state: PairState, within: float = 10.0) -> PairState:
        """The state with its stiffness, D_yy to ``within`` rtol; its stability is not judged."""
        return self._pairs.rises_aside(state, within)

    @property
    def mirror(self) -> bool:
        """Whether states on q_y = 0 are taken to keep the mirror k_y -> -k_y."""
        return self._pairs.mirror

    @property
    def pair_states(self) -> PairStates:
        """What finds the states, with the unknowns that are left to them."""
        return self._pairs

    def pair_field(self, state: PairState) -> NDArray[np.complex128]:
        """Delta_ss' of a state, shape (2, 2), in E_u: rows electrons, columns holes.

        In the spin basis of eq (2) with the second component times i, in which states that keep
        the mirror are real; the common phase is arbitrary.  With "band" the spinors turn with k,
        and there is none: ValueError.
        """
        if self.spin == "band":
            raise ValueError(
                "spin must be 'full' or 'texture' for a pair field with spin (got 'band', whose "
                "Delta belongs to spinors that turn with k)"
            )
        parts = np.array(state.field) @ self._pairs.basis_at(state.q)
        return np.asarray((parts[0::2] + 1j * parts[1::2]).reshape(2, 2))

    def spin_of_pairs(self, state: PairState) -> Floats:
        """S = Tr_h(Delta^dag sigma Delta): spin of the paired electrons, shape (3,), in E_u^2."""
        up, down = self.pair_field(state)
        cross = complex(np.vdot(up, down))
        sizes = float(np.vdot(up, up).real), float(np.vdot(down, down).real)
        return np.array([2.0 * cross.real, 2.0 * cross.imag, sizes[0] - sizes[1]])

    def rigidity(self, state: PairState) -> float:
        """D_0 = 1/(m_e/n_e + m_h/n_h), in E_u: F(q+p) <= F(q) + J.p + D_0 p^2/2 from this state.

        A boost of electrons and holes costs p^2/2m each, and nothing else at level "full"; at
        level "band" the bands are concave beyond k^2/2m.  For "texture" nothing is claimed.
        """
        return 1.0 / (1.0 / state.density_e + self.bilayer.mass_ratio / state.density_h)

    def excitations(self, state: PairState) -> Excitations:
        """Smallest |E| over k, and whether the number of negative levels is the same at all k.

        Landau's criterion: a state with a varying number has a Bogoliubov Fermi surface.
        """
        return lowest_excitation(self.pair_states, state)

    def completed(self, state: PairState) -> PairState:
        """The state with its full stiffness, and whether it is stable against all unknowns."""
        return self._pairs.completed(state)

    @cached_property
    def _seeds(self) -> SeedGrid:
        return self._bare.seeds

    @property
    def spacing(self) -> float:
        """Momentum on which pairing varies, in 1/l_u."""
        return self._seeds.spacing

    # the functional --------------------------------------------------------------------

    @property
    def _searched(self) -> PairStates:
        """States under the same assumptions, as accurate as a search needs them."""
        return self._pairs.coarser(_SEARCH)

    @property
    def _walked(self) -> PairStates:
        """The same as accurate as following a branch needs them."""
        return self._pairs.coarser(_WALK)

    def _table(
        self,
        qx: ArrayLike,
        qy: ArrayLike,
        what: Callable[[PairState], Any],
        size: int,
        normal: float,
        search: Search = False,
    ) -> Floats:
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
        value, _ = self.pairing.form.lowest_with_error(np.array(list(pairs)).reshape(-1, 2))
        return (value + self.pairing.offset[0]).reshape(x.shape)

    def free_energy(self, qx: ArrayLike, qy: ArrayLike = 0.0, *, search: Search = False) -> Floats:
        """min over |Delta| of Omega, less the normal state: 0 there.  In E_u/l_u^2."""
        return self._table(qx, qy, lambda state: state.free_energy, 1, 0.0, search)[0]

    def gap(self, qx: ArrayLike, qy: ArrayLike = 0.0) -> Floats:
        """|Delta| of the lowest state in E_u; 0 where it is normal."""
        return self._table(qx, qy, lambda state: state.gap, 1, 0.0)[0]

    def current(self, qx: ArrayLike, qy: ArrayLike = 0.0, *, search: Search = False) -> Floats:
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

    def _promising(self) -> Floats:
        """Seeds worth a scan over |Delta|.

        Those where pairing is stronger than around them, with alpha < 0 unless it is so nowhere,
        and the shift of the contours' centres, where the largest gap is.
        """
        points = self._seeds.points
        if len(points) == 1:
            return points
        if self._given_binding is None:
            points = np.vstack([points, self.pairing.momentum])
        if self.spin == "full" and not self._pairs.one_column:
            alpha = self.pairing.form.scan(points)
        else:
            alpha = np.array([self._pairs.alpha(q, _SCAN) for q in points])
            best = points[int(np.argmin(alpha))]
            if self._pairs.one_column and self._judge_column(
                self._pairs.alpha(best, _FORM) - float(self.alpha(*best))
            ):
                return self._promising()
        beaten, _ = hidden(points, alpha, self._seeds.apart)
        worth = ~beaten & ((alpha < 0.0) | (alpha.min() >= 0.0))
        worth[0] = True
        best, centre = points[int(np.argmin(alpha))], points[0]
        if best[1] != 0.0 and self._bare.mirror:  # a ring of strong pairing crosses the axis
            radius = math.hypot(*(best - centre))
            crossings = centre + np.array([[radius, 0.0], [-radius, 0.0]])
            return np.vstack([points[worth], crossings])
        return points[worth]

    @cached_property
    def _starts(self) -> list[tuple[float, float]]:
        points = self._promising()
        depth, alpha = np.empty((2, len(points)))
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
        while True:
            try:
                found = plane_minima(self)
                if not found:
                    raise NoCondensateError(
                        f"no state below the normal one was found at t = {self.t}"
                    )
            except NoCondensateError:
                if not (self._pairs.one_column and self._pairs.free()):
                    raise
            else:
                if found[0].stable is not False or not self._pairs.free():
                    return tuple(found)
            self.__dict__.pop("_starts", None)
            self.__dict__.pop("branches", None)

    def wells(self) -> list[Well]:
        """Minima of F over the plane with d2F/dq2, lowest first."""
        wells = []
        for state in self.minima:
            xx, xy, yy = state.stiffness
            stiffness = np.array([[xx, xy], [xy, yy]])
            wells.append(Well(np.array(state.q), state.free_energy, stiffness))
        return wells

    def critical(self, q0: tuple[float, float], angle: float) -> tuple[tuple[float, float], float]:
        """Momentum and size of the critical current in one direction, from the minimum at q0."""
        rest = min(self.minima, key=lambda state: math.dist(state.q, q0))
        state, current = critical_state(self, rest, angle)
        return state.q, current

    def remarks(self, result: Condensate | Diode) -> list[Remark]:
        """Competing and unstable states, with a result of this theory."""
        if isinstance(result, Diode):
            return list(self._remarks_on_currents(result))
        return list(self._remarks_on_state(result))

    @cached_property
    def _jumps(self) -> float:
        """|Delta| of a state below the normal one where alpha = 0, or 0 if none is seen.

        With T_c given that is asked at T_c.  Else only above it: if alpha > 0 at this temperature
        and at all higher ones.
        """
        points = [self.minima[0].q, tuple(self._seeds.points[0].tolist())]
        if self._given_binding is None:
            hot = PairStates(self.bilayer, 1.0, self.spin, _SEARCH)
            hot.offset, least = self._pairs.offset, _JUMP * self.bilayer.reduced_mass / math.pi
            for q in points:
                found = hot.scan(q, 2 * hot.rays_at(q, _SEARCH))
                below = found.energy < -least * found.gaps**2
                if below.any():
                    return float(found.gaps[int(np.argmin(found.energy))])
            return 0.0
        for warmer in (1.0, 1.2, 1.5, 2.0, 3.0):
            hot = PairStates(self.bilayer, warmer * self.t, self.spin, _SEARCH)
            hot.offset = self._pairs.offset
            if min(hot.alpha(q, _SCAN) for q in [*points, *self._seeds.points]) < 0.0:
                return 0.0
        return self.minima[0].gap

    def _remarks_on_state(self, state: Condensate) -> Iterator[Remark]:
        if self._jumps:
            yield (
                f"Omega is lower at |Delta| = {self._jumps:.3g} than in the normal state where "
                "alpha = 0: the transition is of first order and lies above the temperature that "
                "t is measured by; cedrag.transition() finds it",
                FirstOrderWarning,
            )
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

    def _remarks_on_currents(self, diode: Diode) -> Iterator[Remark]:
        yield from remarks_on_branches(diode, _LARGER)

    # what follows from it --------------------------------------------------------------

    def condensate(self) -> Condensate:
        """The equilibrium state: see :func:`cedrag.condensate.state.find_condensate`."""
        return find_condensate(self)

    def diode(self, angle: float = 0.0) -> Diode:
        """Critical counterflow currents: see :func:`cedrag.condensate.diode.find_diode`."""
        return find_diode(self, angle)


def _refuse_texture(bilayer: Bilayer, binding_energy: float | None) -> None:
    if bilayer.rashba_h != 0.0:
        raise ValueError(
            f"rashba_h must be 0 for spin = 'texture' (got {bilayer.rashba_h}): it weights pairs "
            "with the overlap of the electron's spinor alone"
        )
    if bilayer.rashba_e == 0.0:
        raise ValueError(
            "rashba_e must not be 0 for spin = 'texture' (got 0.0): without a texture far out its "
            "pairs do not keep half their weight; use spin = 'band'"
        )
    if binding_energy is not None:
        raise ValueError(
            f"binding_energy must be None for spin = 'texture' (got {binding_energy}): its pairs "
            "far out keep half their weight, so only T_c fixes the interaction"
        )


def _broadcast(qx: ArrayLike, qy: ArrayLike) -> tuple[Floats, Floats]:
    qx, qy = real_array("qx", qx, bare="1/l_u"), real_array("qy", qy, bare="1/l_u")
    try:
        x, y = np.broadcast_arrays(qx, qy)
    except ValueError:
        raise ValueError(
            f"qx and qy must broadcast against each other (got shapes {qx.shape}, {qy.shape})"
        ) from None
    return x, y
