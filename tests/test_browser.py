"""Every page of the built book in headless Chromium, from ``file://``, with the network off.

One load of each page serves all questions: as a desk sees it, light and dark, and as a phone does.
Needs the book (``make book``) and Debian's chromium.
Without them the tests are skipped on a desk and fail in CI.
"""

import importlib.util
import os
import re
import shutil
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
LOOK = (ROOT / "tests" / "look.js").read_text(encoding="utf-8")
PHONE, DESK = {"width": 360, "height": 800}, {"width": 1280, "height": 900}
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TYPESET = "() => !window.MathJax || !MathJax.startup || MathJax.startup.promise.then(() => true)"
# two frames later the observers of sizes have spoken
SETTLED = "() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))"
THEME_BUTTON = ".theme-switch-button:visible"
AXE = find_spec("axe_playwright_python").submodule_search_locations[0] + "/axe.min.js"
# the text; what stands around it is the theme's
OURS = """() => axe.run({include: [['article.bd-article']]}, {preload: false}).then(
  found => found.violations.map(v => [v.id, ...v.nodes
    // the head of a column may be a formula alone
    .filter(n => v.id !== 'empty-table-header' ||
      !document.querySelector(n.target[0]).querySelector('mjx-container'))
    .slice(0, 3).map(n => n.html)]).filter(([, ...nodes]) => nodes.length))"""


def pages():
    """All pages of the table of contents, the search, the index, and what else was built."""
    spec = importlib.util.spec_from_file_location("check_book", ROOT / "tools" / "check_book.py")
    check_book = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check_book)
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    built = (path.relative_to(HTML).with_suffix("").as_posix() for path in HTML.rglob("*.html"))
    others = {name for name in built if not name.startswith("_")} | {"search", "genindex"}
    return list(dict.fromkeys([*check_book.toc_pages(toc), *sorted(others - {"index"})]))


