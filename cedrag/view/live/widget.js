// The same control in JupyterLab: parameters go to the kernel, results come back.

export default {
  render({ model, el }) {
    const root = document.createElement("div");
    el.appendChild(root);
    let show = null;
    const provider = (parameters, draw) => {
      show = draw;
      model.set("parameters", parameters);
      model.save_changes();
    };
    const config = { ...model.get("config"), start: model.get("parameters") };
    const view = cedragView.mount(root, config, provider);
    view.draw(model.get("result"));
    const drawn = () => (show ?? view.draw)(model.get("result"));
    const moved = () => { // from Python
      const wanted = model.get("parameters"), shown = view.state();
      if (Object.keys(shown).some((name) => shown[name] !== wanted[name])) view.change(wanted);
    };
    model.on("change:result", drawn);
    model.on("change:parameters", moved);
    return () => {
      model.off("change:result", drawn);
      model.off("change:parameters", moved);
    };
  },
};
