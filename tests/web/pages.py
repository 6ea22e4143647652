# SPDX-License-Identifier: MIT
"""Pages made from scripts of make_trace, and what the tests ask of them in the browser."""
import os
import subprocess
import sys
import tempfile
import unittest

from browser import Browser, programs

STATES = ["released", "converted", "unseen", "held", "died", "granted", "refused", "abandoned",
          "pending", "gone", "error", "query", "hazard"]


def main():
    """Runs the tests of the script that calls this; 77 where there is no browser."""
    if not programs():
        print("no chromium or no chromedriver: packages chromium, chromium-driver")
        sys.exit(1 if os.environ.get("TESTS_MUST_RUN") else 77)
    unittest.main()


class PageTest(unittest.TestCase):
    """A class has one page, made from the script TRACE, in one browser; each test sees it as new."""
    TRACE = ""
    OPTIONS = []
    WIDTH, HEIGHT = 1280, 800

    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory(prefix="lockshim-web-")
        trace, cls.file = os.path.join(cls.place.name, "trace"), os.path.join(cls.place.name, "page.html")
        subprocess.run([os.environ["MAKE_TRACE"], trace], input=cls.script(), text=True, check=True)
        subprocess.run([os.environ["LOCKSHIM"], "report", "--html", cls.file, *cls.OPTIONS, trace], check=True)
        cls.browser = Browser(cls.WIDTH, cls.HEIGHT)

    @classmethod
    def script(cls):
        with open(os.path.join(os.path.dirname(__file__), cls.TRACE), encoding="utf-8") as file:
            return file.read()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.place.cleanup()

    def setUp(self):
        self.browser.open(self.file)

    def tearDown(self):
        self.assertEqual([], self.browser.log("browser"), "on the console")

    def ask(self, expression, *arguments):
        return self.browser.run(f"return {expression}", *arguments)

    def spans(self, path=None):
        """Each as (lane, state, begin in ms, length in ms, file), of all files or of one."""
        found = self.ask("""[...Array(page.view.trace.spans.count).keys()].map((i) => {
            const { trace } = page.view, { spans } = trace, file = trace.files[trace.file[spans.call[i]]];
            return (!arguments[0] || file.path === arguments[0]) &&
                [laneName(trace.lanes[spans.lane[i]]), spans.state[i], spans.begin[i] / 1e6,
                 (spans.end[i] - spans.begin[i]) / 1e6, file.path]; }).filter(Boolean)""", path)
        return [(lane, STATES[state], begin, length, file) for lane, state, begin, length, file in found]

    def find(self, lane, state):
        numbers = [i for i, span in enumerate(self.spans()) if span[:2] == (lane, state)]
        self.assertEqual(1, len(numbers), f"{lane} {state}")
        return numbers[0]

    def middle(self, span):
        """Where a span is, for the pointer."""
        return self.ask("""(() => { const { drawing } = page, { spans } = page.view.trace, i = arguments[0];
            const box = drawing.canvas.getBoundingClientRect();
            return [box.left + (drawing.x(spans.begin[i]) + drawing.x(spans.end[i])) / 2,
                    box.top + drawing.y(i)]; })()""", span)

    def interval(self):
        """What is seen, in ms."""
        return [float(self.ask(f"page.drawing.canvas.dataset.{end}")) / 1e6 for end in ("from", "to")]

    def lanes(self):
        return self.ask("page.view.rows.map((row) => laneName(row.lane))")

    def text(self, selector):
        return self.ask("document.querySelector(arguments[0]).innerText", selector)

    def shown(self, span):
        return bool(self.ask("page.view.shows[arguments[0]]", span))

    def colour(self, x, y):
        """Of a pixel of the timeline, by place in the window."""
        return self.ask("""(() => { const { canvas } = page.drawing, box = canvas.getBoundingClientRect();
            const copy = new OffscreenCanvas(1, 1).getContext("2d");
            copy.drawImage(canvas, arguments[0] - box.left, arguments[1] - box.top, 1, 1, 0, 0, 1, 1);
            return [...copy.getImageData(0, 0, 1, 1).data].slice(0, 3); })()""", x, y)
