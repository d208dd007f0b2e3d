from __future__ import annotations

from pipeline.scoring.keywords import Keywords, is_english, propose, question, tidy

ENGLISH = "I study flow matching for images. What makes flow matching slow, and can it be distilled?"


def test_from_english_only_pairs_that_repeat_since_the_text_counts_already() -> None:
    assert propose(ENGLISH, [], []) == ("flow matching",)


def test_english_phrases_and_acronyms_in_another_script_are_terms() -> None:
    text = "我做图像修复（image restoration），也看 SLAM、flow matching 和 a very long run of words here。"
    assert propose(text, [], ["denoising"]) == ("denoising", "image restoration", "SLAM", "flow matching")


def test_words_of_another_latin_language_are_no_keywords() -> None:
    text = "Meine Bildverarbeitung entfernt Rauschen. Meine Bildverarbeitung ist schnell."
    assert not is_english(text)
    assert propose(text, [], ["denoising"]) == ("denoising",)


def test_pairs_that_titles_share() -> None:
    titles = [
        "A Survey of Surface Codes",
        "Surface Codes for the Rest of Us",
        "On the Noise in Surface Codes",
    ]
    assert propose("표면 부호", titles, []) == ("surface codes",)


def test_keywords_are_tidied_whoever_gives_them() -> None:
    assert tidy(["  Flow\nmatching ", "flow matching", "图像", "x" * 61, "GAN"]) == ("Flow matching", "GAN")


def test_an_answer_without_keywords_is_refused() -> None:
    asked = question("text", ["A title"], "mine")
    assert "- A title" in asked.user
    assert asked.check(Keywords(keywords=["图像", "a", "b"]))
    assert not asked.check(Keywords(keywords=["a", "b", "c"]))
