import gzip
import json
import time
from pathlib import Path

import pytest
from lxml import etree

from ingest.sources.arxiv.withdrawal import is_withdrawn


@pytest.mark.parametrize(
    "comment",
    [
        "This paper has been withdrawn by the author due to a wrong sign in (3)",
        "Withdrawn",
        "withdrawn by the authors, who found a gap in Lemma 2",
        "Withdrawn - see arXiv:2001.00001",
        "Paper withdrawn",
        "12 pages, 3 figures. The paper is now withdrawn from arXiv",
        "12 pages, withdrawn due to an error",
        "5 pages; withdrawn",
        "We have withdrawn this paper: the proof fails",
        "The authors have temporarily withdrawn this submission",
        "This paper (old version) was temporarily withdrawn",
        "arXiv admin note: This submission has been withdrawn by arXiv administrators",
        "This version has been removed by arXiv administrators because of its licence",
    ],
)
def test_a_comment_that_says_so(comment: str) -> None:
    assert is_withdrawn(comment, "We study ants.")


@pytest.mark.parametrize(
    "comment",
    [
        None,
        "",
        "Withdrawn from ICLR 2022",
        "This paper was withdrawn from ICLR 2021 and is improved here",
        "This paper was withdrawn by the authors from a workshop",
        "Withdrawn submission to a conference",
        "Replaces a withdrawn paper, arXiv:2001.00001",
        "The previous version was withdrawn; this one is right",
        "Theorem 3 of the first version is withdrawn",
        "A study of withdrawn papers",
        "Not withdrawn",
    ],
)
def test_a_comment_that_does_not(comment: str | None) -> None:
    assert not is_withdrawn(comment, "We study why people withdrew. This paper has been withdrawn.")


def test_an_abstract_that_was_replaced() -> None:
    assert is_withdrawn(None, "This paper has been withdrawn by the author.")
    assert is_withdrawn("3 pages", "The author has withdrawn this paper, since it was wrong.")
    assert not is_withdrawn(None, "Withdrawn papers teach us much.")
    assert not is_withdrawn(None, None)


# -- as people write it ------------------------------------------------------------------------

SAY_SO = """
This paper has been withdrawn by the author
Because of a mistake in Theorem 2 this paper has been withdrawn
An error was found in Lemma 1, so I withdraw the paper
I would like to withdraw this paper
The authors wish to withdraw this paper
We withdraw this submission since the data were wrong
The author requests that this paper be withdrawn
The paper should be withdrawn
Please withdraw this paper
Withdraw this paper due to an error
Withdraw for further modification
Withdrawal due to an error in Section 3
Withdrawn for revision
Temporarily withdrawn for revision
Superseded by arXiv:1001.0001 and hence withdrawn
This article has been withdrawn and replaced by arXiv:1001.0001
This paper has been merged with arXiv:1001.0001 and is withdrawn
This paper is being withdrawn
This paper is hereby withdrawn
This paper must be withdrawn
Manuscript withdrawn
Submission withdrawn
This has been withdrawn
[withdrawn]
(withdrawn)
*** WITHDRAWN ***
This paper has been retracted
The authors retract this paper
Error in the main theorem; withdrawn
Wrong results, withdrawn
The proof contains a gap, therefore withdrawn
The first author has withdrawn this paper
The paper was withdrawn by the first author
This paper has been withdrawn from arXiv
This paper has been removed by the author due to an error
The authors have decided to withdraw the manuscript
The authors are withdrawing this paper to add experiments
Request to withdraw
Requesting withdrawal of this paper
We found a serious bug and we have therefore withdrawn this paper
This version withdrawn by arXiv administrators because of disputed authorship
arXiv admin note: this paper withdrawn by arXiv admins
This paper withdrawn
Paper withdrawn: the result was already known
This paper has been with drawn
This paper will be withdrawn due to an error in the code
The results are wrong. We withdraw it.
We regret that this paper has been withdrawn
Please note that this paper has been withdrawn
10 pages, 2 figures, this paper has been withdrawn
Withdrawn by arXiv administrators because of disputed authorship
arXiv admin note: withdrawn by arXiv admins
The article is withdrawn since it needs major revision
Withdrawn, will be rewritten
Withdrawn - superseded by arXiv:1001.0001
The present paper has been withdrawn
Authors decided to withdraw this paper
author withdrew this paper
An error makes the main result false and the paper is therefore withdrawn
Retracted
Retracted by the authors because the proof of Lemma 3 is incomplete
This version is withdrawn
this work has been withdrawn by its authors
We would like to request to withdraw this article
Since the experiments cannot be reproduced we withdraw our paper
This manuscript has now been withdrawn, as a simpler proof exists
It contains a fatal error and is withdrawn
The paper had to be withdrawn
Withdrawn because of a licence problem
This submission is temporarily withdrawn by the authors
Comments: The paper was withdrawn
Withdrew this paper because of an error
Withdrawn. The author thanks A. Ant for finding the error
This article is withdrawn because the assumption of (4) does not hold
The work is withdrawn pending further checks
Author has withdrawn the paper
The authors have withdrawn the article since it overlaps with earlier work
Replaced by arXiv:1001.0001, this paper is withdrawn
the main claim is wrong, so this paper is withdrawn
Withdrawn as the results are included in arXiv:1001.0001
Withdrawn by author
This paper is withdrawn and will be resubmitted after corrections
due to errors this submission was withdrawn by the authors
We need to withdraw this paper because one co-author did not agree
I have decided to withdraw this article
all authors agreed to withdraw the paper
This paper (arXiv:1001.0001) has been withdrawn
This paper, submitted in 2010, has been withdrawn
This preprint has been withdrawn; see arXiv:1001.0001
The paper is to be withdrawn
Paper is withdrawn due to incorrect proof
Withdrawn to be replaced by a longer version
Withdrawn per request of the co-author
The paper has unfortunately been withdrawn
This paper has since been withdrawn
This paper was withdrawn because it needs a new proof
Major error found; this article was withdrawn
withdrawn; there is a mistake in Section 2
Withdraw due to a mistake
There are some mistakes in the proof of Theorem 1.1, therefore the author withdraws the paper
This paper has been withdrawn due to its submission to a journal
Withdrawn because it was accepted by a journal with another policy
Publication withdrawn
We are withdrawing the manuscript
This paper has been temporarily removed by the author
Withdrawn from arXiv by the authors
This submission has been retracted by the authors
Incomplete, withdrawn by authors
We have to withdraw this paper from arXiv
The author wants to withdraw this paper from arXiv
Because the copyright was transferred, the authors have to withdraw it
Some results were wrong. The paper has been withdrawn until they are checked
Duplicate submission, withdrawn
Withdrawn!
Paper has been withdrawn
withdrawn.
An essential step is missing and we want to withdraw it from arXiv
This paper has been retracted because of a coding error
Retraction of this paper due to an error in the code
Withdrawn paper
""".strip().splitlines()

