"""How long texts and lists of a row may be."""

from typing import Final

MAX_TEXT_BYTES: Final = 65_535
"""The longest text that Milvus takes."""

MAX_NAME_BYTES: Final = 1_024
MAX_VALUE_BYTES: Final = 1_024
MAX_VALUES: Final = 1_024
