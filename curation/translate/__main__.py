"""``python -m curation.translate``."""

from curation.core.stage import main
from curation.translate import run

main(run)
