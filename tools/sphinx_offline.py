"""Sphinx extension: the built pages load nothing from a server.

MathJax comes from the pip package sphinx-mathjax-offline.
Only its single-file build is copied: SVG output needs no fonts, "full" needs no later loading.
Thebe, which Jupyter Book always adds, would call a server for a kernel: it is taken off.
So are the theme's font preloads, which a browser refuses on ``file://``; the style sheet loads
the same fonts.
The mark that tells nbval which cells to compare means nothing to a reader and is taken off, too.
"""

import re
from importlib.util import find_spec
from pathlib import Path
from shutil import copyfile

MATHJAX = "mathjax/tex-svg-full.js"
AFTER_THE_OTHERS = 900
REMOVED = re.compile(
    r'<link rel="preload" as="font"[^>]*>'
    r'|<script type="text/x-thebe-config">.*?</script>'
    r"|<script>kernelName = [^<]*</script>"
    r'|<span class="c1"># NBVAL_CHECK_OUTPUT</span>\n',
    re.DOTALL,
)


def copy_mathjax(app):
    """Put MathJax below ``_static`` before Sphinx checks which files it may link."""
    package = find_spec("sphinx-mathjax-offline").submodule_search_locations[0]
    target = Path(app.outdir, "_static", MATHJAX)
    target.parent.mkdir(parents=True, exist_ok=True)
    copyfile(Path(package, "static", MATHJAX), target)


def _is_thebe(asset):
    body = getattr(asset, "attributes", {}).get("body") or ""
    return "thebe" in str(getattr(asset, "filename", asset)) or "thebe" in body


def drop_thebe(app, pagename, templatename, context, doctree):
    """Remove the scripts and the style sheet of sphinx-thebe from one page."""
    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context.get(kind, []) if not _is_thebe(asset)]


def clean_pages(app, exception):
    """Remove from the written pages what the templates add without asking."""
    if exception is None and app.builder.format == "html":
        for page in Path(app.outdir).rglob("*.html"):
            page.write_text(REMOVED.sub("", page.read_text(encoding="utf-8")), encoding="utf-8")


def setup(app):
    """Register with Sphinx."""
    app.config.mathjax_path = MATHJAX
    app.connect("builder-inited", copy_mathjax)
    app.connect("html-page-context", drop_thebe, priority=AFTER_THE_OTHERS)
    app.connect("build-finished", clean_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
