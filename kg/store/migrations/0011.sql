-- What changed since a revision, for caches of the catalogue that are brought up to date by it: the
-- words of papers, what papers are filtered by, and vectors that went.

CREATE TABLE paper_changes (
    paper    INTEGER PRIMARY KEY,      -- its key; the paper may be gone
    revision INTEGER NOT NULL
);
CREATE INDEX paper_changes_by_revision ON paper_changes (revision);

CREATE TABLE removed_vectors (
    paper    INTEGER NOT NULL,
    model    TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (paper, model)
) WITHOUT ROWID;

-- A write belongs to the revision that its transaction ends with.
CREATE TRIGGER papers_inserted AFTER INSERT ON papers BEGIN
    INSERT INTO paper_changes VALUES (NEW.key, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER papers_updated AFTER UPDATE ON papers BEGIN
    INSERT INTO paper_changes VALUES (NEW.key, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER papers_deleted AFTER DELETE ON papers BEGIN
    INSERT INTO paper_changes VALUES (OLD.key, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER authorships_inserted AFTER INSERT ON authorships BEGIN
    INSERT INTO paper_changes VALUES (NEW.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER authorships_updated AFTER UPDATE ON authorships BEGIN
    INSERT INTO paper_changes VALUES (NEW.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER authorships_deleted AFTER DELETE ON authorships BEGIN
    INSERT INTO paper_changes VALUES (OLD.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER categories_inserted AFTER INSERT ON categories BEGIN
    INSERT INTO paper_changes VALUES (NEW.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER categories_updated AFTER UPDATE ON categories BEGIN
    INSERT INTO paper_changes VALUES (NEW.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER categories_deleted AFTER DELETE ON categories BEGIN
    INSERT INTO paper_changes VALUES (OLD.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER placements_inserted AFTER INSERT ON placements BEGIN
    INSERT INTO paper_changes VALUES (NEW.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER placements_updated AFTER UPDATE ON placements BEGIN
    INSERT INTO paper_changes VALUES (NEW.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER placements_deleted AFTER DELETE ON placements BEGIN
    INSERT INTO paper_changes VALUES (OLD.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER cards_inserted AFTER INSERT ON cards BEGIN
    INSERT INTO paper_changes VALUES (NEW.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER cards_updated AFTER UPDATE ON cards BEGIN
    INSERT INTO paper_changes VALUES (NEW.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER cards_deleted AFTER DELETE ON cards BEGIN
    INSERT INTO paper_changes VALUES (OLD.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER abstract_stems_inserted AFTER INSERT ON abstract_stems BEGIN
    INSERT INTO paper_changes VALUES (NEW.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER abstract_stems_updated AFTER UPDATE ON abstract_stems BEGIN
    INSERT INTO paper_changes VALUES (NEW.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER abstract_stems_deleted AFTER DELETE ON abstract_stems BEGIN
    INSERT INTO paper_changes VALUES (OLD.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER links_inserted AFTER INSERT ON links BEGIN
    INSERT INTO paper_changes VALUES (NEW.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER links_updated AFTER UPDATE ON links BEGIN
    INSERT INTO paper_changes VALUES (NEW.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER links_deleted AFTER DELETE ON links BEGIN
    INSERT INTO paper_changes VALUES (OLD.paper, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
CREATE TRIGGER vectors_deleted AFTER DELETE ON vectors BEGIN
    INSERT INTO removed_vectors VALUES (OLD.paper, OLD.model, (SELECT value + 1 FROM meta WHERE name = 'revision'))
        ON CONFLICT DO UPDATE SET revision = excluded.revision WHERE revision != excluded.revision;
END;
