"""What axe finds on a page: rules of WCAG 2.2, levels A and AA."""

from __future__ import annotations

from importlib import resources
from typing import Any

from playwright.sync_api import Page

_OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
_SCRIPT = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def barriers(page: Page) -> list[str]:
    """Every rule that the page breaks, with where it does."""
    page.evaluate(_SCRIPT)
    found: dict[str, Any] = page.evaluate("(options) => axe.run(document, options)", _OPTIONS)
    assert found["passes"]  # it did look at something
    return [
        f"{rule['id']}: {' '.join(str(part) for part in node['target'])}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
