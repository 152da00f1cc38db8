import json
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF, SKOS, Graph, URIRef
from rdflib.collection import Collection

from kg.entities.entity import Entity, EntityType, Name, Relation
from kg.export.excerpt import Excerpt, gather
from kg.export.jsonld import (
    CARD,
    RELATIONS,
    SCHEME,
    TYPES,
    VOCABULARY,
    entity_iri,
    jsonld,
    paper_iri,
    topic_iri,
)
from kg.records import Citation, Paper, PlacedBy, Placement
from kg.store.details import Details
from kg.taxonomy.taxonomy import Taxonomy
from tests.support.factories import card, code_link, different, full_paper, paper, papers
from tests.support.folders import ROOT
from tests.support.graphs.facts import Facts, name, opened

# rdflib 7 warns of a class of its own that its own reader still uses.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

SCHEMA = rdflib.Namespace("https://schema.org/")
LFM = rdflib.Namespace(VOCABULARY)
DCTERMS = rdflib.Namespace("http://purl.org/dc/terms/")
TAXONOMY = Taxonomy.load()


def read(excerpt: Excerpt) -> Graph:
    """Read JSON-LD back as triples; the context is inline, so nothing is fetched."""
    return Graph().parse(data=jsonld(excerpt), format="json-ld")


def named(graph: Graph, subject: URIRef, predicate: URIRef) -> list[str]:
    """Texts of an ordered list, or names of the things in it."""
    head = graph.value(subject, predicate)
    if head is None:
        return []
    found = Collection(graph, head)
    return [str(graph.value(one, SCHEMA.name, default=one)) for one in found]


def test_a_paper_with_all_its_facts() -> None:
    made = full_paper(
        authors=("Zoë B. Lovelace", "李 明"),
        categories=("stat.ML", "cs.LG"),
        title=r"On $\ell_2$ & <b>",
    )
    topic = "model-editing/memory-based"
    placed = {made.id: (Placement(topic, PlacedBy.LIST, "l"),)}
    cites = (Citation(made.id, paper(2).id, "x"),)
    graph = read(Excerpt((made, paper(2)), placed, {made.id: ("l",)}, cites))
    me = URIRef("https://arxiv.org/abs/2001.00001")
    assert (me, RDF.type, SCHEMA.ScholarlyArticle) in graph
    assert named(graph, me, SCHEMA.author) == ["Zoë B. Lovelace", "李 明"]
    assert named(graph, me, SCHEMA.articleSection) == ["stat.ML", "cs.LG"]
    texts = {
        SCHEMA.name: r"On $\ell_2$ & <b>",
        SCHEMA.abstract: "We study subject 1. It works.",
        SCHEMA.datePublished: "2020-01-02",
        SCHEMA.dateModified: "2021-03-04",
        SCHEMA.version: "3",
        SCHEMA.creativeWorkStatus: "Withdrawn",
        SCHEMA.url: "https://arxiv.org/abs/2001.00001",
        DCTERMS.bibliographicCitation: "J. of X 7",
    }
    assert {name: str(graph.value(me, name)) for name in texts} == texts
    assert str(graph.value(graph.value(me, SCHEMA.isPartOf), SCHEMA.name)) == "ICML"
    assert str(graph.value(graph.value(me, SCHEMA.subjectOf), SCHEMA.name)) == "l"
    assert str(graph.value(graph.value(me, SCHEMA.comment), SCHEMA.text)) == "9 pages"
    identifiers = {
        str(graph.value(one, SCHEMA.propertyID)): str(graph.value(one, SCHEMA.value))
        for one in graph.objects(me, SCHEMA.identifier)
    }
    assert identifiers == {"arXiv": "2001.00001", "DOI": "10.1000/x", "LFM Atlas": "2001.00001"}
    assert list(graph.objects(me, SCHEMA.about)) == [URIRef(topic_iri(topic))]
    assert list(graph.objects(me, SCHEMA.citation)) == [URIRef(paper_iri(paper(2).id))]


