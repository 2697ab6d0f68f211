// The control on a static page: the physics is diode.js, the state lives in the address.

for (const root of document.querySelectorAll("[data-cedrag-live]")) {
  const config = JSON.parse(root.querySelector("script[type='application/json']").textContent);
  const names = config.sliders.map((s) => s.name);

  // the state and the sample that the fragment names, and what in it cannot be used
  function read(url) {
    const given = new URLSearchParams(new URL(url).hash.slice(1)), refused = [];
    const take = (ranges) => Object.fromEntries(ranges.flatMap(({ name, min, max }) => {
      if (!given.has(name)) return [];
      const x = Number(given.get(name));
      if (given.get(name).trim() !== "" && x >= min && x <= max) return [[name, x]];
      refused.push(`${name} must lie between ${min} and ${max} (got ${given.get(name)})`);
      return [];
    }));
    const state = take(config.sliders);
    engine.sample = { ...usual, ...take(cedragLab.SAMPLE) };
    const theory = given.get("theory") ?? "quartic";
    if (!["quartic", "full"].includes(theory)) refused.push(`theory must be quartic or full (got ${theory})`);
    else engine.theory = theory;
    return { state, refused };
  }

  const usual = Object.fromEntries(cedragLab.SAMPLE.map(({ name, value }) => [name, value]));
  const engine = { theory: "quartic", sample: usual, set(name) {
    engine.theory = name;
    view.change({});
  } };
  const look = (parameters) => (engine.theory === "quartic" ? cedragDiode.look(parameters)
    : cedragMeanField.look(parameters, "full"));
  const address = (state) => `#${names.map((name) => `${name}=${state[name]}`).join("&")}`
    + (engine.theory === "quartic" ? "" : `&theory=${engine.theory}`)
    + Object.entries(engine.sample).map(([name, x]) => (x === usual[name] ? "" : `&${name}=${x}`)).join("");
  const first = read(location.href);
  const view = cedragView.mount(root, { ...config, link: true },
    (parameters, show) => show(look(parameters)));
  if (Object.keys(first.state).length || engine.theory !== "quartic") view.change(first.state);
  view.say(first.refused.join("; "));
  root.addEventListener("cedrag-drawn", () => cedragLab.mount(root, view,
    { config, engine, physics: cedragPhysics, html: cedragView.html }), { once: true });

  let saving = null; // browsers refuse more than a hundred changes of the address in a few seconds
  root.addEventListener("cedrag-change", (event) => {
    clearTimeout(saving);
    saving = setTimeout(() => history.replaceState(null, "", address(event.detail)), 150);
  });
  window.addEventListener("hashchange", (event) => {
    clearTimeout(saving); // of the state before; the event knows the address that was asked for
    const { state, refused } = read(event.newURL);
    view.change(state);
    view.say(refused.join("; "));
  });
  root.addEventListener("cedrag-link", async () => {
    const link = location.href.split("#")[0] + address(view.state());
    try {
      await navigator.clipboard.writeText(link);
      view.say("Link copied.");
    } catch {
      view.say(`Copy this: ${link}`);
    }
  });
}
