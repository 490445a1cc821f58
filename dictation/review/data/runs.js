// The text on the page: runs of characters that look alike, each one <span>, so that an edit touches the runs that it changes.
// What may still change hangs on a run as an attribute that the style draws: it can be neither edited, selected nor sent.
const TITLES = { typed: "typed", macro: "from a macro" };
const DOUBTFUL_BELOW = 0.5; // as in the pane (exchange/marks.py)

const isUnsure = ({ confidence }) => confidence != null && confidence < DOUBTFUL_BELOW;
const looks = (span) => (span.origin !== "dictated" ? span.origin : span.doubtful || isUnsure(span) ? "doubt" : span.corrected ? "corrected" : "");
const titles = (span) => [span.title || TITLES[span.origin], isUnsure(span) ? "Unsure word." : ""]
  .filter(Boolean).join(" ");

// The runs of a text whose spans are [{start, end, origin, confidence, corrected, doubtful, title}] in order. The run that begins at `place`, where
// dictation goes in, brings `ahead`: what is heard there and may still change. `place` null: nowhere.
export function runsOf(text, spans, place = null, ahead = "") {
  const runs = [];
  let at = 0;
  const put = (to, look = "", title = "") => {
    while (at < to) {
      const line = text.indexOf("\n", at) + 1; // a run ends with its line, which keeps runs short
      const end = Math.min(to, line || to, place > at ? place : to);
      const last = runs.at(-1);
      const isSame = last && last.look === look && last.title === title && !last.text.endsWith("\n") && at !== place;
      if (isSame) last.text += text.slice(at, end);
      else runs.push({ text: text.slice(at, end), look, title, ahead: at === place ? ahead : undefined });
      at = end;
    }
  };
  for (const span of spans) {
    const look = looks(span), title = titles(span);
    if ((!look && !title) || span.end <= at) continue;
    put(Math.max(at, span.start));
    put(Math.min(span.end, text.length), look, title);
  }
  put(text.length);
  if (place >= text.length && place !== null) runs.push({ text: "", look: "", title: "", ahead });
  return runs;
}

function write(element, run) {
  if (element.className !== run.look) element.className = run.look;
  if (element.title !== run.title) element.title = run.title;
  if (run.ahead === undefined) delete element.dataset.ahead;
  else if (element.dataset.ahead !== run.ahead) element.dataset.ahead = run.ahead;
  const node = element.firstChild;
  if (element.childNodes.length !== 1 || !run.text || node.nodeType !== Node.TEXT_NODE) { element.textContent = run.text; return; }
  const before = node.data, after = run.text;
  if (before === after) return;
  let head = 0, tail = 0;
  const most = Math.min(before.length, after.length);
  while (head < most && before[head] === after[head]) head++;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  node.replaceData(head, before.length - head - tail, after.slice(head, after.length - tail));
}

const isRun = (node) => node.nodeType === Node.ELEMENT_NODE && node.localName === "span";
const shows = (node, run) => isRun(node) && node.textContent === run.text && node.className === run.look && node.title === run.title
  && node.dataset.ahead === run.ahead && node.childNodes.length === (run.text ? 1 : 0);

const NEAR = 6; // runs that one edit adds or takes away
function near(fits) {
  for (let k = 1; k <= NEAR; k++) if (fits(k)) return k;
  return Infinity;
}

export class Runs {
  constructor(root) {
    this.root = root;
    this.end = document.createElement("br"); // where the caret stands behind a last line break
    root.replaceChildren(this.end);
  }

  // Shows these runs. Nodes that do not change are not touched: typing at the start and dictating at the end touch both ends.
  show(runs) {
    const { root } = this;
    if (root.lastChild !== this.end) root.append(this.end);
    const nodes = [...root.childNodes].slice(0, -1);
    let at = 0; // in nodes
    runs.forEach((run, i) => {
      if (at < nodes.length && shows(nodes[at], run)) { at++; return; }
      const gone = near((k) => at + k < nodes.length && shows(nodes[at + k], run));
      const come = near((k) => at < nodes.length && i + k < runs.length && shows(nodes[at], runs[i + k]));
      if (gone < come) {
        nodes.slice(at, at + gone).forEach((node) => node.remove());
        at += gone + 1;
      } else if (come < Infinity || at >= nodes.length) {
        const element = document.createElement("span");
        write(element, run);
        root.insertBefore(element, nodes[at] ?? this.end);
      } else {
        if (!isRun(nodes[at])) {
          const element = document.createElement("span");
          nodes[at].replaceWith(element);
          nodes[at] = element;
        }
        write(nodes[at], run);
        at++;
      }
    });
    nodes.slice(at).forEach((node) => node.remove());
  }

  // The text as it stands, also while the browser is editing it.
  get text() {
    let text = "";
    for (const node of this.leaves()) text += node.nodeType === Node.TEXT_NODE ? node.data : "\n";
    return text;
  }

  * leaves() { // text nodes and the line breaks that are text: not the last one
    const walker = document.createTreeWalker(this.root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.nodeType === Node.TEXT_NODE || (node.localName === "br" && node !== this.root.lastChild)) yield node;
    }
  }

  // The place in the text of a place in the document.
  offset(node, at) {
    const range = document.createRange();
    range.setStart(this.root, 0);
    range.setEnd(node, at);
    let count = 0;
    for (const leaf of this.leaves()) {
      if (leaf === node) return count + at;
      if (range.comparePoint(leaf, 0) > 0) return count;
      count += leaf.nodeType === Node.TEXT_NODE ? leaf.data.length : 1;
    }
    return count;
  }

  // The place in the document of a place in the text: behind the sign before it, so that typing goes on as it looks there.
  point(at) {
    let left = at;
    let after = null;
    for (const leaf of this.leaves()) {
      const size = leaf.nodeType === Node.TEXT_NODE ? leaf.data.length : 1;
      if (leaf.nodeType === Node.TEXT_NODE) {
        if (left < size || (left === size && leaf.data[size - 1] !== "\n")) return [leaf, left];
      }
      left -= size;
      after = leaf;
    }
    if (after?.data && !after.data.endsWith("\n")) return [after, after.data.length];
    const { childNodes } = this.root; // behind a last line break: before the place of dictation, where that is here
    const last = childNodes.length - 1;
    return [this.root, isRun(childNodes[last - 1] ?? this.end) && !childNodes[last - 1].textContent ? last - 1 : last];
  }

  // { anchor, focus } of the selection, or null where it is elsewhere.
  get selection() {
    const { anchorNode, anchorOffset, focusNode, focusOffset } = document.getSelection();
    if (!this.root.contains(anchorNode) || !this.root.contains(focusNode)) return null;
    return { anchor: this.offset(anchorNode, anchorOffset), focus: this.offset(focusNode, focusOffset) };
  }

  select({ anchor, focus }) {
    document.getSelection().setBaseAndExtent(...this.point(anchor), ...this.point(focus));
  }
}
