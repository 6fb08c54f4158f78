"use strict";
// The page is whole without this: it adds a choice of theme, a filter, and opening what a link leads into.
(() => {
  const root = document.documentElement;
  const find = (selector) => [...document.querySelectorAll(selector)];

  const theme = document.getElementById("theme");
  const themes = ["system", "light", "dark"];
  const say = { system: "as the system", light: "light", dark: "dark" };
  const kept = {
    get: () => { try { return localStorage.getItem("fleet-theme"); } catch { return null; } },
    set: (value) => { try { localStorage.setItem("fleet-theme", value); } catch { /* a file may have no storage */ } },
  };
  const wear = (name) => {
    if (name === "system") delete root.dataset.theme; else root.dataset.theme = name;
    theme.textContent = `Theme: ${say[name]}`;
    theme.value = name;
  };
  wear(themes.includes(kept.get()) ? kept.get() : "system");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(theme.value) + 1) % themes.length];
    kept.set(next);
    wear(next);
  });

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
