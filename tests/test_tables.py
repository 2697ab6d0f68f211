"""Tables of a chapter: what a notebook shows, and how numbers are set."""

import pytest

from cedrag.view.tables import table, typeset


@pytest.mark.parametrize(
    ("plain", "print_"),
    [
        ("-0.50", "\N{MINUS SIGN}0.50"),
        ("-.5", "\N{MINUS SIGN}.5"),
        ("2.2e-03", "2.2\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10⁻³"),
        ("-3e+08", "\N{MINUS SIGN}3\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10⁸"),
        ("1e+14", "10¹⁴"),
        ("1.0e+14", "1.0\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10¹⁴"),
        ("0e+00", "0\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10⁰"),
        ("-inf", "\N{MINUS SIGN}∞"),
        ("from -1 to -2", "from \N{MINUS SIGN}1 to \N{MINUS SIGN}2"),
        ("50%", "50\N{NO-BREAK SPACE}%"),
        # words, formulas, ranges and names keep their hyphens
        ("bilayer-1", "bilayer-1"),
        ("$x^{-1}$ of 2-3", "$x^{-1}$ of 2-3"),
        ("arXiv:2309.14940", "arXiv:2309.14940"),
        ("infinite", "infinite"),
    ],
)
def test_numbers_are_set_as_print_sets_them(plain, print_):
    assert typeset(plain) == print_


def test_a_table_is_markdown():
    made = table(["set", r"$\eta$ (%)"], [("A", f"{-0.4624:.2f}"), ("B", 3)])
    assert made._repr_markdown_() == (
        "| set | $\\eta$ (%) |\n| --- | --- |\n| A | \N{MINUS SIGN}0.46 |\n| B | 3 |"
    )
    assert repr(made) == "Table: 2 rows, 2 columns"
    assert made == table(["set", r"$\eta$ (%)"], [("A", "-0.46"), ("B", "3")])


def test_a_row_of_another_length_is_named():
    with pytest.raises(ValueError, match=r"rows\[1\] must have 2 cells.* \(got 1\)"):
        table(["a", "b"], [(1, 2), (3,)])


@pytest.mark.parametrize(("head", "row"), [(["$|x|$"], ["1"]), (["x"], ["a|b"])])
def test_a_bar_would_end_a_cell(head, row):
    with pytest.raises(ValueError, match=r"must not contain \|"):
        table(head, [row])
