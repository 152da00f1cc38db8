-- Words of summaries are searched, and of abstracts that are not here: these in no order.

CREATE TABLE abstract_stems (
    paper INTEGER PRIMARY KEY REFERENCES papers ON DELETE CASCADE,
    stems TEXT NOT NULL                -- words, one for each stem, by its count, alphabetically
);

DROP TABLE words;
CREATE VIRTUAL TABLE words USING fts5 (
    title, abstract, authors, summary, stems,
    tokenize = "porter unicode61 remove_diacritics 2"
);
INSERT INTO words (rowid, title, abstract, authors, summary, stems)
    SELECT key, searched_title(title), coalesce(abstract, ''), coalesce((
        SELECT group_concat(name, ', ') FROM (
            SELECT name FROM authorships WHERE paper = key ORDER BY position
        )
    ), ''), coalesce((SELECT summary FROM cards WHERE paper = key), ''), ''
    FROM papers ORDER BY key;
