"""``python -m curation.neighbours``."""

from curation.core.stage import main
from curation.neighbours import run

main(run)
