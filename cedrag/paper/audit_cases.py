"""What the audit computes once and uses in many rows: the two readings and a case without unknowns.

``PAPER`` (A) is fitted in quartic theory, ``NATURAL`` (B) was chosen by hand; neither is the
authors' set.  ``matched`` has 10 meV in both layers, the energy that is printed for the drag
estimate, and equal circles, so that it has no free parameter.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._lazy import cached_property
from ..bilayer import Bilayer
from ..condensate.diode import Diode
from ..condensate.ginzburg_landau import GinzburgLandau
from ..condensate.mean_field import MeanField
from ..condensate.state import Condensate
from ..errors import ValidityWarning
from ..units import Scales
from .calibration import NATURAL, PAPER, PUBLISHED

__all__ = ["Case", "AuditCases", "UNKNOWN", "FIELDS"]

#: Band parameters behind Figs 3 and 4 that the paper does not print.
UNKNOWN = ("μ_e", "μ_h", "λ_e", "J")
#: Values of B (E_u) at which eta and q0 are followed.
FIELDS = (1.0, 2.5, 4.0, 5.5, 7.0, 8.5, 10.0)


@dataclass(frozen=True)
class Case:
    """One bilayer in quartic theory, as in the paper, and with all four spin states.

    Parameters
    ----------
    bilayer : Bilayer

    Examples
    --------
    >>> from cedrag import NATURAL
    >>> from cedrag.paper.audit_cases import Case
    >>> round(Case(NATURAL).diode.efficiency, 6)
    0.000191
    """

    bilayer: Bilayer

    @cached_property
    def theory(self) -> GinzburgLandau:
        """The paper's theory at 0.9 T_c."""
        return GinzburgLandau(self.bilayer, PUBLISHED.t)

    @cached_property
    def state(self) -> Condensate:
        """Its condensate."""
        with warnings.catch_warnings(action="ignore", category=ValidityWarning):
            return self.theory.condensate()

    @cached_property
    def diode(self) -> Diode:
        """Its critical currents."""
        with warnings.catch_warnings(action="ignore", category=ValidityWarning):
            return self.theory.diode()

    @cached_property
    def mean_field(self) -> MeanField:
        """Mean field on the bands of eq (5): what the quartic theory expands."""
        with warnings.catch_warnings(action="ignore", category=ValidityWarning):
            return MeanField(self.bilayer, PUBLISHED.t, spin="band", rtol=1e-6)

    @cached_property
    def mean_field_diode(self) -> Diode:
        """Critical currents of :attr:`mean_field`."""
        with warnings.catch_warnings(action="ignore", category=ValidityWarning):
            return self.mean_field.diode()

    @cached_property
    def full(self) -> MeanField:
        """Mean field with all four spin states."""
        return MeanField(self.bilayer, PUBLISHED.t, spin="full", rtol=1e-6)

    @cached_property
    def full_diode(self) -> Diode:
        """Critical currents of :attr:`full`."""
        with warnings.catch_warnings(action="ignore", category=ValidityWarning):
            return self.full.diode()

    @cached_property
    def full_state(self) -> Condensate:
        """Condensate of :attr:`full`."""
        with warnings.catch_warnings(action="ignore", category=ValidityWarning):
            return self.full.condensate()

    @cached_property
    def along_fields(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """q0 and eta of the quartic theory at :data:`FIELDS`, at fixed chemical potentials."""
        rows = []
        with warnings.catch_warnings(action="ignore", category=ValidityWarning):
            for field in FIELDS:
                bilayer = self.bilayer.replace(zeeman_inplane=field)
                diode = GinzburgLandau(bilayer, PUBLISHED.t, rtol=1e-4).diode()
                rows.append((diode.q0[0], diode.efficiency))
        q0, eta = np.array(rows).T
        return q0, eta


class AuditCases:
    """The cases of the audit; what they give is computed at first use.

    Examples
    --------
    >>> from cedrag.paper.audit_cases import AuditCases
    >>> cases = AuditCases()
    >>> round(cases.fermi_energy, 1), [round(case.state.q0[0], 2) for case in cases.readings]
    (11.6, [0.26, 0.2])
    """

    @cached_property
    def readings(self) -> tuple[Case, Case]:
        """A and B."""
        return Case(PAPER), Case(NATURAL)

    @cached_property
    def scales(self) -> Scales:
        """T_c = 10 K and m_e = 0.2 m_0, printed in the conclusion."""
        return Scales(critical_temperature=10.0, electron_mass=0.2)

    @property
    def fermi_energy(self) -> float:
        """10 meV in E_u: printed for the drag estimate."""
        return float(10.0 / self.scales.energy_meV)

    def at_ten_meV(self, *, rashba: float, B: float, J: float) -> Bilayer:
        """Bilayer with 10 meV in both layers and lambda_h = 0."""
        return Bilayer.from_fermi_energies(
            fermi_energy_e=self.fermi_energy, fermi_energy_h=self.fermi_energy, rashba_e=rashba,
            zeeman_inplane=B, zeeman_outofplane=J,
        )  # fmt: skip

    @cached_property
    def matched(self) -> Case:
        """Two equal circles at 10 meV: no free parameter."""
        return Case(self.at_ten_meV(rashba=0.0, B=0.0, J=10.0))

    @cached_property
    def even(self) -> Case:
        """Both symmetries broken by lambda_e and J, but bands even in k: B = 0."""
        return Case(self.at_ten_meV(rashba=0.7, B=0.0, J=10.0))
