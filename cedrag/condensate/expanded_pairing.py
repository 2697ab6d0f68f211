"""What quartic and sixth-order theory need of pairing, at each level of spin."""

import numpy as np
from numpy.typing import NDArray

from .._lazy import cached_property
from ..bilayer import Bilayer
from ..kernels.columns import ALPHA, N_COMPONENTS, ODD
from ..pairing.pairing import Pairing
from .pair_expansion import SIXTH_Y, PairExpansion

__all__ = ["ExpandedPairing"]

Floats = NDArray[np.float64]


class ExpandedPairing(Pairing):
    """Pairing whose coefficients come from a ``PairExpansion``.

    At level "band" alpha and beta remain the integrals of eq (9), and only c is added.

    Parameters
    ----------
    bilayer : Bilayer
    t : float
        Temperature T/T_c; with ``binding_energy`` given, T/E_u.
    spin : {"band", "full", "texture"}
    order : {4, 6}
    binding_energy : float, optional
        As in :class:`cedrag.pairing.pairing.Pairing`.
    rtol : float

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type or range; for "texture" also if the holes have a Rashba
        coupling, the electrons have none, or ``binding_energy`` is given.

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.condensate.expanded_pairing import ExpandedPairing
    >>> ExpandedPairing(NATURAL, 0.9, spin="full", order=4).momentum.round(4)
    array([0.2006, 0.    ])
    """

    def __init__(
        self,
        bilayer: Bilayer,
        t: float,
        *,
        spin: str,
        order: int,
        binding_energy: float | None = None,
        rtol: float = 1e-8,
    ) -> None:
        def form(bilayer: Bilayer, t: float, rtol: float) -> PairExpansion:
            return PairExpansion(bilayer, t, spin, rtol)

        super().__init__(
            bilayer,
            t,
            binding_energy=binding_energy,
            rtol=rtol,
            form=None if spin == "band" else form,
        )
        self.spin, self.order = spin, order
        if spin == "texture":
            _refuse_texture(bilayer, binding_energy)

    @cached_property
    def expansion(self) -> PairExpansion:
        """Where the coefficients come from."""
        if isinstance(self.form, PairExpansion):
            return self.form
        return PairExpansion(self.bilayer, self.t, "band", self.rtol)

    @property
    def binding_energy(self) -> float:
        """E_b in E_u; ValueError for "texture", whose pairs far out keep half the weight."""
        if self.spin == "texture":
            raise ValueError('spin = "texture" has no binding energy: it is fixed by T_c')
        return super().binding_energy

    def _expanded(self, q: Floats, rtol: float | None) -> tuple[Floats, Floats]:
        offset = 0.0 if self.spin == "band" else self.offset[0]
        pairs = [self.expansion.coefficients(at, offset, self.order, rtol) for at in q]
        values, errors = (np.array([pair[i] for pair in pairs]).reshape(-1, 9) for i in (0, 1))
        return values, errors

    def sample_all(self, q: Floats, rtol: float | None = None) -> Floats:
        """The nine columns of ``PairExpansion`` at momenta (n, 2), for searches, (n, 9)."""
        values, _ = self._expanded(q, rtol)
        if self.spin == "band":
            values[:, :N_COMPONENTS] = super().sample(q, rtol)
        return values

    def sample(self, q: Floats, rtol: float | None = None) -> Floats:
        """The first six columns at momenta (n, 2), for searches."""
        if self.spin == "band":
            return super().sample(q, rtol)
        return self.sample_all(q, rtol)[:, :N_COMPONENTS]

    def evaluate(self, q: Floats) -> tuple[Floats, Floats, Floats]:
        """Nine columns, their errors, and the scales of the first six.

        The scales are L1 norms at level band, else the sizes for matched contours.
        """
        offset, offset_error = self.offset
        values, errors = self._expanded(q, None)
        size = np.tile(self.expansion.units[:N_COMPONENTS], (len(q), 1))
        if self.spin == "band":
            value, error, size = self.integrals.evaluate(q)
            values[:, :N_COMPONENTS], errors[:, :N_COMPONENTS] = value, error
            values[:, ALPHA] += offset
        errors[:, ALPHA] += offset_error
        errors[np.ix_(q[:, 1] == 0.0, [*ODD, SIXTH_Y])] = 0.0
        return values, errors, size


def _refuse_texture(bilayer: Bilayer, binding_energy: float | None) -> None:
    if bilayer.rashba_h != 0.0:
        raise ValueError(f'rashba_h must be 0 for spin = "texture" (got {bilayer.rashba_h})')
    if bilayer.rashba_e == 0.0:
        raise ValueError(
            'rashba_e must not be 0 for spin = "texture", which has no such limit (got 0.0)'
        )
    if binding_energy is not None:
        raise ValueError(
            'binding_energy cannot be given for spin = "texture", which is fixed by T_c '
            f"(got {binding_energy})"
        )
