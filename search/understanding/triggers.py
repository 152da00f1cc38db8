"""Words without which a recogniser finds nothing, so that it need not even be imported.

In a question with other letters than ASCII, all are asked.
"""

from typing import Final

KINDS: Final = frozenset(
    "analyses analysis article benchmark benchmarks biblioteca bibliothek bibliotheque corpora"
    " corpus dataset datasets datensatz datensatze de evaluation framework leaderboard"
    " leaderboards libraries library overview overviews package packages paper papers piece pieces"
    " results review reviews set sets software studies study suite suites survey surveys testbed"
    " testbeds theory toolbox toolboxes toolkit toolkits tutorial tutorials uberblick ubersicht"
    " ubersichtsarbeit ubersichtsartikel work works".split()
)
DATES: Final = frozenset(
    "an annee annees anni anno ano anos ans day days decada decade decades decennie depuis desde"
    " dia dias giorni jahr jahre jahren jahrzehnt jour jours l'an l'annee l'anno mes mese meses"
    " mesi mois monat monate monaten month months quest'anno seit semaine semaines semana semanas"
    " settimana settimane since tag tage tagen week weeks woche wochen year years yr yrs".split()
)
"""Beside these, digits."""
COMPARISONS: Final = frozenset(
    "advantage advantages among benefit benefits between choice choosing compare compared compares"
    " comparing comparison comparisons contrast decide deciding diferencia diferencias differ"
    " difference differences different differs o oder of or ou similarities than trade-off"
    " trade-offs tradeoff tradeoffs unterschied v.s vergleich versus vs".split()
)
EXCLUSIONS: Final = frozenset(
    "all anything apart aside ausser besides but didn't doesn't don't everything except excepte"
    " excepting excepto exclude excludes excluding ignore ignoring leave leaving minus no not ohne"
    " omit omitting other outside salvo sans sauf senza sin skip skipping without".split()
)
LIKENESS: Final = frozenset(
    "akin ahnlich ahnliche alternative alternatives competitor competitors like lines manner"
    " reminiscent resemble resembles resembling rival rivals similaire similaires similar spirit"
    " style vein".split()
)
VENUES: Final = frozenset(
    "appeared association conference information journal published transactions".split()
)
"""Beside these, acronyms."""
