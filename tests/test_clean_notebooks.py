"""The notebooks for readers follow from the chapters, show no markup, count as the book does."""

import ast
import re
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import clean_notebooks as tool  # noqa: E402
import launch_buttons  # noqa: E402
from numbering import page_numbers  # noqa: E402

HTML = ROOT / "_build" / "html"
CAPTIONS = "figcaption .caption-number, caption .caption-number"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MARKUP = re.compile(
    r"\{(glue|term|math|cite|eq|ref|numref|doc|exercise|solution)|\]\(\)|^:::|^\(.*\)=$"
)


@pytest.fixture(scope="module")
def book():
    return tool.survey_book()


def prose(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def test_they_are_what_the_chapters_give():
    """`make notebooks` writes them."""
    there = {path.name: path.read_text(encoding="utf-8") for path in NOTEBOOKS}
    assert there == tool.written()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_markup_is_left(path):
    notebook = nbformat.read(path, as_version=4)
    assert [text for text in prose(notebook) if MARKUP.search(text)] == []
    for text in prose(notebook):
        assert text.count("$$") % 2 == 0
        assert text.count("<details>") == text.count("</details>")
        assert text.count("```") == 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert "glue" not in cell.source
            assert "NBVAL" not in cell.source
            assert cell.outputs == []
            compile(re.sub(r"^\s*%.*$", "pass", cell.source, flags=re.MULTILINE), path.name, "exec")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_lead_somewhere(path):
    text = "\n".join(prose(nbformat.read(path, as_version=4)))
    targets = re.findall(r"\]\(([^)]+)\)", text)
    assert targets
    for target in targets:
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        if not file.startswith("../_build"):
            assert (path.parent / file).is_file(), target
        elif (HTML / "index.html").is_file():
            built = (path.parent / file).resolve()
            assert built.is_file(), target
            assert not anchor or f'id="{anchor}"' in built.read_text(encoding="utf-8"), target


def numbers_of(article, selector):
    return [element.get_text() for element in article.select(selector)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_they_count_as_the_book_does(path):
    built = HTML / "chapters" / f"{path.stem}.html"
    if not built.is_file():
        pytest.skip("no built book (make book)")
    article = BeautifulSoup(built.read_text(encoding="utf-8"), "html.parser").select_one("article")
    text = "\n".join(prose(nbformat.read(path, as_version=4)))
    equations = re.findall(r"\\tag\{([\w.]+)\}", text)
    assert equations == [n.strip("()#") for n in numbers_of(article, ".eqno")]
    captions = re.findall(r"^\*\*((?:Fig\.|Table) [\w.]+?)\.\*\* ", text, re.MULTILINE)
    assert captions == [n.strip() for n in numbers_of(article, CAPTIONS)]
    exercises = re.findall(r"^\*\*(Exercise [\w.]+)\*\*", text, re.MULTILINE)
    found = numbers_of(article, ".exercise .caption-number")
    assert exercises == [number.strip() for number in found]


def prose_of(book, values=None):
    return tool.Prose(book, "model", values or {})


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (-94.81, ".1f", "−94.8"),
        (-5.0e-6, ".1e", "−5.0 × 10⁻⁶"),
        (3e8, ".0e", "3 × 10⁸"),
        (0.5, ".0%", "50 %"),
        ("rain-proof", "", "rain-proof"),
    ],
)
def test_numbers_are_set_as_in_print(book, value, form, shown):
    text = prose_of(book, {"x": value}).whole(f"It is {{glue:text}}`x:{form}`.")
    assert text.replace("\N{NO-BREAK SPACE}", " ") == f"It is {shown}."


def test_a_bar_in_a_formula_does_not_end_a_cell(book):
    book.places["tab-x"] = tool.Place("model", "tab-x", "1.1")
    rows = "* - a\n  - $|x|$\n* - 1\n  - 2\n"
    source = f":::{{list-table}} T\n:header-rows: 1\n:name: tab-x\n\n{rows}:::"
    lines = prose_of(book).whole(source).split("\n")
    assert lines[0] == "**Table 1.1.** T"
    assert lines[2:] == ["| a | $\\vert x\\vert $ |", "| --- | --- |", "| 1 | 2 |"]


def test_a_warning_becomes_a_quotation(book):
    source = "```{admonition} Careful\n:class: warning\nIt is\n\n$$x$$\n```\nAfter."
    assert prose_of(book).whole(source) == "> **Careful**\n> \n> It is\n> \n> $$x$$\nAfter."


def test_an_unknown_directive_or_role_stops_the_tool(book):
    with pytest.raises(AttributeError, match="on_figure"):
        prose_of(book).whole("```{figure} x.png\n```")
    with pytest.raises(KeyError):
        prose_of(book).whole("{abbr}`no such thing`")


CODE = """# NBVAL_CHECK_OUTPUT
from myst_nb import glue
x = 1  # stays
glue("x", x, display=False)
for name in "AB":
    part = 2 * x
    glue(name, part)
for name in "AB":
    found[name] = x
    glue(name, x)
glue("table", HTML(rows(x)), display=False)"""


def test_code_keeps_all_but_what_serves_the_text():
    cleaned = tool.clean_code(CODE, kept_names={"x"})
    assert cleaned == 'x = 1  # stays\nfor name in "AB":\n    found[name] = x\nHTML(rows(x))'
    kept = tool.clean_code(CODE, kept_names={"x", "part"})  # a later cell reads it
    assert "part = 2 * x" in kept
    assert "glue" not in kept
    ast.parse(kept)


def test_the_appendix_has_letters():
    toc = {
        "root": "intro",
        "parts": [
            {"caption": "A part", "numbered": True, "chapters": [{"file": "a"}, {"file": "b.md"}]},
            {"caption": "Another", "numbered": True, "chapters": [{"file": "c"}]},
            {"caption": "Appendix", "numbered": True, "chapters": [{"file": "d"}, {"file": "e"}]},
            {"caption": "Reference", "chapters": [{"file": "f"}]},
        ],
    }
    assert page_numbers(toc) == {
        "intro": "", "a": "1", "b": "2", "c": "3", "d": "A", "e": "B", "f": "",
    }  # fmt: skip


def test_a_public_address_is_linked_to(book):
    public = tool.Book(book.root, "https://book.example.org/", "https://github.com/someone/cedrag",
                       book.numbers, book.titles, book.places, book.references)  # fmt: skip
    notebook = tool.clean(public, "diode")
    text = "\n".join(prose(notebook))
    assert "https://book.example.org/chapters/symbols.html#term-reading-B" in text
    assert "_build" not in text
    assert 'git+https://github.com/someone/cedrag"' in notebook.cells[1].source


def test_buttons_open_the_notebook_for_readers():
    url = "https://mybinder.org/v2/gh/someone/cedrag/master?urlpath=lab/tree/chapters/model.ipynb"
    context = {"header_buttons": [{"label": "launch-buttons", "buttons": [{"url": url}]}]}
    launch_buttons.open_clean_notebooks(None, "chapters/model", "page.html", context, None)
    (button,) = context["header_buttons"][0]["buttons"]
    assert button["url"].endswith("lab/tree/notebooks/model.ipynb")
