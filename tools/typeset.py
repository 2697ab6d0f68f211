"""Numbers as a book prints them: true minus, powers of ten, a space before the per cent."""

import re

POWER = re.compile(r"([\d.]+)e([+-]\d+)")
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def typeset(text):
    """What Python printed, with typographic signs: ``-5.0e-06`` is −5.0 × 10⁻⁶."""
    text = POWER.sub(
        lambda found: f"{found[1]} × 10{str(int(found[2])).translate(SUPERSCRIPTS)}", text
    )
    return re.sub(r"(?<=\d)%", " %", re.sub(r"-(?=[\d.])", "\N{MINUS SIGN}", text))
