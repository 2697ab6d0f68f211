"""Every page of the built book in headless Chromium, from ``file://``, on a desktop and on a phone.

Needs the book (``make book``) and Debian's chromium.
Without them the tests are skipped on a desk and fail in CI.
"""

import importlib.util
import os
import shutil
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
WIDTHS = (360, 1280)
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
OVERFLOW = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
  .map(e => e.tagName + '.' + e.className).slice(0, 5)"""


def pages():
    """All pages of the table of contents, and the search page."""
    spec = importlib.util.spec_from_file_location("check_book", ROOT / "tools" / "check_book.py")
    check_book = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check_book)
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [*check_book.toc_pages(toc), "search"]


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


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", pages())
def test_page_reads_offline(browser, name, width):
    context = browser.new_context(viewport={"width": width, "height": 800}, offline=True)
    page = context.new_page()
    errors, failed, outside = [], [], []
    page.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else 0
    )
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("file:", "data:", "blob:"))
            else outside.append(request.url)
        ),
    )
    page.goto((HTML / f"{name}.html").as_uri(), wait_until="load")
    page.evaluate(TYPESET)
    try:
        assert (errors, failed, outside) == ([], [], [])
        assert page.locator("h1").count() >= 1
        assert page.locator("mjx-merror").count() == 0
        formulas = page.locator("article .math").count()
        assert page.locator("article .math mjx-container").count() >= formulas
        scrolled = page.evaluate("() => document.documentElement.scrollWidth")
        assert scrolled <= width, f"scrolls sideways because of {page.evaluate(OVERFLOW)}"
    finally:
        context.close()
