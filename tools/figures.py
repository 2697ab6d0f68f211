"""What a page must know of a figure: its width, whether it is a map, and where its panels part.

On a phone the panels of a figure stack.  They are cut from the one SVG, at the free strip left of
each panel's labels.  A figure whose panels share labels or a legend is not cut: it scrolls.
"""

import re
from itertools import pairwise

SIZE = re.compile(r'<svg [^>]*?viewBox="0 0 ([\d.]+) ([\d.]+)"')
AXES = re.compile(r'^  <g id="axes_(\d+)">$(.*?)^  </g>$', re.MULTILINE | re.DOTALL)
BOX = re.compile(
    r'<g id="patch_\d+">\s*<path d="'
    r"M ([\d.-]+) ([\d.-]+) \nL ([\d.-]+) [\d.-]+ \nL [\d.-]+ ([\d.-]+)"
)
TEXT = re.compile(r'<g transform="translate\(([\d.-]+) [\d.-]+\)( rotate)?')
GLYPHS = re.compile(r"scale\(([\d.]+) -[\d.]+\)")  # a hundredth of the size of the letters
SHARED = re.compile(r'^  <g id="(?:legend|text)_\d+">', re.MULTILINE)
ASCENT, AIR = 10.0, 3.0  # points
NARROW = 0.2  # of the figure's width: a colour bar, no panel


def panels(svg):
    """(left, right) of each column of panels in points; empty where the figure stays whole."""
    width = float(SIZE.search(svg)[1])
    if SHARED.search(svg):
        return []
    columns = []  # left edge of the frame, right edge, leftmost label
    for _, content in AXES.findall(svg):
        frame = BOX.search(content)
        if frame is None:
            continue  # twin axes: they have the frame of their host
        left, _, right, _ = map(float, frame.groups())
        if right - left < NARROW * width:
            continue
        texts = [
            float(x) - (ASCENT if turned else 0.0)
            for x, turned in TEXT.findall(content)
            if float(x) > 0.0
        ]
        labels = [x for x in texts if x < left]
        if not labels:
            return []  # it shares the labels of its neighbour
        columns.append((left, right, min(labels)))
    columns.sort()
    edges, end = [], 0.0
    for left, right, labels in columns:
        if edges and left < end:  # below another panel, or its twin axes
            edges[-1] = min(edges[-1], labels)
        elif edges and labels < end:
            return []
        else:
            edges.append(labels)
        end = max(end, right)
    if len(edges) < 2:
        return []
    cuts = [0.0, *(edge - AIR for edge in edges[1:]), width]
    return list(pairwise(cuts))


def smallest_text(svg):
    """Size of the smallest label in points, 10 if there is none; indices do not count."""
    sizes = [100.0 * float(scale) for scale in GLYPHS.findall(svg)]
    return min(sizes, default=10.0)


def attributes(svg):
    """What the page writes on the picture: class and data, as HTML attributes."""
    width, height = SIZE.search(svg).groups()
    size = f"{float(width):.0f} {float(height):.0f} {smallest_text(svg):.1f}"
    words = [f'data-size="{size}"']
    if "<image " in svg:
        words.append('class="map"')  # its colours are data, dark page or not
    if cut := panels(svg):
        words.append('data-panels="' + ",".join(f"{a:.0f} {b:.0f}" for a, b in cut) + '"')
    return " ".join(words)
