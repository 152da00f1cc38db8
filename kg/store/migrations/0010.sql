-- Authors are looked up by the last word of their folded name: `kg.store.filter_sql.SURNAME`.
CREATE INDEX authorships_by_surname ON authorships (
    substr(folded, length(rtrim(folded, replace(folded, ' ', ''))) + 1), folded
);

-- The stems of the full-text index, which it keeps in order itself, and where each stands.
CREATE VIRTUAL TABLE words_stems USING fts5vocab (words, 'row');
CREATE VIRTUAL TABLE words_places USING fts5vocab (words, 'instance');

CREATE INDEX papers_by_venue ON papers (venue) WHERE venue IS NOT NULL;
