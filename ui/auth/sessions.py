"""Sessions of signed-in users: random tokens, kept in memory until the server stops."""

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from ui.auth.accounts import Accounts, User

SESSION_S = 7 * 24 * 3600
"""Seconds from sign-in to the end of a session."""

MAX_SESSIONS = 1_000
"""Open sessions; one more ends the least recently used."""

COOKIE = "lfm-session"


@dataclass(frozen=True, slots=True)
class _Session:
    user: User
    """As at the sign-in: a change of password or role ends the session."""
    ends: float


class Sessions:
    """The sessions of one server.

    Parameters
    ----------
    clock : callable
        Seconds since the epoch.
    """

    def __init__(self, accounts: Accounts, clock: Callable[[], float] = time.time) -> None:
        self._accounts, self._clock = accounts, clock
        self._lock = threading.Lock()
        self._open: OrderedDict[str, _Session] = OrderedDict()
        # Programs send their password with each request, and scrypt is slow on purpose: a right
        # password is remembered by a keyed digest, which is of no use outside this process.
        self._known: OrderedDict[bytes, User] = OrderedDict()
        self._secret = secrets.token_bytes(32)

    def open(self, user: User) -> str:
        """Begin a session and return its token."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._open[_token_digest(token)] = _Session(user, self._clock() + SESSION_S)
            while len(self._open) > MAX_SESSIONS:
                self._open.popitem(last=False)
        return token

    def close(self, token: str) -> None:
        """End a session."""
        with self._lock:
            self._open.pop(_token_digest(token), None)

    def user(self, token: str) -> User | None:
        """Return whose session it is; None where it has ended, or the account has changed."""
        name = _token_digest(token)
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

    def remembered(self, name: str, password: str) -> User | None:
        """Return the user if `remember` was called with this password and it is still valid."""
        with self._lock:
            user = self._known.get(self._credential_digest(name, password))
        return user if user and self._accounts.users().get(name) == user else None

    def remember(self, user: User, password: str) -> None:
        """Remember a password that has been verified."""
        with self._lock:
            self._known[self._credential_digest(user.name, password)] = user
            while len(self._known) > MAX_SESSIONS:
                self._known.popitem(last=False)

    def _credential_digest(self, name: str, password: str) -> bytes:
        credentials = f"{name}\0{password}".encode(errors="surrogatepass")
        return hmac.digest(self._secret, credentials, "sha256")


def _token_digest(token: str) -> str:
    # Looking up a digest takes no time that depends on the token.
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
