// The blocks of each take, in order, from the browser's database to the server; again from where the server's disk has
// them after every new connection. What a page left behind that was reloaded or closed, one of those still open sends: it
// tells the server the name of that page, which nobody else knows. A block is forgotten once the server has said the
// SHA-256 of what is on its disk under that number, and it is that of the block.
const BATCH = 50; // blocks, 160 kB: what is in memory at once
const BUFFERED = 512 * 1024; // bytes that wait in the socket: a slow server is not given more
const AGAIN_MS = 200, STUCK_MS = 5000;
const BLOCK_S = 0.1, BLOCK_BYTES = 3200;
const HASHES = 1000, PAGES = 100; // of blocks the most in one answer; of pages the most that the server is told

const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (bytes) => hex(await crypto.subtle.digest("SHA-256", bytes));

async function isOf(pcm, hash) { // at rest, what follows a short block fills it up with silence
  if (await sha256(pcm) === hash) return true;
  const whole = new Uint8Array(BLOCK_BYTES);
  whole.set(new Uint8Array(pcm));
  return pcm.byteLength < BLOCK_BYTES && await sha256(whole) === hash;
}

function framed(take, number, pcm) { // 16 bytes of the take's id, the block's number, its samples
  const message = new Uint8Array(20 + pcm.byteLength);
  for (let i = 0; i < 16; i++) message[i] = parseInt(take.slice(2 * i, 2 * i + 2), 16);
  new DataView(message.buffer).setUint32(16, number, true);
  message.set(new Uint8Array(pcm), 20);
  return message;
}

class Take {
  constructor({ take, case: of, saved = 0, isOn = false, pages = [] }, next = 0) {
    this.take = take;
    this.case = of;
    this.next = next; // the number of the next block
    this.stored = next; // all below are in the outbox, or were acknowledged
    this.sent = this.taken = this.saved = saved;
    this.pages = pages; // those that recorded it, this one the last
    this.hashes = new Map(); // of blocks on the server's disk that were not compared yet
    this.isOn = isOn; // blocks may still come
    this.from = next; // the first block of the stretch
    this.state = "asked"; // → known to the server on this connection, refused, or closed for good, as when it is signed
    this.isTold = false; // that the server does not take it
    this.putting = this.comparing = Promise.resolve();
  }

  get isDone() { return !this.isOn && this.saved >= this.next; }
}

export class Sending {
  constructor(desk, outbox, onChange, onRefused) {
    this.desk = desk;
    this.outbox = outbox;
    this.onChange = onChange;
    this.onRefused = onRefused;
    this.takes = new Map();
    this.owner = desk.newId();
    this.watched = new Set([this.owner]);
    this.connection = 0;
    this.own = null; // the case that this page works on
    this.heard = 0; // when the server last acknowledged something
    desk.on("connected", () => this.connected());
    desk.on("ack", (message) => this.acknowledged(message));
    desk.on("case", (message) => this.given(message));
    setInterval(() => this.unstick(), STUCK_MS);
  }

  given({ case: of, lock }) { // what was refused as another page had the case is asked for again once it is this one's
    const isNew = lock?.mine && this.own !== of;
    this.own = lock?.mine ? of : null;
    for (const take of this.takes.values()) if (isNew && take.case === of && take.state === "refused") this.ask(take);
  }

  async begin() {
    await new Promise((held) => {
      navigator.locks.request(this.lock(this.owner), () => { held(); return new Promise(() => {}); }); // as long as we live
    });
    this.channel = new BroadcastChannel("dictation-takes");
    this.channel.onmessage = ({ data }) => this.watch(data);
    for (const { owner } of await this.outbox.takes()) this.watch(owner);
  }

  get unsent_s() { // of sound that the server does not have
    return [...this.takes.values()].reduce((sum, take) => sum + take.next - Math.max(take.taken, take.saved), 0) * BLOCK_S;
  }

  open(of) { return new Take({ take: this.desk.newId(), case: of, pages: [this.desk.page] }); } // a take of case `of`

  on(take) {
    take.isOn = true;
    take.from = take.next;
    this.keep(take);
    if (!this.takes.has(take.take)) { // it is new, or all of it was with the server
      this.takes.set(take.take, take);
      this.channel.postMessage(this.owner);
      this.ask(take);
    }
    this.tellServer(take);
  }

  add(take, pcm) {
    const number = take.next++;
    take.putting = take.putting.then(() => this.outbox.putBlock(take.take, number, pcm)).then(() => {
      take.stored = number + 1;
      this.pump();
    });
    this.onChange();
  }

  off(take) {
    take.isOn = false;
    this.keep(take);
    this.tellServer(take);
    if (take.isDone) this.forget(take); // the server had all of it, and acknowledges no more
  }

  tellServer(take) { // where the stretch begins, or ended
    return this.desk.send({ do: "listen", case: take.case, take: take.take, on: take.isOn, block: take.isOn ? take.from : take.next });
  }

  keep({ take, case: of, saved, isOn, pages }) {
    return this.outbox.putTake({ take, case: of, saved, isOn, owner: this.owner, pages });
  }

  lock(owner) { return `dictation-takes-${owner}`; }

  watch(owner) { // when that page is gone, its takes are ours, or another's who asked before
    if (this.watched.has(owner)) return;
    this.watched.add(owner);
    navigator.locks.request(this.lock(owner), () => this.adopt(owner));
  }

  async adopt(owner) {
    for (const row of await this.outbox.takes()) {
      if (row.owner !== owner) continue;
      const pages = [...(row.pages ?? []).filter((page) => page !== this.desk.page), this.desk.page].slice(-PAGES);
      const take = new Take({ ...row, pages }, await this.filled(row));
      this.takes.set(take.take, take);
      this.ask(take);
      if (take.isOn) this.off(take);
      else this.keep(take);
    }
    this.onChange();
  }

