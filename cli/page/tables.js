// SPDX-License-Identifier: MIT
// The tables beside the timeline: sorted by a click on a column, filtered as it is.

const MOST_ROWS = 200;

// COLUMNS: { title, text, key: what is sorted by, number, act }.
class Table {
  constructor(table, columns, sortBy, one, many) {
    Object.assign(this, { table, columns, sortBy, one, many, descending: true });
  }

  // MERGED: how many more there are that have no row.
  fill(rows, merged = 0) {
    this.rows = rows;
    this.merged = merged;
    this.show();
  }

  caption() {
    const { length } = this.rows;
    const first = length > MOST_ROWS ? `The first ${MOST_ROWS} of ` : "";
    return first + plural(length, this.one, this.many) + (this.merged ? ` and ${this.merged.toLocaleString("en")} that are merged` : "");
  }

  sort(column) {
    this.descending = this.sortBy === column ? !this.descending : Boolean(this.columns[column].number);
    this.sortBy = column;
    this.show();
    this.table.querySelectorAll("th button")[column].focus();
  }

  show() {
    const { key } = this.columns[this.sortBy];
    const sign = this.descending ? -1 : 1;
    const sorted = [...this.rows].sort((a, b) => sign * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
    const body = make("tbody");
    for (const row of sorted.slice(0, MOST_ROWS)) body.append(this.line(row));
    const caption = make("caption", this.caption());
    this.table.replaceChildren(caption, this.head(), body);
  }

  head() {
    const line = make("tr");
    this.columns.forEach((column, i) => {
      const cell = make("th", undefined, column.number ? "number" : "");
      const here = i === this.sortBy;
      const button = make("button", column.title + (here ? (this.descending ? " \u25be" : " \u25b4") : ""));
      button.type = "button";
      button.addEventListener("click", () => this.sort(i));
      cell.scope = "col";
      if (here) cell.setAttribute("aria-sort", this.descending ? "descending" : "ascending");
      cell.append(button);
      line.append(cell);
    });
    const head = make("thead");
    head.append(line);
    return head;
  }

  line(row) {
    const line = make("tr");
    for (const column of this.columns) {
      const cell = make("td", undefined, column.number ? "number" : column.path ? "path" : "who");
      const text = column.text(row);
      const inside = column.act ? link("", () => column.act(row)) : cell;
      if (column.path) cell.title = text;
      inside.append(...(column.path ? parts(text) : [text]));
      if (inside !== cell) cell.append(inside);
      if (column.bad?.(row)) cell.classList.add("bad");
      line.append(cell);
    }
    return line;
  }
}

// The end of a path, which tells more than its beginning, to be broken behind a slash. All of it
// stands in the cell's title.
function parts(path) {
  const end = path.length > 32 ? "\u2026" + path.slice(-31) : path;
  return end.split(/(?<=\/)(?=[^/])/).flatMap((part) => [part, make("wbr")]);
}

function fileRows(view) {
  const { trace } = view;
  const { spans } = trace;
  const rows = new Map();
  for (let i = 0; i < spans.count; i++) {
    const number = trace.file[spans.call[i]];
    if (!view.shows[i] || number < 0) continue;
    if (!rows.has(number)) {
      rows.set(number, { file: trace.files[number], locks: 0, waits: 0, waited: 0, longest: 0, held: 0 });
    }
    count(rows.get(number), spans, i);
  }
  return [...rows.values()];
}

function count(row, spans, span) {
  if (isHold(spans.state[span])) {
    row.locks += spans.calls[span];
    row.held += spans.time[span];
  } else if (isWait(spans.state[span])) {
    row.waits += spans.calls[span];
    row.waited += spans.time[span];
    row.longest = Math.max(row.longest, spans.longest[span]);
  }
}

// Of each wait that stands alone; and how many don't.
function waitRows(view) {
  const { trace } = view;
  const { spans } = trace;
  const rows = [];
  let merged = 0;
  for (let i = 0; i < spans.count; i++) {
    if (!view.shows[i] || !isWait(spans.state[i])) continue;
    if (spans.calls[i] > 1) merged += spans.calls[i];
    else rows.push({ span: i, waited: spans.end[i] - spans.begin[i], pending: isPending(spans.state[i]) });
  }
  return [rows, merged];
}

function holderName(trace, span) {
  const blockers = trace.blockers(span);
  if (trace.outsiders.has(span)) return `pid ${trace.outsiders.get(span)}, not traced`;
  if (!blockers.length) return trace.spans.holders[span] ? "not on this page" : "not known";
  const first = trace.handed.get(span) ?? blockers[0];
  const others = Math.max(trace.spans.holders[span], blockers.length) - 1;
  return laneName(trace.lanes[trace.spans.lane[first]]) + (others ? ` and ${others} more` : "");
}

function waitColumns(trace, choose) {
  const { spans } = trace;
  const waiter = (row) => laneName(trace.lanes[spans.lane[row.span]]);
  const file = (row) => trace.files[trace.file[spans.call[row.span]]]?.path ?? "not known";
  return [
    { title: "Waiter", text: waiter, key: waiter, act: (row) => choose(row.span) },
    { title: "For", text: (row) => holderName(trace, row.span), key: (row) => holderName(trace, row.span) },
    { title: "File", path: true, text: file, key: file },
    { title: "Waited", number: true, text: (row) => duration(row.waited) + (row.pending ? " still" : ""),
      key: (row) => row.waited, bad: (row) => row.pending },
  ];
}

function fileColumns(filterBy) {
  return [
    { title: "File", path: true, text: (row) => row.file.path, key: (row) => row.file.path,
      act: (row) => filterBy(row.file.path) },
    { title: "Locks", number: true, text: (row) => row.locks.toLocaleString("en"), key: (row) => row.locks },
    { title: "Waits", number: true, text: (row) => row.waits.toLocaleString("en"), key: (row) => row.waits },
    { title: "Waited", number: true, text: (row) => duration(row.waited), key: (row) => row.waited },
    { title: "Longest", number: true, text: (row) => duration(row.longest), key: (row) => row.longest },
    { title: "Held", number: true, text: (row) => duration(row.held), key: (row) => row.held },
  ];
}
