"""Sphinx extension: docstrings are written to be read in a terminal, and set here as mathematics.

In the prose of a docstring ``tau_D^I >= hbar/E_u`` becomes a Greek letter with its indices.
``|q|`` is a modulus and ``v_`` a name, where reStructuredText would see marks of its own.
Runs after numpydoc and leaves examples, directives, literals, roles and argument names alone.
"""

import re

AFTER_NUMPYDOC = 900
# ``literal``, :role:`target`, `quoted` and **name** stay as they are
KEPT = re.compile(r"(``.+?``|:[\w:]+:`[^`]+`|`[^`]+`_?|\*\*[^*\s](?:[^*]*[^*\s])?\*\*)")
MARK = re.compile(r"(?<!\\)(\||(?<=\w)_(?=\W|$)|(?<=\w)\*(?=\w))")

# fmt: off
ALPHABET = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda",
    "mu", "nu", "xi", "omicron", "pi", "rho", "final", "sigma", "tau", "upsilon", "phi", "chi",
    "psi", "omega",
)
# fmt: on
LETTERS = {
    name: chr(ord("α") + place)
    for place, name in enumerate(ALPHABET)
    if name != "final"  # a second sigma, between rho and sigma
} | {"Delta": "Δ", "Gamma": "Γ", "Pi": "Π", "hbar": "ħ", "Int": "∫"}
NAME = re.compile(r"(?<![A-Za-z_.])(" + "|".join(LETTERS) + r")(?![A-Za-z]|\.\w|_\w{4})")
SIGNS = {"->": "→", "<=": "≤", ">=": "≥", "+-": "±", "sqrt(": "√("}
SIGN = re.compile("|".join(map(re.escape, SIGNS)))
LETTER = r"(?<![A-Za-z_])(d?[A-Za-zα-ωΓΔΠ]|ħ)"
LOW = re.compile(LETTER + r"_(?:\{([^}]+)\}|([A-Za-z0-9]{1,3}(?:[+±-](?![\w(]))?))(?![A-Za-z0-9_])")
HIGH = re.compile(r"\^(?:\{([^}]+)\}|\((-?\d+(?:/\d+)?)\)|(-?\d+|[A-Za-z]{1,2}(?![A-Za-z])))")


def _role(kind, found, text):
    """``text`` lowered or raised, joined to what stands around it."""
    after = found.string[found.end() : found.end() + 1]
    return rf"\ :{kind}:`{text}`" + (r"\ " if after.strip() else "")


def mathematics(prose):
    """``prose`` with letters, signs and indices in reStructuredText."""
    prose = NAME.sub(lambda found: LETTERS[found[1]], prose)
    prose = SIGN.sub(lambda found: SIGNS[found[0]], prose)
    prose = HIGH.sub(lambda found: _role("sup", found, found[1] or found[2] or found[3]), prose)
    parts = KEPT.split(prose)
    parts[::2] = [
        LOW.sub(lambda found: found[1] + _role("sub", found, found[2] or found[3]), part)
        for part in parts[::2]
    ]
    return "".join(parts)


def typeset(line):
    """One line of a docstring, set."""
    parts = KEPT.split(line)
    parts[::2] = [mathematics(MARK.sub(r"\\\1", part)) for part in parts[::2]]
    return "".join(parts)


def typeset_prose(app, what, name, obj, options, lines):
    """Set every line that is neither an example nor inside a directive."""
    directive, example = None, False
    for number, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        if directive is not None and line.strip() and indent <= directive:
            directive = None
        if re.match(r"\s*\.\. \w+::", line):
            directive = indent
        # an example is followed by its output, up to the next blank line
        example = line.lstrip().startswith(">>>") or (example and bool(line.strip()))
        if directive is None and not example:
            lines[number] = typeset(line)


def skip_nameless_fields(app, what, name, obj, skip, options):
    """A field of a named tuple is said above, among the attributes of its class."""
    return True if str(obj.__doc__).startswith("Alias for field number") else None


def setup(app):
    """Register with Sphinx."""
    app.connect("autodoc-process-docstring", typeset_prose, priority=AFTER_NUMPYDOC)
    app.connect("autodoc-skip-member", skip_nameless_fields)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
