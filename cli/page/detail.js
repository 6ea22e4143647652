// SPDX-License-Identifier: MIT
// What is told of one span: every field of its records, who was in its way, and whom it kept waiting.
// Text goes in by textContent alone: a file's name is never markup.

function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

function link(text, act) {
  const button = make("button", text, "link");
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}

const HOW = {
  [State.RELEASED]: "let go", [State.CONVERTED]: "converted, or asked for again",
  [State.UNSEEN]: "let go unseen, as another's grant shows",
  [State.HELD]: "still held at the end of the trace",
  [State.DIED]: "its process is no more", [State.GRANTED]: "granted", [State.REFUSED]: "refused",
  [State.ABANDONED]: "given up: the thread asked anew",
  [State.PENDING]: "still waiting at the end of the trace",
  [State.GONE]: "its process is no more; it waited to the end",
  [State.ERROR]: "refused", [State.QUERY]: "a query", [State.HAZARD]: "a hazard",
};

const FLAG_WORDS = [
  [Flag.LOST, "what was held before is gone"], [Flag.KEEPER, "held by a keeper"],
  [Flag.INHERITED, "others may have the description"], [Flag.READ_ONLY, "open for reading alone"],
  [Flag.SHADOW, "shadow: nothing was changed"], [Flag.CONVERTED, "held in the other mode before"],
];

class Detail {
  constructor(view, place, choose) {
    Object.assign(this, { view, place, choose });
  }

  clear() {
    this.place.replaceChildren(make("p", "Click a span, or step through the waits with N.", "quiet"));
  }

  show(span) {
    const { trace } = this.view;
    const { spans } = trace;
    const list = make("dl");
    this.row = (label, ...values) => {
      const cell = make("dd");
      values.forEach((value, i) => cell.append(...(i ? [make("br")] : []), value));
      list.append(make("dt", label), cell);
    };
    this.call = trace.call(spans.call[span]);
    this.tellWho(span);
    if (spans.calls[span] > 1) this.tellMany(span);
    else this.tellTimes(span);
    this.tellOthers(span);
    this.tellCall();
    if (spans.release[span] >= 0) this.tellRelease(trace.call(spans.release[span]));
    this.place.replaceChildren(make("p", this.title(span), isPending(spans.state[span]) ? "bad" : ""), list);
  }

  title(span) {
    const { trace } = this.view;
    const { spans } = trace;
    const length = duration(spans.end[span] - spans.begin[span]);
    const state = spans.state[span];
    const mode = trace.words.operations[trace.operation[spans.call[span]]];
    const kind = isPoint(state) ? "marks" : isWait(state) ? "waits" : "holds";
    if (spans.calls[span] > 1) return `${spans.calls[span]} ${kind} drawn as one`;
    if (isPending(state)) return `Waiting for ${length}: ${HOW[state]}`;
    if (isWait(state)) return `Waited ${length} for a lock, ${mode}: ${HOW[state]}`;
    if (isHold(state)) return `Held ${mode} for ${length}`;
    if (state === State.ERROR) return `Refused: ${this.errorName()}`;
    return state === State.QUERY ? "Asked who holds it" : `Hazard: ${this.hazards(this.call).join(", ")}`;
  }

  tellWho(span) {
    const { trace } = this.view;
    const lane = trace.lanes[trace.spans.lane[span]];
    const file = trace.files[this.call.file];
    const state = trace.spans.state[span];
    this.row(isWait(state) ? "Waiter" : isHold(state) ? "Holder" : "Process",
      `${programName(lane.process)}, thread ${lane.tid}, user ${lane.process.uid}`);
    this.row("File", file ? file.path : "not known");
    if (file) this.row("Identity", `device ${file.device}, inode ${file.inode}`);
  }

  tellTimes(span) {
    const { trace } = this.view;
    const { spans } = trace;
    const state = spans.state[span];
    const at = (time) => clock(trace.origin, time);
    if (isPoint(state)) return this.row("At", at(spans.begin[span]));
    this.row(isWait(state) ? "Waited" : "Held", duration(spans.end[span] - spans.begin[span]));
    this.row("From", at(spans.begin[span]));
    this.row("To", at(spans.end[span]));
    this.row("Ended", HOW[state]);
  }

  tellMany(span) {
    const { trace } = this.view;
    const { spans } = trace;
    this.row("Calls", `${spans.calls[span]}, within ${duration(spans.end[span] - spans.begin[span])}`);
    if (isHold(spans.state[span])) this.row("Held in all", duration(spans.time[span]));
    if (isWait(spans.state[span])) this.row("Waited in all", duration(spans.time[span]));
    if (!isPoint(spans.state[span])) this.row("The longest", duration(spans.longest[span]));
    this.row("From", clock(trace.origin, spans.begin[span]));
    this.row("The first", "as follows");
  }

