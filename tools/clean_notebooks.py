"""Turn each chapter into a notebook that any Jupyter shows as it is meant: ``notebooks/*.ipynb``.

``clean_notebooks.py`` writes them all; they are what ``make lab``, Binder, Colab and the download
button of a page open.  The chapters themselves are MyST, of which JupyterLab shows the markup.

Numbers come from the outputs that a chapter is stored with.  Equations, figures, tables and
exercises are counted as the book counts them, and ``tests/test_clean_notebooks.py`` compares.
The code keeps everything but what only hands numbers to the text.
"""

import ast
import re
import sys
import textwrap
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import yaml
from numbering import page_numbers
from pybtex.database import parse_file

from cedrag.view.tables import typeset

ROOT = Path(__file__).resolve().parent.parent
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
MARKER = "# NBVAL_CHECK_OUTPUT\n"
GLUED = "application/papermill.record/"
LOCAL_BOOK = "../_build/html"  # seen from notebooks/
FENCE = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{(?P<name>[\w:-]+)\}[ ]*(?P<argument>[^\n]*)\n"
    r"(?P<body>.*?)^(?P=fence)[ ]*$",
    re.MULTILINE | re.DOTALL,
)
OPTION = re.compile(r"^:([\w-]+):[ ]*(.*)\n", re.MULTILINE)
ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([\w/]+)\.(?:ipynb|md)\)")
TARGET = re.compile(r"^\(([\w-]+)\)=\n", re.MULTILINE)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
MATH = re.compile(r"\$[^$\n]+\$")


@dataclass
class Place:
    """Where a label leads, and what a reference to it says."""

    page: str
    anchor: str
    number: str = ""
    title: str = ""


@dataclass
class Book:
    """What the references of all chapters need to know."""

    root: Path
    address: str = ""  # of the public book
    repository: str = ""
    numbers: dict = field(default_factory=dict)  # page -> "4", "B" or ""
    titles: dict = field(default_factory=dict)
    places: dict = field(default_factory=dict)
    references: dict = field(default_factory=dict)

    def link(self, text, page, anchor=""):
        """``text`` as a link: to the public book, else to the notebook or the page beside it."""
        if self.address:
            target = f"{self.address.rstrip('/')}/chapters/{page}.html"
        elif (self.root / "chapters" / f"{page}.ipynb").is_file():
            return f"[{text}]({page}.ipynb)"
        else:
            target = f"{LOCAL_BOOK}/chapters/{page}.html"
        return f"[{text}]({target}{'#' + anchor if anchor else ''})"


# what the whole book numbers and names -------------------------------------------------------


def parts(body):
    """Options and content of a directive."""
    options = {}
    while found := OPTION.match(body):
        options[found[1]] = found[2].strip()
        body = body[found.end() :]
    return options, body.strip("\n")


