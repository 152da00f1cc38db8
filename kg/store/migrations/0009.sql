-- Entities: methods, benchmarks and models, and how papers relate to them.

CREATE TABLE entities (
    key    INTEGER PRIMARY KEY,
    id     TEXT NOT NULL UNIQUE,       -- type/slug
    type   TEXT NOT NULL CHECK (type IN ('method', 'benchmark', 'model')),
    name   TEXT NOT NULL,
    about  TEXT,
    source TEXT NOT NULL               -- 'list', 'card', 'person', or a file's name
);

CREATE TABLE entity_names (
    entity     INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
    folded     TEXT NOT NULL,          -- kg.entities.names.folded_name
    name       TEXT NOT NULL,
    recognised TEXT NOT NULL CHECK (recognised IN ('any', 'exact', 'asked')),
    PRIMARY KEY (entity, folded)
) WITHOUT ROWID;
CREATE INDEX entity_names_by_name ON entity_names (folded, entity);

CREATE TABLE entity_papers (
    entity   INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
    relation TEXT NOT NULL CHECK (relation IN ('introduces', 'builds_on', 'compares_with',
                                               'evaluates_on', 'works_on', 'mentions')),
    paper    INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    source   TEXT NOT NULL CHECK (source IN ('list', 'card', 'match')),
    PRIMARY KEY (entity, relation, paper, source)
) WITHOUT ROWID;
CREATE INDEX entity_papers_by_paper ON entity_papers (paper, relation, entity, source);

-- What the list of entities says of two of them.
CREATE TABLE entity_extends (
    entity INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
    other  INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
    PRIMARY KEY (entity, other)
) WITHOUT ROWID;
CREATE INDEX entity_extends_by_other ON entity_extends (other, entity);

-- The text and card that a paper's relations were read from, as a digest.
CREATE TABLE entity_reads (
    paper INTEGER PRIMARY KEY REFERENCES papers ON DELETE CASCADE,
    state TEXT NOT NULL
);

-- What each name meant when relations were last read, as a digest of its entities.
CREATE TABLE entity_names_read (
    folded TEXT PRIMARY KEY,
    state  TEXT NOT NULL
) WITHOUT ROWID;

-- Names that several new papers use and nobody knows.
CREATE TABLE entity_proposals (
    folded   TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    type     TEXT NOT NULL CHECK (type IN ('method', 'benchmark', 'model')),
    papers   TEXT NOT NULL,            -- JSON: ids of the papers that use it
    queued   TEXT NOT NULL,
    decision TEXT CHECK (decision IN ('accept', 'reject'))
) WITHOUT ROWID;
