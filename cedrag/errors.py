"""Exceptions and warnings that cedrag raises, each with the physics reason in its message."""

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
    "UnrealisticScatteringWarning",
]


def missing_library(error: ModuleNotFoundError, extra: str) -> ModuleNotFoundError:
    """``error`` in one line that says how to install the library; ``extra`` is where it belongs."""
    return ModuleNotFoundError(
        f"{error.name} is not installed: pip install 'cedrag[{extra}]'", name=error.name
    )


class ConvergenceError(RuntimeError):
    """An iteration or a quadrature did not reach the accuracy that was asked for."""


class NoPairingError(ValueError):
    """The parameters admit no pairing instability at the stated temperature."""


class NoCondensateError(ValueError):
    """There is no condensate at this temperature: alpha(q) > 0 for every q."""


class ValidityWarning(UserWarning):
    """The number is computed as defined, but the theory behind it is not reliable here."""


class UnstableQuarticWarning(ValidityWarning):
    """beta <= 0 (or nearly so) inside the window: the quartic expansion is unstable or diverges."""


class NearTricriticalWarning(ValidityWarning):
    """beta > 0 is the small rest of a cancellation: the sixth-order term, left out, decides."""


class OccupiedUpperBranchWarning(ValidityWarning):
    """The upper spin branch, which the model drops, holds carriers."""


class AboveBKTWarning(ValidityWarning):
    """Mean-field condensate above its own Berezinskii-Kosterlitz-Thouless temperature."""


class SeveralMinimaWarning(ValidityWarning):
    """F(q) has several minima: branch and global values may belong to different states."""


class UnrealisticScatteringWarning(ValidityWarning):
    """A drag ratio was evaluated with scattering times outside the range the formula allows."""
