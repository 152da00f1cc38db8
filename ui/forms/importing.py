"""Actions of the reading lists: import a bibliography, export papers as a file."""

from ingest.adding import matching
from ingest.sources.bibliography import readers
from kg.errors import BadRequest
from kg.text.plain import plain_text
from ui.forms.action import Fields, Result
from ui.page.downloads import paper_format
from ui.page.templating import rendered
from ui.page.visit import Visit


def import_papers(visit: Visit, fields: Fields) -> Result:
    """Find the papers of a bibliography in the atlas; nothing is stored here.

    Parameters
    ----------
    fields : mapping
        `text`, the bibliography; `list`, the name of the list that it is for.

    Returns
    -------
    dict
        `found`, ids; `of`, how many papers it names; `html`, the result as HTML.
    """
    read = readers.read(_text(fields.get("text")))
    matches = matching.matches(visit.library.catalogue, read.references)
    found = list(dict.fromkeys(one.paper.id for one in matches if one.paper))
    absent = [one for one in matches if one.paper is None]
    html = rendered(
        "lists_imported.html",
        kind=read.kind,
        list=_text(fields.get("list")),
        of=len(matches),
        named=len(matches) - len(absent),
        found=found,
        unsure=[one for one in absent if one.suggestions],
        absent=absent,
        broken=read.broken,
    )
    return {"found": found, "of": len(matches), "html": str(html)}


def export_papers(visit: Visit, fields: Fields) -> Result:
    """Return papers as a file in a format; those that are not in the atlas are left out.

    Parameters
    ----------
    fields : mapping
        `format`, a name of `kg.export.formats.PAPER_FORMATS`; `ids`, a list.

    Returns
    -------
    dict
        `text`, `type` and `ending` of the file; `absent`, how many were left out.
    """
    name, sent = str(fields.get("format")), fields.get("ids")
    ids = [_text(one) for one in sent] if isinstance(sent, list) else []
    form = paper_format(name, ids)
    found = visit.library.reading_list(ids)
    if not found.items:
        raise BadRequest("none of these papers is in the atlas", "keep some first")
    text = visit.library.export_papers(name, found.ids)
    absent = len(found.lost)
    return {"text": text, "type": form.media_type, "ending": form.suffix, "absent": absent}


def _text(value: object) -> str:
    return plain_text(value) if isinstance(value, str) else ""
