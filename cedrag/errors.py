"""Exceptions and warnings that cedrag raises, each with the physics reason in its message."""

import sys
import warnings

__all__ = [
    "ConvergenceError",
    "NoCondensateError",
    "NoPairingError",
    "ValidityWarning",
    "UnstableQuarticWarning",
    "NearTricriticalWarning",
    "OccupiedUpperBranchWarning",
    "AboveBKTWarning",
    "SeveralMinimaWarning",
    "LargeGapWarning",
    "LowerStateWarning",
    "VaryingBetaWarning",
    "BranchWarning",
    "LarkinOvchinnikovWarning",
    "UnrealisticScatteringWarning",
]


def missing_library(error: ModuleNotFoundError, extra: str) -> ModuleNotFoundError:
    """``error`` in one line that says how to install the library; ``extra`` is where it belongs."""
    return ModuleNotFoundError(
        f"{error.name} is not installed: pip install 'cedrag[{extra}]'", name=error.name
    )


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the line that called into the package, however many of its own frames lie between."""
    level, frame = 2, sys._getframe(1)  # noqa: SLF001 - documented, and fast
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("cedrag."):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


class ConvergenceError(RuntimeError):
    """An iteration or a quadrature did not reach the accuracy that was asked for.

    Examples
    --------
    >>> from cedrag import NATURAL, ConvergenceError, GinzburgLandau
    >>> try:
    ...     GinzburgLandau(NATURAL, t=1e-6).alpha(0.2)
    ... except ConvergenceError as error:
    ...     print(str(error)[:36])
    rtol = 1.0e-08 is below the rounding
    """


class NoPairingError(ValueError):
    """The parameters admit no pairing instability at the stated temperature.

    Examples
    --------
    >>> from cedrag import NATURAL, GinzburgLandau, NoPairingError
    >>> try:
    ...     GinzburgLandau(NATURAL.replace(mu_h=-20.0)).alpha(0.2)  # no holes at all
    ... except NoPairingError as error:
    ...     print(str(error)[-17:])
    the band is empty
    """


class NoCondensateError(ValueError):
    """There is no condensate at this temperature: alpha(q) > 0 for every q.

    Examples
    --------
    >>> from cedrag import NATURAL, GinzburgLandau, NoCondensateError
    >>> try:
    ...     GinzburgLandau(NATURAL, t=1.1).condensate()
    ... except NoCondensateError as error:
    ...     print(error)
    t must be below 1 for a condensate to exist (got 1.1): T_c is at t = 1
    """


class ValidityWarning(UserWarning):
    """The number is computed as defined, but the theory behind it is not reliable here.

    Examples
    --------
    The base of all warnings below: one filter silences them all, or makes errors of them.

    >>> import warnings
    >>> from cedrag import NATURAL, GinzburgLandau, ValidityWarning
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always", ValidityWarning)
    ...     state = GinzburgLandau(NATURAL, t=0.9).condensate()
    >>> [warning.category.__name__ for warning in caught]
    ['AboveBKTWarning']
    """


class UnstableQuarticWarning(ValidityWarning):
    """Where beta <= 0 (or nearly so) inside the window: the quartic form is unstable or diverges.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, GinzburgLandau, UnstableQuarticWarning
    >>> mismatched = NATURAL.replace(mu_h=NATURAL.mu_h - 3.0)
    >>> theory = GinzburgLandau(mismatched, t=0.2, binding_energy=2.0)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always", UnstableQuarticWarning)
    ...     current = theory.current(0.2)
    >>> [warning.category.__name__ for warning in caught], current
    (['UnstableQuarticWarning'], array([nan, nan]))
    """


class NearTricriticalWarning(ValidityWarning):
    """A beta > 0 that is the small rest of a cancellation: the sixth-order term, left out, decides.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import PAPER, GinzburgLandau
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     state = GinzburgLandau(PAPER).condensate()
    >>> sorted(warning.category.__name__ for warning in caught)
    ['AboveBKTWarning', 'LargeGapWarning', 'NearTricriticalWarning']
    """


class OccupiedUpperBranchWarning(ValidityWarning):
    """The upper spin branch, which the model drops, holds carriers.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     theory = GinzburgLandau(NATURAL.replace(mu_e=20.0))
    >>> [warning.category.__name__ for warning in caught]
    ['OccupiedUpperBranchWarning']
    """


class AboveBKTWarning(ValidityWarning):
    """Mean-field condensate above its own Berezinskii-Kosterlitz-Thouless temperature.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     state = GinzburgLandau(NATURAL, t=0.9).condensate()
    >>> caught[0].category.__name__, state.above_bkt
    ('AboveBKTWarning', True)
    >>> round(state.phase_stiffness_temperature, 3)  # in units of T_c, below t = 0.9
    0.269
    """


class SeveralMinimaWarning(ValidityWarning):
    """F(q) has several minima: branch and global values may belong to different states.

    Examples
    --------
    Strong mismatch and weak spin-orbit coupling: the state chooses a momentum on a ring (FFLO).

    >>> import warnings
    >>> from cedrag import Bilayer, GinzburgLandau
    >>> bilayer = Bilayer(
    ...     mu_e=12.0, mu_h=6.0, rashba_e=0.2, zeeman_inplane=1.0, zeeman_outofplane=4.0)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     state = GinzburgLandau(bilayer, t=0.9).condensate()
    >>> "SeveralMinimaWarning" in {warning.category.__name__ for warning in caught}
    True
    """


class LargeGapWarning(ValidityWarning):
    """The gap is not small against pi T, in whose powers Ginzburg-Landau theory expands.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     state = GinzburgLandau(NATURAL, t=0.4).condensate()
    >>> "LargeGapWarning" in {warning.category.__name__ for warning in caught}
    True
    """


class LowerStateWarning(ValidityWarning):
    """F(q) is lower elsewhere than at the minimum next to the strongest pairing.

    Examples
    --------
    Far below T_c the quartic F falls again where beta is small:

    >>> import warnings
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     state = GinzburgLandau(NATURAL, t=0.3).condensate()
    >>> "LowerStateWarning" in {warning.category.__name__ for warning in caught}
    True
    """


class FirstOrderWarning(ValidityWarning):
    """Omega is lower at a finite pair field than in the normal state where alpha = 0.

    The condensate then appears in a jump, above the temperature that t is measured by.

    Examples
    --------
    >>> from cedrag import FirstOrderWarning, ValidityWarning
    >>> issubclass(FirstOrderWarning, ValidityWarning)
    True
    """


class VaryingBetaWarning(ValidityWarning):
    """The quartic coefficient falls to a fraction of its value at rest on the branch.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     diode = GinzburgLandau(NATURAL, t=0.4).diode()
    >>> "VaryingBetaWarning" in {warning.category.__name__ for warning in caught}
    True
    """


class BranchWarning(ValidityWarning):
    """The largest currents over all momenta belong to other branches than that of q0.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import NATURAL, GinzburgLandau
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     diode = GinzburgLandau(NATURAL, t=0.3).diode()
    >>> "BranchWarning" in {warning.category.__name__ for warning in caught}
    True
    """


class LarkinOvchinnikovWarning(ValidityWarning):
    """Two waves have a lower energy than the one wave on which the result rests.

    Examples
    --------
    Contours of different size, at low temperature:

    >>> import warnings
    >>> from cedrag import Bilayer, GinzburgLandau, larkin_ovchinnikov
    >>> mismatched = Bilayer(
    ...     mu_e=-7.0, mu_h=-8.4, rashba_e=0.0, zeeman_inplane=0.0, zeeman_outofplane=10.0)
    >>> theory = GinzburgLandau(mismatched, 0.3, binding_energy=1.0)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     pair = larkin_ovchinnikov(theory, (0.55, 0.0))
    >>> caught[0].category.__name__
    'LarkinOvchinnikovWarning'
    """


class UnrealisticScatteringWarning(ValidityWarning):
    """A drag ratio was evaluated with scattering times outside the range the formula allows.

    Examples
    --------
    >>> import warnings
    >>> from cedrag import drag_ratio
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     ratio = drag_ratio(drag_time=1e-9, scattering_time=1e-7)
    >>> caught[0].category.__name__, round(ratio, 3)
    ('UnrealisticScatteringWarning', -0.99)
    """
