"""Print the built book as one paper: ``make_pdf.py _build/html _build/cedrag.pdf [--reference]``.

The pages are those of ``make book``, so that numbers, figures and references are the same.  They
are joined in the order of ``_toc.yml``, anchors and links first made unique, then typeset by
MathJax and printed by Chromium.  It prints twice: the first print tells on which pages the
chapters begin, the second says so in the table of contents.

Of a live page it prints a picture.  Folded code is not printed, nor a sentence that points at it.
The reference of the package is 50 pages, and only printed if asked for.
"""

import html
import re
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import yaml
from bs4 import BeautifulSoup
from matplotlib import get_data_path
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import BooleanObject, DictionaryObject, NameObject, TextStringObject

ROOT = Path(__file__).resolve().parent.parent
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
# what a sheet of paper cannot do, and what the authors hide on the screen
NOT_PRINTED = (
    ".headerlink, script, style, button, form, input, select, textarea, canvas, noscript, "
    ".toctree-wrapper, .only-dark, .tag_explorer, .admonition-needs-a-kernel, .not-printed, "
    "details.hide"
)
REFERENCE = "chapters/api/"
POINTS_AT_CODE = re.compile(r"\b(?:next|following) (?:\w+ )?cells?\b|\bIts cell\b")
LIVE = "[data-cedrag-live]"
COLUMN = {"width": 620, "height": 930}  # what the margins of pdf.css leave of A4, in CSS pixels
TYPESET = """async () => {
  const ROOM_FOR_THE_NUMBER = 40;
  await MathJax.startup.promise;
  for (const item of MathJax.startup.document.math) {
    item.typesetRoot.setAttribute('role', 'img');
    item.typesetRoot.setAttribute('aria-label', item.math);
  }
  await document.fonts.ready;
  for (const formula of document.querySelectorAll('div.math mjx-container')) {
    const wide = formula.querySelector('mjx-math').getBoundingClientRect().width;
    const room = formula.parentElement.clientWidth - ROOM_FOR_THE_NUMBER;
    if (wide > room) formula.style.fontSize = `${100 * room / wide}%`;
  }
  await Promise.all([...document.images].map(image => image.decode()));
}"""
NUMBER_PAGES = """pages => document.querySelectorAll('[data-page-of]').forEach(
  place => { place.textContent = pages[place.dataset.pageOf] ?? '??'; })"""


def parts_of(toc):
    """(caption, [(page, depth)]) in the order of a jb-book table of contents."""

    def walk(entries, depth):
        for entry in entries:
            if "file" in entry:
                yield re.sub(r"\.(md|ipynb)$", "", entry["file"]), depth
            yield from walk(entry.get("sections", []), depth + 1)

    yield "", [(toc["root"], 0)]
    for part in toc["parts"]:
        yield part.get("caption", ""), list(walk(part["chapters"], 0))


def slug(page):
    """The page's name as the beginning of an anchor."""
    return page.removeprefix("chapters/").replace("/", "-")


class Page:
    """One built page, cut down to its article, with anchors that are unique in the book."""

    def __init__(self, folder, name, names, depth):
        self.name, self.slug = name, slug(name)
        built = folder / f"{name}.html"
        soup = BeautifulSoup(built.read_text(encoding="utf-8"), "html.parser")
        self.article = soup.select_one("article.bd-article")
        for element in self.article.select(NOT_PRINTED):
            element.decompose()
        self._hide_drawing()
        self._point_at_nothing()
        self._open()
        self._anchors(built, names)
        for level in range(5, 0, -1):
            for heading in self.article.find_all(f"h{level}") if depth else ():
                heading.name = f"h{min(level + depth, 6)}"
        heading = self.article.find(re.compile("h[1-6]"))
        heading["id"] = self.slug
        self.title = heading.get_text().strip()

    def _hide_drawing(self):
        """Take off code that only imports, and code whose cell shows a figure."""
        for cell in self.article.select("div.cell"):
            code = cell.select_one(".cell_input")
            drawn = cell.select_one(".cell_output img, .cell_output svg")
            imports = code and re.match(r"\s*(import|from) ", code.get_text())
            if code and (drawn or (imports and not cell.select_one(".cell_output"))):
                code.decompose()

    def _point_at_nothing(self):
        """Take off the sentences on cells that are not printed; a sentence is a line."""
        for paragraph in self.article.find_all("p"):
            lines = paragraph.decode_contents().split("\n")
            kept = [line for line in lines if not POINTS_AT_CODE.search(line)]
            if len(kept) == len(lines):
                continue
            paragraph.clear()
            if any(line.strip() for line in kept):
                paragraph.append(BeautifulSoup("\n".join(kept), "html.parser"))
            else:
                paragraph.decompose()

    def show_live(self, picture):
        """Put a picture where the page has a control."""
        for control in self.article.select(LIVE):
            words = "The control as it opens. On the page of the book its sliders move."
            figure = f'<figure><img src="{picture}" alt="{words}"><figcaption>{words}</figcaption>'
            control.replace_with(BeautifulSoup(f"{figure}</figure>", "html.parser"))

    def _open(self):
        for details in self.article.find_all("details"):
            details["open"] = ""
        for link in self.article.select("a.figure-alone"):
            link.unwrap()

    def _anchors(self, built, names):
        for element in self.article.find_all(id=True):
            element["id"] = f"{self.slug}--{element['id']}"
        for element in self.article.select("[aria-labelledby], [aria-describedby]"):
            for attribute in ("aria-labelledby", "aria-describedby"):
                element.attrs.pop(attribute, None)
        for image in self.article.find_all("img", src=True):
            if not image["src"].startswith("data:"):
                image["src"] = (built.parent / image["src"]).resolve().as_uri()
            image.attrs.pop("loading", None)
        for link in self.article.find_all("a", href=True):
            if re.match(r"\w+:", link["href"]):
                continue
            target, _, anchor = link["href"].partition("#")
            path = (built.parent / target).resolve() if target else built.resolve()
            page = names.get(path)
            if page is None:  # the index, a download: not in the paper
                link.unwrap()
            elif anchor:
                link["href"] = f"#{slug(page)}--{anchor}"
            else:
                link["href"] = f"#{slug(page)}"

    def take_solutions(self):
        """Remove and return the solutions of this page's exercises."""
        return [solution.extract() for solution in self.article.select("div.solution")]


