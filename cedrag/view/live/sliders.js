// Sliders that mouse, finger and keys can move.  They know no physics: `change({name: value})`
// hears of each move, `show()` brings what `state` holds to the screen.

const cedragSliders = ((plots) => {
  "use strict";
  const { fixed } = plots;
  const SIDEWAYS = 6; // CSS pixels of a finger's move that mean the slider

  const escape = (text) => String(text).replace(/[&<>"]/g,
    (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
  const html = (name) => escape(name).replace(/_([A-Za-z0-9]+[+\u2212]?)/g, "<sub>$1</sub>");

  const markup = (id, sliders) => sliders.map((s) => `
      <div class="cl-slider">
        <label for="${id}-${s.name}"><b>${html(s.symbol)}</b> <span>${escape(s.words)}</span></label>
        <output for="${id}-${s.name}" id="${id}-${s.name}-value"></output>
        <input type="range" id="${id}-${s.name}" name="${s.name}" min="${s.min}" max="${s.max}"
          step="any" autocomplete="off">
      </div>`).join("");

  // the sliders of `markup` inside `root` come to life; returns `show`
  function mount(root, id, sliders, state, change) {
    const rows = sliders.map((s) => ({ ...s, input: root.querySelector(`#${id}-${s.name}`),
      value: root.querySelector(`#${id}-${s.name}-value`) }));

    function show() {
      for (const { name, symbol, unit, digits, input, value } of rows) {
        const text = fixed(state[name], digits);
        input.value = state[name];
        input.setAttribute("aria-valuetext",
          `${symbol.replace("_", " ")} = ${text}${unit ? ` ${unit}` : ""}`);
        value.innerHTML = `${text} <small>${html(unit)}</small>`;
      }
    }

    for (const { name, min, max, step, input } of rows) {
      const onGrid = (x) => Math.min(max, Math.max(min, Number((Math.round(x / step) * step)
        .toFixed(6))));
      const moved = () => change({ [name]: onGrid(input.valueAsNumber) });
      // a finger that only wants to scroll presses first: its press counts once it moves sideways
      let pressed = null;
      input.addEventListener("pointerdown", (event) => {
        if (event.pointerType === "touch") pressed = { x: event.clientX, y: event.clientY };
      });
      input.addEventListener("pointermove", (event) => {
        if (pressed === null) return;
        const [across, up] = [Math.abs(event.clientX - pressed.x), Math.abs(event.clientY - pressed.y)];
        if (across < SIDEWAYS || across < up) return;
        pressed = null;
        moved();
      });
      input.addEventListener("pointercancel", () => { // the browser scrolls
        pressed = null;
        show();
      });
      input.addEventListener("pointerup", () => { // a tap
        if (pressed === null) return;
        pressed = null;
        moved();
      });
      input.addEventListener("input", () => {
        if (pressed === null) moved();
      });
      // Presets lie between the steps, so the keys go to the next step rather than by one.
      // A key that is not taken here folds a section of the notebook in JupyterLab.
      input.addEventListener("keydown", (event) => {
        const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10,
          PageDown: -10 }[event.key];
        const ends = { Home: min, End: max }[event.key];
        if (steps === undefined && ends === undefined) return;
        event.preventDefault();
        const x = state[name] / step;
        const from = steps > 0 ? Math.floor(x + 1e-6) : Math.ceil(x - 1e-6);
        change({ [name]: ends ?? onGrid((from + steps) * step) });
      });
    }
    return show;
  }

  return { escape, html, markup, mount };
})(cedragPlots);
