"""``python -m training.evaluate``."""

from curation.core.stage import main
from training.evaluate import run

main(run)
