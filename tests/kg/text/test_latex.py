"""LaTeX as plain text: what titles of real papers hold is decoded, once, and nothing else is."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg.ids.titles import normalised_title
from kg.text.latex.letters import letters
from kg.text.latex.plain import decoded, decoded_name, formula_text
from kg.text.latex.writer import latex_text
from tests.support.factories import TEXT


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (
            r"Sabi\'a, Berta\''u, Na\"ive, {\'E}cole, \v{C}ech, Wroc{\l}aw",
            "Sabiá, Bertaú, Naïve, École, Čech, Wrocław",
        ),
        (r"$\mu$KE, \(\mu\)nit, NF-{\kappa}B, Pixart-\sigma", "μKE, μnit, NF-κB, Pixart-σ"),
        (
            r"\(h^3\)fusion, M$^{3}$IT, LR${}^{2}$Bench, $\text{R}^2\text{ec}$",
            "h³fusion, M³IT, LR²Bench, R²ec",
        ),
        (r"H$_2$O, $(L_0,L_1)$-Smooth, $\mathcal{L}_1$", "H₂O, (L₀,L₁)-Smooth, ℒ₁"),
        (r"GPT-$3$, Top-$k$, $(1+\lambda)$ EA, $O(n^2)$", "GPT-3, Top-k, (1+λ) EA, O(n²)"),
        (
            r"$100\times$ faster, $\approx$, AI-45$^{\circ}$, A$\rightarrow$B",
            "100× faster, ≈, AI-45°, A→B",
        ),
        (r"\emph{A}, \textsc{b}, $\texttt{Se}^2$: $\textit{Se}$lection", "A, b, Se²: Selection"),
        (
            r"In \& Out, 5\%, \#1, a\_b, Call\,Recording, ~(LSR)",
            "In & Out, 5%, #1, a_b, Call Recording, ~(LSR)",
        ),
        (r"Data -- a survey --- and ``more''", "Data -- a survey --- and “more”"),
        (r"Code to \"Translation\": why", 'Code to "Translation": why'),
        (r"$\mathbb{v}$isual, $\mathbb{R}$", "visual, ℝ"),
        (
            "costs $5 and $10, E^2VPT, sk_p, {Your, My} Land",
            "costs $5 and $10, E^2VPT, sk_p, {Your, My} Land",
        ),
        (r"our \method{} and $\ourmethod$", r"our \method{} and $\ourmethod$"),
        (r"$\frac{\mu}{2}$ and \(\sqrt{n}\)", r"$\frac{\mu}{2}$ and $\sqrt{n}$"),
    ],
)
def test_titles_are_decoded(latex: str, plain: str) -> None:
    assert decoded(latex) == plain
    assert normalised_title(latex) == normalised_title(plain)


def test_hyphens_are_a_dash_in_bibtex_and_as_typed_elsewhere() -> None:
    assert decoded("Data -- a survey --- and more", grouped=True) == "Data – a survey — and more"
    assert decoded("Data -- a survey --- and more") == "Data -- a survey --- and more"


@pytest.mark.parametrize(
    "spellings",
    [
        (
            r"$\mu$KE: editing",
            "$μ$KE: editing",
            "μKE: editing",
            r"\(\mu\)KE: Editing",
            "µKE editing",
        ),
        (r"M$^3$IT", "M³IT", r"M{\(^{\mbox{3}}\)}IT", "M3IT", "M^3IT"),
        (r"Sabi\'a", "Sabiá", "Sabia", r"Sabi{\'{a}}"),
        (r"$\mathcal{L}$LMs", "LLMs", "ℒLMs"),
    ],
)
def test_spellings_of_one_title_are_one(spellings: tuple[str, ...]) -> None:
    assert len(set(map(normalised_title, spellings))) == 1


def test_names_keep_their_two_hyphens() -> None:
    assert decoded_name(r"Zo{\'e}~{B}raud--Montixi") == "Zoé Braud--Montixi"


@pytest.mark.parametrize(
    "source", [r"\frac{1}{2}", r"\sqrt{n}", "a & b", "x^q", "{", r"\left", "^", ""]
)
def test_what_unicode_cannot_write_stays_a_formula(source: str) -> None:
    assert formula_text(source) is None


@given(TEXT)
@example("$" * 40)
@example("\\" * 40)
def test_any_text_is_decoded_and_written(text: str) -> None:
    decoded(text)
    decoded(text, grouped=True)
    latex_text(text)


@given(st.text(alphabet="abc äßç ΔμL ³₂ -,.:!?&%#_{}", max_size=40))
def test_what_is_written_is_read_back(text: str) -> None:
    text = " ".join(text.split())
    assert decoded(latex_text(text), grouped=True).split() == decoded(text).split()


@given(st.text(alphabet="abc äßç Δμ ³₂ -,.:!?&%", max_size=40))
def test_plain_text_is_left_alone(text: str) -> None:
    assert letters(text) == text
    assert decoded(text) == text


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "$" * 100_000,
        "{" * 100_000,
        r"\textbf{" * 14_000,
        r"\'" * 50_000,
        "$x^{" * 25_000,
        r"\(" * 50_000,
        "``" * 50_000,
        "~" * 100_000,
        "^{" * 9_000,
    ],
)
def test_any_text_is_read_in_linear_time(text: str) -> None:
    begun = time.process_time()
    for one in (text, text[:19_999]):
        decoded(one)
        decoded(one, grouped=True)
        latex_text(one)
        normalised_title(one)
    assert time.process_time() - begun < 4
