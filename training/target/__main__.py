"""``python -m training.target``."""

from curation.core.stage import main
from training.target import run

main(run)
