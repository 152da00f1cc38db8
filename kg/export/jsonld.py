"""Papers as JSON-LD: schema.org for papers, methods, benchmarks and models, SKOS for topics.

The context stands in the document, so that nothing is fetched to read it. A paper is a
``ScholarlyArticle`` and ``about`` its topics; the taxonomy is one ``skos:ConceptScheme``, whole
whatever papers are chosen.

- ``author`` and ``articleSection`` (arXiv categories, primary first) are ordered lists.
- ``dcterms:bibliographicCitation`` is the journal reference, ``comment`` the authors' comment,
  ``isPartOf`` the venue, ``subjectOf`` each list that names the paper, ``citation`` each paper
  of the same document that it cites.
- ``description`` is the summary of its card; ``workExample`` its code, a ``SoftwareSourceCode``;
  ``lfm:card`` the card itself, as it is in a file of cards (`docs/cards.md`), without what was
  predicted.
- A method is a ``DefinedTerm``, a benchmark a ``Dataset``, a model a ``SoftwareApplication``; each
  is of a class of our own too, as `docs/graph.md` says. ``alternateName`` has its other names.
- How a paper relates to them has terms of our own, but for ``mentions``.
- A topic's aliases are ``skos:altLabel``, the phrases to search for ``skos:hiddenLabel``, the id
  ``skos:notation``, the origin ``dcterms:source``.
"""

import json
from urllib.parse import quote

from kg.cards.card import read_part, record_of
from kg.entities.entity import Entity, EntityType, Relation
from kg.export import names
from kg.export.excerpt import Excerpt
from kg.ids.arxiv_id import arxiv_link
from kg.ids.doi import doi_link
from kg.links import LinkKind
from kg.records import Paper
from kg.taxonomy.topic import Topic

SCHEME = "urn:lfm-atlas:taxonomy"
"""IRI of the taxonomy."""

VOCABULARY = "urn:lfm-atlas:term:"
"""IRI of our own terms, which `docs/graph.md` defines."""

CARD = "lfm:card"
"""Property of a paper: its card."""

RELATIONS: dict[Relation, str] = {
    Relation.INTRODUCES: "lfm:introduces",
    Relation.BUILDS_ON: "lfm:buildsOn",
    Relation.COMPARES_WITH: "lfm:comparesWith",
    Relation.EVALUATES_ON: "lfm:evaluatesOn",
    Relation.WORKS_ON: "lfm:worksOn",
    Relation.MENTIONS: "mentions",
}
"""Relation of a paper to an entity -> property."""

TYPES: dict[EntityType, list[str]] = {
    EntityType.METHOD: ["DefinedTerm", "lfm:Method"],
    EntityType.BENCHMARK: ["Dataset", "lfm:Benchmark"],
    EntityType.MODEL: ["SoftwareApplication", "lfm:Model"],
}
"""Type of an entity -> classes."""

CONTEXT: dict[str, object] = {
    "@vocab": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "lfm": VOCABULARY,
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "author": {"@container": "@list"},
    "articleSection": {"@container": "@list"},
    "about": {"@type": "@id"},
    "citation": {"@type": "@id"},
    "codeRepository": {"@type": "@id"},
    **{name: {"@type": "@id"} for name in (*RELATIONS.values(), "lfm:extends", "lfm:comparedWith")},
    CARD: {"@type": "@json"},
    "dateModified": {"@type": "xsd:date"},
    "skos:inScheme": {"@type": "@id"},
    "skos:broader": {"@type": "@id"},
    "skos:narrower": {"@type": "@id"},
    "skos:topConceptOf": {"@type": "@id"},
    "skos:hasTopConcept": {"@type": "@id"},
    "skos:prefLabel": {"@language": "en"},
    "skos:altLabel": {"@language": "en"},
    "skos:hiddenLabel": {"@language": "en"},
    "skos:definition": {"@language": "en"},
}


def jsonld(excerpt: Excerpt) -> str:
    """Return papers, entities and taxonomy as a JSON-LD document."""
    cited = excerpt.cited()
    scheme: dict[str, object] = {
        "@id": SCHEME,
        "@type": "skos:ConceptScheme",
        "skos:prefLabel": "Topics of the LFM Atlas",
        "skos:hasTopConcept": [topic_iri(topic.id) for topic in excerpt.taxonomy.roots],
    }
    graph = [
        scheme,
        *map(_concept, excerpt.taxonomy),
        *(_entity(entity, excerpt) for entity in excerpt.entities.values()),
        *(_article(paper, excerpt, cited.get(paper.id, ())) for paper in excerpt.papers),
    ]
    document = {"@context": CONTEXT, "@graph": graph}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def paper_iri(paper: str) -> str:
    """IRI of the paper of that id: its page at arXiv or its DOI's, else a name.

    Examples
    --------
    >>> paper_iri("2203.05482"), paper_iri("doi:10.1/x"), paper_iri("title:ab12")
    ('https://arxiv.org/abs/2203.05482', 'https://doi.org/10.1/x', 'urn:lfm-atlas:title:ab12')
    """
    scheme, colon, value = paper.partition(":")
    if not colon:
        return arxiv_link(paper)
    if scheme == "doi":
        return doi_link(value)
    return "urn:lfm-atlas:" + quote(paper, safe="/:")


