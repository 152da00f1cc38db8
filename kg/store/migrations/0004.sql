-- Version 4: the map of all papers.

-- Where a paper is on the map that a model's vectors made. It stays there, whatever is added.
CREATE TABLE positions (
    model TEXT NOT NULL,
    paper INTEGER NOT NULL REFERENCES papers ON DELETE CASCADE,
    x     REAL NOT NULL,
    y     REAL NOT NULL,
    drawn INTEGER NOT NULL,        -- 1: the map was drawn from it; 0: placed among those later
    PRIMARY KEY (model, paper)
) WITHOUT ROWID;
CREATE INDEX positions_by_paper ON positions (paper);

INSERT INTO meta VALUES ('positions_revision', '0');
