"""The directive ``{live}``: the control of :mod:`cedrag.view.live` on a page, written out in full.

Nothing is added to other pages, and nothing is loaded.  Other formats than HTML get nothing.
"""

from docutils import nodes
from docutils.parsers.rst import Directive


class Live(Directive):
    """Put the control here."""

    def run(self):
        from cedrag.view import live

        environment = self.state.document.settings.env
        folder = live.__path__[0]
        for name in {"__init__.py", "live.css", *live.SOURCES["physics"], *live.SOURCES["page"]}:
            environment.note_dependency(f"{folder}/{name}")  # an edit rebuilds the page
        return [nodes.raw("", live.page(), format="html")]


def setup(app):
    """Register with Sphinx."""
    app.add_directive("live", Live)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
