"use strict";
// A page is whole without this: it says of tables that are wider than their box that there is more beside.
(() => {
  const seen = new ResizeObserver((boxes) => boxes.forEach(({ target }) => {
    target.classList.toggle("wider", target.scrollWidth > target.clientWidth + 1);
  }));
  document.querySelectorAll(".scroll").forEach((one) => seen.observe(one));
})();
