"""Check the built book: pages, figures, descriptions, links; nothing is left unresolved.

``check_book.py _build/html`` takes its expectation from ``_toc.yml`` and from the notebooks,
never from the build.
It exits with 1 and one line per problem.
"""

import gc
import hashlib
import json
import multiprocessing
import os
import re
import sys
from collections import Counter
from functools import cache, partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parent.parent
REMOVED = {"remove-output", "remove-cell"}
WIDGET = "application/vnd.jupyter.widget-view+json"
ROLE = re.compile(r"\{[a-z][a-z:_-]*\}`")
LATEX = re.compile(r"(?<!\\)\$[^$\n]*\\[a-zA-Z]+[^$\n]*\$|\\(?:begin|frac|ref|cite)\{")
LOADING = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
FEW = 5  # pages that are not worth a second process
HEAVY = 300_000  # bytes of SVG beyond which a figure is to be rasterised
LINKS_NOT_LOADED = {"canonical", "next", "prev", "author", "license", "search", "index"}


def toc_pages(toc):
    """Page names, without suffix, in the order of a jb-book table of contents."""
    pages = [toc["root"]]

    def walk(node):
        for entry in node.get("parts", []) + node.get("chapters", []) + node.get("sections", []):
            if "file" in entry:
                pages.append(entry["file"])
            walk(entry)

    walk(toc)
    return [re.sub(r"\.(md|ipynb)$", "", page) for page in pages]


def draws_a_figure(cell):
    """Whether the page must show a picture that this cell draws."""
    shown = cell.cell_type == "code" and not REMOVED & set(cell.metadata.get("tags", []))
    return shown and "figure" in cell.metadata.get("mystnb", {})


def check_notebook(name, notebook, page):
    """Problems of one executed chapter: pictures and explorers against its notebook."""
    problems = []
    expected = sum(map(draws_a_figure, notebook.cells))
    found = len(page.select("article .cell_output img, article .cell_output svg"))
    if found != expected:
        problems.append(f"{name}: the cells draw {expected} figures, the page shows {found}")
    for number, cell in enumerate(notebook.cells):
        tags = set(cell.metadata.get("tags", []))
        if cell.cell_type != "code" or "explorer" not in tags:
            continue
        before = notebook.cells[number - 1].source if number else ""
        where = f"{name}: cell {number} is an"
        if "remove-output" not in tags:
            problems.append(f"{where} explorer without the tag remove-output")
        if "kernel" not in before:
            problems.append(f"{where} explorer, but the cell before does not say 'kernel'")
    return problems


def check_download(name, page, folder):
    """Problems of the link that hands out the notebook of one page."""
    links = [link["href"] for link in page.select("a.btn-download-source-button[href]")]
    found = [link for link in links if link.endswith(f"{Path(name).name}.ipynb")]
    if not found:
        return [f"{name}: no link to download the notebook"]
    return [
        f"{name}: no file to download at {link}" for link in found if not (folder / link).is_file()
    ]


def check_figures(name, page, folder):
    """Problems of the pictures of one page: file, weight, description, number and caption."""
    problems = []
    for picture in page.select("article img"):
        source, alt = picture.get("src") or "", picture.get("alt") or ""
        file = folder / source
        if source.startswith("data:"):
            pass
        elif not file.is_file():
            problems.append(f"{name}: no file for the picture {source}")
        elif file.suffix == ".svg" and file.stat().st_size > HEAVY:
            problems.append(f"{name}: {source} is heavy: draw its dense parts rasterized=True")
        if not alt.strip() or alt.endswith(file.suffix or " "):
            problems.append(f"{name}: no alt text for the picture {source}")
    for output in page.select("article .cell_output"):
        for picture in output.select("img, svg"):
            figure = picture.find_parent("figure")
            if figure is None or figure.select_one("figcaption .caption-number") is None:
                problems.append(f"{name}: a picture without a number and a caption")
    return problems


@cache
def anchors(path):
    """All names in one page that a link may lead to, and how often each stands there."""
    names = re.findall(r"""<[^>]*\sid=["']([^"']+)["']""", path.read_text(encoding="utf-8"))
    return Counter(names)


def check_links(name, page, path):
    """Links of one page to files or anchors that do not exist, and anchors that stand twice."""
    problems, here = [], anchors(path)
    for target in sorted({link["href"] for link in page.select("a[href]")}):
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not file.is_file():
            problems.append(f"{name}: no page for the link {target}")
        elif parts.fragment and file.suffix == ".html":
            known = here if file == path else anchors(file)
            if unquote(parts.fragment) not in known:
                problems.append(f"{name}: no anchor for the link {target}")
    twice = sorted(anchor for anchor, times in here.items() if times > 1)
    return problems + [f"{name}: the anchor {anchor} stands twice" for anchor in twice]


