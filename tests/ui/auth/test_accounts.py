"""Accounts, sessions and authentication: who comes in, and who does not any more."""

import asyncio
import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from kg.errors import AtlasError, BadRequest, NotFound
from tests.support.serving import PASSWORDS, QUICK, AsgiResponse, asked, echo
from ui.auth.accounts import MAX_PASSWORD_CHARS, Accounts, Cost
from ui.auth.authenticator import WRONG_PASSWORDS, Authenticator, TooManyTries
from ui.auth.sessions import COOKIE, MAX_SESSIONS, SESSION_S, Sessions
from ui.cli import main
from ui.guards.identity import Identity


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    made = Accounts(tmp_path / "users.json", QUICK)
    made.add("ada", PASSWORDS["ada"], administrator=True)
    made.add("bo", PASSWORDS["bo"])
    return made


def test_the_file_is_the_owners_alone_and_holds_no_password(accounts: Accounts) -> None:
    assert stat.S_IMODE(accounts.path.stat().st_mode) == 0o600
    text = accounts.path.read_text(encoding="utf-8")
    assert all(password not in text for password in PASSWORDS.values())


def test_the_same_password_is_hashed_to_another_value_each_time(tmp_path: Path) -> None:
    made = Accounts(tmp_path / "users.json", QUICK)
    one, other = made.add("ada", "correct horse"), made.add("bo", "correct horse")
    assert one.hashed != other.hashed
    assert one.salt != other.salt


@pytest.mark.slow
def test_the_usual_cost_is_the_one_that_is_recommended(tmp_path: Path) -> None:
    made = Accounts(tmp_path / "users.json").add("ada", "correct horse")
    assert made.cost == Cost(n=1 << 15, r=8, p=3)
    assert made.has_password("correct horse")
    assert not made.has_password("correct horsf")


def test_only_the_right_password_lets_in(accounts: Accounts) -> None:
    user = accounts.verify("ada", PASSWORDS["ada"])
    assert user
    assert (user.name, user.administrator) == ("ada", True)
    for name, password in (
        ("ada", PASSWORDS["bo"]),
        ("ada", ""),
        ("ADA", PASSWORDS["ada"]),
        ("", ""),
        ("nobody", PASSWORDS["ada"]),
        ("ada", PASSWORDS["ada"] + "x" * MAX_PASSWORD_CHARS),
        ("ada\0", "\ud800"),
    ):
        assert accounts.verify(name, password) is None


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 65, "<b>", "a\n"])
def test_what_cannot_be_a_name(accounts: Accounts, name: str) -> None:
    with pytest.raises(BadRequest, match="name"):
        accounts.add(name, "correct horse")


@pytest.mark.parametrize("password", ["", "1234567", "x" * (MAX_PASSWORD_CHARS + 1)])
def test_what_cannot_be_a_password(accounts: Accounts, password: str) -> None:
    for change in (
        lambda: accounts.add("cy", password),
        lambda: accounts.set_password("bo", password),
    ):
        with pytest.raises(BadRequest, match="characters"):
            change()


def test_a_name_is_taken_once_and_found_by_its_likes(accounts: Accounts) -> None:
    with pytest.raises(BadRequest, match="there is a user ada"):
        accounts.add("ada", "correct horse")
    with pytest.raises(NotFound, match="did you mean ada"):
        accounts.remove("adaa")


def test_another_process_sees_the_change_at_once(accounts: Accounts) -> None:
    other = Accounts(accounts.path, QUICK)
    assert set(other.users()) == {"ada", "bo"}
    accounts.remove("bo")
    assert set(other.users()) == {"ada"}
    accounts.path.unlink()
    assert other.users() == {}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"users": [{}]}', '{"users": 7}', '{"users": [{"name": 7}]}', "\0"],
)
def test_a_damaged_file_lets_nobody_in(accounts: Accounts, text: str) -> None:
    accounts.path.write_text(text, encoding="utf-8")
    with pytest.raises(AtlasError, match="damaged"):
        accounts.verify("ada", PASSWORDS["ada"])
    app = Identity(echo, Authenticator(accounts), local_only=True)
    assert asyncio.run(asked(app)).status == 503
    assert asyncio.run(asked(app, "/health")).status == 200


