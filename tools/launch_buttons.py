"""Sphinx extension: the theme's Binder and Colab buttons, once the project has a public address.

The address stands in ``pyproject.toml`` alone.  The theme would open the source of a page; a reader
gets the notebook that ``clean_notebooks.py`` makes of it.
"""

import tomllib
from pathlib import Path

SERVICES = {
    "binderhub_url": "https://mybinder.org",
    "colab_url": "https://colab.research.google.com",
    "notebook_interface": "jupyterlab",
}
AFTER_THE_THEME = 900


def configure(app, config):
    """Tell the theme where the project is, if it is anywhere."""
    text = Path(app.srcdir, "pyproject.toml").read_text(encoding="utf-8")
    address = tomllib.loads(text)["tool"]["cedrag"]["repository"]
    if address:
        config.html_theme_options["repository_url"] = address
        config.html_theme_options["launch_buttons"] = SERVICES


def open_clean_notebooks(app, pagename, templatename, context, doctree):
    """Lead the buttons of one page to the notebook for readers."""
    for group in context.get("header_buttons", []):
        if group.get("label") == "launch-buttons":
            for button in group["buttons"]:
                button["url"] = button["url"].replace("/chapters/", "/notebooks/")


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", configure)
    app.connect("html-page-context", open_clean_notebooks, priority=AFTER_THE_THEME)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