def test_the_taxonomy_is_a_scheme_of_concepts() -> None:
    graph = read(Excerpt((), taxonomy=TAXONOMY))
    concepts = set(graph.subjects(RDF.type, SKOS.Concept))
    assert concepts == {URIRef(topic_iri(topic.id)) for topic in TAXONOMY}
    assert (URIRef(SCHEME), RDF.type, SKOS.ConceptScheme) in graph
    roots = {URIRef(topic_iri(topic.id)) for topic in TAXONOMY.roots}
    assert set(graph.objects(URIRef(SCHEME), SKOS.hasTopConcept)) == roots
    assert set(graph.subjects(SKOS.topConceptOf, URIRef(SCHEME))) == roots
    for topic in TAXONOMY:
        me = URIRef(topic_iri(topic.id))
        assert graph.value(me, SKOS.prefLabel) == rdflib.Literal(topic.name, lang="en")
        assert str(graph.value(me, SKOS.definition)) == topic.definition
        assert str(graph.value(me, SKOS.notation)) == topic.id
        assert str(graph.value(me, DCTERMS.source)) == topic.origin
        above = [URIRef(topic_iri(topic.parent))] if topic.parent else []
        assert list(graph.objects(me, SKOS.broader)) == above
        below = {URIRef(topic_iri(child)) for child in topic.children}
        assert set(graph.objects(me, SKOS.narrower)) == below
        labels = [
            {str(label) for label in graph.objects(me, kind)}
            for kind in (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel)
        ]
        assert set().union(*labels) == {
            *(topic.name, *topic.aliases, *topic.local_aliases, *topic.terms)
        }
        assert sum(map(len, labels)) == len(set().union(*labels))


@pytest.mark.slow
@given(st.lists(papers(), max_size=3))
@settings(max_examples=40)
def test_nothing_is_lost(made: list[Paper]) -> None:
    made = different(made)
    graph = read(Excerpt(tuple(made), taxonomy=Taxonomy(TAXONOMY.roots[:0])))
    assert len(set(graph.subjects(RDF.type, SCHEMA.ScholarlyArticle))) == len(made)
    for one in made:
        me = URIRef(paper_iri(one.id))
        issued = one.published.isoformat() if one.published else None
        if issued is None and one.year is not None:
            issued = f"{one.year:04}"
        expected = {
            SCHEMA.name: one.title,
            SCHEMA.abstract: one.abstract,
            SCHEMA.url: one.url,
            SCHEMA.datePublished: issued,
            DCTERMS.bibliographicCitation: one.journal_ref,
        }
        found = {name: str(graph.value(me, name, default="")) for name in expected}
        assert found == {name: value or "" for name, value in expected.items()}
        assert named(graph, me, SCHEMA.author) == [name for name in one.authors if name.strip()]
        assert named(graph, me, SCHEMA.articleSection) == list(one.categories)


@pytest.mark.parametrize(
    ("paper_id", "iri"),
    [
        ("cs/0112017", "https://arxiv.org/abs/cs/0112017"),
        ("doi:10.1002/(sici)1<3;2-b", "https://doi.org/10.1002/%28sici%291%3C3%3B2-b"),
        ("title:ab", "urn:lfm-atlas:title:ab"),
    ],
)
def test_the_iri_of_a_paper(paper_id: str, iri: str) -> None:
    assert paper_iri(paper_id) == iri


def test_a_document_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    made, other = full_paper(), replace(paper(2), url=None)
    placed = {made.id: (Placement("model-editing", PlacedBy.LIST, "l"),)}
    document = jsonld(
        Excerpt((made, other), placed, {made.id: ("l",)}, (Citation(made.id, other.id, "x"),))
    )
    # A context that is an address, anywhere in the document, would be fetched.
    contexts = list(values(json.loads(document), "@context"))
    assert contexts
    assert all(isinstance(one, dict) for one in contexts)
    assert not list(values(contexts, "@import"))
    graph = Graph().parse(data=document, format="json-ld")
    titles = {str(title) for title in graph.objects(predicate=SCHEMA.name)}
    assert {made.title, other.title} <= titles


def values(document: object, name: str) -> Iterator[object]:
    """Yield all values of a name, however deep."""
    if isinstance(document, dict):
        yield from (value for key, value in document.items() if key == name)
        document = list(document.values())
    if isinstance(document, list):
        for one in document:
            yield from values(one, name)


