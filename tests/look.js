// What tests/test_browser.py asks of a page.  Each function lists what is wrong, at most eight lines.
window.look = (() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const first = (list) => [...new Set(list)].slice(0, 8);
  const name = (e) => `${e.tagName}.${e.className?.baseVal ?? e.className}: ${e.textContent.trim().slice(0, 40)}`;
  const seen = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true });

  // One h1, and no level of heading left out on the way down.
  function headings() {
    const levels = all("h1, h2, h3, h4, h5, h6").filter(seen).map((e) => [Number(e.tagName[1]), e]);
    const found = levels.filter(([level], i) => i && level > levels[i - 1][0] + 1).map(([, e]) => name(e));
    const titles = levels.filter(([level]) => level === 1).length;
    return first(titles === 1 ? found : [...found, `${titles} h1`]);
  }

  // Pictures of the text need a description, links and buttons a name, form fields a label.
  function nameless() {
    const said = (e) =>
      e.innerText?.trim() || e.getAttribute("aria-label") || e.getAttribute("title") ||
      e.getAttribute("data-bs-original-title") || e.getAttribute("data-tooltip") ||
      all("img[alt], mjx-container, svg[aria-label]", e).some((inner) => inner.tagName !== "IMG" || inner.alt);
    // the labels that panels share are a cut of a picture that is described beside them
    const shared = (e) => e.closest(".panel") && e.getAttribute("alt") === ""
      && all("img[data-size]", e.closest("figure")).some((whole) => whole.alt.trim());
    const pictures = all("img").filter((e) => !shared(e) &&
      (e.closest("article") ? !e.alt.trim() || e.alt.includes("_images/") : !e.hasAttribute("alt")));
    const controls = all("a[href], button").filter((e) => seen(e) && !said(e));
    const fields = all("input, select").filter((e) =>
      seen(e) && !(e.labels?.length || e.getAttribute("aria-label") || e.getAttribute("aria-labelledby")));
    return first([...pictures, ...controls, ...fields].map((e) => e.outerHTML.slice(0, 120)));
  }

  // Every formula is typeset and none is an error.
  function mathematics() {
    const bare = all("article .math").filter((e) => !e.querySelector("mjx-container"));
    return first([...bare, ...all("mjx-merror, [data-mml-node=merror]")].map(name));
  }

  // colours --------------------------------------------------------------------------------
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const known = new Map();
  function rgba(colour) {
    if (!known.has(colour)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(colour, [r, g, b, a / 255]);
    }
    return known.get(colour);
  }
  const over = ([r, g, b, a], under) => [r, g, b].map((c, i) => a * c + (1 - a) * under[i]);
  const papers = new Map();
  function paper(e) {
    if (!e) return [255, 255, 255];
    if (!papers.has(e)) papers.set(e, over(rgba(getComputedStyle(e).backgroundColor), paper(e.parentElement)));
    return papers.get(e);
  }
  const linear = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = (c) => 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
  function contrast(ink, under) {
    const [low, high] = [luminance(ink), luminance(under)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  }

  // Text below the contrast of WCAG 2 AA: 4.5, or 3 where it is large.
  function faint() {
    papers.clear();
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const holders = new Set();
    while (walker.nextNode()) if (walker.currentNode.data.trim()) holders.add(walker.currentNode.parentElement);
    for (const e of [...holders, ...all("mjx-container")]) {
      if (["SCRIPT", "STYLE", "NOSCRIPT", "TITLE"].includes(e.tagName) || e.closest("svg, mjx-assistive-mml") || !seen(e)) continue;
      const style = getComputedStyle(e);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
      const under = paper(e);
      const ratio = contrast(over(rgba(style.color), under), under);
      if (ratio < (large ? 3 : 4.5)) found.push(`${ratio.toFixed(2)} ${name(e)}`);
    }
    return first(found);
  }

  // How many colours a small PNG holds.
  async function colours(bytes) {
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4) seen.add(data.slice(i, i + 3).join());
    return seen.size;
  }

  // What no scrolling brings into view: beyond the window, or cut by a box that does not scroll.
  function outside() {
    const scrolls = (style) => ["auto", "scroll"].includes(style.overflowX);
    const found = [];
    for (const e of all("article *, #search-results *")) {
      // the picture behind each stacked panel is cut on purpose: the panels together show all of it
      if (!seen(e) || e.closest("mjx-assistive-mml, svg, .visually-hidden, figure .panel")) continue;
      const box = e.getBoundingClientRect();
      if (box.width < 2 || box.height < 2) continue;
      for (let p = e.parentElement; p && p !== document.documentElement; p = p.parentElement) {
        const style = getComputedStyle(p);
        if (scrolls(style)) break;
        const edge = p.getBoundingClientRect();
        const cuts = ["hidden", "clip"].includes(style.overflowX) && style.position !== "fixed";
        if (cuts && (box.right > edge.right + 1 || box.left < edge.left - 1)) { found.push(`cut ${name(e)}`); break; }
        if (p === document.body && (box.right > innerWidth + 1 || box.left < -1)) found.push(name(e));
      }
    }
    return first(found);
  }

  // What scrolls sideways inside its own box and does not show that it continues.
  function unmarked() {
    return first(all("article *").filter((e) => seen(e) && !e.closest("mjx-assistive-mml, .cedrag-live")
      && e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 2 && !e.classList.contains("continues")
      && ["auto", "scroll"].includes(getComputedStyle(e).overflowX)).map(name));
  }

  // Figures whose smallest label is below this many pixels.
  function smallLabels(least) {
    const found = [];
    for (const image of all("article figure img[data-size]")) {
      const [width, , letters] = image.dataset.size.split(" ").map(Number);
      const drawn = seen(image) ? [image] : all(".panel img", image.closest("figure")).filter(seen);
      if (!drawn.length) found.push(`not drawn: ${image.alt.slice(0, 40)}`);
      for (const part of drawn) {
        const pixels = (part.getBoundingClientRect().width / width) * letters;
        if (!(pixels >= least)) found.push(`${pixels.toFixed(1)} px in ${image.alt.slice(0, 40)}`);
      }
    }
    return first(found);
  }

  // The element with the focus has an outline or a shadow, or is typed into.
  function focusIsSeen() {
    const e = document.activeElement;
    if (e === document.body) return true;
    const style = getComputedStyle(e);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none";
  }

  return { headings, nameless, mathematics, faint, colours, outside, unmarked, smallLabels, focusIsSeen };
})();