def check_page(name, page):
    """Problems of one page alone: external loads, unresolved roles, raw LaTeX."""
    problems = []
    for tag, attribute in LOADING.items():
        for element in page.find_all(tag):
            target = element.get(attribute) or ""
            if tag == "link" and LINKS_NOT_LOADED & set(element.get("rel") or []):
                continue
            if re.match(r"(https?:)?//", target):
                problems.append(f"{name}: loads {target}")
    if page.select(f"script[type='{WIDGET}']"):
        problems.append(f"{name}: a widget without a kernel is on the page")
    article = page.find("article") or page
    for skip in article.select("pre, code, script, style, .math, mjx-container"):
        skip.decompose()
    text = article.get_text(" ")
    problems += [f"{name}: unresolved role {match}" for match in ROLE.findall(text)]
    problems += [f"{name}: raw LaTeX {match!r}" for match in LATEX.findall(text)]
    if page.select("article .problematic, article .system-message"):
        problems.append(f"{name}: a docutils error message is on the page")
    return problems


def source_of(name, root):
    """The notebook or markdown file of a page; exactly one may exist."""
    sources = [path for suffix in (".ipynb", ".md") if (path := root / f"{name}{suffix}").is_file()]
    return sources[0] if len(sources) == 1 else None


def problems_of(name, html, root):
    """All problems of one page."""
    built = html / f"{name}.html"
    if not built.is_file():
        return [f"{name}: missing from the built book"]
    source = source_of(name, root)
    if source is None:
        return [f"{name}: needs exactly one source, .md or .ipynb"]
    problems = []
    page = BeautifulSoup(built.read_text(encoding="utf-8"), "html.parser")
    if source.suffix == ".ipynb":
        problems += check_notebook(name, nbformat.read(source, as_version=4), page)
        problems += check_download(name, page, built.parent)
    problems += check_figures(name, page, built.parent)
    problems += check_links(name, page, built.resolve())
    return problems + check_page(name, page)  # last: it takes the page apart


def cores():
    """How many processes may run at once."""
    if "fork" not in multiprocessing.get_all_start_methods():
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def marks(names, html, root):
    """Page -> checksum of all that its check reads: page, source, anchors, what is there."""
    built = {name: html / f"{name}.html" for name in names}
    tool = hashlib.sha256(Path(__file__).read_bytes())
    files = sorted(map(str, html.rglob("*")))
    weights = [path.stat().st_size for path in sorted(html.glob("_images/*"))]
    tool.update(repr((files, weights)).encode())
    for path in built.values():
        tool.update(repr(sorted(anchors(path)) if path.is_file() else None).encode())
    found = {}
    for name, path in built.items():
        source, mark = source_of(name, root), tool.copy()
        if source is not None and path.is_file():
            mark.update(path.read_bytes() + source.read_bytes())
            found[name] = mark.hexdigest()
    return found


def check_book(html, root=ROOT, sound=None):
    """All problems of the book built from ``root`` into ``html``, as a list of sentences.

    ``sound`` (page -> :func:`marks` of a check without problems) is brought up to date, and a page
    that is in it as it stands is not read again.
    """
    anchors.cache_clear()
    html = Path(html)
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    problems = []
    if not (html / "index.html").is_file():
        problems.append("index.html: missing")
    names = toc_pages(toc)
    known = marks(names, html, root) if sound is not None else {}
    names = [name for name in names if name not in known or sound.get(name) != known[name]]
    jobs = cores() if len(names) > FEW else 1
    check = partial(problems_of, html=html, root=root)
    if jobs == 1:
        found = map(check, names)
    else:
        with multiprocessing.get_context("fork").Pool(jobs) as pool:
            found = pool.map(check, names, chunksize=1)
    found = dict(zip(names, found, strict=True))
    if sound is not None:
        sound.update({name: known[name] for name, lines in found.items() if not lines})
    return problems + [problem for lines in found.values() for problem in lines]


def main(html):
    """Print the problems; exit 1 if there are any."""
    gc.disable()  # a page is a tree whose nodes know each other; nothing here lives long
    kept = Path(html).parent / "checked.json"
    sound = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    problems = check_book(html, sound=sound)
    kept.write_text(json.dumps(sound), encoding="utf-8")
    for problem in problems:
        print(f"book: {problem}", file=sys.stderr)
    if problems:
        sys.exit(1)
    print("book: every page, figure and link is in place, and nothing is loaded from a server")


if __name__ == "__main__":
    main(sys.argv[1])
