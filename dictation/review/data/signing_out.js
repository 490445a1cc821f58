// Signing out: nobody reads on from its first moment, and the page is left only once the server takes this browser for nobody.
// Until then it says that nobody is signed out, and tries again by itself, after a reload, too.
import { makeDialog } from "./dialogs.js";

const SOON_MS = 5000, AGAIN_MS = 3000;
const PATIENCE_MS = 60_000; // a database that is busy is waited for, and the answer takes the cookie back whatever became of it
const LEAVING = "desk.leaving"; // which session is to end; in all windows: this one may be closed before it has

export const at = (path) => new URL(path, location.href.split(/[?#]/)[0]);
export const pause = (ms) => new Promise((over) => { setTimeout(over, ms); });

// Whether this session was to end, and nothing was heard of it; for any other, of the same user, too, that is over.
export function wantsOut(session) {
  if (isEnding(session)) return true;
  localStorage.removeItem(LEAVING);
  return false;
}

const isEnding = (session) => Boolean(session) && localStorage.getItem(LEAVING) === session;

// Calls `leave` when another window begins to end the session of `who`, or has begun.
export function watchOthers(who, leave) {
  const look = () => { if (isEnding(who.session)) leave(); };
  addEventListener("storage", look);
  look();
}

// `who` as /who tells. `lastThings` is called once nobody reads on, and what it still sends is waited for; `isElsewhere`:
// another window began, and may have done it. It returns when the session has ended, however long that takes.
export async function signOut(who, lastThings = async () => {}, isElsewhere = false) {
  localStorage.setItem(LEAVING, who.session);
  document.body.setAttribute("data-signed-out", ""); // nobody reads on
  for (const one of document.querySelectorAll("dialog[open]")) one.close();
  const dialog = signingOut();
  const tell = () => told(dialog, who.user);
  const late = setTimeout(tell, SOON_MS);
  await lastThings();
  let isOver = isElsewhere && await isGone(who); // a later session is not ours to end
  while (!isOver && !await ends(who)) {
    tell();
    await pause(AGAIN_MS);
    isOver = await isGone(who);
  }
  clearTimeout(late);
  localStorage.removeItem(LEAVING);
}

async function ends(who) {
  const answer = await ask("sign-out", { method: "POST" });
  const isSaid = answer?.type === "opaqueredirect" || answer?.status === 401;
  return isSaid && await isGone(who); // a proxy, too, may send a browser elsewhere
}

async function isGone({ session }) {
  const answer = await ask("who");
  if (answer?.status === 401) return true;
  const now = answer?.ok ? await answer.json().catch(() => null) : null;
  return Boolean(now?.session) && now.session !== session; // somebody has signed in anew in another window
}

function ask(path, how) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return fetch(at(path), { cache: "no-store", redirect: "manual", signal, ...how }).catch(() => null);
}

function signingOut() { // nothing behind it can be pressed or typed into
  const dialog = makeDialog("leaving", "signing out", '<p role="status">Signing out …</p>', { isOfPage: true });
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", () => dialog.showModal());
  dialog.showModal();
  return dialog;
}

function told(dialog, user) {
  if (dialog.className === "not-out") return;
  dialog.className = "not-out";
  dialog.setAttribute("aria-label", "not signed out");
  dialog.innerHTML = `
    <div role="alert"><h2>You are NOT signed out: the server does not confirm it</h2>
    <p>Whoever opens this page in this browser may be taken for <b class="name"></b>.</p>
    <p>Stay here: it is tried again every few seconds, and the sign-in page comes when it has worked. If you must go, lock this workstation and tell your administrator.</p></div>`;
  dialog.querySelector(".name").textContent = user;
}
