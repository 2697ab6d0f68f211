"""The table of the audit: each claim once, escaped, with its verdict and its numbers."""

import re

import pytest

from cedrag.paper.audit import FAULTS, VERDICTS, Claim
from cedrag.paper.audit_table import claims_table, verdict_table


def claim(published, computed, tolerance=0.01, **options):
    """A claim about nothing, with planted numbers."""
    if isinstance(published, bool):
        tolerance = 0.0
    return Claim("A planted claim.", "nowhere", published, computed, tolerance, **options)


def test_the_table_shows_each_claim_once_with_its_verdict_and_escapes_text():
    groups = {
        "Currents J_{c+}": [
            Claim("A < B & C", "p. 1", 98.4, (0.0316, 0.0273), 0.01, link="#here", how="grid"),
            claim(2.0, 1.0, factors=(("the 2 of F", 2.0),)),
        ],
        "Words": [
            claim(True, True),
            claim(None, 3.0),
            *(claim(True, False, fault=fault, full=True) for fault in FAULTS[1:]),
        ],
    }
    table = claims_table(groups)
    body = table.split("</style>")[1]
    found = re.findall(r"<span>([^<(]*?)(?: \(.*?)?</span>", body)
    assert sorted(found) == sorted(VERDICTS)
    assert "A &lt; B &amp; C" in body
    assert '<a href="#here">grid</a>' in body
    assert "(the 2 of F)" in body
    assert "J<sub>c+</sub>" in body
    assert "0.0316, 0.0273" in body
    assert body.count("full theory: yes") == 3
    assert "says so" in body
    assert body.count("<tr") == body.count("</tr>") == 1 + 2 + 7


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1e-7, "1 × 10<sup>−7</sup>"), (3117.1, "3117"), (-94.8, "−94.8"), (0.25, "0.25")],
)
def test_numbers_are_shown_short(value, shown):
    body = claims_table({"x": [claim(value, value)]})
    assert f'"paper: ">{shown}</td>' in body


def test_a_number_that_is_not_printed_says_so():
    assert "not printed" in claims_table({"x": [claim(None, 3.0)]})


def test_verdicts_are_counted_by_group_and_in_all():
    groups = {
        "one": [claim(1.0, 1.0), claim(1.0, 1.0), claim(1.0, 2.0, fault="misprint")],
        "two": [claim(1.0, 1.0)],
    }
    rows = re.findall(r"<tr>(.*?)</tr>", verdict_table(groups))
    counts = [re.findall(r"<td>(\d*)</td>", row) for row in rows[-3:]]
    assert [len(row) for row in counts] == [len(VERDICTS)] * 3
    confirmed = [row[0] for row in counts]
    misprints = [row[VERDICTS.index("misprint")] for row in counts]
    assert (confirmed, misprints) == (["2", "1", "3"], ["1", "", "1"])
