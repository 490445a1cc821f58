// A desk for the page's modules.
window.ready = true;
