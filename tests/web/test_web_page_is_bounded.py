# SPDX-License-Identifier: MIT
"""A trace of any size gives a page that a browser can carry, and the page says what it lacks."""
import os
import re

from pages import PageTest, main

MOST = 32 << 20
PAIRS, WAITS, FILES = 600_000, 100, 15_000


class Page(PageTest):
    """Opened once: it is large."""
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser.open(cls.file)

    def setUp(self):
        pass

    def number(self, pattern):
        """In the notice."""
        return int(re.search(pattern, self.text("#notice"))[1].replace(",", ""))

    def locks(self):
        return self.ask("page.files.rows.reduce((sum, row) => sum + row.locks, 0)")

    def assert_small(self):
        self.assertLess(os.path.getsize(self.file), MOST)


class ManyCalls(Page):
    @classmethod
    def script(cls):
        pair = ("t=+0.000010 pid={0} prog=php op=exclusive fd=3 file=/srv/{0}\n"
                "t=+0.000004 pid={0} prog=php id=release call=flock fd=3 file=/srv/{0} held=0.000004\n")
        wait = ("t=+0.000001 pid=10 prog=php op=exclusive fd=3 file=/srv/10\n"
                "t=+0.000001 pid=13 prog=php id=wait op=exclusive fd=3 file=/srv/10 blocker=10\n"
                "t=+0.000001 pid=10 prog=php id=release call=flock fd=3 file=/srv/10 held=0.000002\n"
                "t=+0.000001 pid=13 prog=php op=exclusive waited=0.000002 fd=3 file=/srv/10\n"
                "t=+0.000001 pid=13 prog=php id=release call=flock fd=3 file=/srv/10 held=0.000001\n")
        many = f"repeat {PAIRS // 2}\n{pair.format(10)}{pair.format(11)}end\n"
        return (f"t=1000 pid=10 prog=php id=query fd=3 file=/srv/10\n"
                f"{many}repeat {WAITS}\n{wait}end\n{many}")

    def test_calls_are_merged_and_none_is_lost(self):
        self.assert_small()
        self.assertLessEqual(self.ask("page.view.trace.spans.count"), 300_000)
        self.assertEqual(2 * PAIRS + 2 * WAITS, self.locks())
        self.assertGreater(self.number(r"([\d,]+) calls are drawn merged"), PAIRS)
        self.assertNotIn("left out", self.text("#notice"))

    def test_contended_spans_stand_alone(self):
        alone = self.ask("""(() => { const { trace } = page.view, { spans } = trace;
            return [...Array(spans.count).keys()].filter((i) => spans.state[i] === State.GRANTED)
              .map((i) => [spans.calls[i], trace.blockers(i).length, spans.calls[trace.handed.get(i)]]); })()""")
        self.assertEqual([[1, 1, 1]] * WAITS, alone)

    def test_merged_spans_cover_the_whole_time(self):
        gap = self.ask("""(() => { const { spans, lanes } = page.view.trace;
            let last = 0, most = 0;
            for (let i = 0; i < spans.count; i++) {
              if (lanes[spans.lane[i]].tid !== 10) continue;
              most = Math.max(most, spans.begin[i] - last);
              last = spans.begin[i];
            }
            return most; })()""")
        self.assertLess(gap, self.ask("page.view.trace.length") / 1000)


class LongNames(Page):
    @classmethod
    def script(cls):
        return "".join(f"t=+0.000010 pid=10 prog=php op=exclusive fd=3 "
                       f"file=/srv/{number}/{'x' * 3000} dev=8:1 ino={number + 1}\n"
                       for number in range(FILES))

    def test_what_is_left_out_is_counted(self):
        self.assert_small()
        self.assertEqual(FILES, self.locks() + self.number(r"([\d,]+) of the shortest calls are left out"))
        self.assertGreater(self.locks(), 1000)


del Page
if __name__ == "__main__":
    main()
