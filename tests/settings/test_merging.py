"""What two people set at once is put together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.settings.merging import merge

BASE = {
    "names": {"en": "Circle", "de": "Kreis"},
    "terms": [{"slug": "a", "labels": {"en": "A"}}, {"slug": "b", "labels": {"en": "B"}}],
}


@pytest.mark.parametrize(
    ("mine", "theirs", "merged"),
    [
        ({"names": {"en": "Circle", "de": "Kreis", "es": "Círculo"}}, {"names": {"en": "Circle", "de": "Kreis A"}},
         {"names": {"en": "Circle", "de": "Kreis A", "es": "Círculo"}}),
        ({"names": {"en": "Mine", "de": "Kreis"}}, {"names": {"en": "Theirs", "de": "Kreis"}}, {"names": {"en": "Mine", "de": "Kreis"}}),
        ({"names": {"en": "Circle"}}, {"names": {"en": "Ring", "de": "Kreis"}}, {"names": {"en": "Ring"}}),
        ({"terms": [*BASE["terms"], {"slug": "mine"}]}, {"terms": [{"slug": "a", "labels": {"en": "AA"}}, BASE["terms"][1], {"slug": "theirs"}]},
         {"terms": [{"slug": "a", "labels": {"en": "AA"}}, BASE["terms"][1], {"slug": "theirs"}, {"slug": "mine"}]}),
        ({"terms": BASE["terms"][::-1]}, {"terms": [*BASE["terms"], {"slug": "theirs"}]}, {"terms": [*BASE["terms"][::-1], {"slug": "theirs"}]}),
    ],
)  # fmt: skip
def test_both_are_kept(mine: dict[str, object], theirs: dict[str, object], merged: dict[str, object]) -> None:
    assert merge(BASE, BASE | mine, BASE | theirs) == BASE | merged


TEXTS = st.dictionaries(st.sampled_from(["en", "de", "es"]), st.sampled_from(["one", "two"]))


@given(TEXTS, TEXTS, TEXTS)
def test_what_only_one_changed_is_as_that_one_has_it(base: dict[str, str], mine: dict[str, str], theirs: dict[str, str]) -> None:
    merged = merge(base, mine, theirs)

    for tag in ("en", "de", "es"):
        changed = mine.get(tag) != base.get(tag)
        assert merged.get(tag) == (mine.get(tag) if changed else theirs.get(tag))
