"""``python -m training.intermediate``."""

from curation.core.stage import main
from training.intermediate import run

main(run)
