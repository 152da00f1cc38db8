-- Words of names that FTS5 folds otherwise than filters do are searched in both forms, so that
-- filters by author look at the papers that have the words: `kg.store.clean_record.searched_name`.

CREATE TABLE named_otherwise AS
    SELECT DISTINCT paper FROM authorships WHERE searched_name(name) != name;

INSERT INTO paper_changes
    SELECT paper, (SELECT value + 1 FROM meta WHERE name = 'revision') FROM named_otherwise WHERE true
    ON CONFLICT DO UPDATE SET revision = excluded.revision;
UPDATE words SET authors = (
    SELECT group_concat(searched_name(name), ', ') FROM (
        SELECT name FROM authorships WHERE paper = words.rowid ORDER BY position
    )
) WHERE rowid IN (SELECT paper FROM named_otherwise);
UPDATE meta SET value = value + 1
    WHERE name = 'revision' AND EXISTS (SELECT 1 FROM named_otherwise);

DROP TABLE named_otherwise;
