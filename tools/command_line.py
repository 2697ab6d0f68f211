"""Write what the command prints into the examples of ``chapters/command_line.md``."""

import contextlib
import io
import re
from pathlib import Path

from cedrag.cli import main

PAGE = Path(__file__).resolve().parent.parent / "chapters" / "command_line.md"


def example(found):
    """The fenced block of one command with its present output."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        main(found[1].split())
    return f"```console\n$ cedrag {found[1]}\n{out.getvalue()}{err.getvalue()}```"


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(re.sub(r"```console\n\$ cedrag (.*)\n[^`]*```", example, text))
