"""Two waves at quartic order, band level: the coupling gamma of |D_1|^2 |D_2|^2.

Omega = -T sum Tr ln(1 - ...) has the fourth-order term (1/2) Tr (G_e Delta G_h Delta^dag)^2, with
G_e(k) = 1/(i w - e(k)) and, for the hole as a propagating antiparticle, G_h(p) = 1/(i w + h(p)).
For Delta = D_1 exp(i q1 r) + D_2 exp(i q2 r) the loops with each wave once in and once out are
(1 1* 2 2*), (2 2* 1 1*): electron k twice, holes q1 - k and q2 - k, and
(1 2* 2 1*), (2 1* 1 2*): electrons k and k + q2 - q1, hole q1 - k twice.  Hence
gamma = T sum_n Int [G_e(k)^2 G_h(q1-k) G_h(q2-k) + G_e(k) G_e(k+q2-q1) G_h(q1-k)^2],
which is 2 beta at q2 = q1, beta = T sum_n Int G_e^2 G_h^2.  Each sum is a divided difference of
the Fermi function: f[e, e, -h1, -h2] + f[e, e', -h, -h].  Here the sums are done as they stand;
above the largest frequency they continue as an integral (Euler-Maclaurin at midpoints).
"""

import numpy as np
from mean_field import branch


def matsubara(roots, T, *, terms=None):
    """T sum_n prod 1/(i w_n - z) for four real roots z (4, N)."""
    size = np.abs(roots).max(0)
    terms = terms or int(np.ceil(12 * size.max() / (2 * np.pi * T))) + 30
    total = np.zeros(roots.shape[1])
    for n in range(terms):
        total += 2 * T * (1 / np.prod(1j * (2 * n + 1) * np.pi * T - roots, 0)).real
    # beyond W = 2 pi T terms: moments of 1/w expanded in z/w; complete symmetric polynomials
    W = 2 * np.pi * T * terms
    p = np.array([(roots**j).sum(0) for j in range(1, 9)])
    h = [np.ones(roots.shape[1])]
    for j in range(1, 9):
        h.append(sum(h[j - i] * p[i - 1] for i in range(1, j + 1)) / j)
    for j in range(0, 9, 2):
        m = 4 + j
        power = W ** (1 - m) / (m - 1) / (2 * np.pi)
        power -= (2 * np.pi * T) ** 2 / 24 * m * W ** (-m - 1) / (2 * np.pi)
        total += 2 * (1j ** (-m)).real * h[j] * power
    return total


def integrand(s, k, q1, q2, T):
    """gamma and 2 beta(q1) before the k integral; k of shape (2, N)."""
    q1, q2 = (np.asarray(q, float)[:, None] for q in (q1, q2))
    e, other = (branch(s, "e", x)[0][:, 0, 0] for x in (k, k + q2 - q1))
    h1, h2 = (branch(s, "h", q - k)[0][:, 0, 0] for q in (q1, q2))
    loops = [(e, e, h1, h2), (e, other, h1, h1), (e, e, h1, h1)]
    if min(e.min(), other.min(), h1.min(), h2.min()) > 40 * T:  # f = 0 at e and 1 at -h
        sums = [(a + b + c + d) / ((a + c) * (a + d) * (b + c) * (b + d)) for a, b, c, d in loops]
    else:
        sums = [matsubara(np.array([a, b, -c, -d]), T) for a, b, c, d in loops]
    return sums[0] + sums[1], 2 * sums[2]


def gamma(s, q1, q2, T, *, angles=48, points=8, width=0.5, reach=6.0):
    """gamma and 2 beta(q1); polar coordinates of the electron, beyond ``reach`` in 1/k."""
    x, w = np.polynomial.legendre.leggauss(points)
    edges = np.linspace(0, reach, int(np.ceil(reach / width)) + 1)
    r = (edges[:-1, None] + np.diff(edges)[:, None] * (x + 1) / 2).ravel()
    wr = (np.diff(edges)[:, None] * w / 2).ravel() * r
    u = (x + 1) / (2 * reach)
    r, wr = np.concatenate([r, 1 / u]), np.concatenate([wr, w / (2 * reach) / u**3])
    theta = (np.arange(angles) + 0.5) * 2 * np.pi / angles
    k = (r * np.array([np.cos(theta), np.sin(theta)])[:, :, None]).reshape(2, -1)
    weight = np.tile(wr, angles) / angles / (2 * np.pi)
    total = np.zeros(2)
    for part in np.array_split(np.argsort((k**2).sum(0)), 40):
        total += np.array(integrand(s, k[:, part], q1, q2, T)) @ weight[part]
    return total
