// The coherent-exciton diode in plain JavaScript: the twin of cedrag's Ginzburg-Landau theory.
//
// hbar = k_B = 1, energies in E_u = k_B T_c, momenta in 1/l_u, currents in J_u; equal masses.
// This file: bands, pair functions, mesh, alpha(q) and beta(q).  diode.js does the rest.
// parameters: {B, t, lambda_e, lambda_h, J, E_Fe, E_Fh}.

const cedragPairs = (() => {
  "use strict";

  // ---- bands ----------------------------------------------------------------------------

  // xi(k) = k^2/2 - mu - s(k),  s = sqrt((lam kx + B)^2 + (lam ky)^2 + J^2)
  function splitting(band, x, y) {
    const a = band.lam * x + band.B, b = band.lam * y;
    return Math.sqrt(a * a + b * b + band.J * band.J);
  }
  const xi = (band, x, y) => 0.5 * (x * x + y * y) - band.mu - splitting(band, x, y);

  function layers(p) {
    const band = (fermi, lam) => ({ mu: fermi - Math.abs(p.J), lam, B: p.B, J: p.J });
    return { e: band(p.E_Fe, p.lambda_e), h: band(p.E_Fh, p.lambda_h) };
  }

  // Outermost zero of xi on the ray (x, y) + r (c, s): Newton from `r`, which lies outside it.
  function fermiRadius(band, x, y, c, s, r) {
    for (let i = 0; i < 12; i++) {
      const kx = x + r * c, ky = y + r * s, root = splitting(band, kx, ky);
      const value = 0.5 * (kx * kx + ky * ky) - band.mu - root;
      const slope = kx * c + ky * s
        - (band.lam * ((band.lam * kx + band.B) * c + band.lam * ky * s)) / Math.max(root, 1e-12);
      const step = value / Math.max(slope, 0.3);
      r = Math.max(r - step, 0);
      if (Math.abs(step) < 1e-3) break;
    }
    return r;
  }

  // k^2/2 - mu - |lam| k - |B| - |J| = 0: no contour reaches farther
  const farthest = (band) => Math.abs(band.lam) + Math.sqrt(
    Math.max(0, band.lam * band.lam + 2 * (band.mu + Math.abs(band.B) + Math.abs(band.J))));

  // A polyline of the contour for the eye, seen from its centre.
  function contour(band, n = 120) {
    const far = 2 * farthest(band), [lo, hi] = crossings(band), x = 0.5 * (lo + hi), line = [];
    for (let i = 0; i <= n; i++) {
      const c = Math.cos((2 * Math.PI * i) / n), s = Math.sin((2 * Math.PI * i) / n);
      const r = fermiRadius(band, x, 0, c, s, far);
      line.push([x + r * c, r * s]);
    }
    return line;
  }

  const crossings = (band) => [
    -fermiRadius(band, 0, 0, -1, 0, farthest(band)), fermiRadius(band, 0, 0, 1, 0, farthest(band)),
  ];

  // Lowest energy of the upper branch k^2/2 - mu + s, which the theory drops; golden section.
  function upperBranch(band) {
    let a = -Math.abs(band.lam) - 1e-9, b = -a;
    const f = (x) => 0.5 * x * x - band.mu + splitting(band, x, 0), g = 0.5 * (Math.sqrt(5) - 1);
    for (let i = 0; i < 60; i++) {
      const x = b - g * (b - a), y = a + g * (b - a);
      if (f(x) < f(y)) b = y; else a = x;
    }
    return f(0.5 * (a + b));
  }

  // ---- pair functions -------------------------------------------------------------------

  // With X = (e+h)/2T, D = (e-h)/2T and S = sinh X/(cosh X + cosh D) = 1 - f(e) - f(h):
  //   w = S/X   and   y = (S/X - dS/dX)/X^2,
  // alpha = 1/g - Int w/2T,  beta = Int y/4T^3.  Only exponentials of negative numbers occur.
  function pairFunctions(X, D, out) {
    const x = Math.abs(X), d = Math.abs(D);
    const large = Math.exp(-Math.min(0.5 * (x + d), 340));
    const small = Math.exp(-Math.min(0.5 * Math.abs(x - d), 340));
    const p = large * large, g = small * small;
    const norm = 1 / ((1 + g) * (1 + p));
    const Q = 2 * large * small * norm; // 1/(cosh X + cosh D)
    const coshD = (x > d ? g + p : 1 + g * p) * norm; // cosh D over the same
    if (x < 0.2) { // the power series, where the direct form would cancel
      const z = X * X, s = 1 + (z / 6) * (1 + (z / 20) * (1 + z / 42));
      const r = 1 / 3 + (z / 30) * (1 + z / 28), q = 2 / 3 + (2 * z / 15) * (1 + (2 * z) / 21);
      out[0] = Q * s;
      out[1] = Q * (Q * q - coshD * r);
    } else {
      const sinhX = (x > d ? 1 - g * p : g - p) * norm, coshX = (x > d ? 1 + g * p : g + p) * norm;
      out[0] = sinhX / x;
      out[1] = (out[0] - Q * Q - coshX * coshD) / (x * x);
    }
  }

  // ---- mesh -----------------------------------------------------------------------------

  // Nodes on each ray (two panels and a tail) and rays on half the circle.  SHARP gives alpha to
  // 4e-7 and beta to 1e-6 of its absolute integral over the whole range of the sliders (measured,
  // t >= 0.3), PLAIN as much where no band has a narrow cone and t > 0.5.  COARSE is for
  // comparing states and for finding windows.
  const SHARP = { radial: 18, tail: 8, angles: 40 }, PLAIN = { radial: 14, tail: 6, angles: 26 };
  const COARSE = { radial: 12, tail: 5, angles: 18 };
  const fineMesh = ({ e, h }, T) =>
    (T > 0.5 && Math.abs(e.J) > 3 * Math.max(Math.abs(e.lam), Math.abs(h.lam)) ? PLAIN : SHARP);

  const rules = new Map();
  // Gauss-Legendre nodes and weights on [-1, 1]
  function gauss(n) {
    if (!rules.has(n)) {
      const node = new Float64Array(n), weight = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5)), slope = 1;
        for (let k = 0; k < 20; k++) {
          let p0 = 1, p1 = x;
          for (let m = 2; m <= n; m++) [p0, p1] = [p1, ((2 * m - 1) * x * p1 - (m - 1) * p0) / m];
          slope = (n * (x * p1 - p0)) / (x * x - 1);
          const step = p1 / slope;
          x -= step;
          if (Math.abs(step) < 1e-15) break;
        }
        node[i] = x;
        weight[i] = 2 / ((1 - x * x) * slope * slope);
      }
      rules.set(n, { node, weight });
    }
    return rules.get(n);
  }

  // Nodes and weights for Int r dr on a ray that crosses the two contours at `inner` and `outer`:
  // r = inner or outer + width sinh(u) on either side of the point between them, where
  // width = pi T/v is the distance of the Matsubara poles; beyond them u = 1/r to infinity.
  function fillRay(inner, outer, width, core, tail, radius, weight) {
    const middle = 0.5 * (inner + outer), R = 2 * outer + 6 * width;
    let n = 0;
    for (let side = 0; side < 2; side++) {
      const centre = side ? outer : inner;
      const from = Math.asinh((side ? middle - outer : -inner) / width);
      const to = Math.asinh((side ? R - outer : middle - inner) / width);
      const scale = 0.5 * (to - from), shift = 0.5 * (to + from);
      for (let i = 0; i < core.node.length; i++) {
        const up = Math.exp(shift + scale * core.node[i]), down = 1 / up;
        const r = centre + 0.5 * width * (up - down);
        radius[n] = r;
        weight[n++] = core.weight[i] * scale * 0.5 * width * (up + down) * r;
      }
    }
    for (let i = 0; i < tail.node.length; i++) { // dr = du/u^2
      const u = (0.5 * (1 + tail.node[i])) / R;
      radius[n] = 1 / u;
      weight[n++] = (0.5 * tail.weight[i]) / (R * u * u * u);
    }
  }

  // alpha without 1/g, beta, and Int |y|/4T^3 as functions of the pair momentum (qx, qy).
  // Polar coordinates about the point midway between the centres of both contours; over the angle
  // the trapezoidal rule, on half the circle if qy = 0 (mirror k_y -> -k_y).
  function makeIntegrals(pair, T, mesh = fineMesh(pair, T)) {
    const { e, h } = pair, [eLo, eHi] = pair.eRange, [hLo, hHi] = pair.hRange;
    const origin = 0.25 * (eLo + eHi - hLo - hHi), E = pair.reference, half = 0.5 / T;
    const farE = 2 * farthest(e), farH = 2 * farthest(h), width = (Math.PI * T) / pair.speed;
    const core = gauss(mesh.radial), tail = gauss(mesh.tail), nodes = 2 * mesh.radial + mesh.tail;
    const radius = new Float64Array(nodes), weight = new Float64Array(nodes);
    const wy = new Float64Array(2);

    return function integrals(qx, qy = 0) {
      const x = 0.5 * qx, z = 0.5 * qy, rays = (qy === 0 ? 1 : 2) * mesh.angles;
      const step = (qy === 0 ? Math.PI : 2 * Math.PI) / rays;
      let alpha = 0, beta = 0, size = 0, rE = farE, rH = farH;
      for (let j = 0; j < rays; j++) {
        const angle = step * (j + 0.5), c = Math.cos(angle), s = Math.sin(angle);
        // Newton from far outside at the first ray, then from the neighbour
        rE = fermiRadius(e, x + origin, z, c, s, j ? rE + 0.3 : farE);
        rH = fermiRadius(h, x - origin, z, -c, -s, j ? rH + 0.3 : farH);
        fillRay(Math.min(rE, rH), Math.max(rE, rH), width, core, tail, radius, weight);
        for (let i = 0; i < nodes; i++) {
          const kx = origin + radius[i] * c, ky = radius[i] * s;
          const xiE = xi(e, x + kx, z + ky), xiH = xi(h, x - kx, z - ky);
          pairFunctions((xiE + xiH) * half, (xiE - xiH) * half, wy);
          alpha += weight[i] * (1 / (kx * kx + ky * ky + E) - half * wy[0]);
          beta += weight[i] * wy[1];
          size += weight[i] * Math.abs(wy[1]);
        }
      }
      // d^2k/(2 pi)^2 over the whole circle
      const measure = ((qy === 0 ? 2 : 1) * step) / (4 * Math.PI * Math.PI);
      const cubic = 0.25 / (T * T * T);
      return { alpha: alpha * measure, beta: beta * measure * cubic, size: size * measure * cubic };
    };
  }

  return { layers, xi, contour, crossings, fermiRadius, farthest, upperBranch, gauss, pairFunctions,
    makeIntegrals, COARSE };
})();
