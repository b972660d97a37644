"""``python -m curation.embed``."""

from curation.core.stage import main
from curation.embed import run

main(run)
