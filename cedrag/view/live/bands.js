// Sliders above the bands and the Fermi contours, in JupyterLab: parameters go to the kernel, curves
// come back.

const cedragBands = ((plots, sliding) => {
  "use strict";
  const { html, markup, mount } = sliding;
  let instances = 0;

  function layout(id, sliders) {
    const figure = (name, caption) => `
      <figure>
        <svg role="img" viewBox="0 0 ${plots.WIDTH} ${plots.HEIGHT}" data-plot="${name}"
          aria-label="${caption}"></svg>
        <figcaption>${html(caption)}</figcaption>
      </figure>`;
    return `<div class="cl-sliders cl-two" role="group" aria-label="Parameters">${markup(id, sliders)}
      </div>
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
    const state = { ...model.get("parameters") };
    const show = mount(root, id, sliders, state, (values) => {
      Object.assign(state, values);
      show();
      model.set("parameters", { ...state });
      model.save_changes();
    });

    function draw() {
      const result = model.get("result");
      find("[data-plot=bands]").innerHTML = plots.bandsPlot(result, `${id}-a`);
      find("[data-plot=contours]").innerHTML = plots.contourPlot(result, `${id}-b`);
      find(".cl-summary").innerHTML = html(result.text);
    }

    function moved() { // by hand or from Python
      Object.assign(state, model.get("parameters"));
      show();
    }

    model.on("change:result", draw);
    model.on("change:parameters", moved);
    moved();
    draw();
    return () => {
      model.off("change:result", draw);
      model.off("change:parameters", moved);
    };
  }

  return { render };
})(cedragPlots, cedragSliders);

export default cedragBands;
