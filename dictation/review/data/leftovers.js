// Commands of pages that were closed before the server had them. They meant a text as it was then: they are shown, not sent.
const ACTIONS = { // what is lost with a command that wrote no words; of one that is not here, nothing is
  type: ({ start, stop }) => (stop > start ? "a deletion" : null),
  undo: () => "an undo",
  redo: () => "a redo",
  macro: ({ name }) => `the macro “${name}”`,
  template: ({ name }) => (name ? `the template “${name}”` : "no template"),
  fill: () => "a field emptied",
  decide: () => "a decision on a difference",
  accept: ({ text, on }) => `“${text}” ${on ? "taken into" : "taken out of"} the report`,
  communicate: ({ person }) => `that ${person} was told of a critical result`,
  addendum: ({ reason }) => (reason ? `an addendum: “${reason}”` : "an addendum given up"),
  sign: () => "the signature",
  sent: () => "that it was sent",
  vocabulary: ({ phrase }) => `“${phrase}” for your words`,
};

// What somebody wrote by a command; null for a command that writes nothing.
function written({ do: what, text, before, value }) {
  if (what === "type") return text.trim() || null;
  if (what === "edit") return text?.trim() ? `“${text}” for “${before}”` : `“${before}” taken out`;
  return what === "fill" && value ? `“${value}” in a field` : null;
}

function inOneGo(commands) { // what was typed without a break may have been sent in pieces
  const found = [];
  for (const one of commands) {
    const last = found.at(-1);
    const goesOn = [one, last].every((each) => each?.do === "type" && each.text) && one.start === one.stop && one.start === last.start + last.text.length;
    if (goesOn) found[found.length - 1] = { ...last, text: last.text + one.text };
    else found.push(one);
  }
  return found;
}

function times(names) { // each once
  const count = new Map();
  for (const name of names) count.set(name, (count.get(name) ?? 0) + 1);
  return [...count].map(([name, often]) => (often > 1 ? `${name} (${often} times)` : name)).join(", ");
}

export function lost(commands) { // → what is told of commands that may not have been done, "" where nothing is lost with them
  const texts = inOneGo(commands).map(written).filter(Boolean);
  const actions = commands.filter((one) => !written(one)).map((one) => ACTIONS[one.do]?.(one)).filter(Boolean);
  const counted = actions.length === 1 ? "1 action" : `${actions.length} actions`;
  return [texts.join(" … "), actions.length ? `${counted}: ${times(actions)}` : ""].filter(Boolean).join("; and ");
}

async function leftOver(outbox, page) { // → [{ of: its case, whose: its patient, text: what is told of it }]
  const last = await outbox.lastNumber(page), stored = (await outbox.commandsAfter(page, 0)).map(({ command }) => command);
  const kept = await outbox.typing(page); // with what is no command yet
  const unsent = kept ? [...(kept.sent ? [kept.sent] : []), ...kept.later].map((one) => ({ ...one, do: "type" })) : [];
  const others = [...unsent, ...(kept?.afterwards ?? [])].filter(({ number }) => !(number <= last)); // else it is a command
  const left = [...stored, ...others.map((one) => ({ ...one, case: kept.case, whose: kept.whose }))];
  const told = [...new Set(left.map((command) => command.case))].map((of) => {
    const its = left.filter((command) => command.case === of);
    return { of, whose: its.find((command) => command.whose)?.whose, text: lost(its) };
  });
  return told.filter(({ text }) => text).map(({ text, ...one }) => ({ ...one, text: `A page was closed before the server answered, so this may not have been saved; look, then do again: ${text}` }));
}

// An error that holds the only copy of words: a page that is loaded before somebody has closed it tells it again.
export function tellUntilClosed(desk, text, of, whose = desk.whose?.(of)) { // → resolves when it is kept
  const kept = desk.outbox.putTold({ text, of, whose });
  desk.tell(text, { error: true, of, whose, closed: () => kept.then((number) => desk.outbox.forgetTold(number)) });
  return kept;
}

async function tellAgain(desk) {
  for (const { number, text, of, whose } of await desk.outbox.told()) {
    desk.tell(text, { error: true, of, whose, closed: () => desk.outbox.forgetTold(number) });
  }
}

// Its only copy stays until somebody has closed the sentence: a page that is reloaded before tells it again.
export async function tellLeftOvers(desk) {
  await tellAgain(desk);
  for (const page of await desk.outbox.otherPages(desk.page)) {
    await new Promise((told, failed) => {
      navigator.locks.request(`desk-page-${page}`, { ifAvailable: true }, async (lock) => {
        if (!lock) return; // it is open in another tab, or another tab tells it
        const left = await leftOver(desk.outbox, page);
        const closed = left.map(({ text, ...one }) => new Promise((done) => desk.tell(text, { error: true, ...one, closed: done })));
        told();
        await Promise.all(closed);
        await desk.outbox.forgetPage(page);
      }).then(told, failed);
    });
  }
}