def abstract(page):
    """Remove and return what a summary begins with, up to its first list."""
    taken = []
    heading = page.article.find("h1")
    first_list = page.article.find(["ol", "ul"])
    for element in heading.find_next_siblings():
        taken.append(element.extract())
        if element is first_list:
            break
    return "".join(map(str, taken))


def contents(parts):
    """Table of contents with a place for each page number."""
    rows = []
    for caption, pages in parts:
        if caption:
            rows.append(f'<p class="part">{html.escape(caption)}</p>')
        for page in (page for page, depth in pages if depth == 0):
            rows.append(
                f'<p class="entry"><a href="#{page.slug}">{html.escape(page.title)}'
                f'<span class="dots"></span><span data-page-of="{page.slug}">000</span></a></p>'
            )
    return "\n".join(rows)


def quoted(text):
    """``text`` as a CSS string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def faces():
    """Computer Modern, which MathJax sets formulas in, if installed; else matplotlib's STIX."""
    fonts = Path(get_data_path(), "fonts", "ttf")
    table = (
        ("Book", "CMUSerif-Roman", "STIXGeneral", "normal", "normal"),
        ("Book", "CMUSerif-Italic", "STIXGeneralItalic", "normal", "italic"),
        ("Book", "CMUSerif-Bold", "STIXGeneralBol", "bold", "normal"),
        ("Book", "CMUSerif-BoldItalic", "STIXGeneralBolIta", "bold", "italic"),
        ("Code", "CMUTypewriter-Regular", "DejaVuSansMono", "normal", "normal"),
        ("Code", "CMUTypewriter-Bold", "DejaVuSansMono-Bold", "bold", "normal"),
    )
    return "\n".join(
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style}; '
        f'src: local("{local}"), url("{(fonts / file).as_uri()}.ttf"); }}'
        for family, local, file, weight, style in table
    )


def join(folder, root=ROOT, *, reference=False, pictures=()):
    """The whole book as one HTML text, with the title and authors that belong to it.

    ``pictures`` maps a page with a live control to a picture of it.
    """
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    listed = [
        (caption, [(n, depth) for n, depth in pages if reference or not n.startswith(REFERENCE)])
        for caption, pages in parts_of(toc)
    ]
    names = {(folder / f"{n}.html").resolve(): n for _, pages in listed for n, _ in pages}
    parts = [
        (caption, [(Page(folder, name, names, depth), depth) for name, depth in pages])
        for caption, pages in listed
    ]
    chapters = [page for _, pages in parts for page, _ in pages]
    for page in chapters:
        if page.name in pictures:
            page.show_live(pictures[page.name])
    summary = [page for page in chapters if page.slug == "summary"]
    opening = abstract(summary[0]) if summary else ""
    solutions = [(page, taken) for page in chapters if (taken := page.take_solutions())]
    introduction = parts[0][1][0][0]
    introduction.title = introduction.article.find("h1").string = "Introduction"
    if solutions:
        last = Page.__new__(Page)
        last.slug, last.title = "solutions", "Solutions to the exercises"
        body = "".join(
            f"<h2>{html.escape(page.title)}</h2>" + "".join(map(str, taken))
            for page, taken in solutions
        )
        last.article = f'<article class="bd-article"><h1 id="solutions">{last.title}</h1>{body}'
        last.article += "</article>"
        parts[-1][1].insert(0, (last, 0))
    title = config["title"]
    authors = ", ".join(
        author.get("name") or f"{author['given-names']} {author['family-names']}"
        for author in citation["authors"]
    )
    css = [faces(), (root / "tools" / "pdf.css").read_text(encoding="utf-8")]
    body = []
    for _, pages in parts:
        for page, depth in pages:
            if depth == 0:
                css.append(
                    f"@page {page.slug} {{ @top-right {{ content: {quoted(page.title)} }} }}"
                )
                css.append(f"section.{page.slug} {{ page: {page.slug} }}")
                body.append(f'<section class="chapter {page.slug}">{page.article}</section>')
            else:  # stays in its chapter
                body[-1] = body[-1].removesuffix("</section>") + f"{page.article}</section>"
    released = f"version {citation['version']}, {citation['date-released']}"
    package = find_spec("sphinx-mathjax-offline").submodule_search_locations[0]
    mathjax = Path(package, "static", "mathjax", "tex-chtml-full.js").as_uri()
    text = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>
