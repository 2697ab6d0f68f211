"""Rules for sums over Matsubara frequencies: few frequencies stand for all of them.

tanh(x/2) = sum_n 4 x/(x^2 + w_n^2) is a continued fraction, and its first 2N terms are the same sum
over N frequencies z with residues R: a Gauss rule for T sum_n, exact to rounding for levels up to
0.24 N^2 T (T. Ozaki, Phys. Rev. B 75, 035123 (2007)).  The lowest z are the true w_n with R = 1.
"""

import numpy as np

SIZES = np.array([8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384])
_VACUUM = 24
_made = []  # the tables, once they are asked for


def thermal_frequencies(n):
    """N frequencies over T and their weights, (2, n): T sum_{w > 0} g(w) = T sum R g(z T)."""
    odd = 2.0 * np.arange(2 * n) + 1.0
    beside = 1.0 / np.sqrt(odd[:-1] * odd[1:])
    values, vectors = np.linalg.eigh(np.diag(beside, 1) + np.diag(beside, -1))
    z = 2.0 / values[n:]
    return np.array([z, (0.5 * z * vectors[0, n:]) ** 2])


def frequency_tables():
    """All rules (sizes, 2, most), their sizes, and that of an integral over w, (2, nodes)."""
    if _made:
        return _made[0]
    tables = np.zeros((len(SIZES), 2, SIZES[-1]))
    for table, n in zip(tables, SIZES, strict=True):
        table[:, :n] = thermal_frequencies(int(n))
    x, weight = np.polynomial.legendre.leggauss(_VACUUM)
    theta = 0.25 * np.pi * (x + 1.0)
    # dw/(2 pi) with w = tan(theta)
    vacuum = np.array([np.tan(theta), 0.125 * weight / np.cos(theta) ** 2])
    for rule in (tables, vacuum):
        rule.flags.writeable = False
    _made.append((tables, SIZES, vacuum))
    return _made[0]
