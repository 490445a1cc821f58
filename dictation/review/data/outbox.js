// What the server does not have yet, in the browser's own database: a reload, a closed lid or a dead server loses nothing.
// Where the browser forbids it or is full, what comes then is held in this page alone, and `onTrouble` says so.
// Each user has a database of their own, sealed with a key that the server gives to nobody else: the next user of this
// browser can neither read nor send what waits in it.
const NAME = "dictation", VERSION = 1;
const BLOCK_S = 0.1;
const named = (user) => (user ? `${NAME}:${user}` : NAME);
const KEYS = { blocks: ["take", "number"], takes: "take", commands: ["page", "number"], pages: "page" };
const TOLD = "told"; // instead of a page
const ofCase = (id) => `begun:${id}`, ofPage = (page) => `typing:${page}`;
const TROUBLE = "The browser keeps no sound on its disk (it is full, or forbids it), so do not close this page while sound is not yet on the server.";

function keyOf(store, row) {
  const path = KEYS[store];
  return Array.isArray(path) ? path.map((name) => row[name]) : row[path];
}

function opened(name) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, VERSION);
    request.onupgradeneeded = () => {
      for (const [store, keyPath] of Object.entries(KEYS)) request.result.createObjectStore(store, { keyPath });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error);
  });
}

export class Outbox {
  static async open(user = "", key = "") { // `key`: 256 bits, hexadecimal
    const outbox = new Outbox();
    try {
      if (key) {
        const bytes = Uint8Array.from(key.match(/../g), (byte) => parseInt(byte, 16));
        outbox.key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
      }
      outbox.database = await opened(named(user));
      outbox.database.onversionchange = () => outbox.database.close();
    } catch {
      outbox.trouble();
    }
    return outbox;
  }

  static async othersSeconds(user = "") { // of sound that other users left in this browser
    const all = await indexedDB.databases?.().catch(() => []) ?? [];
    let blocks = 0;
    for (const { name } of all) {
      if (name === named(user) || !(name === NAME || name?.startsWith(`${NAME}:`))) continue;
      const outbox = new Outbox();
      outbox.database = await opened(name).catch(() => null);
      blocks += await outbox.work("blocks", "readonly", (rows) => rows.count()).catch(() => 0);
      outbox.database?.close();
    }
    return blocks * BLOCK_S;
  }

  constructor() {
    this.database = this.key = null;
    this.held = Object.fromEntries(Object.keys(KEYS).map((store) => [store, new Map()])); // what the disk did not take
    this.isTroubled = false;
    this.onTrouble = null;
  }

  trouble() {
    if (!this.isTroubled && this.onTrouble) this.onTrouble(TROUBLE);
    this.isTroubled = true;
  }

  watch(onTrouble) { // told once, also of what went wrong before
    this.onTrouble = onTrouble;
    if (this.isTroubled) onTrouble(TROUBLE);
  }

  // Blocks of sound: {take, number, pcm, isLost}; `isLost`: a page lost it, and this keeps its place. Resolves when it is kept.
  async putBlock(take, number, pcm, isLost = false) { return this.put("blocks", { take, number, pcm: await this.sealed(pcm), isLost }); }

  async blocksAfter(take, number, limit) { // blocks from `number` on, in order
    const rows = await this.within("blocks", [take, number], [take, Infinity], limit);
    return Promise.all(rows.map(async (row) => ({ ...row, pcm: await this.unsealed(row.pcm) })));
  }

