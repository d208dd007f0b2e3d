import pytest

from pipeline.core.models import Text
from pipeline.extraction.pdf.text_layer import unreadable
from pipeline.extraction.text import NotReadable
from tests.extraction.pdfs import BODY, build, column, parse_pdf

READABLE = {
    "English": "The network is trained on images of the sea, and it learns to find the boats that are hidden by waves. "
    "We compare our method with three others on a public set and show that it is faster, while its errors are fewer.",
    "German": "Das Netz wird mit Bildern der See trainiert und lernt, die von Wellen verdeckten Boote zu finden.",
    "French": "Le réseau est entraîné sur des images de la mer et il apprend à trouver les bateaux cachés par les vagues.",
    "Polish": "Sieć jest uczona na zdjęciach morza i uczy się znajdować łodzie, które są zasłonięte przez wysokie fale.",
    "Turkish": "Ağ, deniz görüntüleri üzerinde eğitilir ve dalgaların arkasında gizlenen tekneleri bulmayı öğrenir.",
    "Vietnamese": "Mạng được huấn luyện trên ảnh biển và học cách tìm những con thuyền bị sóng che khuất trong ảnh chụp.",
    "Finnish": "Verkko opetetaan merestä otetuilla kuvilla, ja se oppii löytämään veneet, jotka aallot peittävät näkyvistä.",
    "Russian": "Сеть обучается на изображениях моря и учится находить лодки, которые скрыты за высокими волнами.",
    "Chinese": "该网络在海洋图像上进行训练，学习如何找到被海浪遮挡的船只，并且在多个数据集上取得了最好的结果。",
    "Japanese": "このネットワークは海の画像で学習され、波に隠れた船を見つけることができる。提案手法の有効性を確認した。",
    "Korean": "이 네트워크는 바다 영상으로 학습되며 파도에 가려진 배를 찾는 방법을 배운다. 제안한 방법의 성능을 확인하였다.",
    "Greek": "Το δίκτυο εκπαιδεύεται σε εικόνες της θάλασσας και μαθαίνει να βρίσκει τις βάρκες που κρύβουν τα κύματα.",
    "Hindi": "नेटवर्क को समुद्र के चित्रों पर प्रशिक्षित किया जाता है और वह लहरों में छिपी नावों को खोजना सीखता है।",
    "formulas": "Let x = f(y) + b, so that ∂L/∂w = −2 (y − wx) x ≥ 0 and ‖A‖ ≤ λ₁ + σ² ∑ αᵢ βᵢ holds for k = 1, …, n.",
    "numbers": "Ours 31.4 0.91 12.7 | BJKW 30.2 0.88 11.9 | QXZV 28.6 0.85 14.1 | HDR 27.0 0.80 19.3",
    "Arabic words in English": "The word كتاب is a noun, and its plural كتب is broken: both are in the lexicon of the tagger.",
}


@pytest.mark.parametrize("name", READABLE)
def test_a_text_in_any_language_can_be_read(name):
    assert unreadable([READABLE[name] * 8]) == ""


def shifted(text: str, by: int) -> str:
    """Each Latin letter replaced by the one so many places after it in the alphabet."""
    moved = str.maketrans({chr(97 + n): chr(97 + (n + by) % 26) for n in range(26)})
    return text.lower().translate(moved)


GARBLED = {
    **{f"shifted by {by}": shifted(READABLE["English"], by) for by in range(1, 26)},
    "German, shifted": shifted(READABLE["German"], 3),
    # The numbers of the glyphs of a TrueType font, read as characters.
    "glyph numbers": "".join(chr(ord(one) - 29) for one in READABLE["English"]),
    "a Russian code page read as Latin-1": READABLE["Russian"].encode("cp1251").decode("latin-1"),
    "Russian, shifted": "".join(
        chr(0x430 + (ord(one) - 0x430 + 5) % 32) if "а" <= one <= "я" else one for one in READABLE["Russian"]
    ),
    "Chinese, other glyphs": "".join(chr(0x4E00 + n * 7919 % 20900) for n in range(100)),
    "Korean, other glyphs": "".join(chr(0xAC00 + n * 7919 % 11000) for n in range(100)),
    "control characters": "\x02\x03\x04\x05 \x06\x07\x08" * 20,
    "private use": "\ue001\ue002\ue003 " * 40,
    "no characters": "��� " * 40,
}


@pytest.mark.parametrize("name", GARBLED)
def test_other_letters_than_the_page_shows_are_recognized(name):
    assert unreadable([GARBLED[name] * 8]) == (
        "the letters of the PDF's text layer are not those that its pages show"
    )


@pytest.mark.parametrize(
    "words",
    [
        "این مقاله روشی برای یافتن قایق‌ها در تصاویر دریا ارائه می‌کند.",
        "تقترح هذه الورقة طريقة للعثور على القوارب في صور البحر.",
        "המאמר מציע שיטה למציאת סירות בתמונות של הים.",
    ],
    ids=["Persian", "Arabic", "Hebrew"],
)
def test_text_from_right_to_left_is_refused(words):
    assert "from right to left" in unreadable([words * 8, READABLE["English"]])


def test_a_third_of_a_paper_may_be_garbled_and_not_more():
    good, bad = READABLE["English"] * 8, GARBLED["shifted by 1"] * 8
    assert unreadable([good, good, good, bad]) == ""
    assert unreadable([good, bad]) != ""


def test_a_paper_is_refused_with_the_reason():
    lines = [shifted(line, 1) for line in BODY]
    found = parse_pdf(build([column(72, 700, lines)]), "https://a.org/a.pdf", seconds=60, megabytes=1024)
    assert found == NotReadable("the letters of the PDF's text layer are not those that its pages show")
    assert isinstance(
        parse_pdf(build([column(72, 700, BODY)]), "https://a.org/a.pdf", seconds=60, megabytes=1024), Text
    )
