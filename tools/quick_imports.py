"""Imported first by what reads notebooks: jsonschema then loads in a tenth of the time.

Its check of addresses in a schema builds a grammar at import, 2 s in every process.  A notebook's
schema has no addresses; without the grammar jsonschema skips that check.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)
