"""Sphinx extension: the built pages load nothing from a server, and the search quotes them anyway.

MathJax comes from the pip package sphinx-mathjax-offline.
Only its single-file build is copied: SVG output needs no fonts, "full" needs no later loading.
Thebe, which Jupyter Book always adds, would call a server for a kernel: it is taken off.
So are the theme's font preloads, which a browser refuses on ``file://``; the style sheet loads
the same fonts.
The mark that tells nbval which cells to compare means nothing to a reader and is taken off, too,
and so is the theme's second heading for printers: one page has one heading, and a name stands once.
A full stop stays on the line of the formula before it.
Each figure links to its own file, and a script enlarges it in place (``reading.js``).
The same script shows on a card where a link leads, from what is collected here.
Folded code of cells that follow each other is folded once.  Numbers have a true minus
and powers of ten.
The notebook of a page can be saved from ``file://`` as well as from a server.
"""

import html
import json
import multiprocessing
import re
import unicodedata
from importlib.util import find_spec
from itertools import starmap
from pathlib import Path
from shutil import copyfile

from bs4 import BeautifulSoup, NavigableString
from figures import attributes

from cedrag.view.tables import typeset

MATHJAX = "mathjax/tex-svg-full.js"
SEARCH_TEXTS = "search_texts.js"
TEXTS_BEGIN = "window.searchTexts = "
CARDS = "cards.js"
CARDS_BEGIN = "window.bookCards = "
READING = "reading.js"
ARTICLE = re.compile(r"<article\b.*</article>", re.DOTALL)
MENDED = "<!-- mended -->\n"  # ends a page that is done
SEARCH_SHIM = "search_offline.js"
TAKE_AWAY = "take_away.js"
AFTER_THE_OTHERS = 900
REMOVED = re.compile(
    r'<link rel="preload" as="font"[^>]*>'
    r'|<script type="text/x-thebe-config">.*?</script>'
    r"|<script>kernelName = [^<]*</script>"
    r'|<div id="jb-print-docs-body".*?(?=<div id="searchbox">)'
    r'| role="doc-biblioentry"|(?<=<div) role="list"(?= class="citation-list")'
    r'|(?<=<section) id="(?:exercise|solution|proof)-content"'
    r'|<span class="c1"># NBVAL_CHECK_OUTPUT</span>\n',
    re.DOTALL,
)
FIGURE = re.compile(r'(<figure [^>]*>\s*)<img ([^>]*?src="([^"]+)"[^>]*>)')
NAMELESS_HEAD = re.compile(r'<th class="head">\s*(?:<p>\s*</p>)?\s*</th>')  # a table's corner
LINKED_SPACE = re.compile(r'(Solution to)(<a class="reference internal"[^>]*>) ')
LIST_WITHOUT_END = re.compile(r"(?<=</dt>)\s*(?=</dl>)")  # a name that nothing is said about
GLUED = re.compile(r'(?<=<span class="pasted-text">)[^<]*')
PRINTED = re.compile(r'(?<=<div class="output stream).*?</pre>', re.DOTALL)
PRINTED_MINUS = re.compile(r"(?<![\w&#.-])-(?=\.?\d)(?![^<>]*>)")  # in the text, not inside a tag
INLINE_MATH = re.compile(r'(<span class="math notranslate nohighlight)">([^<]*)</span>')
FEW = 5  # pages that are not worth a second process
LONG = 26  # signs of an inline formula
MATH_AND_STOP = re.compile(r'(<span class="math notranslate nohighlight">[^<]*</span>[.,;:!?)]+)')
NOTEBOOK = re.compile(r'(<a href="([^"]*)") target="_blank"(?=\s*class="[^"]*btn-download-source)')
NOT_QUOTED = "script, style, pre, svg, div.math, .headerlink, .section-number, .caption-number"
# formulas in the search's excerpts: letters and signs; a fraction is a quotient, an index stays
FRACTION = re.compile(r"\\[td]?frac\{([^{}]*)\}\{([^{}]*)\}")
TEX_SIGNS = {
    "hbar": "ħ", "sqrt": "√", "pm": "±", "mp": "∓", "cdot": "·", "times": "×", "approx": "≈",
    "simeq": "≃", "sim": "~", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠",
    "to": "→", "infty": "∞", "partial": "∂", "nabla": "∇", "sum": "∑", "int": "∫", "propto": "∝",
    "ll": "≪", "gg": "≫", "langle": "⟨", "rangle": "⟩", "epsilon": "ϵ", "varphi": "φ", "Delta": "Δ",
    "Gamma": "Γ", "Omega": "Ω", "Pi": "Π", "Lambda": "Λ", "Phi": "Φ", "Psi": "Ψ", "dots": "…",
}  # fmt: skip
NAMED_FUNCTIONS = {
    "cos", "cosh", "exp", "lim", "ln", "log", "max", "min", "sin", "sinh", "tan", "tanh", "det",
    "arg", "Im", "Re",
}  # fmt: skip


