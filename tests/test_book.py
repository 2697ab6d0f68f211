"""The book checker sees what it claims to see, and the table of contents names real files."""

import importlib.util
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parent.parent


def load_tool(name):
    """A script of ``tools/`` as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


check_book = load_tool("check_book")
execute_chapters = load_tool("execute_chapters")

FIGURE = new_code_cell("plot()", metadata={"mystnb": {"figure": {"name": "fig-gap"}}})
GOOD_PAGE = (
    "<html><head><script src='../_static/a.js'></script></head><body>"
    "<a class='btn-download-source-button' href='../_sources/diode.ipynb'>.ipynb</a>"
    "<article id='top'><p>The gap is 0.93.</p><div class='math'>\\[\\frac{1}{2}\\]</div>"
    "<a href='https://arxiv.org'>x</a><a href='diode.html#top'>y</a><a href='#top'>z</a>"
    "<div class='cell_output'><figure><img alt='The gap falls' src='../_images/a.png'/>"
    "<figcaption><span class='caption-number'>Fig. 1</span></figcaption></figure></div>"
    "</article></body></html>"
)


@pytest.fixture
def book(tmp_path):
    """A book of one chapter, source and HTML, that has no problem."""
    (tmp_path / "chapters").mkdir()
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: chapters/intro\nparts:\n"
        "  - caption: One\n    chapters:\n      - file: chapters/diode\n"
    )
    (tmp_path / "chapters" / "intro.md").write_text("# Intro\n")
    nbformat.write(new_notebook(cells=[FIGURE]), tmp_path / "chapters" / "diode.ipynb")
    html = tmp_path / "html"
    (html / "chapters").mkdir(parents=True)
    (html / "_images").mkdir()
    (html / "_images" / "a.png").write_bytes(b"png")
    (html / "_images" / "a.svg").write_bytes(b"s" * (check_book.HEAVY + 1))
    (html / "_sources").mkdir()
    (html / "_sources" / "diode.ipynb").write_text("{}")
    (html / "index.html").write_text("redirect")
    for name in ("intro", "diode"):
        (html / "chapters" / f"{name}.html").write_text(GOOD_PAGE)
    return tmp_path


def problems_of(book):
    return check_book.check_book(book / "html", root=book)


def test_a_sound_book_has_no_problem(book):
    assert problems_of(book) == []


def test_a_page_that_was_sound_is_read_again_only_if_something_changed(book, monkeypatch):
    html, sound, read = book / "html", {}, []
    monkeypatch.setattr(
        check_book, "problems_of", lambda name, *a, old=check_book.problems_of, **k: (
            read.append(name), old(name, *a, **k))[1],
    )  # fmt: skip
    check = lambda: check_book.check_book(html, root=book, sound=sound)  # noqa: E731
    assert check() == []
    assert read == ["chapters/intro", "chapters/diode"]
    read.clear()
    assert check() == []
    assert read == []
    intro = html / "chapters" / "intro.html"
    intro.write_text(GOOD_PAGE.replace("0.93", "0.94"))
    assert check() == []
    assert read == ["chapters/intro"]
    intro.write_text(GOOD_PAGE.replace("id='top'", "id='bottom'"))  # others may lead there
    assert any("no anchor" in problem for problem in check())
    assert read[1:] == ["chapters/intro", "chapters/diode"]
    assert check()  # what has a problem is not called sound
    intro.write_text(GOOD_PAGE)
    assert check() == []
    (html / "_images" / "a.png").unlink()
    assert any("no file for the picture" in problem for problem in check())


@pytest.mark.parametrize("page", ["index.html", "chapters/intro.html", "chapters/diode.html"])
def test_a_missing_page_is_seen(book, page):
    (book / "html" / page).unlink()
    problems = problems_of(book)
    assert [problem for problem in problems if "missing" in problem]
    dead = [problem for problem in problems if "no page for the link diode.html#top" in problem]
    assert len(dead) == (page == "chapters/diode.html")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("<img alt='The gap falls' src='../_images/a.png'/>", "", "the page shows 0"),
        ("a.png", "b.png", "no file for the picture"),
        ("a.png", "a.svg", "heavy"),
        ("The gap falls", " ", "no alt text"),
        ("The gap falls", "../_images/a.png", "no alt text"),
        ("<span class='caption-number'>Fig. 1</span>", "", "without a number"),
        ("_sources/diode.ipynb", "_sources/none.ipynb", "no link to download"),
        ("_sources/diode.ipynb", "none/diode.ipynb", "no file to download"),
        ("href='diode.html#top'", "href='none.html'", "no page for the link none.html"),
        ("href='diode.html#top'", "href='intro.html#no'", "no anchor for the link intro.html#no"),
        ("href='#top'", "href='#end'", "no anchor for the link #end"),
        ("<p>The", "<p id='top'>The", "the anchor top stands twice"),
        ("../_static/a.js", "https://cdn.example.org/a.js", "loads https://cdn.example.org/a.js"),
        ("../_static/a.js", "//cdn.example.org/a.js", "loads //cdn.example.org/a.js"),
        ("0.93", "{glue:text}`gap`", "unresolved role"),
        ("0.93", "{cite}`hui2026`", "unresolved role"),
        ("0.93", "$\\Delta$", "raw LaTeX"),
        ("0.93", "\\begin{align} x", "raw LaTeX"),
        ("<p>The", "<p class='system-message'>The", "docutils error"),
    ],
)
def test_a_planted_fault_is_seen(book, old, new, complaint):
    page = book / "html" / "chapters" / "diode.html"
    assert old in GOOD_PAGE
    page.write_text(GOOD_PAGE.replace(old, new))
    found = [problem for problem in problems_of(book) if complaint in problem]
    assert len(found) == 1, problems_of(book)


def test_two_sources_for_one_page_are_seen(book):
    (book / "chapters" / "diode.md").write_text("# Again\n")
    (problem,) = problems_of(book)
    assert "exactly one source" in problem


@pytest.mark.parametrize(
    ("tags", "before", "complaint"),
    [
        (["explorer"], "Needs a kernel.", "without the tag remove-output"),
        (["explorer", "remove-output"], "Sliders.", "does not say 'kernel'"),
    ],
)
def test_an_explorer_on_a_static_page_is_seen(tags, before, complaint):
    explorer = new_code_cell("explore()", metadata={"tags": tags})
    cells = [FIGURE, new_markdown_cell(before), explorer]
    (problem,) = check_book.check_notebook(
        "diode", new_notebook(cells=cells), BeautifulSoup(GOOD_PAGE, "html.parser")
    )
    assert complaint in problem


def test_the_table_of_contents_names_real_files():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    pages = check_book.toc_pages(toc)
    assert len(pages) == len(set(pages)) > 5
    assert [page for page in pages if check_book.source_of(page, ROOT) is None] == []


def test_every_chapter_is_in_the_table_of_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = {
        path.relative_to(ROOT).with_suffix("").as_posix()
        for path in (ROOT / "chapters").rglob("*")
        if path.suffix in {".md", ".ipynb"} and "." not in str(path.parent.relative_to(ROOT))
    }
    assert chapters == set(check_book.toc_pages(toc))


def test_cleaning_a_notebook_keeps_results_and_drops_noise():
    widget = new_output(
        "display_data", data={check_book.WIDGET: {"model_id": "1"}, "text/plain": "x"}
    )
    glued = new_output(
        "display_data", data={"text/plain": "2"}, metadata={"scrapbook": {"name": "a"}}
    )
    cells = [
        new_code_cell("1 + 1", outputs=[new_output("execute_result", data={"text/plain": "2"})]),
        new_code_cell("explore()", outputs=[widget]),
        new_code_cell("glue('a', 2)", outputs=[glued]),
    ]
    cells[0].metadata["execution"] = {"iopub.execute_input": "now"}
    notebook = new_notebook(cells=cells, metadata={"widgets": {"state": {}}})
    execute_chapters.clean(notebook)
    assert "widgets" not in notebook.metadata
    assert cells[0].metadata == {}
    assert cells[0].outputs[0].data == {"text/plain": "2"}
    assert cells[1].outputs == []
    assert cells[2].outputs[0].metadata == {"scrapbook": {"name": "a"}}


sphinx_offline = load_tool("sphinx_offline")


def test_the_search_quotes_words_under_their_names_and_no_code():
    page = (
        "<h1>outside</h1><article><section id='gap'><h2>Gap<a class='headerlink'>#</a></h2>"
        "\n<p>At <span class='math'>\\(T_c\\)</span> &lt; 1</p><pre>code</pre>"
        "<dl><dt id='cedrag.condensate.diode.Diode'>Diode</dt><dd>two currents</dd></dl></section>"
        "</article>"
    )
    article = BeautifulSoup(page, "html.parser").find("article")
    text = BeautifulSoup(sphinx_offline.search_text(article), "html.parser")
    (main,) = text.select('[role="main"]')
    assert main.select_one("#gap").get_text().startswith("Gap At")
    assert "T_c" in main.get_text()
    assert "< 1" in main.get_text()
    assert main.select_one("#cedrag.condensate.diode.Diode").get_text() == "Diodetwo currents"
    assert main.get_text().count("two currents") == 1
    assert not {"outside", "code", "#"} & set(main.get_text().split())


@pytest.mark.parametrize(
    ("formula", "long"),
    [
        (r"T_c", False),
        (r"\frac{\alpha}{\beta}", False),
        (r"\tanh a + \tanh b = 2\sinh(a + b)" * 2, True),
    ],
)
def test_only_long_formulas_scroll_on_a_phone(formula, long):
    page = f'<span class="math notranslate nohighlight">\\({formula}\\)</span>'
    marked = sphinx_offline.INLINE_MATH.sub(sphinx_offline.mark_long, page)
    assert ("math-long" in marked) is long
    assert marked.replace(" math-long", "") == page
