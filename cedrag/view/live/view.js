// The control: sliders, numbers, words and three pictures.  It knows no physics: it hands the
// parameters to `provider(parameters, show)` and draws what `show(result)` brings back.

const cedragView = ((plots, sliders) => {
  "use strict";
  const { fixed } = plots, { escape, html } = sliders;
  let instances = 0;

  const minus = (text) => text.replace("-", "\u2212");

  // four significant digits, never more than needed to read a slider's effect
  function number(x) {
    const size = Math.abs(x);
    if (size < 1e-8) return "0"; // rounding error of a number that symmetry makes zero
    if (size >= 1e-3) return minus(x.toPrecision(4));
    return minus(x.toExponential(2)).replace(/e(.*)/, (_, n) => ` \u00b7 10${plots.superscript(n.replace("\u2212", "-"))}`);
  }

  function layout(id, config) {
    const presets = config.presets.map((preset, i) => `
        <button type="button" data-preset="${i}" aria-pressed="false">${escape(preset.label)}</button>`);
    const figure = (name, caption) => `
      <figure>
        <svg role="img" viewBox="0 0 ${plots.WIDTH} ${plots.HEIGHT}" data-plot="${name}"
          aria-labelledby="${id}-${name}-title" aria-describedby="${id}-${name}-desc"></svg>
        <figcaption>${html(caption)}</figcaption>
      </figure>`;
    return `
      <div class="cl-top">
        ${figure("current", "Counterflow current against pair momentum. The triangles are the "
          + "critical currents, where dJ/dq = 0.")}
        <div>
          <div class="cl-sliders" role="group" aria-label="Parameters">${sliders.markup(id, config.sliders)}
          </div>
          <div class="cl-buttons">${presets.join("")}
            <button type="button" data-action="reset">reset</button>
            ${config.link ? '<button type="button" data-action="link">copy link</button>' : ""}
          </div>
          <p class="cl-status" role="status"></p>
        </div>
      </div>
      <dl class="cl-numbers"></dl>
      <ul class="cl-notes" aria-label="Warnings"></ul>
      <p class="cl-summary" aria-live="polite"></p>
      <div class="cl-figures">
        ${figure("contours", "Fermi contours of both layers (T = 0), and the pair momentum "
          + "q_0 from the origin.")}
        ${figure("plateau", `Drag ratio of a sample ${config.sample.words}. Outside the plateau: `
          + `friction, \u03b6 = ${fixed(100 * config.sample.friction, 2)} % `
          + `(${config.sample.friction_words}).`)}
      </div>
      <p class="cl-foot">${html(config.accuracy)} <span data-latency></span></p>`;
  }

  // what a reader who cannot see the pictures gets
  function sentences(result, config) {
    const { q0, plus, minus: back, eta } = result, { ampere } = config.sample;
    const critical = plus && back
      ? `J_c+ = ${number(plus.J)} J_u at q = ${fixed(plus.q, 3)}, J_c\u2212 = ${number(back.J)} J_u at q = `
        + `${fixed(back.q, 3)}` : "no pair of critical currents";
    const counted = ["no warning", "one warning", "two warnings", "three warnings"];
    const count = result.notes.length;
    return {
      current: `J(q) on the axis q_y = 0. ${q0 === null ? "No equilibrium state is marked"
        : `J vanishes at q_0 = ${fixed(q0, 4)} / l_u`}; ${critical}.`,
      contours: `Fermi contours: electrons ${extent(result.contours.e)}, holes `
        + `${extent(result.contours.h)}.`,
      plateau: plus && back ? `\u03b6 = \u22121 from I = ${number(back.J * ampere)} to `
        + `${number(plus.J * ampere)} microampere per micrometre, ${fixed(config.sample.friction, 4)} `
        + "outside." : "No plateau is shown.",
      summary: `${q0 === null ? "No q_0" : `q_0 = ${fixed(q0, 4)} / l_u`}, ${critical}`
        + `${eta === null ? "" : `, diode efficiency ${number(100 * eta)} %`}; `
        + `${counted[count] ?? `${count} warnings`}.`,
    };
  }

  function extent(line) {
    const x = line.map((point) => point[0]);
    return `from k_x = ${fixed(Math.min(...x), 2)} to ${fixed(Math.max(...x), 2)} / l_u`;
  }

  function numbers(result, config) {
    const missing = "no number", { ampere } = config.sample;
    const rows = [
      ["q_0", result.q0 === null ? missing : fixed(result.q0, 4), "1/l_u"],
      ["J_c+", result.plus ? number(result.plus.J) : missing, "J_u"],
      ["J_c\u2212", result.minus ? number(result.minus.J) : missing, "J_u"],
      ["\u03b7", result.eta === null ? missing : number(100 * result.eta), "%"],
      ["I_c+", result.plus ? number(result.plus.J * ampere) : missing, "\u00b5A/\u00b5m"],
      ["I_c\u2212", result.minus ? number(result.minus.J * ampere) : missing, "\u00b5A/\u00b5m"],
    ];
    return rows.map(([name, value, unit]) => `<div><dt>${html(name)}</dt><dd>${value}`
      + `${value === missing ? "" : ` <small>${html(unit)}</small>`}</dd></div>`).join("");
  }

  // config: {sliders, presets, start, sample, accuracy, link}
  function mount(root, config, provider) {
    const id = `cedrag-${++instances}`;
    root.classList.add("cedrag-live");
    root.innerHTML = layout(id, config);
    const find = (selector) => root.querySelector(selector);
    const state = { ...config.start };
    const showSliders = sliders.mount(root, id, config.sliders, state, change);
    let started = 0, moves = 0, speaking = null, frame = null;

    function showPresets() {
      for (const button of root.querySelectorAll("[data-preset]")) {
        const { parameters } = config.presets[button.dataset.preset];
        const same = Object.keys(parameters).every((name) => state[name] === parameters[name]);
        button.setAttribute("aria-pressed", same);
      }
    }

    function draw(result) {
      const says = sentences(result, config);
      const pictures = {
        current: ["Current against momentum", plots.currentPlot(result, `${id}-a`, root.pinned)],
        contours: ["Fermi contours", plots.contourPlot(result, `${id}-b`)],
        plateau: ["Drag ratio", plots.plateauPlot(result, `${id}-c`, config.sample)],
      };
      for (const [name, [title, content]] of Object.entries(pictures)) {
        find(`[data-plot=${name}]`).innerHTML = `<title id="${id}-${name}-title">${title}</title>`
          + `<desc id="${id}-${name}-desc">${escape(says[name])}</desc>${content}`;
      }
      find(".cl-numbers").innerHTML = numbers(result, config);
      find(".cl-notes").innerHTML = result.notes.map(({ kind, text }) =>
        `<li data-kind="${escape(kind)}">${html(text)}</li>`).join("");
      // a screen reader hears the state at rest, not every step of a drag
      clearTimeout(speaking);
      speaking = setTimeout(() => { find(".cl-summary").innerHTML = html(says.summary); }, 250);
      root.result = result;
      const since = started;
      requestAnimationFrame(() => setTimeout(() => { // after the paint
        root.latency = performance.now() - since;
        if (moves > 0) find("[data-latency]").textContent = `Last move: ${root.latency.toFixed(0)} ms to the picture.`;
        root.dispatchEvent(new CustomEvent("cedrag-drawn"));
      }));
    }

    // many moves between two frames are one computation
    function update() {
      showSliders();
      showPresets();
      if (frame !== null) return;
      started = performance.now();
      frame = requestAnimationFrame(() => {
        frame = null;
        provider({ ...state }, draw);
      });
    }

    function change(values) {
      Object.assign(state, values);
      moves += 1;
      update();
      root.dispatchEvent(new CustomEvent("cedrag-change", { detail: { ...state } }));
    }

    root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      find(".cl-status").textContent = "";
      if (button.dataset.preset) change(config.presets[button.dataset.preset].parameters);
      if (button.dataset.action === "reset") change(config.start);
      if (button.dataset.action === "link") root.dispatchEvent(new CustomEvent("cedrag-link"));
    });

    update();
    return { state: () => ({ ...state }), change, draw,
      say: (text) => { find(".cl-status").textContent = text; } };
  }

  return { mount, html };
})(cedragPlots, cedragSliders);
