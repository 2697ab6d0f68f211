"""The pair functional expanded in the pair field: coefficients up to the sixth order."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..bilayer import Bilayer
from ..errors import ConvergenceError
from ..kernels.columns import ALPHA, ALPHA_X, ALPHA_Y, BETA, BETA_X, BETA_Y
from ..kernels.frequencies import frequency_tables
from ..kernels.loop_sums import BAND, SPINS, TEXTURE, field_sums
from ..kernels.mean_field_mesh import lay_mesh
from ..kernels.spin_quadratic import QUADRATIC_COLUMNS, fill_quadratic, quadratic_matrix
from ..kernels.texture_quadratic import fill_texture
from ..pairing.integrals import PairIntegrals
from ..pairing.mesh import RULE

__all__ = ["SIXTH", "SIXTH_X", "SIXTH_Y", "ExpansionMesh", "PairExpansion"]

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

SIXTH, SIXTH_X, SIXTH_Y = 6, 7, 8  # columns behind those of ``kernels.columns``
LEVELS = {"band": BAND, "full": SPINS, "texture": TEXTURE}
_FIRST_RAYS, _MOST_RAYS = 16, 4096
_LONGEST = 12.0  # of kappa: shorter panels are not tried
_SEARCH = 1e-6
# derivative at 0 of a polynomial of the fourth degree from its values at these points
_AT, _STENCIL = np.array([-2.0, -1.0, 1.0, 2.0]), np.array([1.0, -8.0, 8.0, -1.0]) / 12.0
_F4, _F4_Q, _X4, _F6, _F6_Q, _X6 = 0, slice(1, 3), slice(3, 11), 11, slice(12, 14), slice(14, 22)


class ExpansionMesh:
    """Nodes laid for the normal state at one pair momentum, and sums over them by several rules.

    Parameters
    ----------
    expansion : PairExpansion
        Of one bilayer, temperature and level.
    q : ndarray, shape (2,)
    rays, kappa : int, float
        Number of directions, and how short the panels are.

    Notes
    -----
    Sums have a leading axis of four: all rays, half and a quarter of them, and all rays by Gauss's
    rule.  For q_y = 0 the nodes lie in the half plane: real parts only, and no q_y-derivatives.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.pair_expansion import ExpansionMesh, PairExpansion
    >>> expansion = PairExpansion(NATURAL, 0.9, "full")
    >>> mesh = ExpansionMesh(expansion, np.array([0.2, 0.0]), 16, 4.0)
    >>> mesh.form().shape
    (4, 3, 4, 4)
    """

    def __init__(self, expansion: "PairExpansion", q: Floats, rays: int, kappa: float) -> None:
        self._expansion, self._q = expansion, q
        self._half = bool(q[1] == 0.0)
        branches = 2 if expansion.level == SPINS else 1
        self._nodes, self._ends = lay_mesh(
            rays, self._half, *expansion.geometry(q), q, branches, expansion.model, 0.0, kappa, RULE
        )

    def _ruled(self, sums: Any) -> NDArray[Any]:
        """The four rules from ``sums(nodes)`` of (Kronrod, Gauss) over each class of rays."""
        parts, first = [], 0
        for last in self._ends:
            parts.append(sums(self._nodes[:, first:last]))
            first = last
        a, b, c = parts
        total = a + b + c
        return np.stack([total[0], 2.0 * (a[0] + b[0]), 4.0 * a[0], total[1]])

    def form(self) -> Complexes:
        """The quadratic form without 1/g and its q-derivatives: (4, 3, 4, 4)."""
        expansion = self._expansion
        fill = fill_texture if expansion.level == TEXTURE else fill_quadratic
        t, _, *rest = expansion.model

        def sums(nodes: Floats) -> Floats:
            out = np.empty((QUADRATIC_COLUMNS, nodes.shape[1]))
            fill(nodes[0], nodes[1], *self._q, t, *rest, out)
            return (out @ nodes[2:].T).T

        c = self._ruled(sums).reshape(4, 3, 16)
        matrices = np.array([[quadratic_matrix(part) for part in rule] for rule in c])
        if self._half:
            matrices = matrices.real + 0j
            matrices[:, 2] = 0.0
        return matrices

    def fields(self, fields: Complexes) -> Floats:
        """Columns of ``kernels.loop_sums`` for pair fields (n, 2, 2): (4, n, columns)."""

        def sums(nodes: Floats) -> Floats:
            return field_sums(
                self._expansion.level, nodes[0], nodes[1], nodes[2:], *self._q,
                self._expansion.model, fields, *frequency_tables(),
            )  # fmt: skip

        out: Floats = self._ruled(sums)
        if self._half:
            out[..., [2, 13]] = 0.0
            out[..., 4:11:2] = out[..., 15:22:2] = 0.0
        return out


class PairExpansion:
    r"""F = alpha D^2 + beta D^4/2 + c D^6/3 along the lowest eigenvector of the quadratic form.

    Parameters
    ----------
    bilayer : Bilayer
    t : float
        Temperature in E_u.
    spin : {"band", "full", "texture"}
    rtol : float
        Target for the errors, relative to the coefficients of matched contours.

    Notes
    -----
    With Delta = D v + w, A v = alpha v and |v| = 1 the terms are F_2n of ``kernels.loop_sums``:
    beta = 2 F_4(v), and the minimum over w of w^dag A w + 2 D^3 Re <X, w>, with
    X = dF_4/dDelta^dag at v, takes :math:`\sum_m |\langle u_m|X\rangle|^2/\lambda_m` from
    c/3 = F_6(v).  v turns with q: dv = -sum_m u_m <u_m|dA|v>/(lambda_m - alpha).

    It is a :class:`cedrag.pairing.landscape.QuadraticForm`.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.pair_expansion import PairExpansion
    >>> value, slope = PairExpansion(NATURAL, 1.0, "full").lowest(np.array([[0.2, 0.0]]))
    >>> value.shape, slope.shape
    ((1,), (1, 2))
    """

    def __init__(self, bilayer: Bilayer, t: float, spin: str, rtol: float = 1e-8) -> None:
        self.bilayer, self.t, self.rtol, self.level = bilayer, float(t), rtol, LEVELS[spin]
        self._integrals = PairIntegrals(bilayer, t, rtol)
        self._known: dict[tuple[bytes, float], tuple[Floats, Floats]] = {}

    @property
    def reference_energy(self) -> float:
        """E_ref of the subtracted integrand 1/(k^2/2m_r + E_ref)."""
        return self._integrals.reference_energy

    @property
    def model(self) -> tuple[Any, ...]:
        """What the kernels take: T twice, both bands, E_ref and the reduced mass."""
        b = self.bilayer
        return (
            self.t, self.t, b.band("e"), b.band("h"), self.reference_energy, b.reduced_mass
        )  # fmt: skip

    def geometry(self, q: Floats) -> tuple[float, float]:
        """Origin of the rays and radius beyond all contours."""
        (e_lo, e_hi), (h_lo, h_hi) = self._integrals.contours
        origin = 0.25 * ((e_lo + e_hi) - (h_lo + h_hi))
        size = 0.5 * max(e_hi - e_lo, h_hi - h_lo)
        return origin, 1.5 * (size + 0.5 * math.hypot(*q))

    @property
    def units(self) -> Floats:
        """Natural sizes of the nine columns: those of matched contours."""
        density = self.bilayer.reduced_mass / math.pi
        alpha, beta, c = density, 0.1 * density / self.t**2, 0.008 * density / self.t**4
        slope = math.sqrt(2.0 * self.bilayer.reduced_mass * self.reference_energy) / (4.0 * self.t)
        slope /= min(1.0, self.bilayer.mass_ratio)
        return np.array(
            [alpha, beta, *(2 * [slope * alpha]), *(2 * [slope * beta]), c, *(2 * [slope * c])]
        )

    # the quadratic form alone ------------------------------------------------------------

    def _form(self, q: Floats, rtol: float) -> tuple[Complexes, float]:
        """The form and its gradient at one momentum, (3, 4, 4), and the error of its values."""
        rays, kappa = _FIRST_RAYS, _fineness(rtol)
        while True:
            rules = ExpansionMesh(self, q, rays, kappa).form()
            around, along = _spread(rules[:, 0], self.units[ALPHA])
            if around.max() <= rtol * self.units[ALPHA]:
                return rules[0], float(around.max() + along.max())
            if rays >= _MOST_RAYS:
                raise ConvergenceError(
                    f"quadratic form at q = ({q[0]:.6g}, {q[1]:.6g}) needs more than {rays} rays"
                )
            rays *= 2

    def _pairs(self, q: Floats, rtol: float) -> tuple[Floats, Floats, float]:
        matrix, error = self._form(q, rtol)
        value, v, _ = _lowest(matrix[0])
        return value, _expected(matrix[1:], v), error

    def lowest(self, q: Floats, rtol: float | None = None) -> tuple[Floats, Floats]:
        """Lowest eigenvalue (n,) and its gradient (n, 2) at momenta (n, 2), for searches."""
        found = [self._pairs(at, rtol or min(_SEARCH, 10.0 * self.rtol)) for at in np.asarray(q)]
        return np.array([f[0] for f in found]), np.array([f[1] for f in found])

    def lowest_with_error(self, q: Floats) -> tuple[Floats, Floats]:
        """Lowest eigenvalue and its error estimate, each (n,)."""
        found = [self._pairs(at, self.rtol) for at in np.asarray(q)]
        return np.array([f[0] for f in found]), np.array([f[2] for f in found])

    def scan(self, q: Floats) -> Floats:
        """Lowest eigenvalue to about a per cent, (n,)."""
        return self.lowest(q, 1e-2)[0]

    def direction(self, q: Floats) -> Complexes:
        """The lowest eigenvector v at one momentum as a pair field, (2, 2), with |v| = 1."""
        return _lowest(self._form(q, self.rtol)[0][0])[1].reshape(2, 2)

    # all coefficients --------------------------------------------------------------------

    def coefficients(
        self, q: Floats, offset: float, order: int, rtol: float | None = None
    ) -> tuple[Floats, Floats]:
        """Nine columns at one momentum, and their errors: alpha includes ``offset``.

        Parameters
        ----------
        q : ndarray, shape (2,)
        offset : float
            What the interaction adds to the quadratic form.
        order : {4, 6}
            With 4 the columns of c are zero.
        rtol : float, optional

        Returns
        -------
        values, errors : ndarray, shape (9,)
            alpha, beta, their derivatives by q_x and q_y, c and its derivatives.

        Raises
        ------
        ConvergenceError
            If the mesh does not reach the target.
        """
        rtol = self.rtol if rtol is None else rtol
        key = np.append(q, [order, offset]).tobytes(), rtol
        if key not in self._known:
            self._known[key] = self._coefficients(np.array(q, dtype=float), offset, order, rtol)
        return self._known[key]

    def _coefficients(
        self, q: Floats, offset: float, order: int, rtol: float
    ) -> tuple[Floats, Floats]:
        rays, kappa, units = _FIRST_RAYS, _fineness(rtol), self.units
        while True:
            mesh = ExpansionMesh(self, q, rays, kappa)
            rules = self._expanded(mesh, offset, order)
            around, along = _spread(rules, units)
            size = np.maximum(units, np.abs(rules[0]))
            error = around + along + 1e-13 * size
            if (error <= rtol * size).all():
                return rules[0], error
            if (along > 0.5 * rtol * size).any() and kappa < _LONGEST:
                kappa *= 1.3
            elif rays < _MOST_RAYS:
                rays *= 2
            else:
                raise ConvergenceError(
                    f"expansion at q = ({q[0]:.6g}, {q[1]:.6g}): not converged to rtol = "
                    f"{rtol:.1e} with {rays} rays"
                )

    def _expanded(self, mesh: ExpansionMesh, offset: float, order: int) -> Floats:
        """The nine columns by each rule, (4, 9)."""
        if self.level == BAND:
            unit = np.array([[[1.0, 0.0], [0.0, 0.0]]], dtype=complex)
            forms = None
        else:
            forms = mesh.form()
            unit = _lowest(forms[0, 0])[1].reshape(1, 2, 2)
        raw = mesh.fields(unit)[:, 0]
        if forms is None:
            return _band_columns(raw)
        if order == 4:
            return np.array(
                [_columns(form, offset, r, None) for form, r in zip(forms, raw, strict=True)]
            )
        w = _eliminated(forms[0], offset, raw[0])
        size = max(float(np.linalg.norm(w)), 1e-300)
        moved = unit + (_AT[:, None] * (w / size)).reshape(-1, 2, 2)
        mixed = size * np.einsum("s,rsc->rc", _STENCIL, mesh.fields(moved)[..., :_F6])
        return np.array(
            [
                _columns(form, offset, r, (w, m))
                for form, r, m in zip(forms, raw, mixed, strict=True)
            ]
        )


def _fineness(rtol: float) -> float:
    """rho + 1/rho of the panels for an error of the order of rtol."""
    rho = (10.0 / rtol) ** (1.0 / 26.0)
    return rho + 1.0 / rho


def _spread(rules: NDArray[Any], scale: Any) -> tuple[Floats, Floats]:
    """Errors of the first rule: over the rays, which converge geometrically, and along them."""
    fine, half, quarter, gauss = rules
    last, before = np.abs(fine - half), np.abs(half - quarter)
    around = np.where(before > last, last * last / np.maximum(before, 1e-300), last)
    along = np.abs(fine - gauss)
    return around, along * np.minimum(1.0, np.sqrt(200.0 * along / scale))


def _lowest(matrix: Complexes) -> tuple[Any, Complexes, tuple[Floats, Complexes]]:
    """Lowest eigenvalue, its vector, and the other pairs."""
    values, vectors = np.linalg.eigh(matrix)
    return values[0], vectors[:, 0], (values[1:], vectors[:, 1:])


def _expected(matrices: Complexes, v: Complexes) -> Floats:
    """v^dag M_i v."""
    out: Floats = np.einsum("a,iab,b->i", v.conj(), matrices, v).real
    return out


def _complex(parts: Floats) -> Complexes:
    return parts[0::2] + 1j * parts[1::2]


def _dot(a: Complexes, b: Complexes) -> float:
    """2 Re <a, b>."""
    return 2.0 * float(np.vdot(a, b).real)


def _band_columns(raw: Floats) -> Floats:
    out = np.zeros((len(raw), 9))
    out[:, BETA], out[:, BETA_X : BETA_Y + 1] = 2.0 * raw[:, _F4], 2.0 * raw[:, _F4_Q]
    out[:, SIXTH], out[:, SIXTH_X:] = 3.0 * raw[:, _F6], 3.0 * raw[:, _F6_Q]
    return out


def _eliminated(form: Complexes, offset: float, raw: Floats) -> Complexes:
    """w/D^3 that minimises the sixth order."""
    _, _, (others, u) = _lowest(form[0])
    return -u @ ((u.conj().T @ _complex(raw[_X4])) / (others + offset))


def _columns(
    form: Complexes, offset: float, raw: Floats, extra: tuple[Complexes, Floats] | None
) -> Floats:
    """The nine columns from the form, the loops at v, and (w, derivatives of the loops along w)."""
    alpha, v, (others, u) = _lowest(form[0])
    X4, out = _complex(raw[_X4]), np.zeros(9)
    turns = [-u @ ((u.conj().T @ A @ v) / (others - alpha)) for A in form[1:]]
    out[ALPHA], out[ALPHA_X : ALPHA_Y + 1] = alpha + offset, _expected(form[1:], v)
    out[BETA] = 2.0 * raw[_F4]
    out[BETA_X : BETA_Y + 1] = [
        2.0 * (slope + _dot(X4, dv)) for slope, dv in zip(raw[_F4_Q], turns, strict=True)
    ]
    if extra is None:
        return out
    if others[0] + offset <= 0.0:  # a second component condenses: it cannot be eliminated
        out[SIXTH:] = -math.inf, 0.0, 0.0
        return out
    w, along = extra
    X6, force = _complex(raw[_X6]), _complex(along[_X4])
    out[SIXTH] = 3.0 * (raw[_F6] + 0.5 * _dot(X4, w))
    out[SIXTH_X:] = [
        3.0
        * (
            slope + _dot(X6, dv) + float(np.vdot(w, A @ w).real) + mixed
            + _dot(force, dv) - 2.0 * float((np.vdot(w, dv) * np.vdot(v, X4)).real)
        )
        for slope, dv, A, mixed in zip(raw[_F6_Q], turns, form[1:], along[_F4_Q], strict=True)
    ]  # fmt: skip
    return out
