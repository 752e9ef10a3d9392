"""Headless Chromium, for pages from files: what they look like, log and load."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
REQUIRED = "FRAMESCOPE_REQUIRE_BROWSER"


class Browser:
    """A window with one page at a time."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self.width = 0

    def open(self, path: Path, *, width: int = 1280, height: int = 900, is_dark: bool = False) -> None:
        """Show a file, and forget what earlier pages logged and loaded."""
        self.visit(path.resolve().as_uri(), width=width, height=height, is_dark=is_dark)

    def visit(self, address: str, *, width: int = 1280, height: int = 900, is_dark: bool = False) -> None:
        """Show what is at an address, and forget what earlier pages logged and loaded."""
        self.width = width
        self.driver.get("about:blank")
        for kind in ("browser", "performance"):
            self.driver.get_log(kind)
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        theme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": [theme]})
        self.driver.get(address)

    def run(self, script: str, *arguments: object) -> Any:
        """Return what a script returns; the page's own policy on scripts does not apply to it."""
        return self.driver.execute_script(script, *arguments)

    def console(self) -> list[str]:
        """Return the warnings and errors of the page, refused requests among them."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Return the addresses that the page has asked for, its own apart."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
        return [address for address in asked if address not in {self.driver.current_url, "data:,"}]

    def wait(self, script: str, seconds: float = 20) -> Any:
        """Return what a script returns as soon as that means true; the page may change meanwhile."""
        from selenium.webdriver.support.ui import WebDriverWait  # noqa: PLC0415

        return WebDriverWait(self.driver, seconds, poll_frequency=0.05).until(lambda _: self.run(script))

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        script = (
            "const e = document.documentElement; return e.scrollWidth - Math.min(e.clientWidth, arguments[0])"
        )
        return int(self.run(script, self.width))

    def press(self, key: str) -> Any:
        """Press a key, and return the element that has the focus then."""
        self.driver.switch_to.active_element.send_keys(key)
        return self.driver.switch_to.active_element

    def picture(self, path: Path, *, is_whole: bool = False) -> None:
        """Save a screenshot: of the window, or of the whole page."""
        options = {"format": "png", "captureBeyondViewport": is_whole}
        found = self.driver.execute_cdp_cmd("Page.captureScreenshot", options)
        path.write_bytes(base64.b64decode(found["data"]))


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, started once; where it is absent tests are skipped, or fail if it is required."""
    names = {"chromium": shutil.which("chromium"), "chromedriver": shutil.which("chromedriver")}
    absent = [name for name, path in names.items() if path is None]
    if absent:
        reason = f"{' and '.join(absent)} not found: install chromium and chromium-driver"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(reason)
        pytest.skip(reason)

    from selenium import webdriver  # noqa: PLC0415

    options = webdriver.ChromeOptions()
    options.binary_location = str(names["chromium"])
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(str(names["chromedriver"]))
    with webdriver.Chrome(options=options, service=service) as driver:
        yield Browser(driver)
