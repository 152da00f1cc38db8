"""Bibliographies that take naive parsers long: each a function of its size in characters."""

from collections.abc import Callable

HOSTILE: dict[str, Callable[[int], str]] = {
    "braces that stay open": lambda n: "@article{a, title={" + "{" * n,
    "nested braces": lambda n: "@article{a, title={" + "{" * (n // 2) + "}" * (n // 2) + "}}",
    "an entry in a line, all open": lambda n: "@a{b, title={\n" * (n // 14),
    "entries without lines": lambda n: "@a{" * (n // 3),
    "quotes": lambda n: '@a{b, title="' + '"' * n,
    "fields without end": lambda n: "@a{b, " + "t=a " * (n // 4),
    "equals": lambda n: "@a{b," + "=" * n,
    "commas": lambda n: "@a{b" + "," * n,
    "one word": lambda n: "@a{b, title = " + "x" * n,
    "spaces": lambda n: "@a{b, title" + " " * n + "{x}}",
    "comments": lambda n: "@a{b,\n" + " %\n" * (n // 3),
    "percent signs": lambda n: "@a{b, " + "% " * (n // 2),
    "a macro of macros": lambda n: (
        "".join(f"@string{{m{i + 1} = m{i} # m{i}}}\n" for i in range(40))
        + "@a{b, title = " + "m40 # " * (n // 6) + "{x}}"
    ),
    "macros in every field": lambda n: (
        "@string{m = {" + "x" * 5_000 + "}}\n" + "@a{b,title=m}\n" * (n // 14)
    ),
    "authors": lambda n: "@a{b, title={x}, author={" + "a and " * (n // 6) + "b}}",
    "spaces between authors": lambda n: "@a{b, title={x}, author={a" + " " * n + "b}}",
    "many authors' braces": lambda n: "@a{b, author={" + "{a, b} and " * (n // 11) + "c}}",
    "accents": lambda n: "@a{b, title={" + r"\'{e}" * (n // 5) + "}}",
    "arXiv and spaces in a note": lambda n: "@a{b, note={arXiv" + " " * n + "}}",
    "arXiv and spaces in lines": lambda n: ("arXiv" + " " * 1_900 + "x\n") * (n // 1_906),
    "at signs": lambda n: "@" * n + "a{b, title={x}}",
    "at signs and spaces": lambda n: "@ " * (n // 2) + "a{b, title={x}}",
    "RIS that goes on": lambda n: "TY  - JOUR\nTI  - a\n" + "b\n" * (n // 2),
    "RIS of starts": lambda n: "TY  - JOUR\n" * (n // 11),
    "RIS with links": lambda n: "TY  - JOUR\nTI  - a\n" + "UR  - x\n" * (n // 8) + "ER  - \n",
    "Web of Science authors": lambda n: "PT J\nAU A\n" + "   B\n" * (n // 5) + "ER\n",
    "PubMed that goes on": lambda n: "PMID- 1\nAB  - a\n" + "      b\n" * (n // 8),
    "EndNote of starts": lambda n: "%0 J\n" * (n // 5),
    "RefWorks that goes on": lambda n: "RT Journal\nT1 a\n" + "b\n" * (n // 2),
    "brackets of JSON": lambda n: '[{"title": "a"}]' + "[" * n,
    "deep JSON": lambda n: '{"title": ' + "[" * n,
    "JSON of items": lambda n: "[" + '{"title":"a"},' * (n // 14) + "]",
    "JSON that is cut off": lambda n: '[{"title":"a"},{"title":"' + "b" * n,
    "a table of quotes": lambda n: 'title,doi\n"' + '""' * (n // 2),
    "a table of semicolons": lambda n: "title,authors\na," + ";" * (n // 2),
    "columns": lambda n: "title,doi" + "," * n + "\na,b\n",
    "XML comments": lambda n: "<!--" * (n // 4),
    "an XML tag": lambda n: "<" + "a:" * (n // 2),
    "lines": lambda n: "a\n" * (n // 2),
    "ids": lambda n: "2203.05482 " * (n // 11),
    "Markdown links": lambda n: "- [" * (n // 3),
    "bold": lambda n: "**a" * (n // 3),
    "DOIs": lambda n: "10.1000/" * (n // 8),
}  # fmt: skip
"""Names, and what makes the text."""
