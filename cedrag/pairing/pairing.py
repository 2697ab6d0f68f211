"""What every theory of one bilayer shares: where pairing is strongest, T_c, E_b and the seeds."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .._checks import instance, positive_scalar
from .._lazy import cached_property
from ..bilayer import Bilayer
from ..errors import ConvergenceError, NoCondensateError
from ..kernels.columns import ALPHA
from .common_case import AxisStates, common_case
from .integrals import PairIntegrals
from .landscape import QuadraticForm, SeedGrid, local_minima, pairing_seeds
from .plane import MANY, map_integrals

__all__ = ["Pairing", "lowest_eigenpair"]

Floats = NDArray[np.float64]

_LOOSE = 1e-4  # accuracy that tells from where to descend


class Pairing:
    """The instability of the normal state of one bilayer towards pairs, at one temperature.

    Parameters
    ----------
    bilayer : Bilayer
    t : float
        Temperature T/T_c; with ``binding_energy`` given, T/E_u.
    binding_energy : float, optional
        Two-body binding energy E_b in E_u, which fixes 1/g = Int 1/(k^2/2m_r + E_b).  By default
        1/g follows from alpha(T_c = 1, q*) = 0 at the momentum q* where pairing is strongest.
    rtol : float
        Target accuracy of the momentum integrals, relative to their L1 norms.
    form : callable, optional
        ``form(bilayer, temperature, rtol)`` returns the quadratic form of the pair field;
        by default the one number alpha of the lower branches.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type or range.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.pairing.pairing import Pairing
    >>> pairing = Pairing(NATURAL, 0.9)
    >>> pairing.momentum.round(4), round(pairing.binding_energy, 4)
    (array([0.1986, 0.    ]), 0.1096)
    """

    def __init__(
        self,
        bilayer: Bilayer,
        t: float,
        *,
        binding_energy: float | None = None,
        rtol: float = 1e-8,
        form: Callable[[Bilayer, float, float], QuadraticForm] | None = None,
    ) -> None:
        self.bilayer = instance("bilayer", bilayer, Bilayer)
        self.t = positive_scalar("t", t)
        self.rtol = positive_scalar("rtol", rtol)
        if not 1e-12 <= self.rtol <= 1e-2:
            raise ValueError(f"rtol must lie between 1e-12 and 1e-2 (got {rtol})")
        self.given_binding = (
            None if binding_energy is None else positive_scalar("binding_energy", binding_energy)
        )
        self.integrals = PairIntegrals(bilayer, self.t, self.rtol)
        self._other_form = form
        self.form: QuadraticForm = (
            self.integrals if form is None else form(bilayer, self.t, self.rtol)
        )

    @cached_property
    def seeds(self) -> SeedGrid:
        """Momenta from which searches start."""
        self.integrals.needs_digits(self.rtol)
        return pairing_seeds(self.bilayer, self.t, self.integrals.contours)

    @property
    def spacing(self) -> float:
        """The length in momentum on which pairing varies, in 1/l_u."""
        return self.seeds.spacing

    # the interaction -------------------------------------------------------------------

    @cached_property
    def common(self) -> AxisStates | None:
        """The compiled search's result, if T_c fixes the interaction and the case is common."""
        if self.given_binding is not None or self._other_form is not None:
            return None
        return common_case(self.integrals, self.seeds) if 0.5 <= self.t < 1.0 else None

    @cached_property
    def _strongest_at_critical(self) -> tuple[Floats, float, float]:
        """(q*, lowest eigenvalue at T_c and q*, its error) from a search over the whole plane."""
        common = self.common
        if common is not None:
            q = np.array([common.pairing_momentum, 0.0])
            return q, float(common.values[0, ALPHA]), float(common.errors[0, ALPHA])
        share = 0.5 <= self.t <= 1.0  # what resolves t then resolves T_c = 1 at little more cost
        if self._other_form is not None:
            critical = self._other_form(self.bilayer, 1.0, self.rtol)
        else:
            critical = PairIntegrals(
                self.bilayer, 1.0, self.rtol, colder=self.integrals if share else None
            )
        seeds = self.seeds if share else pairing_seeds(self.bilayer, 1.0)
        best = local_minima(critical, seeds)[0]
        value, error = critical.lowest_with_error(best[None, :])
        return best, float(value[0]), float(error[0])

    @property
    def momentum(self) -> Floats:
        """q* = (q_x, q_y) where pairing is strongest at T_c: the minimum of alpha(T_c, q)."""
        return self._strongest_at_critical[0]

    @cached_property
    def offset(self) -> tuple[float, float]:
        """alpha = A(q) + offset, with its error: all that the interaction contributes."""
        if self.given_binding is None:
            _, at_critical, error = self._strongest_at_critical
            return -at_critical, error
        # Int [1/(eps + E_b) - 1/(eps + E_ref)] over d^2k/(2 pi)^2, eps = k^2/2m_r
        ratio = self.form.reference_energy / self.given_binding
        return self.bilayer.reduced_mass / (2.0 * math.pi) * math.log(ratio), 0.0

    @cached_property
    def binding_energy(self) -> float:
        """E_b in E_u: the interaction in a form that can be carried to another bilayer."""
        if self.given_binding is not None:
            return self.given_binding
        exponent = -2.0 * math.pi / self.bilayer.reduced_mass * self.offset[0]
        return self.form.reference_energy * math.exp(exponent)

    # alpha and its companions ----------------------------------------------------------

    def sample(self, q: Floats, rtol: float | None = None) -> Floats:
        """The six integrals at momenta (n, 2) with alpha in the first column, for searches."""
        values = self.integrals.values(q, rtol)
        values[:, ALPHA] += self.offset[0]
        return values

    def evaluate(self, q: Floats) -> tuple[Floats, Floats, Floats | None]:
        """Values, errors and scales at momenta (n, 2); scales are left out of large maps."""
        value, error, size = self._integrals_at(q)
        offset, offset_error = self.offset
        value[:, ALPHA] += offset
        error[:, ALPHA] += offset_error
        return value, error, size

    def _integrals_at(self, q: Floats) -> tuple[Floats, Floats, Floats | None]:
        if len(q) >= MANY:
            try:
                return *map_integrals(self.integrals, q, self.seeds.speed), None
            except ConvergenceError:  # low temperatures: each momentum for itself
                pass
        return self.integrals.evaluate(q)

    def lowest(self, q: Floats) -> Floats:
        """The lowest eigenvalue of the quadratic form at momenta (n, 2), for searches, (n,)."""
        return self.form.lowest(q)[0] + self.offset[0]

    @cached_property
    def minima(self) -> Floats:
        """Local minima of alpha(t, q) over the half plane q_y >= 0, lowest first, (n, 2)."""
        return local_minima(self.form, self.seeds)

    @cached_property
    def starts(self) -> Floats:
        """Local minima of alpha where it is negative, lowest first, (n, 2).

        Raises
        ------
        NoCondensateError
            If there is none.
        """
        if self.t >= 1.0 and self.given_binding is None:
            raise NoCondensateError(
                f"t must be below 1 for a condensate to exist (got {self.t}): T_c is at t = 1"
            )
        alpha = self.form.lowest(self.minima, max(self.rtol, _LOOSE))[0] + self.offset[0]
        alpha[0] = self.lowest(self.minima[:1])[0]  # on this one it rests whether there are pairs
        if alpha[0] >= 0.0:
            q = self.minima[0]
            raise NoCondensateError(
                f"no condensate at t = {self.t}: the smallest alpha is {alpha[0]:.4g} > 0, at q = "
                f"({q[0]:.4g}, {q[1]:.4g}); the mismatch of the Fermi contours is too large for "
                "this interaction, or the temperature too high"
            )
        return self.minima[alpha < 0.0]


