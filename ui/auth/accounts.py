"""User accounts: names, roles and hashed passwords in `users.json`.

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

MIN_PASSWORD_CHARS = 8
"""Fewer are refused."""

MAX_PASSWORD_CHARS = 1024
"""More are refused: hashing them is wasted work."""

_NAME = re.compile(r"[\w.@+-]{1,64}")


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of checking one password by scrypt (RFC 7914)."""

    n: int = 1 << 15
    """Times `r` times 128 bytes is the memory: 32 MiB."""
    r: int = 8
    p: int = 3


@dataclass(frozen=True, slots=True)
class User:
    """One account."""

    name: str
    administrator: bool
    """True for a user who may refresh and review."""
    salt: str
    """Base64; random for each password."""
    hashed: str
    """Base64 of scrypt's 32 bytes."""
    cost: Cost = Cost()
    """When the password was set."""

    def has_password(self, password: str) -> bool:
        """Return whether this is the password; takes the same time either way."""
        hashed = _scrypt(password, self.salt, self.cost)
        return hmac.compare_digest(hashed, base64.b64decode(self.hashed))


class Accounts:
    """The accounts of an atlas.

    Parameters
    ----------
    path : Path
        The file; it need not exist.
    cost : Cost
        Of passwords that are set from now on; tests use a lower one.
    """

    def __init__(self, path: Path, cost: Cost | None = None) -> None:
        self.path, self._cost = path, cost or Cost()
        self._lock = threading.Lock()
        self._read: tuple[object, dict[str, User]] = (None, {})
        # Unknown names are checked against this one, so that the response time does not reveal
        # which names exist.
        self._nobody = User("", False, _random_base64(16), _random_base64(32), self._cost)

    def users(self) -> dict[str, User]:
        """Return all users by name.

        Raises
        ------
        AtlasError
            If the file exists and cannot be read: then nobody may sign in.
        """
        with self._lock:
            try:
                facts = self.path.stat()
            except (FileNotFoundError, NotADirectoryError):
                self._read = (None, {})
                return {}
            except OSError as error:
                raise AtlasError(f"cannot read {self.path}: {error.strerror}") from error
            version = (facts.st_ino, facts.st_mtime_ns, facts.st_size)
            if self._read[0] != version:
                self._read = (version, _parsed(self.path))
            return self._read[1]

    def verify(self, name: str, password: str) -> User | None:
        """Return the user if name and password match, else None, in the same time."""
        user = self.users().get(name, self._nobody)
        right = len(password) <= MAX_PASSWORD_CHARS and user.has_password(password)
        return user if right and user is not self._nobody else None

    def add(self, name: str, password: str, administrator: bool = False) -> User:
        """Add an account.

        Raises
        ------
        BadRequest
            If the name or the password is invalid, or the name is taken.
        """
        if not _NAME.fullmatch(name):
            raise BadRequest(
                f"{name!r} cannot be a name", "use up to 64 letters, digits and . _ - + @"
            )
        checked(password)

        def added(users: dict[str, User]) -> None:
            if name in users:
                raise BadRequest(f"there is a user {name}", f"lfm user password {name}")
            users[name] = _new_user(name, password, administrator, self._cost)

        return self._change(added)[name]

    def set_password(self, name: str, password: str) -> None:
        """Change a password, and end the sessions of that user.

        Raises
        ------
        NotFound
            If there is no such user.
        BadRequest
            If the password is invalid.
        """
        checked(password)

        def changed(users: dict[str, User]) -> None:
            old = _existing(users, name)
            users[name] = _new_user(name, password, old.administrator, self._cost)

        self._change(changed)

    def remove(self, name: str) -> None:
        """Remove an account, and end its sessions.

        Raises
        ------
        NotFound
            If there is no such user.
        """
        self._change(lambda users: users.pop(_existing(users, name).name))

    def _change(self, change: Callable[[dict[str, User]], object]) -> dict[str, User]:
        users = dict(self.users())
        change(users)
        records = [asdict(users[name]) for name in sorted(users)]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self.path, json.dumps({"users": records}, indent=1).encode() + b"\n")
        except OSError as error:
            raise cannot_write(self.path, error) from error
        return users


def checked(password: str) -> str:
    """Return the password if its length is allowed.

    Raises
    ------
    BadRequest
        If it is too short or too long.
    """
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise BadRequest(
            f"a password has {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters",
            "several words are a good one",
        )
    return password


def _new_user(name: str, password: str, administrator: bool, cost: Cost) -> User:
    salt = _random_base64(16)
    hashed = base64.b64encode(_scrypt(password, salt, cost)).decode()
    return User(name, administrator, salt, hashed, cost)


def _random_base64(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()


def _scrypt(password: str, salt: str, cost: Cost) -> bytes:
    return hashlib.scrypt(
        password.encode(errors="surrogatepass"),
        salt=base64.b64decode(salt),
        n=cost.n,
        r=cost.r,
        p=cost.p,
        maxmem=256 * cost.n * cost.r,
        dklen=32,
    )


def _existing(users: dict[str, User], name: str) -> User:
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


def _user(record: dict[str, Any]) -> User:
    user = User(**{**record, "cost": Cost(**record["cost"])})
    if not isinstance(user.administrator, bool) or not _NAME.fullmatch(user.name):
        raise ValueError("no user")
    for text in (user.salt, user.hashed):
        base64.b64decode(text, validate=True)
    return user
