-- The catalogue, version 1. Papers are joined by integer keys; `id` is what users see.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE papers (
    key         INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    title       TEXT NOT NULL,
    abstract    TEXT,
    published   TEXT,              -- ISO date of version 1
    updated     TEXT,              -- ISO date of the newest version known
    year        INTEGER,
    venue       TEXT,
    arxiv_id    TEXT UNIQUE,
    doi         TEXT,
    url         TEXT,
    comment     TEXT,
    journal_ref TEXT,
    withdrawn   INTEGER NOT NULL DEFAULT 0,
    -- Hash of the fullest text known for the paper. A snapshot brings the hash of a title and an
    -- abstract without the abstract, so that its vectors stay good when the abstract arrives.
    text_hash   TEXT NOT NULL
);
CREATE INDEX papers_by_year ON papers (year);

-- Every name by which a paper may be found: one row a name.
CREATE TABLE identifiers (
    scheme TEXT NOT NULL,          -- arxiv, doi, title (normalised)
    value  TEXT NOT NULL,
    paper  INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    PRIMARY KEY (scheme, value)
) WITHOUT ROWID;
CREATE INDEX identifiers_by_paper ON identifiers (paper);

CREATE TABLE authorships (
    paper    INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name     TEXT NOT NULL,
    folded   TEXT NOT NULL,        -- lower case, without accents: what a filter compares
    PRIMARY KEY (paper, position)
) WITHOUT ROWID;

CREATE TABLE categories (
    paper    INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    position INTEGER NOT NULL,     -- 0 is the primary category
    category TEXT NOT NULL,
    PRIMARY KEY (paper, position)
) WITHOUT ROWID;
CREATE INDEX categories_by_name ON categories (category, paper);

CREATE TABLE placements (
    paper      INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    topic      TEXT NOT NULL,
    placed_by  TEXT NOT NULL CHECK (placed_by IN ('list', 'model', 'person')),
    source     TEXT NOT NULL,
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    PRIMARY KEY (paper, topic, placed_by, source)
) WITHOUT ROWID;
CREATE INDEX placements_by_topic ON placements (topic, paper);

CREATE TABLE citations (
    citing INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    cited  INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    source TEXT NOT NULL,
    PRIMARY KEY (citing, cited, source)
) WITHOUT ROWID;
CREATE INDEX citations_by_cited ON citations (cited, citing);

CREATE TABLE list_entries (
    list     TEXT NOT NULL,
    paper    INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    starred  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (list, paper)
) WITHOUT ROWID;
CREATE INDEX list_entries_by_paper ON list_entries (paper);

-- What two sources say of one identifier when both cannot be right; reported, never merged.
CREATE TABLE conflicts (
    scheme TEXT NOT NULL,
    value  TEXT NOT NULL,
    title  TEXT NOT NULL,          -- the title that did not get the identifier
    source TEXT NOT NULL,
    PRIMARY KEY (scheme, value, title, source)
) WITHOUT ROWID;

CREATE TABLE fetch_log (
    key      INTEGER PRIMARY KEY,
    source   TEXT NOT NULL,
    finished TEXT NOT NULL,        -- ISO 8601, UTC
    report   TEXT NOT NULL         -- JSON
);

CREATE TABLE vectors (
    paper     INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    model     TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    vector    BLOB NOT NULL,       -- float32, little-endian, unit length
    revision  INTEGER NOT NULL,    -- of the catalogue, when written: an index adds the newer ones
    PRIMARY KEY (paper, model, text_hash)
);
CREATE INDEX vectors_by_model ON vectors (model, revision);

CREATE VIRTUAL TABLE words USING fts5 (
    title, abstract, authors,
    tokenize = "porter unicode61 remove_diacritics 2"
);

-- The identity tells an index that was made from another catalogue.
INSERT INTO meta VALUES
    ('revision', '0'), ('vectors_revision', '0'), ('identity', lower(hex(randomblob(16))));
