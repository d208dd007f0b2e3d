import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction.sentences import clean_text, split_sentences
from pipeline.extraction.text import abstract_text

# One text a line, its sentences divided by " ⏎ ", by hand.
LATIN = r"""
We train a model. ⏎ It works.
We use data, e.g. ImageNet. ⏎ It works.
We use data (e.g., ImageNet). ⏎ It works.
Two steps, i.e. Encoding and decoding, follow.
As shown by Smith et al. (2020), this holds.
As shown by Smith et al. [3] this holds. ⏎ We agree.
Vaswani et al. Attention is cited.
We follow Smith et al. ⏎ We then diverge.
See Fig. 3 for details. ⏎ Then see Fig. S1.
See Figs. 3 and 4. ⏎ Next, Sec. III.
Eq. (4) and Eqs. (5)-(6) are solved. ⏎ Tab. 2 lists them.
By Eq. $(3)$ it follows.
Ours vs. Theirs is compared.
Values are approx. 5 times larger, cf. Appendix B.
The gradient w.r.t. Weights is zero.
Model No. 5 wins. ⏎ Model no. 6 loses.
Is it better? ⏎ No. ⏎ We find the opposite.
We gain 0.42 dB at 3.5 times the cost. ⏎ This is 12.5 percent.
It is 0.9. 3 runs were made.
Python 3.11.2 and v1.2.3 are used. ⏎ Version 2.0.1 is not.
J. Smith and A. B. Jones agree.
J. R. R. Tolkien wrote it. ⏎ We read it.
Take vitamin C. ⏎ It helps.
This is option B. ⏎ The other is option A.
The samples are i.i.d. ⏎ We assume this.
The i.i.d. Gaussian noise is added.
It holds in the U.S. ⏎ However, not elsewhere.
The U.S. Government paid.
Apples, pears, etc. ⏎ They are fruit.
Dr. Who met Prof. Xavier and Mrs. Robinson. ⏎ They talked.
We cite [12]. ⏎ Then [13, 14] follows.
It was shown before. [12] ⏎ We show it again.
It was shown before. ⏎ [12] shows it again.
It was shown.[12] ⏎ We show it again.
Let $x. Y$ be a formula. ⏎ It is whole.
Let $f(x)=1.$ ⏎ Then $g=2$.
$x$ is small. ⏎ $y$ is large.
The loss $$L = a. B! C? D$$ is used. ⏎ It is whole.
It costs $5. ⏎ Then it costs $6.
It costs \$5. ⏎ Then it costs \$6 or $n$ more.
Pairs $a$$b$ touch. ⏎ They are two.
The list $x_1, ..., x_n$ is long. ⏎ It ends.
It goes on ... and on. ⏎ Then it stops.
It goes on... ⏎ Then it stops.
It goes on … and on… ⏎ Then it stops.
A . . . B is spaced. ⏎ It is one.
The stop is apart . ⏎ We split it.
Really?! ⏎ Yes! ⏎ It does.
He said "stop." ⏎ Then he left.
He said “stop.” ⏎ Then he left.
(It is in brackets.) ⏎ It is not.
It holds (see Fig. 3. It is there.) in general. ⏎ We are done.
It holds [by Lemma 2.] ⏎ We are done.
*It is set apart.* ⏎ It is not.
We visit https://example.org/a.b.html. ⏎ It is down.
Run train.py first. ⏎ Then run eval.py.
iPhone cameras are used. ⏎ iPad cameras are not. ⏎ t-SNE shows it.
Lines end. it goes on in lower case.
1. Train the model. ⏎ 2. Evaluate it.
2.1. Method of choice. ⏎ 2.2. Another one.
(a) It is listed. ⏎ (b) So is it.
a) It is listed. ⏎ We are done.
Meet at 5 p.m. ⏎ The door is open.
On Jan. 5 it began. ⏎ By Sept. 7 it was over.
It takes 5 ms. ⏎ We measured it.
It takes 5 sec. ⏎ We measured it.
He holds a Ph.D. ⏎ She does not.
She holds a Ph.D. degree.
See pp. 5-7 and p. 9. ⏎ Also Vol. 2, Ch. 3.
We write it down: it is so; it stays so. ⏎ Done.
Émile is first. ⏎ Älter is second. ⏎ Ω is last.
Table 1. Results are bold. ⏎ Figure S2. Ours is last.
Theorem 3.1. It holds. ⏎ Proof. It is seen. ⏎ Remark. It is easy.
Results are in Table. 1 and in Figure. 2. ⏎ We set the table. ⏎ We eat.
As is seen in Table 1. ⏎ We go on.
It was shown.^12 ⏎ We show it again.
It ends with code x. ⏎ We go on.
It keeps $\approx$7 views of a lamp. ⏎ We name it $b$.
It maps 1D$\to$3D$\to$1D. ⏎ Rakes learn it (1D$\to$3D). ⏎ They rest.
Up to 9$\times$12 rakes fit. ⏎ It needs 3 GB. ⏎ It runs at 4$\times$ the size.
One pays $250) for it. ⏎ Then $7 in fees, where $a$ is less. ⏎ It pays.
Let $ x_1. Y $ be it. ⏎ By \(x. Y\) it follows. ⏎ Done.
See Appendix B. ⏎ Rakes are listed there.
See Appendices A, B and C. ⏎ Rakes are listed in Sec. D. ⏎ Hoes are not.
It is shown in Table C. ⏎ Nobody doubts it.
Appendix A. Rakes are listed by A. Jones.
TABLE I. Rakes are listed.
"""
NO_BLANK = """
The lamp is new.⏎Nobody uses rakes.⏎Hoes rest.
We use COCO.⏎The gain is 5%.⏎It is small (in 2020).⏎We stop.
It is well-lit!⏎Lamps, however, burn.⏎GI-Bench, too, ends.
We call torch.nn.Module in code, e.g.The one, etc.⏎The end.
The file is at example.org/a.Text or in README.Md or lamp.new.
It is version v1.2.Rakes and 3.5.Hoes, made by J.Smith.
"""
WIDE = """
我们提出一种方法。⏎它很好。
它好吗？⏎是的！⏎我们用它。
第一点；⏎第二点；⏎第三点。
真的吗？！⏎是的。
他说：“很好。”⏎然后他走了。
方法（见图3。）⏎结果很好。
方法（见图3。和表2）很好。⏎完。
我们用PSNR。⏎However, it is old。
PSNR为30.53dB，提升0.42dB。⏎很好。
公式$x。y$不拆。⏎很好。
数值为３．１４。⏎很好。
我……不知道。⏎他知道。
我们用ResNet.⏎结果很好。
これは方法です。⏎結果は良い。
「はい。」と言った。⏎次へ。
これ（図1。）は良い。⏎次。
"""


