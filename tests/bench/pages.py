"""Measures how long pages take and how large they are; `sh tests/bench/pages.sh` builds what it runs."""

import io
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

PRODUCTS = 500
RELEASES = 20
LONG_HISTORY = 200

LANGUAGES = ["en", "de"]

MANIFEST = """<?xml version="1.0"?><extension type="module" client="site" method="upgrade"><name>Harbor Module {number}</name>
<version>{version}</version><files><filename module="{product}">{product}.php</filename></files>
<updateservers><server type="extension">https://updates.example.org/{product}/updates.xml</server></updateservers>
<dlid prefix="dlid=" suffix="&amp;f=.zip"/></extension>"""

CHANGES = """
## [{version}] - {year:04}-{month:02}-14

### Added

- A list of the ships that are expected today
- A color for each kind of ship

### Fixed

- Hours such as `8–12 & 14–17` are shown as they are
- The map no longer jumps when a ship leaves the harbor

### Security

- Names of ships are escaped in the administration
"""


def write_product(packages, number, releases):
    """One of two is licensed."""
    product = f"mod_p{number:03}"
    folder = packages / product
    folder.mkdir(parents=True)
    group = f'group = "g{number // 5}"\n' if number % 2 else ""
    summary = f"Shows what number {number} of the harbor has to say about ships, tides and winds of the day."
    (folder / "product.toml").write_text(f'summary = "{summary}"\njoomla = ">=4.4, <7"\nphp = "8.1"\n{group}')
    changes = "# Changelog\n"
    for release in reversed(range(releases)):
        version = f"1.{10 + release}.0"
        changes += CHANGES.format(version=version, year=2006 + release // 12, month=release % 12 + 1)
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
            manifest = MANIFEST.format(number=number, product=product, version=version)
            archive.writestr(zipfile.ZipInfo(f"p{number:03}.xml"), manifest)
            archive.writestr(zipfile.ZipInfo(f"{product}.php"), f"<?php // {number} {version}")
        (folder / f"{product}-{version}.zip").write_bytes(package.getvalue())
    (folder / "CHANGELOG.md").write_text(changes)


def write_site(site, products, releases):
    for number in range(products):
        write_product(site / "packages", number, releases)
    (site / "bandari.toml").write_text(
        'title = "Harbors"\nvendor = "Harbors Ltd"\npublic_url = "https://updates.example.org"\n'
        'download_url = "https://get.example.org"\nprotected_url = "https://cdn.example.org"\nkey_mails = true\n'
        'digests = ["sha256", "sha384", "sha512"]\n'
    )


def build(bandari, site, languages):
    """Builds into an empty folder and gives seconds of CPU: the program's own, and the system's for it."""
    shutil.rmtree(site / "output", ignore_errors=True)
    arguments = ["build", "--no-cache", "--quiet", "--config", site / "bandari.toml", "--lang", ",".join(languages)]
    process = subprocess.Popen([bandari, *arguments])
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"the build ended with {status}")
    return usage.ru_utime, usage.ru_stime


def main(bandari, rounds):
    with tempfile.TemporaryDirectory() as scratch:
        many, long = pathlib.Path(scratch, "many"), pathlib.Path(scratch, "long")
        write_site(many, PRODUCTS, RELEASES)
        write_site(long, 2, LONG_HISTORY)
        print(f"{PRODUCTS} products with {PRODUCTS * RELEASES} packages; CPU of a build, in seconds:")
        for count in range(1, len(LANGUAGES) + 1):
            user, system = min(build(bandari, many, LANGUAGES[:count]) for _ in range(rounds))
            print(f"  {count} of the languages: {user:.2f} user, {system:.2f} system")
        build(bandari, long, LANGUAGES)
        for name, page in [
            (f"start page of {PRODUCTS} products", many / "output/public/index.html"),
            (f"page of a free product with {LONG_HISTORY} releases", long / "output/public/mod_p000/index.html"),
            (f"page of a licensed product with {LONG_HISTORY} releases", long / "output/public/mod_p001/index.html"),
        ]:
            print(f"{name}, all digests, {len(LANGUAGES)} languages: {page.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3)
