"""Eigenvalues and eigenvectors of small Hermitian matrices by rotations, without a branch.

Each rotation moves two levels apart by |a|^2/(|h| + sqrt(h^2 + |a|^2)), h half their distance:
a number without cancellation.  Summed up apart from the levels it started from, the total shift
keeps its relative accuracy where the coupling is small against the energies (large momenta).
Degenerate levels need no care: the eigenvectors stay orthogonal to rounding.
No loops and no calls, so that LLVM vectorises the loop over the nodes around it.
"""

import math

from .cached import njit
from .exponential import VECTOR

_FLOOR = 1e-150  # 0/0 where two equal levels do not couple; its square is still a number


@njit(**VECTOR)
def turn(E1, E2, a):
    """c, t and the shift s of the rotation for [[E1, a], [a*, E2]]: its levels are E1 - s, E2 + s.

    The columns of eigenvectors are c (1, -t*) and c (t, 1), with |t| <= 1.
    """
    half = 0.5 * (E2 - E1)
    square = a.real * a.real + a.imag * a.imag
    tau = 1.0 / (abs(half) + math.sqrt(half * half + square) + _FLOOR)
    tau = tau if half >= 0.0 else -tau
    t = a * tau
    return 1.0 / math.sqrt(1.0 + t.real * t.real + t.imag * t.imag), t, square * tau


@njit(**VECTOR)
def mix(x, y, c, t):
    """Columns x and y after the rotation."""
    return c * (x - t.conjugate() * y), c * (t * x + y)


@njit(**VECTOR)
def mix_columns(x, y, c, t):
    """The same for columns of four."""
    x0, y0 = mix(x[0], y[0], c, t)
    x1, y1 = mix(x[1], y[1], c, t)
    x2, y2 = mix(x[2], y[2], c, t)
    x3, y3 = mix(x[3], y[3], c, t)
    return (x0, x1, x2, x3), (y0, y1, y2, y3)


@njit(**VECTOR)
def _mix_rows(x, y, c, t):
    """The same for elements that stand in the rows of the upper triangle."""
    x, y = mix(x.conjugate(), y.conjugate(), c, t)
    return x.conjugate(), y.conjugate()


@njit(**VECTOR)
def sweep_four(E, shift, a, v):
    """All six rotations once, those between the pairs (0, 1) and (2, 3) first.

    ``E`` the four starting levels, ``shift`` their changes so far, ``a`` the elements 01, 02, 03,
    12, 13, 23, ``v`` four columns.
    """
    E0, E1, E2, E3 = E
    z0, z1, z2, z3 = shift
    a01, a02, a03, a12, a13, a23 = a
    v0, v1, v2, v3 = v

    c, t, s = turn(E0 + z0, E2 + z2, a02)
    z0, z2 = z0 - s, z2 + s
    y01, a12 = mix(a01.conjugate(), a12, c, t)
    a03, a23 = _mix_rows(a03, a23, c, t)
    a01 = y01.conjugate()
    v0, v2 = mix_columns(v0, v2, c, t)

    c, t, s = turn(E1 + z1, E3 + z3, a13)
    z1, z3 = z1 - s, z3 + s
    a01, a03 = mix(a01, a03, c, t)
    a12, y23 = _mix_rows(a12, a23.conjugate(), c, t)
    a23 = y23.conjugate()
    v1, v3 = mix_columns(v1, v3, c, t)

    # element 02 was eliminated; the second rotation does not touch it
    c, t, s = turn(E0 + z0, E3 + z3, a03)
    z0, z3 = z0 - s, z3 + s
    x10, y13 = mix(a01.conjugate(), 0j, c, t)
    x20, a23 = mix(0j, a23, c, t)
    a01, a02, a13 = x10.conjugate(), x20.conjugate(), y13
    v0, v3 = mix_columns(v0, v3, c, t)

    c, t, s = turn(E1 + z1, E2 + z2, a12)
    z1, z2 = z1 - s, z2 + s
    a01, a02 = mix(a01, a02, c, t)
    a13, a23 = _mix_rows(a13, a23, c, t)
    v1, v2 = mix_columns(v1, v2, c, t)

    c, t, s = turn(E0 + z0, E1 + z1, a01)
    z0, z1 = z0 - s, z1 + s
    a02, y12 = _mix_rows(a02, 0j, c, t)
    x03, a13 = _mix_rows(0j, a13, c, t)
    a12, a03 = y12, x03
    v0, v1 = mix_columns(v0, v1, c, t)

    c, t, s = turn(E2 + z2, E3 + z3, a23)
    z2, z3 = z2 - s, z3 + s
    a02, a03 = mix(a02, a03, c, t)
    a12, a13 = mix(a12, a13, c, t)
    v2, v3 = mix_columns(v2, v3, c, t)
    return (z0, z1, z2, z3), (0j, a02, a03, a12, a13, 0j), (v0, v1, v2, v3)


@njit(**VECTOR)
def sweep_three(E, shift, a, v):
    """All three rotations of a real symmetric matrix; ``a`` the elements 01, 02, 12."""
    E0, E1, E2 = E
    z0, z1, z2 = shift
    a01, a02, a12 = a
    v0, v1, v2 = v

    c, t, s = turn(E0 + z0, E2 + z2, a02)
    z0, z2 = z0 - s, z2 + s
    a01, a12 = mix(a01, a12, c, t)
    v0, v2 = mix_three(v0, v2, c, t)

    c, t, s = turn(E1 + z1, E2 + z2, a12)
    z1, z2 = z1 - s, z2 + s
    a01, a02 = mix(a01, 0.0, c, t)
    v1, v2 = mix_three(v1, v2, c, t)

    c, t, s = turn(E0 + z0, E1 + z1, a01)
    z0, z1 = z0 - s, z1 + s
    a02, a12 = mix(a02, 0.0, c, t)
    v0, v1 = mix_three(v0, v1, c, t)
    return (z0, z1, z2), (0.0, a02, a12), (v0, v1, v2)


@njit(**VECTOR)
def mix_three(x, y, c, t):
    """Columns of three after the rotation."""
    x0, y0 = mix(x[0], y[0], c, t)
    x1, y1 = mix(x[1], y[1], c, t)
    x2, y2 = mix(x[2], y[2], c, t)
    return (x0, x1, x2), (y0, y1, y2)