DO_NOT = """
Replaces withdrawn arXiv:2001.00001
An earlier version was withdrawn
An earlier version of this paper was withdrawn because of an error
This paper replaces arXiv:math/0101001, which has been withdrawn
This paper supersedes the withdrawn paper arXiv:1001.0001
We withdraw from the debate
Withdrawal of money from banks
Drug withdrawal in mice
Opioid withdrawal; 12 pages
withdrawn from submission to a journal
The withdrawal of troops, 20 pages
Comment on a retracted paper
Comment on a paper that has been retracted
On retracts of categories
Retraction of manifolds, 12 pages
This paper was withdrawn in error and is now restored
It was previously withdrawn because of an error that has been corrected
This paper was previously withdrawn
This paper has not been withdrawn
The paper is no longer withdrawn
I withdraw my claim about Theorem 3
The author withdraws the claim of the second section
Section 4 has been withdrawn
Theorem 3 in this paper is withdrawn
The claim in the paper was withdrawn
Submitted to ICLR 2020, withdrawn
Submitted to PRL and withdrawn
ICLR 2021 submission (withdrawn)
Related to arXiv:1001.0001 (withdrawn)
If the paper is withdrawn, see the journal
This paper may be withdrawn
The companion paper has been withdrawn
A companion to arXiv:1001.0001, which was withdrawn
Includes the results of the withdrawn paper hep-th/9901001
The paper of Smith and Jones was withdrawn
v1 was withdrawn, v2 corrects the error
Replaces arXiv:1001.0001, withdrawn
This paper was withdrawn but the error has been fixed
The data set was withdrawn by its owner
Data removed by the authors
The figures were removed by the authors
Withdrawn papers and their citations
Appendix removed by the author
Retracted articles on Wikipedia
We retract the second claim of our earlier paper
Accepted at ICML; withdrawn from NeurIPS
The editor withdrew the paper's acceptance
How authors withdraw papers
We study withdrawing agents
Two-stage retraction due to friction is studied in part II
Presented at a workshop on withdrawn submissions
This paper was withdrawn from consideration at ICML
Deletes a wrong remark on withdrawn work
The first version, withdrawn by the author, had an error
Supersedes arXiv:1001.0001 (withdrawn by the author)
Reason for withdrawal of arXiv:1001.0001 is explained
Contains material from the now withdrawn arXiv:1001.0001
Replacement of withdrawn version
The result of v1 has been withdrawn
Figure 3 is withdrawn
Corrects an error in the published version, which was retracted
When this paper was withdrawn, the proof was incomplete
This paper was withdrawn by mistake
The authors of the original claim withdrew it
10 pages, extends a withdrawn note
This is a corrected version of a withdrawn paper
Corrected version of the paper that was withdrawn in 2012
This note explains why the paper arXiv:1001.0001 is withdrawn
This paper was withdrawn from PRL and sent to PRD
Withdrawn from PRL
The paper was withdrawn from the proceedings
We withdrew the paper from consideration at the conference
Rejected from CVPR, withdrawn from ICCV
A note on the retraction of the paper by A. Ant
A retracted product, 5 pages
Retract rational fields
Withdrawing money: a study of ATMs
Withdrawing from a coalition
Withdrawal symptoms and models
Withdrawal times in networks
Retracting windows, 10 pages
Retracted singularities, 12 pages
Will be withdrawn upon publication
The paper would be withdrawn only if the authors agreed
We do not withdraw the paper
The author did not withdraw this paper
Previously withdrawn
Un-withdrawn version
Resubmission of a paper withdrawn by mistake
This replaces our earlier paper, which we have withdrawn
Extended version of a withdrawn submission
An early version was retracted
It is withdrawn from the market
Samples were withdrawn and measured
Water was withdrawn from the lake
The dataset has been withdrawn due to privacy concerns
The main result of this paper was withdrawn
See also the withdrawn arXiv:1001.0001
arXiv:1001.0001 has been withdrawn
hep-th/9901001 is withdrawn in favour of this paper
In v3 the statement on page 2 is withdrawn
The second half of this paper was withdrawn
We thank the authors, who have withdrawn their paper
The authors of arXiv:1001.0001 have withdrawn their paper
A detector of retracted papers
Supersedes our withdrawn paper
The authors withdrew the second part of the paper
Improves on withdrawn work
Remarks on withdrawn papers by others
Why I withdrew from academia
Retraction-based optimisation due to Absil
We retract the assertion in the abstract of v2
The paper by Smith is withdrawn
Following arXiv:1001.0001, now withdrawn
This paper is a merged version of arXiv:1001.0001 and arXiv:1002.0001 (now withdrawn)
Merged with arXiv:1001.0001 (withdrawn)
Figures were corrupted, removed by the author
The author withdraws this paper's last claim
Section 5 of this paper is withdrawn
""".strip().splitlines()


