// Mean field at one pair momentum on the axis q_y = 0, any gap: the twin of cedrag's MeanField.
//
// Level "band" keeps the lower branches and one number Delta.  Level "full" keeps all spins, for
// lambda_h = 0: Delta is a spinor with the hole on its lower branch, |Delta|^2 = u, and its spin
// lies in the plane of the mirror, S = u (0, sin theta, cos theta).

const cedragGap = ((pairs) => {
  "use strict";
  const { crossings, fermiRadius, farthest, gauss } = pairs;

  const RADIAL = 14, TAIL = 7, ANGLES = 28;
  const CLOSE = 3e-4; // the last step of Newton squares it
  const softplus = (y) => (y > 0 ? y + Math.log1p(Math.exp(-y)) : Math.log1p(Math.exp(y)));
  const fermi = (y) => (y > 0 ? Math.exp(-y) / (1 + Math.exp(-y)) : 1 / (1 + Math.exp(y)));

  // Panels of a ray: r = centre + width sinh(v) up to the middle between neighbours, then 1/r.
  function fillRay(centres, width, radius, weight) {
    const core = gauss(RADIAL), tail = gauss(TAIL), far = 2 * centres.at(-1) + 6 * width;
    let n = 0, from = 0;
    centres.forEach((centre, k) => {
      const to = k + 1 < centres.length ? 0.5 * (centre + centres[k + 1]) : far;
      const lo = Math.asinh((from - centre) / width), hi = Math.asinh((to - centre) / width);
      const scale = 0.5 * (hi - lo), shift = 0.5 * (hi + lo);
      for (let i = 0; i < RADIAL; i++) {
        const up = Math.exp(shift + scale * core.node[i]), down = 1 / up;
        radius[n] = centre + 0.5 * width * (up - down);
        weight[n] = core.weight[i] * scale * 0.5 * width * (up + down) * radius[n];
        n += 1;
      }
      from = to;
    });
    for (let i = 0; i < TAIL; i++) {
      const v = (0.5 * (1 + tail.node[i])) / far;
      radius[n] = 1 / v;
      weight[n++] = (0.5 * tail.weight[i]) / (far * v * v * v);
    }
    return n;
  }

  // What the functional needs at every node of momentum (q, qy): energies, their slopes in q, n and
  // dn/dq.  On the axis half the circle is enough; off it the spinor is not served.
  function nodesAt(pair, T, q, full, qy = 0) {
    const { e, h } = pair, [eLo, eHi] = pair.eRange, [hLo, hHi] = pair.hRange;
    const origin = 0.25 * (eLo + eHi - hLo - hHi), x0 = 0.5 * q, y0 = 0.5 * qy;
    const width = (Math.PI * T) / pair.speed, rays = (qy ? 2 : 1) * ANGLES, most = 3 * RADIAL + TAIL;
    const [radius, weights] = [new Float64Array(most), new Float64Array(most)];
    const field = () => new Float64Array(rays * most);
    const g = { w: field(), vacuum: field(), e: field(), h: field(), de: field(), dh: field(), n: 0 };
    if (full) for (const name of ["E", "dE", "ny", "nz", "dny", "dnz"]) g[name] = field();
    const step = Math.PI / ANGLES, measure = ((qy ? 1 : 2) * step) / (4 * Math.PI * Math.PI);
    let rE = 2 * farthest(e), rH = 2 * farthest(h);
    for (let j = 0; j < rays; j++) {
      const c = Math.cos(step * (j + 0.5)), s = Math.sin(step * (j + 0.5));
      rE = fermiRadius(e, x0 + origin, y0, c, s, j ? rE + 0.3 : rE);
      rH = fermiRadius(h, x0 - origin, y0, -c, -s, j ? rH + 0.3 : rH);
      const centres = [Math.min(rE, rH), Math.max(rE, rH)];
      if (full) {
        const upper = upperRadius(e, x0 + origin, c, s, rE);
        if (upper > 0) centres.push(upper);
        centres.sort((a, b) => a - b);
      }
      const count = fillRay(centres, width, radius, weights);
      for (let i = 0; i < count; i++) {
        const kx = origin + radius[i] * c, ky = radius[i] * s, m = g.n++;
        g.w[m] = weights[i] * measure;
        g.vacuum[m] = 1 / (kx * kx + ky * ky + pair.reference);
        const [px, py, hx, hy] = [x0 + kx, y0 + ky, x0 - kx, y0 - ky];
        const ax = e.lam * px + e.B, ay = e.lam * py, bx = h.lam * hx + h.B, by = h.lam * hy;
        const root = Math.sqrt(ax * ax + ay * ay + e.J * e.J), kinetic = 0.5 * (px * px + py * py) - e.mu;
        const rootH = Math.sqrt(bx * bx + by * by + h.J * h.J);
        g.e[m] = kinetic - root;
        g.de[m] = 0.5 * (px - (e.lam * ax) / root); // d/dq moves either carrier by 1/2
        g.h[m] = 0.5 * (hx * hx + hy * hy) - h.mu - rootH;
        g.dh[m] = 0.5 * (hx - (h.lam * bx) / rootH);
        if (full) {
          g.E[m] = kinetic + root;
          g.dE[m] = 0.5 * (px + (e.lam * ax) / root);
          g.ny[m] = ax / root;
          g.nz[m] = e.J / root;
          const slope = (0.5 * e.lam) / root;
          g.dny[m] = slope * (1 - g.ny[m] * g.ny[m]);
          g.dnz[m] = -slope * g.ny[m] * g.nz[m];
        }
      }
    }
    return g;
  }

  // The zero of the upper branch on the ray (x, 0) + r (c, s), 0 if that branch is empty there.
  function upperRadius(band, x, c, s, start) {
    let r = start;
    for (let i = 0; i < 20; i++) {
      const px = x + r * c, py = r * s, a = band.lam * px + band.B, b = band.lam * py;
      const root = Math.sqrt(a * a + b * b + band.J * band.J);
      const value = 0.5 * (px * px + py * py) - band.mu + root;
      if (r === 0 && value > 0) return 0;
      const slope = px * c + py * s + (band.lam * (a * c + b * s)) / Math.max(root, 1e-12);
      const move = value / Math.max(slope, 0.3);
      r = Math.max(r - move, 0);
      if (Math.abs(move) < 1e-3) break;
    }
    return r;
  }

  // ---- one number Delta -----------------------------------------------------------------

  // Omega = Int { u/(k^2+E) + x - E' - T ln(1 + e^-(E'+d)/T) - T ln(1 + e^-(E'-d)/T) } - (u = 0),
  // E' = sqrt(x^2 + u), x = (e+h)/2, d = (e-h)/2; first and second derivative in u, slope in q.
  function bandSums(g, T, u, offset, want) {
    const half = 0.5 / T;
    let [value, first, second, current] = [offset * u, offset, 0, 0];
    const pair = new Float64Array(2);
    for (let m = 0; m < g.n; m++) {
      const x = 0.5 * (g.e[m] + g.h[m]), d = 0.5 * (g.e[m] - g.h[m]), E = Math.sqrt(x * x + u), w = g.w[m];
      pairs.pairFunctions(E / T, d / T, pair);
      first += w * (g.vacuum[m] - half * pair[0]);
      second += w * pair[1];
      if (want) {
        // x - E without cancellation far out
        const sink = x > 0 ? -u / (x + E) : x - E, X = Math.abs(x);
        const rise = x > 0 ? 0 : x - X;
        value += w * (u * g.vacuum[m] + sink - rise - T * (softplus(-(E + d) / T) + softplus(-(E - d) / T)
          - softplus(-(X + d) / T) - softplus(-(X - d) / T)));
        const up = fermi((E + d) / T), down = fermi((E - d) / T);
        const share = x > 0 ? u / (E * (E + x)) : 1 - x / E; // 1 - x/E'
        const dx = share + (1 - share) * (up + down), dd = up - down;
        current += w * ((0.5 * (dx + dd) - fermi(g.e[m] / T)) * g.de[m]
          + (0.5 * (dx - dd) - fermi(g.h[m] / T)) * g.dh[m]);
      }
    }
    return { value, first, second: second / (4 * T * T * T), current };
  }

  // The u of the lowest state near `guess`, or of the normal state; Newton on dOmega/du.
  function bandState(g, T, offset, guess) {
    let u = Math.max(guess, 1e-9);
    for (let i = 0; i < 60; i++) {
      const { first, second } = bandSums(g, T, u, offset, false);
      let next = second > 0 ? u - first / second : first < 0 ? 2 * u : 0.4 * u;
      next = Math.min(Math.max(next, 0.15 * u), 4 * u);
      const done = Math.abs(next - u) < CLOSE * u && second > 0;
      u = next;
      if (u < 1e-8) return null;
      if (done) break;
    }
    const { value, current, second } = bandSums(g, T, u, offset, true);
    return second > 0 ? { u, theta: 0, F: value, J: current } : null;
  }

  // ---- a spinor -------------------------------------------------------------------------

  // Roots of (z - a)(z - b)(z + h) - P (z - b) - M (z - a), lowest first.
  function cubic(a, b, h, P, M, z) {
    const shift = (a + b - h) / 3, [x, y, w] = [a - shift, b - shift, -h - shift];
    const p = (x * x + y * y + w * w) / 2 + P + M; // z^3 - p z - r
    const r = x * y * w - P * y - M * x;
    const size = 2 * Math.sqrt(p / 3), angle = Math.acos(Math.max(-1, Math.min(1, (4 * r) / (size * size * size)))) / 3;
    z[2] = shift + size * Math.cos(angle);
    z[1] = shift + size * Math.cos(angle - (2 * Math.PI) / 3);
    z[0] = shift + size * Math.cos(angle + (2 * Math.PI) / 3);
    for (let i = 0; i < 3; i++) { // one step of Newton takes off the rounding of acos
      const f = (z[i] - a) * (z[i] - b) * (z[i] + h) - P * (z[i] - b) - M * (z[i] - a);
      const s = (z[i] - b) * (z[i] + h) + (z[i] - a) * (z[i] + h) + (z[i] - a) * (z[i] - b) - P - M;
      if (Math.abs(s) > 1e-3 * p) z[i] -= f / s;
    }
  }

  // Omega(u, theta) with its slopes `first` in u and u `turn` in theta, and second derivatives.
  function fullSlopes(g, T, u, theta, offset) {
    const sin = Math.sin(theta), cos = Math.cos(theta), z = new Float64Array(3);
    let [first, turn, uu, ut, tt] = [offset, 0, 0, 0, 0];
    for (let m = 0; m < g.n; m++) {
      const a = g.e[m], b = g.E[m], h = g.h[m], w = g.w[m];
      const c = g.ny[m] * sin + g.nz[m] * cos, s = g.ny[m] * cos - g.nz[m] * sin; // n.S/u, its slope
      const p = 0.5 * (1 - c), q = 0.5 * (1 + c);
      cubic(a, b, h, u * p, u * q, z);
      let [dP, dM, PP, PM, MM] = [0, 0, 0, 0, 0];
      for (let i = 0; i < 3; i++) {
        const f = fermi(z[i] / T), df = (f * (f - 1)) / T, slope = safe((z[i] - z[(i + 1) % 3]) * (z[i] - z[(i + 2) % 3]));
        const bend = 2 * (3 * z[i] - a - b + h), P = (z[i] - b) / slope, M = (z[i] - a) / slope;
        dP += f * P;
        dM += f * M;
        PP += df * P * P - (f * P * (bend * P - 2)) / slope;
        MM += df * M * M - (f * M * (bend * M - 2)) / slope;
        PM += df * P * M - (f * (bend * P * M - P - M)) / slope;
      }
      const twist = 0.5 * (dM - dP), cross = 0.5 * (p * (PM - PP) + q * (MM - PM));
      first += w * (g.vacuum[m] + p * dP + q * dM);
      turn += w * twist * s;
      uu += w * (p * p * PP + 2 * p * q * PM + q * q * MM);
      ut += w * s * (twist + u * cross); // d(first)/d(theta)
      tt += w * (0.25 * u * s * s * (PP - 2 * PM + MM) - twist * c);
    }
    return { first, turn, uu, ut, tt };
  }

  const safe = (x) => (Math.abs(x) < 1e-12 ? 1e-12 : x); // levels that touch

  // z + h for the lowest root z of the cubic, where all energies are positive.
  function farSink(a, b, h, P, M) {
    let d = 0;
    for (let i = 0; i < 8; i++) d = P / (d - h - a) + M / (d - h - b);
    return d;
  }

  // Omega and its slope in q at fixed Delta.
  function fullValue(g, T, u, theta, offset) {
    const sin = Math.sin(theta), cos = Math.cos(theta), z = new Float64Array(3);
    let [value, current] = [offset * u, 0];
    for (let m = 0; m < g.n; m++) {
      const a = g.e[m], b = g.E[m], h = g.h[m];
      const c = g.ny[m] * sin + g.nz[m] * cos, P = 0.5 * u * (1 - c), M = 0.5 * u * (1 + c);
      cubic(a, b, h, P, M, z);
      let [twist, nA, nB, nH] = [0, 0, 0, 1];
      for (let i = 0; i < 3; i++) {
        const f = fermi(z[i] / T) / safe((z[i] - z[(i + 1) % 3]) * (z[i] - z[(i + 2) % 3]));
        const A = z[i] - a, B = z[i] - b, H = z[i] + h;
        twist += 0.5 * f * (A - B);
        nA += f * (B * H - M);
        nB += f * (A * H - P);
        nH -= f * A * B;
      }
      const sink = Math.min(a, h) > 30 * T ? farSink(a, b, h, P, M) // no cancellation far out
        : h - T * (softplus(-z[0] / T) + softplus(-z[1] / T) + softplus(-z[2] / T))
          + T * (softplus(-a / T) + softplus(-b / T) + softplus(-h / T));
      value += g.w[m] * (u * g.vacuum[m] + sink);
      current += g.w[m] * ((nA - fermi(a / T)) * g.de[m] + (nB - fermi(b / T)) * g.dE[m]
        + (nH - fermi(h / T)) * g.dh[m] + u * twist * (g.dny[m] * sin + g.dnz[m] * cos));
    }
    return { value, current };
  }

  // alpha at level full: A - |B|, with the angle theta of its lowest vector.
  function fullAlpha(g, T, offset) {
    let [mean, y, z] = [offset, 0, 0];
    const weight = (a, h) => { // (1 - f(a) - f(h))/(a + h)
      const x = (a + h) / (2 * T);
      return Math.abs(x) > 1e-4 ? (1 - fermi(a / T) - fermi(h / T)) / (a + h)
        : (fermi(a / T) * (1 - fermi(a / T))) / T;
    };
    for (let m = 0; m < g.n; m++) {
      const low = weight(g.e[m], g.h[m]), high = weight(g.E[m], g.h[m]), w = g.w[m];
      mean += w * (g.vacuum[m] - 0.5 * (low + high));
      y -= 0.5 * w * (low - high) * g.ny[m];
      z -= 0.5 * w * (low - high) * g.nz[m];
    }
    // alpha(S) = mean + (low - high)/2 n.S: lowest against the vector (-y, -z)
    return { alpha: mean - Math.hypot(y, z), theta: Math.atan2(y, z) };
  }

  // Newton in (u, theta); null where the branch ends.
  function fullState(g, T, offset, guess) {
    let { u, theta } = { u: Math.max(guess.u, 1e-9), theta: guess.theta };
    for (let i = 0; i < 40; i++) {
      const { first, turn, uu, ut, tt } = fullSlopes(g, T, u, theta, offset), tu = ut / u;
      const det = uu * tt - ut * tu, inside = uu > 0 && tt > 0 && det > 0;
      let [mu, mt] = [first < 0 ? u : -0.6 * u, tt > 0 ? -turn / tt : 0];
      if (inside) [mu, mt] = [(ut * turn - tt * first) / det, (tu * first - uu * turn) / det];
      mu = Math.min(Math.max(mu, -0.85 * u), 3 * u);
      mt = Math.min(Math.max(mt, -0.5), 0.5);
      u += mu;
      theta += mt;
      if (u < 1e-8) return null;
      if (Math.abs(mu) < CLOSE * u && Math.abs(mt) < CLOSE) {
        if (!inside) return null;
        const { value, current } = fullValue(g, T, u, theta, offset);
        return { u, theta, F: value, J: current };
      }
    }
    return null;
  }

  return { nodesAt, bandSums, bandState, fullAlpha, fullState };
})(cedragPairs);
