"""``python -m curation.report``: gather, draw, write."""

from __future__ import annotations

from pathlib import Path

from curation.core import experiment, files, params
from curation.core.stage import main
from curation.report import Params, gather, numbers, page


def run() -> None:
    """Write the report of the experiment in params.yaml: HTML, Markdown, metrics and plots."""
    section = params.read(Params, "report")
    facts = gather.everything(experiment.read(), params.load(), section.examples)
    folder = Path("reports")
    for name, text in numbers.plots(facts).items():
        files.write_text(folder / "plots" / name, text)
    files.write_json(folder / "metrics.json", numbers.metrics(facts))
    files.write_text(folder / "report.md", page.markdown(facts))
    files.write_text(folder / "report.html", page.html(facts))


if __name__ == "__main__":
    main(run)