  async sealed(bytes) {
    if (!this.key) return bytes;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.key, bytes) };
  }

  async unsealed(kept) {
    return this.key ? crypto.subtle.decrypt({ name: "AES-GCM", iv: kept.iv }, this.key, kept.data) : kept;
  }

  async ackBlocks(take, saved) { // forgets all below `saved`
    if (saved > 0) await this.delete("blocks", [take, 0], [take, saved - 1]);
  }

  // Takes: {take, case, owner, saved, isOn, pages}; `owner` is the loading of a page that recorded it, `pages` the names of
  // all pages that did.
  putTake(take) { return this.put("takes", take); }

  takes() { return this.within("takes", "", "\uffff"); }

  forgetTake(take) { return this.delete("takes", take, take); }

  async numbers(take) { // of the blocks that are kept
    const range = IDBKeyRange.bound([take, 0], [take, Infinity]);
    const keys = await this.work("blocks", "readonly", (rows) => rows.getAllKeys(range)).catch(() => []);
    return [...keys.map(([, number]) => number), ...this.inMemory("blocks", range).map(({ number }) => number)];
  }

  // Commands of a page, in the order of their numbers.
  async putCommand(page, number, command) {
    await Promise.all([this.put("commands", { page, number, command: await this.packed(command) }), this.put("pages", { page, number })]);
  }

  async packed(command) { return this.key ? this.sealed(new TextEncoder().encode(JSON.stringify(command))) : command; }

  async commandsAfter(page, number) { // [{page, number, command}] with higher numbers
    return this.read(await this.within("commands", [page, number + 1], [page, Infinity]));
  }

  async read(rows) { // of commands
    if (!this.key) return rows;
    const read = async (kept) => JSON.parse(new TextDecoder().decode(await this.unsealed(kept)));
    return Promise.all(rows.map(async (row) => ({ ...row, command: await read(row.command) })));
  }

  ackCommand(page, number) { return this.delete("commands", [page, number], [page, number]); }

  async lastNumber(page) { // the last number that the page gave a command, 0 where none
    const [last] = await this.within("pages", page, page);
    return last?.number ?? 0;
  }

  async otherPages(page) { return (await this.within("pages", "", "\uffff")).map((row) => row.page).filter((one) => one !== page); }

  // Wordings of sentences that were begun and are not kept yet: commands that nobody gave, of a case instead of a page, and
  // of a statement instead of a number. `words`: { id: the statement's, … }
  async putBegun(of, words) { await this.put("commands", { page: ofCase(of), number: words.id, command: await this.packed(words) }); }

  async begun(of) { // [words]
    const rows = await this.read(await this.within("commands", [ofCase(of), 0], [ofCase(of), []])); // every string is between
    const [before] = rows.filter(({ number }) => number === 0); // as it was kept when a case had one
    if (before && !rows.some(({ number }) => number === before.command.id)) await this.putBegun(of, before.command);
    if (before) await this.ackCommand(ofCase(of), 0);
    return [...new Map(rows.map(({ command }) => [command.id, command])).values()]; // a string comes after 0
  }

  forgetBegun(of, id) { return this.ackCommand(ofCase(of), id); }

  // Sentences that hold the only copy of somebody's words, until somebody has closed them: { text, of: their case, whose }.
  async putTold(told) { // → its number
    const number = Date.now() + Math.random();
    await this.put("commands", { page: TOLD, number, command: await this.packed(told) });
    return number;
  }

  async told() { // [{ number, text, of, whose }], in their order
    return (await this.commandsAfter(TOLD, -1)).map(({ number, command }) => ({ number, ...command }));
  }

  forgetTold(number) { return this.ackCommand(TOLD, number); }

  // What a page typed that the server has not answered: its commands say only what was sent of it, and not in which text.
  async putTyping(page, typed, isNewest) { // at once: the page may be reloaded right after a letter
    const command = await this.packed(typed);
    if (isNewest()) await this.put("commands", { page: ofPage(page), number: 0, command });
  }

  typing(page) { return this.only(ofPage(page)); }

  forgetTyping(page) { return this.ackCommand(ofPage(page), 0); }

  async only(page) {
    const [row] = await this.commandsAfter(page, -1);
    return row?.command ?? null;
  }

  async forgetPage(page) {
    await this.forgetTyping(page);
    await this.delete("commands", [page, 0], [page, Infinity]);
    await this.delete("pages", page, page);
  }

  async put(store, row) {
    try {
      await this.work(store, "readwrite", (rows) => rows.put(row));
      this.held[store].delete(JSON.stringify(keyOf(store, row))); // what it was before
    } catch {
      this.held[store].set(JSON.stringify(keyOf(store, row)), row);
      this.trouble();
    }
  }

  async within(store, lower, upper, limit = undefined) {
    const range = IDBKeyRange.bound(lower, upper);
    const found = await this.work(store, "readonly", (rows) => rows.getAll(range, limit)).catch(() => []);
    const held = this.inMemory(store, range);
    if (!held.length) return found;
    return [...found, ...held].sort((one, other) => indexedDB.cmp(keyOf(store, one), keyOf(store, other))).slice(0, limit);
  }

  async delete(store, lower, upper) {
    const range = IDBKeyRange.bound(lower, upper);
    for (const row of this.inMemory(store, range)) this.held[store].delete(JSON.stringify(keyOf(store, row)));
    await this.work(store, "readwrite", (rows) => rows.delete(range)).catch(() => {}); // it comes again, and is known
  }

  inMemory(store, { lower, upper }) {
    return [...this.held[store].values()].filter((row) => {
      const key = keyOf(store, row);
      return indexedDB.cmp(key, lower) >= 0 && indexedDB.cmp(key, upper) <= 0;
    });
  }

  async work(store, mode, what) { // resolves when the browser has it
    if (!this.database) throw new Error("no database");
    const transaction = this.database.transaction(store, mode);
    const ended = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const request = what(transaction.objectStore(store));
    if (mode === "readwrite") transaction.commit(); // else a page that ends now takes it back
    await ended;
    return request.result;
  }
}
