"""Who is signed in: sessions by random token, kept in memory and forgotten at the server's end."""

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from ui.auth.accounts import Accounts, User

LASTS = 7 * 24 * 3600
"""Seconds after which one signs in anew."""

MOST = 1_000
"""Sessions at a time; beyond, the one that was used longest ago ends."""

COOKIE = "lfm-session"


@dataclass(frozen=True, slots=True)
class _Session:
    user: User
    """As it was at the sign-in: another password, or another role, ends the session."""
    ends: float


class Sessions:
    """The sessions of one server.

    Parameters
    ----------
    accounts : Accounts
    clock : callable
        Seconds since the epoch.
    """

    def __init__(self, accounts: Accounts, clock: Callable[[], float] = time.time) -> None:
        self._accounts, self._clock = accounts, clock
        self._lock = threading.Lock()
        self._open: OrderedDict[str, _Session] = OrderedDict()
        # Programs send their password with each request, and checking it takes as long as it
        # does on purpose: what was right once is remembered, in a form of no use elsewhere.
        self._known: OrderedDict[bytes, User] = OrderedDict()
        self._secret = secrets.token_bytes(32)

    def open(self, user: User) -> str:
        """Begin a session and return its token."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._open[_name(token)] = _Session(user, self._clock() + LASTS)
            while len(self._open) > MOST:
                self._open.popitem(last=False)
        return token

    def close(self, token: str) -> None:
        """End a session."""
        with self._lock:
            self._open.pop(_name(token), None)

    def user(self, token: str) -> User | None:
        """Return whose session it is; None where it has ended, or the account has changed."""
        name = _name(token)
        with self._lock:
            session = self._open.get(name)
            if session is None:
                return None
            user = session.user
            if self._clock() >= session.ends or self._accounts.users().get(user.name) != user:
                del self._open[name]
                return None
            self._open.move_to_end(name)
            return user

    def known(self, name: str, password: str) -> User | None:
        """Return the user if `remember` was told that this is the password, and it still is."""
        with self._lock:
            user = self._known.get(self._sealed(name, password))
        return user if user and self._accounts.users().get(name) == user else None

    def remember(self, user: User, password: str) -> None:
        """Remember that this is the user's password."""
        with self._lock:
            self._known[self._sealed(user.name, password)] = user
            while len(self._known) > MOST:
                self._known.popitem(last=False)

    def _sealed(self, name: str, password: str) -> bytes:
        told = f"{name}\0{password}".encode(errors="surrogatepass")
        return hmac.digest(self._secret, told, "sha256")


def _name(token: str) -> str:
    # What is looked up is not the token itself: how long that takes tells nothing of it.
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
