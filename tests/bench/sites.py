"""A site to be built: its configuration, its output and what is looked at from outside."""

import json
import os
import pathlib
import shutil

from bench import CannotRun, Machine, run, seconds

ONE_DIGEST = ["sha256"]
ALL_DIGESTS = ["sha256", "sha384", "sha512"]

CONFIGURATION = """title = "Downloads of Harbor Works"
vendor = "Harbor Works"
public_url = "https://updates.example.org"
{urls}packages = {packages}
output = {output}
digests = {digests}
"""


class Site:
    """A site whose packages lie elsewhere and whose output lies in the scratch folder."""

    def __init__(
        self,
        machine: Machine,
        packages: pathlib.Path,
        digests: list[str] = ONE_DIGEST,
        folder: pathlib.Path | None = None,
        urls: str = "",
    ) -> None:
        self.bandari = machine.program("bandari")
        self.folder = folder or machine.scratch / f"site-{packages.name}-{len(digests)}"
        self.output = self.folder / "output"
        self.configuration = self.folder / "bandari.toml"
        self.folder.mkdir(parents=True, exist_ok=True)
        # A string of JSON is one of TOML, too.
        text = CONFIGURATION.format(
            packages=json.dumps(str(packages)),
            output=json.dumps(str(self.output)),
            digests=json.dumps(digests),
            urls=urls,
        )
        self.configuration.write_text(text)

    @property
    def command(self) -> list[str]:
        return [self.bandari, "build", "--quiet", "--config", str(self.configuration)]

    def build(self) -> float:
        """In seconds."""
        return seconds(self.command)

    def make_cold(self) -> None:
        """Neither output nor cache are there."""
        shutil.rmtree(self.output, ignore_errors=True)
        for left in self.folder.glob(".*"):
            left.unlink()

    def make_warm(self) -> None:
        """Everything is built, and long enough ago to be taken as it is."""
        run(self.command)

    def expect_packages(self, expected: int) -> None:
        """Raises CannotRun when the build did not publish them: then nothing was measured."""
        catalog = json.loads((self.output / "public/catalog.json").read_text())
        found = sum(len(product["packages"]) for product in catalog["products"])
        if found != expected:
            raise CannotRun(f"the catalog has {found} packages, expected {expected}")

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def link_tree(source: pathlib.Path, target: pathlib.Path) -> None:
    """The same files under other names, so that what is kept stays as it is."""
    shutil.copytree(source, target, copy_function=os.link)
