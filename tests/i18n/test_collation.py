"""Names stand in the order in which readers of each locale look for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.i18n.collation import sort_key
from directory.i18n.locales import LOCALES


@pytest.mark.parametrize(
    ("tag", "names"),
    [
        ("en", ["Ähre", "Apfel", "nación", "ñandú", "nube", "Žalevi", "Zebra"]),
        ("es", ["Ähre", "nación", "nube", "ñandú", "oso"]),
        ("de", ["Affe", "Ähre", "Apfel", "Muße", "Mutter", "Öl", "Zoll"]),
        ("zh-Hans", ["北京", "重庆", "东方", "上海", "中国", "Alpha", "Жалеви", "الغرفة"]),
        ("zh-Hant", ["上海", "中國", "北京", "東方", "Alpha"]),
        ("sr-Latn", ["Cer", "Čačak", "Ćuprija", "Dunav", "Džep", "Đorđe", "Zebra", "Žalevi", "Ђорђе", "上海"]),
        ("sr-Cyrl", ["Дунав", "Ђорђе", "Жалеви", "Зебра", "Љубав", "Цер", "Чачак", "Џеп", "Alpha", "上海"]),
        ("ar", ["الغرفة", "Alpha", "Жалеви", "上海"]),
    ],
)
def test_names_stand_where_readers_look_for_them(tag: str, names: list[str]) -> None:
    mixed = names[::-1]

    mixed.sort(key=lambda name: sort_key(name, tag))

    assert mixed == names


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=60), st.sampled_from(sorted(LOCALES)))
def test_any_text_has_a_key_that_joins(name: str, tag: str) -> None:
    key = sort_key(name, tag)

    assert key.index(0) == len(key) - 1
