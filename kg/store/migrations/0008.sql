-- Words of cards are searched, and of abstracts that are not here: these in no order.

CREATE TABLE abstract_stems (
    paper INTEGER PRIMARY KEY REFERENCES papers ON DELETE CASCADE,
    stems TEXT NOT NULL                -- words, one for each stem, each by its count
);

DROP TABLE words;
CREATE VIRTUAL TABLE words USING fts5 (
    title, abstract, authors, card, stems,
    tokenize = "porter unicode61 remove_diacritics 2"
);
INSERT INTO words (rowid, title, abstract, authors, card, stems)
    SELECT key, searched_title(title), coalesce(abstract, ''), coalesce((
        SELECT group_concat(name, ', ') FROM (
            SELECT name FROM authorships WHERE paper = key ORDER BY position
        )
    ), ''), coalesce((
        SELECT coalesce(summary || ' ', '') || coalesce(record ->> 'problem' || ' ', '')
            || (record ->> 'kind')
            || coalesce((
                SELECT ' ' || group_concat(value, ' ') FROM json_each(record, '$.also_kind')
            ), '')
        FROM cards WHERE paper = key
    ), ''), ''
    FROM papers ORDER BY key;
INSERT INTO words (words) VALUES ('optimize');

-- There are few, and every question leaves them out.
CREATE INDEX papers_withdrawn ON papers (key) WHERE withdrawn;