def need(found, what):
    """Skip on a desk, fail in CI, when a browser test lacks ``what``."""
    if found:
        return
    if os.environ.get("CI"):
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"no {what}")


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    need(chromium, "chromium (apt-get install chromium)")
    need((HTML / "index.html").is_file(), "built book (make book)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield browser
        browser.close()


@contextmanager
def offline_page(browser, **options):
    """A page without a network, and a record of everything that went wrong on it."""
    context = browser.new_context(viewport=DESK, offline=True, reduced_motion="reduce", **options)
    page = context.new_page()
    wrong = SimpleNamespace(errors=[], failed=[], outside=[])

    def on_console(message):
        if message.type in ("error", "warning"):
            wrong.errors.append(message.text)

    def on_request(request):
        if not request.url.startswith(("file:", "data:", "blob:")):
            wrong.outside.append(request.url)

    page.on("console", on_console)
    page.on("pageerror", lambda error: wrong.errors.append(str(error)))
    page.on("requestfailed", lambda request: wrong.failed.append(request.url))
    page.on("request", on_request)
    try:
        yield page, wrong
        assert vars(wrong) == {"errors": [], "failed": [], "outside": []}
    finally:
        context.close()


def open_page(page, name):
    page.goto((HTML / f"{name}.html").as_uri(), wait_until="load")
    page.evaluate(TYPESET)
    page.evaluate(LOOK)


def switch_theme(page, theme):
    """Click the theme button until the page is in ``theme``."""
    for _ in range(3):
        if page.evaluate("() => document.documentElement.dataset.mode") == theme:
            return
        page.locator(THEME_BUTTON).first.click()
    assert page.evaluate("() => document.documentElement.dataset.theme") == theme


@pytest.mark.parametrize("name", pages())
def test_page_reads_offline(browser, name):
    with offline_page(browser) as (page, _):
        open_page(page, name)
        assert page.evaluate("() => document.documentElement.lang") == "en"
        assert re.fullmatch(r".{3,} [—-] The coherent-exciton diode", page.title())
        assert page.evaluate("look.headings()") == []
        assert page.evaluate("look.nameless()") == []
        assert page.evaluate("look.mathematics()") == []
        for theme in ("light", "dark"):
            switch_theme(page, theme)
            assert page.evaluate("look.faint()") == [], f"hard to read in the {theme} theme"
        page.set_viewport_size(PHONE)
        scrolled = page.evaluate("() => document.documentElement.scrollWidth")
        outside = page.evaluate("look.outside()")
        assert scrolled <= PHONE["width"], f"scrolls sideways because of {outside}"
        assert outside == [], "cannot be seen on a phone"
        assert page.evaluate("look.smallLabels(11)") == []
        page.evaluate(SETTLED)
        assert page.evaluate("look.unmarked()") == []


def test_the_look_sees_what_it_claims_to_see(browser):
    """Each check against a page with exactly that fault."""
    good = "<h1>One</h1><h2>Two</h2><p>text <a href='#a'>link</a></p>"
    faults = {
        "headings": "<h2>Two</h2><h4>Four</h4>",
        "nameless": "<img src='data:,' alt=''>",
        "mathematics": "<div class='math'>\\[x\\]</div>",
        "faint": "<p style='color: #999; background: #ddd'>grey on grey</p>",
        "outside": "<p style='width: 300px; overflow: hidden'><b style='padding: 300px'>x</b></p>",
    }
    start = "<body style='background: white'><article>"
    with offline_page(browser) as (page, _):
        page.set_viewport_size(PHONE)
        for fault, body in faults.items():
            page.set_content(f"{start}{good}</article></body>")
            page.evaluate(LOOK)
            for name in faults:
                assert page.evaluate(f"look.{name}()") == [], name
            page.set_content(f"{start}{good}{body}</article></body>")
            page.evaluate(LOOK)
            seen = {name for name in faults if page.evaluate(f"look.{name}()")}
            assert seen == {fault}


def test_the_theme_switch_changes_colours_and_is_remembered(browser):
    """First what the machine asks for, then what the reader clicks, also on the next page."""
    look = (
        "() => [document.documentElement.dataset.theme,"
        " getComputedStyle(document.body).backgroundColor,"
        " getComputedStyle(document.querySelector('article p')).color,"
        " getComputedStyle(document.querySelector('article figure img') || document.body).filter]"
    )
    with offline_page(browser, color_scheme="dark") as (page, _):
        open_page(page, "chapters/model")
        assert page.evaluate("() => document.documentElement.dataset.mode") == "auto"
        dark = page.evaluate(look)
        switch_theme(page, "light")
        light = page.evaluate(look)
        assert (dark[0], light[0]) == ("dark", "light")
        assert all(a != b for a, b in zip(dark, light, strict=True)), (dark, light)
        open_page(page, "chapters/intro")
        assert page.evaluate("() => document.documentElement.dataset.theme") == "light"


def test_figures_show_the_page_through_in_the_dark(browser):
    """The corner of a figure has the colour of the page, so no frame is seen around it."""
    with offline_page(browser) as (page, _):
        open_page(page, "chapters/model")
        switch_theme(page, "dark")
        figure = page.locator("article figure img").first
        figure.scroll_into_view_if_needed()
        box = figure.bounding_box()
        clip = {"x": box["x"] - 3, "y": box["y"] + 2, "width": 6, "height": 4}
        shot = page.screenshot(clip=clip)
        assert page.evaluate("bytes => look.colours(bytes)", list(shot)) == 1


def test_the_search_finds_quotes_and_leads(browser):
    """Through the theme's own dialog, by keyboard, to a chapter that holds the word."""
    with offline_page(browser) as (page, _):
        open_page(page, "chapters/intro")
        page.keyboard.press("Control+k")
        page.locator("input[type=search]:visible").first.fill("tricritical")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search.html?q=tricritical*")
        found = page.locator("#search-results li", has=page.locator("a[href*='calibration']"))
        found.first.wait_for()
        assert "tricritical" in found.first.locator("p.context").inner_text()
        page.wait_for_function("() => document.querySelector('.search-summary').innerText")
        found.first.locator("a").click()
        page.wait_for_url("**/chapters/calibration.html*")
        assert "Calibration" in page.locator("article h1").inner_text()
        assert "tricritical" in page.locator("article").inner_text()


def test_the_search_says_when_it_finds_nothing(browser):
    with offline_page(browser) as (page, _):
        page.goto((HTML / "search.html").as_uri() + "?q=zyxwvut")
        page.locator(".search-summary").filter(has_text="did not match").wait_for()
        assert page.locator("#search-results li").count() == 0


def test_the_notebook_of_a_chapter_can_be_taken_away(browser, tmp_path):
    with offline_page(browser, accept_downloads=True) as (page, _):
        open_page(page, "chapters/model")
        page.locator("button[aria-label='Download this page']").click()
        link = page.locator("a.btn-download-source-button")
        assert link.get_attribute("href").endswith("model.ipynb")
        with page.expect_download() as download:
            link.click()
        assert download.value.suggested_filename == "model.ipynb"
        saved = tmp_path / "model.ipynb"
        download.value.save_as(saved)
        assert saved.read_bytes() == (ROOT / "notebooks" / "model.ipynb").read_bytes()


def test_the_keyboard_reader_sees_where_he_is(browser):
    """Tab first offers to skip the side bar; everything that takes the focus shows it."""
    with offline_page(browser) as (page, _):
        open_page(page, "chapters/model")
        page.keyboard.press("Tab")
        assert "Skip to main content" in page.evaluate("() => document.activeElement.innerText")
        for _ in range(25):
            page.keyboard.press("Tab")
            assert page.evaluate("look.focusIsSeen()"), page.evaluate(
                "() => document.activeElement.outerHTML.slice(0, 200)"
            )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", pages())
def test_axe_finds_nothing(browser, name, theme):
    with offline_page(browser) as (page, _):
        open_page(page, name)
        if not page.locator("article.bd-article").count():
            return  # the search and the index are the theme's
        switch_theme(page, theme)
        page.add_script_tag(path=AXE)
        assert page.evaluate(OURS) == []


def swipe(page, dx, dy):
    """A finger on the middle of the first slider of Explore, moved by (dx, dy)."""
    slider = page.locator(".cedrag-live input[name=J]")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    x, y = box["x"] + 0.3 * box["width"], box["y"] + 0.5 * box["height"]
    session = page.context.new_cdp_session(page)
    steps = 12
    for i in range(steps + 1):
        kind = "touchStart" if i == 0 else "touchMove"
        point = {"x": x + dx * i / steps, "y": y + dy * i / steps}
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        page.wait_for_timeout(16)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(300)
    shown = page.locator("output[id$=-J-value]").inner_text()
    return float(shown.split()[0]), page.evaluate("() => window.scrollY")


def test_a_finger_that_scrolls_moves_no_slider(browser):
    with offline_page(browser, has_touch=True) as (page, _):
        page.set_viewport_size(PHONE)
        open_page(page, "chapters/live")
        page.wait_for_timeout(300)
        before = float(page.locator("output[id$=-J-value]").inner_text().split()[0])
        page.locator(".cedrag-live input[name=J]").scroll_into_view_if_needed()
        at = page.evaluate("() => window.scrollY")
        after, scrolled = swipe(page, 0, -150)
        assert after == before
        assert scrolled > at + 50
        sideways, _ = swipe(page, 60, 4)
        assert abs(sideways - before) > 0.5


def test_a_figure_enlarges_in_place(browser):
    with offline_page(browser) as (page, _):
        open_page(page, "chapters/diode")
        page.locator("a.figure-alone").first.click()
        dialog = page.locator("dialog.enlarged")
        assert dialog.is_visible()
        assert len(dialog.locator("img").get_attribute("alt")) > 30
        page.keyboard.press("Escape")
        assert page.locator("dialog.enlarged").count() == 0


@pytest.mark.parametrize(
    ("name", "target", "words"),
    [
        ("chapters/diode", "symbols.html#term-critical-currents", "critical currents"),
        ("chapters/diode", "ginzburg_landau.html#equation-", "(2.7)"),
        ("chapters/diode", "#fig-dio-current", "Counterflow current"),
        ("chapters/diode", "references.html#", "Hui"),
    ],
)
def test_a_link_shows_on_a_card_where_it_leads(browser, name, target, words):
    with offline_page(browser) as (page, _):
        open_page(page, name)
        link = page.locator(f".bd-article a.reference.internal[href^='{target}']").first
        link.hover()
        card = page.locator(".book-card")
        card.wait_for(timeout=5_000)
        assert words in card.inner_text()
        assert card.locator("mjx-merror").count() == 0
        page.mouse.move(0, 0)
        card.wait_for(state="detached", timeout=5_000)


def test_panels_stack_on_a_phone(browser):
    """Side by side on a desk, one below the other on a phone, with labels of 11 pixels or more."""
    with offline_page(browser) as (page, _):
        open_page(page, "chapters/diode")
        # its panels have labels of their own, or take those along that they share
        for name in ("#fig-dio-eta", "#fig-dio-why"):
            page.set_viewport_size(DESK)
            figure = page.locator(name)
            assert figure.locator(".panel:visible").count() == 0
            page.set_viewport_size(PHONE)
            boxes = [panel.bounding_box() for panel in figure.locator(".panel").all()]
            assert len(boxes) == 2
            assert boxes[1]["y"] >= boxes[0]["y"] + boxes[0]["height"]
            cuts = figure.locator("img[data-panels]").get_attribute("data-panels").split(",")
            for cut, box in zip(cuts, boxes, strict=True):
                edges = [float(edge) for edge in cut.split()]
                points = sum(edges[1::2]) - sum(edges[::2])
                assert 10.0 * box["width"] / points >= 11.0
