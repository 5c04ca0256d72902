"""Draws the picture at the top of the README anew: `python -m tests.screenshot`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

from tests.factories import REPOSITORY

PICTURE = REPOSITORY / ".github" / "screenshot.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Builds the sample site, opens the page of an experiment, and keeps what is seen first."""
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    with tempfile.TemporaryDirectory() as directory:
        site = Path(directory) / "site"
        command = [sys.executable, "-m", "sitegen", "build", "sample_runs", "--quiet"]
        settings = ["--config", "sample_runs/sitegen.toml", "--output", str(site)]
        subprocess.run([*command, *settings], cwd=REPOSITORY, check=True)
        (page_file,) = site.glob("experiments/digits-mlp-*.html")
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            viewport = ViewportSize(width=1440, height=900)
            page = chromium.new_page(viewport=viewport, color_scheme="light")
            page.goto(page_file.as_uri())
            page.locator(".sg-overlay .main-svg").first.wait_for()
            page.screenshot(path=PICTURE)
            chromium.close()


if __name__ == "__main__":
    main()
