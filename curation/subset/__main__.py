"""``python -m curation.subset``."""

from curation.core.stage import main
from curation.subset import run

main(run)
