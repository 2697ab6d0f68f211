// Sliders above the bands and the Fermi contours, in JupyterLab: parameters go to the kernel, curves
// come back.

const cedragBands = ((plots) => {
  "use strict";
  let instances = 0;
  const html = (name) => name.replace(/_([A-Za-z0-9]+)/g, "<sub>$1</sub>");

  function layout(id, sliders) {
    const rows = sliders.map((s) => `
      <div class="cl-slider">
        <label for="${id}-${s.name}"><b>${html(s.symbol)}</b> <span>${s.words}</span></label>
        <output for="${id}-${s.name}" id="${id}-${s.name}-value"></output>
        <input type="range" id="${id}-${s.name}" name="${s.name}" min="${s.min}" max="${s.max}"
          step="${s.step}" autocomplete="off">
      </div>`);
    const figure = (name, caption) => `
      <figure>
        <svg role="img" viewBox="0 0 ${plots.WIDTH} ${plots.HEIGHT}" data-plot="${name}"
          aria-label="${caption}"></svg>
        <figcaption>${html(caption)}</figcaption>
      </figure>`;
    return `<div class="cl-sliders cl-two" role="group" aria-label="Parameters">${rows.join("")}</div>
      <p class="cl-summary" aria-live="polite"></p>
      <div class="cl-figures">
        ${figure("bands", "Bands along k_x. Dotted: the spin branch that the theory drops.")}
        ${figure("contours", "Fermi contours, and the shift to first order in the coupling.")}
      </div>`;
  }

  function render({ model, el }) {
    const id = `cedrag-bands-${++instances}`, sliders = model.get("sliders");
    const root = document.createElement("div");
    root.className = "cedrag-live";
    root.innerHTML = layout(id, sliders);
    el.appendChild(root);
    const find = (selector) => root.querySelector(selector);

    function draw() {
      const values = model.get("parameters"), result = model.get("result");
      for (const s of sliders) {
        const text = plots.fixed(values[s.name], 2), input = find(`#${id}-${s.name}`);
        if (document.activeElement !== input) input.value = values[s.name];
        input.setAttribute("aria-valuetext", `${s.symbol} = ${text} ${s.unit}`);
        find(`#${id}-${s.name}-value`).innerHTML = `${text} <small>${html(s.unit)}</small>`;
      }
      find("[data-plot=bands]").innerHTML = plots.bandsPlot(result, `${id}-a`);
      find("[data-plot=contours]").innerHTML = plots.contourPlot(result, `${id}-b`);
      find(".cl-summary").innerHTML = html(result.text);
    }

    root.addEventListener("input", ({ target }) => {
      model.set("parameters", { ...model.get("parameters"), [target.name]: target.valueAsNumber });
      model.save_changes();
    });
    model.on("change:result", draw);
    draw();
    return () => model.off("change:result", draw);
  }

  return { render };
})(cedragPlots);

export default cedragBands;