def lowest_eigenpair(
    matrix: NDArray[np.complex128], gradient: NDArray[np.complex128]
) -> tuple[Floats, NDArray[np.complex128], Floats]:
    """Lowest eigenvalue of a Hermitian quadratic form, its vector, and its gradient.

    d alpha/dq_i = v^dag (dA/dq_i) v by Hellmann and Feynman: for pair fields of several components.

    Parameters
    ----------
    matrix : ndarray, shape (n, k, k)
        At n momenta.
    gradient : ndarray, shape (n, 2, k, k)

    Returns
    -------
    value : ndarray, shape (n,)
    vector : ndarray, shape (n, k)
        Of length 1.
    slope : ndarray, shape (n, 2)

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.pairing.pairing import lowest_eigenpair
    >>> matrix = np.array([[[0.0, 1.0], [1.0, 0.0]]])
    >>> value, vector, slope = lowest_eigenpair(matrix, np.stack([matrix, 0.0 * matrix], axis=1))
    >>> value.round(12), slope.round(12) + 0.0
    (array([-1.]), array([[-1.,  0.]]))
    """
    values, vectors = np.linalg.eigh(matrix)
    v = vectors[:, :, 0]
    slope = np.einsum("na,niab,nb->ni", v.conj(), gradient, v).real
    return values[:, 0], v, slope
