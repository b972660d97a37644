"""``curation init``: a project of one's own, for Cairn as it is installed, without a clone of its repository."""

from __future__ import annotations

from pathlib import Path

import click

from curation.core.errors import CairnError

FOLDERS = (
    "tasks", "reviews", "data/target", "data/translated", "data/predictions", "models/pretrained",
    "reports/intermediate", "reports/target", "reports/evaluate",
)  # fmt: skip
"""Folders that stages depend on, there from the start."""
UNSEEN = (
    "__pycache__/", "*.pyc", ".*", "*~", "\\#*\\#", "*.swp", "Thumbs.db", "desktop.ini", "*___jb_tmp___",
    "*___jb_old___",
)  # fmt: skip
"""What DVC does not see, as in the .dvcignore of Cairn: hidden files, and others that editors leave in ``tasks/``."""
CACHE = "reflink,hardlink,copy"
"""How DVC's cache and ``data/`` share their bytes, as in the .dvc/config of Cairn: with DVC's own default it copies."""
IGNORED = "/.cairn/\n/.venv/\n/data/**\n/models/**\n!*/\n!.gitkeep\n__pycache__/\n"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def command(folder: Path) -> int:
    """Make FOLDER a project: dvc.yaml, params.yaml, profiles/, tasks/.

    For Cairn that was installed with pip. The flow depends on the version
    in requirements.txt in place of Cairn's code: change it after an upgrade,
    and what has to be is run again. In a clone of Cairn none of this is
    needed.
    """
    from curation import api
    from curation.api import card
    from curation.core import files

    if folder.exists() and any(folder.iterdir()):
        raise CairnError(f"{folder} is not empty. Name a new folder.")
    profile = api.settings()
    flow = profile.parents[1] / "dvc.yaml"
    for name in FOLDERS:
        files.write_text(folder / name / ".gitkeep", "")
    demo = profile.read_text(encoding="utf-8")
    files.write_text(folder / "dvc.yaml", own_flow(flow.read_text(encoding="utf-8")))
    files.write_text(folder / "profiles/demo.yaml", demo)
    files.write_text(folder / "params.yaml", demo)
    files.write_text(folder / "requirements.txt", f"cairn=={card.version()}\n")
    files.write_text(folder / ".gitignore", IGNORED)
    files.write_text(folder / ".dvcignore", "\n".join(UNSEEN) + "\n")
    click.echo(f"{folder} is a project. Next:")
    click.echo(f"  cd {folder} && git init && dvc init")
    click.echo(f"  dvc config cache.type {CACHE}   # one copy of the data, not two")
    click.echo("  curation new-task NAME --from FILE --hold-out 0.1")
    return 0


def own_flow(text: str) -> str:
    r"""Return dvc.yaml with requirements.txt in place of Cairn's own code, which lies where pip put it.

    >>> flow = "stages:\n  a:\n    deps:\n      - curation/a\n      - x\n  b:\n    deps: [x, training]\n"
    >>> print(own_flow(flow))
    stages:
      a:
        deps:
          - requirements.txt
          - x
      b:
        deps: [x, requirements.txt]
    <BLANKLINE>
    """
    import io

    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes, yaml.width = True, 10_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    values = yaml.load(text)
    for stage in values["stages"].values():
        deps = stage["deps"]
        ours = [at for at, dep in enumerate(deps) if str(dep).split("/")[0] in ("curation", "training")]
        for at in reversed(ours):
            if at == ours[0]:
                deps[at] = "requirements.txt"
            else:
                del deps[at]
    out = io.StringIO()
    yaml.dump(values, out)
    return out.getvalue()
