"""Published against computed: a claim, and the verdict that follows from its numbers alone."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np

from .._checks import positive_scalar, real_scalar
from .._results import Record

__all__ = [
    "CONFIRMED", "WITH_FACTOR", "NOT_REPRODUCIBLE", "PHYSICS", "MISPRINT", "OMISSION",
    "INCONSISTENT", "FAULTS", "VERDICTS", "ORDER_OF_MAGNITUDE", "EXACT", "Claim", "verdict",
    "matching_factor", "printed_precision",
]  # fmt: skip

CONFIRMED = "confirmed"
WITH_FACTOR = "confirmed with a factor"
NOT_REPRODUCIBLE = "not reproducible from what is published"
PHYSICS = "contradicts the physics"
MISPRINT = "misprint"
OMISSION = "omission"
INCONSISTENT = "internal inconsistency"
#: Classes of a disagreement where everything that the claim needs is printed.
FAULTS = (PHYSICS, MISPRINT, OMISSION, INCONSISTENT)
VERDICTS = (CONFIRMED, WITH_FACTOR, NOT_REPRODUCIBLE, *FAULTS)

#: Tolerance of "on the order of": nearer to that power of ten than to the next, either way.
ORDER_OF_MAGNITUDE = 10.0**0.5 - 1.0
#: Tolerance of a formula: what quadrature and differences leave of an identity.
EXACT = 1e-6

Values = float | bool | tuple[float, ...] | tuple[bool, ...] | None

_ROUNDING = 1e-12  # a value at the very edge of its tolerance is inside


@dataclass(frozen=True)
class Claim(Record):
    """One number, formula or statement of the paper, and what was computed for it.

    Attributes
    ----------
    text : str
        What is claimed.
    where : str
        Where it is printed.
    published : float, bool or None
        The paper's value in the unit of ``unit``; True for a statement in words, 1 for a formula
        that is tested as a ratio; None if the paper uses the quantity but prints no value.
    computed : float, bool, tuple of either, or None
        Our value, or one value per reading of what the paper leaves open or per test point.
        None: cannot be computed.
    tolerance : float
        Relative precision at which the value is printed, plus that of its printed inputs (see
        :func:`printed_precision`).  The ratio computed/published may be 1 +- tolerance, but from
        a tolerance of 0.5 on the lower end is 1/2, and from 1 on 1/(1 + tolerance): a factor
        either way.  Statements have none: 0.
    factors : tuple of (str, float)
        Named hypotheses: published = factor * computed.
    open_inputs : tuple of str
        Inputs that the claim needs and the paper does not give.  With one of them missing a
        mismatch contradicts nothing.
    fault : str
        One of :data:`FAULTS`: what a disagreement would be, named before anything is computed.
    full : float, bool, tuple of either, or None
        The same from mean-field theory with all four spin states.  It is shown beside, and has no
        part in the verdict, which is on the paper's own theory.
    inputs, unit, how, link : str
        What went in, the unit of both values, how ours was computed, and where (an address).

    Examples
    --------
    >>> from cedrag.paper.audit import Claim
    >>> claim = Claim("T_BKT = 2 K", "p. 3", published=2.0, computed=2.03, tolerance=0.25)
    >>> claim.agrees(2.4), claim.agrees(3.0)
    (True, False)
    """

    text: str
    where: str
    published: float | bool | None
    computed: Values
    tolerance: float = 0.0
    factors: tuple[tuple[str, float], ...] = ()
    open_inputs: tuple[str, ...] = ()
    fault: str = PHYSICS
    full: Values = None
    inputs: str = ""
    unit: str = ""
    how: str = ""
    link: str = ""

    def __post_init__(self) -> None:
        for name in ("text", "where"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value.strip():
                raise ValueError(f"{name} must be a sentence (got {value!r})")
        if isinstance(self.open_inputs, str):
            raise TypeError(f"open_inputs must be a tuple of str (got {self.open_inputs!r})")
        if self.fault not in FAULTS:
            raise ValueError(f"fault must be one of {', '.join(FAULTS)} (got {self.fault!r})")
        tolerance = real_scalar("tolerance", self.tolerance)
        if tolerance < 0.0:
            raise ValueError(f"tolerance must not be negative (got {tolerance})")
        values = (*self.values, *_as_tuple(self.full))
        if self.is_statement:
            for value in values:
                if not isinstance(value, bool | np.bool_):
                    raise TypeError(f"computed must be bool for a statement (got {value!r})")
            if tolerance or self.factors:
                raise ValueError("a statement must have neither tolerance nor factors (got some)")
            return
        if self.published is not None:
            if real_scalar("published", self.published) == 0.0:
                raise ValueError("published must not be 0: claim it as a statement (got 0)")
            if tolerance == 0.0:
                raise ValueError("tolerance must be positive for a number (got 0.0)")
        for value in values:
            real_scalar("computed", value)
        for name, factor in self.factors:
            if positive_scalar(f"factor {name!r}", factor) == 1.0:
                raise ValueError(f"factor {name!r} must differ from 1 (got {factor})")

    @property
    def is_statement(self) -> bool:
        """Whether the claim is in words."""
        return isinstance(self.published, bool | np.bool_)

    @property
    def values(self) -> tuple[float, ...] | tuple[bool, ...]:
        """The computed values as a tuple, empty if there is none."""
        return _as_tuple(self.computed)

    @property
    def full_values(self) -> tuple[float, ...] | tuple[bool, ...]:
        """The values of the full theory as a tuple, empty if there is none."""
        return _as_tuple(self.full)

    def agrees(self, value: float | bool) -> bool:
        """Whether ``value`` is the published one within the tolerance."""
        if self.is_statement:
            return bool(value) == bool(self.published)
        if self.published is None:
            raise ValueError("published must hold a value to agree with (got None)")
        ratio = value / self.published
        width = self.tolerance
        low = min(max(1.0 - width, 0.5), 1.0 / (1.0 + width))  # never falls as width grows
        return low - _ROUNDING <= ratio <= 1.0 + width + _ROUNDING


def _as_tuple(values: Values) -> tuple[float, ...] | tuple[bool, ...]:
    if values is None:
        return ()
    if not isinstance(values, tuple):
        return (values,)
    if not values:
        raise ValueError("computed must hold a value or be None (got an empty tuple)")
    return values


def matching_factor(claim: Claim) -> str | None:
    """Name of the first factor that brings every computed value to the published one.

    Parameters
    ----------
    claim : Claim
        With named factors.

    Returns
    -------
    str or None
        None if no factor does, or if there is nothing to compare.

    Examples
    --------
    >>> from cedrag.paper.audit import Claim, matching_factor
    >>> claim = Claim("F = -3", "eq 8", -3.0, -1.5, tolerance=0.01, factors=(("factor 2", 2.0),))
    >>> matching_factor(claim)
    'factor 2'
    """
    if claim.published is None or claim.is_statement or not claim.values:
        return None
    for name, factor in claim.factors:
        if all(claim.agrees(factor * value) for value in claim.values):
            return name
    return None


def verdict(claim: Claim) -> str:
    """Judge a claim from its numbers: one of ``VERDICTS``.

    All values agree: confirmed.  All agree after one named factor: confirmed with a factor.
    Otherwise, or with nothing to compare: not reproducible if an input is missing (or a value);
    the claim's ``fault`` if the paper gives everything that the claim needs.

    Parameters
    ----------
    claim : Claim
        What was published, and what was computed.

    Returns
    -------
    str
        One of ``VERDICTS``.

    Raises
    ------
    TypeError
        If ``claim`` is not a Claim.

    Examples
    --------
    >>> from cedrag.paper.audit import Claim, verdict
    >>> verdict(Claim("a length of 600 nm", "abstract", 600.0, 627.0, tolerance=0.08))
    'confirmed'
    >>> verdict(Claim("a time of 0.1 us", "p. 4", 1e-7, 4e-9, tolerance=0.5))
    'contradicts the physics'
    """
    if not isinstance(claim, Claim):
        raise TypeError(f"claim must be a Claim (got {claim!r})")
    if claim.published is None or not claim.values:
        return NOT_REPRODUCIBLE
    if all(claim.agrees(value) for value in claim.values):
        return CONFIRMED
    if matching_factor(claim) is not None:
        return WITH_FACTOR
    return NOT_REPRODUCIBLE if claim.open_inputs else claim.fault


def printed_precision(number: str) -> float:
    """Relative half unit of the last printed digit: "98.4" -> 0.05/98.4, "600" -> 50/600.

    Zeros at the end of a number without a decimal point do not count as digits.

    Parameters
    ----------
    number : str
        As printed.

    Returns
    -------
    float
        Relative to the number.

    Raises
    ------
    TypeError, ValueError
        If ``number`` is not a str, or not a finite decimal number other than 0.

    Examples
    --------
    >>> from cedrag.paper.audit import printed_precision
    >>> round(printed_precision("98.4") * 98.4, 12), round(printed_precision("600") * 600, 12)
    (0.05, 50.0)
    """
    if not isinstance(number, str):
        raise TypeError(f"number must be the printed str (got {number!r})")
    try:
        value = Decimal(number)
    except InvalidOperation as error:
        raise ValueError(f"number must be a decimal number (got {number!r})") from error
    if not value.is_finite() or value == 0:
        raise ValueError(f"number must be finite and not 0 (got {number!r})")
    digits = value if "." in number else value.normalize()
    return float(Decimal("0.5").scaleb(int(digits.as_tuple().exponent)) / abs(value))