def markdown(path):
    """The prose of one chapter, with the figures of its cells in place."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    pieces = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            pieces.append(cell.source)
        elif name := cell.metadata.get("mystnb", {}).get("figure", {}).get("name"):
            pieces.append(f"```{{figure}}\n:name: {name}\n```")
    return "\n\n".join(pieces)


KINDS = {"math": "eq", "figure": "Fig.", "list-table": "Table", "exercise": "Exercise"}


def survey(book, page, text, before):
    """Number and name everything on one page that another place may refer to."""
    counted = before if not book.numbers[page] else dict.fromkeys(KINDS, 0)
    prefix = book.numbers[page] + "." if book.numbers[page] else ""
    for found in FENCE.finditer(text):
        kind = found["name"]
        options, _ = parts(found["body"])
        label = options.get("label") or options.get("name")
        named = found["argument"] if kind == "list-table" else label  # what gets a number
        if kind not in KINDS or not named:
            continue
        counted[kind] += 1
        anchor = f"equation-{label}" if kind == "math" else label
        if label:
            place = Place(page, anchor, f"{prefix}{counted[kind]}", found["argument"])
            book.places[label] = place
    for found in TARGET.finditer(text):
        heading = HEADING.search(text, found.end())
        book.places[found[1]] = Place(page, found[1], title=heading[1])


def names_of(persons):
    """Authors as an author-year citation has them."""
    last = [" ".join(person.last_names) for person in persons]
    if len(last) > 2 or last[-1] == "others":
        return f"{last[0]} *et al.*"
    return " and ".join(last)


def reference(entry):
    """(authors, year, address) of one entry of the bibliography."""
    get = entry.fields.get
    address = get("url") or ""
    if get("doi"):
        address = f"https://doi.org/{get('doi')}"
    elif get("eprint"):
        address = f"https://arxiv.org/abs/{get('eprint')}"
    return names_of(entry.persons["author"]), get("year"), address


def survey_book(root=ROOT):
    """Everything that references need, from the table of contents and the sources."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["cedrag"]
    book = Book(root, project.get("book", ""), project.get("repository", ""))
    without_number = dict.fromkeys(KINDS, 0)
    for page, number in page_numbers(toc).items():
        name = page.removeprefix("chapters/")
        paths = [root / f"{page}{suffix}" for suffix in (".ipynb", ".md")]
        path = next(path for path in paths if path.is_file())
        text = markdown(path)
        book.numbers[name] = number
        book.titles[name] = HEADING.search(text)[1]
        survey(book, name, text, without_number)
    bibliography = parse_file(str(root / "chapters" / "references.bib"))
    book.references = {key: reference(entry) for key, entry in bibliography.entries.items()}
    return book


# prose ---------------------------------------------------------------------------------------


def glued(notebook):
    """Name -> value of everything a stored chapter hands to its text."""
    values = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            if name and f"{GLUED}text/plain" in output.data:
                text = output.data[f"{GLUED}text/plain"]
                unbounded = text.lstrip("-") in ("inf", "nan")
                if not text.startswith("<"):
                    text = float(text) if unbounded else ast.literal_eval(text)
                values[name] = text
    return values


def cited(book, kind, keys):
    """A citation as words with a link to the publication."""
    found = []
    for key in keys.split(","):
        names, year, address = book.references[key.strip()]
        words = f"{names} ({year})" if kind == "cite:t" else f"{names} {year}"
        found.append(f"[{words}]({address})" if address else book.link(words, "references"))
    return ", ".join(found) if kind == "cite:t" else f"({'; '.join(found)})"


