from pathlib import Path

import pytest

from kg import settings
from kg.errors import AtlasError


def load(home: Path, text: str | bytes | None = None, **environment: str) -> settings.Settings:
    if text is not None:
        data = text if isinstance(text, bytes) else text.encode()
        (home / "lfm.yaml").write_bytes(data)
    return settings.load({"LFM_HOME": str(home), **environment})


def test_defaults(tmp_path: Path) -> None:
    found = load(tmp_path)
    assert found == settings.Settings(home=tmp_path, model="default", index="auto")
    assert found.catalogue == tmp_path / "atlas.sqlite"
    assert found.cache == tmp_path / "cache"


def test_the_home_is_the_platform_s_data_folder_where_none_is_named() -> None:
    assert settings.load({}).home.name == "lfm-atlas"
    assert settings.load({"LFM_HOME": ""}).home == settings.load({}).home


def test_a_tilde_is_the_user_s_folder() -> None:
    assert settings.load({"LFM_HOME": "~/atlas"}).home == Path.home() / "atlas"


def test_an_unknown_user_is_told() -> None:
    with pytest.raises(AtlasError, match="LFM_HOME"):
        settings.load({"LFM_HOME": "~no-such-user-at-all/atlas"})


def test_the_file_is_read_and_the_environment_overrides_it(tmp_path: Path) -> None:
    text = "model: owner/name\nindex: exact\n"
    assert load(tmp_path, text) == settings.Settings(tmp_path, "owner/name", "exact")
    assert load(tmp_path, text, LFM_MODEL="other").model == "other"
    assert load(tmp_path, text, LFM_MODEL="").model == "owner/name"
    assert load(tmp_path, text, LFM_INDEX="faiss", LFM_OTHER="x").index == "faiss"


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "{}"])
def test_an_empty_file_sets_nothing(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, text) == settings.Settings(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("modle: x", "unknown setting 'modle': known: model"),
        ("home: /x", "unknown setting 'home'"),
        ("1: x", "unknown setting 1"),
        ("model: 5", "model must be text"),
        ("model: [a, b]", "model must be text"),
        ("model: true", "model must be text"),
        ("model:", "model must be text"),
        ("model: ''", "model must be text"),
        ("just words", "settings must be"),
        ("- model", "settings must be"),
        ("model: x\nindex: [", "not YAML"),
        ("model: 2024-13-01", "not YAML"),
        ("model: !!python/object:os.system x", "not YAML"),
        ("{[]: 1}", "not YAML"),
        ("[" * 5000, "not YAML"),
        (b"model: \xff\xfe", "not YAML"),
        (b"\0", "not YAML"),
    ],
)
def test_a_wrong_file_is_told_in_one_line(tmp_path: Path, text: str | bytes, told: str) -> None:
    with pytest.raises(AtlasError) as error:
        load(tmp_path, text)
    assert told in str(error.value)
    assert "lfm.yaml" in str(error.value)
    assert "\n" not in str(error.value)


def test_the_line_of_a_mistake_is_told(tmp_path: Path) -> None:
    with pytest.raises(AtlasError, match=r"lfm\.yaml:3: not YAML"):
        load(tmp_path, "model: x\n\nindex: a: b\n")


def test_a_folder_in_the_file_s_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "lfm.yaml").mkdir()
    with pytest.raises(AtlasError, match="cannot read"):
        load(tmp_path)


def test_a_home_below_a_file_has_no_settings(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert load(tmp_path / "file").index == "auto"


def test_an_own_taxonomy_is_beside_the_settings_or_anywhere(tmp_path: Path) -> None:
    assert load(tmp_path).own_taxonomy is None
    assert load(tmp_path, "taxonomy: mine.yaml").own_taxonomy == tmp_path / "mine.yaml"
    elsewhere = str(tmp_path.parent / "other.yaml")
    assert load(tmp_path, LFM_TAXONOMY=elsewhere).own_taxonomy == Path(elsewhere)
    with pytest.raises(AtlasError, match="LFM_TAXONOMY"):
        load(tmp_path, LFM_TAXONOMY="~no-such-user-at-all/mine.yaml")
