"""The book as one PDF: joined without a lost link, printed with every chapter, its fonts inside.

The file comes from ``make pdf``.  Without it the tests that read it are skipped on a desk and fail
in CI.
"""

import os
import re
import sys
import unicodedata
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parent.parent
PDF = ROOT / "_build" / "cedrag.pdf"
HTML = ROOT / "_build" / "html"

sys.path.insert(0, str(ROOT / "tools"))
import make_pdf  # noqa: E402


def page_html(body):
    return f"<html><body><article class='bd-article'>{body}</article></body></html>"


MODEL = """<section id="the-model"><h1>1. The model<a class="headerlink" href="#e">#</a></h1>
<p>The next cell draws.
It is <b>red</b>.</p><p>Its cell is long.</p><div data-cedrag-live></div>
<p id="eq-band">See <a href="diode.html#the-diode">there</a>, <a href="diode.html">the page</a>,
<a href="#eq-band">here</a>, <a href="../genindex.html">the index</a> and
<a href="https://arxiv.org/abs/2602.02643">the paper</a>.</p>
<div class="cell"><div class="cell_input">import numpy</div></div>
<div class="cell"><div class="cell_input">draw()</div>
<div class="cell_output"><img src="../a.svg"/></div></div>
<div class="cell"><div class="cell_input">compute()</div><div class="cell_output">3.14</div></div>
<details class="hide"><div>long code</div></details>
<div class="exercise">Exercise 1</div><div class="solution">Solution 1</div></section>"""
DIODE = '<section id="the-diode"><h1>2. The diode</h1><button>move</button><p>Text.</p></section>'
SUMMARY = (
    '<section id="summary-of-results"><h1>Summary</h1><p>Question.</p><ol><li>Answer.</li></ol>'
    "<p>More.</p></section>"
)


@pytest.fixture
def book(tmp_path):
    """Sources and HTML of a book of four pages."""
    html = tmp_path / "html"
    (html / "chapters" / "api").mkdir(parents=True)
    pages = {"intro": "<h1>The book</h1>", "summary": SUMMARY, "model": MODEL, "diode": DIODE}
    pages |= {"references": "<h1>Bibliography</h1>", "api/drag": "<h1>Drag</h1><h2>drag</h2>"}
    for name, body in pages.items():
        (html / "chapters" / f"{name}.html").write_text(page_html(body))
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: chapters/intro\nparts:\n"
        "  - caption: In brief\n    chapters:\n      - file: chapters/summary\n"
        "  - caption: Theory\n    chapters:\n      - file: chapters/model\n"
        "      - file: chapters/diode\n"
        "  - caption: Appendix\n    chapters:\n      - file: chapters/references\n"
        "        sections:\n          - file: chapters/api/drag\n"
    )
    (tmp_path / "_config.yml").write_text("title: A book & more\n")
    (tmp_path / "CITATION.cff").write_text(
        "authors:\n  - name: Somebody\n  - family-names: Else\n    given-names: S.\n"
        "version: 1.0\ndate-released: 2026-01-01\n"
    )
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "pdf.css").write_text("p { margin: 0 }")
    return tmp_path


@pytest.fixture
def joined(book):
    pictures = {"chapters/model": "file:///live.png"}
    text, title, authors = make_pdf.join(
        book / "html", root=book, reference=True, pictures=pictures
    )
    assert (title, authors) == ("A book & more", "Somebody, S. Else")
    return BeautifulSoup(text, "html.parser")


def test_links_stay_inside_and_lose_nothing(joined):
    links = [link["href"] for link in joined.select("section.model a")]
    assert links == ["#diode--the-diode", "#diode", "#model--eq-band",
                     "https://arxiv.org/abs/2602.02643"]  # fmt: skip
    assert make_pdf.dangling(str(joined)) == []
    assert make_pdf.dangling(str(joined).replace('id="model--eq-band"', "")) == ["model--eq-band"]


def test_what_paper_cannot_do_is_left_out(joined):
    model = joined.select_one("section.model")
    assert [code.get_text() for code in model.select(".cell_input")] == ["compute()"]
    assert model.select("details, .headerlink, .solution") == []
    assert len(model.select("img, .exercise")) == 3  # one stands for the live control
    assert model.select_one('img[src="file:///live.png"]')["alt"]
    assert joined.find("button") is None


def test_no_sentence_points_at_what_is_not_printed(joined):
    words = [p.get_text() for p in joined.select("section.model > article p, section.model p")]
    assert "It is red." in [word.strip() for word in words]
    assert not [word for word in words if "cell" in word]


