"""The English catalogue: every word that a reader can be shown has its English one."""

from bench.extract_messages import missing_words, read_catalogue


def test_every_word_of_the_program_and_every_name_of_a_column_has_an_english_one() -> None:
    assert missing_words(read_catalogue()) == {}
