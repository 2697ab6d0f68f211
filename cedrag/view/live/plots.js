// Three pictures as SVG text: J(q), the Fermi contours, zeta(I).  Colours and fonts are in live.css.

const cedragPlots = (() => {
  "use strict";

  const WIDTH = 360, HEIGHT = 270, BOX = { left: 50, right: 350, top: 12, bottom: 226 };
  const fixed = (x, n) => (x + 0).toFixed(n).replace(/^-(?=[0.]*$)/, "").replace("-", "\u2212");

  // a label with its subscript: J_c+ -> J with c+ below
  const label = (text) => text.replace(/_(\S+?)(?=[\s,)]|$)/g,
    '<tspan class="cl-sub" dy="3">$1</tspan><tspan dy="-3">\u200b</tspan>');

  // next of 1, 2, 3, 5, 7 times a power of ten: a scale that rarely moves
  function roundUp(value) {
    const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
    return power * [1, 2, 3, 5, 7, 10].find((step) => step * power >= value * (1 - 1e-9));
  }

  function ticks(lo, hi, most) {
    const power = 10 ** Math.floor(Math.log10((hi - lo) / most));
    const step = [1, 2, 5, 10].map((s) => s * power).find((s) => (hi - lo) / s <= most);
    const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), found = [];
    for (let i = Math.ceil(lo / step - 1e-9); i * step <= hi + 1e-9 * step; i++) {
      found.push([i * step, fixed(Math.abs(i) < 1e-9 ? 0 : i * step, places)]);
    }
    return found;
  }

  // Axes for x and y in [lo, hi] with their labels; returns the maps to pixels and the drawing.
  function frame(x, y, box = BOX) {
    const px = (v) => box.left + ((v - x.lo) / (x.hi - x.lo)) * (box.right - box.left);
    const py = (v) => box.bottom - ((v - y.lo) / (y.hi - y.lo)) * (box.bottom - box.top);
    const parts = [];
    for (const [v, text] of ticks(x.lo, x.hi, 6)) {
      parts.push(`<line class="cl-grid" x1="${px(v)}" x2="${px(v)}" y1="${box.top}" y2="${box.bottom}"/>`,
        `<text x="${px(v)}" y="${box.bottom + 16}" text-anchor="middle">${text}</text>`);
    }
    for (const [v, text] of ticks(y.lo, y.hi, 6)) {
      parts.push(`<line class="cl-grid" x1="${box.left}" x2="${box.right}" y1="${py(v)}" y2="${py(v)}"/>`,
        `<text x="${box.left - 6}" y="${py(v) + 4}" text-anchor="end">${text}</text>`);
    }
    const across = 0.5 * (box.left + box.right), up = 0.5 * (box.top + box.bottom);
    parts.push(
      `<text x="${across}" y="${box.bottom + 36}" text-anchor="middle">${label(x.label)}</text>`,
      `<text transform="translate(${box.left - 37} ${up}) rotate(-90)" text-anchor="middle">`
      + `${label(y.label)}</text>`,
      `<rect class="cl-box" x="${box.left}" y="${box.top}" width="${box.right - box.left}" `
      + `height="${box.bottom - box.top}"/>`);
    return { px, py, axes: parts.join("") };
  }

  // a path through [x, y] points; null breaks it
  function path(points, { px, py }, kind) {
    let pen = "M", d = "";
    for (const [x, y] of points) {
      if (y === null) pen = "M";
      else {
        d += `${pen}${px(x).toFixed(1)} ${Math.max(-400, Math.min(700, py(y))).toFixed(1)}`;
        pen = "L";
      }
    }
    return `<path class="cl-line ${kind}" d="${d}"/>`;
  }

  const SHAPES = { // told apart by form as well as by colour
    q0: (x, y) => `<circle class="cl-q0" cx="${x}" cy="${y}" r="5"/>`,
    plus: (x, y) => `<path class="cl-plus" d="M${x} ${y - 6}l6 11h-12z"/>`,
    minus: (x, y) => `<path class="cl-minus" d="M${x} ${y + 6}l6 -11h-12z"/>`,
  };

  function legend(entries, x, y) {
    return entries.map(([mark, text], i) => `${mark(x, y + 17 * i)}`
      + `<text x="${x + 14}" y="${y + 17 * i + 4}">${label(text)}</text>`).join("");
  }

  const clip = (id, box, content) => `<clipPath id="${id}"><rect x="${box.left}" y="${box.top}" `
    + `width="${box.right - box.left}" height="${box.bottom - box.top}"/></clipPath>`
    + `<g clip-path="url(#${id})">${content}</g>`;

  const nothing = (text) => `<text class="cl-none" x="${0.5 * (BOX.left + BOX.right)}" y="60" `
    + `text-anchor="middle">${text}</text>`;

  const superscript = (n) => String(n).replace(/-/, "\u207b")
    .replace(/\d/g, (c) => "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"[+c]);

  // ---- the pictures ---------------------------------------------------------------------

  function currentPlot(result, id, pinned) {
    const { q, J } = result.curve;
    const sizes = J.filter((v) => v !== null && v !== 0).map(Math.abs).sort((a, b) => a - b);
    let top = sizes.length ? sizes.at(-1) : 1;
    if (J.includes(null) && sizes.length) top = 3 * sizes[sizes.length >> 1]; // J diverges there
    const height = roundUp(1.1 * top), power = Math.floor(Math.log10(height) + 1e-9);
    const unit = power < -1 || power > 2 ? 10 ** power : 1;
    const lo = q.length ? 0.1 * Math.floor(10 * q[0] - 0.2) : -0.5;
    const hi = q.length ? 0.1 * Math.ceil(10 * q.at(-1) + 0.2) : 0.5;
    const f = frame({ lo, hi, label: "pair momentum q_x (1/l_u)" },
      { lo: -height / unit, hi: height / unit,
        label: `current J_x (${unit === 1 ? "" : `10${superscript(power)} `}J_u)` });
    const points = q.map((x, i) => [x, J[i] === null ? null : J[i] / unit]);
    const kind = result.q0 === null ? "cl-curve cl-cut" : "cl-curve";
    const kept = pinned ? path(pinned.q.map((x, i) => [x, pinned.J[i] === null ? null : pinned.J[i] / unit]),
      f, "cl-pinned") : "";
    const marks = [];
    if (result.q0 !== null) marks.push(SHAPES.q0(f.px(result.q0), f.py(0)));
    for (const name of ["plus", "minus"]) {
      const state = result[name];
      if (state) marks.push(SHAPES[name](f.px(state.q), f.py(state.J / unit)));
    }
    return f.axes + clip(id, BOX, `<line class="cl-zero" x1="${BOX.left}" x2="${BOX.right}" `
      + `y1="${f.py(0)}" y2="${f.py(0)}"/>${kept}${path(points, f, kind)}`) + marks.join("")
      + (q.length ? "" : nothing("no condensate on this axis"))
      + legend([[SHAPES.plus, "J_c+"], [SHAPES.minus, "J_c\u2212"], [SHAPES.q0, result.momentum ?? "q_0"]], 64, 26);
  }

  const sample = (kind) => (x, y) => `<path class="cl-line ${kind}" d="M${x - 9} ${y}h18"/>`;

  // kept and dropped branch of both layers along k_x
  function bandsPlot({ bands }, id) {
    const { k } = bands;
    const f = frame({ lo: k[0], hi: k.at(-1), label: "k_x (1/l_u)" },
      { lo: -20, hi: 40, label: "energy \u03be (E_u)" });
    const curve = (values, kind) => path(k.map((x, i) => [x, values[i]]), f, kind);
    const curves = ["e", "h"].map((layer) => curve(bands[layer].kept, `cl-${layer}`)
      + curve(bands[layer].dropped, `cl-${layer} cl-dropped`));
    const level = `<path class="cl-zero" d="M${BOX.left} ${f.py(0)}H${BOX.right}"/>`;
    return f.axes + level + clip(id, BOX, curves.join(""))
      + legend([[sample("cl-e"), "electrons"], [sample("cl-h"), "holes"]], 68, 26);
  }

  function contourPlot(result, id) {
    const { e, h } = result.contours;
    const reach = Math.max(1, ...[...e, ...h].map(([x, y]) => Math.max(Math.abs(x), Math.abs(y))));
    const k = 2 * Math.ceil(0.5 * (reach + 0.2)), ratio = (BOX.right - BOX.left) / (BOX.bottom - BOX.top);
    const f = frame({ lo: -k * ratio, hi: k * ratio, label: "k_x (1/l_u)" },
      { lo: -k, hi: k, label: "k_y (1/l_u)" });
    const arrow = result.q0 === null ? "" : `<line class="cl-momentum" x1="${f.px(0)}" `
      + `x2="${f.px(result.q0)}" y1="${f.py(0)}" y2="${f.py(0)}"/>`
      + SHAPES.q0(f.px(result.q0), f.py(0));
    return f.axes + clip(id, BOX, path(e, f, "cl-e") + path(h, f, "cl-h")) + arrow
      + legend([[sample("cl-e"), "electrons"], [sample("cl-h"), "holes"], [SHAPES.q0, "q_0"]], 68, 26);
  }

  // ampere: micrometre-wide current in microampere for J = 1 J_u
  function plateauPlot(result, id, { ampere, friction }) {
    const known = result.plus && result.minus;
    const normal = result.notes.some(({ kind }) => kind === "NoCondensate");
    const plus = known ? result.plus.J * ampere : 0, minus = known ? result.minus.J * ampere : 0;
    const half = known ? roundUp(1.25 * Math.max(plus, -minus)) : 1;
    const power = Math.floor(Math.log10(half) + 1e-9), unit = power < -1 || power > 2 ? 10 ** power : 1;
    const f = frame({ lo: -half / unit, hi: half / unit,
      label: `drive current I (${unit === 1 ? "" : `10${superscript(power)} `}\u00b5A per \u00b5m)` },
      { lo: -1.1, hi: 0.1, label: "drag ratio \u03b6" });
    const edges = known ? [minus, plus] : [];
    const points = [[-half, friction],
      ...edges.flatMap((I, i) => (i ? [[I, -1], [I, friction]] : [[I, friction], [I, -1]])),
      [half, friction]].map(([I, value]) => [I / unit, value]);
    const marks = known ? SHAPES.plus(f.px(plus / unit), f.py(-1))
      + SHAPES.minus(f.px(minus / unit), f.py(-1)) : "";
    return f.axes + (known || normal ? clip(id, BOX, path(points, f, "cl-zeta")) + marks
      : nothing("no critical current, no plateau"));
  }

  return { bandsPlot, currentPlot, contourPlot, plateauPlot, fixed, superscript, WIDTH, HEIGHT,
    frame, path, clip, legend, sample, shapes: SHAPES, roundUp, box: BOX };
})();
