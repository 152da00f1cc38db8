"""What a page of the view graph draws and says."""

from html.parser import HTMLParser

from ui.page.visit import Page


class Drawing(HTMLParser):
    """What the HTML of a graph draws."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.nodes: dict[str, dict[str, str | None]] = {}
        self.lines: list[tuple[str, str, str]] = []
        self._kind = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "a" and "data-node" in given:
            assert given["data-node"] == str(len(self.nodes))
            self.nodes[given["data-id"] or ""] = given
        if tag == "g":
            self._kind = given.get("data-kind") or ""
        if tag == "path" and "data-ends" in given:
            source, target = (given["data-ends"] or "").split()
            self.lines.append((source, target, self._kind))

    def joined(self) -> set[tuple[str, str, str]]:
        """Return the lines by the numbers of the papers."""
        names = [one.rpartition(".")[2].lstrip("0") for one in self.nodes]
        return {(names[int(a)], names[int(b)], kind) for a, b, kind in self.lines}


def text_of(page: Page) -> str:
    """Return the text of a page, with single spaces."""
    return " ".join(page.body.striptags().split())
