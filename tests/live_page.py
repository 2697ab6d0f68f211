"""The page Explore as a reader meets it, for the tests in a browser."""

import os
import shutil

import pytest

from cedrag.view import live

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


def address(parameters):
    return "#" + "&".join(f"{name}={value!r}" for name, value in parameters.items())


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no chromium")
    from playwright.sync_api import sync_playwright  # the oldest versions are tested without it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The control alone on a page."""
    path = tmp_path_factory.mktemp("live") / "live.html"
    head = "<meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'>"
    path.write_text(f"<!doctype html><title>live</title>{head}{live.page()}", encoding="utf-8")
    return path


class Control:
    """The control as a reader meets it."""

    def __init__(self, page):
        self.page, self.complaints = page, []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text) if message.type in {"error", "warning"} else 0
            ),
        )
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("file:", "data:", "blob:"))
                else self.complaints.append(request.url)
            ),
        )

    def open(self, path, fragment=""):
        self.page.goto(path.as_uri() + fragment)
        # painted, so that the next "cedrag-drawn" belongs to the next move
        self.page.wait_for_function("document.querySelector('.cedrag-live')?.latency")
        return self

    def move_to(self, parameters):
        """Result, time to the picture (ms) and text after the address has named ``parameters``."""
        return self.page.evaluate(
            """(hash) => new Promise((done) => {
                 const root = document.querySelector(".cedrag-live");
                 root.addEventListener("cedrag-drawn", () => done({ result: root.result,
                   latency: root.latency, text: root.textContent }), { once: true });
                 location.hash = hash;
               })""",
            address(parameters),
        )

    def slider(self, name):
        return self.page.locator(f".cedrag-live input[name={name}]")

    def settle(self):
        """Wait until the address and the summary are written, and return the address."""
        self.page.wait_for_timeout(450)
        return self.page.evaluate("location.hash")

    def values(self):
        return {s["name"]: float(self.slider(s["name"]).input_value()) for s in live.SLIDERS}


@pytest.fixture
def control(browser):
    context = browser.new_context(viewport={"width": 1000, "height": 900}, offline=True)
    control = Control(context.new_page())
    yield control
    context.close()
    assert control.complaints == []
