"use strict";
// A page is whole without this: it adds a choice of theme.
(() => {
  const root = document.documentElement;
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
})();
