"""What a page must know of a figure: its width, whether it is a map, and where its panels part.

On a phone the panels of a figure stack.  They are cut from the one SVG, at the free strip left of
each panel's labels.  A panel that shares the labels of the one on its left takes them along.
A figure whose panels share a legend or a heading is not cut: it scrolls.
"""

import re
from itertools import pairwise

SIZE = re.compile(r'<svg [^>]*?viewBox="0 0 ([\d.]+) ([\d.]+)"')
AXES = re.compile(r'^  <g id="axes_(\d+)">$(.*?)^  </g>$', re.MULTILINE | re.DOTALL)
BOX = re.compile(
    r'<g id="patch_\d+">\s*<path d="'
    r"M ([\d.-]+) ([\d.-]+) \nL ([\d.-]+) [\d.-]+ \nL [\d.-]+ ([\d.-]+)"
)
TEXT = re.compile(r'<g transform="translate\(([\d.-]+) ([\d.-]+)\)( rotate)?')
GLYPHS = re.compile(r"scale\(([\d.]+) -[\d.]+\)")  # a hundredth of the size of the letters
FILLED = re.compile(r'<g id="QuadContourSet_\d+">(?:(?!</g>).)*?style="fill: #', re.DOTALL)
SHARED = re.compile(r'^  <g id="(?:legend|text)_\d+">', re.MULTILINE)
ASCENT, AIR, TICK = 10.0, 3.0, 4.0  # points
NARROW = 0.2  # of the figure's width: a colour bar, no panel


def frame_and_labels(axes):
    """Of one panel: left and right of its frame, where labels begin, whether its y axis has any."""
    frame = BOX.search(axes)
    if frame is None:
        return None  # twin axes: they have the frame of their host
    left, bottom, right, top = map(float, frame.groups())
    texts = [
        (float(x) - (ASCENT if turned else 0.0), float(y)) for x, y, turned in TEXT.findall(axes)
    ]
    outside = [(x, y) for x, y in texts if 0.0 < x < left]
    own = any(top - TICK < y < bottom + TICK for _, y in outside)
    return left, right, min([left - TICK, *(x for x, _ in outside)]), own


def columns_of(svg):
    """[left, right, where the labels begin, own labels] of each column of panels; None if mixed."""
    width = float(SIZE.search(svg)[1])
    found = [frame_and_labels(content) for _, content in AXES.findall(svg)]
    columns = []
    for left, right, labels, own in sorted(panel for panel in found if panel):
        if right - left < NARROW * width:
            continue
        if columns and left < columns[-1][1]:  # below another panel, or its twin axes
            last = columns[-1]
            if last[3] != own:
                return None
            last[1], last[2] = max(last[1], right), min(last[2], labels)
        else:
            columns.append([left, right, labels, own])
    return columns


def panels(svg):
    """What each column of panels shows, in points; empty where the figure stays whole.

    Each is (left, right), or (left, right, left, right): first the labels it shares, then itself.
    """
    width = float(SIZE.search(svg)[1])
    columns = None if SHARED.search(svg) else columns_of(svg)
    if not columns or len(columns) < 2 or not columns[0][3]:
        return []
    cuts = [0.0]
    for (_, end, _, _), (_, _, labels, _) in pairwise(columns):
        if labels < end:
            return []
        cuts.append(labels - min(AIR, 0.5 * (labels - end)))
    parts = list(pairwise([*cuts, width]))
    shown, shared = [], ()
    for (left, _, _, own), part in zip(columns, parts, strict=True):
        shared = (part[0], left - 0.5) if own else shared  # without the line of the frame
        shown.append(part if own else (*shared, *part))
    return shown


def smallest_text(svg):
    """Size of the smallest label in points, 10 if there is none; indices do not count."""
    sizes = [100.0 * float(scale) for scale in GLYPHS.findall(svg)]
    return min(sizes, default=10.0)


def attributes(svg):
    """What the page writes on the picture: class and data, as HTML attributes."""
    width, height = SIZE.search(svg).groups()
    size = f"{float(width):.0f} {float(height):.0f} {smallest_text(svg):.1f}"
    words = [f'data-size="{size}"']
    if "<image " in svg or FILLED.search(svg):
        words.append('class="map"')  # its colours are data, dark page or not
    if cut := panels(svg):
        parts = (" ".join(f"{edge:.1f}" for edge in part) for part in cut)
        words.append('data-panels="' + ",".join(parts) + '"')
    return " ".join(words)
