"""What a wheel carries beside the packages: the flow and the profile that `curation init` starts a project with."""

from pathlib import Path
from shutil import copyfile

from setuptools import setup
from setuptools.command.build_py import build_py

CARRIED = ("dvc.yaml", "profiles/demo.yaml")


class WithProject(build_py):
    """Copy the files of a project into the built package ``curation.api``."""

    def run(self) -> None:
        """Build as usual, then copy."""
        super().run()
        if self.editable_mode:
            return
        for name in CARRIED:
            to = Path(self.build_lib) / "curation/api/project" / name
            to.parent.mkdir(parents=True, exist_ok=True)
            copyfile(name, to)


setup(cmdclass={"build_py": WithProject})
