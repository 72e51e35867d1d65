"""Names of files: what may be shown and saved anywhere."""

import unicodedata

import pytest

from directory.storage import NAME_MAX, FileType, safe_name


@pytest.mark.parametrize(
    ("given", "kind", "wanted"),
    [
        ("proof.pdf", FileType.PDF, "proof.pdf"),
        ("Ovlašćenje – скен.PDF", FileType.PDF, "Ovlašćenje – скен.PDF"),
        ("营业执照.jpeg", FileType.JPEG, "营业执照.jpeg"),
        ("../../etc/passwd", FileType.PDF, "passwd.pdf"),
        ("C:\\Users\\ana\\proof.pdf", FileType.PDF, "proof.pdf"),
        ("proof\u202efdp.exe", FileType.PDF, "prooffdp.exe.pdf"),
        ("\u2067a\u200bb\u0000c\n d.png\u2069", FileType.PNG, "abc d.png"),
        ("invoice.php", FileType.JPEG, "invoice.php.jpg"),
        ("a.pdf", FileType.PNG, "a.pdf.png"),
        ("CON.pdf", FileType.PDF, "_CON.pdf"),
        ('a<b>"c|d?.pdf', FileType.PDF, "a_b__c_d_.pdf"),
        ("", FileType.PDF, "document.pdf"),
        ("...", FileType.PDF, "document.pdf"),
        (".pdf", FileType.PDF, "document.pdf"),
        ("a/", FileType.PNG, "document.png"),
        ("e\u0301.pdf", FileType.PDF, "\u00e9.pdf"),
    ],
)
def test_name(given: str, kind: FileType, wanted: str) -> None:
    assert safe_name(given, kind) == wanted


@pytest.mark.parametrize("letter", ["x", "字", "ш", "😀"])
def test_a_long_name_keeps_its_ending(letter: str) -> None:
    name = safe_name(letter * 255 + ".jpeg", FileType.JPEG)

    assert name.endswith(f"{letter}.jpeg")
    assert len(name) <= NAME_MAX
    assert len(name.encode()) <= 200
    assert unicodedata.is_normalized("NFC", name)
