// Condensate and critical currents from alpha(q) and beta(q), and the words for what went wrong.
//
// tests/test_live.py compares `look` with GinzburgLandau(...).diode() in a browser.

const cedragDiode = ((pairs, axes) => {
  "use strict";
  const { layers, crossings, fermiRadius, farthest, makeIntegrals, COARSE } = pairs;
  const { Axis, enoughNodes, bisect, roughRoot } = axes;

  // ---- the plane of pair momenta --------------------------------------------------------

  // What the contours say about pairs: both on their contours means q = k_e(phi) + k_h(phi + pi),
  // a ring about `centre` that shrinks to a point for nested contours.
  function makePair(p) {
    const { e, h } = layers(p), eRange = crossings(e), hRange = crossings(h);
    const size = 0.5 * Math.max(eRange[1] - eRange[0], hRange[1] - hRange[0]);
    const centreE = 0.5 * (eRange[0] + eRange[1]), centreH = 0.5 * (hRange[0] + hRange[1]);
    const gap = (phi) => {
      const c = Math.cos(phi), s = Math.sin(phi);
      return fermiRadius(e, centreE, 0, c, s, 2 * farthest(e))
        - fermiRadius(h, centreH, 0, -c, -s, 2 * farthest(h));
    };
    const angles = [0, 1, 2, 3, 4, 5, 6].map((i) => (i * Math.PI) / 6);
    const ring = angles.map((phi) => [gap(phi) * Math.cos(phi), Math.abs(gap(phi) * Math.sin(phi))]);
    return { e, h, eRange, hRange, reference: size * size, speed: Math.max(size, 0.5),
      centre: centreE + centreH, ring, reach: Math.max(...ring.map(([x, y]) => Math.hypot(x, y))) };
  }

  // The lowest of the seeds around the ring, off the axis.
  function bestSeed(pair, f, spacing) {
    let best = { q: null, value: Infinity };
    for (const fraction of [0.5, 0.9, 1.3]) {
      for (const [x, z] of pair.ring) {
        const q = [pair.centre + fraction * x, Math.max(fraction * z, 0.3 * spacing)];
        const value = f(q[0], q[1]);
        if (value < best.value) best = { q, value };
      }
    }
    return best.q;
  }

  // Downhill in the plane from q: the simplex of Nelder and Mead, first step `size`.
  function descend(f, q, size, steps = 40) {
    const at = (x, z) => ({ q: [x, Math.abs(z)], value: f(x, Math.abs(z)) });
    let simplex = [at(...q), at(q[0] + size, q[1]), at(q[0], q[1] + size)];
    const byValue = (a, b) => (a.value === b.value ? 0 : a.value - b.value);
    for (let i = 0; i < steps; i++) {
      const [a, b, c] = simplex.sort(byValue);
      if (a.value === -Infinity) break;
      const middle = [0.5 * (a.q[0] + b.q[0]), 0.5 * (a.q[1] + b.q[1])];
      const go = (s) => at(...middle.map((m, k) => m + s * (c.q[k] - m)));
      let next = go(-1);
      if (next.value < a.value) {
        const farther = go(-2);
        if (farther.value < next.value) next = farther;
      } else if (next.value >= b.value) {
        next = go(next.value < c.value ? -0.5 : 0.5);
        if (next.value >= c.value) {
          simplex = [a, ...[b, c].map((v) => at(...v.q.map((x, k) => 0.5 * (x + a.q[k]))))];
          continue;
        }
      }
      simplex = [a, b, next];
    }
    return simplex.sort(byValue)[0];
  }

  // Whether f rises on the straight way from q to the state (x, 0): else q is no minimum of its own.
  function isApart(f, q, x) {
    const way = [0, 0.2, 0.4, 0.6, 0.8].map((s) => f(q[0] + s * (x - q[0]), q[1] * (1 - s) + 1e-9));
    return way.some((value, i) => i > 0 && value > way[i - 1]);
  }

  // A ring of strong pairing about the centre shows on the axis as a place where alpha is concave.
  function mayHoldRing(pair, axis) {
    for (let i = -20; i <= 20; i++) {
      const q = pair.centre + (pair.reach * i) / 20;
      if (q > axis.lo && q < axis.hi && axis.alpha[2].at(q) < 0) return true;
    }
    return false;
  }

  // 1/g from alpha(T_c = 1, q*) = 0 at the momentum of the strongest pairing in the plane.
  function strongestPairing(pair) {
    const fine = makeIntegrals(pair, 1), spacing = 1.5 / pair.speed;
    const half = 1.2 * pair.reach + spacing;
    const lo = pair.centre - half, hi = pair.centre + half;
    const axis = new Axis(fine, 0, lo, hi, enoughNodes(pair, 1, lo, hi));
    const grid = Array.from({ length: 201 }, (_, i) => lo + ((hi - lo) * i) / 200);
    const values = grid.map((q) => axis.alpha[0].at(q));
    const i = values.indexOf(Math.min(...values));
    const q = i === 0 || i === 200 ? grid[i]
      : bisect((x) => axis.alpha[1].at(x), grid[i - 1], grid[i + 1]);
    const onAxis = { axis: q, q: [q, 0], alpha: fine(q).alpha };
    const coarse = makeIntegrals(pair, 1, COARSE), alpha = (x, z) => coarse(x, z).alpha;
    const saddle = alpha(q, 0.1 * spacing) < alpha(q, 1e-9);
    if (!saddle && !mayHoldRing(pair, axis)) return onAxis;
    const aside = descend(alpha, bestSeed(pair, alpha, spacing), 0.2 * spacing);
    if (aside.q[1] < 0.02 * spacing || aside.value >= alpha(q, 1e-9)) return onAxis;
    return { axis: q, q: aside.q, alpha: fine(...aside.q).alpha };
  }

  // The interval of q_x that holds the momenta with alpha < 0 around `start`, or null.
  function pairingWindow(pair, integrals, offset, t, start) {
    const spacing = (1.5 * Math.max(t, 0.5)) / pair.speed, alpha = (q) => integrals(q).alpha + offset;
    const here = alpha(start), negative = here < 0 ? [start] : [];
    const ends = [-1, 1].map((direction) => {
      // the far side of the ring counts too
      const least = direction * (pair.centre - start) + 1.2 * pair.reach;
      let [a, fa, end] = [start, here, null];
      for (let d = 0.08 * spacing; d < 50 * spacing; d += Math.min(0.6 * d, 0.7 * spacing)) {
        const b = start + direction * d, fb = alpha(b);
        if (fb < 0) negative.push(b);
        if (fa < 0 && fb >= 0) end = [a, b, fa, fb];
        if (fb >= 0 && d >= least) break;
        [a, fa] = [b, fb];
      }
      return end && roughRoot(alpha, ...end);
    });
    if (!negative.length) return null;
    return [ends[0] ?? Math.min(...negative), ends[1] ?? Math.max(...negative)];
  }

  // ---- the equilibrium state ------------------------------------------------------------

  const SAMPLES = 400;

  // Minima of F on the axis that are reached downhill from minima of alpha, lowest first; each
  // with the stiffness along the axis and across it.  Where F falls without bound to beta = 0
  // there is none.
  function minimaOnAxis(axis, integrals, offset, spacing) {
    const q = Array.from({ length: SAMPLES + 1 },
      (_, i) => axis.lo + ((axis.hi - axis.lo) * i) / SAMPLES);
    const alpha = q.map((x) => axis.alpha[0].at(x)), energy = q.map((x) => axis.freeEnergy(x));
    const found = [];
    for (let i = 1; i < SAMPLES; i++) {
      if (alpha[i] >= 0 || alpha[i] > alpha[i - 1] || alpha[i] >= alpha[i + 1]) continue;
      let j = i;
      while (j > 0 && j < SAMPLES && Math.min(energy[j - 1], energy[j + 1]) < energy[j]) {
        j += energy[j - 1] < energy[j + 1] ? -1 : 1;
        if (energy[j] === -Infinity) break;
      }
      if (j === 0 || j === SAMPLES || energy[j] === -Infinity) continue;
      const root = bisect((x) => axis.current(x), q[j - 1], q[j + 1]);
      if (found.some((state) => Math.abs(state.q - root) < 1e-3 * spacing)) continue;
      const across = stiffnessAcross(integrals, offset, root, 0.05 * spacing);
      if (across < 0) continue; // a saddle: F falls off the axis
      found.push({ q: root, energy: axis.freeEnergy(root), along: axis.slope(root), across });
    }
    return found.sort((a, b) => a.energy - b.energy);
  }

  // d^2F/dq_y^2 on the axis; alpha and beta are even in q_y.
  function stiffnessAcross(integrals, offset, q, h) {
    const energy = (z) => {
      const v = integrals(q, z);
      return (-0.5 * (v.alpha + offset) ** 2) / v.beta;
    };
    const f0 = energy(1e-12 * h), f1 = energy(h), f2 = energy(2 * h);
    return (16 * (f1 - f0) - (f2 - f0)) / (6 * h * h);
  }

  // ---- critical currents ----------------------------------------------------------------

  // From q0 to the first root of dJ/dq on the way to `end`.  No critical current if beta vanishes
  // before J turns.
  function criticalState(axis, q0, end) {
    let last = q0;
    for (let i = 1; i <= SAMPLES; i++) {
      const q = q0 + ((end - q0) * i) / SAMPLES;
      if (axis.alpha[0].at(q) >= 0 || axis.beta[0].at(q) <= 0) return null;
      if (axis.slope(q) <= 0) {
        const root = bisect((x) => axis.slope(x), last, q);
        return { q: root, J: axis.current(root) };
      }
      last = q;
    }
    return null;
  }

  // J(q) for the figure: null where there is no condensate or beta <= 0.
  function curve(axis, n = 160) {
    const q = Array.from({ length: n + 1 }, (_, i) => axis.lo + ((axis.hi - axis.lo) * i) / n);
    const at = (f) => q.map((x) => (axis.alpha[0].at(x) > 0 ? 0 : axis.beta[0].at(x) > 0 ? f(x) : null));
    return { q, J: at((x) => axis.current(x)), F: at((x) => axis.freeEnergy(x)) };
  }

  const f2 = (x) => x.toFixed(2), f3 = (x) => x.toFixed(3);

  // ---- all of it ------------------------------------------------------------------------

  // parameters -> {q0, plus, minus, eta, curve, notes, contours}; null where the theory gives no
  // number.  notes: [{kind, text}], kind as the package names its warning.
  function look(p) {
    const result = { q0: null, plus: null, minus: null, eta: null, curve: { q: [], J: [] },
      notes: [], contours: {} };
    const note = (kind, text) => result.notes.push({ kind, text });
    const pair = makePair(p), { t } = p;
    result.contours = { e: pairs.contour(pair.e), h: pairs.contour(pair.h) };

    const margin = Math.min(pairs.upperBranch(pair.e), pairs.upperBranch(pair.h));
    if (margin < 0) note("OccupiedUpperBranch",
      `The upper spin branch holds carriers (it reaches ${f2(-margin)} E_u below the Fermi level). `
      + "The theory keeps the lower branch only and is not reliable here.");
    const none = "No condensate: \u03b1 > 0 for every pair momentum at this temperature.";
    if (t >= 1) return note("NoCondensate", none), result;

    const strongest = strongestPairing(pair), offset = -strongest.alpha;
    const integrals = makeIntegrals(pair, t), spacing = (1.5 * Math.max(t, 0.5)) / pair.speed;
    const range = pairingWindow(pair, makeIntegrals(pair, t, COARSE), offset, t, strongest.axis);
    const firstOrder = "First order: \u03b2 falls to zero where pairs form, F has no minimum, and the "
      + "quartic theory gives no critical current.";

    let axis = null, minima = [];
    if (range) {
      const pad = 0.03 * (range[1] - range[0]), [lo, hi] = [range[0] - pad, range[1] + pad];
      axis = new Axis(integrals, offset, lo, hi, enoughNodes(pair, t, lo, hi));
      minima = minimaOnAxis(axis, integrals, offset, spacing);
      result.curve = curve(axis);
    }
    const state = minima[0];
    const search = !state || strongest.q[1] !== 0 || mayHoldRing(pair, axis);
    const aside = search ? offAxisState(pair, offset, t, spacing, strongest.axis) : null;
    if (!range && !aside) return note("NoCondensate", none), result;
    if (aside && aside.energy > -Infinity && !(state && state.energy <= aside.energy)) {
      note("OffAxis", offAxisWords(aside.q));
      return result;
    }
    if (!state) return note("UnstableQuartic", firstOrder), result;
    if (minima.length > 1 || aside) note("SeveralMinima",
      "F(q) has several minima. The sample may break up into domains.");

    result.q0 = state.q;
    result.plus = criticalState(axis, state.q, axis.hi);
    result.minus = criticalState(axis, state.q, axis.lo);
    if (result.plus && result.minus) {
      const [a, b] = [result.plus.J, -result.minus.J];
      result.eta = (a - b) / (a + b);
    } else note("UnstableQuartic",
      "\u03b2 falls to zero before the current turns: no critical current in that direction.");

    const here = integrals(state.q), matched = here.beta / here.size;
    if (matched < 0.4) note("NearTricritical",
      `Near the tricritical point: \u03b2 is ${f2(matched)} of its absolute integral. The sixth-order `
      + "term, which the quartic theory leaves out, is not small.");
    const large = Math.sqrt(Math.sqrt((-2 * state.energy) / here.beta)) / (Math.PI * t);
    if (large > 0.5) note("LargeGap",
      `The gap is ${f2(large)} \u03c0T: the quartic theory expands in that ratio, and its critical current `
      + "is off mean field by more than 10 %.");
    const vortices = 0.5 * Math.PI * Math.sqrt(Math.max(0, state.along * state.across));
    if (t > vortices) note("AboveBKT",
      `Above the vortex (BKT) temperature: T/T_c = ${f3(t)} exceeds (\u03c0/2)\u221a(det D) = `
      + `${f3(vortices)}. Vortices unbind and this mean-field state has no stiffness.`);
    return result;
  }

  const offAxisWords = ([x, z]) =>
    `Pairs form off the axis, at q = (${f2(x)}, \u00b1${f2(z)})/l_u. The curve is the cut q_y = 0 `
    + "only, and no critical current is given.";

  // The lowest state off the axis: null if there is none, energy -Infinity if F has no minimum.
  function offAxisState(pair, offset, t, spacing, centre) {
    const coarse = makeIntegrals(pair, t, COARSE), alpha = (x, z) => coarse(x, z).alpha + offset;
    const energy = (x, z) => {
      const v = coarse(x, z), a = v.alpha + offset;
      return a >= 0 ? 0 : v.beta > 0 ? (-0.5 * a * a) / v.beta : -Infinity;
    };
    const paired = descend(alpha, bestSeed(pair, alpha, spacing), 0.2 * spacing);
    if (paired.value >= 0 || paired.q[1] < 0.02 * spacing) return null;
    const state = descend(energy, paired.q, 0.1 * spacing);
    if (state.q[1] < 0.1 * spacing || !isApart(energy, state.q, centre)) return null;
    return { q: state.q, energy: state.value };
  }

  // F over the plane, and the rectangle |q_y| < reach, lo < q_x < hi in which pairs form.
  function plane(p) {
    const pair = makePair(p), { t } = p, strongest = strongestPairing(pair), offset = -strongest.alpha;
    const coarse = makeIntegrals(pair, t, COARSE);
    const range = pairingWindow(pair, coarse, offset, t, strongest.axis);
    if (!range) return null;
    const energy = (x, z) => {
      const v = coarse(x, z), a = v.alpha + offset;
      return a >= 0 ? 0 : v.beta > 0 ? (-0.5 * a * a) / v.beta : null;
    };
    const [lo, hi] = range;
    return { energy, lo, hi, reach: 0.5 * (hi - lo) };
  }

  return { look, plane, makePair, strongestPairing };
})(cedragPairs, cedragAxis);
