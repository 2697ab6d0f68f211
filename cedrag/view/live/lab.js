// The laboratory below the control: free energy and its map, eta and J_c against B and T, the grid of
// momenta, where the quartic theory holds, a sample in SI.  Long curves come from a worker.

const cedragLab = ((plots) => {
  "use strict";
  const { frame, path, clip, legend, sample, shapes, roundUp, fixed, superscript, box } = plots;
  const THEORIES = [["quartic", "quartic theory, projected bands"],
    ["full", "mean field, all spins"]];
  const COLUMNS = 25, ROWS = 13, POINTS = 33, CELLS = [13, 12];
  // in SI: e, hbar, k_B, m_0, mu_B
  const SI = { e: 1.602176634e-19, hbar: 1.054571817e-34, k: 1.380649e-23, m: 9.1093837015e-31,
    muB: 9.2740100783e-24 };
  const WORDS = { none: "no warning", NoCondensate: "no condensate", OffAxis: "pairs off the axis",
    UnstableQuartic: "no minimum of F", OccupiedUpperBranch: "upper branch filled",
    NearTricritical: "near the tricritical point", LargeGap: "gap too large for the quartic theory",
    AboveBKT: "vortices unbind",
    SeveralMinima: "several minima" };

  const field = (id, { name, text, value, unit, min, max }) => `<label for="${id}-${name}">${text}
    <input id="${id}-${name}" data-sample="${name}" type="number" value="${value}" min="${min}" max="${max}"
      step="any"> ${unit}</label>`;
  const FIELDS = [["Tc", "T_c", 10, "K", 0.01, 300], ["mass", "m_e", 0.2, "m_0", 0.01, 5],
    ["width", "width", 1, "\u00b5m", 0.01, 1000], ["g", "g factor", 2, "", 0.01, 100]]
    .map(([name, text, value, unit, min, max]) => ({ name, text, value, unit, min, max }));
  const SAMPLE = [...FIELDS, { name: "step", value: 0.1, min: 0, max: 0.2 }]; // what a link keeps

  function layout(id, html) {
    const figure = (name, caption) => `<figure><svg role="img" viewBox="0 0 ${plots.WIDTH} ${plots.HEIGHT}"
        data-lab="${name}" aria-labelledby="${id}-${name}-t" aria-describedby="${id}-${name}-t"></svg><figcaption>${html(caption)}</figcaption></figure>`;
    const theories = THEORIES.map(([name, text]) =>
      `<label><input type="radio" name="${id}-theory" value="${name}"> ${text}</label>`).join("");
    return `
      <fieldset class="cl-theory"><legend>Theory behind all pictures</legend>${theories}</fieldset>
      <div class="cl-buttons">
        <button type="button" data-lab-action="pin">pin the curves</button>
        <button type="button" data-lab-action="play" aria-pressed="false">play B</button>
        <button type="button" data-lab-action="python">copy as Python</button>
        <button type="button" data-lab-action="csv">CSV</button>
        <button type="button" data-lab-action="png">PNG</button>
      </div>
      <p class="cl-said" role="status" data-lab-status></p>
      <div class="cl-figures">
        ${figure("energy", "Free energy on the axis; its slope is the current. Vertical line: q_0.")}
        ${figure("map", "Free energy over the plane of pair momenta, deepest where the colour is strongest.")}
      </div>
      <p class="cl-slider"><label for="${id}-step"><b>\u0394q</b> <span>step of a momentum grid</span></label>
        <output for="${id}-step"></output>
        <input type="range" id="${id}-step" data-lab-step min="0" max="0.2" step="0.005" value="0.1"></p>
      <div class="cl-figures">
        ${figure("etaB", "Efficiency against the field: converged, and read off the grid of step \u0394q. Vertical line: you are here.")}
        ${figure("currentB", "Critical currents against the field. Vertical line: you are here.")}
        ${figure("etaT", "Efficiency against temperature. Vertical line: you are here.")}
        ${figure("valid", "What the quartic theory warns of, the gravest warning first. Dot: you are here.")}
      </div>
      <ul class="cl-key" aria-label="Colours of the last picture"></ul>
      <p><b>My sample</b></p>
      <div class="cl-sample">${FIELDS.map((row) => field(id, row)).join("")}</div>
      <dl class="cl-numbers" data-lab-sample></dl>
      <p class="cl-foot">The contact attraction that gives this T_c is taken for granted; disorder and
        fluctuations are not in these numbers.</p>`.replace(/>([^<]*)</g, (_, text) => `>${html(text)}<`);
  }

  // A worker with the physics, or the same on the page where there is none.
  function makeCrew(physics, answer) {
    const body = `const physics = (${physics})(); onmessage = ({ data }) => {
      let value = null;
      try { value = physics.cedragCurves[data.task](...data.given); } catch (error) { value = null; }
      postMessage({ id: data.id, value });
    };`;
    let worker = null;
    try {
      worker = new Worker(URL.createObjectURL(new Blob([body], { type: "text/javascript" })));
      worker.onmessage = ({ data }) => answer(data.id, data.value);
      worker.onerror = () => { worker = null; };
    } catch { worker = null; }
    let local = null;
    return (id, task, given) => {
      if (worker) return worker.postMessage({ id, task, given });
      local ??= physics();
      return setTimeout(() => answer(id, local.cedragCurves[task](...given)));
    };
  }

  const range = (lo, hi, n) => Array.from({ length: n }, (_, i) => lo + ((hi - lo) * i) / (n - 1));
  // coarse points first, so that the shape shows early
  const spread = (n) => [8, 4, 2, 1].flatMap((s, k) => [...Array(n).keys()]
    .filter((i) => i % s === 0 && (k === 0 || i % (2 * s) !== 0)));

  const unitOf = (size) => { // a power of ten in front of the unit, or 1
    const power = Math.floor(Math.log10(size) + 1e-9);
    return power < -1 || power > 2 ? [10 ** power, `10${superscript(power)} `] : [1, ""];
  };
  const spanOf = (values) => {
    const finite = values.filter((v) => v !== null && Number.isFinite(v));
    const [lo, hi] = [Math.min(0, ...finite), Math.max(0, ...finite)];
    if (lo === hi) return [-1, 1];
    return [lo < 0 ? -roundUp(-1.05 * lo) : 0, hi > 0 ? roundUp(1.05 * hi) : 0];
  };

  // lines: [{x, y, kind, mark, label}]; `here` is the abscissa of the sliders
  function chart(id, lines, x, words, here) {
    const [lo, hi] = spanOf(lines.flatMap((line) => line.y)), [unit, power] = unitOf(Math.max(-lo, hi));
    const f = frame(x, { lo: lo / unit, hi: hi / unit, label: words(power) });
    const drawn = lines.map(({ x: xs, y, kind }) =>
      path(xs.map((v, i) => [v, y[i] === null ? null : y[i] / unit]), f, kind)).join("");
    const you = here === undefined ? "" : `<path class="cl-here" d="M${f.px(here)} ${box.top}V${box.bottom}"/>`;
    const marks = lines.filter((line) => line.label).map(({ kind, label }) => [sample(kind), label]);
    return f.axes + clip(id, box, `<path class="cl-zero" d="M${box.left} ${f.py(0)}H${box.right}"/>${you}${drawn}`)
      + legend(marks, 68, 26);
  }

  function mapPicture(id, map) {
    if (!map) return `<text class="cl-none" x="200" y="60" text-anchor="middle">no map on this axis</text>`;
    const f = frame({ lo: map.lo, hi: map.hi, label: "q_x (1/l_u)" },
      { lo: -map.reach, hi: map.reach, label: "q_y (1/l_u)" });
    const deepest = Math.min(...map.F.flat().filter((v) => v !== null)) || -1;
    const [dx, dy] = [(map.hi - map.lo) / COLUMNS, map.reach / ROWS], cells = [];
    map.F.forEach((row, j) => row.forEach((value, i) => {
      for (const side of [1, -1]) {
        const y = side * map.qy[j], kind = value === null ? "cl-void" : "cl-depth";
        cells.push(`<rect class="${kind}" x="${f.px(map.qx[i] - dx / 2).toFixed(1)}"
          y="${f.py(y + dy / 2).toFixed(1)}" width="${(f.px(dx) - f.px(0) + 0.4).toFixed(1)}"
          height="${(f.py(0) - f.py(dy) + 0.4).toFixed(1)}" fill-opacity="${value === null ? 1 : (value / deepest).toFixed(3)}"/>`);
      }
    }));
    return clip(id, box, cells.join("")) + f.axes;
  }

  function validPicture(id, { x, t, kind }, here) {
    const f = frame({ lo: x[0], hi: x.at(-1), label: "B (E_u)" }, { lo: t[0], hi: t.at(-1), label: "T/T_c" });
    const [dx, dt] = [(x[1] - x[0]) / 2, (t[1] - t[0]) / 2], found = [...new Set(kind.flat().filter(Boolean))];
    const order = Object.keys(WORDS).filter((name) => found.includes(name));
    const cells = kind.flatMap((row, j) => row.map((name, i) => (name ? `<rect class="cl-cell cl-${name}"
      x="${f.px(x[i] - dx)}" y="${f.py(t[j] + dt)}" width="${f.px(2 * dx) - f.px(0) + 0.4}"
      height="${f.py(0) - f.py(2 * dt) + 0.4}"/>` : "")));
    const key = order.map((name) => `<li><svg viewBox="0 0 18 12" aria-hidden="true"><rect width="18" height="12"
      class="cl-cell cl-${name}"/></svg> ${WORDS[name]}</li>`).join("");
    return [clip(id, box, cells.join("")) + f.axes + shapes.q0(f.px(here.B), f.py(here.t)), key];
  }

  // the numbers of a sample: T_c in K, mass in m_0, width in um
  function inSI(result, p, { Tc, mass, width, g }) {
    const energy = SI.k * Tc, length = SI.hbar / Math.sqrt(mass * SI.m * energy);
    const ampere = (SI.e * energy) / (SI.hbar * length) * width * 1e-6;
    const kF = (fermi) => Math.sqrt(2 * Math.max(fermi, 0)) / length;
    const rows = [
      ["T", fixed(p.t * Tc, 2), "K"],
      ["E_Fe", fixed((p.E_Fe * energy) / SI.e * 1e3, 2), "meV"],
      ["n_e", fixed(kF(p.E_Fe) ** 2 / (4 * Math.PI) * 1e-15, 2), "10\u00b9\u00b9 cm\u207b\u00b2"],
      ["\u03bb_e", fixed((p.lambda_e * energy * length) / SI.e * 1e13, 1), "meV \u00c5"],
      ["B as a splitting", fixed((2 * p.B * energy) / SI.e * 1e3, 2), "meV"],
      ["B as a field", fixed((2 * p.B * energy) / (g * SI.muB), 1), "T"],
    ];
    if (result.q0) rows.push(["wavelength", fixed((2 * Math.PI * length) / Math.abs(result.q0) * 1e9, 0), "nm"]);
    if (result.plus && result.minus) rows.push(
      ["I_c+", (result.plus.J * ampere * 1e6).toPrecision(3).replace("-", "\u2212"), "\u00b5A"],
      ["I_c+ \u2212 |I_c\u2212|", ((result.plus.J + result.minus.J) * ampere * 1e9).toPrecision(3).replace("-", "\u2212"), "nA"]);
    return rows;
  }

  const python = (p, theory) => `from cedrag import Bilayer, GinzburgLandau, MeanField

bilayer = Bilayer.from_fermi_energies(
    fermi_energy_e=${p.E_Fe}, fermi_energy_h=${p.E_Fh}, rashba_e=${p.lambda_e}, rashba_h=${p.lambda_h},
    zeeman_inplane=${p.B}, zeeman_outofplane=${p.J},
)
theory = ${theory === "quartic" ? `GinzburgLandau(bilayer, ${p.t})` : `MeanField(bilayer, ${p.t}, spin="full")`}
print(theory.condensate())
print(theory.diode())
`;

  // engine: {theory, sample, set(theory)}, shared with the control; physics: the function that makes the engines
  function mount(root, view, { config, engine, physics, html }) {
    const id = `${root.querySelector("svg desc").id}-lab`, part = document.createElement("section");
    part.className = "cl-lab";
    part.innerHTML = layout(id, html);
    root.append(part);
    const find = (selector) => part.querySelector(selector);
    const status = (text) => { find("[data-lab-status]").textContent = text; };
    const limits = Object.fromEntries(config.sliders.map((s) => [s.name, s]));
    let job = 0, data = null, pinned = null, playing = null, timer = null, waiting = 0;
    const step = () => Number(find("[data-lab-step]").value);
    const input = (name) => find(name === "step" ? "[data-lab-step]" : `[data-sample=${name}]`);

    function answer(name, value) {
      const [run, kind, i, j] = name.split(" ");
      waiting -= 1;
      if (Number(run) === job) {
        if (kind === "map") data.map = value;
        else if (kind === "valid") data.valid.kind[j][i] = value;
        else if (value) data[kind][i] = value;
        draw(kind);
      }
      feed();
    }
    const ask = makeCrew(physics, answer);

    // what is still to be computed for the sliders as they stand
    let queue = [];
    function feed() {
      while (waiting < 2 && queue.length) {
        const [name, task, given] = queue.shift();
        waiting += 1;
        ask(name, task, given);
      }
      part.dataset.busy = waiting > 0 || queue.length > 0;
    }

    function restart() {
      const p = view.state(), theory = engine.theory;
      job += 1;
      const [B, T] = [range(limits.B.min, limits.B.max, POINTS), range(limits.t.min, limits.t.max, POINTS)];
      const [x, t] = [range(limits.B.min, limits.B.max, CELLS[0]), range(limits.t.min, limits.t.max, CELLS[1])];
      data = { p, theory, B: B.map(() => null), t: T.map(() => null), xs: { B, t: T }, map: undefined,
        valid: { x, t, kind: t.map(() => x.map(() => null)) } };
      queue = [[`${job} map`, "mapOf", [p, theory, COLUMNS, ROWS]],
        ...spread(POINTS).flatMap((i) => [["B", B], ["t", T]].map(([name, values]) =>
          [`${job} ${name} ${i}`, "point", [p, name, values[i], theory, step()]])),
        ...t.flatMap((tau, j) => x.map((b, i) => [`${job} valid ${i} ${j}`, "strain", [{ ...p, B: b, t: tau }]]))];
      feed();
    }

    const title = (name, text, picture) => {
      find(`[data-lab=${name}]`).innerHTML = `<title id="${id}-${name}-t">${text}</title>${picture}`;
    };
    const line = (name, of) => {
      const kept = data.xs[name].map((x, i) => [x, data[name][i]]).filter(([, v]) => v);
      return { x: kept.map(([x]) => x), y: kept.map(([, v]) => of(v)) };
    };
    const percent = (v) => (v === null || v === undefined ? null : 100 * v);

    function drawEnergy() {
      const { curve } = root.result, lines = [{ x: curve.q, y: curve.F ?? [], kind: "cl-curve" }];
      if (pinned) lines.unshift({ x: pinned.curve.q, y: pinned.curve.F, kind: "cl-pinned", label: "pinned" });
      const q = [...curve.q, ...(pinned?.curve.q ?? [])];
      title("energy", "Free energy against momentum", chart(`${id}-e`, lines, q.length
        ? { lo: Math.min(...q), hi: Math.max(...q), label: "pair momentum q_x (1/l_u)" }
        : { lo: -0.5, hi: 0.5, label: "pair momentum q_x (1/l_u)" }, (unit) => `F (${unit}E_u / l_u \u00b2)`,
      root.result.q0 ?? undefined));
    }

    function draw(kind) {
      if (kind === "map" || kind === "all") title("map", "Free energy over the plane", mapPicture(`${id}-m`, data.map));
      if (kind === "B" || kind === "all") {
        const x = { lo: limits.B.min, hi: limits.B.max, label: "B (E_u)" }, here = data.p.B;
        const eta = [{ ...line("B", (v) => percent(v.eta)), kind: "cl-curve", label: "converged" }];
        if (step() > 0) eta.push({ ...line("B", (v) => percent(v.sampled)), kind: "cl-sampled", label: "on the grid" });
        if (pinned) eta.unshift({ x: pinned.B.x, y: pinned.B.eta, kind: "cl-pinned", label: "pinned" });
        title("etaB", "Efficiency against the field", chart(`${id}-h`, eta, x, (unit) => `\u03b7 (${unit}%)`, here));
        const both = [{ ...line("B", (v) => v.plus), kind: "cl-plus-line", label: "J_c+" },
          { ...line("B", (v) => (v.minus === null ? null : -v.minus)), kind: "cl-minus-line", label: "|J_c\u2212|" }];
        title("currentB", "Critical currents against the field",
          chart(`${id}-c`, both, x, (unit) => `J_c (${unit}J_u)`, here));
      }
      if (kind === "t" || kind === "all") title("etaT", "Efficiency against temperature", chart(`${id}-t`,
        [{ ...line("t", (v) => percent(v.eta)), kind: "cl-curve" }],
        { lo: limits.t.min, hi: limits.t.max, label: "T/T_c" }, (unit) => `\u03b7 (${unit}%)`, data.p.t));
      if (kind === "valid" || kind === "all") {
        const [picture, key] = validPicture(`${id}-v`, data.valid, data.p);
        title("valid", "Warnings over field and temperature", picture);
        find(".cl-key").innerHTML = key;
      }
    }

    // what the reader typed, into the sample that the address keeps
    function readSample() {
      const given = SAMPLE.map(({ name }) => input(name));
      const bad = given.find((one) => !one.checkValidity() || one.value === "");
      if (bad) return status(`${bad.labels[0].textContent.trim()} must lie between ${bad.min} and ${bad.max} `
        + `(got ${bad.value || "nothing"})`);
      engine.sample = Object.fromEntries(SAMPLE.map(({ name }) => [name, Number(input(name).value)]));
      root.dispatchEvent(new CustomEvent("cedrag-change", { detail: view.state() }));
      return drawSample();
    }

    function showSample() {
      for (const [name, x] of Object.entries(engine.sample)) {
        if (Number(input(name).value) !== x) input(name).value = x;
      }
      drawSample();
    }

    function drawSample() {
      find("[data-lab-sample]").innerHTML = inSI(root.result, view.state(), engine.sample)
        .map(([name, value, unit]) => `<div><dt>${html(name)}</dt><dd>${value} <small>${html(unit)}</small></dd></div>`).join("");
    }

    // rows of the CSV: one block a curve, all in one table
    function table() {
      const rows = [["curve", "x", "y"]], add = (name, xs, ys) => xs.forEach((x, i) => rows.push([name, x, ys[i] ?? ""]));
      const { curve } = root.result;
      add("J(q)", curve.q, curve.J);
      add("F(q)", curve.q, curve.F ?? []);
      for (const [name, of] of [["eta", (v) => v.eta], ["eta_on_grid", (v) => v.sampled], ["jc_plus", (v) => v.plus],
        ["jc_minus", (v) => v.minus]]) {
        for (const axis of ["B", "t"]) { const { x, y } = line(axis, of); add(`${name}(${axis})`, x, y); }
      }
      const head = Object.entries({ ...view.state(), theory: engine.theory }).map(([k, v]) => `${k}=${v}`).join(" ");
      return `# cedrag ${head}\n${rows.map((row) => row.join(",")).join("\n")}\n`;
    }

    function save(name, blob) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }

    // all pictures on one sheet, with the colours that the page shows
    async function sheet() {
      const shown = [...root.querySelectorAll("figure svg")], [w, h] = [2 * plots.WIDTH, 2 * plots.HEIGHT];
      const canvas = Object.assign(document.createElement("canvas"), { width: 2 * w, height: h * Math.ceil(shown.length / 2) });
      const pen = canvas.getContext("2d"), KEEP = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-size", "font-family", "fill-opacity"];
      pen.fillStyle = getComputedStyle(root).getPropertyValue("--cl-paper").trim() || "#ffffff";
      if (!pen.fillStyle.startsWith("#")) pen.fillStyle = "#ffffff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      for (const [i, svg] of shown.entries()) {
        const copy = svg.cloneNode(true), from = svg.querySelectorAll("*"), to = copy.querySelectorAll("*");
        from.forEach((node, k) => {
          const style = getComputedStyle(node);
          for (const name of KEEP) to[k].style.setProperty(name, style.getPropertyValue(name));
        });
        copy.setAttribute("width", w);
        copy.setAttribute("height", h);
        const image = new Image();
        image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
        await image.decode();
        pen.drawImage(image, (i % 2) * w, Math.floor(i / 2) * h);
      }
      return new Promise((done) => canvas.toBlob(done, "image/png"));
    }

    function pin() {
      if (pinned) pinned = null;
      else {
        const B = line("B", (v) => percent(v.eta));
        pinned = { curve: root.result.curve, B: { x: B.x, eta: B.y } };
      }
      find("[data-lab-action=pin]").textContent = pinned ? "remove the pinned curves" : "pin the curves";
      root.pinned = pinned?.curve ?? null;
      drawEnergy();
      draw("all");
      view.draw(root.result);
    }

    // B up and down, until the next press
    function play() {
      const button = find("[data-lab-action=play]");
      if (playing) {
        clearInterval(playing);
        playing = null;
      } else {
        let sense = 1;
        playing = setInterval(() => {
          const B = view.state().B;
          if (B + sense * 0.1 > limits.B.max || B + sense * 0.1 < limits.B.min) sense = -sense;
          view.change({ B: Math.round((B + sense * 0.1) * 100) / 100 });
        }, 120);
      }
      button.setAttribute("aria-pressed", Boolean(playing));
      button.textContent = playing ? "stop" : "play B";
    }

    const actions = {
      pin,
      play,
      csv: () => save("cedrag.csv", new Blob([table()], { type: "text/csv" })),
      png: async () => save("cedrag.png", await sheet()),
      python: async () => {
        const text = python(view.state(), engine.theory);
        part.dataset.python = text;
        try {
          await navigator.clipboard.writeText(text);
          status("Python copied.");
        } catch { status(`Copy this: ${text}`); }
      },
    };
    part.addEventListener("click", (event) => {
      const name = event.target.closest("[data-lab-action]")?.dataset.labAction;
      if (!name) return;
      event.stopPropagation();
      status("");
      actions[name]();
    });
    part.addEventListener("change", (event) => {
      if (event.target.type === "radio") engine.set(event.target.value);
    });
    part.addEventListener("input", (event) => {
      if (event.target.dataset.sample) { status(""); readSample(); }
      if (event.target.matches("[data-lab-step]")) { readSample(); showStep(); later(); }
    });
    const showStep = () => {
      find("output").innerHTML = `${fixed(step(), 3)} <small>${html("1/l_u")}</small>`;
      draw("B");
    };
    // the curves follow once the sliders rest for a moment
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(restart, 250);
    };
    const current = () => {
      const radio = find(`input[value=${engine.theory}]`);
      if (!radio.checked) radio.checked = true;
      drawEnergy();
      const before = step();
      showSample();
      if (step() !== before) { showStep(); later(); }
      if (!data) return;
      const p = view.state();
      const moved = (names) => names.some((name) => p[name] !== data.p[name]);
      if (data.theory !== engine.theory || moved(Object.keys(p))) {
        data.p = { ...data.p, B: p.B, t: p.t }; // "you are here" moves at once
        draw("all");
        later();
      }
    };
    root.addEventListener("cedrag-drawn", current);
    showSample();
    restart();
    showStep();
    current();
    draw("all");
    return { data: () => data, table };
  }

  return { mount, SAMPLE };
})(cedragPlots);
