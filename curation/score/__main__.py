"""``python -m curation.score``."""

from curation.core.stage import main
from curation.score import run

main(run)
