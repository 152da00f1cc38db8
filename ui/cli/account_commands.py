"""`lfm user`: who may use the atlas over a network."""

import argparse
import getpass
import json
import sys
from typing import TYPE_CHECKING

from kg import settings
from kg.errors import BadRequest

if TYPE_CHECKING:
    from ui.auth.accounts import Accounts

ACTIONS = ("add", "list", "remove", "password")


def add(command: argparse.ArgumentParser) -> None:
    """Give the command its options."""
    command.add_argument("action", metavar="add|list|remove|password", choices=ACTIONS)
    command.add_argument("name", metavar="NAME", nargs="?", help="of the user")
    command.add_argument(
        "--administrator", action="store_true", help="may also refresh and review, in the browser"
    )


def run(options: argparse.Namespace) -> None:
    """Do what the options say.

    Raises
    ------
    BadRequest
        If the name or the password is none.
    NotFound
        If there is no such user.
    """
    from ui.auth.accounts import Accounts

    accounts = Accounts(settings.load().users)
    if options.action == "list":
        _list(accounts, options.json)
        return
    if not options.name:
        raise BadRequest("name a user", f"lfm user {options.action} NAME")
    if options.administrator and options.action != "add":
        raise BadRequest(
            "--administrator is of use with add only", "remove the user and add them anew"
        )
    if options.action == "remove":
        accounts.remove(options.name)
        done = "removed"
    elif options.action == "password":
        accounts.set_password(options.name, _password())
        done = "has another password"
    else:
        accounts.add(options.name, _password(), options.administrator)
        done = "added, as administrator" if options.administrator else "added"
    if options.json:
        print(json.dumps({"user": options.name, "done": options.action}))
    else:
        print(f"{options.name}: {done}")


def _list(accounts: "Accounts", as_json: bool) -> None:
    users = [
        {"name": user.name, "administrator": user.administrator}
        for user in accounts.users().values()
    ]
    if as_json:
        print(json.dumps({"users": users}, indent=2))
        return
    for user in users:
        print(f"{user['name']}{', administrator' if user['administrator'] else ''}")
    if not users:
        print("no accounts: whoever reaches the page may read the atlas")


def _password() -> str:
    """Ask for a password, or read it from a line of stdin that is no terminal."""
    from ui.auth.accounts import checked

    if not sys.stdin.isatty():
        return checked(sys.stdin.readline().rstrip("\r\n"))
    password = checked(getpass.getpass("Password: "))
    if getpass.getpass("Again: ") != password:
        raise BadRequest("the two are not the same", "type it again")
    return password
