// The texts on the page that are cut: by their own element, by one that they are in, or by the window.
() => {
  const cuts = (style) => style !== "visible";
  const says = (one) => !one.closest(".unseen") && [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const isCut = (one) => {
    if (one.scrollWidth > one.clientWidth + 1 && cuts(getComputedStyle(one).overflowX)) return true;
    const range = document.createRange();
    range.selectNodeContents(one);
    const text = range.getBoundingClientRect();
    if (text.left < -1 || text.right > innerWidth + 1) return true;
    for (let around = one.parentElement; around.id !== "shell"; around = around.parentElement) {
      const style = getComputedStyle(around), edge = around.getBoundingClientRect();
      if (cuts(style.overflowX) && (text.left < edge.left - 1 || text.right > edge.right + 1)) return true;
      if (style.overflowY === "hidden" && (text.top < edge.top - 2 || text.bottom > edge.bottom + 2)) return true; // else it scrolls
    }
    return false;
  };
  const shown = [...document.querySelectorAll("#shell *")].filter((one) => one.checkVisibility({ visibilityProperty: true }));
  return shown.filter((one) => says(one) && isCut(one)).map((one) => one.textContent);
}