def copy_mathjax(app):
    """Put MathJax below ``_static`` before Sphinx checks which files it may link."""
    package = find_spec("sphinx-mathjax-offline").submodule_search_locations[0]
    target = Path(app.outdir, "_static", MATHJAX)
    target.parent.mkdir(parents=True, exist_ok=True)
    copyfile(Path(package, "static", MATHJAX), target)
    (target.parent.parent / SEARCH_TEXTS).touch()


def _is_thebe(asset):
    body = getattr(asset, "attributes", {}).get("body") or ""
    return "thebe" in str(getattr(asset, "filename", asset)) or "thebe" in body


def choose_scripts(app, pagename, templatename, context, doctree):
    """Take sphinx-thebe off one page; give the search page the texts it quotes."""
    app.add_js_file(TAKE_AWAY, loading_method="defer")
    app.add_js_file(READING, loading_method="defer")
    if pagename == "search":
        app.add_js_file(SEARCH_TEXTS)
        app.add_js_file(SEARCH_SHIM)
    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context.get(kind, []) if not _is_thebe(asset)]


def _named(element, words):
    """``words`` under the name of ``element``, as the search's selector "#a.b.c" reads it."""
    name, *classes = element.get("id", "").split(".")
    where = f'id="{html.escape(name)}" class="{html.escape(" ".join(classes))}"'
    return f"<section {where}>{words}</section>"


def words_of(tex):
    """A formula as plain text, without a backslash or a brace."""
    while FRACTION.search(tex):
        tex = FRACTION.sub(r"\1/\2", tex)

    def command(found):
        name = found[1]
        if name in TEX_SIGNS or name in NAMED_FUNCTIONS:
            return TEX_SIGNS.get(name, f"{name} ")
        try:
            return unicodedata.lookup(f"GREEK SMALL LETTER {name.replace('lambda', 'lamda')}")
        except KeyError:
            return ""  # font or size

    tex = re.sub(r"\\([A-Za-z]+)", command, tex).replace("{", "").replace("}", "")
    return re.sub(r"\\[,;:!()\[\]\\ ]|[\\&]", " ", tex)


def quotable(element):
    """The words of ``element`` as HTML that keeps sections and terms, their names, nothing else."""
    parts = []
    for child in element.children:
        if isinstance(child, NavigableString):
            parts.append(html.escape(str(child), quote=False))
        elif child.name == "section":
            parts.append(_named(child, quotable(child)))
        elif child.name == "dt" and child.get("id"):
            meaning = child.find_next_sibling("dd")
            parts.append(_named(child, quotable(child) + (quotable(meaning) if meaning else "")))
        elif "math" in child.get("class", []):
            parts.append(html.escape(words_of(child.get_text()), quote=False))
        elif child.name != "dd" or not child.find_previous_sibling("dt", id=True):
            parts.append(quotable(child))
    return re.sub(r"\s+", " ", "".join(parts))


def mark_long(match):
    """Mark an inline formula that may be wider than a phone: there it scrolls by itself."""
    signs = re.sub(r"\\[a-zA-Z]+", "x", html.unescape(match[2]))
    long = len(re.sub(r"[\s{}^_\\]", "", signs)) > LONG
    return f'{match[1]}{" math-long" if long else ""}">{match[2]}</span>'


def search_text(article):
    """What the search may quote from one page; leaves little of the article."""
    for skipped in article.select(NOT_QUOTED):
        skipped.decompose()
    return f'<div role="main">{quotable(article)}</div>'


def of_last_build(path, begin):
    """What :func:`clean_pages` wrote, for the pages that are not written again."""
    script = path.read_text(encoding="utf-8") if path.is_file() else ""
    return json.loads(script.removeprefix(begin).rstrip(";\n") or "{}")


