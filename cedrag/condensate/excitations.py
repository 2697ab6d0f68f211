"""Bogoliubov levels of a mean-field state: the smallest |E|, and Landau's criterion."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .pair_states import PairState, PairStates

__all__ = ["Excitations", "levels", "lowest_excitation"]

Floats = NDArray[np.float64]


class Excitations(NamedTuple):
    """The lowest excitation of a state.

    Attributes
    ----------
    smallest : float
        min over k of |E|, in E_u; 0 to the accuracy of the search where levels cross zero.
    at : tuple of float
        k in 1/l_u.
    gapless : bool
        Whether the number of negative levels changes with k.

    Examples
    --------
    >>> from cedrag.condensate.excitations import Excitations
    >>> Excitations(0.5, (1.0, 0.0), False).gapless
    False
    """

    smallest: float
    at: tuple[float, float]
    gapless: bool


def levels(states: PairStates, state: PairState, k: Floats) -> Floats:
    """Eigenvalues of K(k), ascending.

    Parameters
    ----------
    states : PairStates
    state : PairState
    k : ndarray, shape (2, n)
        In 1/l_u.

    Returns
    -------
    ndarray, shape (n, 2) or (n, 4)
        In E_u; two levels d +- E where the lower branches pair.

    Examples
    --------
    >>> import numpy as np
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.excitations import levels
    >>> from cedrag.condensate.mean_field import MeanField
    >>> theory = MeanField(NATURAL, 0.9, spin="band")
    >>> levels(theory.pair_states, theory.state(0.2), np.zeros((2, 1))).shape
    (1, 2)
    """
    b, (qx, qy) = states.bilayer, state.q
    ex, ey, hx, hy = k[0] + 0.5 * qx, k[1] + 0.5 * qy, 0.5 * qx - k[0], 0.5 * qy - k[1]
    if states.spin != "full":
        e, h = b.xi_e(ex, ey), b.xi_h(hx, hy)
        weight = np.full(e.shape, state.gap**2)
        if states.spin == "texture":
            weight = _overlap(states, state, ex, ey)
        x, d = 0.5 * (e + h), 0.5 * (e - h)
        E = np.sqrt(x * x + weight)
        return np.stack([d - E, d + E], axis=-1)
    K = np.zeros((k.shape[1], 4, 4), np.complex128)
    parts = np.array(state.field) @ states.basis_at(state.q)
    K[:, :2, 2:] = (parts[0::2] + 1j * parts[1::2]).reshape(2, 2)
    K[:, :2, :2] = _hamiltonian(b.band("e"), ex, ey)
    K[:, 2:, 2:] = -_hamiltonian(b.band("h"), hx, hy).swapaxes(1, 2)
    return np.asarray(np.linalg.eigvalsh(K, UPLO="U"), dtype=np.float64)


def _hamiltonian(band: tuple[float, ...], kx: Floats, ky: Floats) -> NDArray[np.complex128]:
    """Eq (2) in the spin basis of the pair field, (n, 2, 2)."""
    mass, mu, lam, B, J = band
    out = np.empty((len(kx), 2, 2), np.complex128)
    kinetic = (kx * kx + ky * ky) / (2.0 * mass) - mu
    out[:, 0, 0], out[:, 1, 1] = kinetic + J, kinetic - J
    out[:, 0, 1] = lam * kx + B - 1j * lam * ky
    out[:, 1, 0] = out[:, 0, 1].conj()
    return out


def _overlap(states: PairStates, state: PairState, kx: Floats, ky: Floats) -> Floats:
    """(Delta^dag Delta - n.S)/2 of level texture."""
    _, _, lam, B, J = states.bilayer.band("e")
    parts = np.array(state.field) @ states.basis_at(state.q)
    up, down = (parts[0::2] + 1j * parts[1::2]).reshape(2, 2)
    cross = np.vdot(up, down)
    S = 2.0 * cross.real, 2.0 * cross.imag, (np.vdot(up, up) - np.vdot(down, down)).real
    x, y = lam * kx + B, lam * ky
    along = (x * S[0] + y * S[1] + J * S[2]) / np.sqrt(x * x + y * y + J * J)
    return np.asarray(0.5 * (state.gap**2 - along))


def lowest_excitation(states: PairStates, state: PairState) -> Excitations:
    """The smallest |E| over the momentum plane.

    Parameters
    ----------
    states : PairStates
        That found the state.
    state : PairState

    Returns
    -------
    Excitations

    Examples
    --------
    At rest the smallest level is close to |Delta|:

    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.mean_field import MeanField
    >>> theory = MeanField(NATURAL, 0.5, spin="band")
    >>> found = theory.excitations(theory.minima[0])
    >>> found.gapless, bool(0.0 < found.smallest < theory.minima[0].gap)
    (False, True)
    """
    f = states.functional(state.q, half=False)
    nodes, _ = f.mesh(max(32, 2 * state.rays), 2.2, state.gap**2)
    E = levels(states, state, nodes[:2])
    negative = (E < 0.0).sum(axis=1)
    nearest = np.abs(E).min(axis=1)
    from scipy import optimize

    best = math.inf
    at = np.zeros(2)
    for i in np.argsort(nearest)[:3]:
        fit = optimize.minimize(
            lambda p: float(np.abs(levels(states, state, p[:, None])).min()),
            nodes[:2, i], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12},
        )  # fmt: skip
        if fit.fun < best:
            best, at = float(fit.fun), fit.x
    gapless = bool(negative.min() != negative.max())
    return Excitations(0.0 if gapless else best, (float(at[0]), float(at[1])), gapless)
