"""Checks passwords for whoever wants to come in, and lets nobody guess many."""

import asyncio
import math
import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from kg.errors import AtlasError
from ui.auth.accounts import Accounts, User
from ui.auth.sessions import Sessions

TRIES = RateLimitItemPerMinute(10, 5)
"""Wrong passwords from one address: ten in five minutes."""


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


class Doorkeeper:
    """Who may come in: the accounts, and the sessions of those who have.

    Parameters
    ----------
    accounts : Accounts
    """

    def __init__(self, accounts: Accounts) -> None:
        self.accounts, self.sessions = accounts, Sessions(accounts)
        self._tries = MovingWindowRateLimiter(MemoryStorage())
        # Each check takes memory and a third of a second of a processor, on purpose.
        self._checking = asyncio.Semaphore(2)

    async def enter(self, name: str, password: str, address: str) -> User | None:
        """Return the user if this is the password.

        Parameters
        ----------
        name, password : str
            As they were sent: nothing in them can be relied on.
        address : str
            Where they come from.

        Raises
        ------
        TooManyTries
            If too many others from there were wrong.
        AtlasError
            If the accounts cannot be read.
        """
        if user := self.sessions.known(name, password):
            return user
        async with self._checking:
            if not await self._tries.test(TRIES, address):
                stats = await self._tries.get_window_stats(TRIES, address)
                raise TooManyTries(max(1, math.ceil(stats.reset_time - time.time())))
            user = await asyncio.to_thread(self.accounts.verified, name, password)
            if user is None:
                await self._tries.hit(TRIES, address)
            else:
                self.sessions.remember(user, password)
            return user
