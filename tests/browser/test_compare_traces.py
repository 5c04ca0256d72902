"""Traces of two runs held against each other on compare.html, from file://."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sitegen.bundle.paths import sha10, slug
from tests.conftest import run_command
from tests.factories import write_run

SAMPLES = 510
"""More than a page shows."""


def pair(key: str, value: str | int) -> dict[str, Any]:
    kind = "stringValue" if isinstance(value, str) else "intValue"
    return {"key": key, "value": {kind: value}}


def trace_id(run: int, number: int) -> str:
    return f"{run + 1:016x}{number + 1:016x}"


def spans_of(run: int, number: int) -> list[dict[str, Any]]:
    """A trace whose call says something else in each run; the second retries once."""
    start_ns = 1_780_000_000_000_000_000 + number * 10**10
    said = [{"role": "assistant", "content": f"answer {number} of {'ab'[run]}"}]
    chat = [pair("gen_ai.operation.name", "chat"), pair("gen_ai.usage.input_tokens", 10 + run),
            pair("gen_ai.output.messages", json.dumps(said))]  # fmt: skip
    named: list[tuple[str, list[dict[str, Any]]]] = [("agent", []), ("chat", chat)]
    if run and number == 3:
        named.append(("retry <b>", []))
    return [
        {
            "traceId": trace_id(run, number), "spanId": f"{place + 1:016x}",
            "parentSpanId": f"{1:016x}" if place else "", "name": name, "kind": 1,
            "startTimeUnixNano": str(start_ns), "attributes": attributes,
            "endTimeUnixNano": str(start_ns + (number + 1) * (run + 1) * 10**6),
            "status": {"code": 2 if run and number == 5 and not place else 0},
        }
        for place, (name, attributes) in enumerate(named)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("traces")
    for run, name in enumerate("ab"):
        bundle = root / "runs" / "qa" / name
        write_run(bundle, id=f"qa/{name}", name=f"run {name}", experiment="qa")
        for folder in ("evals", "traces"):
            (bundle / folder).mkdir()
        spans = [span for number in range(SAMPLES) for span in spans_of(run, number)]
        document = {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}
        (bundle / "traces" / "all.jsonl").write_text(json.dumps(document))
        lines = [
            {"id": f"s-{number}", "input": "?", "output": f"{number}", "scores": {
                "correct": bool(number % 4 or run)}, "trace_ids": [trace_id(run, number)]}
            for number in range(SAMPLES)
        ]  # fmt: skip
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (bundle / "evals" / "test.jsonl").write_text(text)
    done = run_command("build", root / "runs", "-o", root / "site", cwd=root)
    assert done.returncode == 0, done.stderr
    return root / "site"


def address(site: Path, hash: str = "") -> str:
    keys = ",".join(sha10(f"qa/{name}") for name in "ab")
    return f"{(site / 'compare.html').as_uri()}#runs={keys}&tab=traces{hash}"


def test_traces_of_one_sample_stand_in_pairs_and_lead_to_their_spans(
    page: Page, site: Path
) -> None:
    page.goto(address(site))

    pairs = page.get_by_role("region", name="Pairs of traces").locator("tbody tr")
    expect(pairs).to_have_count(200)
    expect(pairs.first).to_contain_text("s-5")
    expect(pairs.nth(1)).to_contain_text("+510\xa0ms")
    page.get_by_label("Filter pairs").fill("s-3")
    expect(page.get_by_text("A has")).to_have_count(0)
    page.get_by_role("link", name="s-3", exact=True).click()
    lines = page.locator(".sg-compare__row")
    expect(lines).to_have_count(3)
    expect(lines.nth(2)).to_contain_text("retry <b>")
    expect(lines.nth(2)).to_contain_text("only in B")
    page.get_by_role("button", name="chat").click()
    expect(page.locator(".sg-compare__detail ins")).to_have_text("b")
    page.get_by_role("link", name="Span in B").click()
    expect(page.locator("[data-role=span] h3")).to_have_text("chat")
    expect(page).to_have_url(re.compile(f"{slug('qa/b')}.*span={2:016x}"))


def test_a_flip_leads_to_the_traces_of_both_runs(page: Page, site: Path) -> None:
    page.goto(address(site).replace("tab=traces", "tab=evals"))

    page.get_by_role("link", name="Traces A and B").click()

    expect(page.locator(".sg-compare__row").first).to_be_visible()
    expect(page.locator(".sg-compare__totals")).to_contain_text("Duration")


def test_a_trace_given_alone_finds_its_partner_or_asks_for_one(page: Page, site: Path) -> None:
    page.goto(address(site, f"&trace={trace_id(0, 3)}"))
    expect(page.locator(".sg-compare__row")).to_have_count(3)

    page.goto(address(site, "&trace=gone"))
    expect(page.get_by_text("run a has no such trace. Choose one.")).to_be_visible()
    page.get_by_text("Trace A…").click()
    page.get_by_role("searchbox", name="Which trace").fill("s-7")
    page.locator("a.sg-traces__choice", has_text="s-7").first.click()
    expect(page.locator(".sg-compare__row").first).to_be_visible()


def test_the_list_names_samples_beyond_those_in_the_page(page: Page, site: Path) -> None:
    run = next((site / "runs").glob(f"{slug('qa/a')}.html"))
    page.goto(f"{run.as_uri()}#tab=traces&trace={trace_id(0, SAMPLES - 1)}")

    expect(page.locator(".sg-traces__facts")).to_contain_text(f"s-{SAMPLES - 1}")
    page.get_by_text("Compare with trace…").click()
    page.get_by_role("link", name="A trace of another run…").click()
    expect(page.get_by_text("Add a run to compare.")).to_be_visible()


def test_a_pair_opens_by_enter_and_escape_leads_back_to_it(page: Page, site: Path) -> None:
    page.goto(address(site))
    link = page.get_by_role("region", name="Pairs of traces").get_by_role("link").nth(2)
    link.focus()
    name = link.text_content()

    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Trace against trace")).to_be_focused()
    page.keyboard.press("Escape")
    again = page.get_by_role("region", name="Pairs of traces").get_by_role("link", name=name)
    expect(again.first).to_be_focused()
    assert "with=" not in page.url
