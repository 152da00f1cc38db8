-- Version 3: what the graph needs beside the facts.

-- Papers that are among each other's nearest by their vectors, of one model only. Made again
-- whenever a vector has changed: see search.likeness.
CREATE TABLE likeness (
    paper  INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    other  INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    cosine REAL NOT NULL,
    model  TEXT NOT NULL,
    PRIMARY KEY (paper, other),
    CHECK (paper < other)          -- alike is alike in both directions: one row a pair
) WITHOUT ROWID;
CREATE INDEX likeness_by_other ON likeness (other, paper);

-- An author is known by the folded name only; this finds an author's papers.
CREATE INDEX authorships_by_name ON authorships (folded, paper);
