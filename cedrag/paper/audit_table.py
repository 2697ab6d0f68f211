"""The table of the audit: claims with their verdicts as HTML."""

import html
import math
import re

import numpy as np

from .audit import VERDICTS, WITH_FACTOR, Claim, matching_factor, verdict

__all__ = ["claims_table", "verdict_table"]


def _shown(value: float | bool) -> str:
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


def claims_table(claims: dict[str, list[Claim]]) -> str:
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
    >>> from cedrag.paper.audit import Claim
    >>> from cedrag.paper.audit_table import claims_table
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


def verdict_table(claims: dict[str, list[Claim]]) -> str:
    """Count the verdicts of each group, as an HTML table.

    Parameters
    ----------
    claims : dict
        As for :func:`claims_table`.

    Returns
    -------
    str

    Examples
    --------
    >>> from cedrag.paper.audit import Claim
    >>> from cedrag.paper.audit_table import verdict_table
    >>> claim = Claim("a length of 600 nm", "abstract", 600.0, 627.0, tolerance=0.08)
    >>> verdict_table({"Lengths": [claim]}).count("<td>1</td>")
    2
    """
    rulings = {group: [verdict(claim) for claim in members] for group, members in claims.items()}
    rulings["All"] = [ruling for members in rulings.values() for ruling in members]
    lines = ["<table><thead><tr><th>class</th>"]
    lines += [f"<th>{ruling}</th>" for ruling in VERDICTS] + ["</tr></thead><tbody>"]
    for group, members in rulings.items():
        cells = "".join(f"<td>{members.count(ruling) or ''}</td>" for ruling in VERDICTS)
        lines.append(f"<tr><th>{_markup(group)}</th>{cells}</tr>")
    return "\n".join([*lines, "</tbody></table>"])


def _row(claim: Claim) -> str:
    ruling = verdict(claim)
    unit = f" {claim.unit}" if claim.unit else ""
    paper = "not printed" if claim.published is None else _shown(claim.published) + unit
    if claim.is_statement and claim.published:
        paper = "says so"
    unit = _markup(unit)
    here = _listed(claim.values, unit) if claim.values else "none"
    if claim.full_values:
        here += f"<br>full theory: {_listed(claim.full_values, unit)}"
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
        f'<td data-head="here: ">{here}<br><small>{how}</small></td>'
        f'<td data-head="verdict: "><span>{ruling}{_markup(note)}</span></td></tr>'
    )


def _listed(values: tuple[float, ...] | tuple[bool, ...], unit: str) -> str:
    return _markup(", ".join(map(_shown, values))) + unit


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
.audit .v4 span, .audit .v5 span { border-color: #999999; border-left-style: dotted; }
.audit .v6 span { border-color: #cc79a7; border-left-style: dashed; }
@media (max-width: 800px) {
  .audit thead { display: none; }
  .bd-article table.audit, .audit tbody, .audit tr, .audit td, .audit th { display: block; }
  .audit td:nth-child(n) { width: auto; border: 0; padding: 0.1em 0.3em; }
  .audit tr { border-bottom: 1px solid #8888; padding: 0.5em 0; }
  .audit td[data-head]::before { content: attr(data-head); font-style: italic; }
}
</style>
"""
