"""``python -m curation.fetch``."""

from curation.core.stage import main
from curation.fetch import run

main(run)
