"""Who may use the atlas over a network: names, roles and hashed passwords in `users.json`.

There are no accounts until the first is made. The file is read again whenever it has changed, so
that `lfm user` works beside a running server.
"""

import base64
import difflib
import hashlib
import hmac
import json
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kg.errors import AtlasError, BadRequest, NotFound, cannot_write
from kg.files.atomic import replace_file

SHORTEST = 8
"""Characters of the shortest password."""

LONGEST = 1024
"""Characters of the longest password: hashing more is work for nothing."""

_NAME = re.compile(r"[\w.@+-]{1,64}")


@dataclass(frozen=True, slots=True)
class Cost:
    """How much work one guess at a password is, by scrypt (RFC 7914)."""

    n: int = 1 << 15
    """Times `r` times 128 bytes is the memory: 32 MiB."""
    r: int = 8
    p: int = 3


@dataclass(frozen=True, slots=True)
class User:
    """Someone who may sign in."""

    name: str
    administrator: bool
    """True for whoever may refresh and review."""
    salt: str
    """Base64; another for each password."""
    hashed: str
    """Base64 of scrypt's 32 bytes."""
    cost: Cost = Cost()
    """As it was when the password was set."""

    def has(self, password: str) -> bool:
        """Return whether this is the password, in a time that tells nothing."""
        hashed = _hashed(password, self.salt, self.cost)
        return hmac.compare_digest(hashed, base64.b64decode(self.hashed))


class Accounts:
    """The accounts of an atlas.

    Parameters
    ----------
    path : Path
        The file; it need not exist.
    cost : Cost
        Of passwords that are set from now on; tests take less.
    """

    def __init__(self, path: Path, cost: Cost | None = None) -> None:
        self.path, self._cost = path, cost or Cost()
        self._lock = threading.Lock()
        self._read: tuple[object, dict[str, User]] = (None, {})
        # Checking a password against this takes as long as against anyone's: an answer's time
        # does not tell which names exist.
        self._nobody = User("", False, _text(16), _text(32), self._cost)

    def users(self) -> dict[str, User]:
        """Return all users by name.

        Raises
        ------
        AtlasError
            If the file is there and cannot be read: then nobody may come in.
        """
        with self._lock:
            try:
                facts = self.path.stat()
            except (FileNotFoundError, NotADirectoryError):
                self._read = (None, {})
                return {}
            except OSError as error:
                raise AtlasError(f"cannot read {self.path}: {error.strerror}") from error
            state = (facts.st_ino, facts.st_mtime_ns, facts.st_size)
            if self._read[0] != state:
                self._read = (state, _parsed(self.path))
            return self._read[1]

    def verified(self, name: str, password: str) -> User | None:
        """Return the user of this name if this is the password; takes the same time if not."""
        user = self.users().get(name, self._nobody)
        right = len(password) <= LONGEST and user.has(password)
        return user if right and user is not self._nobody else None

    def add(self, name: str, password: str, administrator: bool = False) -> User:
        """Make an account.

        Raises
        ------
        BadRequest
            If the name or the password is none, or the name is taken.
        """
        if not _NAME.fullmatch(name):
            raise BadRequest(
                f"{name!r} cannot be a name", "use up to 64 letters, digits and . _ - + @"
            )
        checked(password)

        def added(users: dict[str, User]) -> None:
            if name in users:
                raise BadRequest(f"there is a user {name}", f"lfm user password {name}")
            users[name] = _made(name, password, administrator, self._cost)

        return self._change(added)[name]

    def set_password(self, name: str, password: str) -> None:
        """Give a user another password; whoever is signed in by the old one is signed out.

        Raises
        ------
        NotFound
            If there is no such user.
        BadRequest
            If the password is none.
        """
        checked(password)

        def changed(users: dict[str, User]) -> None:
            old = _of(users, name)
            users[name] = _made(name, password, old.administrator, self._cost)

        self._change(changed)

    def remove(self, name: str) -> None:
        """Take an account away; whoever is signed in by it is signed out.

        Raises
        ------
        NotFound
            If there is no such user.
        """
        self._change(lambda users: users.pop(_of(users, name).name))

    def _change(self, change: Callable[[dict[str, User]], object]) -> dict[str, User]:
        users = dict(self.users())
        change(users)
        told = [asdict(users[name]) for name in sorted(users)]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self.path, json.dumps({"users": told}, indent=1).encode() + b"\n")
        except OSError as error:
            raise cannot_write(self.path, error) from error
        return users


def checked(password: str) -> str:
    """Return the password if it can be one.

    Raises
    ------
    BadRequest
        If it is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadRequest(
            f"a password has {SHORTEST} to {LONGEST} characters", "several words are a good one"
        )
    return password


def _made(name: str, password: str, administrator: bool, cost: Cost) -> User:
    salt = _text(16)
    hashed = base64.b64encode(_hashed(password, salt, cost)).decode()
    return User(name, administrator, salt, hashed, cost)


def _text(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()


def _hashed(password: str, salt: str, cost: Cost) -> bytes:
    return hashlib.scrypt(
        password.encode(errors="surrogatepass"),
        salt=base64.b64decode(salt),
        n=cost.n,
        r=cost.r,
        p=cost.p,
        maxmem=256 * cost.n * cost.r,
        dklen=32,
    )


def _of(users: dict[str, User], name: str) -> User:
    if name not in users:
        raise NotFound("user", name, difflib.get_close_matches(name, users, n=3))
    return users[name]


def _parsed(path: Path) -> dict[str, User]:
    try:
        document = json.loads(path.read_bytes())
        return {user.name: user for user in map(_user, document["users"])}
    except OSError as error:
        raise AtlasError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AtlasError(
            f"{path} is damaged", "move it away and make the accounts anew by `lfm user add`"
        ) from error


def _user(told: dict[str, Any]) -> User:
    user = User(**{**told, "cost": Cost(**told["cost"])})
    if not isinstance(user.administrator, bool) or not _NAME.fullmatch(user.name):
        raise ValueError("no user")
    for text in (user.salt, user.hashed):
        base64.b64decode(text, validate=True)
    return user
