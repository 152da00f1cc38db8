"""The `lfm` command: parse, call the library, render."""
