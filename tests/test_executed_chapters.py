"""The book never shows an old number: what an executed chapter is filed under, and how."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import executed_chapters as tool  # noqa: E402
import sphinx_offline  # noqa: E402


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def chapter(folder, *cells, name="one"):
    path = folder / "chapters" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


@pytest.fixture
def book(tmp_path):
    """A book of one short chapter beside a copy of the package."""
    shutil.copytree(
        ROOT / "cedrag", tmp_path / "cedrag", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    write(tmp_path, "benchmarks/results.json", "{}")
    write(tmp_path, "_toc.yml", "format: jb-book\nroot: chapters/one\n")
    chapter(tmp_path, new_code_cell("print(6 * 7)"))
    return tmp_path


def provide(book):
    return tool.provide(book, book / "store", 2)


@pytest.mark.parametrize(
    "name",
    [
        "cedrag/units.py",
        "cedrag/kernels/pair.py",
        "cedrag/data/materials.json",
        "benchmarks/results.json",
        "requirements.txt",
    ],
)
def test_an_edit_gives_another_checksum(book, name):
    before = tool.fingerprint(book)
    assert tool.fingerprint(book) == before
    path = book / name
    text = path.read_text()
    path.write_text(text + "\n")
    assert tool.fingerprint(book) != before
    path.write_text(text)
    assert tool.fingerprint(book) == before


def test_a_new_or_removed_file_gives_another_checksum(book):
    before = tool.fingerprint(book)
    write(book, "cedrag/data/new.css", "")
    with_new = tool.fingerprint(book)
    (book / "cedrag/data/new.css").rename(book / "cedrag/data/other.css")
    assert len({before, with_new, tool.fingerprint(book)}) == 3


def test_what_no_number_depends_on_leaves_the_checksum(book):
    before = tool.fingerprint(book)
    write(book, "cedrag/kernels/__pycache__/pair.cpython-311.pyc", "x")
    write(book, "chapters/prose.md", "# Prose\n")
    write(book, "chapters/_assets/book.css", "")
    assert tool.fingerprint(book) == before


def test_the_name_follows_the_code_cells_alone():
    path = Path("one.ipynb")

    def name(*cells, outside="a"):
        return tool.stored_name(path, new_notebook(cells=list(cells)), outside)

    code, prose = new_code_cell("glue('x', 1)"), new_markdown_cell("prose")
    tagged = new_code_cell("glue('x', 1)", metadata={"tags": ["raises-exception"]})
    assert name(code) == name(new_code_cell("glue('x', 1)")) == name(prose, code)
    different = {name(code), name(new_code_cell("glue('x', 2)")), name(tagged), name(code, tagged)}
    assert len(different | {name(code, outside="b")}) == 5


def test_a_chapter_runs_once_per_content(book):
    """The number on the page is that of the code on disk, after each edit and back again."""
    source = book / "chapters" / "one.ipynb"
    folder = provide(book)
    (stored,) = (book / "store").glob("*.ipynb")
    first = stored.stat().st_mtime_ns
    assert nbformat.read(stored, 4).cells[0].outputs[0].text == "42\n"
    assert provide(book) == folder
    assert stored.stat().st_mtime_ns == first
    chapter(book, new_code_cell("print(6 * 8)"))
    provide(book)
    merged = tool.get_cache(str(folder)).merge_match_into_notebook(nbformat.read(source, 4))[1]
    assert merged.cells[0].outputs[0].text == "48\n"
    write(book, "cedrag/data/new.json", "")
    assert provide(book) != folder
    assert not folder.exists()


def test_many_chapters_compile_first_and_few_do_not(book, monkeypatch):
    for name in ("two", "three"):
        chapter(book, new_code_cell(f"print({name!r})"), name=name)
    toc = "format: jb-book\nroot: chapters/one\nchapters:\n- file: chapters/two\n"
    write(book, "_toc.yml", f"{toc}- file: chapters/three\n")
    done = []
    monkeypatch.setattr(tool, "compile_first", lambda say: done.append("compiled"))
    provide(book)
    assert done == ["compiled"]
    assert len(list((book / "store").glob("*.ipynb"))) == 3
    chapter(book, new_code_cell("print(2)"), name="two")
    provide(book)
    assert done == ["compiled"]


def test_the_parts_that_compile_run():
    """Each calls the package as it is, without a word; the kernels are those of all tests."""
    assert [process.wait() for process in tool.compile_kernels.start()] == [0, 0]


def test_a_chapter_that_fails_stops_the_build_and_shows_its_traceback(book, capsys):
    chapter(book, new_code_cell("1 / 0"))
    with pytest.raises(RuntimeError, match=r"one\.ipynb"):
        provide(book)
    shown = capsys.readouterr().err
    assert "===== one.ipynb =====" in shown
    assert "ZeroDivisionError" in shown
    assert list((book / "store").glob("*.ipynb")) == []


def test_ctrl_c_leaves_nothing_half_written(book):
    started = book / "started"
    chapter(
        book, new_code_cell(f"open({str(started)!r}, 'w').close()\nimport time; time.sleep(99)")
    )
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'tools')!r})\n"
        "from pathlib import Path; import executed_chapters as tool\n"
        f"book = Path({str(book)!r}); tool.provide(book, book / 'store', 2)"
    )
    build = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not started.exists() and build.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert started.exists()
    build.send_signal(signal.SIGINT)
    _, err = build.communicate(timeout=60)
    assert "KeyboardInterrupt" in err
    assert [path.name for path in (book / "store").iterdir()] == []
    chapter(book, new_code_cell("print(1)"))
    provide(book)
    assert len(list((book / "store").glob("*.ipynb"))) == 1


def test_old_versions_are_forgotten(tmp_path):
    for number in range(5):
        write(tmp_path, f"one-{number}.ipynb", "")
    write(tmp_path, "two-0.ipynb", "")
    write(tmp_path, "left.part", "")
    tool.forget_old(tmp_path, [tmp_path / "two-0.ipynb"])
    left = [path.name for path in tmp_path.iterdir()]
    assert len(left) == tool.KEPT + 1
    assert "two-0.ipynb" in left


def test_nothing_of_a_removed_page_stays(tmp_path):
    for name in ("chapters/one.html", "chapters/api/two.html", "chapters/gone.html", "index.html"):
        write(tmp_path, name, "")
    for name in ("one.md.txt", "gone.ipynb", "gone.ipynb.js"):
        write(tmp_path, f"_sources/chapters/{name}", "")
    tool.remove_leftovers(tmp_path, {"chapters/one", "chapters/api/two"})
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert left == {
        "chapters/one.html", "chapters/api/two.html", "index.html", "_sources/chapters/one.md.txt",
    }  # fmt: skip


def test_a_page_that_is_not_written_again_is_mended_once(tmp_path):
    """The second build leaves it alone, and the search still quotes it."""
    page = (
        '<article><p>Words</p><figure class="a"><img src="x.svg"></figure>'
        '<span class="math notranslate nohighlight">a</span>.</article>\n'
    )
    path = write(tmp_path, "chapters/one.html", page)
    texts = write(tmp_path, "_static/search_texts.js", "")
    app = SimpleNamespace(
        outdir=str(tmp_path), srcdir=str(tmp_path), builder=SimpleNamespace(format="html")
    )
    sphinx_offline.clean_pages(app, None)
    first, quoted = path.read_text(), texts.read_text()
    assert first.count("figure-alone") == first.count("unbroken") == 1
    assert "Words" in quoted
    sphinx_offline.clean_pages(app, None)
    assert (path.read_text(), texts.read_text()) == (first, quoted)
