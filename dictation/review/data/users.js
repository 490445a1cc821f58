// Who sits here: signing out, signing in again without losing what is being said, and what waits for somebody else.
import { makeDialog } from "./dialogs.js";
import { Outbox } from "./outbox.js";
import { at, pause, signOut as endsSession, wantsOut, watchOthers } from "./signing_out.js";

const ASK_MS = 2000, SENT_MS = 5000;
const OF_THE_TAB = ["desk.case", "desk.page", "capture.on", "capture.key"]; // of whoever sat here before
const OWNER = "desk.user";

function goToSignIn() {
  for (const name of [...OF_THE_TAB, OWNER]) sessionStorage.removeItem(name);
  location.assign(at("sign-in"));
  return new Promise(() => {});
}

export async function whoIsHere() { // → {user, display, role, by, key, session}
  const answer = await fetch(at("who"), { cache: "no-store" });
  if (answer.status === 401) {
    wantsOut(""); // nobody is in: that is over
    location.assign(at("sign-in"));
    return new Promise(() => {});
  }
  const who = answer.ok ? await answer.json() : { user: "", key: "" };
  if (answer.ok && wantsOut(who.session)) {
    await endsSession(who);
    return goToSignIn();
  }
  if ((sessionStorage.getItem(OWNER) ?? "") !== who.user) for (const name of OF_THE_TAB) sessionStorage.removeItem(name);
  sessionStorage.setItem(OWNER, who.user);
  return who;
}

export async function install(desk) {
  const { user, display, by } = desk.who;
  desk.on("left", ({ text }) => { // a case that became somebody else's
    sessionStorage.removeItem("desk.case");
    sessionStorage.setItem("desk.told", text);
    location.reload();
  });
  const told = sessionStorage.getItem("desk.told");
  sessionStorage.removeItem("desk.told");
  if (told) desk.tell(told, { error: true, of: null });
  if (!user) return;

  const others_s = await Outbox.othersSeconds(user);
  if (others_s >= 0.1) desk.tell(`${Math.ceil(others_s)} s of another user's sound wait in this browser until they sign in here again.`, { of: null });

  const button = document.querySelector("#bar .sign-out");
  if (by !== "proxy") {
    button.hidden = false;
    button.querySelector(".user").textContent = display;
    button.title = `${display}: sign out`;
    if (by === "password") {
      button.title += " (Alt Shift P: change your password)";
      const run = () => { open(at("password"), "_blank", "noopener"); }; // what is dictated here goes on
      desk.keys.add({ key: "Alt+Shift+p", label: "change your password", group: "Page", always: true, over: true, run });
    }
    desk.keys.add({ key: "Alt+Shift+o", label: "sign out", group: "Page", always: true, over: true, run: signOut });
  }

  desk.on("connected", async () => { // the same user may have signed in anew meanwhile
    const now = await fetch(at("who"), { cache: "no-store" }).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
    if (now?.user === user) desk.who.session = now.session;
  });

  function signOut() { return leaveAfter(settled); }

  function signOutToo() { return leaveAfter(stored, true); } // the server may know nobody any more: nothing is waited for

  async function leaveAfter(lastThings, isElsewhere = false) {
    if (desk.isLeaving) return;
    await endsSession(desk.who, async () => {
      desk.beginLeaving();
      await Promise.race([lastThings(), pause(3 * SENT_MS)]).catch(console.error); // what fails there keeps nobody in
      desk.leave();
    }, isElsewhere);
    return goToSignIn();
  }

  async function stored() { // in this browser, for its user
    await desk.capture?.stop?.();
    await Promise.race([desk.sendings, pause(SENT_MS)]);
  }

  async function settled() {
    await stored();
    await Promise.race([desk.pad?.settled?.(), pause(SENT_MS)]);
    for (let waited = 0; waited < SENT_MS && desk.capture?.sending.unsent_s > 0; waited += 100) await pause(100);
  }

  const dialog = makeDialog("signed-out", "sign in again", `
    <form method="dialog"><h2>Signed out</h2><p>Sign in again as <b class="name"></b>. Nothing is lost: what you say meanwhile is kept in this browser.</p>
    <p class="status" role="alert"></p>
    ${by === "password"
      ? '<label>Password <input name="password" type="password" autocomplete="current-password" maxlength="256" required></label><div class="choices"><button class="confirm">Sign in <kbd>⏎</kbd></button></div>'
      : '<div class="choices"><a class="confirm" target="_blank" href="./">Sign in in another window</a></div>'}</form>`, { isOfPage: true });
  const find = (selector) => dialog.querySelector(selector);
  find(".name").textContent = display;

  const isOut = () => document.body.hasAttribute("data-signed-out");
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", () => { if (isOut() && !desk.isLeaving) dialog.showModal(); });
  desk.on("signed-out", () => {
    if (isOut()) return;
    document.body.setAttribute("data-signed-out", ""); // nobody reads on
    for (const one of document.querySelectorAll("dialog[open]")) one.close();
    find(".status").textContent = "";
    dialog.showModal();
    ask();
  });

  async function ask() { // it may have been done elsewhere
    while (isOut() && !desk.isLeaving) {
      const answer = await fetch(at("who"), { cache: "no-store" }).catch(() => null);
      if (answer?.ok && isOut() && !desk.isLeaving) return goOn((await answer.json()).user);
      await pause(ASK_MS);
    }
  }

  function goOn(whose) {
    document.body.removeAttribute("data-signed-out");
    if (whose !== user) { // their page, not ours
      location.reload();
      return;
    }
    find("[name=password]")?.form.reset();
    dialog.close();
    desk.connect();
  }

  find("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const password = find("[name=password]");
    if (!password) return;
    const body = new URLSearchParams({ name: user, password: password.value });
    const answer = await fetch(at("sign-in"), { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) {
      if (isOut() && !desk.isLeaving) goOn(user);
      return;
    }
    password.value = "";
    password.focus();
    const said = await answer?.json().catch(() => null);
    find(".status").textContent = said?.message ?? "The server does not answer; try again.";
  });

  watchOthers(desk.who, signOutToo);
}
