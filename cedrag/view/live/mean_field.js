// The branch of mean-field states along q_x: q0, critical currents, curves.  gap.js has the states.

const cedragMeanField = ((pairs, diode, gap) => {
  "use strict";
  const { makePair, strongestPairing } = diode;

  // "full" where the page can serve it, else "band": one hole spinor, and the mesh of t >= 0.3
  const levelAt = (p, wanted) => (wanted === "full" && p.lambda_h === 0 && p.t >= 0.3
    && p.lambda_e > 0 ? "full" : "band");

  // Everything about one set of parameters: state(q, guess) -> {u, theta, F, J} or null.
  function makeTheory(p, level) {
    const pair = makePair(p), strongest = strongestPairing(pair), full = level === "full";
    // the unit of temperature is where the level's own alpha vanishes at its best q
    const band = -gap.bandSums(gap.nodesAt(pair, 1, strongest.q[0], false, strongest.q[1]), 1, 0, 0, false).first;
    let [offset, best] = [band, strongest.axis];
    if (full) {
      const alpha = (q) => gap.fullAlpha(gap.nodesAt(pair, 1, q, true), 1, 0).alpha;
      [best, offset] = lowest(alpha, strongest.axis, 0.15 / pair.speed);
      offset = -offset;
    }
    const T = p.t;
    function state(q, guess) {
      const g = gap.nodesAt(pair, T, q, full);
      if (!full) return gap.bandState(g, T, offset, guess.u);
      return gap.fullState(g, T, offset, guess);
    }
    function begin(q) { // from the angle of alpha, and from a gap of about the temperature's
      const g = gap.nodesAt(pair, T, q, full), u = 9.4 * Math.max(1 - T, 0.02);
      const theta = full ? gap.fullAlpha(g, T, offset).theta : 0;
      return full ? gap.fullState(g, T, offset, { u, theta }) : gap.bandState(g, T, offset, u);
    }
    return { pair, best, T, state, begin, offsets: { band, [level]: offset }, spacing: (1.5 * Math.max(T, 0.5)) / pair.speed };
  }

  // The minimum of a smooth f near x by parabolas: [x, f(x)].
  function lowest(f, x, h) {
    for (let i = 0; i < 12; i++) {
      const [a, b, c] = [f(x - h), f(x), f(x + h)], bend = a - 2 * b + c;
      const move = bend > 0 ? Math.min(Math.max((0.5 * h * (a - c)) / bend, -4 * h), 4 * h) : a < c ? -2 * h : 2 * h;
      x += move;
      if (Math.abs(move) < h) {
        const y = move / h; // the parabola's own value at its vertex
        return [x, b - 0.5 * bend * y * y];
      }
    }
    return [x, f(x)];
  }

  // States from `start` outwards until J has turned well, the branch ends, or F rises above 0.
  function march(theory, start, sense) {
    const branch = [start], step = sense * 0.16 * theory.spacing;
    let best = 0;
    for (let i = 1; i < 80; i++) {
      const last = branch.at(-1), before = branch.at(-2) ?? last;
      const u = Math.max(2 * last.u - before.u, 0.3 * last.u); // straight on
      const next = theory.state(last.q + step, { u, theta: last.theta });
      if (!next) break;
      branch.push({ ...next, q: last.q + step });
      best = Math.max(best, sense * next.J);
      if (best > 0 && sense * next.J < 0.9 * best) break;
    }
    return branch;
  }

  // Root of J between two states; the secant rule, kept in the bracket.
  function equilibrium(theory, a, b) {
    for (let i = 0; i < 12; i++) {
      let q = a.q - (a.J * (b.q - a.q)) / (b.J - a.J);
      q = Math.min(Math.max(q, Math.min(a.q, b.q)), Math.max(a.q, b.q));
      const found = theory.state(q, a);
      if (!found) return null;
      const middle = { ...found, q };
      if (Math.abs(middle.J) < 1e-9 || Math.abs(q - a.q) < 1e-7 || Math.abs(q - b.q) < 1e-7) return middle;
      if (middle.J * a.J < 0) b = middle; else a = middle;
    }
    return a;
  }

  // The first maximum of sense * J on the branch, by parabolas through three states.
  function turning(theory, branch, sense) {
    const i = branch.findIndex((s, k) => k > 0 && k + 1 < branch.length
      && sense * s.J >= sense * branch[k - 1].J && sense * s.J > sense * branch[k + 1].J);
    if (i < 0) return null;
    const vertex = ([a, b, c]) => { // of the parabola through three states at equal distance
      const bend = a.J - 2 * b.J + c.J, slope = 0.5 * (c.J - a.J), move = -slope / bend;
      return { q: b.q + move * (b.q - a.q), J: b.J + 0.5 * slope * move, u: b.u, theta: b.theta };
    };
    const rough = vertex(branch.slice(i - 1, i + 2)), h = 0.25 * (branch[i].q - branch[i - 1].q);
    const near = [-h, 0, h].map((d) => ({ ...theory.state(rough.q + d, rough), q: rough.q + d }));
    return near.every((s) => s.J !== undefined) ? vertex(near) : null;
  }

  // The states with cubics between them: F and J = dF/dq are known at both ends.
  function smooth(states, parts = 6) {
    const curve = { q: [], J: [], F: [] };
    states.forEach((a, i) => {
      const b = states[i + 1], n = b ? parts : 1, h = b ? b.q - a.q : 0;
      const before = states[i - 1], after = states[i + 2];
      const slope = (x, y) => (y.J - x.J) / (y.q - x.q);
      for (let k = 0; k < n; k++) {
        const s = k / n;
        curve.q.push(a.q + s * h);
        if (k === 0) { curve.J.push(a.J); curve.F.push(a.F); continue; }
        const [da, db] = [before ? slope(before, b) : slope(a, b), after ? slope(a, after) : slope(a, b)];
        const hermite = (f, g, df, dg) => (1 + 2 * s) * (1 - s) ** 2 * f + s * (1 - s) ** 2 * h * df
          + s * s * (3 - 2 * s) * g - s * s * (1 - s) * h * dg;
        curve.J.push(hermite(a.J, b.J, da, db));
        curve.F.push(hermite(a.F, b.F, a.J, b.J));
      }
    });
    return curve;
  }

  // d^2F/dq_y^2: even in q_y, the gap follows.  With the projected bands at either level: the
  // difference is of the order of that of D_xx, half a percent for the presets.
  function stiffnessAcross(theory, q0) {
    const { pair, T, offsets } = theory, h = 0.1 * theory.spacing;
    const energy = (z) => {
      const state = gap.bandState(gap.nodesAt(pair, T, q0.q, false, z), T, offsets.band, q0.u);
      return state ? state.F : 0;
    };
    return (2 * (energy(h) - energy(1e-9))) / (h * h);
  }

  // (pi/2) sqrt(det D): the state is stable against vortices where t is smaller
  function vortexLimit(theory, q0) {
    const h = 0.1 * theory.spacing;
    const [a, b] = [-h, h].map((d) => theory.state(q0.q + d, q0));
    if (!a || !b) return null;
    const along = (b.J - a.J) / (2 * h), across = stiffnessAcross(theory, q0);
    return 0.5 * Math.PI * Math.sqrt(Math.max(0, along * across));
  }

  // parameters -> the same dictionary as cedragDiode.look, with the level that was computed
  function look(p, wanted = "full") {
    const level = levelAt(p, wanted), quartic = diode.look(p);
    const result = { level, q0: null, plus: null, minus: null, eta: null,
      curve: { q: [], J: [], F: [] }, notes: [], contours: quartic.contours };
    const keep = level === "full" ? ["OffAxis"] : ["OffAxis", "OccupiedUpperBranch"];
    result.notes = quartic.notes.filter(({ kind }) => keep.includes(kind));
    const note = (kind, text) => result.notes.push({ kind, text });
    if (wanted === "full" && level === "band") note("Level", "Computed with the projected bands: "
      + "in the page the full theory serves \u03bb_h = 0 with \u03bb_e > 0.");
    const branch = branchOf(p, level);
    if (!branch) return note("NoCondensate", "No condensate was found on this axis at this temperature."), result;
    const { states, q0 } = branch;
    result.curve = smooth(states);
    if (result.notes.some(({ kind }) => kind === "OffAxis")) return result;
    Object.assign(result, { q0: q0.q, gap: Math.sqrt(q0.u), energy: q0.F, plus: branch.plus, minus: branch.minus });
    const limit = vortexLimit(branch.theory, q0);
    if (limit !== null && p.t > limit) note("AboveBKT",
      `Above the vortex (BKT) temperature: T/T_c = ${p.t.toFixed(3)} exceeds (\u03c0/2)\u221a(det D) = `
      + `${limit.toFixed(3)}. Vortices unbind and this mean-field state has no stiffness.`);
    if (branch.plus && branch.minus) {
      const [a, b] = [branch.plus.J, -branch.minus.J];
      result.eta = (a - b) / (a + b);
    }
    return result;
  }

  function branchOf(p, level) {
    const theory = makeTheory(p, level);
    let first = theory.begin(theory.best);
    if (!first) return null;
    first = { ...first, q: theory.best };
    const right = march(theory, first, 1), left = march(theory, first, -1);
    const states = [...left.slice(1).reverse(), ...right];
    // the lowest F with a sign change of J beside it
    let lowestAt = -1;
    for (let i = 0; i + 1 < states.length; i++) {
      if (states[i].J <= 0 && states[i + 1].J > 0
        && (lowestAt < 0 || states[i].F < states[lowestAt].F)) lowestAt = i;
    }
    if (lowestAt < 0) return null;
    const q0 = equilibrium(theory, states[lowestAt], states[lowestAt + 1]);
    if (!q0) return null;
    const above = states.slice(lowestAt + 1), below = states.slice(0, lowestAt + 1).reverse();
    return { theory, states, q0, plus: turning(theory, above, 1), minus: turning(theory, below, -1) };
  }

  // F over the plane, with the projected bands
  function plane(p) {
    const branch = branchOf(p, "band");
    if (!branch) return null;
    const { theory: { pair, T, offsets }, states, q0 } = branch;
    const [lo, hi] = [states[0].q, states.at(-1).q];
    const energy = (x, z) => {
      const state = gap.bandState(gap.nodesAt(pair, T, x, false, Math.max(z, 1e-9)), T, offsets.band, 0.5 * q0.u);
      return state ? Math.min(state.F, 0) : 0;
    };
    return { energy, lo, hi, reach: 0.5 * (hi - lo) };
  }

  return { look, plane, branchOf, levelAt };
})(cedragPairs, cedragDiode, cedragGap);
