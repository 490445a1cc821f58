// The only thing that is not real: nobody plugs devices into a test machine, so navigator.hid is one that can be fed.
class FedDevice extends EventTarget {
  constructor({ vendorId, productId, usagePage, usage }) {
    super();
    const collections = [{ usagePage: usagePage ?? 0xff00, usage: usage ?? 1 }];
    Object.assign(this, { vendorId, productId, opened: false, collections });
  }
  async open() { if (this.broken) throw new DOMException("taken", "NotAllowedError"); this.opened = true; }
  send(bytes, reportId = 0) {
    if (!this.opened) throw new Error("not opened");
    const data = new DataView(Uint8Array.from(bytes).buffer);
    this.dispatchEvent(Object.assign(new Event("inputreport"), { device: this, reportId, data }));
  }
}
class FedHid extends EventTarget {
  allowed = []; filters = null; chosen = [];
  constructor() { super(); this.asked = new Promise((resolve) => { this.tell = resolve; }); }
  async getDevices() { this.tell(); return this.allowed; }
  async requestDevice({ filters }) {
    if (!navigator.userActivation.isActive) throw new DOMException("no gesture", "SecurityError");
    this.filters = filters;
    return this.chosen;
  }
  plug(device) { this.dispatchEvent(Object.assign(new Event("connect"), { device })); return device; }
  pull(device) { this.dispatchEvent(Object.assign(new Event("disconnect"), { device })); }
}
globalThis.FedDevice = FedDevice;
const before = JSON.parse(sessionStorage.before ?? "[]");
const fed = new FedHid();
fed.allowed = before.map((one) => new FedDevice(one));
Object.defineProperty(navigator, "hid", { value: fed });
