// The image: window by dragging with the right button (or W, then drag), zoom by wheel, pan, invert, series, boxes.
// One canvas lives as long as the page: when the region is drawn anew it moves into its new place, nothing is fetched twice.
import { giveFocusBack } from "./focus.js";
import { Shelf, painted } from "./window.js";

const MOST_ZOOM = 12, STEP = 1.25;
const ORIGINAL = "original window"; // as it was sent
const within = (value, low, high) => Math.min(high, Math.max(low, value));
const PARTS = `<canvas tabindex="0" role="img" aria-label="image, being read"></canvas>
  <input type="range" class="series" min="0" step="1" aria-label="image of the series">
  <p class="state"></p>
  <p class="tools"><select class="windows" aria-label="window"></select>
    <button type="button" data-key="v"><kbd>V</kbd> invert</button>
    <button type="button" data-key="0"><kbd>0</kbd> reset</button>
    <button type="button" data-key="i"><kbd>I</kbd> hide</button></p>`;

export function install(desk) {
  const region = document.querySelector("#image");
  const root = document.createElement("div");
  root.className = "viewing";
  root.innerHTML = PARTS;
  const [canvas, slider, state, windows] = ["canvas", ".series", ".state", ".windows"].map((name) => root.querySelector(name));
  const context = canvas.getContext("2d");
  const own = document.createElement("canvas"); // the image at its own size, windowed
  let shelf = null, list = [], boxes = [], known = "";
  let wanted = 0, shown = -1, image = null, towards = 1, isShowing = false, why = "";
  let window_ = null, inverted = false, zoom = 1, shift = { x: 0, y: 0 }, isWindowing = false, isPainted = false, frame = 0;

  function take() { // the region was drawn: a new study, or the same one with other boxes
    const place = region.querySelector(".viewer");
    if (place && root.parentNode !== place) place.append(root);
    giveFocusBack(true);
    if (!place) { forget(); return; }
    boxes = JSON.parse(place.dataset.boxes);
    const study = `${place.dataset.case} ${place.dataset.images}`;
    if (study !== known) {
      forget();
      known = study;
      list = JSON.parse(place.dataset.images);
      const { case: id } = place.dataset;
      shelf = new Shelf((number) => desk.url(`image/${id}/${number}?page=${desk.page}`), list.length);
      slider.max = list.length - 1;
      slider.hidden = list.length < 2;
      go(0);
    }
    refresh();
  }

  function forget() {
    shelf?.close();
    shelf = image = null;
    list = [];
    boxes = [];
    known = why = "";
    shown = -1;
    reset();
  }

  async function go(number) {
    const next = within(number, 0, list.length - 1);
    towards = next < wanted ? -1 : 1;
    wanted = next;
    slider.value = wanted;
    if (isShowing) return;
    isShowing = true;
    const from = shelf;
    while (from === shelf && shown !== wanted) { // whatever was asked for meanwhile comes next
      const number = wanted;
      try {
        const got = await from.get(number);
        if (from !== shelf) break;
        if (image && list[number].series !== list[shown]?.series) window_ = null;
        image = got;
        why = "";
      } catch (error) {
        if (from !== shelf) break;
        image = null;
        why = error.message;
      }
      shown = number;
      isPainted = false;
      offerWindows();
      refresh();
    }
    isShowing = false;
    if (from !== shelf) { if (shelf) go(wanted); } else from?.ahead(wanted, towards);
  }

  const current = () => window_ ?? { centre: image.header.centre, width: image.header.width };

  function offerWindows() {
    const presets = image ? image.header.presets : [];
    const all = [["", ORIGINAL], ...presets.map((one, at) => [String(at), `${one.key} ${one.name}`]), ["full", "7 all values"]];
    if (windows.dataset.offered !== String(presets.length)) {
      windows.replaceChildren(...all.map(([value, words]) => new Option(words, value)));
      windows.dataset.offered = presets.length;
    }
    if (!window_) windows.value = "";
  }

  function choose(name) {
    if (!image) return;
    const { presets, lowest, highest } = image.header;
    if (name === "full") window_ = { centre: (lowest + highest) / 2, width: Math.max(highest - lowest, 1) };
    else window_ = name === "" ? null : presets[Number(name)];
    windows.value = name;
    isPainted = false;
    refresh();
  }

  function adjust(right, down) { // right: wider; down: darker
    if (!image) return;
    const { centre, width } = current(), grain = Math.max(image.header.width / 250, image.header.step);
    window_ = { centre: centre + down * grain, width: Math.max(image.header.step, width + right * grain) };
    windows.selectedIndex = -1;
    isPainted = false;
    refresh();
  }

  function reset() {
    window_ = null;
    inverted = isWindowing = isPainted = false;
    zoom = 1;
    shift = { x: 0, y: 0 };
    offerWindows();
    windows.value = "";
    refresh();
  }

  function enlarge(by, at = { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 }) {
    const before = zoom;
    zoom = within(zoom * by, 1, MOST_ZOOM);
    const middle = { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 };
    for (const axis of ["x", "y"]) shift[axis] = (shift[axis] - (at[axis] - middle[axis])) * (zoom / before) + (at[axis] - middle[axis]);
    if (zoom === 1) shift = { x: 0, y: 0 };
    refresh();
  }

  function move(x, y) {
    const most = { x: canvas.clientWidth * zoom / 2, y: canvas.clientHeight * zoom / 2 };
    shift = { x: within(shift.x + x, -most.x, most.x), y: within(shift.y + y, -most.y, most.y) };
    refresh();
  }

  const refresh = () => { frame ||= requestAnimationFrame(draw); };

  function draw() {
    frame = 0;
    const dense = devicePixelRatio || 1, width = Math.round(canvas.clientWidth * dense), height = Math.round(canvas.clientHeight * dense);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
    canvas.classList.toggle("windowing", isWindowing);
    tell();
    if (!image || !width) return;
    if (!isPainted) painted(image, window_, inverted, own);
    isPainted = true;
    const { rows, columns, of } = image.header;
    const scale = Math.min(width / columns, height / rows) * zoom;
    context.setTransform(scale, 0, 0, scale, width / 2 + shift.x * dense - (columns * scale) / 2, height / 2 + shift.y * dense - (rows * scale) / 2);
    context.imageSmoothingEnabled = scale < 3;
    context.imageSmoothingQuality = "high";
    context.drawImage(own, 0, 0);
    const shrunk = columns / of[1];
    context.lineWidth = (2 * dense) / scale;
    context.strokeStyle = getComputedStyle(canvas).getPropertyValue("--focus");
    for (const { box: [y0, x0, y1, x1] } of boxes.filter((one) => one.image === shown)) {
      context.strokeRect(x0 * shrunk, y0 * shrunk, (x1 - x0) * shrunk, (y1 - y0) * shrunk);
    }
    mark(dense, width, height);
  }

  function mark(dense, width, height) { // which side of the patient is on image left
    const side = { L: "R", R: "L" }[image.header.across];
    if (!side) return;
    context.setTransform(dense, 0, 0, dense, 0, 0);
    context.font = "600 14px system-ui, sans-serif";
    context.fillStyle = "#d5dae0";
    context.fillText(side, 6, height / dense / 2);
  }

  function tell() {
    if (why) { state.textContent = why; return; }
    if (!image) { state.textContent = known ? "loading the image" : ""; return; }
    const { centre, width } = current(), { caption, unit } = image.header;
    const named = boxes.filter((one) => one.image === shown).map((one) => one.finding);
    const grain = image.header.step < 1 ? 3 : 0;
    const words = [caption || list[shown].caption, `centre ${centre.toFixed(grain)} width ${width.toFixed(grain)}${unit ? ` ${unit}` : ""}`];
    if (zoom > 1) words.push(`${zoom.toFixed(1)} times`);
    if (inverted) words.push("inverted");
    if (isWindowing) words.push("drag or arrows: window");
    if (named.length) words.push(`box: ${[...new Set(named)].join(", ")}`);
    const text = words.join(" · ");
    if (state.textContent !== text) state.textContent = text;
    canvas.setAttribute("aria-label", `${words[0]}. Arrow keys: images; W: window; Z: zoom; V: invert; 0: reset; Escape: leave.`);
  }

  // ----- hand and keys
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 && event.button !== 2) return;
    event.preventDefault(); // the focus stays where it is: the keys of the cards go on
    canvas.setPointerCapture(event.pointerId);
    const acts = event.button === 2 || isWindowing ? adjust : move;
    const drag = ({ movementX, movementY }) => acts(movementX, movementY);
    const end = () => {
      canvas.removeEventListener("pointermove", drag);
      canvas.removeEventListener("pointerup", end);
      canvas.removeEventListener("pointercancel", end);
    };
    canvas.addEventListener("pointermove", drag);
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
  });
  canvas.addEventListener("mousedown", (event) => event.preventDefault());
  canvas.addEventListener("dblclick", () => grow());
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (event.ctrlKey) go(wanted + Math.sign(event.deltaY));
    else enlarge(event.deltaY < 0 ? STEP : 1 / STEP, { x: event.offsetX, y: event.offsetY });
  }, { passive: false });
  slider.addEventListener("input", () => go(Number(slider.value)));
  windows.addEventListener("change", () => choose(windows.value));
  new ResizeObserver(refresh).observe(canvas);

  // Beside the text it is there unless it was put away; in a narrow column it is above the text where it was asked for.
  const column = matchMedia("(max-width: 700px)");
  let isAbove = false;
  const isColumn = () => document.body.dataset.layout === "narrow" || column.matches;
  function lay() {
    document.body.toggleAttribute("data-above", isAbove && isColumn());
    refresh();
  }
  column.addEventListener("change", lay);
  desk.on("laid", lay);

  function put({ hidden = isHidden(), large = isLarge() }) { // each by itself: the one is of a wide page, the other of both
    if (hidden) document.body.dataset.image = "hidden";
    else delete document.body.dataset.image;
    document.body.toggleAttribute("data-large", large);
    lay();
  }
  const isHidden = () => document.body.dataset.image === "hidden", isLarge = () => document.body.hasAttribute("data-large");
  const prefer = (name, value) => desk.send({ do: "prefer", name, value });
  function above(on) {
    isAbove = on;
    lay();
    prefer("image_above", on);
  }
  function hide() {
    if (isColumn()) return above(!isAbove);
    put({ hidden: !isHidden() });
    return prefer("image_hidden", isHidden());
  }
  function grow() {
    if (isColumn() && !isAbove) {
      put({ large: true });
      above(true);
    } else if (!isColumn() && isHidden()) put({ hidden: false, large: true });
    else put({ large: !isLarge() });
  }

  const add = (key, label, run, more = {}) => desk.keys.add({ key, label, group: "Image", run, when: () => list.length > 0, ...more });
  const turn = () => { inverted = !inverted; isPainted = false; refresh(); };
  add("i", "hide or show the image", hide, { when: () => Boolean(document.body.dataset.stage) });
  add("Alt+i", "a large image, beside narrower columns or above shorter ones", grow);
  for (const more of [{}, { scope: root }]) {
    add("v", "invert", turn, more);
    add("z", "zoom in", () => enlarge(STEP), more);
    add("+", "zoom in", () => enlarge(STEP), more);
    add("-", "zoom out", () => enlarge(1 / STEP), more);
    add("0", "reset window, zoom, place", reset, more);
  }
  const here = (key, label, run) => add(key, label, run, { scope: root });
  here("w", "arrows and dragging change the window", () => { isWindowing = !isWindowing; refresh(); });
  for (const [key, right, down] of [["ArrowLeft", -1, 0], ["ArrowRight", 1, 0], ["ArrowUp", 0, -1], ["ArrowDown", 0, 1]]) {
    here(key, "images of the series; after W: window", () => (isWindowing ? adjust(8 * right, 8 * down) : go(wanted + right + down)));
    here(`Shift+${key}`, "move the image", () => move(-20 * right, -20 * down));
  }
  here("PageUp", "ten images back", () => go(wanted - 10));
  here("PageDown", "ten images on", () => go(wanted + 10));
  here("Home", "first image", () => go(0));
  here("End", "last image", () => go(list.length - 1));
  here("1", ORIGINAL, () => choose(""));
  for (const key of ["2", "3", "4", "5", "6"]) {
    here(key, "windows of CT", () => {
      const at = image?.header.presets.findIndex((one) => one.key === key) ?? -1;
      if (at >= 0) choose(String(at));
    });
  }
  here("7", "all values", () => choose("full"));
  here("Escape", "leave the image", () => document.activeElement.blur());

  let preferred = null, wasAbove = null; // as the server told it last: a state that it told before it heard of a key changes nothing back
  desk.on("case", ({ preferences }) => {
    if (preferences && preferences.image_hidden !== preferred) {
      preferred = preferences.image_hidden;
      if (preferred !== isHidden()) put({ hidden: Boolean(preferred) });
    }
    if (preferences && preferences.image_above !== wasAbove) {
      wasAbove = preferences.image_above;
      isAbove = Boolean(wasAbove);
      lay();
    }
    queueMicrotask(take); // once the region is drawn
  });
  desk.on("drawn", () => queueMicrotask(take));
}
