-- Cards, links and what services say of papers.

CREATE TABLE cards (
    paper   INTEGER PRIMARY KEY REFERENCES papers ON DELETE CASCADE,
    summary TEXT,
    record  TEXT NOT NULL,             -- JSON: kg.cards.card.record_of
    source  TEXT NOT NULL              -- 'snapshot', a file's name, or 'predictor'
);

-- What cards are filtered by: kind, data, access, training and modality.
CREATE TABLE card_values (
    paper INTEGER NOT NULL REFERENCES cards ON DELETE CASCADE ON UPDATE CASCADE,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (paper, field, value)
) WITHOUT ROWID;
CREATE INDEX card_values_by_value ON card_values (field, value, paper);

CREATE TABLE links (
    paper    INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    kind     TEXT NOT NULL CHECK (kind IN ('code', 'model', 'data', 'project', 'video', 'slides')),
    url      TEXT NOT NULL COLLATE NOCASE,
    source   TEXT NOT NULL,
    official INTEGER CHECK (official IN (0, 1)),
    shared   INTEGER NOT NULL DEFAULT 0 CHECK (shared IN (0, 1)),  -- told for too many papers
    PRIMARY KEY (paper, kind, url, source)
) WITHOUT ROWID;
CREATE INDEX links_by_kind ON links (kind, paper);
CREATE INDEX links_by_url ON links (url, paper);

-- What the host of a link answered.
CREATE TABLE link_checks (
    url      TEXT PRIMARY KEY COLLATE NOCASE,
    checked  TEXT NOT NULL,
    state    TEXT CHECK (state IN ('there', 'moved', 'gone')),  -- null: the answer said nothing
    moved_to TEXT
) WITHOUT ROWID;

-- What a service says of a paper over the whole literature, beside the citations within the atlas.
CREATE TABLE reports (
    paper       INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    source      TEXT NOT NULL,
    citations   INTEGER CHECK (citations >= 0),
    open_access TEXT,                  -- address of a free copy
    venue       TEXT,
    reported    TEXT NOT NULL,
    PRIMARY KEY (paper, source)
) WITHOUT ROWID;
