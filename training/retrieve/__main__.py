"""``python -m training.retrieve``."""

from curation.core.stage import main
from training.retrieve import run

main(run)
