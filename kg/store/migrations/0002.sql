-- Version 2: what a refresh needs to know to go on where it stopped, and what it leaves to people.

ALTER TABLE papers ADD COLUMN version INTEGER;      -- number of the newest arXiv version known

-- The day on which a list was first seen without an entry that it had; NULL while it has it.
ALTER TABLE list_entries ADD COLUMN gone TEXT;

-- What became of papers. Ids, not keys: a paper that became part of another is still told of.
CREATE TABLE changes (
    key    INTEGER PRIMARY KEY,
    at     TEXT NOT NULL,          -- ISO 8601, UTC
    paper  TEXT NOT NULL,
    kind   TEXT NOT NULL,          -- added, retitled, revised, withdrawn, ...: kg.store.journal
    detail TEXT NOT NULL
);
CREATE INDEX changes_by_time ON changes (at);

-- Where each source stopped: a date, a resumption token, an ETag, the day of a look-up.
CREATE TABLE cursors (
    source TEXT NOT NULL,
    name   TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (source, name)
) WITHOUT ROWID;

-- Papers that may belong to the atlas, until a person decides. They are in no other table.
CREATE TABLE reviews (
    paper       TEXT PRIMARY KEY,
    record      TEXT NOT NULL,     -- JSON of the paper
    suggestions TEXT NOT NULL,     -- JSON: [[topic, confidence], ...]
    belongs     REAL NOT NULL CHECK (belongs BETWEEN 0 AND 1),
    queued      TEXT NOT NULL      -- ISO 8601, UTC
) WITHOUT ROWID;

-- Papers that a source found and that nothing has judged yet.
CREATE TABLE candidates (
    paper  TEXT PRIMARY KEY,
    record TEXT NOT NULL           -- JSON of the paper
) WITHOUT ROWID;

-- Papers that were judged not to belong, so that hearing of them again costs nothing.
CREATE TABLE outsiders (
    paper     TEXT PRIMARY KEY,
    text_hash TEXT NOT NULL,       -- of what was judged
    judged    TEXT NOT NULL        -- ISO date
) WITHOUT ROWID;

CREATE TABLE decisions (
    key      INTEGER PRIMARY KEY,
    at       TEXT NOT NULL,        -- ISO 8601, UTC
    paper    TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('accept', 'reject', 'move')),
    topic    TEXT,
    title    TEXT NOT NULL,        -- what was judged, for whoever learns from it
    abstract TEXT
);
CREATE INDEX decisions_by_paper ON decisions (paper);

-- Who was asked for a paper's references, when, and how many it knew.
CREATE TABLE reference_checks (
    paper   INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    source  TEXT NOT NULL,
    checked TEXT NOT NULL,         -- ISO date
    found   INTEGER NOT NULL,
    PRIMARY KEY (paper, source)
) WITHOUT ROWID;

-- References to papers that the atlas does not have: a citation once it does.
CREATE TABLE outside_references (
    citing INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    scheme TEXT NOT NULL,          -- arxiv, doi
    value  TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (scheme, value, citing, source)
) WITHOUT ROWID;
CREATE INDEX outside_references_by_citing ON outside_references (citing);
