// Values of an image → grey on the screen, by a window that can be chosen. Pure; pixels come as review/pixels.py packs them.

export function unpacked(buffer) { // what the server sent → { header, pixels }
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const kind = header.bits === 16 ? Uint16Array : Uint8Array;
  return { header, pixels: new kind(buffer, 4 + length), bytes: buffer.byteLength };
}

// Every stored number → its grey, 0 to 255: PS3.3 C.11.2.1.2, exact form.
export function table({ bits, lowest, step, centre: ownCentre, width: ownWidth }, window, inverted) {
  const { centre, width } = window ?? { centre: ownCentre, width: ownWidth };
  const greys = new Uint8Array(bits === 16 ? 65536 : 256);
  for (let stored = 0; stored < greys.length; stored++) {
    const share = (lowest + step * stored - centre) / Math.max(width, 1e-9) + 0.5;
    const grey = Math.round(255 * Math.min(1, Math.max(0, share)));
    greys[stored] = inverted ? 255 - grey : grey;
  }
  return greys;
}

export function painted({ header, pixels }, window, inverted, canvas) { // draws at the image's own size
  const { rows, columns, channels } = header;
  const greys = table(header, window, inverted);
  if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const drawn = context.createImageData(columns, rows);
  const out = new Uint32Array(drawn.data.buffer);
  if (channels === 3) {
    for (let at = 0, from = 0; at < out.length; at++, from += 3) {
      out[at] = 0xff000000 | (greys[pixels[from + 2]] << 16) | (greys[pixels[from + 1]] << 8) | greys[pixels[from]];
    }
  } else {
    const colours = Uint32Array.from(greys, (grey) => 0xff000000 | (grey << 16) | (grey << 8) | grey);
    for (let at = 0; at < out.length; at++) out[at] = colours[pixels[at]];
  }
  context.putImageData(drawn, 0, 0);
}

// The images of a study, fetched as they are wanted, those beside them ahead; the longest unused are let go.
export class Shelf {
  constructor(address, count, most = 192 * 2 ** 20) {
    Object.assign(this, { address, count, most, held: new Map(), coming: new Map(), closing: new AbortController() });
  }

  async get(number) {
    const held = this.held.get(number);
    if (held) {
      this.held.delete(number);
      this.held.set(number, held); // used now
      return held;
    }
    if (!this.coming.has(number)) {
      const coming = this.fetched(number).finally(() => this.coming.delete(number));
      this.coming.set(number, coming);
    }
    return this.coming.get(number);
  }

  async fetched(number) {
    const answer = await fetch(this.address(number), { signal: this.closing.signal });
    if (!answer.ok) throw new Error((await answer.text()).slice(0, 300) || `the image was not sent (${answer.status})`);
    const image = unpacked(await answer.arrayBuffer());
    this.held.set(number, image);
    let bytes = [...this.held.values()].reduce((sum, one) => sum + one.bytes, 0);
    for (const [oldest, one] of this.held) {
      if (bytes <= this.most || oldest === number) break;
      this.held.delete(oldest);
      bytes -= one.bytes;
    }
    return image;
  }

  async ahead(number, towards) { // one after the other: what is looked at goes first
    for (const step of [1, 2, 3, -1]) {
      const next = number + step * towards;
      if (next < 0 || next >= this.count || this.held.has(next)) continue;
      await this.get(next).catch(() => {});
    }
  }

  close() { this.closing.abort(); this.held.clear(); }
}
