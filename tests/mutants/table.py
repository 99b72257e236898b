"""All mutants, in the order in which README gives its promises."""

from tests.mutants import of_consuming, of_figures, of_requests, of_running, of_sending
from tests.mutants.promises import README, chapter

PARTS = (of_requests, of_sending, of_consuming, of_running, of_figures)
_CHAPTER = chapter(README)

MUTANTS = tuple(
    sorted((mutant for part in PARTS for mutant in part.MUTANTS), key=lambda mutant: _CHAPTER.find(mutant.promise))
)