def test_a_card_is_the_description_and_code_realises_the_paper() -> None:
    made = paper(1)
    known = {made.id: Details(card(), (code_link(1, official=True), code_link(2)))}
    graph = read(Excerpt((made,), details=known))
    this = URIRef(paper_iri(made.id))
    assert str(graph.value(this, SCHEMA.description)) == card().summary
    code = list(graph.objects(this, SCHEMA.workExample))
    assert {graph.value(one, RDF.type) for one in code} == {SCHEMA.SoftwareSourceCode}
    assert {str(graph.value(one, SCHEMA.codeRepository)) for one in code} == {
        "https://github.com/ada/code1",
        "https://github.com/ada/code2",
    }


def test_methods_benchmarks_and_models_are_things_with_relations() -> None:
    lora, glue, bert = "method/lora", "benchmark/glue", "model/bert"
    entities = {
        lora: Entity(lora, EntityType.METHOD, (Name("LoRA"), Name("Low-Rank Adaptation")), "Thin."),
        glue: Entity(glue, EntityType.BENCHMARK, (Name("GLUE"),)),
        bert: Entity(bert, EntityType.MODEL, (Name("BERT"),)),
        "method/dora": Entity("method/dora", EntityType.METHOD, (Name("DoRA"),)),
    }
    relations = {
        paper(1).id: (
            (Relation.INTRODUCES, "method/dora"),
            (Relation.BUILDS_ON, lora),
            (Relation.EVALUATES_ON, glue),
            (Relation.WORKS_ON, bert),
        ),
        paper(2).id: ((Relation.COMPARES_WITH, lora), (Relation.MENTIONS, glue)),
    }
    graph = read(
        Excerpt(
            (paper(1), paper(2)),
            entities=entities,
            relations=relations,
            extends={"method/dora": (lora,)},
            compared={"method/dora": (lora,)},
        )
    )
    iri = {one: URIRef(entity_iri(one)) for one in entities}
    classes = {
        lora: {SCHEMA.DefinedTerm, LFM.Method},
        glue: {SCHEMA.Dataset, LFM.Benchmark},
        bert: {SCHEMA.SoftwareApplication, LFM.Model},
    }
    for one, wanted in classes.items():
        assert set(graph.objects(iri[one], RDF.type)) == wanted
        assert str(graph.value(iri[one], SCHEMA.name)) == entities[one].name
        assert str(graph.value(iri[one], SCHEMA.identifier)) == one
    assert str(graph.value(iri[lora], SCHEMA.alternateName)) == "Low-Rank Adaptation"
    assert str(graph.value(iri[lora], SCHEMA.description)) == "Thin."
    one, two = (URIRef(paper_iri(paper(n).id)) for n in (1, 2))
    dora = iri["method/dora"]
    stated = {
        *((one, LFM.introduces, dora), (one, LFM.buildsOn, iri[lora])),
        *((one, LFM.evaluatesOn, iri[glue]), (one, LFM.worksOn, iri[bert])),
        *((two, LFM.comparesWith, iri[lora]), (two, SCHEMA.mentions, iri[glue])),
        *((dora, LFM.extends, iri[lora]), (dora, LFM.comparedWith, iri[lora])),
    }
    assert stated <= set(graph)


def test_the_vocabulary_is_documented() -> None:
    text = ROOT.joinpath("docs", "graph.md").read_text("utf-8")
    terms = [*RELATIONS.values(), "lfm:extends", "lfm:comparedWith", CARD]
    terms += [one for some in TYPES.values() for one in some]
    assert VOCABULARY in text
    assert not [term for term in terms if f"`{term}`" not in text]


def test_an_excerpt_has_the_entities_of_its_papers() -> None:
    made = Facts(
        papers=3,
        relations=[
            (1, "introduces", "method/dora"),
            (1, "builds_on", "method/lora"),
            (2, "introduces", "method/lora"),
            (2, "compares_with", "method/old"),
            (3, "mentions", "method/lora"),
        ],
    )
    with opened(made) as catalogue:
        found = gather(catalogue, TAXONOMY, [1, 3])
    assert list(found.entities) == ["method/dora", "method/lora"]
    assert found.relations == {
        name(1): ((Relation.INTRODUCES, "method/dora"), (Relation.BUILDS_ON, "method/lora")),
        name(3): ((Relation.MENTIONS, "method/lora"),),
    }
    assert found.extends == {"method/dora": ("method/lora",)}
    assert found.compared == {}
