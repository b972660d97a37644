"""``python -m training.pretrained``."""

from curation.core.stage import main
from training.pretrained import run

main(run)