def topic_iri(topic: str) -> str:
    """IRI of a topic."""
    return "urn:lfm-atlas:topic:" + quote(topic)


def entity_iri(entity: str) -> str:
    """IRI of a method, benchmark or model.

    Examples
    --------
    >>> entity_iri("method/lora")
    'urn:lfm-atlas:entity:method/lora'
    """
    return "urn:lfm-atlas:entity:" + quote(entity)


def _entity(entity: Entity, excerpt: Excerpt) -> dict[str, object]:
    fields: dict[str, object] = {
        "@id": entity_iri(entity.id),
        "@type": TYPES[entity.type],
        "identifier": entity.id,
        "name": entity.name,
        "alternateName": [name.text for name in entity.names[1:]],
        "description": entity.about,
        "lfm:extends": [entity_iri(one) for one in excerpt.extends.get(entity.id, ())],
        "lfm:comparedWith": [entity_iri(one) for one in excerpt.compared.get(entity.id, ())],
    }
    return {name: value for name, value in fields.items() if value}


def _article(paper: Paper, excerpt: Excerpt, cited: tuple[str, ...]) -> dict[str, object]:
    issued = paper.published.isoformat() if paper.published else None
    if issued is None and paper.year is not None:
        issued = f"{paper.year:04}"
    details = excerpt.known(paper.id)
    named = {"arXiv": paper.arxiv_id, "DOI": paper.doi, "LFM Atlas": paper.id}
    fields: dict[str, object] = {
        "@id": paper_iri(paper.id),
        "@type": "ScholarlyArticle",
        "name": paper.title,
        "author": [_person(name) for name in paper.authors if name.strip()],
        "abstract": paper.abstract,
        "description": details.summary,
        "datePublished": issued,
        "dateModified": paper.updated and paper.updated.isoformat(),
        "isPartOf": {"@type": "CreativeWork", "name": paper.venue} if paper.venue else None,
        "identifier": [
            {"@type": "PropertyValue", "propertyID": scheme, "value": value}
            for scheme, value in named.items()
            if value
        ],
        "url": paper.url,
        "version": paper.version,
        "creativeWorkStatus": "Withdrawn" if paper.withdrawn else None,
        "articleSection": list(paper.categories),
        "comment": {"@type": "Comment", "text": paper.comment} if paper.comment else None,
        "dcterms:bibliographicCitation": paper.journal_ref,
        "about": [topic_iri(topic) for topic in excerpt.topics(paper.id)],
        "workExample": [
            {"@type": "SoftwareSourceCode", "codeRepository": link.url}
            for link in details.links
            if link.kind is LinkKind.CODE
        ],
        "citation": [paper_iri(other) for other in cited],
        **{
            name: [entity_iri(one) for one in excerpt.related(paper.id, relation)]
            for relation, name in RELATIONS.items()
        },
        CARD: record_of(card) if (card := details.card and read_part(details.card)) else None,
        "subjectOf": [
            {"@type": "CreativeWork", "name": name} for name in excerpt.lists.get(paper.id, ())
        ],
    }
    return {name: value for name, value in fields.items() if value}


def _person(name: str) -> dict[str, str]:
    parts = names.split(name)
    person = {
        "@type": "Person",
        "name": name,
        "givenName": parts.given,
        "familyName": parts.family,
        "honorificSuffix": parts.suffix,
    }
    return {key: value for key, value in person.items() if value}


def _concept(topic: Topic) -> dict[str, object]:
    # SKOS has it that no label of a concept is of two kinds.
    other = dict.fromkeys((*topic.aliases, *topic.local_aliases))
    other.pop(topic.name, None)
    hidden = [term for term in dict.fromkeys(topic.terms) if term not in {topic.name, *other}]
    fields: dict[str, object] = {
        "@id": topic_iri(topic.id),
        "@type": "skos:Concept",
        "skos:inScheme": SCHEME,
        "skos:notation": topic.id,
        "skos:prefLabel": topic.name,
        "skos:altLabel": list(other),
        "skos:hiddenLabel": hidden,
        "skos:definition": topic.definition,
        "skos:broader": topic_iri(topic.parent) if topic.parent else None,
        "skos:narrower": [topic_iri(child) for child in topic.children],
        "skos:topConceptOf": None if topic.parent else SCHEME,
        "dcterms:source": topic.origin,
    }
    return {name: value for name, value in fields.items() if value}
