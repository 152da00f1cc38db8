-- Papers are found by their titles, or by the name before a colon, whatever their number.

CREATE INDEX papers_by_title ON papers (lower(title));
