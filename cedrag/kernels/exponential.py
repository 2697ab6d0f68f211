"""exp(-x) without branches or calls, so that LLVM can vectorise a loop that contains it."""

import math

import numpy as np

from .cached import njit

# options for code that must vectorise: no ZeroDivisionError branch, inlined, fused multiply-add
VECTOR = {"cache": True, "error_model": "numpy", "fastmath": {"contract"}, "forceinline": True}

_LOG2_E = 1.0 / math.log(2.0)
_LN2_HIGH = 6.93147180369123816490e-01  # ln 2 in two parts: n * high is exact for |n| < 2^20
_LN2_LOW = 1.90821492927058770002e-10
_ROUND = 1.5 * 2.0**52  # adding and subtracting it rounds to the nearest integer
_TAYLOR = tuple(1.0 / math.factorial(n) for n in range(14))


@njit(**VECTOR)
def exp_neg(x):
    """exp(-x) for 0 <= x <= 700, to 2 units in the last place: 2^n exp(r), |r| <= ln(2)/2."""
    n = (_ROUND - x * _LOG2_E) - _ROUND
    r = (-x - n * _LN2_HIGH) - n * _LN2_LOW
    p = _TAYLOR[13]
    for k in range(12, -1, -1):
        p = p * r + _TAYLOR[k]
    return p * np.int64((np.int64(n) + 1023) << 52).view(np.float64)