def write_script(path, begin, data):
    """A script that gives ``data`` to the pages: file:// lets them load nothing else."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True)
    path.write_text(f"{begin}{text};\n", encoding="utf-8")


def link_figure(match, page):
    """A figure as a link to its file, with what the script must know of it."""
    before, image, source = match.groups()
    file = page.parent / source
    known = ""
    if file.suffix == ".svg" and file.is_file():
        known = attributes(file.read_text(encoding="utf-8")) + " "
    return f'{before}<a class="figure-alone" href="{source}"><img {known}{image}</a>'


def fold_once(article):
    """Move the folded code of a cell to the fold before it, if nothing stands between them."""
    homes = {}  # cell -> the fold that holds its code
    for cell in article.select("div.cell"):
        fold = cell.find("details", class_="hide", recursive=False)
        if fold is None:
            continue
        first = homes.get(id(cell.find_previous_sibling()))
        if first is not None:
            for code in fold.find_all("div", class_="cell_input"):
                first.append(code.extract())
            fold.decompose()
        homes[id(cell)] = fold if first is None else first


def plain_signatures(article):
    """A signature of several lines is no list of definitions."""
    for signature in article.select(".sig > dl"):
        signature.name, signature["class"] = "span", "sig-lines"
        for line in signature.find_all("dd", recursive=False):
            line.name, line["class"] = "span", "sig-line"


def cards_of(article, page):
    """Anchor -> what a card shows of it: terms, equations, figures, publications."""
    cards = {}
    for term in article.select("dt[id^='term-']"):
        meaning = term.find_next_sibling("dd")
        cards[term["id"]] = f"<p><strong>{term.get_text().strip('# ')}</strong></p>{meaning or ''}"
    for equation in article.select("div.math[id^='equation-']"):
        cards[equation["id"]] = str(equation)
    for figure in article.select("figure[id]"):
        cards[figure["id"]] = str(figure)
    for publication in article.select("div.citation[id]"):
        cards[publication["id"]] = "".join(map(str, publication.find_all("p", recursive=False)))
    return {f"{page}#{anchor}": without_names(card, page) for anchor, card in cards.items()}


def without_names(card, page):
    """A copy for any page: no anchors, no links, pictures by their place in the book."""
    soup = BeautifulSoup(card, "html.parser")
    for element in soup.select(".headerlink"):
        element.decompose()
    for element in soup.find_all(True):
        element.attrs.pop("id", None)
    for image in soup.find_all("img"):
        image["data-source"] = image.attrs.pop("src").replace("../", "")
        image["alt"] = ""
    for link in soup.find_all("a"):
        link.unwrap()
    return str(soup)


def mend_page(path, name):
    """Mend one written page; return what the search quotes of it, and its cards."""
    page = REMOVED.sub("", path.read_text(encoding="utf-8"))
    page = FIGURE.sub(lambda match: link_figure(match, path), page)
    page = NAMELESS_HEAD.sub("<td></td>", page)
    page = LINKED_SPACE.sub(r"\1 \2", page)
    page = LIST_WITHOUT_END.sub("<dd></dd>", page)
    page = GLUED.sub(lambda match: typeset(match[0]), page)
    page = PRINTED.sub(lambda match: PRINTED_MINUS.sub("\N{MINUS SIGN}", match[0]), page)
    page = MATH_AND_STOP.sub(r'<span class="unbroken">\1</span>', page)
    page = INLINE_MATH.sub(mark_long, page)
    page = NOTEBOOK.sub(r"\1 download", page)
    text, cards = "", {}
    if written := ARTICLE.search(page):  # to parse the rest would take as long again
        article = BeautifulSoup(written[0], "html.parser").find("article")
        cards = cards_of(article, name)
        if article.select_one("div.cell details.hide, .sig > dl"):
            fold_once(article)
            plain_signatures(article)
            page = page[: written.start()] + str(article) + page[written.end() :]
        text = "" if name.startswith("_") else search_text(article)
    path.write_text(page + MENDED, encoding="utf-8")
    return text, cards


def mend_pages(pages, jobs):
    """:func:`mend_page` for all of name -> path, side by side if there are many."""
    pairs = [(path, name) for name, path in pages.items()]
    if jobs == 1 or len(pairs) < FEW:
        return list(starmap(mend_page, pairs))
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        return pool.starmap(mend_page, pairs, chunksize=1)


def clean_pages(app, exception):
    """Mend the written pages, and write the texts that the search quotes."""
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    static = folder / "_static"
    before, texts = of_last_build(static / SEARCH_TEXTS, TEXTS_BEGIN), {}
    old, cards = of_last_build(static / CARDS, CARDS_BEGIN), {}
    written = {}
    for path in sorted(folder.rglob("*.html")):
        name = path.relative_to(folder).as_posix()
        if path.read_bytes().endswith(MENDED.encode()):  # Sphinx left this page alone
            texts |= {name: before[name]} if name in before else {}
            cards |= {key: card for key, card in old.items() if key.startswith(f"{name}#")}
        else:
            written[name] = path
    jobs = getattr(app, "parallel", 1)
    for name, (text, found) in zip(written, mend_pages(written, jobs), strict=True):
        texts |= {name: text} if text else {}
        cards |= found
    for notebook in Path(app.srcdir, "notebooks").glob("*.ipynb"):  # what a reader takes away
        copyfile(notebook, folder / "_sources" / "chapters" / notebook.name)
    for source in folder.glob("_sources/**/*"):
        if source.suffix in (".ipynb", ".md"):
            text = json.dumps(source.read_text(encoding="utf-8"), ensure_ascii=False)
            script = f'window.takeAway("{source.name}", {text});\n'
            source.with_name(f"{source.name}.js").write_text(script, encoding="utf-8")
    write_script(static / SEARCH_TEXTS, TEXTS_BEGIN, texts)
    write_script(static / CARDS, CARDS_BEGIN, cards)


def setup(app):
    """Register with Sphinx."""
    app.config.mathjax_path = MATHJAX
    app.connect("builder-inited", copy_mathjax)
    app.connect("html-page-context", choose_scripts, priority=AFTER_THE_OTHERS)
    app.connect("build-finished", clean_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
