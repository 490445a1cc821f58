// What the page sends of its sound, by take and number of the block: also of before a reload.
window.taken = JSON.parse(sessionStorage.taken ?? "{}");
addEventListener("pagehide", () => { sessionStorage.taken = JSON.stringify(window.taken); });
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) {
    const bytes = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength);
    const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(16, true);
    const take = [...bytes.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    (window.taken[take] ??= {})[number] = btoa(String.fromCharCode(...bytes.slice(20)));
  }
  return send.call(this, data);
};
