from search.index.words.query_words import may_be_name, words


def test_telling_words_are_looked_up_once() -> None:
    assert words("How can MODELS be merged? Models!") == ["models", "merged"]
    assert words("what is it about") == ["what", "is", "it", "about"]
    assert words("— ?") == []


def test_no_more_words_are_looked_up_than_help() -> None:
    assert len(words(" ".join(f"w{n}" for n in range(1000)))) == 64


def test_a_name_has_words_and_an_end() -> None:
    assert may_be_name("LoRA+")
    assert not may_be_name("?!")
    assert not may_be_name("word " * 100)
