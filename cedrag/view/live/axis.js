// alpha, beta, F, J and dJ/dq on the axis q_y = 0, from Chebyshev series through a few dozen nodes.

const cedragAxis = (() => {
  "use strict";

  // Chebyshev series on [lo, hi] with its derivatives
  class Series {
    constructor(coefficients, lo, hi) {
      [this.c, this.lo, this.hi] = [coefficients, lo, hi];
    }

    static through(values, lo, hi) { // at the nodes of `chebyshevNodes`
      const n = values.length, c = new Float64Array(n);
      for (let m = 0; m < n; m++) {
        for (let i = 0; i < n; i++) c[m] += values[i] * Math.cos((Math.PI * m * (i + 0.5)) / n);
        c[m] *= (m ? 2 : 1) / n;
      }
      return new Series(c, lo, hi);
    }

    at(q) { // Clenshaw
      const x = (2 * q - this.lo - this.hi) / (this.hi - this.lo);
      let b = 0, next = 0;
      for (let m = this.c.length - 1; m > 0; m--) {
        const sum = 2 * x * b - next + this.c[m];
        next = b;
        b = sum;
      }
      return x * b - next + this.c[0];
    }

    derivative() {
      const n = this.c.length, d = new Float64Array(n + 1), scale = 2 / (this.hi - this.lo);
      for (let m = n - 1; m > 0; m--) d[m - 1] = d[m + 1] + 2 * m * this.c[m];
      d[0] *= 0.5;
      return new Series(d.subarray(0, Math.max(n - 1, 1)).map((x) => x * scale), this.lo, this.hi);
    }
  }

  const chebyshevNodes = (lo, hi, n) => Array.from({ length: n },
    (_, i) => 0.5 * (lo + hi) + 0.5 * (hi - lo) * Math.cos((Math.PI * (i + 0.5)) / n));

  // Nodes that resolve [lo, hi]: the nearest singularity lies 2 pi T/v away from the real axis.
  const enoughNodes = (pair, T, lo, hi) => Math.min(96,
    Math.max(12, Math.ceil(4 + 15 / Math.asinh((4 * Math.PI * T) / (pair.speed * (hi - lo))))));

  function bisect(f, a, b) {
    let fa = f(a);
    for (let i = 0; i < 60 && Math.abs(b - a) > 1e-13; i++) {
      const m = 0.5 * (a + b), fm = f(m);
      if (fa * fm <= 0) b = m; else [a, fa] = [m, fm];
    }
    return 0.5 * (a + b);
  }

  // A root to a hundredth of the bracket is enough where only a window is wanted.
  function roughRoot(f, a, b, fa, fb) {
    for (let i = 0; i < 6 && Math.abs(fa) > 0; i++) { // regula falsi, Illinois variant
      const m = b - (fb * (b - a)) / (fb - fa), fm = f(m);
      if (fm * fb <= 0) [a, fa] = [b, fb]; else fa *= 0.5;
      [b, fb] = [m, fm];
      if (Math.abs(b - a) < 1e-3 * Math.abs(a)) break;
    }
    return b;
  }

  // Everything about alpha and beta on the axis, between lo and hi.
  class Axis {
    constructor(integrals, offset, lo, hi, n) {
      const nodes = chebyshevNodes(lo, hi, n).map((q) => integrals(q));
      [this.lo, this.hi] = [lo, hi];
      this.alpha = [Series.through(nodes.map((v) => v.alpha + offset), lo, hi)];
      this.beta = [Series.through(nodes.map((v) => v.beta), lo, hi)];
      for (let k = 0; k < 2; k++) {
        this.alpha.push(this.alpha[k].derivative());
        this.beta.push(this.beta[k].derivative());
      }
    }

    // F = -alpha^2/2 beta, its slope J = dF/dq, and dJ/dq
    freeEnergy(q) {
      const a = this.alpha[0].at(q), b = this.beta[0].at(q);
      return a >= 0 ? 0 : b > 0 ? (-0.5 * a * a) / b : -Infinity;
    }

    current(q) {
      const [a, da] = this.alpha.map((f) => f.at(q)), [b, db] = this.beta.map((f) => f.at(q));
      return (-a * da) / b + (0.5 * a * a * db) / (b * b);
    }

    slope(q) {
      const [a, da, dda] = this.alpha.map((f) => f.at(q));
      const [b, db, ddb] = this.beta.map((f) => f.at(q));
      return -(da * da + a * dda) / b + (2 * a * da * db + 0.5 * a * a * ddb) / (b * b)
        - (a * a * db * db) / (b * b * b);
    }
  }

  return { Axis, enoughNodes, bisect, roughRoot };
})();
