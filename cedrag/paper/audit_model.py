"""Audit of the model: eqs (1) to (6) and what is said about them."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..bilayer import Bilayer
from ..condensate.ginzburg_landau import GinzburgLandau
from .audit import EXACT, MISPRINT, OMISSION, Claim
from .audit_cases import UNKNOWN, AuditCases
from .calibration import PUBLISHED

__all__ = [
    "model_claims", "printed_branch", "spin_field_energies", "spinor_overlaps",
    "drag_of_condensate",
]  # fmt: skip

Floats = NDArray[np.float64]

_PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
_HERE = "#sec-aud-model"


def spin_field_energies(rashba: float, B: float, J: float, kx: Floats, ky: Floats) -> Floats:
    """Eigenvalues of the spin part of eq (2), ascending, shape (n, 2), from the matrix itself.

    Parameters
    ----------
    rashba, B, J : float
        lambda in E_u l_u, Zeeman fields in E_u.
    kx, ky : ndarray, shape (n,)
        1/l_u.

    Returns
    -------
    ndarray, shape (n, 2)
        E_u.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.paper.audit_model import spin_field_energies
    >>> spin_field_energies(0.0, 3.0, 4.0, np.zeros(1), np.zeros(1)).tolist()
    [[-5.0, 5.0]]
    """
    field = [-rashba * ky, rashba * kx + B, J + 0.0 * kx]
    energies: Floats = np.linalg.eigvalsh(np.einsum("in,ijk->njk", field, _PAULI))
    return energies


def printed_branch(rashba: float, B: float, J: float, kx: Floats, ky: Floats) -> Floats:
    """Spin part of eq (3) as it is printed, divisions by lambda included.

    Parameters
    ----------
    rashba, B, J : float
        lambda in E_u l_u, Zeeman fields in E_u.
    kx, ky : ndarray, shape (n,)
        1/l_u.

    Returns
    -------
    ndarray, shape (n,)
        E_u; nan where lambda = 0 divides.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.paper.audit_model import printed_branch, spin_field_energies
    >>> kx, ky = np.array([0.5, 1.0]), np.array([0.2, -0.3])
    >>> printed_branch(0.5, 3.0, 10.0, kx, ky) - spin_field_energies(0.5, 3.0, 10.0, kx, ky)[:, 0]
    array([0., 0.])
    """
    with np.errstate(all="ignore"):
        slope = np.float64(rashba)
        root = np.sqrt((kx + B / slope) ** 2 + ky**2 + (J / slope) ** 2)
        energy: Floats = -abs(slope) * root
    return energy


def spinor_overlaps(rashba: float, B: float, J: float, kx: Floats, ky: Floats) -> Floats:
    """|<u_k|u_k'>|^2 of the lower spinors of eq (2), k' the next momentum in the list.

    Parameters
    ----------
    rashba, B, J : float
        lambda in E_u l_u, Zeeman fields in E_u.
    kx, ky : ndarray, shape (n,)
        1/l_u.

    Returns
    -------
    ndarray, shape (n,)
        From 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag.paper.audit_model import spinor_overlaps
    >>> spinor_overlaps(0.0, 3.0, 4.0, np.array([0.0, 1.0]), np.zeros(2)).round(12)
    array([1., 1.])
    """
    field = [-rashba * ky, rashba * kx + B, J + 0.0 * kx]
    _, states = np.linalg.eigh(np.einsum("in,ijk->njk", field, _PAULI))
    lower = states[:, :, 0]
    overlaps: Floats = np.abs(np.sum(lower.conj() * np.roll(lower, 1, axis=0), axis=1)) ** 2
    return overlaps


def drag_of_condensate(bilayer: Bilayer, q: float, *, t: float, step: float = 1e-3) -> float:
    """Current of the holes over that of the electrons, from alpha in two vector potentials.

    alpha(q; A_e, A_h) is summed over a plain grid and differentiated by each potential; the charge
    of the holes is opposite.

    Parameters
    ----------
    bilayer : Bilayer
    q : float
        Pair momentum along x, 1/l_u.
    t : float
        T in E_u.
    step : float
        Of the vector potentials, 1/l_u.

    Returns
    -------
    float
        -1: perfect drag.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.paper.audit_model import drag_of_condensate
    >>> round(drag_of_condensate(NATURAL, 0.2, t=0.9), 2)
    -1.0
    """
    u = np.linspace(-8.0, 8.0, 601)
    k, weight = 2.0 * np.sinh(u), 2.0 * np.cosh(u)
    kx, ky = np.meshgrid(k, k, indexing="ij")
    area = np.outer(weight, weight)

    def alpha(electrons: float, holes: float) -> float:
        e = bilayer.xi_e(kx + q / 2 + electrons, ky)
        h = bilayer.xi_h(-kx + q / 2 + holes, -ky)
        return float(-(area * (np.tanh(e / 2 / t) + np.tanh(h / 2 / t)) / (e + h)).sum())

    return -(alpha(0.0, step) - alpha(0.0, -step)) / (alpha(step, 0.0) - alpha(-step, 0.0))


def _integral(function: Callable[[float], float], low: float, high: float) -> float:
    from scipy import integrate

    return float(integrate.quad(function, low, high, limit=200)[0])


def _transformed_back(r: float) -> float:
    """Int (p dp/2 pi) V(p) J_0(p r) over 1/sqrt(r^2 + d^2), with e^2/eps = d = 1."""
    from scipy import special

    found = _integral(lambda p: float(np.exp(-p) * special.j0(p * r)), 0.0, 60.0)
    return found * math.hypot(r, 1.0)


def _sphere_average(d: float) -> float:
    """Average of V(|k - k'|) over a sphere of radius k_F = 1, with e^2/eps = 1."""
    average = _integral(
        lambda th: np.pi * np.sin(th) * np.exp(-2 * d * np.sin(th / 2)) / np.sin(th / 2),
        0.0,
        np.pi,
    )
    return average / 2.0


def _average_radius(bilayer: Bilayer, rays: int = 32) -> float:
    """The paper's k_F, from the crossings of rays with both contours."""
    angles = 2.0 * math.pi * np.arange(rays) / rays
    radii = [bilayer.radial_roots(layer, angle).max() for layer in ("e", "h") for angle in angles]
    return float(np.sum(radii) * (2.0 * math.pi / rays) / (4.0 * math.pi))


def model_claims(cases: AuditCases) -> list[Claim]:
    """Rows on the model.

    Parameters
    ----------
    cases : AuditCases

    Returns
    -------
    list of Claim

    Examples
    --------
    >>> import warnings
    >>> from cedrag import ValidityWarning
    >>> from cedrag.paper.audit_cases import AuditCases
    >>> from cedrag.paper.audit_model import model_claims
    >>> with warnings.catch_warnings(action="ignore", category=ValidityWarning):
    ...     claims = model_claims(AuditCases())
    >>> claims[1].text, claims[1].computed
    ('Eq (3) is the lower branch of eq (2)', True)
    """
    kx, ky = np.random.default_rng(1).normal(0.0, 3.0, (2, 500))
    lower = spin_field_energies(0.7, 3.0, 10.0, kx, ky)[:, 0]
    overlaps = spinor_overlaps(0.7, 3.0, 10.0, kx, ky)
    mirror = Bilayer(
        mu_e=1.6, mu_h=1.6, rashba_e=0.7, rashba_h=-0.7, zeeman_inplane=3.0, zeeman_outofplane=10.0
    )
    symmetric = GinzburgLandau(mirror, PUBLISHED.t).diode()
    bracket = {d: _sphere_average(d) / (1.0 - math.exp(-2.0 * d)) for d in (1.0, 2.0)}
    averages = [_sphere_average(d) for d in (0.1, 1.0, 3.0, 9.0)]
    return [
        Claim(
            "In the condensate ζ = −1", "Introduction, below eq (1)", -1.0,
            tuple(
                drag_of_condensate(case.bilayer, case.diode.q_plus[0], t=PUBLISHED.t)
                for case in cases.readings
            ),
            EXACT, how="A, B: response to A_e over response to A_h", link=_HERE,
        ),
        Claim(
            "Eq (3) is the lower branch of eq (2)", "The model", True,
            bool(abs(printed_branch(0.7, 3.0, 10.0, kx, ky) - lower).max() < 1e-10),
            inputs="λ = 0.7, B = 3, J = 10, 500 momenta",
            how="eigenvalues of the 2 × 2 matrix", link=_HERE,
        ),
        Claim(
            "Eq (3) gives a number at λ_h = 0, the case considered", "The model, eq (3)", True,
            bool(np.isfinite(printed_branch(0.0, 3.0, 10.0, kx, ky)).all()),
            fault=OMISSION, inputs="λ = 0", how="0 · ∞; that the limit is meant is not said",
            link="model.html",
        ),
        Claim(
            "The carriers are spin polarised: upper branch empty", "The model, below eq (2)", True,
            tuple(bool(case.bilayer.spin_gap_margin() > 0) for case in cases.readings),
            open_inputs=UNKNOWN, how="A, B: chosen so", link="model.html",
        ),
        Claim(
            "λ_e = −λ_h and μ_e = μ_h: no finite momentum, no diode", "Footnote 1", True,
            bool(max(abs(symmetric.q0[0]), abs(symmetric.efficiency)) < 1e-8),
            inputs="λ = ±0.7, B = 3, J = 10", how="q_0 and η below 10^{−8}", link=_HERE,
        ),
        Claim(
            "V(p) = 2πe²e^{−pd}/εp belongs to V(x, y)", "below eq (4)", 1.0,
            tuple(_transformed_back(r) for r in (0.5, 2.0)), EXACT,
            how="transformed back at r = d/2 and 2d", link=_HERE,
        ),
        Claim(
            "Eq (4) on the bands of eq (2) is eq (5): spinor overlaps are 1", "eqs (4) and (5)",
            True, bool(overlaps.min() > 1.0 - EXACT), fault=OMISSION,
            inputs="λ = 0.7, B = 3, J = 10, 500 momenta",
            how=f"|⟨u_k|u_{{k'}}⟩|² down to {overlaps.min():.2f}; dropped without a word, "
            "with the upper branch",
            link=_HERE,
        ),
        Claim(
            "g falls as 1/d² (times 1 − e^{−2k_Fd})", "below eq (5)", 2.0,
            math.log2(bracket[1.0] / bracket[2.0]), EXACT, fault=MISPRINT,
            inputs="eq (4), sphere average; on a circle it diverges",
            how="power of 1/d by quadrature; g then has its right unit",
            link="estimates.html#sec-est-interaction",
        ),
        Claim(
            "g is suppressed when d grows", "below eq (5)", True,
            bool(np.all(np.diff(averages) < 0.0)), how="at fixed k_F", link=_HERE,
        ),
        Claim(
            "k_F = (4π)^{−1} Σ_a ∫dφ |k| is the average radius", "below eq (5)", 1.0,
            _average_radius(cases.matched.bilayer) / math.sqrt(2.0 * cases.fermi_energy),
            EXACT, inputs="two circles",
            how="over its value for circles, (2mE_F)^{1/2}", link=_HERE,
        ),
    ]  # fmt: skip
