"""Notices of withdrawal, and abstracts that speak of withdrawals."""

from __future__ import annotations

import pytest

from pipeline.scoring.withdrawal import is_notice

NOTICES = [
    "This paper has been withdrawn by the authors due to an error in the diffusion model for image restoration.",
    "This paper has been withdrawn.",
    "This paper has been withdrawn by the author(s), due to a crucial sign error in equation 1",
    "This submission has been withdrawn by arXiv administrators due to inappropriate text reuse from external sources",
    "This article has been removed by arXiv administrators because of a claim of copyright.",
    "arXiv admin note: This submission has been withdrawn by arXiv administrators as the authors are disputed.",
    "This manuscript was withdrawn because the main result is wrong: Lemma 3 does not hold for n > 2.",
    "This short note is withdrawn, since its theorem was known before.",
    "The paper has been temporarily withdrawn while we repeat the experiments.",
    "Our work has now been withdrawn. A corrected version will be posted under another number.",
    "The authors have withdrawn this manuscript and do not wish it to be cited. Please write to them with questions.",
    "Withdrawal Statement The authors have withdrawn their manuscript owing to a mistake in the data.",
    "WITHDRAWN: This article has been withdrawn at the request of the editors.",
    "We are withdrawing this paper because the proof has a gap.",
    "We withdraw our submission: the code had a bug.",
    "I have decided to withdraw this preprint.",
    "Withdrawn",
    "[Withdrawn]",
    "Paper withdrawn by the author.",
    "Withdrawn due to an error in Lemma 2.",
    "Withdrawn. The proof of Theorem 1 is wrong.",
    "THIS PAPER HAS BEEN WITHDRAWN",
    "This paper has been withdrawn, " + "as Section 3 needs an assumption that fails. " * 8,
]

ABSTRACTS = [
    "",
    "We restore images by diffusion models.",
    "Withdrawn papers are cited for years. We count such citations and say who makes them.",
    "We study papers that have been withdrawn by their authors, and find errors in the proofs of most.",
    "This paper studies why 14,000 papers have been withdrawn from arXiv.",
    "This paper on withdrawn preprints has been written to warn their readers.",
    '"This paper has been withdrawn" is a sentence that stands on 14,000 records. We classify the reasons.',
    "This paper has been withdrawn is the shortest abstract of all. We count how often it occurs.",
    "This paper has been withdrawn by its authors: with these words a record ends. "
    + "We study records. " * 40,
    "The paper of Smith was withdrawn by its author; we prove its main theorem by other means.",
    "The paper was withdrawn in 2003. We prove its main theorem by other means.",
    "The white paper has been withdrawn by the government after a debate, which we analyze.",
    "The authors withdraw their paper in one of ten cases, as our survey of editors shows.",
    "We show that authors retract this paper type twice as often as others.",
    "We ask when editors retract the article and when its authors do.",
    "Withdrawn: a corpus of withdrawn papers with reasons, for training classifiers.",
    "Retracted articles go on being cited. We follow 500 of them.",
    "Retraction notices of journals are rarely clear; we propose a form for them.",
    "This work withdraws the assumption of smooth densities and keeps the rate.",
    "The drug was withdrawn because of its effects on the heart. We model the channel that it blocks.",
    "Withdrawn due to safety concerns in 2004, the drug is still studied for its effects. We model a channel that it blocks.",
    "This report removed noise from 300 scans by a diffusion model.",
    "The forces are withdrawn from the model one by one, and the error is measured.",
    "We withdraw money from the pool at random times and prove a bound on the loss.",
]


@pytest.mark.parametrize("abstract", NOTICES)
def test_a_notice_is_found(abstract):
    assert is_notice(abstract)


@pytest.mark.parametrize("abstract", ABSTRACTS)
def test_a_paper_about_withdrawals_is_none(abstract):
    assert not is_notice(abstract)
