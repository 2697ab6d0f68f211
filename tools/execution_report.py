"""``execution_report.py _build/html``: the traceback of every chapter that failed to execute."""

import sys
from pathlib import Path


def main(html):
    """Print all execution reports below the built book."""
    for report in sorted(Path(html).glob("reports/**/*.log")):
        print(f"\n===== {report} =====\n{report.read_text(encoding='utf-8')}", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1])
