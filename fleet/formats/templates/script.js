"use strict";
// The page is whole without this: it adds a filter, and opening what a link leads into.
(() => {
  const find = (selector) => [...document.querySelectorAll(selector)];

  const all = document.getElementById("details");
  all.hidden = false;
  all.title = "What each resource is made of opens one by one";
  all.addEventListener("click", () => {
    const open = all.textContent.startsWith("Open");
    const near = scrollY > 0 && find("main article, .callout, .totals").find((one) => one.getBoundingClientRect().bottom > 40);
    find(open ? "main details:not(.tree details)" : "main details").forEach((one) => { one.open = open; });
    all.textContent = open ? "Close all details" : "Open all details";
    // What was read stays in sight, however much above it opens or closes.
    if (near) near.scrollIntoView();
  });

  const filter = document.getElementById("filter");
  const input = filter.querySelector("input");
  const found = document.getElementById("found");
  const stacks = find("article.stack");
  const places = find(".stack tbody tr, .stack .change b, .stack .tree .name");
  filter.hidden = false;

  let places_found = [];
  let at = 0;
  let start = null;
  let opened_here = [];
  const has = (text, words) => words.every((word) => text.toLowerCase().includes(word));
  const closed = (one) => one.closest("details:not([open])");
  const show = (one) => {
    for (let each = closed(one); each; each = closed(each.parentElement)) { each.open = true; opened_here.push(each); }
    one.scrollIntoView({ block: one.matches("article") ? "start" : "center" });
  };
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const some = words.length > 0;
    if (some && start === null) start = scrollY;
    stacks.forEach((one) => { one.hidden = !has(one.dataset.words, words); });
    const kept = stacks.filter((one) => !one.hidden);
    const ids = new Set(kept.map((one) => one.id));
    find("nav [data-stack], nav .group").forEach((one) => {
      const own = ids.has(one.dataset.stack);
      one.hidden = some && !own && ![...one.querySelectorAll("[data-stack]")].some((each) => ids.has(each.dataset.stack));
      one.classList.toggle("dim", some && !own);
    });
    find("article.platform").forEach((one) => {
      one.hidden = some && !one.dataset.stacks.split(" ").some((id) => ids.has(id));
    });
    opened_here.forEach((one) => { one.open = false; });
    opened_here = [];
    places.forEach((one) => one.classList.remove("hit"));
    // Of a stack that has the words in its name, all is meant.
    const named = new Set(kept.filter((one) => has(one.querySelector("h3").textContent, words)));
    const hits = some ? places.filter((one) => {
      const stack = one.closest("article");
      return !stack.hidden && !named.has(stack) && has(one.textContent, words);
    }) : [];
    hits.forEach((one) => one.classList.add("hit"));
    places_found = some ? kept.flatMap((stack) => {
      const inside = hits.filter((one) => stack.contains(one));
      const open = inside.filter((one) => !closed(one));
      return open.length ? open : inside.length ? inside.slice(0, 1) : [stack];
    }) : [];
    at = 0;
    found.hidden = !some;
    found.textContent = kept.length ? `In ${kept.length} of ${stacks.length} stacks. Enter: the next place.` : "No stack has that in it.";
    // Where the filter stays in sight, the page goes along; elsewhere it would take it away from under the words.
    if (!some && start !== null) { scrollTo(0, start); start = null; }
    else if (places_found.length && getComputedStyle(document.querySelector("nav")).position === "sticky") show(places_found[0]);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !places_found.length) return;
    if (getComputedStyle(document.querySelector("nav")).position === "sticky") at += event.shiftKey ? -1 : 1;
    at = (at + places_found.length) % places_found.length;
    show(places_found[at]);
    if (getComputedStyle(document.querySelector("nav")).position !== "sticky") at += event.shiftKey ? -1 : 1;
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