def cases(table: str) -> list[list[str]]:
    return [[part.strip() for part in line.split("⏎")] for line in table.strip().splitlines()]


@pytest.mark.parametrize("expected", cases(LATIN), ids=lambda parts: parts[0][:40])
def test_splits_as_a_reader_would(expected):
    assert split_sentences(" ".join(expected)) == expected


@pytest.mark.parametrize("expected", cases(NO_BLANK), ids=lambda parts: parts[0][:20])
def test_splits_where_the_blank_is_missing(expected):
    assert split_sentences("".join(expected)) == expected


@pytest.mark.parametrize("expected", cases(WIDE), ids=lambda parts: parts[0][:20])
def test_splits_chinese_and_japanese_without_blanks(expected):
    assert split_sentences("".join(expected)) == expected


# Arabic, Persian (with the joiner that its words need), Urdu and Hindi.
BEYOND = """
هل يعمل هذا؟ ⏎ نعم، يعمل.
تبلغ الدقة 95.3٪ على المجموعة. ⏎ النتائج في الشكل 2.
این روش کار می\u200cکند. ⏎ آیا درست است؟ ⏎ بله.
یہ ایک جملہ ہے۔ ⏎ یہ دوسرا ہے۔
यह एक वाक्य है। ⏎ यह दूसरा है।
"""


@pytest.mark.parametrize("expected", cases(BEYOND), ids=lambda parts: parts[0][:20])
def test_splits_at_the_stops_of_arabic_urdu_and_hindi(expected):
    assert split_sentences(clean_text(" ".join(expected))) == expected


