// Leaving a case for another one. No sound and no typing crosses it: both are with the server before it is asked for. It is
// asked for now or not at all: obeyed once the server is back, it would take the case away under what is dictated then.
const AWAY = "The server does not answer, so no other case was opened; what you dictated is kept.";
const BROKE = "The connection broke, so no other case was opened; what you dictated is kept.";

// `say` where the list is, `complain` where the eyes are; `opened` once a case is there that was chosen in the list.
export function createLeaving(desk, { say, complain }, opened) {
  let opening = null; // { number } of the command, once it is sent
  let chosen = null; // what was chosen last

  // → whether it is open. null: to a new case; by itself: after a signature
  async function leaveTo(row, isTaken, isByItself = false) {
    say("Opening …");
    const choice = isByItself ? chosen : chosen = {};
    if (opening?.isByItself && !isByItself) { // somebody chooses another one while it opens: then that one
      await opening.over;
      if (choice !== chosen) return false; // another one by now, or none: Esc
      if (row && row.id === desk.state?.case) { opened(); return true; }
    }
    if (opening) return false;
    if (!desk.isOpen) {
      desk.capture?.stay(""); // a signature left this case for whichever comes next
      complain(AWAY);
      return false;
    }
    const id = row?.id ?? desk.newId(), mine = opening = { isByItself, id };
    const broken = new Promise((broke) => { mine.broke = broke; });
    mine.over = new Promise((end) => { mine.end = end; });
    let isOpened = false;
    try {
      isOpened = await Promise.race([broken, ask(mine, row, id, isTaken)]);
    } finally {
      if (mine === opening) opening = null;
      if (!isOpened) desk.capture?.stay(id);
      mine.end();
    }
    return isOpened;
  }

  async function ask(mine, row, id, isTaken) { // → whether it is open
    await desk.capture?.leave(id);
    await desk.pad?.settled();
    if (mine !== opening) return false;
    const sent = desk.send({ do: row ? "open" : "new", id });
    mine.number = desk.number;
    const answer = await sent;
    if (answer.ok && isTaken) await desk.send({ do: "takeover", case: row.id });
    if (answer.ok && !mine.isByItself) opened();
    if (!answer.ok) complain(answer.message);
    return answer.ok;
  }

  function giveUp() { // before it was asked for
    chosen = null;
    if (!opening || opening.number || opening.isByItself) return;
    desk.capture?.stay(opening.id);
    opening = null;
  }

  desk.on("disconnected", () => {
    if (!opening) return;
    const { number, broke, id, isByItself } = opening;
    opening = null;
    if (number) desk.sendings.then(() => desk.outbox.ackCommand(desk.page, number)); // it is not sent again
    if (id !== desk.state?.case) complain(BROKE); // else it is open, and a takeover is asked for again
    else if (!isByItself) opened();
    broke(false);
  });

  return { leaveTo, giveUp };
}
