"""Check names and passwords, and limit how many wrong ones an address may send."""

import asyncio
import math
import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from kg.errors import AtlasError
from ui.auth.accounts import Accounts, User
from ui.auth.sessions import Sessions

WRONG_PASSWORDS = RateLimitItemPerMinute(10, 5)
"""Limit for one address: ten in five minutes."""


class TooManyTries(AtlasError):
    """One address has sent too many wrong passwords.

    Parameters
    ----------
    wait : int
        Seconds until it may try again.
    """

    def __init__(self, wait: int) -> None:
        super().__init__("too many wrong passwords", f"try again in {wait} s")
        self.wait = wait


class Authenticator:
    """Check names and passwords against the accounts of an atlas."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts, self.sessions = accounts, Sessions(accounts)
        self._wrong = MovingWindowRateLimiter(MemoryStorage())
        # Each check takes 32 MiB and a third of a second of a processor, on purpose.
        self._checking = asyncio.Semaphore(2)

    async def authenticate(self, name: str, password: str, address: str) -> User | None:
        """Return the user if this is the password, else None.

        Parameters
        ----------
        name, password : str
            As they were sent: nothing in them can be relied on.
        address : str
            Of the client.

        Raises
        ------
        TooManyTries
            If too many wrong ones came from this address.
        AtlasError
            If the accounts cannot be read.
        """
        if user := self.sessions.remembered(name, password):
            return user
        async with self._checking:
            if not await self._wrong.test(WRONG_PASSWORDS, address):
                stats = await self._wrong.get_window_stats(WRONG_PASSWORDS, address)
                raise TooManyTries(max(1, math.ceil(stats.reset_time - time.time())))
            user = await asyncio.to_thread(self.accounts.verify, name, password)
            if user is None:
                await self._wrong.hit(WRONG_PASSWORDS, address)
            else:
                self.sessions.remember(user, password)
            return user