  async filled({ take, case: of, saved }) { // the number behind the last block; what only the page's memory held is gone with it
    const numbers = await this.outbox.numbers(take);
    const next = Math.max(saved, ...numbers.map((number) => number + 1));
    const lost = [];
    for (let number = saved; number < next; number++) if (!numbers.includes(number)) lost.push(number);
    for (const number of lost) await this.outbox.putBlock(take, number, new Int16Array(1).buffer, true); // the others need a place
    if (lost.length) this.desk.tell(`${(lost.length * BLOCK_S).toFixed(1)} s of sound were lost with a page that was closed; check what was said there.`, { error: true, of });
    return next;
  }

  connected() {
    this.connection++;
    for (const take of this.takes.values()) {
      take.sent = take.saved;
      if (!["asked", "closed", "other"].includes(take.state)) this.ask(take); // else the question itself is asked again, or never
      if (take.isOn) this.tellServer(take); // a server that was started anew does not know
    }
  }

  async acknowledged({ take: id, taken, hashes = {}, closed = false }) {
    const take = this.takes.get(id);
    if (!take) return;
    if (closed) { // how much of it the server has, the answer tells; until then no more of it is sent
      if (take.state === "known") this.ask(take);
      return;
    }
    this.heard = Date.now();
    take.taken = taken;
    for (const [number, hash] of Object.entries(hashes)) take.hashes.set(Number(number), hash);
    this.onChange();
    take.comparing = take.comparing.then(() => this.compare(take));
    await take.comparing;
  }

  async compare(take) { // what the server's disk has, with what was recorded
    let { saved } = take, end = saved;
    while (take.hashes.has(end)) end++;
    if (take.state === "other") return;
    if (end === saved) { // nothing is new; of a page that is gone the server may have had all
      if (take.isDone) this.forget(take);
      return;
    }
    const rows = new Map((await this.outbox.blocksAfter(take.take, saved, end - saved)).map((row) => [row.number, row]));
    for (; saved < end; saved++) {
      const row = rows.get(saved), hash = take.hashes.get(saved);
      if (row && !row.isLost && !await isOf(row.pcm, hash)) break; // nothing is here to compare where the page lost it
      take.hashes.delete(saved);
    }
    const isOther = saved < end;
    if (saved > take.saved) {
      take.saved = saved;
      take.sent = Math.max(take.sent, saved); // what came over an earlier connection
      this.outbox.ackBlocks(take.take, saved);
      if (take.isDone) this.forget(take);
      else this.keep(take);
      this.onChange();
    }
    if (!isOther) return;
    take.state = "other";
    this.refuse(take);
  }

  forget(take) {
    this.takes.delete(take.take);
    this.outbox.forgetTake(take.take);
  }

  unstick() { // a block that the server did not take, as with a full disk, comes again
    for (const take of this.takes.values()) {
      if (take.taken < take.sent && Date.now() - this.heard > STUCK_MS && this.desk.buffered === 0) take.sent = take.saved;
    }
    this.pump();
  }

  async pump() {
    this.isAsked = true;
    if (this.isPumping) return;
    this.isPumping = true;
    try {
      while (this.isAsked) {
        this.isAsked = false;
        for (const take of [...this.takes.values()]) await this.push(take);
      }
    } finally {
      this.isPumping = false;
    }
  }

  async push(take) {
    const { connection } = this;
    while (take.state === "known" && take.sent < take.stored) {
      if (this.desk.buffered > BUFFERED) {
        setTimeout(() => this.pump(), AGAIN_MS);
        return;
      }
      const blocks = await this.outbox.blocksAfter(take.take, take.sent, BATCH);
      if (connection !== this.connection || !blocks.length) return;
      for (const { number, pcm } of blocks) {
        if (number !== take.sent || !this.desk.postBlock(framed(take.take, number, pcm))) return;
        take.sent = number + 1;
      }
    }
  }

  async ask(take) { // the server must know whose sound it is before the first block comes
    take.state = "asked";
    const before = take.pages.filter((page) => page !== this.desk.page), from = take.saved;
    const answer = await this.desk.send({ do: "take", case: take.case, take: take.take, saved: from, before });
    if (take.state === "other") return;
    take.state = !answer.ok ? "refused" : answer.closed ? "closed" : "known"; // what is not taken stays in the browser, and is asked for at the next load
    if (answer.ok) {
      const { taken = 0, hashes = {} } = answer;
      await this.acknowledged({ take: take.take, taken, hashes });
      if (take.saved === from + HASHES) return this.ask(take); // the server may have more of it
      take.sent = Math.max(take.sent, taken);
    }
    if (take.state === "known") take.isTold = false;
    else if (take.state !== "other") this.refuse(take);
    this.pump();
  }

  refuse(take) { // is told once, however often it is asked
    this.onRefused(take);
    const kept_s = (take.next - take.saved) * BLOCK_S;
    if (kept_s < BLOCK_S || take.isTold) return;
    take.isTold = true;
    const why = {
      closed: "came after their report was signed, so they are not in it",
      other: "are not what the server has in their place",
      refused: "were not taken by the server",
    }[take.state];
    const mayCome = take.state === "refused" && this.own !== take.case;
    const fix = mayCome ? "they are sent once this page has their case (T)" : "say again what matters";
    this.desk.tell(`${kept_s.toFixed(1)} s of sound ${why} and stay in this browser; ${fix}.`, { error: true, of: take.case });
  }
}
