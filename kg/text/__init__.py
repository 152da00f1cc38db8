"""Plain text, LaTeX, partial dates, word stems and venue names: functions of strings."""