# -- sessions ------------------------------------------------------------------------------


def test_a_session_lasts_until_its_end(accounts: Accounts) -> None:
    now = [0.0]
    sessions = Sessions(accounts, lambda: now[0])
    user = accounts.users()["bo"]
    token = sessions.open(user)
    assert sessions.user(token) == user
    assert sessions.user(token + "x") is None
    now[0] = SESSION_S - 1
    assert sessions.user(token) == user
    now[0] = SESSION_S
    assert sessions.user(token) is None


def test_signing_out_ends_one_session_only(accounts: Accounts) -> None:
    sessions, user = Sessions(accounts), accounts.users()["bo"]
    one, other = sessions.open(user), sessions.open(user)
    sessions.close(one)
    assert sessions.user(one) is None
    assert sessions.user(other) == user


@pytest.mark.parametrize("change", ["remove", "password", "role"])
def test_a_changed_account_ends_its_sessions(accounts: Accounts, change: str) -> None:
    sessions, user = Sessions(accounts), accounts.users()["bo"]
    token, ada = sessions.open(user), sessions.open(accounts.users()["ada"])
    sessions.remember(user, PASSWORDS["bo"])
    assert sessions.remembered("bo", PASSWORDS["bo"]) == user
    if change == "password":
        accounts.set_password("bo", "another password")
    else:
        accounts.remove("bo")
    if change == "role":
        accounts.add("bo", PASSWORDS["bo"], administrator=True)
    assert sessions.user(token) is None
    assert sessions.remembered("bo", PASSWORDS["bo"]) is None
    assert sessions.user(ada)


def test_there_is_an_end_to_sessions(accounts: Accounts) -> None:
    sessions, user = Sessions(accounts), accounts.users()["bo"]
    first, second = sessions.open(user), sessions.open(user)
    for _ in range(MAX_SESSIONS - 2):
        sessions.open(user)
    assert sessions.user(first)  # It was used just now, so the other one goes.
    sessions.open(user)
    assert sessions.user(second) is None
    assert sessions.user(first)


# -- authentication ------------------------------------------------------------------------


def test_many_wrong_passwords_close_the_door_to_one_address(accounts: Accounts) -> None:
    async def tries() -> None:
        authenticator = Authenticator(accounts)
        for _ in range(WRONG_PASSWORDS.amount):
            assert await authenticator.authenticate("ada", "a wrong one", "10.0.0.1") is None
        with pytest.raises(TooManyTries) as caught:
            await authenticator.authenticate("ada", PASSWORDS["ada"], "10.0.0.1")
        assert 1 <= caught.value.wait <= WRONG_PASSWORDS.get_expiry()
        user = await authenticator.authenticate("ada", PASSWORDS["ada"], "10.0.0.2")
        assert user
        # Who was let in keeps coming in, whoever else tries from there.
        assert await authenticator.authenticate("ada", PASSWORDS["ada"], "10.0.0.1") == user

    asyncio.run(tries())


def basic(name: str, password: str) -> dict[str, str]:
    import base64

    told = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"authorization": f"Basic {told}"}


def identity(accounts: Accounts, alone: bool = True) -> Identity:
    return Identity(echo, Authenticator(accounts), alone)


def who(told: AsgiResponse) -> tuple[Any, Any]:
    state = json.loads(told.body)["state"]
    return state["user"], state["administrator"]


@pytest.mark.parametrize(
    ("alone", "client", "forwarded", "administrator"),
    [
        (True, "127.0.0.1", False, True),
        (True, "::1", False, True),
        (True, "127.0.0.1", True, False),
        (True, "10.0.0.1", False, False),
        (False, "127.0.0.1", False, False),
    ],
)
def test_without_accounts_only_who_sits_at_the_machine_is_the_administrator(
    tmp_path: Path, alone: bool, client: str, forwarded: bool, administrator: bool
) -> None:
    app = identity(Accounts(tmp_path / "users.json"), alone)
    told = asyncio.run(asked(app, client=client, state={"forwarded": forwarded}))
    assert who(told) == (None, administrator)