def test_the_reference_is_printed_on_request(book):
    text, *_ = make_pdf.join(book / "html", root=book)
    assert 'id="api-drag"' not in text
    assert 'id="references"' in text
    assert make_pdf.dangling(text) == []


def test_solutions_stand_at_the_end_and_the_summary_at_the_front(joined):
    order = [chapter["class"][1] for chapter in joined.select("section.chapter")]
    assert order == ["intro", "summary", "model", "diode", "solutions", "references"]
    assert joined.select_one("section.solutions .solution").get_text() == "Solution 1"
    assert joined.select_one(".abstract").get_text() == "AbstractQuestion.Answer."
    assert joined.select_one("section.summary").get_text() == "SummaryMore."
    assert [heading.name for heading in joined.select("section.references > article > *")] == [
        "h1", "h2", "h3"]  # fmt: skip


def test_a_bookmark_is_the_words_of_its_heading():
    text = r"<h1><span>1.1. </span>Why <span>\(\lambda\)</span> stays</h1><p>x</p><h3>sin(x)</h3>"
    assert make_pdf.headings(text) == ["1.1. Why lambda stays", "sin(x)"]


# the printed file --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reader():
    if not PDF.is_file():
        if os.environ.get("CI"):
            pytest.fail("CI must have the PDF (make pdf)")
        pytest.skip("no PDF (make pdf)")
    return PdfReader(PDF)


@pytest.fixture(scope="module")
def chapters(reader):
    """Bookmark -> number and text of the page that it leads to."""
    found = {}
    for entry in reader.outline:
        if not isinstance(entry, list):
            index = reader.get_destination_page_number(entry)
            found[plain(entry.title)] = index + 1, plain(reader.pages[index].extract_text())
    return found


@pytest.fixture(scope="module")
def front(reader):
    return plain(reader.pages[0].extract_text() + reader.pages[1].extract_text())


def chapter_titles():
    """What the built pages call themselves."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    for _, pages in make_pdf.parts_of(toc):
        for name, depth in pages:
            printed = depth == 0 and not name.startswith(make_pdf.REFERENCE)
            if printed and name != toc["root"]:
                page = BeautifulSoup((HTML / f"{name}.html").read_text(), "html.parser")
                heading = page.select_one("article h1")
                for link in heading.select(".headerlink"):
                    link.decompose()
                yield heading.get_text().strip()


def plain(text):
    """Without ligatures, one space between words."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text))


def test_it_says_what_it_is(reader):
    title = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["title"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert reader.metadata.title == title
    assert reader.metadata.author == citation["authors"][0]["name"]
    assert reader.trailer["/Root"]["/Lang"].startswith("en")
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert len(reader.pages) > 60


def test_every_chapter_is_bookmarked_and_the_contents_tell_its_page(chapters, front):
    expected = ["Introduction", *chapter_titles(), "Solutions to the exercises"]
    assert sorted(chapters) == sorted(map(plain, expected))
    for title, (page, text) in chapters.items():
        assert re.search(rf"{re.escape(title)}\s*{page}\b", front), f"{title} is on page {page}"
        assert title.split(":")[0] in text


def test_nothing_is_left_unresolved(chapters, front):
    whole = " ".join([front, *(text for _, text in chapters.values())])
    assert re.findall(r"\?\?|\{[a-z][a-z:_-]*\}`|\\(?:frac|begin|ref|label)\b", whole) == []
    assert "Abstract" in front
    assert len(whole) > 20_000


def test_links_reach_the_archive(reader):
    addresses = {
        note.get_object()["/A"]["/URI"]
        for page in reader.pages
        for note in page.get("/Annots") or ()
        if "/URI" in note.get_object().get("/A", {})
    }
    assert any(address.startswith("https://arxiv.org/abs/2602.02643") for address in addresses)
    assert [address for address in addresses if address.startswith("file:")] == []


def test_every_font_is_inside(reader):
    fonts, missing = 0, []
    for page in reader.pages:
        for font in (page["/Resources"].get("/Font") or {}).values():
            font = font.get_object()
            fonts += 1
            if font["/Subtype"] == "/Type3":  # its glyphs are drawn in the file
                continue
            descendants = font.get("/DescendantFonts") or [font]
            for descendant in descendants:
                descriptor = descendant.get_object()["/FontDescriptor"]
                if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor):
                    missing.append(font["/BaseFont"])
    assert fonts > 60
    assert missing == []
