"""Nested Gauss-Kronrod rules, made from their definition, and an adaptive rule on panels."""

import numpy as np
from numpy.polynomial import legendre

__all__ = ["gauss_kronrod", "integrate_adaptively"]


def gauss_kronrod(n):
    """Return nodes, Kronrod weights and embedded Gauss weights of the (2n+1)-point rule on [-1, 1].

    The n + 1 added nodes are the zeros of the Stieltjes polynomial E, defined by
    integral of P_n E P_k = 0 for all k <= n. The Gauss weights are zero at the added nodes.
    """
    x, w = legendre.leggauss(2 * n + 4)
    values = legendre.legvander(x, n + 1)
    weighted = (w * values[:, n])[:, None] * values
    unknown = np.arange((n + 1) % 2, n + 1, 2)  # E has the parity of n + 1
    tested = np.arange(1, n + 1, 2)  # the other k hold by parity
    gram = values[:, tested].T @ weighted
    stieltjes = np.zeros(n + 2)
    stieltjes[unknown] = np.linalg.lstsq(gram[:, unknown], -gram[:, n + 1], rcond=None)[0]
    stieltjes[n + 1] = 1.0

    gauss_nodes, gauss_weights = legendre.leggauss(n)
    added = np.sort(legendre.legroots(stieltjes).real)
    for _ in range(2):
        slope = legendre.legval(added, legendre.legder(stieltjes))
        added = added - legendre.legval(added, stieltjes) / slope
    nodes = np.concatenate([gauss_nodes, added])
    embedded = np.concatenate([gauss_weights, np.zeros(n + 1)])
    order = np.argsort(nodes)
    nodes, embedded = nodes[order], embedded[order]
    nodes = 0.5 * (nodes - nodes[::-1])
    moments = np.zeros(2 * n + 1)
    moments[0] = 2.0
    weights = np.linalg.solve(legendre.legvander(nodes, 2 * n).T, moments)
    return nodes, 0.5 * (weights + weights[::-1]), embedded


NODES, WEIGHTS, EMBEDDED = gauss_kronrod(10)


def integrate_adaptively(function, breakpoints, rtol, max_evaluations=4000):
    """Integrate ``function`` over panels that are halved where needed.

    ``function`` takes an array (N,) and returns (N,), or (N, C) for C integrals on the same
    panels, of which the first decides where to halve.

    Returns
    -------
    value, error, evaluations : float or (C,), float or (C,), int
        ``error`` is the sum over panels of |Kronrod - Gauss|, which overstates the true error.
        The caller decides whether ``error`` is small enough: nothing is raised here.
    """
    pending = np.column_stack([breakpoints[:-1], breakpoints[1:]]).astype(float)
    done_value = done_error = 0.0
    span = breakpoints[-1] - breakpoints[0]
    evaluations = 0
    while True:
        half = 0.5 * (pending[:, 1] - pending[:, 0])
        centre = 0.5 * (pending[:, 1] + pending[:, 0])
        y = np.asarray(function((centre[:, None] + half[:, None] * NODES).ravel()))
        evaluations += len(y)
        y = y.reshape(-1, NODES.size, *y.shape[1:])
        panel = np.einsum("i,j,ij...->i...", half, WEIGHTS, y)
        error = np.abs(np.einsum("i,j,ij...->i...", half, WEIGHTS - EMBEDDED, y))
        value = done_value + panel.sum(axis=0)
        total_error = done_error + error.sum(axis=0)
        goal = rtol * abs(np.ravel(value)[0])
        first = error.reshape(len(error), -1)[:, 0]
        keep = first <= goal * np.minimum(1.0, 2.0 * half / span) * 0.5
        enough = np.ravel(total_error)[0] <= goal or keep.all()
        if enough or evaluations >= max_evaluations or not np.all(np.isfinite(value)):
            return value, total_error, evaluations
        done_value = done_value + panel[keep].sum(axis=0)
        done_error = done_error + error[keep].sum(axis=0)
        left, right, middle = pending[~keep, 0], pending[~keep, 1], centre[~keep]
        pending = np.concatenate(
            [np.column_stack([left, middle]), np.column_stack([middle, right])]
        )
