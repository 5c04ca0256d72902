"""What pages are told of the builds, and when those that wait are woken."""

from __future__ import annotations

import asyncio

from sitegen.serve.messages import Built, Failed, Going
from sitegen.serve.status import Status, built_text


def built(*derived: str, count: int | None = None, changed: int = 3) -> Built:
    return Built(
        seconds=0.25, runs=9, derived=list(derived), changed=changed, errors=0, warnings=0,
        derived_count=len(derived) if count is None else count,
    )  # fmt: skip


def test_a_run_that_is_built_over_and_over_stands_in_the_log_once() -> None:
    status = Status()
    for _ in range(5):
        status.built(built("a"))
    status.built(built("b"))
    status.built(built("a"))

    assert [(one.subject, one.times) for one in status.now.log] == [("a", 1), ("b", 1), ("a", 5)]


def test_a_build_that_changed_nothing_is_not_listed_but_ends_a_failure() -> None:
    status, failed = Status(), Failed(message="sitegen.toml: no TOML", hint=None)
    status.fail(failed)
    status.fail(failed)
    assert (status.now.phase, len(status.now.log)) == ("failed", 1)

    status.built(built(changed=0))
    status.built(built(changed=0))

    assert (status.now.phase, status.now.failed) == ("ready", None)
    assert [one.is_bad for one in status.now.log] == [False, True]


def test_a_build_is_told_by_its_first_runs() -> None:
    assert built_text(built("a", "b", "c", count=40)) == "a, b and 38 more: 3 files in 0.2 s"
    assert built_text(built("a", changed=1)) == "a: 1 file in 0.2 s"
    assert built_text(built()) == "pages: 3 files in 0.2 s"


def test_who_waits_is_woken_by_a_change_by_the_end_and_after_its_time() -> None:
    async def main() -> list[int]:
        status = Status()
        first = asyncio.create_task(status.changed(0, 60))
        await asyncio.sleep(0)
        status.building(Going(stage="Reading", total=3, done=1))
        woken = (await first).version
        late = (await status.changed(0, 60)).version
        in_vain = (await status.changed(woken, 0.01)).version
        last = asyncio.create_task(status.changed(woken, 60))
        await asyncio.sleep(0)
        status.end()
        return [woken, late, in_vain, (await last).version, (await status.changed(1, 60)).version]

    assert asyncio.run(main()) == [1, 1, 1, 1, 1]
