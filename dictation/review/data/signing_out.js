// Signing out: nobody reads on from its first moment, and the page is left only once the server takes this browser for nobody.
// Until then it says that nobody is signed out, and tries again by itself, after a reload, too.
import { makeDialog } from "./dialogs.js";

const SOON_MS = 5000, AGAIN_MS = 3000;
const PATIENCE_MS = 60_000; // a database that is busy is waited for, and the answer takes the cookie back whatever became of it
const LEAVING = "desk.leaving"; // whose session is to end; in all windows: this one may be closed before it has

export const at = (path) => new URL(path, location.href.split(/[?#]/)[0]);
export const pause = (ms) => new Promise((over) => { setTimeout(over, ms); });

// Whether a user wanted to sign out here, and nothing was heard of it; for anybody else that is over.
export function wantsOut(user) {
  if (user && localStorage.getItem(LEAVING) === user) return true;
  localStorage.removeItem(LEAVING);
  return false;
}

// `refused` is called once, where it does not work at once. It returns when it has worked, however long that takes.
export async function signOut(user, refused = () => {}) {
  localStorage.setItem(LEAVING, user);
  document.body.setAttribute("data-signed-out", ""); // nobody reads on
  for (const one of document.querySelectorAll("dialog[open]")) one.close();
  let dialog;
  const tell = () => {
    if (dialog) return;
    dialog = told(user);
    refused();
  };
  const late = setTimeout(tell, SOON_MS);
  while (!await ends(user)) {
    tell();
    await pause(AGAIN_MS);
    if (await isGone(user)) break;
  }
  clearTimeout(late);
  localStorage.removeItem(LEAVING);
}

async function ends(user) {
  const answer = await ask("sign-out", { method: "POST" });
  const isSaid = answer?.type === "opaqueredirect" || answer?.status === 401;
  return isSaid && await isGone(user); // a proxy, too, may send a browser elsewhere
}

async function isGone(user) {
  const answer = await ask("who");
  if (answer?.status === 401) return true;
  const who = answer?.ok ? await answer.json().catch(() => null) : null;
  return Boolean(who?.user) && who.user !== user; // somebody else has signed in in another window
}

function ask(path, how) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return fetch(at(path), { cache: "no-store", redirect: "manual", signal, ...how }).catch(() => null);
}

function told(user) {
  const dialog = makeDialog("not-out", "not signed out", `
    <div role="alert"><h2>You are NOT signed out: the server does not confirm it</h2>
    <p>Whoever opens this page in this browser may be taken for <b class="name"></b>.</p>
    <p>Stay here: it is tried again every few seconds, and the sign-in page comes when it has worked. If you must go, lock this workstation and tell your administrator.</p></div>`);
  dialog.querySelector(".name").textContent = user;
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", () => dialog.showModal());
  dialog.showModal();
  return dialog;
}
