"""Pieces that are filled keep what their template says and escape what goes in."""

from markupsafe import Markup

from directory.web.patterns import Gaps, as_format, fill_format


def test_percent_signs_of_a_template_stay() -> None:
    gap = Gaps()
    made = as_format(f'<p style="width: 50%">{gap.text} of 100 %(text)s</p>')

    assert fill_format(made, {"text": "7 %s"}) == '<p style="width: 50%">7 %s of 100 %(text)s</p>'


def test_text_is_escaped_and_html_and_numbers_stay() -> None:
    gap = Gaps()
    made = as_format(f"{gap.one}|{gap.two}|{gap.three}|{gap.one}")
    filled = fill_format(made, {"one": "<b>", "two": Markup("<i>&amp;</i>"), "three": 5})

    assert (filled, type(filled)) == ("&lt;b&gt;|<i>&amp;</i>|5|&lt;b&gt;", Markup)
