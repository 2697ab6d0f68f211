// The long computations of the laboratory, one point at a time, so that a worker can be interrupted.

const cedragCurves = ((diode, meanField) => {
  "use strict";

  const solve = (p, theory) => (theory === "quartic" ? diode.look(p) : meanField.look(p, "full"));

  // Cubic through the four samples around q; the samples lie at equal distances up to rounding.
  function between({ q, J }, x) {
    let i = q.findIndex((value) => value > x);
    if (i < 1) return null;
    i = Math.min(Math.max(i, 2), q.length - 2);
    let sum = 0;
    for (let a = i - 2; a < i + 2; a++) {
      if (J[a] === null) return null;
      let weight = J[a];
      for (let b = i - 2; b < i + 2; b++) if (b !== a) weight *= (x - q[b]) / (q[a] - q[b]);
      sum += weight;
    }
    return sum;
  }

  // What a reader of the currents on the grid 0, +-step, +-2 step, ... takes for eta: the largest
  // and the smallest sample between the turning points' neighbours.
  function sampled(result, step) {
    const { curve, plus, minus } = result;
    if (!plus || !minus || !(step > 0)) return null;
    let [high, low] = [0, 0];
    for (let n = Math.ceil(curve.q[0] / step); n * step <= curve.q.at(-1); n++) {
      const current = between(curve, n * step);
      if (current === null) continue;
      high = Math.max(high, current);
      low = Math.min(low, current);
    }
    return high > 0 && low < 0 ? (high + low) / (high - low) : null;
  }

  // One point of a curve against B or t.
  function point(p, name, x, theory, step) {
    const result = solve({ ...p, [name]: x }, theory);
    return { x, q0: result.q0, eta: result.eta, plus: result.plus?.J ?? null, minus: result.minus?.J ?? null,
      sampled: sampled(result, step), notes: result.notes.map(({ kind }) => kind) };
  }

  // F over a rectangle of pair momenta; null where the theory has no number.
  function mapOf(p, theory, columns, rows) {
    const field = theory === "quartic" ? diode.plane(p) : meanField.plane(p);
    if (!field) return null;
    const { energy, lo, hi, reach } = field;
    const qx = Array.from({ length: columns }, (_, i) => lo + ((hi - lo) * (i + 0.5)) / columns);
    const qy = Array.from({ length: rows }, (_, i) => (reach * (i + 0.5)) / rows);
    return { qx, qy, lo, hi, reach, F: qy.map((y) => qx.map((x) => energy(x, y))) };
  }

  // What the warnings of the quartic theory say at (B, t), worst first.
  const STRAIN = ["NoCondensate", "OffAxis", "UnstableQuartic", "OccupiedUpperBranch", "NearTricritical",
    "LargeGap", "AboveBKT", "SeveralMinima"];
  function strain(p) {
    const kinds = diode.look(p).notes.map(({ kind }) => kind);
    return STRAIN.find((kind) => kinds.includes(kind)) ?? "none";
  }

  return { point, mapOf, strain, sampled, between };
})(cedragDiode, cedragMeanField);
