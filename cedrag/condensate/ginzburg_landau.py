"""Ginzburg-Landau theory of the exciton condensate: alpha, beta, F(q) and the current J(q)."""

import math

import numpy as np

from .._checks import positive_scalar, real_array
from .._lazy import cached_property
from ..bilayer import Bilayer
from ..errors import ConvergenceError, OccupiedUpperBranchWarning, UnstableQuarticWarning, warn
from ..pairing.axis import AxisSeries
from ..pairing.common_case import common_case
from ..pairing.integrals import PairIntegrals
from ..pairing.landscape import local_minima, pairing_seeds
from ..pairing.plane import MANY, map_integrals

__all__ = ["GinzburgLandau"]

_A, _BETA = 0, 1
_GRAD_A, _GRAD_BETA = [2, 3], [4, 5]


def current_density(alpha, beta, grad_alpha, grad_beta):
    """J = dF/dq = -alpha alpha'/beta + alpha^2 beta'/(2 beta^2), where alpha < 0 < beta."""
    return -alpha * grad_alpha / beta + alpha**2 * grad_beta / (2.0 * beta**2)


def current_uncertainty(a, b, ga, gb, da, db, dga, dgb):
    """First-order propagation of the errors d... of the integrals to J."""
    by_alpha = abs(-ga / b + a * gb / b**2) * da
    by_beta = abs(a * ga / b**2 - a**2 * gb / b**3) * db
    return by_alpha + by_beta + abs(a / b) * dga + a**2 / (2.0 * b**2) * dgb


