"""The interface of `curation browse`, driven by Textual's pilot at 80 x 24, and in a browser."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, OptionList, Static

from curation.cli import _tables
from curation.cli.browsing.app import Browse
from curation.cli.browsing.decisions import Desk
from curation.cli.browsing.store import Store
from curation.core import paths
from curation.core.errors import CairnError
from curation.review import log

TASK = "toy_nli"


async def until(pilot: Any, true: Callable[[], bool]) -> None:
    for _ in range(500):
        await pilot.pause(0.02)
        if true():
            return
    raise AssertionError("the interface did not get there")


async def settled(pilot: Any) -> None:
    """Wait until the row under the cursor, and the lines on the screen, are shown."""
    app = pilot.app
    await until(pilot, lambda: app.story is not None and app.story.place == app.grid.place and not app.grid._asked)


def drive(steps: Callable[[Browse, Any], Awaitable[None]], where: str = "", size: tuple[int, int] = (80, 24)) -> Browse:
    async def run() -> Browse:
        app = Browse(Store(TASK), "Ann", where)
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await steps(app, pilot)
        return app

    return asyncio.run(run())


def row_text(app: Browse) -> str:
    return str(app.query_one("#story", Static).content)


def test_one_key_each_decides_and_the_next_row_follows(own: Path) -> None:
    async def steps(app: Browse, pilot: Any) -> None:
        worst = _tables.ids(TASK, "true")
        for n, key in enumerate("kdu"):
            assert app.story is not None
            assert app.story.record["id"] == worst[n]
            await pilot.press(key)
            await settled(pilot)
        assert "decided 3 · 1 keep · 1 drop · 1 unsure" in str(app.query_one("#top", Static).content)

    drive(steps)
    standing = log.standing(log.read(TASK))
    assert [standing[id_].decision for id_ in _tables.ids(TASK, "true")[:3]] == ["keep", "drop", "unsure"]
    assert {one.author for one in standing.values()} == {"Ann"}
    assert all(one.time.endswith("Z") for one in standing.values())


def test_r_takes_the_suggestion_and_without_one_asks(own: Path) -> None:
    async def steps(app: Browse, pilot: Any) -> None:
        assert app.story is not None
        app.story = replace(app.story, suggested=2, said="contradiction")
        await pilot.press("r")
        await settled(pilot)
        app.story = replace(app.story, suggested=None, said=None)
        await pilot.press("r")
        await until(pilot, lambda: len(app.screen.query(OptionList)) == 1)
        await pilot.press("home", "enter")
        await until(pilot, lambda: len(app.desk.standing) == 2)

    app = drive(steps)
    said = [(one.decision, one.label) for one in log.read(TASK)]
    assert said == [("relabel", 2), ("relabel", 0)]
    assert list(app.desk.standing) == _tables.ids(TASK, "true")[:2]


def test_undo_goes_back_row_by_row_and_the_log_only_grows(own: Path) -> None:
    async def steps(app: Browse, pilot: Any) -> None:
        first = app.grid.place
        await pilot.press("k")
        await settled(pilot)
        await pilot.press("up")
        await settled(pilot)
        await pilot.press("d")
        await settled(pilot)
        await pilot.press("z")
        await settled(pilot)
        assert app.grid.place == first
        assert [one.decision for one in app.desk.standing.values()] == ["keep"]
        assert "keep" in row_text(app)
        await pilot.press("z")
        await settled(pilot)
        assert not app.desk.standing
        await pilot.press("z")

    drive(steps)
    assert [one.decision for one in log.read(TASK)] == ["keep", "drop", "keep", "open"]


def test_the_filter_is_that_of_show_and_a_mistake_keeps_the_rows(own: Path) -> None:
    where = "label_quality < 0.5 AND label = 'neutral'"

    async def steps(app: Browse, pilot: Any) -> None:
        await pilot.press("slash", *where, "enter")
        await until(pilot, lambda: app.where == where and len(app.grid.places) < app.store.frame.rows)
        found = [app.store.record(int(place))["id"] for place in app.grid.places]
        assert found == _tables.ids(TASK, where)
        await pilot.press("slash", *" AND nothing > 1", "enter")
        await until(pilot, lambda: bool(app._notifications))
        assert "unknown column 'nothing'" in next(iter(app._notifications)).message
        assert app.where == where
        assert [app.store.record(int(place))["id"] for place in app.grid.places] == found
        await pilot.press("slash")
        app.query_one("#where", Input).value = "1) ; COPY t TO 'x.csv"
        await pilot.press("enter")
        await until(pilot, lambda: len(app._notifications) > 1)

    drive(steps)
    assert not Path("x.csv").exists()


def test_facets_sort_and_the_next_undecided_row(own: Path) -> None:
    async def steps(app: Browse, pilot: Any) -> None:
        facets = app.store.facets()
        await pilot.press("f")
        await until(pilot, lambda: len(app.screen.query(OptionList)) == 1)
        listed = app.screen.query_one(OptionList)
        texts = [str(listed.get_option_at_index(at).prompt) for at in range(listed.option_count)]
        name, count = facets["flag"][0]
        assert texts[1].split() == ["flag", f"{count:,}", name]
        await pilot.press("down", "enter")
        await until(pilot, lambda: len(app.grid.places) == count)
        await pilot.press("s")
        await until(pilot, lambda: len(app.screen.query(OptionList)) == 1)
        await pilot.press("down", "enter")
        await until(
            pilot, lambda: app.sort == "label_quality" and "label_quality ↑" in str(app.query_one("#top").content)
        )
        await settled(pilot)
        up = app.grid.places.tolist()
        await pilot.press("o")
        await until(pilot, lambda: app.grid.places.tolist() != up)
        await settled(pilot)
        await pilot.press("k", "k")
        await settled(pilot)
        await pilot.press("home", "n")
        decided = {one.id for one in app.desk.standing.values()}
        await until(pilot, lambda: app.grid.cursor > 0)
        await settled(pilot)
        assert app.story is not None
        assert app.story.record["id"] not in decided

    drive(steps)


def test_a_row_is_read_with_its_reasons_twins_and_neighbours_in_full(own: Path) -> None:
    async def steps(app: Browse, pilot: Any) -> None:
        assert app.story is not None
        told = row_text(app)
        others = {other.what.split(",")[0].split(" (")[0] for other in app.story.others}
        assert others == {"twin", "nearest"}
        for other in app.story.others:
            assert other.content["text_b"] in told
        assert app.story.record["text_a"] in told
        assert "given" in told
        assert "! near_duplicates" in told
        await pilot.press("enter")
        assert app.screen.has_class("zoomed")
        await pilot.press("escape")
        assert not app.screen.has_class("zoomed")

    drive(steps, "\"near_duplicates.twin\" IS NOT NULL AND list_contains(flags, 'near_duplicates')")


def test_every_screen_fits_its_terminal(own: Path) -> None:
    async def steps(app: Browse, pilot: Any) -> None:
        width, height = app.size
        for key in ("f", "s", "question_mark"):
            await pilot.press(key)
            await until(pilot, lambda: len(app.screen_stack) == 2)
            box = app.screen.query_one(".box").region
            assert box.x >= 0
            assert box.right <= width
            assert box.bottom <= height
            await pilot.press("escape")
            await until(pilot, lambda: len(app.screen_stack) == 1)
        await pilot.press("end")
        await settled(pilot)
        assert app.grid.cursor == app.store.frame.rows - 1
        await pilot.press("pageup", "home", "pagedown")
        await settled(pilot)
        await pilot.click("#rows", offset=(4, 1))
        await settled(pilot)

    for size in ((80, 24), (40, 12), (200, 60)):
        drive(steps, size=size)


def test_what_somebody_else_decided_meanwhile_is_shown_not_overwritten(own: Path) -> None:
    mine, theirs = Desk(TASK, "Ann"), Desk(TASK, "Ben")
    theirs.decide("0" * 12, "x", "drop")
    with pytest.raises(CairnError, match="x was decided elsewhere meanwhile: drop by Ben"):
        mine.decide("0" * 12, "x", "keep")
    assert mine.standing["x"].author == "Ben"
    mine.decide("0" * 12, "x", "keep")
    assert log.standing(log.read(TASK))["x"].author == "Ann"
    back = mine.undo()
    assert back is not None
    assert (back.author, back.decision) == ("Ben", "drop")


def test_files_that_are_missing_or_of_other_rows_are_named(own: Path) -> None:
    import pyarrow.parquet as pq

    rows = pq.read_table(paths.quality(TASK))
    pq.write_table(rows.slice(1), paths.quality(TASK))
    with pytest.raises(CairnError, match="scores other rows than toy_nli has"):
        Store(TASK)
    paths.quality(TASK).unlink()
    with pytest.raises(CairnError, match=r"toy_nli.parquet is missing. Run `dvc repro`"):
        Store(TASK)


class Page:
    """A page in headless Chromium, spoken to by the DevTools protocol."""

    def __init__(self, socket: Any):
        self._socket, self._number = socket, 0

    async def do(self, method: str, **params: Any) -> Any:
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        while True:
            said = await self._socket.receive_json(timeout=60)
            if said.get("id") == self._number:
                assert "error" not in said, said
                return said["result"]

    async def press(self, key: str) -> None:
        shared = {
            "key": key,
            "text": key,
            "unmodifiedText": key,
            "code": f"Key{key.upper()}",
            "windowsVirtualKeyCode": ord(key.upper()),
        }
        await self.do("Input.dispatchKeyEvent", type="keyDown", **shared)
        await self.do("Input.dispatchKeyEvent", type="keyUp", **shared)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="needs Chromium")
def test_in_a_browser_a_key_decides(own: Path, tmp_path: Path) -> None:
    import aiohttp

    port, debug = free_port(), free_port()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    program = [sys.executable, "-c", "from curation.cli import main; main()"]
    serving = subprocess.Popen(
        [*program, "browse", TASK, "--serve", "--port", str(port), "--author", "Eve"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    browser = subprocess.Popen(
        [str(chromium()), "--headless", "--no-sandbox", "--disable-gpu", f"--remote-debugging-port={debug}",
         f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1000,640", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip

    async def steps() -> None:
        async with aiohttp.ClientSession() as session:

            async def get(url: str) -> Any:
                for _ in range(300):
                    try:
                        async with session.get(url) as answer:
                            return await answer.text()
                    except aiohttp.ClientError:
                        await asyncio.sleep(0.2)
                raise AssertionError(f"nothing answers at {url}")

            await get(f"http://localhost:{port}")
            targets = json.loads(await get(f"http://localhost:{debug}/json/list"))
            address = next(one["webSocketDebuggerUrl"] for one in targets if one["type"] == "page")
            async with session.ws_connect(address, max_msg_size=0) as connection:
                page = Page(connection)
                await page.do("Page.navigate", url=f"http://localhost:{port}/?fontsize=14")
                for _ in range(300):
                    found = await page.do("Runtime.evaluate", expression="!!document.querySelector('body.-first-byte')")
                    if found["result"].get("value"):
                        break
                    await asyncio.sleep(0.2)
                await page.do("Runtime.evaluate", expression="document.querySelector('textarea')?.focus()")
                end = time.monotonic() + 60
                while not paths.reviews(TASK).exists() and time.monotonic() < end:
                    await page.press("d")
                    await asyncio.sleep(1)
                if target := os.environ.get("CAIRN_SCREENSHOT"):
                    import base64

                    shot = await page.do("Page.captureScreenshot", format="png")
                    Path(target).write_bytes(base64.b64decode(shot["data"]))

    try:
        asyncio.run(steps())
    finally:
        for process in (browser, serving):
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)
    said = log.read(TASK)
    assert said
    assert {(one.author, one.decision) for one in said} == {("Eve", "drop")}


def test_without_a_terminal_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from curation.cli.browse import command

    monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)
    monkeypatch.setattr(_tables, "pick", lambda task: "tickets")
    with pytest.raises(CairnError, match="needs a terminal"):
        command.main(["tickets"], standalone_mode=False)
