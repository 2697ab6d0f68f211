"""Chapters are counted 1, 2, ... through the numbered parts, and appendices A, B, ...

One rule for the book (a Sphinx extension, which gives the appendix its letters) and for the
notebooks (:func:`page_numbers`).
"""

import re
import string
from pathlib import Path

import yaml

APPENDIX = "Appendix"


def _pages(entries):
    for entry in entries:
        if "file" in entry:
            yield re.sub(r"\.(md|ipynb)$", "", entry["file"])
        yield from _pages(entry.get("sections", []))


def page_numbers(toc):
    """Page -> "4", "B" or "" for all pages of a jb-book table of contents, in its order."""
    numbers = {toc["root"]: ""}
    chapter = 0
    for part in toc.get("parts", [{"chapters": toc.get("chapters", [])}]):
        letters = iter(string.ascii_uppercase)
        for page in _pages(part["chapters"]):
            if not part.get("numbered"):
                numbers[page] = ""
            elif part.get("caption") == APPENDIX:
                numbers[page] = next(letters)
            else:
                chapter += 1
                numbers[page] = str(chapter)
    return numbers


def _reletter(env, page, letter):
    """Give one page and its sections a letter in place of its number."""
    from docutils import nodes

    def changed(number):
        return (letter, *number[1:]) if number else number

    env.toc_secnumbers[page] = {
        anchor: changed(number) for anchor, number in env.toc_secnumbers[page].items()
    }
    for tree in env.tocs.values():
        for link in tree.findall(nodes.reference):
            if link.get("refuri") == page and link.get("secnumber"):
                link["secnumber"] = changed(link["secnumber"])
    title = env.titles[page]
    if "secnumber" in title:
        title["secnumber"] = changed(title["secnumber"])


def setup(app):
    """Register with Sphinx: letters come after the numbers and before the figures take them."""
    from sphinx.environment.collectors.toctree import TocTreeCollector

    toc = yaml.safe_load(Path(app.srcdir, "_toc.yml").read_text(encoding="utf-8"))
    letters = {page: number for page, number in page_numbers(toc).items() if number.isalpha()}
    assign = TocTreeCollector.assign_figure_numbers

    def assign_with_letters(self, env):
        for page, letter in letters.items():
            _reletter(env, page, letter)
        return assign(self, env)

    TocTreeCollector.assign_figure_numbers = assign_with_letters
    return {"parallel_read_safe": True, "parallel_write_safe": True}