class Prose:
    """The markdown of one chapter, rewritten."""

    def __init__(self, book, page, values):
        self.book, self.page, self.values = book, page, values

    def role(self, found):
        """One role as text, or as a link with text."""
        kind, content = found[1], found[2]
        named = re.fullmatch(r"(.*?)\s*<(.+)>", content, re.DOTALL)
        text, target = named.groups() if named else ("", content)
        if kind == "glue:text":
            name, _, form = content.partition(":")
            return typeset(f"{self.values[name]:{form}}")
        if kind.startswith("cite"):
            return cited(self.book, kind, content)
        if kind == "term":
            anchor = "term-" + re.sub(r"[^\w]+", "-", target)
            return self.book.link(text or target, "symbols", anchor)
        if kind == "doc":
            return self.book.link(text or self.book.titles[target], target)
        place = self.book.places[target]
        words = {
            "eq": f"({place.number})",
            "numref": f"{self.label_kind(target)} {place.number}",
            "ref": text or place.title or f"Exercise {place.number}",
        }[kind]
        return words if place.page == self.page else self.link_to(words, place)

    @staticmethod
    def label_kind(label):
        return "Table" if label.startswith("tab-") else "Fig."

    def link_to(self, words, place):
        return self.book.link(words, place.page, place.anchor)

    def inline(self, text):
        """Roles and links of running text."""
        text = TARGET.sub("", text)
        text = LINK.sub(lambda f: self.book.link(f[1] or self.book.titles[f[2]], f[2]), text)
        return ROLE.sub(self.role, text)

    def whole(self, text, *, quoted=False):
        """All of a cell: directives first, then what stands between them."""
        pieces, end = [], 0
        for found in FENCE.finditer(text):
            pieces += [self.inline(text[end : found.start()]), self.directive(found, quoted)]
            end = found.end()
        return "".join([*pieces, self.inline(text[end:])]).strip("\n")

    def directive(self, found, quoted):
        kind, argument = found["name"], found["argument"].strip()
        options, body = parts(found["body"])
        return getattr(self, f"on_{kind.replace('-', '_')}")(argument, options, body, quoted)

    def on_math(self, _argument, options, body, quoted):
        """A formula; one line inside a quotation, whose marks would end up in it."""
        tag = self.book.places[options["label"]].number if "label" in options else ""
        body += f"\n\\tag{{{tag}}}" if tag else ""
        return f"$${' '.join(body.split())}$$" if quoted else f"$$\n{body}\n$$"

    def on_exercise(self, title, options, body, _quoted):
        number = self.book.places[options["label"]].number
        name = f" ({self.inline(title)})" if title else ""
        return f"**Exercise {number}**{name}\n\n{self.whole(body)}"

    def on_solution(self, label, _options, body, _quoted):
        number = self.book.places[label].number
        summary = f"<summary>Solution to exercise {number}</summary>"
        return f"<details>\n{summary}\n\n{self.whole(body)}\n\n</details>"

    def on_admonition(self, title, options, body, _quoted):
        if title == "Needs a kernel":  # here is one
            return ""
        if "dropdown" in options.get("class", ""):
            return f"<details>\n<summary>{title}</summary>\n\n{self.whole(body)}\n\n</details>"
        text = f"**{self.inline(title)}**\n\n{self.whole(body, quoted=True)}"
        return textwrap.indent(text, "> ", lambda line: True)

    def on_glue(self, *_):
        """A table that a cell makes: that cell shows it here."""
        return ""

    def on_list_table(self, title, options, body, _quoted):
        rows = [
            [" ".join(self.inline(item).split()) for item in re.split(r"^[* ] -", row, flags=re.M)]
            for row in re.split(r"^(?=\* -)", body, flags=re.M)
            if row.strip()
        ]
        # a bar inside a formula would end the cell
        lines = [
            "| " + " | ".join(MATH.sub(lambda f: f[0].replace("|", r"\vert "), c) for c in row[1:])
            + " |"
            for row in rows
        ]  # fmt: skip
        lines.insert(1, "| " + " | ".join("---" for _ in rows[0][1:]) + " |")
        number = self.book.places[options["name"]].number
        return f"**Table {number}.** {self.inline(title)}\n\n" + "\n".join(lines)


# code ----------------------------------------------------------------------------------------


def is_glue(node):
    """Whether a statement only hands a number to the text."""
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and getattr(call.func, "id", "") == "glue"


def assigned(node):
    return {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }


def used(source):
    return {
        n.id
        for n in ast.walk(ast.parse(source))
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    }


def to_drop(body, kept_names):
    """Statements of ``body`` that only serve the text, from the outermost inwards."""
    for node in body:
        inner = [*getattr(node, "body", []), *getattr(node, "orelse", [])]
        calls = [n for n in ast.walk(node) if is_glue(n)]
        only_for_text = (
            is_glue(node)
            or (isinstance(node, ast.ImportFrom) and node.module == "myst_nb")
            or (isinstance(node, ast.For) and calls and not for_others(inner, kept_names))
        )
        if only_for_text:
            yield node
        elif inner:
            yield from to_drop(inner, kept_names)


