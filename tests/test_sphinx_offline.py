"""What the built pages are mended to: code folded once, signatures, cards, figures as links."""

import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

import sphinx_offline


def article(*parts):
    return BeautifulSoup(f"<article>{''.join(parts)}</article>", "html.parser").article


def cell(code, output="", folded=True):
    source = f'<div class="cell_input">{code}</div>'
    if folded:
        source = f'<details class="hide above-input"><summary>Show</summary>{source}</details>'
    shown = f'<div class="cell_output">{output}</div>' if output else ""
    return f'<div class="cell docutils container">{source}{shown}</div>'


def folds(page):
    """Codes of each fold, in the order of the page."""
    return [
        [code.get_text() for code in fold.select(".cell_input")]
        for fold in page.select("details.hide")
    ]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([cell("a"), cell("b"), cell("c")], [["a", "b", "c"]]),
        ([cell("a"), "<p>words</p>", cell("b")], [["a"], ["b"]]),
        ([cell("a"), cell("b", folded=False), cell("c")], [["a"], ["c"]]),
        ([cell("a", "<p>1</p>"), cell("b", "<p>2</p>")], [["a", "b"]]),
        (["<section>", cell("a"), "</section>", cell("b")], [["a"], ["b"]]),
    ],
    ids=["three", "words", "visible", "outputs", "sections"],
)
def test_folded_cells_in_a_row_are_folded_once(parts, expected):
    page = article(*parts)
    sphinx_offline.fold_once(page)
    assert folds(page) == expected


def test_folding_loses_no_code_and_no_output():
    page = article(cell("a", "<p>1</p>"), cell("b", "<p>2</p>"), "<p>words</p>", cell("c"))
    sphinx_offline.fold_once(page)
    assert [code.get_text() for code in page.select(".cell_input")] == ["a", "b", "c"]
    assert [output.get_text() for output in page.select(".cell_output")] == ["1", "2"]
    # each result stays in its own cell
    assert [bool(c.select(".cell_output")) for c in page.select("div.cell")] == [True, True, False]


def test_a_long_signature_is_no_list_of_definitions():
    page = article(
        '<dl class="py"><dt class="sig">f(<dl><dd><em>x</em>,</dd><dd><em>y</em>,</dd></dl>)</dt>'
        "<dd>What it does.</dd></dl>"
    )
    sphinx_offline.plain_signatures(page)
    assert len(page.select(".sig dl, .sig dd")) == 0
    assert [line.get_text() for line in page.select(".sig-lines > .sig-line")] == ["x,", "y,"]
    assert page.select_one("dl.py > dd").get_text() == "What it does."


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("A  -0.5 (-3) = -.2, -94.8", "A  −0.5 (−3) = −.2, −94.8"),
        ("1e-11 2-3 x-1 a--1 -x", "1e-11 2-3 x-1 a--1 -x"),
        ('<span class="a -1">-1</span>', '<span class="a -1">−1</span>'),
    ],
)
def test_printed_numbers_have_a_true_minus(printed, shown):
    block = (
        '<div class="output stream highlight-myst-ansi"><div><pre>{}\n</pre></div></div><p>-1</p>'
    )
    page = sphinx_offline.PRINTED.sub(
        lambda match: sphinx_offline.PRINTED_MINUS.sub("−", match[0]), block.format(printed)
    )
    assert page == block.format(shown)


@pytest.mark.parametrize(
    ("tex", "words"),
    [
        (r"\(T_c\)", "T_c"),
        (r"\(\Delta = \frac{\alpha}{2\beta}\)", "Δ = α/2β"),
        (r"\(0.9\,T_c \approx \frac{1}{\frac{a}{b}}\)", "0.9 T_c ≈ 1/a/b"),
        (r"\(T_{\rm BKT}, 10^{-7}\)", "T_ BKT, 10^-7"),
        (r"\(\mathbf q_0 \to \lambda\tanh\xi\)", "q_0 → λtanh ξ"),
    ],
)
def test_formulas_are_quoted_without_debris(tex, words):
    assert sphinx_offline.words_of(tex).split() == words.split()


CARD_PAGE = (
    '<dl><dt id="term-gap">gap<a class="headerlink" href="#term-gap">#</a></dt>'
    '<dd id="inner"><p>See <a href="model.html#x">the model</a>.</p></dd></dl>',
    '<div class="math notranslate" id="equation-eq-gap">\\[\\Delta = 1\\]</div>',
    '<figure id="fig-gap"><a href="../_images/a.svg"><img alt="The gap" src="../_images/a.svg">'
    "</a><figcaption>Gap.</figcaption></figure>",
    '<div class="citation" id="hui"><span class="label">[1]</span><p>Hui and Jiang</p></div>',
    "<figure><figcaption>no name</figcaption></figure>",
)


def test_cards_show_terms_equations_figures_and_publications():
    cards = sphinx_offline.cards_of(article(*CARD_PAGE), "chapters/model.html")
    anchors = ["term-gap", "equation-eq-gap", "fig-gap", "hui"]
    assert list(cards) == [f"chapters/model.html#{anchor}" for anchor in anchors]
    term, equation, figure, citation = cards.values()
    assert term.startswith("<p><strong>gap</strong></p>")
    assert "See the model." in BeautifulSoup(term, "html.parser").get_text()
    assert r"\[\Delta = 1\]" in equation
    assert 'data-source="_images/a.svg"' in figure
    assert citation == "<p>Hui and Jiang</p>"


def test_a_card_brings_no_second_anchor_no_link_and_no_request():
    for card in sphinx_offline.cards_of(article(*CARD_PAGE), "chapters/model.html").values():
        soup = BeautifulSoup(card, "html.parser")
        assert soup.select("[id], a, .headerlink, img[src]") == []


def test_a_card_leaves_the_page_as_it_was():
    page = article(*CARD_PAGE)
    before = str(page)
    sphinx_offline.cards_of(page, "chapters/model.html")
    assert str(page) == before