class GinzburgLandau:
    """Quartic free energy F = alpha |Delta|^2 + beta |Delta|^4 / 2 per unit area (eqs 8, 9).

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

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type or range.
    NoPairingError
        (On first use.) If a layer is empty.

    Warns
    -----
    OccupiedUpperBranchWarning
        If the upper spin branch, which the model drops, holds carriers.
    UnstableQuarticWarning
        If alpha < 0 and beta <= 0 at a momentum asked for: the quartic form has no minimum there.

    Notes
    -----
    Momenta in 1/l_u, energies in E_u, currents in J_u; measure d^2k/(2 pi)^2 (theory.md).

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

    def __init__(self, bilayer, t=0.9, *, binding_energy=None, rtol=1e-8):
        if not isinstance(bilayer, Bilayer):
            raise TypeError(f"bilayer must be a Bilayer (got {bilayer!r})")
        self.bilayer = bilayer
        self.t = positive_scalar("t", t)
        self.rtol = positive_scalar("rtol", rtol)
        if not 1e-12 <= self.rtol <= 1e-2:
            raise ValueError(f"rtol must lie between 1e-12 and 1e-2 (got {rtol})")
        self._given_binding = (
            None if binding_energy is None else positive_scalar("binding_energy", binding_energy)
        )
        margin = bilayer.spin_gap_margin()
        if margin < 0.0:
            warn(
                f"the upper spin branch reaches {-margin:.4g} E_u below the Fermi level; "
                "the model keeps only the lower branch, so its numbers are not reliable here",
                OccupiedUpperBranchWarning,
            )
        self._integrals = PairIntegrals(bilayer, self.t, self.rtol)
        self._last = (None, None)

    # the interaction -------------------------------------------------------------------

    @cached_property
    def pairing_momentum(self):
        """q* = (q_x, q_y) where pairing is strongest at T_c: the minimum of alpha(T_c, q)."""
        return self._critical_optimum[0]

    @cached_property
    def _seeds(self):
        return pairing_seeds(self.bilayer, self.t, self._integrals.contours)

    @cached_property
    def _common(self):
        """AxisStates if T_c fixes the interaction and the case is a common one, else None."""
        if self._given_binding is not None or not 0.5 <= self.t < 1.0:
            return None
        return common_case(self._integrals, self._seeds)

    @cached_property
    def _critical_optimum(self):
        """(q*, A(T_c, q*), its error) from a search over the whole q plane."""
        common = self._common
        if common is not None:
            q = np.array([common.pairing_momentum, 0.0])
            return q, float(common.values[0, _A]), float(common.errors[0, _A])
        share = 0.5 <= self.t <= 1.0  # what resolves t then resolves T_c = 1 at little more cost
        critical = PairIntegrals(
            self.bilayer, 1.0, self.rtol, colder=self._integrals if share else None
        )
        seeds = self._seeds if share else pairing_seeds(self.bilayer, 1.0)
        best = local_minima(critical, seeds)[0]
        value, error, _ = critical.evaluate(best[None, :])
        return best, float(value[0, _A]), float(error[0, _A])

    @cached_property
    def _offset(self):
        """alpha = A(q) + offset, with its error: all that the interaction contributes."""
        if self._given_binding is None:
            _, at_critical, error = self._critical_optimum
            return -at_critical, error
        # Int [1/(eps + E_b) - 1/(eps + E_ref)] over d^2k/(2 pi)^2, eps = k^2/2m_r
        ratio = self._integrals.reference_energy / self._given_binding
        return self.bilayer.reduced_mass / (2.0 * math.pi) * math.log(ratio), 0.0

    @cached_property
    def binding_energy(self):
        """E_b in E_u: the interaction in a form that can be carried to another bilayer."""
        if self._given_binding is not None:
            return self._given_binding
        exponent = -2.0 * math.pi / self.bilayer.reduced_mass * self._offset[0]
        return self._integrals.reference_energy * math.exp(exponent)

    # the functional --------------------------------------------------------------------

    def _evaluate(self, qx, qy):
        """alpha, beta, grad alpha, grad beta (gradients: leading axis of 2) and their errors."""
        qx, qy = real_array("qx", qx, bare="1/l_u"), real_array("qy", qy, bare="1/l_u")
        try:
            qx, qy = np.broadcast_arrays(qx, qy)
        except ValueError:
            raise ValueError(
                f"qx and qy must broadcast against each other (got shapes {qx.shape}, {qy.shape})"
            ) from None
        q = np.column_stack([qx.ravel(), qy.ravel()])
        key = (qx.shape, q.tobytes())
        if self._last[0] != key:
            value, error, size = self._integrals_at(q)
            offset, offset_error = self._offset
            value[:, _A] += offset
            error[:, _A] += offset_error
            self._last = (key, (value, error, size))
        value, error, _ = self._last[1]

        def unpack(a):
            a = a.T.reshape(6, *qx.shape)
            return a[_A], a[_BETA], a[_GRAD_A], a[_GRAD_BETA]

        return unpack(value), unpack(error)

    def _sample(self, q, rtol=None):
        """The six columns of :meth:`PairIntegrals.values` with alpha in the first."""
        values = self._integrals.values(q, rtol)
        values[:, _A] += self._offset[0]
        return values

    def _sampled_current(self, qx, qy):
        """J at momenta of shape (n,), shape (2, n), without error estimates: for searches.

        nan unless alpha < 0 < beta.
        """
        v = self._sample(np.column_stack([qx, qy]))
        alpha, beta = np.where((v[:, _A] < 0.0) & (v[:, _BETA] > 0.0), v[:, :2].T, np.nan)
        return current_density(alpha, beta, v[:, _GRAD_A].T, v[:, _GRAD_BETA].T)

    @cached_property
    def _axis(self):
        """AxisSeries over all momenta on q_y = 0 where alpha < 0, and a margin."""
        seeds = self._seeds
        reach = 4.0 * math.sqrt(max(0.02, 1.0 - self.t)) / seeds.speed
        lo, hi = seeds.on_axis
        lo, hi = lo - reach, hi + reach
        tolerance = max(0.1 * self.rtol, 100.0 * self._integrals.rounding)
        for _ in range(40):
            series = AxisSeries(self._sample, lo, hi, tolerance)
            first, last = series.negative_alpha()
            if not first < last:
                return series
            margin = 0.1 * (last - first)
            if first - lo >= 0.0 and hi - last >= 0.0 and last - first > 0.3 * (hi - lo):
                return series
            further = min(0.5 * (hi - lo), 8.0 * seeds.spacing)
            lo, hi = (
                first - margin if first >= lo else lo - further,
                last + margin if last <= hi else hi + further,
            )
        raise ConvergenceError(f"alpha stays negative from q = {lo:.6g} to {hi:.6g}")

    def _integrals_at(self, q):
        """Values, errors and scales at momenta (n, 2); scales are left out of large maps."""
        if len(q) >= MANY:
            try:
                return *map_integrals(self._integrals, q, self._seeds.speed), None
            except ConvergenceError:  # low temperatures: each momentum for itself
                pass
        return self._integrals.evaluate(q)

    def alpha(self, qx, qy=0.0):
        """Quadratic coefficient alpha(T, q), eq (9): 1/g - Int [1 - f(e) - f(h)]/(e + h).

        Parameters
        ----------
        qx, qy : float or ndarray
            Pair momentum in 1/l_u; broadcast against each other.

        Returns
        -------
        ndarray of the broadcast shape, in 1/(E_u l_u^2)
        """
        return self._evaluate(qx, qy)[0][0].copy()

    def beta(self, qx, qy=0.0):
        """Quartic coefficient beta(T, q), eq (9), in 1/(E_u^3 l_u^2); see :meth:`alpha`."""
        return self._evaluate(qx, qy)[0][1].copy()

    def beta_margin(self, qx, qy=0.0):
        """beta over the integral of its absolute integrand: 1 for matched contours, 0 at beta = 0.

        A small margin means that contributions of both signs nearly cancel, as at the
        tricritical point: the sixth-order term, which is left out, then decides.
        """
        beta = self.beta(qx, qy)
        scale = self._last[1][2]
        if scale is None:  # a large map was interpolated, norms are not smooth enough for that
            q = np.broadcast_arrays(real_array("qx", qx), real_array("qy", qy))
            scale = self._integrals.evaluate(np.column_stack([a.ravel() for a in q]))[2]
        return beta / scale[:, _BETA].reshape(beta.shape)

    def gradients(self, qx, qy=0.0):
        """d alpha/dq and d beta/dq, each of shape (2, ...), from differentiated integrands."""
        _, _, grad_alpha, grad_beta = self._evaluate(qx, qy)[0]
        return grad_alpha.copy(), grad_beta.copy()

    def errors(self, qx, qy=0.0):
        """Error estimates of alpha, beta and their gradients: shapes as the values."""
        return tuple(part.copy() for part in self._evaluate(qx, qy)[1])

    def _condensed(self, alpha, beta):
        """Masks (ordered, unstable); warns where the quartic form has no minimum."""
        unstable = (alpha < 0.0) & (beta <= 0.0)
        if np.any(unstable):
            warn(
                f"beta <= 0 where alpha < 0 at {int(unstable.sum())} of {unstable.size} momenta: "
                "the transition is first order there and the quartic theory gives no number",
                UnstableQuarticWarning,
            )
        return (alpha < 0.0) & (beta > 0.0), unstable

    def free_energy(self, qx, qy=0.0):
        """min over |Delta| of F: -alpha^2/(2 beta) where alpha < 0, else 0 (the normal state).

        In E_u/l_u^2; -inf, with a warning, where alpha < 0 and beta <= 0.  (The paper prints
        -alpha^2/beta.)
        """
        alpha, beta, _, _ = self._evaluate(qx, qy)[0]
        ordered, unstable = self._condensed(alpha, beta)
        safe = np.where(ordered, beta, 1.0)
        return np.where(unstable, -np.inf, np.where(ordered, -(alpha**2) / (2.0 * safe), 0.0))

    def gap(self, qx, qy=0.0):
        """|Delta| = sqrt(-alpha/beta) in E_u where alpha < 0, else 0.  (Printed: |alpha|/beta.)"""
        alpha, beta, _, _ = self._evaluate(qx, qy)[0]
        ordered, unstable = self._condensed(alpha, beta)
        safe = np.where(ordered, beta, 1.0)
        return np.where(unstable, np.inf, np.sqrt(np.where(ordered, -alpha / safe, 0.0)))

    def current(self, qx, qy=0.0):
        """Counterflow sheet current J = dF/dq in J_u, shape (2, ...).

        J = -alpha alpha'/beta + alpha^2 beta'/(2 beta^2), from analytic derivatives; zero in the
        normal state, nan (with a warning) where the quartic form is unstable.
        """
        alpha, beta, grad_alpha, grad_beta = self._evaluate(qx, qy)[0]
        ordered, unstable = self._condensed(alpha, beta)
        j = current_density(alpha, np.where(ordered, beta, 1.0), grad_alpha, grad_beta)
        return np.where(unstable, np.nan, np.where(ordered, j, 0.0))

    def current_error(self, qx, qy=0.0):
        """First-order propagation of the integrals' error estimates to J, shape (2, ...)."""
        (alpha, beta, grad_alpha, grad_beta), errors = self._evaluate(qx, qy)
        safe = np.where(beta > 0.0, beta, np.inf)
        return current_uncertainty(alpha, safe, grad_alpha, grad_beta, *errors)

    # what follows from it --------------------------------------------------------------
    # condensate.py and diode.py stand later in the reading order; these two methods are doors.

    def condensate(self):
        """The equilibrium state: see :func:`cedrag.condensate.state.find_condensate`."""
        from .state import find_condensate

        return find_condensate(self)

    def diode(self, angle=0.0):
        """Critical counterflow currents: see :func:`cedrag.condensate.diode.find_diode`."""
        from .diode import find_diode

        return find_diode(self, angle)