def for_others(body, kept_names):
    """Whether statements do more than prepare a number for the text."""
    for node in body:
        if isinstance(node, (ast.For, ast.If)):
            if for_others([*node.body, *node.orelse], kept_names):
                return True
        elif isinstance(node, (ast.Assign, ast.AugAssign)):
            if assigned(node) & kept_names or any(
                isinstance(t, (ast.Subscript, ast.Attribute)) for t in getattr(node, "targets", [])
            ):
                return True
        elif not is_glue(node):
            return True
    return False


def shows_a_table(node):
    """Whether a glued value is a table that the page shows as a whole."""
    value = node.value.args[1]
    return isinstance(value, ast.Call) and getattr(value.func, "id", "") == "HTML"


def clean_code(source, kept_names):
    """``source`` without the marks of the tests and without what only serves the text."""
    source = source.removeprefix(MARKER)
    if "glue" not in source:
        return source
    lines = source.split("\n")
    for node in reversed(list(to_drop(ast.parse(source).body, kept_names))):
        table = []
        if is_glue(node) and shows_a_table(node):
            table = [ast.get_source_segment(source, node.value.args[1])]
        lines[node.lineno - 1 : node.end_lineno] = table
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip("\n")


# notebooks -----------------------------------------------------------------------------------


def opening(book, page):
    """What stands under the title: which book this is from."""
    number = book.numbers[page]
    where = f"Chapter {number} of" if number.isdigit() else "From"
    index = f"{book.address.rstrip('/') if book.address else LOCAL_BOOK}/index.html"
    return (
        f"*{where} [The coherent-exciton diode]({index}). "
        "The cells run from top to bottom; the numbers in the text are theirs.*"
    )


def install_cell(book):
    """For Colab, where nothing is installed; only with a public address."""
    source = (
        "import importlib.util\n\n"
        'if importlib.util.find_spec("cedrag") is None:\n'
        f'    %pip install --quiet "cedrag[book] @ git+{book.repository}"'
    )
    return nbformat.v4.new_code_cell(source)


def clean(book, page):
    """The notebook of one chapter for its readers."""
    notebook = nbformat.read(book.root / "chapters" / f"{page}.ipynb", as_version=4)
    prose = Prose(book, page, glued(notebook))
    cells = []
    shown = [c for c in notebook.cells if "remove-cell" not in c.metadata.get("tags", [])]
    kept_names = set().union(*(used(c.source) for c in shown if c.cell_type == "code"))
    for cell in shown:
        if cell.cell_type == "markdown":
            text = prose.whole(cell.source)
            if not cells:
                title, _, rest = text.partition("\n")
                text = f"{title}\n\n{opening(book, page)}\n{rest}"
            cells.append(nbformat.v4.new_markdown_cell(text))
            continue
        cells.append(nbformat.v4.new_code_cell(clean_code(cell.source, kept_names)))
        if figure := cell.metadata.get("mystnb", {}).get("figure"):
            number = book.places[figure["name"]].number
            words = prose.inline(figure["caption"])
            cells.append(nbformat.v4.new_markdown_cell(f"**Fig. {number}.** {words}"))
    cells = [cell for cell in cells if cell.source.strip()]
    if book.repository:
        cells.insert(1, install_cell(book))
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def written(root=ROOT):
    """File name -> text of every clean notebook."""
    book = survey_book(root)
    pages = [page for page in book.numbers if (root / "chapters" / f"{page}.ipynb").is_file()]
    return {f"{page}.ipynb": nbformat.writes(clean(book, page)) + "\n" for page in pages}


def main():
    folder = ROOT / "notebooks"
    folder.mkdir(exist_ok=True)
    notebooks = written()
    for name, text in notebooks.items():
        (folder / name).write_text(text, encoding="utf-8")
    for old in folder.glob("*.ipynb"):
        if old.name not in notebooks:
            old.unlink()
    sys.stdout.write(f"{len(notebooks)} notebooks for readers in {folder.name}/\n")


if __name__ == "__main__":
    main()
