"""Published against computed: a claim, and the verdict that follows from its numbers alone."""

import html
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np

from .._checks import positive_scalar, real_scalar
from .._results import Record

__all__ = [
    "CONFIRMED", "WITH_FACTOR", "NOT_REPRODUCIBLE", "CONTRADICTED", "VERDICTS",
    "ORDER_OF_MAGNITUDE", "EXACT", "Claim", "verdict", "matching_factor", "printed_precision",
    "claims_table",
]  # fmt: skip

CONFIRMED = "confirmed"
WITH_FACTOR = "confirmed with a factor"
NOT_REPRODUCIBLE = "not reproducible from what is published"
CONTRADICTED = "contradicted"
VERDICTS = (CONFIRMED, WITH_FACTOR, NOT_REPRODUCIBLE, CONTRADICTED)

#: Tolerance of "on the order of": nearer to that power of ten than to the next, either way.
ORDER_OF_MAGNITUDE = 10.0**0.5 - 1.0
#: Tolerance of a formula: what quadrature and differences leave of an identity.
EXACT = 1e-6

#: A number, or yes or no.
Value = float | bool

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
    published: Value | None
    computed: Value | tuple[Value, ...] | None
    tolerance: float = 0.0
    factors: tuple[tuple[str, float], ...] = ()
    open_inputs: tuple[str, ...] = ()
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
        tolerance = real_scalar("tolerance", self.tolerance)
        if tolerance < 0.0:
            raise ValueError(f"tolerance must not be negative (got {tolerance})")
        values = self.values
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
    def values(self) -> tuple[Value, ...]:
        """The computed values as a tuple, empty if there is none."""
        if self.computed is None:
            return ()
        values = self.computed if isinstance(self.computed, tuple) else (self.computed,)
        if not values:
            raise ValueError("computed must hold a value or be None (got an empty tuple)")
        return values

    def agrees(self, value: Value) -> bool:
        """Whether ``value`` is the published one within the tolerance."""
        if self.is_statement:
            return bool(value) == bool(self.published)
        if self.published is None:
            raise ValueError("published must hold a value to agree with (got None)")
        ratio = value / self.published
        width = self.tolerance
        low = min(max(1.0 - width, 0.5), 1.0 / (1.0 + width))  # never falls as width grows
        return low - _ROUNDING <= ratio <= 1.0 + width + _ROUNDING


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
    Otherwise, or with nothing to compare: not reproducible if an input is missing (or a value),
    contradicted if the paper gives everything that the claim needs.

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
    'contradicted'
    """
    if not isinstance(claim, Claim):
        raise TypeError(f"claim must be a Claim (got {claim!r})")
    if claim.published is None or not claim.values:
        return NOT_REPRODUCIBLE
    if all(claim.agrees(value) for value in claim.values):
        return CONFIRMED
    if matching_factor(claim) is not None:
        return WITH_FACTOR
    return NOT_REPRODUCIBLE if claim.open_inputs else CONTRADICTED


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


# the table ---------------------------------------------------------------------------------


def _shown(value: Value) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    size = abs(value)
    if size and not 1e-3 <= size < 1e4:
        power = math.floor(math.log10(float(f"{size:.2e}")))
        return f"{value / 10.0**power:.3g} × 10^{{{power}}}".replace("-", "−")
    return f"{value:.3g}".replace("-", "−") if size < 1e3 else f"{value:.0f}".replace("-", "−")


def _markup(text: str) -> str:
    """Escape ``text`` and set a_b, a_{bc} and 10^{n} as subscripts and superscripts."""
    text = html.escape(text, quote=False)
    for mark, tag in (("_", "sub"), (r"\^", "sup")):
        text = re.sub(mark + r"(?:\{([^}]*)\}|(\w[+−]?))", rf"<{tag}>\1\2</{tag}>", text)
    return text


def claims_table(claims: Mapping[str, Sequence[Claim]]) -> str:
    """Set claims as an HTML table, which stacks on a phone.

    Parameters
    ----------
    claims : dict
        From group name to list of Claim.

    Returns
    -------
    str
        HTML with its own style.

    Examples
    --------
    >>> from cedrag.paper.audit import Claim, claims_table
    >>> claim = Claim("a length of 600 nm", "abstract", 600.0, 627.0, tolerance=0.08, link="#here")
    >>> table = claims_table({"Lengths": [claim]})
    >>> "confirmed" in table, table.count("<tr")
    (True, 3)
    """
    heads = ("claim", "paper", "here", "verdict")
    rows = [
        '<table class="audit"><thead><tr>'
        + "".join(f"<th>{head}</th>" for head in heads)
        + "</tr></thead><tbody>"
    ]
    for group, members in claims.items():
        rows.append(f'<tr class="group"><th colspan="4">{_markup(group)}</th></tr>')
        rows += [_row(claim) for claim in members]
    return _STYLE + "\n".join([*rows, "</tbody></table>"])


def _row(claim: Claim) -> str:
    ruling = verdict(claim)
    unit = f" {claim.unit}" if claim.unit else ""
    paper = "not printed" if claim.published is None else _shown(claim.published) + unit
    if claim.is_statement and claim.published:
        paper = "says so"
    here = ", ".join(map(_shown, claim.values)) + unit if claim.values else "none"
    factor = matching_factor(claim) if ruling == WITH_FACTOR else None
    note = f" ({factor})" if factor else ""
    details = f"<i>From</i> {_markup(claim.inputs)}. " if claim.inputs else ""
    if claim.open_inputs:
        details += f"<i>Not given:</i> {_markup(', '.join(claim.open_inputs))}. "
    if not claim.is_statement and claim.published is not None:
        details += f"<i>Tolerance</i> {_tolerance(claim.tolerance)}."
    how = f'<a href="{html.escape(claim.link)}">{_markup(claim.how or "computed here")}</a>'
    return (
        f'<tr class="v{VERDICTS.index(ruling)}"><td><b>{_markup(claim.text)}</b> '
        f"<small>({_markup(claim.where)}) {details}</small></td>"
        f'<td data-head="paper: ">{_markup(paper)}</td>'
        f'<td data-head="here: ">{_markup(here)}<br><small>{how}</small></td>'
        f'<td data-head="verdict: "><span>{ruling}{_markup(note)}</span></td></tr>'
    )


def _tolerance(width: float) -> str:
    if width >= 1.0:
        return f"a factor {1.0 + width:.3g}"
    return f"{100.0 * width:.2g}%" if width > 1e-5 else "exact"


_STYLE = """<style>
.bd-article table.audit { display: table; width: 100%; border-collapse: collapse; }
.audit td, .audit th { text-align: left; vertical-align: top; padding: 0.35em 0.5em; }
.audit td { overflow-wrap: break-word; }
.audit td:nth-child(1) { width: 40%; }
.audit td:nth-child(2) { width: 14%; }
.audit td:nth-child(3) { width: 23%; }
.audit tr.group th { font-size: 1.1em; padding-top: 1em; }
.audit span { border-left: 0.4em solid; padding-left: 0.4em; display: inline-block; }
.audit .v0 span { border-color: #0072b2; }
.audit .v1 span { border-color: #56b4e9; border-left-style: double; }
.audit .v2 span { border-color: #e69f00; border-left-style: dashed; }
.audit .v3 span { border-color: #d55e00; font-weight: bold; }
@media (max-width: 800px) {
  .audit thead { display: none; }
  .bd-article table.audit, .audit tbody, .audit tr, .audit td, .audit th { display: block; }
  .audit td:nth-child(n) { width: auto; border: 0; padding: 0.1em 0.3em; }
  .audit tr { border-bottom: 1px solid #8888; padding: 0.5em 0; }
  .audit td[data-head]::before { content: attr(data-head); font-style: italic; }
}
</style>
"""
