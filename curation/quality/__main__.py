"""``python -m curation.quality``."""

from curation.core.stage import main
from curation.quality import run

main(run)