<style>{chr(10).join(css)}</style>
<script>window.MathJax = {{
  options: {{enableMenu: false, enableAssistiveMml: false, processHtmlClass: 'math',
             ignoreHtmlClass: 'mathjax_ignore'}},
  chtml: {{adaptiveCSS: false, matchFontHeight: false}}}};</script>
<script src="{mathjax}"></script></head><body>
<section class="front"><p class="title">{html.escape(title)}</p>
<p class="authors">{html.escape(authors)}</p><p class="released">{html.escape(released)}</p>
<div class="abstract"><p class="name">Abstract</p>{opening}</div>
<div class="contents"><p class="name">Contents</p>{contents(parts)}</div>
<p class="note">Code that only draws is not printed; the notebooks in chapters/ have all of it.</p>
</section>
{"".join(body)}</body></html>"""
    return text, title, authors


def take_pictures(folder, target, chromium):
    """Page -> address of a picture of its live control, for all pages that have one."""
    pages = [p for p in sorted(folder.glob("chapters/*.html")) if LIVE.strip("[]") in p.read_text()]
    found = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        context = browser.new_context(color_scheme="light", offline=True, device_scale_factor=2)
        page = context.new_page()
        for path in pages:
            page.goto(path.as_uri())
            control = page.locator(LIVE)
            control.locator("svg path").first.wait_for()
            picture = target / f"{path.stem}.png"
            control.screenshot(path=picture)
            found[path.relative_to(folder).with_suffix("").as_posix()] = picture.as_uri()
        browser.close()
    return found


def dangling(text):
    """Anchors that the joined book links to and does not have."""
    anchors = set(re.findall(r'\sid="([^"]+)"', text))
    return sorted(set(re.findall(r'\shref="#([^"]+)"', text)) - anchors)


def print_twice(text, target, chromium):
    """Print ``text`` to ``target``, the second time with the page numbers of the first."""
    options = {"prefer_css_page_size": True, "print_background": True}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        source, draft = Path(folder, "book.html"), Path(folder, "draft.pdf")
        source.write_text(text, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        page = browser.new_page(color_scheme="light", viewport=COLUMN)
        page.emulate_media(media="print")
        page.set_default_timeout(300_000)
        page.goto(source.as_uri())
        page.evaluate(TYPESET)
        page.pdf(path=draft, **options)
        page.evaluate(NUMBER_PAGES, page_numbers(PdfReader(draft)))
        page.pdf(path=target, outline=True, tagged=True, **options)
        browser.close()


def page_numbers(reader):
    """Anchor -> page, counted from 1, of every place that something links to."""
    return {
        name.removeprefix("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }


def headings(text):
    """The words of every heading of the joined book."""
    found = BeautifulSoup(text, "html.parser").find_all(re.compile("^h[1-6]$"))
    return [re.sub(r"[\\(){}]*\\[\\(){}]*", "", " ".join(h.get_text().split())) for h in found]


def bookmarks(writer):
    """The bookmarks in the order of the pages."""

    def walk(node):
        child = node.get("/First")
        while child is not None:
            child = child.get_object()
            yield child
            yield from walk(child)
            child = child.get("/Next")

    return walk(writer.root_object["/Outlines"].get_object())


def describe(target, title, authors, names):
    """Write who and what into the file, and let a viewer show it with its bookmarks.

    Chromium writes the words of a bookmark twice where a heading holds more than text.
    """
    writer = PdfWriter(str(target), incremental=True)  # its objects stay as they are
    writer.add_metadata({"/Title": title, "/Author": authors})
    for entry, name in zip(bookmarks(writer), names, strict=True):
        entry[NameObject("/Title")] = TextStringObject(name)
    writer.page_mode = "/UseOutlines"
    writer.root_object[NameObject("/ViewerPreferences")] = DictionaryObject(
        {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    )
    writer.write(str(target))


def main(folder, target, *options):
    """Print the book built in ``folder`` to ``target``; ``--reference`` adds the package's."""
    if not Path(folder, "index.html").is_file():
        sys.exit(f"{folder} holds no book: run make book first")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("make pdf needs Chromium (Debian: apt-get install chromium fonts-cmu)")
    target, book = Path(target), Path(folder).resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        pictures = take_pictures(book, Path(place), chromium)
        text, title, authors = join(book, reference="--reference" in options, pictures=pictures)
        if lost := dangling(text):
            sys.exit(f"the book links to what it does not have: {', '.join(lost)}")
        print_twice(text, target, chromium)
    describe(target, title, authors, headings(text))
    print(f"{target}: {len(PdfReader(target).pages)} pages, {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