  name(span, time) {
    const { trace } = this.view;
    const mode = trace.words.operations[trace.operation[trace.spans.call[span]]];
    const lane = laneName(trace.lanes[trace.spans.lane[span]]);
    return link(`${lane}, ${mode}, ${duration(time)}`, () => this.choose(span));
  }

  // The ten longest, and how many more there are of ALL.
  many(label, list, all = list.length) {
    const { spans } = this.view.trace;
    if (!list.length) return;
    const length = (span) => spans.end[span] - spans.begin[span];
    const longest = [...list].sort((a, b) => length(b) - length(a)).slice(0, 10);
    const rest = all - longest.length;
    const names = longest.map((span) => this.name(span, length(span)));
    this.row(label, ...names, ...(rest ? [`and ${rest} more`] : []));
  }

  tellOthers(span) {
    const { trace } = this.view;
    const blockers = trace.blockers(span);
    this.many("Waited for", blockers, Math.max(trace.spans.holders[span], blockers.length));
    if (trace.handed.has(span)) {
      const hold = trace.handed.get(span);
      this.row("Handed on by", this.name(hold, trace.spans.end[hold] - trace.spans.begin[hold]));
    }
    if (trace.outsiders.has(span)) this.row("In the way", `process ${trace.outsiders.get(span)}, not traced`);
    this.many("Kept waiting", trace.waiters(span));
    const other = partner(trace, span);
    if (other >= 0) {
      this.row(isWait(trace.spans.state[span]) ? "Then held" : "After a wait",
        this.name(other, trace.spans.end[other] - trace.spans.begin[other]));
    }
  }

  tellCall() {
    const { trace } = this.view;
    const { words } = trace;
    const { call } = this;
    this.row("Call", `${words.calls[call.call]}, ${words.operations[call.operation]}, ` +
      (call.flags & Flag.BLOCKING ? "blocking" : "not blocking"));
    this.row("Asked as", words.families[call.asked]);
    this.row("Became", call.used ? words.families[call.used] : "no lock");
    if (call.fd >= 0) this.row("Descriptor", String(call.fd));
    this.row("Section", section(call));
    this.row("Result", this.errorName());
    if (call.hazards) this.row("Hazards", this.hazards(call).join(", "));
    const flags = FLAG_WORDS.filter(([bit]) => call.flags & bit).map(([, word]) => word);
    if (flags.length) this.row("Also", ...flags);
    this.row("Rule", call.rule < 0 ? "none" : trace.name(call.rule));
    this.row("Call site", this.site(call.site));
  }

  tellRelease(call) {
    const { words } = this.view.trace;
    this.row("Let go by", words.calls[call.call]);
    if (call.error) this.row("Which said", words.errors[call.error] || `error ${call.error}`);
    if (call.hazards) this.row("Hazards", this.hazards(call).join(", "));
    if (call.site >= 0) this.row("At", this.site(call.site));
  }

  site(number) {
    const { sites } = this.view.trace;
    if (number < 0) return "not known";
    const { module, offset, symbol } = sites[number];
    const place = `${module}+0x${BigInt(offset).toString(16)}`;
    return symbol?.includes("!") ? `${symbol} (${place})` : place;
  }

  errorName() {
    const { error } = this.call;
    return error ? this.view.trace.words.errors[error] || `error ${error}` : "0";
  }

  hazards(call) {
    return this.view.trace.words.hazards.filter((_, i) => call.hazards & (1 << i));
  }
}

function section(call) {
  if (!call.start && !call.length) return "the whole file";
  return call.length ? `${call.length} bytes from ${call.start}` : `from ${call.start} to the end`;
}

// The hold that followed a wait, or the wait before a hold; -1: none.
function partner(trace, span) {
  const { spans } = trace;
  const waits = isWait(spans.state[span]);
  if (!waits && !isHold(spans.state[span])) return -1;
  for (let i = 0; i < spans.count; i++) {
    if (spans.lane[i] !== spans.lane[span]) continue;
    if (trace.file[spans.call[i]] !== trace.file[spans.call[span]]) continue;
    if (waits && isHold(spans.state[i]) && spans.begin[i] === spans.end[span]) return i;
    if (!waits && spans.state[i] === State.GRANTED && spans.end[i] === spans.begin[span]) return i;
  }
  return -1;
}