def test_with_accounts_nobody_is_let_in_without_one(accounts: Accounts) -> None:
    app = identity(accounts)
    for path in ("/config", "/feeds/x", "/atlas/router.js", "/gradio_api/run/ask", "/logout"):
        told = asyncio.run(asked(app, path))
        assert told.status == 401
        assert told.headers["www-authenticate"].startswith("Basic")
    for path in ("/health", "/login", "/atlas/atlas.css"):
        assert asyncio.run(asked(app, path)).status == 200


def test_a_browser_is_led_to_the_sign_in_page_and_back(accounts: Accounts) -> None:
    told = asyncio.run(asked(identity(accounts), "/?view=map&x=1", headers={"accept": "text/html"}))
    assert told.status == 303
    assert told.headers["location"] == "login?next=%3Fview%3Dmap%26x%3D1"


def test_a_script_of_the_page_is_not_answered_by_a_window_of_the_browser(
    accounts: Accounts,
) -> None:
    told = asyncio.run(asked(identity(accounts), headers={"sec-fetch-mode": "cors"}))
    assert told.status == 401
    assert "www-authenticate" not in told.headers


def test_programs_come_in_by_basic_authentication(accounts: Accounts) -> None:
    async def asks() -> list[AsgiResponse]:
        app = identity(accounts)
        return [
            await asked(app, headers=basic("bo", PASSWORDS["bo"])),
            await asked(app, headers=basic("ada", PASSWORDS["ada"])),
            await asked(app, headers=basic("bo", "wrong")),
            await asked(app, headers={"authorization": "Basic ????"}),
            await asked(app, headers={"authorization": "Bearer abc"}),
        ]

    found = asyncio.run(asks())
    assert [who(one) for one in found[:2]] == [("bo", False), ("ada", True)]
    assert [one.status for one in found[2:]] == [401, 401, 401]


def test_a_cookie_of_a_session_lets_in(accounts: Accounts) -> None:
    authenticator = Authenticator(accounts)
    token = authenticator.sessions.open(accounts.users()["ada"])
    app = Identity(echo, authenticator, local_only=True)
    assert who(asyncio.run(asked(app, headers={"cookie": f"{COOKIE}={token}"}))) == ("ada", True)
    assert asyncio.run(asked(app, headers={"cookie": f"{COOKIE}=x"})).status == 401


# -- the command ---------------------------------------------------------------------------


@pytest.mark.slow
def test_lfm_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LFM_HOME", str(tmp_path / "home"))

    def lfm(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        status = main.main(["user", *arguments])
        return status, *capsys.readouterr()

    status, out, _ = lfm("list")
    assert (status, out.startswith("no accounts")) == (0, True)
    assert lfm("add", "ada", "--administrator", typed="correct horse\n")[0] == 0
    assert lfm("add", "bo", typed="battery staple\n") == (0, "bo: added\n", "")
    assert lfm("list")[1] == "ada, administrator\nbo\n"
    assert json.loads(lfm("list", "--json")[1])["users"][1] == {
        "name": "bo",
        "administrator": False,
    }
    assert lfm("password", "bo", typed="battery staples\n")[0] == 0
    made = Accounts(tmp_path / "home" / "users.json")
    assert made.verify("bo", "battery staples")
    assert lfm("remove", "bo")[0] == 0
    assert set(made.users()) == {"ada"}
    for arguments, typed, status in (
        (("add", "cy"), "short\n", 2),
        (("add",), "", 2),
        (("add", "ada"), "correct horse\n", 2),
        (("remove", "bo"), "", 1),
        (("password", "ada", "--administrator"), "correct horse\n", 2),
    ):
        found, out, err = lfm(*arguments, typed=typed)
        assert (found, out) == (status, "")
        assert err.count("\n") == 1