def test_there_are_enough_cases():
    assert len(cases(LATIN) + cases(WIDE)) >= 60


MARKS = ". ! ? … 。 ！ ； ． ... $ $$ \\$ ( ) （ ） 「 」 [ ] [12] \" ” ' 3 x A - , ; : B. e.g. al. etc. Fig. No. 0.42 1. U.S."
WORDS = "We the 方法 です $x$ $a.$ It iPhone Eq. (3) J. see"
PIECES = st.sampled_from([*f"{MARKS} {WORDS}".split(" "), " ", "  ", "\n", "\u00a0"])
TEXTS = (
    st.lists(PIECES, max_size=40).map("".join)
    | st.lists(PIECES, max_size=40).map(" ".join)
    | st.text(max_size=200)
)


@given(TEXTS)
def test_nothing_is_lost_and_nothing_is_added(text):
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


@given(TEXTS)
def test_a_sentence_is_not_split_again(text):
    sentences = split_sentences(text)
    assert bool(sentences) == bool(text.split())
    for sentence in sentences:
        assert split_sentences(sentence) == [sentence]


@given(TEXTS)
def test_a_sentence_is_one_line_without_blanks_around_it(text):
    sentences = split_sentences(text)
    assert bool(sentences) == bool(text.split())
    for sentence in sentences:
        assert sentence
        assert sentence == " ".join(sentence.split())


UNITS = [
    "$a ",
    "$",
    "$$",
    "$$a ",
    "\\$",
    "(",
    ")",
    "(a) ",
    ". ",
    "...",
    '."',
    "A. ",
    "[1] ",
    "。",
    "“",
    "a" * 50,
]
UNITS += ["abc.Def ", "A.The ", "\\(", "\\[a", "$a^", "$1 ", "x Appendix A. "]
UNITS += ["Fig. A" + "1" * 40 + "b ", "1.1", "A.", "Table 1.1.", "x." + "[1" * 9, "A. " + "(" * 99]


@pytest.mark.parametrize("unit", UNITS, ids=range(len(UNITS)))
def test_time_grows_with_the_text_and_not_with_its_square(unit):
    # 200,000 characters take well under a second; a quadratic splitter would need minutes.
    text = unit * (200_000 // len(unit))
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


def test_unseen_characters_are_dropped():
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "IGNORE")
    assert clean_text(f"A\u200b b\u00adc {tags}\ufeff d\u202e\x00\ue000\udfff\ufe0f\n e") == "A bc d e"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian
        ("API\u200cها", "API\u200cها"),  # a Persian ending of a foreign word
        ("श्रीमान्\u200cको", "श्रीमान्\u200cको"),  # Nepali
        ("ක්\u200dෂ", "ක්\u200dෂ"),  # Sinhala
        ("ന്\u200d.", "ന്\u200d."),  # Malayalam
        ("ig\u200cno\u200dre all", "ignore all"),
        ("👩\u200d💻", "👩💻"),
    ],
)
def test_joiners_stay_within_words_of_scripts_that_need_them(text, kept):
    assert clean_text(text) == kept


def test_visible_characters_stay():
    text = "Schrödinger’s 方法 – naïve “x” ∎ 😀 α₂ ﬁ"
    assert clean_text(text) == text


def test_an_abstract_is_a_text_of_its_own():
    text = abstract_text(
        "We gain $0.42$ dB.\n It is  cheap, cf. Fig. 2.", "https://arxiv.org/abs/2601.99999v1"
    )
    assert text.basis == "abstract"
    assert text.url == "https://arxiv.org/abs/2601.99999v1"
    assert [(one.id, one.section, one.anchor, one.text) for one in text.sentences] == [
        (1, "Abstract", None, "We gain $0.42$ dB."),
        (2, "Abstract", None, "It is cheap, cf. Fig. 2."),
    ]
    assert text.left_out == {}


def test_an_empty_abstract_has_no_sentences():
    assert abstract_text(" \n\u200b ", "https://arxiv.org/abs/2601.99999").sentences == ()