@pytest.mark.parametrize("comment", SAY_SO)
def test_the_ways_to_say_so(comment: str) -> None:
    assert is_withdrawn(comment, None)
    assert is_withdrawn(f"12 pages, 3 figures. {comment}", None)
    assert is_withdrawn(comment.upper(), None)


@pytest.mark.parametrize("comment", DO_NOT)
def test_what_only_sounds_like_it(comment: str) -> None:
    assert not is_withdrawn(comment, None)
    assert not is_withdrawn(f"12 pages, 3 figures. {comment}", None)


def test_a_short_abstract_may_say_so_in_its_first_sentence() -> None:
    assert is_withdrawn(None, "Because of an error in (4), this paper has been withdrawn.")
    study = "In what follows, this paper has been withdrawn is a phrase that we count. " * 9
    assert not is_withdrawn(None, study)


@pytest.mark.parametrize(
    "text",
    [
        "withdraw " + ":;" * 50_000,
        ":" * 100_000 + " withdraw",
        "withdraw " + "so " * 40_000,
        "the authors " + "have to " * 12_000 + "withdraw",
        "1 page " * 14_000 + "withdraw",
        "this paper, " * 8_000 + "withdraw",
        "withdrawn and. " * 7_000,
    ],
)
def test_any_comment_is_read_in_linear_time(text: str) -> None:
    begun = time.process_time()
    is_withdrawn(text, text)
    assert time.process_time() - begun < 2


@pytest.mark.shared
def test_shared_comments_that_were_missed(faults: Path) -> None:
    lines = (faults / "21-withdrawal-comments" / "comments.txt").read_text().splitlines()
    assert [line for line in lines if not is_withdrawn(line, None)] == []
    assert len(lines) >= 8


@pytest.mark.slow
@pytest.mark.shared
def test_shared_comments_and_abstracts(shared: Path) -> None:
    comments = [
        element.text
        for path in sorted((shared / "fixtures").glob("*/*.xml"))
        if path.name != "ListRecordsBroken.xml"
        for element in etree.parse(path).iter("{*}comments", "{*}comment")
    ]
    # Three of an old list of physics papers; all three say why.
    assert sum(is_withdrawn(comment, None) for comment in comments) == 3
    with gzip.open(shared / "papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        # Several write about withdrawal; no listed paper was withdrawn.
        assert not any(is_withdrawn(None, json.loads(line)["abstract"]) for line in lines)
