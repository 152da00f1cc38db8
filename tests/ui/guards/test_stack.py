"""The order of the guards is the one that the module's docstring tells."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.support.serving import echo
from ui.auth.accounts import Accounts
from ui.auth.authenticator import Authenticator
from ui.guards import stack
from ui.guards.guard import Guard
from ui.web import content


def modules(app: Any) -> Iterator[str]:
    while isinstance(app, Guard):
        yield type(app).__module__.rpartition(".")[2]
        app = app.app


def test_requests_pass_the_guards_in_the_documented_order(tmp_path: Path) -> None:
    authenticator = Authenticator(Accounts(tmp_path / "users.json"))
    every = stack.with_guards(echo, authenticator, bound="127.0.0.1", local_only=True)
    gradio = content._guarded(echo, SimpleNamespace(fns={}, blocks={}), {}, alone=True)
    documented = re.findall(r"^    (\w+)  ", stack.__doc__ or "", re.MULTILINE)
    assert documented == [*modules(every), *modules(gradio)]
