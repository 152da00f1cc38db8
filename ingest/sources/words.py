"""Words that the records and lists of several sources have in common."""

import re
from typing import Final

MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

ET_AL: Final = re.compile(r"[\s,]*\bet\.?\s+al\b.*", re.IGNORECASE | re.DOTALL)
""""et al." with what stands around and behind it."""
