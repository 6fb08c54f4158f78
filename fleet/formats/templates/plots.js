"use strict";
// A page is whole without this, in tables: it draws the figures, each when it comes near the window.
(() => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const touched = matchMedia("(pointer: coarse)").matches;
  const config = { displayModeBar: false, displaylogo: false, responsive: true };
  const boxes = [...document.querySelectorAll(".plot")];
  const PAPER = 680, NARROW = 560;
  const draw = (box, width) => {
    const { data, layout } = figures[box.id];
    box.dataset.drawn = "yes";
    // on narrow windows the entries of a legend stand below each other
    const height = layout.height + (box.clientWidth < NARROW ? 80 : 0);
    Plotly.newPlot(box, data, { ...layout, height, dragmode: touched ? false : "zoom", ...(width ? { width } : {}) }, config);
  };
  const seen = new IntersectionObserver((entries) => entries.forEach(({ isIntersecting, target }) => {
    if (!isIntersecting) return;
    seen.unobserve(target);
    if (!target.dataset.drawn) draw(target);
  }), { rootMargin: "600px" });
  boxes.forEach((box) => { box.hidden = false; seen.observe(box); });
  addEventListener("beforeprint", () => boxes.forEach((box) => draw(box, PAPER)));
  addEventListener("afterprint", () => boxes.forEach((box) => draw(box)));
})();
