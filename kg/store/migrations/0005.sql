-- Version 5: what a column may hold is said by the schema, and a vector has a checksum.

-- Of zlib's crc32, as the other side of `kg.store.vectors` computes it. SQLite's pages have none.
ALTER TABLE vectors ADD COLUMN checksum INTEGER;
UPDATE vectors SET checksum = crc32(vector);

-- Nothing refers to the tables below, so each is made anew.
CREATE TABLE new_identifiers (
    scheme TEXT NOT NULL CHECK (scheme IN ('id', 'arxiv', 'doi', 'title')),
    value  TEXT NOT NULL,
    paper  INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    PRIMARY KEY (scheme, value)
) WITHOUT ROWID;
INSERT INTO new_identifiers
    SELECT * FROM identifiers WHERE scheme IN ('id', 'arxiv', 'doi', 'title');
DROP TABLE identifiers;
ALTER TABLE new_identifiers RENAME TO identifiers;
CREATE INDEX identifiers_by_paper ON identifiers (paper);

CREATE TABLE new_list_entries (
    list    TEXT NOT NULL,
    paper   INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    starred INTEGER NOT NULL DEFAULT 0 CHECK (starred IN (0, 1)),
    gone    TEXT,                  -- ISO date
    PRIMARY KEY (list, paper)
) WITHOUT ROWID;
INSERT INTO new_list_entries SELECT list, paper, starred != 0, gone FROM list_entries;
DROP TABLE list_entries;
ALTER TABLE new_list_entries RENAME TO list_entries;
CREATE INDEX list_entries_by_paper ON list_entries (paper);

CREATE TABLE new_conflicts (
    scheme TEXT NOT NULL CHECK (scheme IN ('id', 'arxiv', 'doi', 'title')),
    value  TEXT NOT NULL,
    title  TEXT NOT NULL,          -- the title that did not get the identifier
    source TEXT NOT NULL,
    PRIMARY KEY (scheme, value, title, source)
) WITHOUT ROWID;
INSERT INTO new_conflicts
    SELECT * FROM conflicts WHERE scheme IN ('id', 'arxiv', 'doi', 'title');
DROP TABLE conflicts;
ALTER TABLE new_conflicts RENAME TO conflicts;

CREATE TABLE new_changes (
    key    INTEGER PRIMARY KEY,
    at     TEXT NOT NULL,          -- ISO 8601, UTC
    paper  TEXT NOT NULL,
    kind   TEXT NOT NULL CHECK (
        kind IN ('added', 'retitled', 'revised', 'published', 'withdrawn', 'restored', 'joined',
                 'unlisted', 'relisted')
    ),
    detail TEXT NOT NULL
);
INSERT INTO new_changes
    SELECT * FROM changes
    WHERE kind IN ('added', 'retitled', 'revised', 'published', 'withdrawn', 'restored', 'joined',
                   'unlisted', 'relisted');
DROP TABLE changes;
ALTER TABLE new_changes RENAME TO changes;
CREATE INDEX changes_by_time ON changes (at);

CREATE TABLE new_outside_references (
    citing INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    scheme TEXT NOT NULL CHECK (scheme IN ('arxiv', 'doi')),
    value  TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (scheme, value, citing, source)
) WITHOUT ROWID;
INSERT INTO new_outside_references
    SELECT * FROM outside_references WHERE scheme IN ('arxiv', 'doi');
DROP TABLE outside_references;
ALTER TABLE new_outside_references RENAME TO outside_references;
CREATE INDEX outside_references_by_citing ON outside_references (citing);

CREATE TABLE new_positions (
    model TEXT NOT NULL,
    paper INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    x     REAL NOT NULL,
    y     REAL NOT NULL,
    drawn INTEGER NOT NULL CHECK (drawn IN (0, 1)),
    PRIMARY KEY (model, paper)
) WITHOUT ROWID;
INSERT INTO new_positions SELECT model, paper, x, y, drawn != 0 FROM positions;
DROP TABLE positions;
ALTER TABLE new_positions RENAME TO positions;
CREATE INDEX positions_by_paper ON positions (paper);
