"""``python -m curation.probe``."""

from curation.core.stage import main
from curation.probe import run

main(run)
