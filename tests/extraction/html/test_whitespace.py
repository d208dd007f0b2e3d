import pytest

from pipeline.extraction.html.whitespace import join_text
from tests.extraction.pages import para, read, said


@pytest.mark.parametrize(
    ("parts", "joined"),
    [
        ("こ の 論 文 で は 、 Transformer を 用 い る 。", "この論文では、 Transformer を用いる。"),
        ("本 研究 は 重要 だ 。", "本研究は重要だ。"),
        ("目 的", "目的"),
        ("我 们 在 （ 图 1 ） 中 给 出 结 果 。", "我们在（图 1 ）中给出结果。"),
        ("这是一句话\n被断成两行。\nNext", "这是一句话被断成两行。 Next"),
        ("カ タ カ ナ と ｶ ﾅ", "カタカナとｶﾅ"),
    ],
)
def test_blanks_within_chinese_and_japanese_words_are_dropped(parts, joined):
    assert join_text(parts) == joined


@pytest.mark.parametrize(
    "text",
    [
        "이 논문 은 새 로 운 방 법 이 다 .",  # Korean: blanks part words
        "大韓民國 憲法 제 1 조",
        "张三 李四 王小五",
        "机器学习 深度学习 优化",
        "用 Adam 优化 $x$ 与 y",
        "a b c d",
    ],
)
def test_blanks_that_part_words_and_names_stay(text):
    assert join_text([text]) == text


def test_a_spaced_page_is_joined_in_paragraphs_headings_and_cells():
    body = (
        f'<section><h3 class="ltx_title">1.1 目 的</h3>{para("光 を 測 る 。 次 に 待 つ 。")}</section>'
        '<table class="ltx_tabular"><tr class="ltx_tr"><td class="ltx_td">精 度</td><td class="ltx_td">速 度</td></tr></table>'
    )
    text = read(body)
    assert said(text) == ["光を測る。", "次に待つ。", "精度 | 速度"]
    assert text.sentences[0].section == "1 First › 1.1 目的"
