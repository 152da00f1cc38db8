-- Of a large atlas, withdrawn papers and the newest are found without reading all.

-- As `kg.ids.arxiv_id` reads ids: 2403.01234 is of March 2024, cs/9901001 of January 1999.
ALTER TABLE papers ADD COLUMN arxiv_number TEXT
    AS (substr(arxiv_id, instr(arxiv_id, '/') + 1)) VIRTUAL;
ALTER TABLE papers ADD COLUMN arxiv_month TEXT AS (
    CASE WHEN arxiv_number GLOB '[0-9][0-9]0[1-9]*' OR arxiv_number GLOB '[0-9][0-9]1[0-2]*' THEN
        CASE WHEN instr(arxiv_id, '/') AND arxiv_number >= '9' THEN '19' ELSE '20' END
        || substr(arxiv_number, 1, 2) || '-' || substr(arxiv_number, 3, 2)
    END
) VIRTUAL;
-- ``2024``, ``2024-05`` or ``2024-05-17``: the date of version 1; else the month of the arXiv id,
-- where that is in the year of the record; else this year.
ALTER TABLE papers ADD COLUMN appeared TEXT AS (
    coalesce(published, CASE
        WHEN printf('%04d', year) = substr(arxiv_month, 1, 4) AND year THEN arxiv_month
        WHEN year THEN printf('%04d', year)
    END)
) VIRTUAL;

CREATE INDEX papers_by_appeared ON papers (appeared, key);
CREATE INDEX papers_by_withdrawn ON papers (key) WHERE withdrawn;
