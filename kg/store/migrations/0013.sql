-- A random mark of each revision: by it a cache sees whether the catalogue that it finds was ever in
-- the state that it was made from, or is another copy that came to the same number.

CREATE TABLE revisions (
    revision INTEGER PRIMARY KEY,
    mark     TEXT NOT NULL
);

-- What was made of an earlier version's catalogue knows no mark, and stays good.
INSERT INTO revisions SELECT DISTINCT CAST(value AS INTEGER), '' FROM meta
    WHERE name IN ('revision', 'vectors_revision');

CREATE TRIGGER revision_moved AFTER UPDATE OF value ON meta
    WHEN NEW.name = 'revision' AND NEW.value != OLD.value
BEGIN
    REPLACE INTO revisions VALUES (CAST(NEW.value AS INTEGER), lower(hex(randomblob(8))));
END;
