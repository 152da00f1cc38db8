"""Words that say nothing of a subject."""

# Not a full stop list: BM25 gives common words little weight by itself, and these only save time
# and stray matches.
STOP_WORDS = frozenset(
    "a about all an and any are as at be been by can could did do does done for from get give "
    "has have how i if in into is it its list me my of on or our paper papers please research "
    "show some study such tell than that the their them then there these they this those to used "
    "using was we were what when where which who whose why will with work works would you "
    "your".split()
)
"""Words of questions, in lower case, that are not looked up."""
