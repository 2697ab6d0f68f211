// What makes a page easier to read: wide things say that they continue, figures stack on a phone and
// enlarge in place, and a link to a term, an equation, a figure or a citation shows it on a card.
// Without this script everything is still there: things scroll, figures and links lead on.
(() => {
  "use strict";
  const all = (selector) => document.querySelectorAll(selector);

  // ---- what is wider than its place ------------------------------------------------------
  const WIDE = ".bd-article table, .bd-article pre, .bd-article div.math, .bd-article figure .frame, "
    + ".bd-article mjx-container[display=true], .bd-article .math-long mjx-container";
  function mark(box) {
    const more = box.scrollWidth - box.clientWidth;
    const scrolls = more > 2;
    box.classList.toggle("continues", scrolls && box.scrollLeft < more - 2);
    if (scrolls && !box.hasAttribute("tabindex")) box.tabIndex = 0; // the keyboard can scroll it
  }
  function watchWide() {
    const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => mark(target)));
    for (const box of all(WIDE)) {
      sizes.observe(box);
      box.addEventListener("scroll", () => mark(box), { passive: true });
    }
  }

  // ---- figures -----------------------------------------------------------------------------
  const LEGIBLE = 11.2; // pixels of the smallest label
  function enlarge(image) {
    const dialog = document.createElement("dialog");
    dialog.className = "enlarged";
    dialog.setAttribute("aria-label", "Enlarged figure");
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "close";
    const large = new Image();
    large.src = image.src;
    large.alt = image.alt;
    large.className = image.className;
    large.style.setProperty("--points", (image.dataset.size ?? "500").split(" ")[0]);
    dialog.append(close, large);
    dialog.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }
  function piece(image, left, right, [width, height]) { // the strip from left to right of the picture
    const part = document.createElement("span"), copy = new Image();
    part.style.flex = `${right - left} 1 0`;
    part.style.aspectRatio = `${right - left} / ${height}`;
    copy.src = image.src;
    copy.alt = "";
    copy.className = image.className;
    copy.style.width = `${(100 * width) / (right - left)}%`;
    copy.style.marginLeft = `${(-100 * left) / (right - left)}%`;
    part.append(copy);
    return part;
  }
  function panel(image, edges, size, position, count) { // edges: of the labels it shares, and its own
    const part = document.createElement("span");
    part.className = "panel";
    let points = 0;
    for (let i = 0; i < edges.length; i += 2) {
      part.append(piece(image, edges[i], edges[i + 1], size));
      points += edges[i + 1] - edges[i];
    }
    part.style.setProperty("--points", points);
    part.lastChild.firstChild.alt = position
      ? `The same figure, part ${position + 1} of ${count}` : image.alt;
    return part;
  }
  function setFigures() {
    for (const link of all("a.figure-alone")) {
      const image = link.querySelector("img");
      const frame = document.createElement("span");
      frame.className = "frame";
      link.replaceWith(frame);
      frame.append(link);
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of its own
        event.preventDefault();
        enlarge(image);
      });
      if (!image.dataset.size) continue;
      const size = image.dataset.size.split(" ").map(Number);
      image.style.setProperty("--points", size[0]);
      link.style.setProperty("--least", LEGIBLE / size[2]); // pixels a point
      const cuts = (image.dataset.panels ?? "").split(",").filter(Boolean);
      link.classList.toggle("stacks", cuts.length > 0);
      link.append(...cuts.map((cut, i) => panel(image, cut.split(" ").map(Number), size, i, cuts.length)));
    }
  }

  // ---- cards -------------------------------------------------------------------------------
  const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href).href;
  let card = null, asked = null, cards = null;
  const load = () => cards ??= new Promise((ready) => { // a script, since file:// allows no fetch
    const script = document.createElement("script");
    script.src = `${root}_static/cards.js`;
    script.onload = () => ready(window.bookCards);
    script.onerror = () => ready({});
    document.head.append(script);
  });
  function hide() {
    card?.remove();
    card = asked = null;
  }
  function place(link) {
    const at = link.getBoundingClientRect(), size = card.getBoundingClientRect(), air = 8;
    const left = Math.max(air, Math.min(at.left, document.documentElement.clientWidth - size.width - air));
    const below = at.bottom + air + size.height < innerHeight || at.top < size.height + air;
    card.style.left = `${left + scrollX}px`;
    card.style.top = `${(below ? at.bottom + air : at.top - air - size.height) + scrollY}px`;
  }
  async function show(link) {
    hide();
    asked = link;
    const known = await load();
    const content = known[link.href.slice(root.length)];
    if (asked !== link || !content) return;
    card = document.createElement("div");
    card.className = "book-card bd-article";
    card.setAttribute("role", "tooltip");
    card.innerHTML = content;
    card.querySelectorAll("img").forEach((image) => { image.src = root + image.dataset.source; });
    document.querySelector(".bd-content").append(card);
    place(link);
    await window.MathJax?.typesetPromise?.([card]);
    if (card) place(link);
  }
  function watchLinks() {
    let waiting = null;
    for (const link of all(".bd-article a.reference.internal[href*='#']")) {
      if (!link.href.startsWith(root)) continue;
      link.addEventListener("pointerenter", (event) => {
        clearTimeout(waiting);
        if (event.pointerType === "mouse") waiting = setTimeout(() => show(link), 150);
      });
      link.addEventListener("pointerleave", () => { clearTimeout(waiting); hide(); });
      link.addEventListener("focus", () => { if (link.matches(":focus-visible")) show(link); });
      link.addEventListener("blur", hide);
    }
    addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  }

  function start() {
    setFigures();
    watchLinks();
    const typeset = window.MathJax?.startup?.promise ?? Promise.resolve();
    typeset.then(watchWide);
  }
  if (document.readyState === "complete") start();
  else addEventListener("load", start);
})();
