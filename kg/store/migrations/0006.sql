-- LaTeX of titles, names and venues is decoded, a venue has one name, and titles are compared in
-- the form that follows. Hashes and vectors stay: they are of the same texts, as they were written.

UPDATE papers SET title = kept_title(title) WHERE title != kept_title(title);
UPDATE papers SET venue = kept_venue(venue) WHERE venue != kept_venue(venue);
UPDATE authorships SET name = kept_name(name) WHERE name != kept_name(name);
UPDATE authorships SET folded = normalised(name) WHERE folded != normalised(name);
UPDATE OR IGNORE conflicts SET title = kept_title(title) WHERE title != kept_title(title);

INSERT OR IGNORE INTO identifiers
    SELECT 'title', normalised(title), key FROM papers WHERE normalised(title) != ''
    ORDER BY key;

UPDATE words SET title = (SELECT searched_title(title) FROM papers WHERE key = words.rowid)
    WHERE rowid IN (
        SELECT key FROM papers JOIN words ON words.rowid = key
        WHERE words.title != searched_title(papers.title)
    );
UPDATE words SET authors = coalesce((
        SELECT group_concat(name, ', ') FROM (
            SELECT name FROM authorships WHERE paper = words.rowid ORDER BY position
        )
    ), '')
    WHERE rowid IN (
        SELECT words.rowid FROM words WHERE authors != (
            SELECT group_concat(name, ', ') FROM (
                SELECT name FROM authorships WHERE paper = words.rowid ORDER BY position
            )
        )
    );

-- Indexes and graphs that hold the old texts are made again.
UPDATE meta SET value = value + 1
    WHERE name = 'revision' AND EXISTS (SELECT 1 FROM papers);
