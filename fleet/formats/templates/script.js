"use strict";
// The page is whole without this: it adds a filter, and opening what a link leads into.
(() => {
  const find = (selector) => [...document.querySelectorAll(selector)];

  const all = document.getElementById("details");
  all.hidden = false;
  all.addEventListener("click", () => {
    const open = all.textContent.startsWith("Open");
    find("main details").forEach((one) => { one.open = open; });
    all.textContent = open ? "Close all details" : "Open all details";
  });

  const filter = document.getElementById("filter");
  const input = filter.querySelector("input");
  filter.hidden = false;
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    find("[data-words]").forEach((one) => {
      one.hidden = !words.every((word) => one.dataset.words.includes(word));
      shown += one.hidden ? 0 : 1;
    });
    document.getElementById("none").hidden = shown > 0;
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      input.focus();
    }
  });

  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let one = target.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
    if (target.hidden || target.closest("[hidden]")) { input.value = ""; input.dispatchEvent(new Event("input")); }
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = find(".changes:not([open]), .properties details:not([open])");
    opened.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((one) => { one.open = false; }));
})();
