"""Results as tables, and numbers as print sets them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Table", "table", "typeset"]

_POWER = re.compile(r"(\d(?:\.\d+)?)e([+-]\d+)\b")
_MINUS = re.compile(r"(?<![\w.)}{^-])-(?=\.?\d|∞)")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def typeset(text: str) -> str:
    """Numbers in a text with a true minus, powers of ten, a space before the per cent.

    Parameters
    ----------
    text : str
        What a format gave, for example ``f"{x:.1e}"``.

    Returns
    -------
    str
        The same with ``−`` before digits, ``× 10⁻³`` for ``e-03``, and ``∞`` for ``inf``.

    Examples
    --------
    >>> from cedrag.view.tables import typeset
    >>> typeset(f"{-0.0022:.1e}"), typeset(f"{1e14:.0e}"), typeset("-0.5 to 2")
    ('−2.2\\xa0×\\xa010⁻³', '10¹⁴', '−0.5 to 2')
    """

    def power(found: re.Match[str]) -> str:
        ten = "10" + str(int(found[2])).translate(_RAISED)
        return ten if found[1] == "1" else f"{found[1]}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{ten}"

    text = re.sub(r"\binf\b", "∞", _POWER.sub(power, text))
    text = re.sub(r"(?<=\d)%", "\N{NO-BREAK SPACE}%", text)
    return _MINUS.sub("\N{MINUS SIGN}", text)


@dataclass(frozen=True)
class Table:
    """A table that a notebook shows; :func:`table` makes it.

    Attributes
    ----------
    head : tuple of str
        One title for each column.
    rows : tuple of tuple of str
        The cells, row by row.

    Examples
    --------
    >>> from cedrag.view.tables import table
    >>> table(["set", "q0"], [["A", 0.25]])
    Table: 1 row, 2 columns
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __repr__(self) -> str:
        count = len(self.rows)
        return f"Table: {count} row{'s' * (count != 1)}, {len(self.head)} columns"

    def _repr_markdown_(self) -> str:
        lines = (self.head, ("---",) * len(self.head), *self.rows)
        return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    r"""A table of results, with numbers as :func:`typeset` writes them.

    Parameters
    ----------
    head : sequence of str
        One title for each column, in Markdown: ``"$q_0$"`` is a formula.
    rows : iterable of sequences
        The cells of each row, in Markdown.
        A float gets its digits before: ``f"{x:.2f}"``.

    Returns
    -------
    Table
        What a notebook shows as a table.

    Raises
    ------
    ValueError
        If a row has another number of cells than the head, or a bar is in a cell.

    Examples
    --------
    >>> from cedrag.view.tables import table
    >>> print(table(["set", r"$\eta$"], [["A", f"{-1e-3:.0e}"]])._repr_markdown_())
    | set | $\eta$ |
    | --- | --- |
    | A | −10⁻³ |
    """
    cells = tuple(tuple(typeset(str(cell)) for cell in row) for row in rows)
    for number, row in enumerate(cells):
        if len(row) != len(head):
            raise ValueError(
                f"rows[{number}] must have {len(head)} cells, one for each title (got {len(row)})"
            )
    for cell in (*head, *(cell for row in cells for cell in row)):
        if "|" in cell:
            raise ValueError(rf"a cell must not contain | (got {cell!r}); \lvert x\rvert is |x|")
    return Table(tuple(head), cells)
