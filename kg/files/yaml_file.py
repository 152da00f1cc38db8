"""YAML files whose errors name the line."""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import yaml
from yaml.reader import Reader

from kg.errors import BadSource, BadTaxonomy

# libyaml's loader is ten times as fast, but a PyYAML built without it lacks it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_DEPTH = 16
"""Levels of nesting that are read."""


class YamlFile:
    """A YAML file, read node by node so that each error names its line.

    Parameters
    ----------
    error : type
        Class of the errors, `BadTaxonomy` or `BadSource`; the first mistake raises one.
    """

    def __init__(self, path: Path, error: type[BadTaxonomy | BadSource]) -> None:
        self.path = path
        self.error = error
        try:
            data = path.read_bytes()
            text = data.decode("utf-8-sig")
            self._check_depth(text)
            root = yaml.compose(text, Loader=_LOADER)
        except OSError as problem:
            raise error(path, None, f"cannot be read ({problem.strerror})") from None
        except UnicodeDecodeError as problem:
            line = data.count(b"\n", 0, problem.start) + 1
            raise error(path, line, "is not UTF-8", "save it as UTF-8") from None
        except yaml.MarkedYAMLError as problem:
            mark = problem.problem_mark
            # What is never closed is noticed at the end; the line where it was opened helps more.
            if mark is None or mark.index >= len(text.rstrip()):
                mark = problem.context_mark or mark
            place = min(mark.line, text.rstrip().count("\n")) + 1 if mark else None
            raise error(path, place, f"is not YAML ({problem.problem})") from None
        except yaml.YAMLError as problem:
            # Only a character that YAML forbids is reported without a mark.
            bad = Reader.NON_PRINTABLE.search(text)
            place = text.count("\n", 0, bad.start()) + 1 if bad else None
            raise error(path, place, f"is not YAML ({problem})", "remove the character") from None
        if root is None:
            raise error(path, 1, "is empty")
        self.root: yaml.Node = root

    def _check_depth(self, text: str) -> None:
        # Composing recurses, in C without a limit, so a million brackets would end the process.
        depth = 0
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MAX_DEPTH:
                line = event.start_mark.line + 1 if event.start_mark else None
                raise self.error(self.path, line, f"is nested more than {MAX_DEPTH} deep")

    def refuse(self, node: yaml.Node, message: str, mend: str = "") -> NoReturn:
        """Raise an error at the line on which `node` starts."""
        raise self.error(self.path, node.start_mark.line + 1, message, mend)

    def items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        """Return the nodes of a sequence."""
        if not isinstance(node, yaml.SequenceNode):
            self.refuse(node, f"{what} must be a list")
        return list(node.value)

    def pairs(self, node: yaml.Node, what: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """Return the key and value nodes of a mapping by the key's text, which is unique."""
        if not isinstance(node, yaml.MappingNode):
            self.refuse(node, f"{what} must be a mapping of keys to values")
        pairs: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            if (name := self.text(key, f"a key of {what}")) in pairs:
                self.refuse(key, f"key {name!r} of {what} comes twice", "keep one of them")
            pairs[name] = (key, value)
        return pairs

    def fields(
        self, node: yaml.Node, what: str, required: Sequence[str], optional: Sequence[str]
    ) -> dict[str, yaml.Node]:
        """Return the values of a mapping that has all required keys and no unknown one."""
        pairs = self.pairs(node, what)
        for name, (key, _) in pairs.items():
            if name not in required and name not in optional:
                known = ", ".join((*required, *optional))
                self.refuse(key, f"{what} has an unknown key {name!r}", f"the keys are {known}")
        for name in required:
            if name not in pairs:
                self.refuse(node, f"{what} has no {name}", f"add `{name}:`")
        return {name: value for name, (_, value) in pairs.items()}

    def text(self, node: yaml.Node, what: str) -> str:
        """Return the text of a scalar, on one line."""
        if not isinstance(node, yaml.ScalarNode) or node.tag != "tag:yaml.org,2002:str":
            self.refuse(node, f"{what} must be text", "put it in quotes if it looks like a number")
        if not (text := " ".join(node.value.split())):
            self.refuse(node, f"{what} is empty")
        return text
